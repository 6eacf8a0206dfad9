use kaigotap_sandbox::{ChallengeState, FACILITY_ID, STAFF_ID};
use serde_json::json;

use crate::pki::SERIAL;
use crate::support::{World, assert_with, challenge_request, digest, log, part, payload};

#[tokio::test]
async fn a_tap_becomes_a_token_and_a_token_an_entitlement() {
    let world = World::new().await;
    let challenge = world.challenge().await;
    let key = &world.sandbox.challenge_keys()[0];
    assert_eq!(
        part(&challenge, 0),
        json!({ "alg": "ES256", "typ": "kaigo-challenge+jwt", "kid": key["kid"] })
    );
    let said = payload(&challenge);
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 120);
    assert_eq!(said["nonce"].as_str().unwrap().len(), 43);
    assert_eq!(said["aud"], "urn:kaigo:card-assertion");
    assert_eq!(said.as_object().unwrap().len(), 14);
    assert_eq!(said["cnf"], json!({ "jkt": world.device.jkt }));

    let assertion = assert_with(&crate::pki::leaf(), &world.claims(&challenge));
    let answer = world.exchange(&assertion).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.json["token_type"], "DPoP");
    assert_eq!(answer.json["expires_in"], 900);
    assert_eq!(answer.json["scope"], "qualification:read");
    assert_eq!(answer.json["honnin"]["method"], "card_pin");

    let token = answer.access_token();
    assert_eq!(part(token, 0)["typ"], "at+jwt");
    let claims = payload(token);
    assert_eq!(claims["sub"], answer.json["honnin"]["sub"]);
    assert_eq!(claims["sub"].as_str().unwrap().len(), 22);
    assert_eq!(claims["act"], json!({ "sub": STAFF_ID, "fac": FACILITY_ID }));
    assert_eq!(
        claims["kaigo"]["fresh_until"].as_i64().unwrap(),
        claims["auth_time"].as_i64().unwrap() + 86_400
    );

    let entitlement = world.entitlement(token).await;
    assert_eq!(entitlement.status, 200, "{}", entitlement.json);
    let json = &entitlement.json;
    assert_eq!(json["person"]["name_kana"], "カイゴ　ハナコ");
    assert_eq!(json["person"]["birth_date"], "1941-05-03");
    assert_eq!(json["person"]["sex"], "female");
    assert_eq!(json["insured_number"], "0001234567");
    assert_eq!(json["periodic"]["care_level"]["code"], "care_3");
    assert_eq!(json["periodic"]["burden_ratio"]["percent"], 10);
    assert_eq!(json["periodic"]["limit_certificate"]["stage"], "2");
    let today = &json["periodic"]["as_of"].as_str().unwrap()[..10];
    let care = &json["periodic"]["care_level"];
    assert!(care["valid_from"].as_str().unwrap() <= today);
    assert!(today <= care["valid_until"].as_str().unwrap());

    let challenges = world.sandbox.challenges().await.unwrap();
    assert_eq!(challenges.len(), 1);
    assert_eq!(challenges[0].state, ChallengeState::Used);
    assert_eq!(challenges[0].result.as_deref(), Some("verified"));
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 1);
}

#[tokio::test]
async fn one_person_has_one_name_at_a_facility_and_another_elsewhere() {
    let mut world = World::new().await;
    let mut subjects = Vec::new();
    for (staff, facility) in
        [("nurse-01", FACILITY_ID), ("nurse-02", FACILITY_ID), ("nurse-11", "1370000002")]
    {
        world.sign_in(staff).await;
        let mut request = challenge_request();
        request["facility_id"] = facility.into();
        let answer = world.ask_challenge(&request).await;
        let challenge = answer.json["challenges"][0]["challenge"].as_str().unwrap();
        let answer =
            world.exchange(&assert_with(&crate::pki::leaf(), &world.claims(challenge))).await;
        subjects.push(payload(answer.access_token())["sub"].clone());
    }
    assert_eq!(subjects[0], subjects[1]);
    assert_ne!(subjects[0], subjects[2]);
}

