"""Lets the requests that Schemathesis makes through the sandbox's door: with a proof of the device's key (RFC 9449), a staff
token, and a statement of the client (RFC 7523) in forms, so that what lies behind is asked, too. Every third goes as it is."""

import base64, hashlib, itertools, json, os, secrets, time, urllib.error, urllib.request

import schemathesis
from joserfc import jwk, jwt

told = json.loads(os.environ["KAIGOTAP_DEVICE"])
key = jwk.ECKey.import_key(told["device"]["jwk"])
public = {name: told["device"]["jwk"][name] for name in ("kty", "crv", "x", "y")}
turns, nonces = itertools.count(), {}


def signed(typ, claims, **header):
    return jwt.encode({"alg": "ES256", "typ": typ, **header}, {**claims, "iat": int(time.time())}, key)


def nonce():
    """The sandbox's own; fetched anew before it is too old."""
    span = int(time.time()) // 60
    if span not in nonces:
        request = urllib.request.Request(told["issuer"] + "/v1/token", data=b"grant_type=client_credentials", method="POST")
        try:
            urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as refused:
            nonces[span] = refused.headers["DPoP-Nonce"]
    return nonces[span]


@schemathesis.serializer("application/ocsp-request")
def as_it_is(ctx, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@schemathesis.hook
def before_call(ctx, case, kwargs):
    if next(turns) % 3 == 0 or not case.operation.path.startswith("/v1/"):
        return
    token = told["staff_token"]
    claims = {
        "jti": secrets.token_urlsafe(16), "htm": case.method, "htu": told["issuer"] + case.operation.path, "nonce": nonce(),
        "ath": base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode(),
    }
    case.headers["DPoP"] = signed("dpop+jwt", claims, jwk=public)
    case.headers["Authorization"] = f"DPoP {token}"
    if isinstance(case.body, dict) and (case.media_type or "").endswith("form-urlencoded"):
        client, now = told["device"]["id"], int(time.time())
        said = {"iss": client, "sub": client, "aud": told["issuer"], "jti": secrets.token_urlsafe(16), "exp": now + 60}
        case.body |= {
            "client_id": client,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": signed("client-authentication+jwt", said),
        }
