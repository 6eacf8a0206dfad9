//! A sign-in against an issuer that does as it should, and against everything that it, or somebody between, may do.

use std::collections::BTreeMap;
use std::time::Duration;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::exchange::{DeviceKey, FacilityNumber};
use crate::flow::tests::play;
use crate::flow::{BrowseError, DeviceTime, HttpError, HttpRequest, HttpResponse, Reply, Request};

const NOW: i64 = 1_795_137_723; // 2026-11-20T01:02:03Z
const ISSUER: &str = "https://idp.example/staff";
const BACK: &str = "http://127.0.0.1:49152/callback";

struct Pair(EcdsaKeyPair);

impl Pair {
    fn new() -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap())
    }

    fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }

    fn jws(&self, header: &Value, payload: &Value) -> String {
        let input = jws::signing_input(header, payload).unwrap();
        format!("{input}.{}", jws::base64url(&self.sign(input.as_bytes())))
    }
}

/// What a test changes on its way.
type Change = Box<dyn Fn(&mut Value)>;

/// A device, its issuer, and the browser between them.
struct World {
    device: Pair,
    issuer: Pair,
    /// What was pushed.
    wish: BTreeMap<String, String>,
    /// Changes an answer of this path.
    changes: BTreeMap<&'static str, Change>,
    /// Changes the ID token's payload, and its header.
    id_token: Change,
    id_header: Change,
    /// Parameters at which the browser ends.
    ended: Change,
    address: Option<String>,
    auth_time: i64,
    asked: Vec<String>,
}

impl World {
    fn new() -> Self {
        let nothing = || -> Change { Box::new(|_| {}) };
        Self {
            device: Pair::new(),
            issuer: Pair::new(),
            wish: BTreeMap::new(),
            changes: BTreeMap::new(),
            id_token: nothing(),
            id_header: nothing(),
            ended: nothing(),
            address: None,
            auth_time: NOW,
            asked: Vec::new(),
        }
    }

    fn device(&self) -> Device {
        let key = DeviceKey::new("device", self.device.public());
        Device::new("client-1", key, FacilityNumber::parse("1370000001").unwrap()).unwrap()
    }

    fn plan(&self) -> SignIn {
        SignIn::new(ISSUER, self.device(), BACK, Entropy::new(&[7; 32])).unwrap()
    }

    fn sign_in(&mut self, plan: SignIn) -> Result<SignedIn, Failure> {
        play(sign_in(plan), |request| self.answer(request))
    }

    fn answer(&mut self, request: Request) -> Reply {
        match request {
            Request::Clock => {
                let now = Timestamp::from_second(NOW).unwrap();
                Reply::Clock(DeviceTime::new(now, Duration::from_secs(7)))
            }
            Request::Sign(to_sign) => Reply::Sign(Ok(self.device.sign(&to_sign.payload))),
            Request::Send(request) => Reply::Send(Ok(self.send(&request))),
            Request::Browse(page) => {
                assert_eq!(page.returns_to, BACK);
                assert_eq!(
                    page.address,
                    "https://idp.example/staff/authorize?client_id=client-1&request_uri=urn%3Apushed"
                );
                let mut said =
                    json!({ "code": "the code", "state": self.wish["state"], "iss": ISSUER });
                (self.ended)(&mut said);
                let said: Vec<(String, String)> =
                    serde_json::from_value::<BTreeMap<_, _>>(said).unwrap().into_iter().collect();
                let query =
                    form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish();
                Reply::Browse(Ok(self.address.clone().unwrap_or(format!("{BACK}?{query}"))))
            }
            other => panic!("a sign-in needs no {other:?}"),
        }
    }

