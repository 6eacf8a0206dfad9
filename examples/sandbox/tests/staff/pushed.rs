//! What may be pushed, and that nothing else opens the page.

use kaigotap_sandbox::Config;
use serde_json::json;

use crate::support::{Browser, Device, REDIRECT, World, address, encoded, random};

#[tokio::test]
async fn a_wish_has_one_form() {
    let world = World::new().await;
    let device = world.device().await;
    let long = "x".repeat(2000);
    for (name, value, code) in [
        ("response_type", "token", "request_malformed"),
        ("response_type", "code id_token", "request_malformed"),
        ("response_mode", "fragment", "request_malformed"),
        ("code_challenge_method", "plain", "request_malformed"),
        ("code_challenge", "short", "request_malformed"),
        ("code_challenge", &long, "request_malformed"),
        ("scope", "kaigo", "request_malformed"),
        ("scope", "openid admin", "request_malformed"),
        ("scope", "openid openid", "request_malformed"),
        ("scope", "openid  kaigo", "request_malformed"),
        ("state", &long, "request_malformed"),
        ("state", "a\r\nb", "request_malformed"),
        ("state", "状態", "request_malformed"),
        ("nonce", "\0", "request_malformed"),
        ("prompt", "login none", "request_malformed"),
        ("max_age", "-1", "request_malformed"),
        ("max_age", "1e3", "request_malformed"),
        ("max_age", "99999999999999999999", "request_malformed"),
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_malformed"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", "request_malformed"),
        ("request_uri", "https://evil.example/request", "request_malformed"),
        ("resource", "https://evil.example/", "request_malformed"),
        ("login_hint", &long, "request_malformed"),
        ("dpop_jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "dpop_proof_invalid"),
        ("redirect_uri", "https://evil.example/callback", "request_malformed"),
        ("redirect_uri", "http://127.0.0.1:80@evil.example/callback", "request_malformed"),
        ("redirect_uri", "http://localhost:80/callback", "request_malformed"),
        (
            "redirect_uri",
            "http://127.0.0.1:80/callback?next=https://evil.example",
            "request_malformed",
        ),
        ("redirect_uri", "javascript:alert(1)", "request_malformed"),
        ("redirect_uri", "//evil.example", "request_malformed"),
    ] {
        let mut wish = Device::wish();
        wish.insert(name, value.to_owned());
        device.post("/staff/par", &wish).await.refused(400, code);
    }
    for name in Device::wish().keys() {
        let mut wish = Device::wish();
        wish.remove(name);
        device.post("/staff/par", &wish).await.refused(400, "request_malformed");
    }
    for (name, value) in [
        ("scope", "openid".to_owned()),
        ("prompt", "consent".to_owned()),
        ("max_age", "3600".to_owned()),
        ("resource", format!("{}/", world.sandbox.issuer())),
        ("dpop_jkt", device.key.jkt()),
        ("response_mode", "query".to_owned()),
        ("redirect_uri", "jp.kaigotap.app:/callback".to_owned()),
        ("redirect_uri", "http://[::1]:1/callback".to_owned()),
        ("something_new", "x".to_owned()),
    ] {
        device.push_with(|wish| drop(wish.insert(name, value))).await;
    }
}

#[tokio::test]
async fn a_servers_own_redirect_is_exactly_that() {
    let redirect = "https://isv.example/signed-in";
    let config = Config { staff_redirects: vec![redirect.to_owned()], ..Config::default() };
    let world = World::with(config).await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    let address = device.push_with(|wish| drop(wish.insert("redirect_uri", redirect.into()))).await;
    let page = browser.open(&address).await;
    assert!(page.header("content-security-policy").contains(" https://isv.example;"));
    browser.sign_in(&page, "nurse-01", "sandbox-nurse-01").await.sent_to(redirect);
}

#[tokio::test]
async fn nothing_but_what_was_pushed_opens_the_page() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    let good = device.push().await;
    let request_uri = good.rsplit_once("request_uri=").unwrap().1;
    let plain = encoded(&Device::wish());
    for address in [
        "/staff/authorize".to_owned(),
        format!("/staff/authorize?client_id={}&{plain}", device.id),
        format!("/staff/authorize?request_uri={request_uri}"),
        format!("/staff/authorize?client_id=another&request_uri={request_uri}"),
        format!("{good}&client_id=another"),
        format!("{good}&request_uri=urn%3Ax"),
        address(&device.id, "urn:ietf:params:oauth:request_uri:x"),
        address(&device.id, "https://evil.example/request"),
        address("' OR 1=1 --", "' OR 1=1 --"),
        address(&"x".repeat(5000), "x"),
    ] {
        browser.open(&address).await.stays(400);
    }
    // What comes beside it changes nothing.
    let more = format!("{good}&redirect_uri=https%3A%2F%2Fevil.example&state=other&prompt=none");
    let page = browser.open(&more).await;
    page.stays(200);
    let sent = browser.sign_in(&page, "nurse-01", "sandbox-nurse-01").await.sent_to(REDIRECT);
    assert_eq!(sent["state"], "the state");
}

#[tokio::test]
async fn what_was_pushed_gives_one_code_and_ends() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    let address = device.push().await;
    // It may be opened twice, as browsers do, also by somebody else; but used once.
    let page = browser.open(&address).await;
    let stranger = Browser::of(&world);
    let strange = stranger.open(&address).await;
    browser.sign_in(&page, "nurse-01", "sandbox-nurse-01").await.sent_to(REDIRECT);
    browser.open(&address).await.stays(400);
    stranger.sign_in(&strange, "nurse-02", "sandbox-nurse-02").await.stays(400);
    // Unused, it ends after five minutes.
    let address = device.push().await;
    let page = Browser::of(&world).open(&address).await;
    page.stays(200);
    world.wait(301);
    Browser::of(&world).open(&address).await.stays(400);
}

#[tokio::test]
async fn a_push_needs_a_fresh_proof_and_shows_it_once() {
    let world = World::new().await;
    let device = world.device().await;
    device.push().await;
    let send = async |proof: Option<&str>| {
        let mut form = Device::wish();
        device.authenticated(&mut form);
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(proof.map(|proof| ("dpop", proof)));
        world.call("POST", "/staff/par", &headers, encoded(&form)).await
    };
    send(None).await.refused(400, "dpop_proof_invalid");
    let proof = device.proof("POST", "/staff/par", None);
    assert_eq!(send(Some(&proof)).await.status, 201);
    send(Some(&proof)).await.refused(400, "dpop_proof_invalid");
    for wrong in [
        device.proof("GET", "/staff/par", None),
        device.proof("POST", "/staff/token", None),
        device.key.sign(&json!({ "alg": "none", "typ": "dpop+jwt" }), &json!({ "jti": random() })),
    ] {
        send(Some(&wrong)).await.refused(400, "dpop_proof_invalid");
    }
}
