//! Proofs (RFC 9449 §4.3): each case that a public conformance suite runs.

use serde_json::{Value, json};

use super::made::{Request, SCOPE, Signer, World, request};
use super::*;

fn refused(world: &World, request: &Request, what: &str) {
    let refused = world.ask(request).expect_err(what);
    assert_eq!((refused.status(), refused.code()), (401, "dpop_proof_invalid"), "{what}");
}

#[test]
fn one_header_has_the_proof() {
    let world = World::new();
    let token = world.token(&world.claims());
    let good = world.request_with(&token);
    let mut none = good.clone();
    none.headers.pop();
    refused(&world, &none, "none");
    let mut two = good.clone();
    two.headers.push(world.request_with(&token).headers.pop().unwrap());
    refused(&world, &two, "two");
    let mut both = good.clone();
    both.headers[1].1 = format!("{0}, {0}", good.headers[1].1);
    refused(&world, &both, "two in one");
    let mut text = good.clone();
    text.headers[1].1 = "not a proof".into();
    refused(&world, &text, "malformed");
    let mut capitals = good.clone();
    capitals.headers[1].0 = "DPOP";
    assert!(world.ask(&capitals).is_ok(), "names of headers know no case; straight after those");
    let bytes = [0xFF_u8, 0x80];
    let shown = world.request_with(&token);
    let incoming = Incoming::new("GET", "/v1/plans")
        .with_header("authorization", shown.headers[0].1.as_bytes())
        .with_header("dpop", &bytes);
    let judged = world.verifier.verify(
        &incoming,
        &Needed::scope(SCOPE),
        world.now,
        &mut *world.proofs.borrow_mut(),
    );
    assert!(judged.is_err(), "no text");
}

