//! The table: what every server answers, and what none does.

use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use crate::client::Request;
use crate::keys::{Key, base64url, sha256};
use crate::platform::{ADDRESS, Device, Platform};
use crate::server::Server;

const PATH: &str = "/v1/plans";

/// How a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    /// With what was asked for.
    Granted,
    /// As one without a token.
    Refused,
    /// As one whose token opens something else.
    Forbidden,
}
use Want::{Forbidden, Granted, Refused};

/// Requests one after the other.
type Row<'a> = (&'static str, Vec<(Request<'a>, Want)>);

/// What a library refuses although RFC 9449 §4.3 (9) would have it taken, by server and row.
const STRICTER: [(&str, &str); 2] =
    // Nimbus compares `htu` to the letter.
    [("java", "scheme and host in capitals"), ("java", "the usual port")];

/// Sends all of it; says how many rows passed, and which did not.
pub(crate) fn judge(name: &str, running: &Server, platform: &Platform) -> (u32, Vec<String>) {
    let (mut passed, mut failed) = (0, Vec::new());
    for (row, requests) in rows(platform) {
        let wrong = requests.iter().find_map(|(request, want)| {
            match request.send(running.port, platform) {
                Ok(answer) if holds(answer.status, &answer.text, *want) => None,
                Ok(answer) => Some(format!("{row}: {want:?} expected, answered {}", answer.status)),
                Err(error) => Some(format!("{row}: {error}")),
            }
        });
        match (wrong, STRICTER.contains(&(name, row))) {
            (None, false) | (Some(_), true) => passed += 1,
            (Some(wrong), false) => failed.push(wrong),
            (None, true) => failed.push(format!("{row}: no longer refused; take it off the list")),
        }
    }
    (passed, failed)
}

fn holds(status: u16, text: &str, want: Want) -> bool {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let challenged = head.to_ascii_lowercase().contains("\r\nwww-authenticate: dpop");
    match want {
        Granted => status == 200 && body.contains("pairwise"),
        Refused => status == 401 && challenged && !body.contains("pairwise"),
        Forbidden => status == 403 && !body.contains("pairwise"),
    }
}

/// Makes requests of the device, good but for what a row changes.
struct Maker<'a> {
    platform: &'a Platform,
    now: i64,
}

impl<'a> Maker<'a> {
    fn token(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.platform.claims(self.now);
        change(&mut claims);
        self.platform.tokens.sign(&self.platform.header(), &claims)
    }

    fn proof_claims(&self, token: &str) -> Value {
        let mut jti = [0; 16];
        let _ = SystemRandom::new().fill(&mut jti);
        json!({ "jti": base64url(&jti), "htm": "GET", "htu": format!("{ADDRESS}{PATH}"),
            "iat": self.now, "ath": sha256(token.as_bytes()) })
    }

    fn signed(&self, key: &Key, header: &Value, token: &str) -> Request<'a> {
        with(token, &key.sign(header, &self.proof_claims(token)))
    }

    fn good(&self) -> Request<'a> {
        self.shown(&self.token(|_| {}))
    }

    /// With this token, and the device's proof for it.
    fn shown(&self, token: &str) -> Request<'a> {
        self.signed(&self.platform.device.key, &proof_header(&self.platform.device.key), token)
    }

    /// With another claim in the token.
    fn says(&self, name: &str, value: Value) -> Request<'a> {
        self.shown(&self.token(|claims| claims[name] = value))
    }

    /// With another claim in the proof, or without it.
    fn proves(&self, name: &str, value: Option<Value>) -> Request<'a> {
        let token = self.token(|_| {});
        let mut claims = self.proof_claims(&token);
        match value {
            Some(value) => claims[name] = value,
            None => drop(claims.as_object_mut().map(|claims| claims.remove(name))),
        }
        let key = &self.platform.device.key;
        with(&token, &key.sign(&proof_header(key), &claims))
    }

    /// With another member in the proof's header, or without it.
    fn heads(&self, name: &str, value: Option<Value>) -> Request<'a> {
        let key = &self.platform.device.key;
        let mut header = proof_header(key);
        match value {
            Some(value) => header[name] = value,
            None => drop(header.as_object_mut().map(|header| header.remove(name))),
        }
        self.signed(key, &header, &self.token(|_| {}))
    }

    /// With a token that is bound to the device's certificate, too.
    fn bound(&self, over: Option<&'a Device>) -> Request<'a> {
        let thumbprint = self.platform.device.certificate_thumbprint();
        let token = self.token(|claims| claims["cnf"]["x5t#S256"] = thumbprint.into());
        Request { over, ..self.shown(&token) }
    }
}

