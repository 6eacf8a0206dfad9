"""A server that takes the platform's access tokens, with joserfc: docs/resource-server.md."""
import base64, hashlib, json, os, ssl, threading, time, urllib.parse, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from joserfc import jwk, jwt

ISSUER, AUDIENCE, ADDRESS, JWKS = (os.environ[name] for name in ("ISSUER", "AUDIENCE", "ADDRESS", "JWKS"))
there, lock, seen, keys, fetched = {"essential": True}, threading.Lock(), {}, jwk.KeySet([]), 0.0
access_claims = jwt.JWTClaimsRegistry(iss={"value": ISSUER, **there}, aud={"value": AUDIENCE, **there}, exp=there)

def sha256(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()

def platform_key(token):
    """The key that a token names. The set is fetched again at most once a minute."""
    global keys, fetched
    name = token.headers()["kid"]
    with lock:
        if all(key.kid != name for key in keys) and time.time() - fetched >= 60:
            fetched = time.time()
            keys = jwk.KeySet.import_key_set(json.load(urllib.request.urlopen(JWKS, timeout=5)))
        return keys.get_by_kid(name)

def address(text):
    """Without query and fragment; scheme and host in any case, the port also where it is the usual one."""
    parts = urllib.parse.urlsplit(text)
    return parts.scheme, parts.hostname, parts.port or {"https": 443}.get(parts.scheme), parts.path

def first_time(proof, now):
    with lock:
        for old in [old for old, until in seen.items() if until < now]:
            del seen[old]
        return len(seen) < 1_000_000 and seen.setdefault(proof, now + 900) == now + 900

def judge(method, path, headers, certificate, now):
    [authorization], [proof] = headers.get_all("authorization"), headers.get_all("dpop")
    scheme, token = authorization.split(" ")
    access = jwt.decode(token, platform_key, algorithms=["ES256"])
    access_claims.validate(access.claims)
    shown = jwt.decode(proof, lambda jws: jwk.ECKey.import_key(jws.headers()["jwk"]), algorithms=["ES256"])
    key, said, bound = jwk.ECKey.import_key(shown.header["jwk"]), shown.claims, access.claims["cnf"]
    holds = (scheme.lower() == "dpop" and access.header["typ"] == "at+jwt" and shown.header["typ"] == "dpop+jwt"
             and not key.is_private and key.thumbprint() == bound["jkt"] and said["htm"] == method
             and address(said["htu"]) == address(ADDRESS + path) and said["ath"] == sha256(token.encode())
             and abs(now - said["iat"]) <= 60 and bound.get("x5t#S256") in (None, sha256(certificate or b"")))
    return access.claims if holds and first_time((bound["jkt"], said["jti"]), now) else None

class Plans(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            claims = judge(self.command, self.path, self.headers, self.connection.getpeercert(True), time.time())
            refused = None if "qualification:read" in claims["scope"].split(" ") else (403, "insufficient_scope")
        except Exception:  # whatever it is: no token
            refused = 401, "invalid_token"
        self.send_response(refused[0] if refused else 200)
        self.send_header("WWW-Authenticate", f'DPoP error="{refused[1]}", algs="ES256"') if refused else None
        self.end_headers()
        if not refused:
            self.wfile.write(json.dumps({"subject": claims["sub"], "facility": claims["kaigo"]["fac"]}).encode())
