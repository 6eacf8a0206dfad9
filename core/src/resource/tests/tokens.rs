//! Tokens (RFC 9068): stolen, foreign, forged, old, or for something else.

use serde_json::{Value, json};

use super::made::{AUDIENCE, Request, SCOPE, Signer, World, request};
use super::*;

fn refused(world: &World, request: &Request, what: &str) {
    let refused = world.ask(request).expect_err(what);
    assert_eq!((refused.status(), refused.code()), (401, "token_invalid"), "{what}");
}

#[test]
fn one_header_has_the_token_by_the_scheme_for_bound_ones() {
    let world = World::new();
    let good = world.request();
    let token = good.headers[0].1.strip_prefix("DPoP ").unwrap().to_owned();
    for value in [
        format!("Bearer {token}"),
        format!("Basic {token}"),
        format!("DPoP  {token}"),
        format!("DPoP {token} "),
        format!("DPoP {token},DPoP {token}"),
        token.clone(),
        "DPoP".to_owned(),
        "DPoP ".to_owned(),
        String::new(),
    ] {
        let mut other = good.clone();
        other.headers[0].1.clone_from(&value);
        refused(&world, &other, &value);
    }
    let mut two = good.clone();
    two.headers.push(("authorization", good.headers[0].1.clone()));
    refused(&world, &two, "two");
    let mut scheme = good.clone();
    scheme.headers[0].1 = format!("dpop {token}");
    assert!(world.ask(&scheme).is_ok(), "schemes know no case");
}

#[test]
fn its_header_has_one_form() {
    let world = World::new();
    let good = world.header();
    let claims = world.claims().to_string();
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
    for header in [
        without("typ"),
        without("alg"),
        without("kid"),
        set("typ", json!("JWT")),
        set("typ", json!("dpop+jwt")),
        set("typ", json!("kaigo-evidence+jwt")),
        set("alg", json!("none")),
        set("alg", json!("HS256")),
        set("alg", json!("RS256")),
        set("kid", json!("unknown")),
        with(r#""crit":["exp"]"#),
        with(r#""b64":false"#),
        with(r#""x5c":["AAAA"]"#),
        with(&format!(r#""jwk":{}"#, Signer::new().jwk())),
        with(r#""alg":"none""#),
        json!(["at+jwt", "ES256", good["kid"]]).to_string(),
    ] {
        let token = world.platform.sign(&header, &claims);
        refused(&world, &world.request_with(&token), &header);
    }
    for token in ["", "a.b.c", "..", &"a".repeat(20_000)] {
        refused(&world, &world.request_with(token), token);
    }
}

#[test]
fn the_signature_is_the_platforms() {
    let world = World::new();
    let (header, claims) = (world.header().to_string(), world.claims());
    let good = world.token(&claims);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let head = signed.split_once('.').unwrap().0;
    let mut more = claims.clone();
    more["scope"] = "qualification:read registration:write".into();
    let payload = jws::base64url(more.to_string().as_bytes());
    for (token, what) in [
        (Signer::new().sign(&header, &claims.to_string()), "another key's, under its name"),
        (world.device.sign(&header, &claims.to_string()), "the device's own"),
        (format!("{head}.{payload}.{signature}"), "other claims"),
        (format!("{signed}."), "none"),
        (format!("{signed}.{}", jws::base64url(&[0; 64])), "zeros"),
    ] {
        refused(&world, &world.request_with(&token), what);
    }
}

#[test]
fn its_claims_are_all_there_and_right() {
    let world = World::new();
    let good = world.claims();
    let now = world.now.as_second();
    let set = |pointer: &str, value: Value| {
        let mut claims = good.clone();
        *claims.pointer_mut(pointer).unwrap() = value;
        claims.to_string()
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims.to_string()
    };
    let mut bound_otherwise = good.clone();
    bound_otherwise["cnf"]["x5t"] = json!("AAAA");
    for payload in [
        without("iss"),
        without("aud"),
        without("sub"),
        without("client_id"),
        without("iat"),
        without("exp"),
        without("acr"),
        without("act"),
        without("cnf"),
        without("scope"),
        without("kaigo"),
        set("/iss", json!("https://evil.example")),
        set("/iss", json!("https://platform.example/")),
        set("/iss", json!("https://platform.example/staff")),
        set("/aud", json!("https://care.example/api")),
        set("/aud", json!([AUDIENCE])),
        set("/exp", json!(now + 901)),
        set("/exp", json!(1e12)),
        set("/exp", json!(i64::MAX)),
        set("/iat", json!(now + 61)),
        set("/iat", json!(now + 900)),
        set("/iat", json!(now.to_string())),
        set("/cnf", json!({})),
        set("/cnf/jkt", json!(7)),
        bound_otherwise.to_string(),
        set("/kaigo/verified_at", json!(i64::MAX)),
        good.to_string().replacen('{', r#"{"aud":"https://platform.example/","#, 1),
        good.to_string() + "{}",
        "[]".to_owned(),
    ] {
        let token = world.platform.sign(&world.header().to_string(), &payload);
        refused(&world, &world.request_with(&token), &payload);
    }
    let mut more = good.clone();
    more["new"] = json!({ "a": 1 });
    more["kaigo"]["new"] = json!(true);
    let token = world.token(&more);
    assert!(world.ask(&world.request_with(&token)).is_ok(), "what the platform adds later");
}

#[test]
fn a_token_that_is_bound_to_another_key_is_of_no_use() {
    let world = World::new();
    let mut claims = world.claims();
    claims["cnf"]["jkt"] = Signer::new().thumbprint().into();
    let token = world.token(&claims);
    let judged = world.ask(&world.request_with(&token));
    assert_eq!(judged.unwrap_err().code(), "token_invalid");
}

#[test]
fn a_token_is_good_until_it_expires() {
    let mut world = World::new();
    let token = world.token(&world.claims());
    world.now = world.now.saturating_add(SignedDuration::from_secs(899)).unwrap();
    assert!(world.ask(&world.request_with(&token)).is_ok());
    world.now = world.now.saturating_add(SignedDuration::from_secs(1)).unwrap();
    let judged = world.ask(&world.request_with(&token));
    assert_eq!(judged.unwrap_err().code(), "token_expired");
}

#[test]
fn a_scope_is_one_of_those_it_opens() {
    let world = World::new();
    for (scope, opens) in [
        (SCOPE, true),
        ("consent:write", true),
        ("consent", false),
        ("", false),
        ("qualification:read consent:write", false),
        ("certification:read", false),
    ] {
        let request = world.request();
        let judged = world.ask_for(&request, &Needed::scope(scope));
        assert_eq!(judged.is_ok(), opens, "{scope}");
    }
    let mut claims = world.claims();
    claims["scope"] = "".into();
    let token = world.token(&claims);
    let judged = world
        .ask_for(&request(&token, &world.request_with(&token).headers[1].1), &Needed::scope(""));
    assert_eq!(judged.unwrap_err().code(), "scope_missing");
}