#[tokio::test]
async fn each_kind_of_token_has_a_key_of_its_own() {
    let world = World::new().await;
    let challenge = world.challenge().await;
    let answer = world.exchange(&assert_with(&crate::pki::leaf(), &world.claims(&challenge))).await;
    let kid = |jws: &str| part(jws, 0)["kid"].as_str().unwrap().to_owned();
    let kids = [kid(&challenge), kid(answer.access_token()), kid(&world.staff)];
    assert!(kids[0] != kids[1] && kids[1] != kids[2] && kids[2] != kids[0], "{kids:?}");
    let enrolled = world.sandbox.challenge_keys();
    assert!(enrolled.len() == 2 && enrolled[0]["kid"] == *kids[0]);
    // The staff's tokens are for this server alone.
    let keys = world.call("GET", "/.well-known/jwks.json", &[], String::new()).await.unwrap();
    let published: Vec<_> =
        keys.json["keys"].as_array().unwrap().iter().map(|k| &k["kid"]).collect();
    // Each with the one after it.
    assert_eq!(published.len(), 4);
    assert_eq!([published[0], published[2]], [kids[0].as_str(), kids[1].as_str()]);
    assert_eq!(*published[1], enrolled[1]["kid"]);
}

#[tokio::test]
async fn a_challenge_is_issued_at_the_servers_time() {
    let world = World::new().await;
    world.sandbox.shift_clock(jiff::SignedDuration::from_mins(5));
    let answer = world.call("GET", "/.well-known/jwks.json", &[], String::new()).await.unwrap();
    let mut request = challenge_request();
    request["visual_check"]["checked_at"] = answer.json["server_time"].clone();
    let answer = world.ask_challenge(&request).await;
    let said = payload(answer.json["challenges"][0]["challenge"].as_str().unwrap());
    let server_time: jiff::Timestamp =
        answer.json["server_time"].as_str().unwrap().parse().unwrap();
    let between = server_time.as_second() - said["iat"].as_i64().unwrap();
    assert!((0..=1).contains(&between), "{between}");
}

#[tokio::test]
async fn the_metadata_says_that_this_is_a_sandbox() {
    let world = World::new().await;
    let get = |path| world.call("GET", path, &[], String::new());
    let metadata = get("/.well-known/oauth-authorization-server").await.unwrap();
    assert_eq!(metadata.json["issuer"], world.sandbox.issuer());
    let issuer = world.sandbox.issuer();
    for (member, path) in [
        ("token_endpoint", "/v1/token"),
        ("x-kaigo-challenge-endpoint", "/v1/challenges"),
        ("x-kaigo-resource", "/"),
        ("jwks_uri", "/.well-known/jwks.json"),
    ] {
        assert_eq!(metadata.json[member], format!("{issuer}{path}"));
    }
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    assert_eq!(metadata.json["grant_types_supported"], json!([exchange, "client_credentials"]));
    assert_eq!(metadata.json["x-kaigo-sandbox"], true);
    assert!(metadata.json["x-kaigo-notice"].as_str().unwrap().contains("takes no identity check"));
    assert_eq!(metadata.headers["cache-control"], "no-store");
    let keys = get("/.well-known/jwks.json").await.unwrap();
    assert_eq!(keys.json["keys"][0], world.sandbox.challenge_keys()[0]);
    get("/v1/nothing").await.unwrap().refused(400, "request_malformed");
    get("/v1/token").await.unwrap().refused(405, "request_malformed");
}

#[tokio::test]
async fn the_log_names_routes_and_codes_and_nobody() {
    let world = World::new().await;
    let challenge = world.challenge().await;
    let assertion = assert_with(&crate::pki::leaf(), &world.claims(&challenge));
    let answer = world.exchange(&assertion).await;
    world.entitlement(answer.access_token()).await;
    world.exchange("rubbish").await.refused(400, "assertion_malformed");
    // Whoever is searched for is named in the body, and whoever is found in the answer.
    let search = json!({ "kana": "カイゴ", "birth_date": "1941-05-03" });
    let content = ("application/json", search.to_string());
    let users = ("POST", "/v1/users/search");
    let found = world.device.call(&world, users, Some(&world.staff), content).await;
    assert_eq!(found.json["users"][0]["insured_number"], "0001234567", "{}", found.json);
    let records = world.sandbox.audit().after(0).await.unwrap();
    let on_record = format!("{records:?}");
    assert!(on_record.contains("user_list"));

    let log = log();
    assert!(
        log.contains("/v1/token") && log.contains("assertion_malformed") && log.contains("200")
    );
    let serial = format!("{:08x}", u32::from_be_bytes(SERIAL));
    let secrets = [
        &world.staff,
        answer.access_token(),
        &challenge,
        &digest(&challenge),
        assertion.split('.').next_back().unwrap(),
        "カイゴ",
        "1941-05-03",
        "19410503",
        "0001234567",
        &serial,
        &format!("{SERIAL:?}"),
        answer.json["honnin"]["sub"].as_str().unwrap(),
        "997794E9",
    ];
    for secret in secrets {
        assert!(!log.to_lowercase().contains(&secret.to_lowercase()), "{secret}");
        assert!(!on_record.to_lowercase().contains(&secret.to_lowercase()), "{secret}");
    }
}
