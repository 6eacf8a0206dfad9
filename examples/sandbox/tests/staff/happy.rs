use kaigotap_sandbox::FACILITY_ID;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::support::{Browser, REDIRECT, World, digest, part};

/// Whether a key of the set signed it.
async fn is_signed(world: &World, jws: &str) -> bool {
    let keys = world.call("GET", "/staff/jwks", &[], String::new()).await.json();
    let header = part(jws, 0);
    let keys = keys["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let decode = |text: &str| Base64UrlUnpadded::decode_vec(text).unwrap();
    let point =
        [&[4][..], &decode(key["x"].as_str().unwrap()), &decode(key["y"].as_str().unwrap())]
            .concat();
    let (signed, signature) = jws.rsplit_once('.').unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &decode(signature))
        .is_ok()
}

#[tokio::test]
async fn a_nurse_signs_in_and_the_device_knows_who_it_is() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    let page = browser.open(&device.push().await).await;
    page.stays(200);
    let sent = browser.sign_in(&page, "nurse-01", "sandbox-nurse-01").await.sent_to(REDIRECT);
    assert_eq!((&*sent["state"], &*sent["iss"]), ("the state", &*world.issuer()));

    let before = world.now();
    let tokens = device.redeem(&sent["code"]).await.json();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&"DPoP".into(), &3600.into()));
    assert_eq!(tokens["scope"], "openid kaigo");
    assert!(tokens.get("refresh_token").is_none());
    let access = tokens["access_token"].as_str().unwrap();
    let (header, claims) = (part(access, 0), part(access, 1));
    assert_eq!((&header["alg"], &header["typ"]), (&"ES256".into(), &"at+jwt".into()));
    for (name, value) in [
        ("iss", world.issuer()),
        ("aud", world.sandbox.issuer().to_owned()),
        ("sub", "nurse-01".to_owned()),
        ("client_id", device.id.clone()),
        ("fac", FACILITY_ID.to_owned()),
        ("role", "nurse".to_owned()),
        ("scope", "openid kaigo".to_owned()),
    ] {
        assert_eq!(claims[name], value.as_str(), "{name}");
    }
    assert_eq!(claims["cnf"]["jkt"], device.key.jkt());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert!((before - 2..=before + 2).contains(&claims["auth_time"].as_i64().unwrap()));

    let id_token = tokens["id_token"].as_str().unwrap();
    let identity = part(id_token, 1);
    assert_eq!((&identity["iss"], &identity["aud"]), (&claims["iss"], &device.id.as_str().into()));
    assert_eq!((&identity["nonce"], &identity["sub"]), (&"the nonce".into(), &claims["sub"]));
    assert_eq!((&identity["sid"], &identity["auth_time"]), (&claims["sid"], &claims["auth_time"]));
    assert_eq!(identity["name"], "看護 葵");
    let half = Base64UrlUnpadded::decode_vec(&digest(access)).unwrap();
    assert_eq!(identity["at_hash"], crate::support::base64url(&half[..16]));
    assert!(is_signed(&world, id_token).await && is_signed(&world, access).await);

    let about = device.show("GET", "/staff/userinfo", access).await.json();
    assert_eq!((&about["sub"], &about["fac"]), (&claims["sub"], &claims["fac"]));
}

#[tokio::test]
async fn the_document_says_what_there_is() {
    let world = World::new().await;
    let paths = [
        "/staff/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/staff",
    ];
    for path in paths {
        let said = world.call("GET", path, &[], String::new()).await.json();
        assert_eq!(said["issuer"], world.issuer());
        for (name, value) in [
            ("require_pushed_authorization_requests", Value::Bool(true)),
            ("authorization_response_iss_parameter_supported", true.into()),
            ("code_challenge_methods_supported", ["S256"].as_slice().into()),
            ("response_types_supported", ["code"].as_slice().into()),
            (
                "token_endpoint_auth_methods_supported",
                ["private_key_jwt", "tls_client_auth"].as_slice().into(),
            ),
        ] {
            assert_eq!(said[name], value, "{name}");
        }
        for name in said.as_object().unwrap().keys().filter(|name| name.ends_with("_endpoint")) {
            let address = said[name].as_str().unwrap();
            let path = address.strip_prefix(world.sandbox.issuer()).unwrap();
            // There is something at each address, whatever it makes of this.
            let answer = world.call("POST", path, &[], String::new()).await;
            let answer = if answer.status == 405 {
                world.call("GET", path, &[], String::new()).await
            } else {
                answer
            };
            assert!((400..=401).contains(&answer.status), "{name}");
        }
    }
}