    fn send(&mut self, request: &HttpRequest) -> HttpResponse {
        let path = request.url.strip_prefix(ISSUER).expect("the issuer").to_owned();
        self.asked.push(path.clone());
        let form: BTreeMap<String, String> =
            form_urlencoded::parse(&request.body).into_owned().collect();
        let (status, mut body) = match path.as_str() {
            "/.well-known/openid-configuration" => (200, metadata()),
            "/par" => {
                self.wish = form;
                (201, json!({ "request_uri": "urn:pushed", "expires_in": 60 }))
            }
            "/token" => {
                assert_eq!((&*form["code"], &*form["redirect_uri"]), ("the code", BACK));
                let digest = digest::digest(&digest::SHA256, form["code_verifier"].as_bytes());
                assert_eq!(self.wish["code_challenge"], jws::base64url(digest.as_ref()));
                (200, self.tokens())
            }
            "/jwks" => {
                let (x, y) = self.issuer.public()[1..].split_at(32);
                let (x, y) = (jws::base64url(x), jws::base64url(y));
                let key = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "k1" });
                (200, json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": "AA" }, key] }))
            }
            "/sign-out" | "/revoke" => (200, json!({})),
            other => panic!("nothing at {other}"),
        };
        if let Some(change) = self.changes.get(path.as_str()) {
            change(&mut body);
        }
        HttpResponse::new(status, body.to_string().into_bytes())
    }

    fn tokens(&self) -> Value {
        let jkt = self.device().thumbprint().to_owned();
        let access =
            json!({ "iss": ISSUER, "sub": "nurse-01", "fac": "1370000001", "cnf": { "jkt": jkt } });
        let mut identity = json!({
            "iss": ISSUER, "sub": "nurse-01", "aud": "client-1", "iat": NOW, "exp": NOW + 300,
            "auth_time": self.auth_time, "nonce": self.wish["nonce"], "name": "看護 葵", "sid": "s1"
        });
        (self.id_token)(&mut identity);
        let mut header = json!({ "alg": "ES256", "typ": "JWT", "kid": "k1" });
        (self.id_header)(&mut header);
        json!({
            "access_token": self.issuer.jws(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": "k1" }), &access),
            "token_type": "DPoP", "expires_in": 3600, "scope": SCOPE,
            "id_token": self.issuer.jws(&header, &identity),
        })
    }
}

fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "jwks_uri": format!("{ISSUER}/jwks"),
        "pushed_authorization_request_endpoint": format!("{ISSUER}/par"),
        "revocation_endpoint": format!("{ISSUER}/revoke"),
        "x-kaigo-sign-out-endpoint": format!("{ISSUER}/sign-out"),
        "authorization_response_iss_parameter_supported": true,
        "code_challenge_methods_supported": ["plain", "S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "dpop_signing_alg_values_supported": ["ES256"],
    })
}

fn code(outcome: Result<SignedIn, Failure>) -> (Code, String) {
    let failure = outcome.unwrap_err();
    (failure.code(), failure.detail().to_string())
}

#[test]
fn a_staff_member_signs_in() {
    let mut world = World::new();
    let plan = world.plan();
    let signed_in = world.sign_in(plan).unwrap();
    assert_eq!(signed_in.token.member().as_str(), "nurse-01");
    assert_eq!(signed_in.name.as_deref(), Some("看護 葵"));
    assert_eq!(signed_in.until, Timestamp::from_second(NOW + 3600).unwrap());
    assert_eq!(world.asked, ["/.well-known/openid-configuration", "/par", "/token", "/jwks"]);
    let wish = &world.wish;
    assert_eq!(wish["dpop_jkt"], world.device().thumbprint());
    assert_eq!((&*wish["scope"], &*wish["response_type"]), (SCOPE, "code"));
    assert_eq!((wish["state"].len(), wish["nonce"].len()), (43, 43));
    assert!(wish["state"] != wish["nonce"] && !wish.contains_key("prompt"));
    assert!(!format!("{signed_in:?}").contains("eyJ"));
}

#[test]
fn what_is_asked_for_is_pushed() {
    let mut world = World::new();
    let plan =
        world.plan().anew().in_language(Language::Japanese).for_resource("https://p.example");
    world.sign_in(plan).unwrap();
    for (name, value) in
        [("prompt", "login"), ("ui_locales", "ja"), ("resource", "https://p.example")]
    {
        assert_eq!(world.wish[name], value);
    }
}

#[rstest]
#[case("issuer", json!("https://other.example"), "another issuer")]
#[case("pushed_authorization_request_endpoint", Value::Null, "pushed requests")]
#[case("pushed_authorization_request_endpoint", json!("http://idp.example/par"), "pushed requests")]
#[case("authorization_endpoint", json!("javascript:alert(1)"), "authorization endpoint")]
#[case("token_endpoint", json!("http://idp.example/token"), "token endpoint")]
#[case("jwks_uri", json!("http://idp.example/jwks"), "keys")]
#[case("authorization_response_iss_parameter_supported", json!(false), "iss in responses")]
#[case("code_challenge_methods_supported", json!(["plain"]), "PKCE")]
#[case("token_endpoint_auth_methods_supported", json!(["client_secret_basic"]), "private_key_jwt")]
#[case("dpop_signing_alg_values_supported", json!([]), "DPoP")]
fn an_issuer_that_offers_less_is_not_gone_to(
    #[case] member: &'static str,
    #[case] value: Value,
    #[case] why: &str,
) {
    let mut world = World::new();
    let change: Change = Box::new(move |said| said[member] = value.clone());
    world.changes.insert("/.well-known/openid-configuration", change);
    let plan = world.plan();
    assert_eq!(code(world.sign_in(plan)), (Code::SignInUnsupported, why.to_owned()));
    assert_eq!(world.asked.len(), 1);
}