/// With this token and this proof.
fn with<'a>(token: &str, proof: &str) -> Request<'a> {
    let headers = vec![("Authorization", format!("DPoP {token}")), ("DPoP", proof.to_owned())];
    Request { path: PATH.to_owned(), headers, over: None }
}

fn proof_header(key: &Key) -> Value {
    json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk() })
}

fn rows(platform: &Platform) -> Vec<Row<'_>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    let make = Maker { platform, now: now.try_into().unwrap_or_default() };
    let one = |name, request, want| (name, vec![(request, want)]);
    let mut rows = granted(&make);
    rows.extend(stolen(&make));
    rows.extend(tokens(&make).into_iter().map(|(name, request)| one(name, request, Refused)));
    rows.extend(proofs(&make).into_iter().map(|(name, request)| one(name, request, Refused)));
    rows.push(one("another scope", make.says("scope", json!("consent:write")), Forbidden));
    rows.push(one("a good one after all of these", make.good(), Granted));
    rows
}

/// What must be answered.
fn granted<'a>(make: &Maker<'a>) -> Vec<Row<'a>> {
    let named = |name: &'static str| {
        let mut request = make.good();
        request.headers[1].0 = name;
        request
    };
    let address = |htu: String| make.proves("htu", Some(json!(htu)));
    let query = Request { path: format!("{PATH}?page=2"), ..make.good() };
    let mut scheme = make.good();
    scheme.headers[0].1 = scheme.headers[0].1.replacen("DPoP", "dpop", 1);
    let over = Request { over: Some(&make.platform.device), ..make.good() };
    [
        ("a good one", make.good()),
        ("the proof's header in capitals", named("DPOP")),
        ("the scheme in small letters", scheme),
        ("a query in the request", query),
        ("more claims in the proof", make.proves("more", Some(json!({ "a": [1] })))),
        ("scheme and host in capitals", address(format!("HTTPS://Care.Example{PATH}"))),
        ("the usual port", address(format!("https://care.example:443{PATH}"))),
        ("more claims in the token", make.says("more", json!({ "a": [1] }))),
        ("a certificate that nothing is bound to", over),
        ("over the connection of its certificate", make.bound(Some(&make.platform.device))),
    ]
    .into_iter()
    .map(|(name, request)| (name, vec![(request, Granted)]))
    .collect()
}

/// What a thief would try with a token of the device's.
fn stolen<'a>(make: &Maker<'a>) -> Vec<Row<'a>> {
    let (device, thief) = (&make.platform.device.key, &make.platform.thief.key);
    let token = make.token(|_| {});
    let mut bearer = make.good();
    bearer.headers[0].1 = bearer.headers[0].1.replacen("DPoP", "Bearer", 1);
    let mut bare = bearer.clone();
    bare.headers.truncate(1);
    let mut none = make.good();
    none.headers.truncate(1);
    let mut two = make.good();
    two.headers.push(make.good().headers.swap_remove(1));
    let replayed = make.good();
    let once = make.proof_claims(&token);
    let again = || with(&token, &device.sign(&proof_header(device), &once));
    let other = make.token(|claims| claims["jti"] = json!("other"));
    let mut moved = make.good();
    moved.headers[0].1 = format!("DPoP {other}");
    let over = Request { over: Some(&make.platform.thief), ..make.good() };
    vec![
        ("as a bearer token, with a proof", vec![(bearer, Refused)]),
        ("as a bearer token", vec![(bare, Refused)]),
        ("without a proof", vec![(none, Refused)]),
        ("two proofs", vec![(two, Refused)]),
        (
            "a proof by the thief's key",
            vec![(make.signed(thief, &proof_header(thief), &token), Refused)],
        ),
        (
            "a proof by the thief's key under the device's name",
            vec![(make.signed(thief, &proof_header(device), &token), Refused)],
        ),
        ("a proof for another method", vec![(make.proves("htm", Some(json!("POST"))), Refused)]),
        (
            "a proof for another path",
            vec![(make.proves("htu", Some(json!(format!("{ADDRESS}/v1/other")))), Refused)],
        ),
        (
            "a proof for another server",
            vec![(
                make.proves("htu", Some(json!(format!("https://other.example{PATH}")))),
                Refused,
            )],
        ),
        ("a proof for another token", vec![(moved, Refused), (make.good(), Granted)]),
        (
            "a proof that was seen before",
            vec![(replayed.clone(), Granted), (replayed, Refused), (make.good(), Granted)],
        ),
        ("another proof of the same name", vec![(again(), Granted), (again(), Refused)]),
        ("over a connection without certificate", vec![(make.bound(None), Refused)]),
        (
            "over the connection of another certificate",
            vec![(make.bound(Some(&make.platform.thief)), Refused)],
        ),
        ("bound to a key only, over any connection", vec![(over, Granted)]),
    ]
}

