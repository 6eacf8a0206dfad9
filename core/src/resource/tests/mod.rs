//! Requests to a server of one's own: those that are answered, and every way in which one is not.

mod certificates;
mod made;
mod proofs;
mod tokens;

use jiff::SignedDuration;
use serde_json::json;

use super::*;
use made::{AUDIENCE, SCOPE, World};

#[test]
fn a_request_with_all_that_it_needs_is_granted() {
    let world = World::new();
    let granted = world.ask(&world.request()).unwrap();
    assert_eq!(granted.subject, "pairwise");
    assert_eq!(granted.client, "device");
    assert_eq!(granted.facility, "1370000001");
    assert_eq!(granted.staff, "staff");
    assert_eq!(granted.acr, "urn:x-kaigo:acr:card-pin");
    assert_eq!(granted.method, "card_pin");
    assert_eq!(granted.verified_at, world.now);
    assert_eq!(granted.fresh_until.duration_since(world.now), SignedDuration::from_hours(24));
    assert!(granted.opens(SCOPE) && granted.opens("consent:write") && !granted.opens("consent"));
}

#[test]
fn nothing_of_a_person_or_a_token_is_shown() {
    let world = World::new();
    let request = world.request();
    let granted = world.ask(&request).unwrap();
    let shown = format!("{granted:?} {:?} {:?}", request.incoming(), world.verifier);
    assert_eq!(
        shown,
        "Granted(..) Incoming(GET /v1/plans ..) Verifier(https://platform.example ..)"
    );
    let refused = world.ask(&request).unwrap_err();
    assert!(!format!("{refused:?}").contains("pairwise"));
}

#[test]
fn each_refusal_has_its_status_header_and_code() {
    let world = World::new();
    let refused = |world: &World, request: &made::Request, needed: Needed<'_>| {
        let refused = world.ask_for(request, &needed).unwrap_err();
        (refused.status(), refused.code(), refused.www_authenticate().to_owned())
    };
    let needed = Needed::scope(SCOPE);
    let mut request = world.request();
    request.headers.clear();
    assert_eq!(
        refused(&world, &request, needed),
        (401, "token_invalid", r#"DPoP algs="ES256""#.to_owned())
    );
    let token = |world: &World, change: &dyn Fn(&mut serde_json::Value)| {
        let mut claims = world.claims();
        change(&mut claims);
        world.request_with(&world.token(&claims))
    };
    let now = world.now.as_second();
    let request = token(&world, &|claims| claims["aud"] = "https://other.example/".into());
    let invalid = r#"DPoP error="invalid_token", algs="ES256""#;
    assert_eq!(refused(&world, &request, needed), (401, "token_invalid", invalid.to_owned()));
    let request = token(&world, &|claims| {
        claims["iat"] = json!(now - 900);
        claims["exp"] = json!(now);
    });
    assert_eq!(refused(&world, &request, needed), (401, "token_expired", invalid.to_owned()));
    let request = world.request();
    assert_eq!(
        refused(&world, &request, Needed::scope("registration:write")),
        (
            403,
            "scope_missing",
            r#"DPoP error="insufficient_scope", scope="registration:write", algs="ES256""#
                .to_owned()
        )
    );
    assert_eq!(
        refused(&world, &request, Needed::scope("a\"b")).2,
        r#"DPoP error="insufficient_scope", algs="ES256""#
    );
    let request = token(&world, &|claims| claims["kaigo"]["fresh_until"] = json!(now));
    assert_eq!(
        refused(&world, &request, needed.fresh()),
        (
            403,
            "reverify_required",
            r#"DPoP error="insufficient_user_authentication", max_age=86400, algs="ES256""#
                .to_owned()
        )
    );
    assert!(world.ask(&request).is_ok(), "where it need not be fresh");
    assert_eq!(
        refused(&world, &request, needed),
        (401, "dpop_proof_invalid", r#"DPoP error="invalid_dpop_proof", algs="ES256""#.to_owned())
    );
    *world.proofs.borrow_mut() = RecentProofs::with_room_for(0);
    let request = world.request();
    assert_eq!(refused(&world, &request, needed).0, 503);
}

#[test]
fn a_confirmation_is_fresh_for_24_hours_whatever_the_token_says() {
    let world = World::new();
    let mut claims = world.claims();
    let now = world.now.as_second();
    claims["kaigo"]["verified_at"] = json!(now - 24 * 60 * 60);
    claims["kaigo"]["fresh_until"] = json!(now + 60);
    let request = world.request_with(&world.token(&claims));
    let needed = Needed::scope(SCOPE).fresh();
    assert_eq!(world.ask_for(&request, &needed).unwrap_err().code(), "reverify_required");
    claims["kaigo"]["verified_at"] = json!(now - 24 * 60 * 60 + 1);
    let request = world.request_with(&world.token(&claims));
    assert!(world.ask_for(&request, &needed).is_ok());
}

#[test]
fn keys_that_came_later_are_asked_for_and_taken() {
    let mut world = World::new();
    let request = world.request();
    let theirs = World::new();
    world.verifier.renew(theirs.keys());
    let refused = world.ask(&request).unwrap_err();
    assert!(refused.wants_keys());
    assert_eq!((refused.status(), refused.code()), (401, "token_invalid"));
    world.verifier.renew(world.keys());
    assert!(world.ask(&request).is_ok(), "nothing was noted of it before");
    let mut claims = world.claims();
    claims["aud"] = "https://other.example/".into();
    let request = world.request_with(&world.token(&claims));
    assert!(!world.ask(&request).unwrap_err().wants_keys());
}

#[test]
fn a_server_with_nonces_asks_for_one_before_anything_is_noted() {
    let mut world = World::new();
    let keys = world.keys();
    let issuer = ServerAddress::parse("https://platform.example").unwrap();
    let address = ServerAddress::parse(made::ADDRESS).unwrap();
    world.verifier =
        Verifier::new(&issuer, AUDIENCE, &address, keys).unwrap().with_nonces(&[7; 32]);
    assert_eq!(World::new().verifier.nonce(world.now), None);
    let nonce = world.verifier.nonce(world.now).unwrap();
    let token = world.token(&world.claims());
    let mut proof = world.proof(&token);
    let refused = world.ask(&world.request_of(&token, &proof)).unwrap_err();
    assert_eq!((refused.status(), refused.code()), (401, "dpop_nonce_required"));
    assert_eq!(refused.www_authenticate(), r#"DPoP error="use_dpop_nonce", algs="ES256""#);
    proof["nonce"] = "AAAA".into();
    assert!(world.ask(&world.request_of(&token, &proof)).is_err());
    proof["nonce"] = nonce.into();
    proof["iat"] = json!(world.now.as_second() - 300);
    let request = world.request_of(&token, &proof);
    assert!(world.ask(&request).is_ok(), "with the same jti, and a clock that is off");
    assert_eq!(world.ask(&request).unwrap_err().code(), "dpop_proof_invalid", "once");
    proof["jti"] = "another-one-of-them".into();
    proof["iat"] = json!(world.now.as_second() - 301);
    assert!(world.ask(&world.request_of(&token, &proof)).is_err());
    world.now = world.now.saturating_add(SignedDuration::from_mins(6)).unwrap();
    proof["iat"] = json!(world.now.as_second());
    let late = world.ask(&world.request_of(&token, &proof)).unwrap_err();
    assert_eq!(late.code(), "dpop_nonce_required");
}
