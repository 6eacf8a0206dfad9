//! The page, and pages of others that would like to be it.

use crate::support::{Browser, REDIRECT, World, fields};

#[tokio::test]
async fn a_page_is_in_the_readers_language_and_brings_everything_with_it() {
    let world = World::new().await;
    let device = world.device().await;
    for (language, title) in [("ja", "職員ログイン"), ("en-GB,en;q=0.5", "Staff sign-in")] {
        let browser = Browser { language, ..Browser::of(&world) };
        let page = browser.open(&device.push().await).await;
        let text = &page.text;
        assert!(text.contains(&format!("<h1>{title}</h1>")), "{text}");
        assert!(text.contains(&format!("<html lang=\"{}\">", &language[..2])));
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        // The form ends at the device's address, and nowhere else.
        assert!(policy.contains("; form-action 'self' http://127.0.0.1:49152;"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("content-type", "text/html; charset=utf-8"),
        ] {
            assert_eq!(page.header(name), value);
        }
        for outside in ["<script", "<link", "<img", "url(", "http://", "https://", "style=\""] {
            assert!(!text.contains(outside), "{outside}");
        }
        // Every field has a label, and what password managers want to know.
        for field in ["staff_id", "password"] {
            assert!(text.contains(&format!("<label for=\"{field}\">")));
        }
        assert!(text.contains("autocomplete=\"username\""));
        assert!(text.contains("autocomplete=\"current-password\""));
        let wrong = browser.sign_in(&page, "nurse-01", "x").await;
        assert!(wrong.text.contains("role=\"alert\"") && wrong.text.contains("aria-describedby"));
        assert_eq!(fields(&wrong)["staff_id"], "nurse-01");
        assert!(!fields(&wrong)["password"].contains('x'));
    }
    // The client knows its nurse's language better than the browser does.
    let browser = Browser { language: "en", ..Browser::of(&world) };
    let address = device.push_with(|wish| drop(wish.insert("ui_locales", "ja-JP en".into()))).await;
    assert!(browser.open(&address).await.text.contains("職員ログイン"));
    let hint = "nurse-01\"><b>";
    let address = device.push_with(|wish| drop(wish.insert("login_hint", hint.into()))).await;
    let page = browser.open(&address).await;
    assert!(fields(&page)["staff_id"].starts_with("nurse-01\"") && !page.text.contains("<b>"));
}

#[tokio::test]
async fn a_form_of_another_page_is_not_ours() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    let page = browser.open(&device.push().await).await;
    let mut right = fields(&page);
    right.insert("staff_id".into(), "nurse-01".into());
    right.insert("password".into(), "sandbox-nurse-01".into());
    let body = |form: &std::collections::BTreeMap<String, String>| {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
    };
    let form = ("content-type", "application/x-www-form-urlencoded");
    // Sent from elsewhere, or without saying from where.
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1", ""] {
        let headers = [form, ("origin", origin)];
        browser.send("POST", "/staff/login", &headers, body(&right)).await.stays(400);
    }
    // Another browser's, another request's, and none at all.
    Browser::of(&world).submit(&right).await.stays(400);
    let other = Browser::of(&world);
    other.open(&device.push().await).await;
    other.submit(&right).await.stays(400);
    for wrong in [fields(&browser.open(&device.push().await).await)["form"].clone(), String::new()]
    {
        let mut wrongly = right.clone();
        wrongly.insert("form".into(), wrong);
        browser.submit(&wrongly).await.stays(400);
    }
    // As JSON, or by GET.
    let headers = [("content-type", "text/plain")];
    browser.send("POST", "/staff/login", &headers, body(&right)).await.stays(400);
    let answer = browser.open(&format!("/staff/login?{}", body(&right))).await;
    answer.refused(405, "request_malformed");
    // Twice the same field.
    let twice = format!("{}&staff_id=nurse-02", body(&right));
    browser.send("POST", "/staff/login", &[form], twice).await.stays(400);
    // The very same form, from our page, signs in.
    browser.submit(&right).await.sent_to(REDIRECT);
    // And that was that.
    browser.submit(&right).await.stays(400);
}

#[tokio::test]
async fn a_cookie_that_somebody_put_there_is_none() {
    let world = World::new().await;
    let device = world.device().await;
    let browser = Browser::of(&world);
    device.code(&browser, "nurse-01").await;
    let cookie = browser.cookie("kaigotap-staff").unwrap();
    for cookies in [
        format!("kaigotap-staff={cookie}; kaigotap-staff={cookie}"),
        "kaigotap-staff=' OR 1=1".to_owned(),
        format!("kaigotap-staff={cookie}x"),
        format!("xkaigotap-staff={cookie}"),
    ] {
        let address = device.push().await;
        world.call("GET", &address, &[("cookie", &cookies)], String::new()).await.stays(200);
    }
}