#[tokio::test]
async fn a_second_sign_in_is_silent_while_the_shift_lasts() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    device.code(&browser, "nurse-01").await;
    for prompt in ["", "none"] {
        let address = device.push_with(|wish| drop(wish.insert("prompt", prompt.into()))).await;
        let sent = browser.open(&address).await.sent_to(REDIRECT);
        let tokens = device.redeem(&sent["code"]).await.json();
        assert_eq!(part(tokens["access_token"].as_str().unwrap(), 1)["sub"], "nurse-01");
    }
    // Who has to sign in anew has to.
    for (name, value) in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "0")] {
        world.wait(1);
        let address = device.push_with(|wish| drop(wish.insert(name, value.into()))).await;
        browser.open(&address).await.stays(200);
    }
    let address = device.push_with(|wish| drop(wish.insert("max_age", "60".into()))).await;
    browser.open(&address).await.sent_to(REDIRECT);
    // Another browser knows nobody.
    Browser::of(&world).open(&device.push().await).await.stays(200);
    // After the shift, nobody does.
    world.wait(8 * 60 * 60);
    browser.open(&device.push().await).await.stays(200);
    let address = device.push_with(|wish| drop(wish.insert("prompt", "none".into()))).await;
    let sent = browser.open(&address).await.sent_to(REDIRECT);
    assert_eq!((&*sent["error"], &*sent["iss"]), ("login_required", &*world.issuer()));
}

#[tokio::test]
async fn another_nurse_takes_over_a_shared_browser() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    device.code(&browser, "nurse-01").await;
    let first = browser.cookie("kaigotap-staff").unwrap();
    let address = device.push_with(|wish| drop(wish.insert("prompt", "login".into()))).await;
    let page = browser.open(&address).await;
    browser.sign_in(&page, "nurse-02", "sandbox-nurse-02").await.sent_to(REDIRECT);
    assert_ne!(browser.cookie("kaigotap-staff").unwrap(), first);
    let sent = browser.open(&device.push().await).await.sent_to(REDIRECT);
    let tokens = device.redeem(&sent["code"]).await.json();
    assert_eq!(part(tokens["id_token"].as_str().unwrap(), 1)["sub"], "nurse-02");
    // The cookie of the first, had somebody kept it, opens nothing any more.
    let kept = format!("kaigotap-staff={first}");
    let address = device.push().await;
    world.call("GET", &address, &[("cookie", &kept)], String::new()).await.stays(200);
}

#[tokio::test]
async fn signing_out_ends_everything_of_that_person_and_nothing_else() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    let code = device.code(&browser, "nurse-01").await;
    let first = device.redeem(&code).await.json();
    let first = first["access_token"].as_str().unwrap();
    let second = device.token("nurse-01").await;
    let second = second["access_token"].as_str().unwrap();
    let colleague = device.token("nurse-02").await;
    let unused = device.code(&Browser::of(&world), "nurse-01").await;

    assert_eq!(device.show("POST", "/staff/sign-out", first).await.status, 200);
    for token in [first, second] {
        device.show("GET", "/staff/userinfo", token).await.refused(401, "staff_signed_out");
        device.show("POST", "/staff/sign-out", token).await.refused(401, "staff_signed_out");
    }
    device.redeem(&unused).await.refused(400, "sign_in_expired");
    browser.open(&device.push().await).await.stays(200);
    let colleague = colleague["access_token"].as_str().unwrap();
    assert_eq!(device.show("GET", "/staff/userinfo", colleague).await.status, 200);
}

#[tokio::test]
async fn who_does_not_want_to_is_sent_back() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    let page = browser.open(&device.push().await).await;
    let mut form = crate::support::fields(&page);
    form.insert("cancel".to_owned(), "1".to_owned());
    let sent = browser.submit(&form).await.sent_to(REDIRECT);
    assert_eq!((&*sent["error"], &*sent["state"]), ("access_denied", "the state"));
    assert!(!sent.contains_key("code"));
}

#[tokio::test]
async fn who_signs_in_and_out_is_on_record_and_nameless() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    let page = browser.open(&device.push().await).await;
    browser.sign_in(&page, "nurse-01", "wrong").await.stays(403);
    let tokens = device.token("nurse-01").await;
    device.show("POST", "/staff/sign-out", tokens["access_token"].as_str().unwrap()).await;
    let records = world.sandbox.audit().after(0).await.unwrap();
    let told: Vec<_> = records
        .iter()
        .filter(|record| record.what.starts_with("sign_"))
        .map(|record| (&*record.what, &*record.outcome, &*record.staff))
        .collect();
    let staff = told[0].2;
    assert!(!staff.is_empty() && !format!("{records:?}").contains("nurse-01"));
    assert_eq!(
        told,
        [("sign_in", "password_wrong", staff), ("sign_in", "ok", staff), ("sign_out", "ok", staff)]
    );
}
