//! Guessing.

use kaigotap_sandbox::{FACILITY_ID, Failure, NewStaff};

use crate::support::{Browser, REDIRECT, World, fields, part};

/// The page without what is random in it, or was typed.
fn stripped(page: &crate::support::Answer, typed: &str) -> String {
    let (_, main) = page.text.split_once("<main>").unwrap();
    let mut text = main.replace(typed, "…");
    for (name, value) in fields(page) {
        if matches!(name.as_str(), "form" | "request_uri") {
            text = text.replace(&value, "…");
        }
    }
    text
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_answered_the_same() {
    let world = World::new().await;
    let device = world.device().await;
    let mut pages = Vec::new();
    for id in ["nurse-01", "nobody-7"] {
        let browser = Browser::of(&world);
        let page = browser.open(&device.push().await).await;
        let wrong = browser.sign_in(&page, id, "wrong").await;
        wrong.stays(403);
        let mut again = wrong;
        for _ in 0..4 {
            again = browser.sign_in(&again, id, "wrong").await;
            again.stays(403);
        }
        let limited = browser.sign_in(&again, id, &format!("sandbox-{id}")).await;
        limited.stays(429);
        assert!((59..=60).contains(&limited.header("retry-after").parse::<i64>().unwrap()));
        let seconds = limited.header("retry-after").to_owned();
        pages.push((
            stripped(&again, id),
            stripped(&limited, id).replace(&format!(" {seconds} "), "…"),
        ));
        assert_eq!(browser.cookie("kaigotap-staff"), None);
    }
    assert_eq!(pages[0], pages[1]);
    // After a minute it may be tried once more, and the right one is right.
    world.wait(60);
    let browser = Browser::of(&world);
    let page = browser.open(&device.push().await).await;
    browser.sign_in(&page, "nurse-01", "sandbox-nurse-01").await.sent_to(REDIRECT);
}

#[tokio::test]
async fn whatever_is_typed_stays_text() {
    let world = World::new().await;
    let device = world.device().await;
    let long = "x".repeat(20_000);
    for typed in [
        "' OR '1'='1' --",
        "nurse-01'; DROP TABLE staff_member; --",
        "\"><script>alert(1)</script>",
        "nurse-01\r\nSet-Cookie: a=b",
        "看護師",
        "%00",
        "",
        &long,
    ] {
        let browser = Browser::of(&world);
        let page = browser.open(&device.push().await).await;
        let answer = browser.sign_in(&page, typed, "sandbox-nurse-01").await;
        answer.stays(403);
        assert!(!answer.text.contains("<script"), "{typed:.20}");
        assert!(!answer.headers.contains_key("set-cookie"));
        let answer = browser.sign_in(&answer, "nurse-02", typed).await;
        assert!(matches!(answer.status, 403 | 429), "{typed:.20}");
    }
    let browser = Browser::of(&world);
    let page = browser.open(&device.push().await).await;
    browser.sign_in(&page, "nurse-01\0", "sandbox-nurse-01").await.stays(403);
    // The right one is still right.
    let page = browser.open(&device.push().await).await;
    browser.sign_in(&page, "nurse-01", "sandbox-nurse-01").await.sent_to(REDIRECT);
}

#[tokio::test]
async fn somebody_new_signs_in_with_a_password_of_their_own() {
    let world = World::new().await;
    let someone = |id: &str, facility: &str, password: &str| NewStaff {
        id: id.to_owned(),
        facility_id: facility.to_owned(),
        name: "看護 新".to_owned(),
        keeps_devices: false,
        password: password.to_owned(),
    };
    world.sandbox.hire(someone("new-01", FACILITY_ID, "a long password")).await.unwrap();
    for impossible in [
        someone("new-01", FACILITY_ID, "another password"),
        someone("nurse-01", FACILITY_ID, "another password"),
        someone("new-02", "1379999999", "another password"),
        someone("new-03", FACILITY_ID, "short"),
        someone("new 04", FACILITY_ID, "another password"),
    ] {
        let hired = world.sandbox.hire(impossible).await;
        assert!(matches!(hired, Err(Failure::NewStaff)), "{hired:?}");
    }

    let device = world.device().await;
    let browser = Browser::of(&world);
    let page = browser.open(&device.push().await).await;
    browser.sign_in(&page, "new-01", "another password").await.stays(403);
    let page = browser.open(&device.push().await).await;
    let sent = browser.sign_in(&page, "new-01", "a long password").await.sent_to(REDIRECT);
    let tokens = device.redeem(&sent["code"]).await.json();
    let claims = part(tokens["access_token"].as_str().unwrap(), 1);
    assert_eq!((&claims["sub"], &claims["role"]), (&"new-01".into(), &"nurse".into()));
}
