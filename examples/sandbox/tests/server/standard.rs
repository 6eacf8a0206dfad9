//! The functions in the shape of the national standard 1.0, where certificates are asked for.

use kaigotap_sandbox::{ClientCertificates, STAFF_ID, sandbox_password};
use serde_json::{Value, json};

use crate::bound::{Phone, enrolled_where, sent};
use crate::openssl::{Client, Scene, client, material};

async fn ask(
    scene: &Scene,
    certificate: Option<&Client>,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> (u16, Value) {
    let body = body.to_string();
    let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
    let request = format!(
        "POST /standard/1.0/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        bearer.unwrap_or_default(),
        body.len()
    );
    let said = sent(scene, certificate, &request).await;
    let (head, body) = said.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{said}"));
    (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn nobody_signs_in_without_a_certificate_of_their_facility_and_a_token_stays_with_it() {
    let mut material = material();
    material.tls.client_certificates = ClientCertificates::Required;
    let authority = material.facility_authority.clone();
    let scene = Scene::with(material, |config| config.facility_authority = Some(authority)).await;
    let own = enrolled_where(&scene, &Phone::new(), "required").await;
    let other = enrolled_where(&scene, &Phone::new(), "required").await;
    let stranger = client(&scene.material);
    let mut login = json!({ "user_id": STAFF_ID, "password": sandbox_password(STAFF_ID) });
    for certificate in [None, Some(&stranger)] {
        let (status, said) = ask(&scene, certificate, "login", None, &login).await;
        assert_eq!((status, &said["error"]["code"]), (401, &json!("not_signed_in")), "{said}");
    }
    // Nor does whoever works elsewhere.
    let elsewhere = json!({ "user_id": "nurse-11", "password": sandbox_password("nurse-11") });
    assert_eq!(ask(&scene, Some(&own), "login", None, &elsewhere).await.0, 401);
    assert_eq!(ask(&scene, Some(&own), "login", None, &login).await.0, 200);
    login["one_time_code"] = scene.sandbox.one_time_code(STAFF_ID).await.unwrap().into();
    let (status, said) = ask(&scene, Some(&own), "login", None, &login).await;
    assert_eq!(status, 200, "{said}");
    let access = said["data"]["access_token"].as_str().unwrap();
    let refresh = json!({ "refresh_token": said["data"]["refresh_token"] });
    for certificate in [None, Some(&other)] {
        assert_eq!(ask(&scene, certificate, "users", Some(access), &json!({})).await.0, 401);
        assert_eq!(ask(&scene, certificate, "refresh", None, &refresh).await.0, 401);
    }
    let (status, said) = ask(&scene, Some(&own), "users", Some(access), &json!({})).await;
    assert_eq!((status, &said["data"]["users"]), (200, &json!([])), "{said}");
    assert_eq!(ask(&scene, Some(&own), "refresh", None, &refresh).await.0, 200);
}