#[test]
fn its_header_has_one_form() {
    let world = World::new();
    let token = world.token(&world.claims());
    let claims = world.proof(&token).to_string();
    let good = world.proof_header();
    let set = |name: &str, value: Value| {
        let mut header = good.clone();
        header[name] = value;
        header.to_string()
    };
    let without = |name: &str| {
        let mut header = good.clone();
        header.as_object_mut().unwrap().remove(name);
        header.to_string()
    };
    let with = |member: &str| good.to_string().replacen('{', &format!("{{{member},"), 1);
    let jwk = |name: &str, value: Value| {
        let mut jwk = good["jwk"].clone();
        jwk[name] = value;
        set("jwk", jwk)
    };
    for header in [
        without("typ"),
        without("alg"),
        without("jwk"),
        set("typ", json!("JWT")),
        set("typ", json!("DPoP+JWT")),
        set("typ", json!("at+jwt")),
        set("alg", json!("none")),
        set("alg", json!("RS256")),
        set("alg", json!("HS256")),
        set("alg", json!("ES384")),
        set("alg", json!("es256")),
        set("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        set("jwk", Signer::new().jwk()),
        jwk("d", json!("AAAA")),
        jwk("k", json!("AAAA")),
        jwk("crv", json!("P-384")),
        jwk("kty", json!("OKP")),
        jwk("use", json!("enc")),
        jwk("alg", json!("ES384")),
        jwk("x", json!("AAAA")),
        with(r#""crit":["b64"]"#),
        with(r#""b64":false"#),
        with(r#""kid":"x""#),
        with(r#""jku":"https://evil.example""#),
        with(r#""alg":"none""#),
        with("\"\\u0061lg\":\"none\""),
        format!("{good}{{}}"),
        format!(" {good}"),
        "[]".to_owned(),
        json!(["dpop+jwt", "ES256", good["jwk"]]).to_string(),
    ] {
        let proof = world.device.sign(&header, &claims);
        refused(&world, &request(&token, &proof), &header);
    }
    let proof = world.device.sign(&jwk("kid", json!("mine")), &claims);
    assert!(world.ask(&request(&token, &proof)).is_ok(), "a key may have a name");
}

#[test]
fn its_claims_are_all_there_and_right() {
    let world = World::new();
    let token = world.token(&world.claims());
    let good = world.proof(&token);
    let header = world.proof_header().to_string();
    let set = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims.to_string()
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims.to_string()
    };
    let now = world.now.as_second();
    for payload in [
        without("jti"),
        without("htm"),
        without("htu"),
        without("iat"),
        without("ath"),
        set("htm", json!("POST")),
        set("htm", json!("get")),
        set("htu", json!("https://care.example/api/v1/other")),
        set("htu", json!("https://care.example/v1/plans")),
        set("htu", json!("https://other.example/api/v1/plans")),
        set("htu", json!("http://care.example/api/v1/plans")),
        set("htu", json!("/api/v1/plans")),
        set("iat", json!(now - 3600)),
        set("iat", json!(now + 3600)),
        set("iat", json!(now - 61)),
        set("iat", json!(now + 61)),
        set("iat", json!(1_700_000_000.5)),
        set("iat", json!(now.to_string())),
        set("iat", json!(u64::MAX)),
        set("iat", json!(i64::MIN)),
        set("ath", json!(sha256(b"another"))),
        set("ath", json!("")),
        set("jti", json!("short")),
        set("jti", json!("x".repeat(129))),
        set("jti", json!(7)),
        good.to_string().replacen('{', r#"{"htm":"GET","#, 1),
        good.to_string() + "{}",
        "[]".to_owned(),
        json!([good["jti"], good["htm"], good["htu"], now, good["ath"], null]).to_string(),
    ] {
        let proof = world.device.sign(&header, &payload);
        refused(&world, &request(&token, &proof), &payload);
    }
    let proof = world.device.sign(&header, &good.to_string());
    assert!(world.ask(&request(&token, &proof)).is_ok(), "straight after those");
}

#[test]
fn what_means_the_same_is_taken() {
    let world = World::new();
    let token = world.token(&world.claims());
    let now = world.now.as_second();
    for (name, value) in [
        ("htu", json!("https://care.example/api/v1/plans?a=b#c")),
        ("htu", json!("HTTPS://Care.Example/api/v1/plans")),
        ("htu", json!("https://care.example:443/api/v1/plans")),
        ("htu", json!("https://care.example/api/v1/%70lans")),
        ("iat", json!(now - 60)),
        ("iat", json!(now + 60)),
        ("nonce", json!("not asked for")),
        ("more", json!({ "a": [1] })),
        ("exp", json!(1)),
    ] {
        let mut claims = world.proof(&token);
        claims[name] = value;
        assert!(world.ask(&world.request_of(&token, &claims)).is_ok(), "{claims}");
    }
    let mut query = world.request_with(&token);
    query.path = "/v1/plans?page=2";
    assert!(world.ask(&query).is_ok());
}

#[test]
fn a_request_is_for_the_method_and_address_it_came_by() {
    let world = World::new();
    let mut post = world.request();
    post.method = "POST";
    refused(&world, &post, "method");
    for path in ["/v1/plans/7", "/v1", "*", "", "//care.example/api/v1/plans"] {
        let mut other = world.request();
        other.path = path;
        refused(&world, &other, path);
    }
}

#[test]
fn the_signature_is_over_these_bytes_by_the_key_of_the_token() {
    let world = World::new();
    let token = world.token(&world.claims());
    let claims = world.proof(&token);
    let header = world.proof_header().to_string();
    let good = world.device.sign(&header, &claims.to_string());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let head = signed.split_once('.').unwrap().0;
    let thief = Signer::new();
    let mut later = claims.clone();
    later["iat"] = json!(world.now.as_second() + 1);
    let payload = jws::base64url(later.to_string().as_bytes());
    for (proof, what) in [
        (format!("{signed}."), "none"),
        (signed.to_owned(), "two parts"),
        (format!("{good}.{signature}"), "four parts"),
        (format!("{good}="), "padding"),
        (thief.sign(&header, &claims.to_string()), "another key's, under the right name"),
        (format!("{head}.{payload}.{signature}"), "other bytes"),
        (
            json!({ "protected": head, "payload": payload, "signature": signature }).to_string(),
            "JSON serialisation",
        ),
    ] {
        refused(&world, &request(&token, &proof), what);
    }
    let theirs = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": thief.jwk() });
    let theirs = thief.sign(&theirs.to_string(), &claims.to_string());
    let judged = world.ask(&request(&token, &theirs)).unwrap_err();
    assert_eq!((judged.status(), judged.code()), (401, "token_invalid"), "a thief's own");
    assert!(judged.www_authenticate().contains("invalid_token"));
    assert!(world.ask(&request(&token, &good)).is_ok());
}

#[test]
fn a_proof_is_good_once() {
    let mut world = World::new();
    let token = world.token(&world.claims());
    let claims = world.proof(&token);
    let first = world.request_of(&token, &claims);
    assert!(world.ask(&first).is_ok());
    refused(&world, &first, "the same bytes");
    // Signatures differ, and what they are over is the same.
    let again = world.request_of(&token, &claims);
    refused(&world, &again, "the same jti");
    let device = std::mem::replace(&mut world.device, Signer::new());
    let theirs = world.token(&world.claims());
    let mut same = world.proof(&theirs);
    same["jti"] = claims["jti"].clone();
    assert!(world.ask(&world.request_of(&theirs, &same)).is_ok(), "somebody else's");
    world.device = device;
    world.now = world.now.saturating_add(SignedDuration::from_secs(60)).unwrap();
    refused(&world, &first, "as long as it could be good");
}

#[test]
fn what_is_refused_for_another_reason_is_not_remembered() {
    let world = World::new();
    let request = world.request();
    assert!(world.ask_for(&request, &Needed::scope("registration:write")).is_err());
    assert!(world.ask(&request).is_ok());
}