/// Tokens that are none.
fn tokens<'a>(make: &Maker<'a>) -> Vec<(&'static str, Request<'a>)> {
    let Maker { platform, now } = *make;
    let claims = platform.claims(now);
    let header = |name: &str, value: Value| {
        let mut header = platform.header();
        header[name] = value;
        make.shown(&platform.tokens.sign(&header, &claims))
    };
    let mut nothing = make.good();
    nothing.headers.clear();
    let by = |key: &Key| make.shown(&key.sign(&platform.header(), &claims));
    let old = make.token(|claims| {
        claims["iat"] = json!(now - 1800);
        claims["exp"] = json!(now - 900);
    });
    let unbound = make.token(|claims| drop(claims.as_object_mut().map(|all| all.remove("cnf"))));
    let good = make.token(|_| {});
    let mut parts: Vec<String> = good.split('.').map(str::to_owned).collect();
    let mut more = claims.clone();
    more["sub"] = json!("somebody");
    parts[1] = base64url(more.to_string().as_bytes());
    vec![
        ("no token", nothing),
        ("no token in its header", make.shown("")),
        ("no JWT", make.shown("abc")),
        ("signed by another key under the platform's name", by(&platform.thief.key)),
        ("signed by the device", by(&platform.device.key)),
        ("signed with a key that nobody knows", header("kid", json!("unknown"))),
        ("other claims under the signature", make.shown(&parts.join("."))),
        ("of another issuer", make.says("iss", json!("https://evil.example"))),
        ("for another audience", make.says("aud", json!("https://other.example/"))),
        ("expired", make.shown(&old)),
        ("of another type", header("typ", json!("JWT"))),
        ("not signed", header("alg", json!("none"))),
        ("of another algorithm", header("alg", json!("HS256"))),
        ("with something critical", header("crit", json!(["exp"]))),
        ("bound to nothing", make.shown(&unbound)),
        (
            "bound to another key",
            make.says("cnf", json!({ "jkt": platform.thief.key.thumbprint() })),
        ),
    ]
}

/// Proofs that are none.
fn proofs<'a>(make: &Maker<'a>) -> Vec<(&'static str, Request<'a>)> {
    let token = make.token(|_| {});
    let jwk = |name: &str, value: Value| {
        let mut jwk = make.platform.device.key.jwk();
        jwk[name] = value;
        make.heads("jwk", Some(jwk))
    };
    let unsigned = {
        let request = make.good();
        let proof = request.headers[1].1.rsplit_once('.').map_or("", |(signed, _)| signed);
        with(&token, &format!("{proof}."))
    };
    vec![
        ("a proof that is no JWT", with(&token, "abc")),
        ("a proof without signature", unsigned),
        ("a proof without typ", make.heads("typ", None)),
        ("a proof without alg", make.heads("alg", None)),
        ("a proof without jwk", make.heads("jwk", None)),
        ("a proof without jti", make.proves("jti", None)),
        ("a proof without htm", make.proves("htm", None)),
        ("a proof without htu", make.proves("htu", None)),
        ("a proof without iat", make.proves("iat", None)),
        ("a proof without ath", make.proves("ath", None)),
        ("a proof of another type", make.heads("typ", Some(json!("JWT")))),
        ("a proof with RS256", make.heads("alg", Some(json!("RS256")))),
        ("a proof with none", make.heads("alg", Some(json!("none")))),
        ("a proof with HS256", make.heads("alg", Some(json!("HS256")))),
        ("a proof with a private key", jwk("d", json!(base64url(&[1; 32])))),
        (
            "a proof with a symmetric key",
            make.heads("jwk", Some(json!({ "kty": "oct", "k": "AAAA" }))),
        ),
        ("a proof of an hour ago", make.proves("iat", Some(json!(make.now - 3600)))),
        ("a proof of an hour ahead", make.proves("iat", Some(json!(make.now + 3600)))),
        ("a proof with another hash", make.proves("ath", Some(json!(sha256(b"another"))))),
    ]
}
