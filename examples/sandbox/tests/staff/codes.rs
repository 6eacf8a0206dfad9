//! Codes in the wrong hands, and tokens.

use crate::support::{Browser, Device, REDIRECT, World};

#[tokio::test]
async fn a_code_is_good_once_and_takes_its_token_with_it() {
    let world = World::new().await;
    let device = world.device().await;
    let code = device.code(&Browser::of(&world), "nurse-01").await;
    let tokens = device.redeem(&code).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(device.show("GET", "/staff/userinfo", token).await.status, 200);
    device.redeem(&code).await.refused(400, "sign_in_expired");
    device.show("GET", "/staff/userinfo", token).await.refused(401, "staff_signed_out");
}

#[tokio::test]
async fn many_at_once_get_no_token_that_lasts() {
    let world = World::new().await;
    let device = world.device().await;
    let code = device.code(&Browser::of(&world), "nurse-01").await;
    let mut given = Vec::new();
    for answer in futures(&device, &code).await {
        if answer.status == 200 {
            given.push(answer.json()["access_token"].as_str().unwrap().to_owned());
        } else {
            answer.refused(400, "sign_in_expired");
        }
    }
    assert!(given.len() <= 1);
    for token in given {
        device.show("GET", "/staff/userinfo", &token).await.refused(401, "staff_signed_out");
    }
}

async fn futures(device: &crate::support::Device<'_>, code: &str) -> Vec<crate::support::Answer> {
    let one = || device.redeem(code);
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    vec![a, b, c, d]
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let world = World::new().await;
    let device = world.device().await;
    let code = device.code(&Browser::of(&world), "nurse-01").await;
    world.wait(61);
    device.redeem(&code).await.refused(400, "sign_in_expired");
    // A token is good for an hour.
    let tokens = device.token("nurse-01").await;
    let token = tokens["access_token"].as_str().unwrap();
    world.wait(3590);
    assert_eq!(device.show("GET", "/staff/userinfo", token).await.status, 200);
    world.wait(11);
    device.show("GET", "/staff/userinfo", token).await.refused(401, "staff_token_invalid");
}

#[tokio::test]
async fn a_code_is_for_one_client_key_verifier_and_redirect() {
    let world = World::new().await;
    let device = world.device().await;
    let other = world.device().await;
    let browser = Browser::of(&world);
    // Another client, with its own key.
    let code = device.code(&browser, "nurse-01").await;
    other.redeem(&code).await.refused(400, "sign_in_expired");
    // And it is gone with that.
    device.redeem(&code).await.refused(400, "sign_in_expired");
    for (name, value) in [
        ("code_verifier", "eBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ("code_verifier", "short"),
        ("redirect_uri", "http://127.0.0.1:49153/callback"),
        ("redirect_uri", "jp.kaigotap.app:/callback"),
        ("code", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("code", "'; DROP TABLE staff_code; --"),
    ] {
        let code = device.code(&Browser::of(&world), "nurse-01").await;
        let mut claim = Device::claim(&code);
        claim.insert(name, value.to_owned());
        device.post("/staff/token", &claim).await.refused(400, "sign_in_expired");
    }
    for name in ["code", "code_verifier", "redirect_uri", "grant_type"] {
        let code = device.code(&Browser::of(&world), "nurse-01").await;
        let mut claim = Device::claim(&code);
        claim.remove(name);
        device.post("/staff/token", &claim).await.refused(400, "request_malformed");
        // Nothing was asked for, so nothing is spent.
        assert_eq!(device.redeem(&code).await.status, 200);
    }
    let mut claim = Device::claim("code");
    claim.insert("grant_type", "refresh_token".to_owned());
    device.post("/staff/token", &claim).await.refused(400, "request_malformed");
}

#[tokio::test]
async fn a_token_is_good_with_its_key_only() {
    let world = World::new().await;
    let (device, other) = (world.device().await, world.device().await);
    let tokens = device.token("nurse-01").await;
    let (access, id_token) =
        (tokens["access_token"].as_str().unwrap(), tokens["id_token"].as_str().unwrap());
    other.show("GET", "/staff/userinfo", access).await.refused(401, "staff_token_invalid");
    // An ID token is none that opens anything.
    device.show("GET", "/staff/userinfo", id_token).await.refused(401, "staff_token_invalid");
    let bearer = format!("Bearer {access}");
    let answer =
        world.call("GET", "/staff/userinfo", &[("authorization", &bearer)], String::new()).await;
    answer.refused(401, "staff_token_invalid");
    world
        .call("GET", "/staff/userinfo", &[], String::new())
        .await
        .refused(401, "staff_token_invalid");
    // Nor does it work without a proof where a challenge is asked for.
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    let answer = world.call("POST", "/v1/challenges", &headers, "{}".to_owned()).await;
    answer.refused(401, "staff_token_invalid");
}

#[tokio::test]
async fn a_browser_of_another_facility_signs_nobody_in() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    let page = browser.open(&device.push().await).await;
    let sent = browser.sign_in(&page, "nurse-11", "sandbox-nurse-11").await.sent_to(REDIRECT);
    assert_eq!(sent["error"], "access_denied");
    assert_eq!(browser.cookie("kaigotap-staff"), None);
}