#[rstest]
#[case("state", json!("another"), Code::SignInUntrusted, "state")]
#[case("state", Value::Null, Code::SignInUntrusted, "state")]
#[case("iss", json!("https://other.example"), Code::SignInUntrusted, "issuer")]
#[case("iss", Value::Null, Code::SignInUntrusted, "issuer")]
#[case("code", Value::Null, Code::SignInUntrusted, "neither code nor error")]
#[case("error", json!("access_denied"), Code::SignInUntrusted, "neither code nor error")]
fn a_browser_that_brings_another_answer_is_not_believed(
    #[case] member: &'static str,
    #[case] value: Value,
    #[case] expected: Code,
    #[case] why: &str,
) {
    let mut world = World::new();
    world.ended = Box::new(move |said| {
        let said = said.as_object_mut().unwrap();
        match &value {
            Value::Null => drop(said.remove(member)),
            value => drop(said.insert(member.to_owned(), value.clone())),
        }
    });
    let plan = world.plan();
    assert_eq!(code(world.sign_in(plan)), (expected, why.to_owned()));
    // Nothing was shown to the token endpoint.
    assert_eq!(world.asked.last().unwrap(), "/par");
}

#[rstest]
#[case("access_denied", Code::SignInRefused)]
#[case("temporarily_unavailable", Code::ServerBusy)]
#[case("server_error", Code::ServerFailed)]
#[case("login_required", Code::SignInExpired)]
#[case("\u{1b}[2J", Code::SignInExpired)]
fn an_error_is_told_in_our_words(#[case] error: &'static str, #[case] expected: Code) {
    let mut world = World::new();
    world.ended = Box::new(move |said| {
        said.as_object_mut().unwrap().remove("code");
        said["error"] = error.into();
    });
    let plan = world.plan();
    assert_eq!(code(world.sign_in(plan)), (expected, String::new()));
}

#[rstest]
#[case("http://127.0.0.1:49152/callbackx?code=the+code", "another address")]
#[case("http://127.0.0.1:49153/callback?code=the+code", "another address")]
#[case("http://127.0.0.1:49152/callback", "another address")]
#[case("http://127.0.0.1:49152/callback#code=the+code", "another address")]
#[case("", "another address")]
#[case("http://127.0.0.1:49152/callback?iss=a&iss=b", "said twice")]
fn a_browser_ends_where_it_should(#[case] address: &str, #[case] why: &str) {
    let mut world = World::new();
    world.address = Some(address.to_owned());
    let plan = world.plan();
    assert_eq!(code(world.sign_in(plan)), (Code::SignInUntrusted, why.to_owned()));
}

#[rstest]
#[case("iss", json!("https://other.example"), "ID token's issuer")]
#[case("aud", json!("client-2"), "ID token's audience")]
#[case("aud", json!(["client-1", "client-2"]), "ID token's audience")]
#[case("azp", json!("client-2"), "ID token's audience")]
#[case("nonce", json!("another"), "ID token's nonce")]
#[case("nonce", Value::Null, "ID token's payload")]
#[case("sub", json!("nurse-02"), "two people in one sign-in")]
#[case("sub", json!(""), "ID token's subject")]
#[case("exp", json!(NOW - 301), "ID token's end")]
#[case("exp", json!(i64::MAX), "ID token's time")]
fn an_id_token_that_is_not_the_answer_is_not_believed(
    #[case] member: &'static str,
    #[case] value: Value,
    #[case] why: &str,
) {
    let mut world = World::new();
    world.id_token = Box::new(move |said| said[member] = value.clone());
    let plan = world.plan();
    assert_eq!(code(world.sign_in(plan)), (Code::SignInUntrusted, why.to_owned()));
}

#[rstest]
#[case("alg", json!("none"), "ID token's key")]
#[case("alg", json!("HS256"), "ID token's key")]
#[case("alg", json!("PS256"), "ID token's key")]
#[case("kid", json!("another"), "ID token's key")]
#[case("crit", json!(["b64"]), "ID token's header")]
#[case("jwk", json!({}), "ID token's header")]
#[case("jku", json!("https://evil.example"), "ID token's header")]
fn only_the_issuers_own_key_signs(
    #[case] member: &'static str,
    #[case] value: Value,
    #[case] why: &str,
) {
    let mut world = World::new();
    world.id_header = Box::new(move |said| said[member] = value.clone());
    let plan = world.plan();
    assert_eq!(code(world.sign_in(plan)), (Code::SignInUntrusted, why.to_owned()));
    // Nor does another one under its name.
    let mut world = World::new();
    let other = Pair::new();
    let forged = other.jws(&json!({ "alg": "ES256", "kid": "k1" }), &json!({ "sub": "nurse-01" }));
    world.changes.insert("/token", Box::new(move |said| said["id_token"] = forged.as_str().into()));
    let plan = world.plan();
    assert_eq!(code(world.sign_in(plan)).1, "ID token's signature");
}

#[test]
fn whoever_has_to_sign_in_anew_has_done_so() {
    let mut world = World::new();
    world.auth_time = NOW - 3600;
    let plan = world.plan();
    world.sign_in(plan).unwrap();
    let plan = world.plan().anew();
    assert_eq!(code(world.sign_in(plan)), (Code::SignInUntrusted, "an earlier sign-in".to_owned()));
    world.id_token = Box::new(|said| said["auth_time"] = Value::Null);
    let plan = world.plan().anew();
    assert_eq!(code(world.sign_in(plan)).1, "no time of sign-in");
}

#[test]
fn a_clock_that_is_off_is_told() {
    let mut world = World::new();
    world.id_token = Box::new(|said| {
        said["iat"] = (NOW + 3600).into();
        said["exp"] = (NOW + 3900).into();
    });
    let plan = world.plan();
    assert_eq!(code(world.sign_in(plan)).0, Code::ClockOff);
}

#[test]
fn a_token_is_bound_to_this_device() {
    let mut world = World::new();
    world.changes.insert("/token", Box::new(|said| said["token_type"] = "Bearer".into()));
    let plan = world.plan();
    assert_eq!(code(world.sign_in(plan)).1, "a token that is bound to nothing");
    let mut world = World::new();
    let stranger = World::new();
    let stolen = {
        let jkt = stranger.device().thumbprint().to_owned();
        world.issuer.jws(&json!({}), &json!({ "sub": "nurse-01", "cnf": { "jkt": jkt } }))
    };
    world
        .changes
        .insert("/token", Box::new(move |said| said["access_token"] = stolen.as_str().into()));
    let plan = world.plan();
    assert_eq!(code(world.sign_in(plan)).1, "access token");
}

#[test]
fn a_code_is_shown_once_whatever_becomes_of_it() {
    let mut world = World::new();
    let plan = world.plan();
    let mut shown = 0;
    let outcome = play(sign_in(plan), |request| match request {
        Request::Send(request) if request.url.ends_with("/token") => {
            shown += 1;
            Reply::Send(Err(HttpError::NoAnswer))
        }
        request => world.answer(request),
    });
    assert_eq!((code(outcome).0, shown), (Code::ServerNoAnswer, 1));
}

#[rstest]
#[case(BrowseError::Cancelled, Code::Cancelled)]
#[case(BrowseError::NoBrowser, Code::NoBrowser)]
#[case(BrowseError::TimedOut, Code::SignInExpired)]
#[case(BrowseError::Failed, Code::BrowserFailed)]
fn a_browser_may_fail(#[case] error: BrowseError, #[case] expected: Code) {
    let mut world = World::new();
    let plan = world.plan();
    let outcome = play(sign_in(plan), |request| match request {
        Request::Browse(_) => Reply::Browse(Err(error)),
        request => world.answer(request),
    });
    assert_eq!(code(outcome).0, expected);
}

#[test]
fn a_staff_member_signs_out_where_that_can_be_done() {
    for (gone, expected) in [
        (&[][..], Ok("/sign-out")),
        (&["x-kaigo-sign-out-endpoint"], Ok("/revoke")),
        (&["x-kaigo-sign-out-endpoint", "revocation_endpoint"], Err(Code::SignInUnsupported)),
    ] {
        let mut world = World::new();
        let plan = world.plan();
        let token = world.sign_in(plan).unwrap().token;
        let change: Change = Box::new(move |said| {
            for member in gone {
                said[member] = Value::Null;
            }
        });
        world.changes.insert("/.well-known/openid-configuration", change);
        let issuer = ServerAddress::parse(ISSUER).unwrap();
        let flow = sign_out(issuer, world.device(), token, Entropy::new(&[8; 32]));
        let outcome = play(flow, |request| world.answer(request));
        let outcome = outcome.map(|()| world.asked.last().unwrap().as_str());
        assert_eq!(outcome.map_err(|failure| failure.code()), expected);
    }
}

#[test]
fn a_set_up_that_cannot_be_is_refused() {
    let world = World::new();
    for (issuer, back, why) in [
        ("http://idp.example", BACK, "staff issuer"),
        ("https://idp.example/?x", BACK, "staff issuer"),
        (ISSUER, "", "redirect"),
        (ISSUER, "callback", "redirect"),
        (ISSUER, "app:/callback?x=1", "redirect"),
        (ISSUER, "app:/call back", "redirect"),
    ] {
        let plan = SignIn::new(issuer, world.device(), back, Entropy::new(&[7; 32]));
        let failure = plan.unwrap_err();
        assert_eq!((failure.code(), &*failure.detail()), (Code::SetupInvalid, why));
    }
}
