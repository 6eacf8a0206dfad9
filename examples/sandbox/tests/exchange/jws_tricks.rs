//! Assertions that are almost of the one form. None of them may be read, and none spends the challenge.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use crate::pki::{leaf, pki};
use crate::support::{World, assert_with, base64url, header, jws};

#[tokio::test]
async fn headers_have_one_form() {
    let world = World::new().await;
    let challenge = world.challenge().await;
    let claims = world.claims(&challenge).to_string();
    let x5c = Base64::encode_string(&leaf());
    let good = header(&leaf()).to_string();
    let with = |member: &str| good.replacen('{', &format!("{{{member},"), 1);
    let set = |name: &str, value: Value| {
        let mut header = header(&leaf());
        header[name] = value;
        header.to_string()
    };
    let without = |name: &str| {
        let mut header = header(&leaf());
        header.as_object_mut().unwrap().remove(name);
        header.to_string()
    };
    let headers = [
        set("alg", json!("none")),
        set("alg", json!("None")),
        set("alg", json!("HS256")),
        set("alg", json!("PS256")),
        set("alg", json!("rs256")),
        set("alg", json!("RS512")),
        set("alg", json!(null)),
        set("typ", json!("JWT")),
        set("typ", json!("kaigo-tap-evidence+jwt")),
        set("x5c", json!([x5c, x5c])),
        set("x5c", json!([])),
        set("x5c", json!(x5c)),
        set("x5c", json!([base64url(&leaf())])),
        set("x5c", json!([x5c.trim_end_matches('=').to_owned() + "===="])),
        set("x5c", json!([format!("{} {}", &x5c[..64], &x5c[64..])])),
        set("x5c", json!([format!("{}\n{}", &x5c[..64], &x5c[64..])])),
        without("alg"),
        without("typ"),
        without("x5c"),
        with(r#""crit":["b64"]"#),
        with(r#""crit":[]"#),
        with(r#""b64":true"#),
        with(r#""kid":"x""#),
        with(r#""jku":"http://127.0.0.1/""#),
        with(r#""x5u":"http://127.0.0.1/""#),
        with(r#""jwk":{"kty":"RSA"}"#),
        with(r#""alg":"RS256""#),
        with(r#""alg":"none""#),
        with("\"\\u0061lg\":\"none\""),
        with(&format!(r#""x5c":["{x5c}"]"#)),
        format!(r#"["RS256","kaigo-card-assertion+jwt",["{x5c}"]]"#),
        format!("{good}{{}}"),
        format!("{good}\0"),
        format!("\u{feff}{good}"),
        String::new(),
        "null".into(),
    ];
    for header in headers {
        let answer = world.exchange(&jws(&header, &claims, &pki().holder)).await;
        assert_eq!(answer.json["kaigo_error"], "assertion_malformed", "{header}");
    }
    // JSON may hold blanks; that is no trick.
    let blanks = good.replace(',', " ,\n ");
    assert_eq!(world.exchange(&jws(&blanks, &claims, &pki().holder)).await.status, 200);
}

#[tokio::test]
async fn payloads_have_one_form() {
    let world = World::new().await;
    let challenge = world.challenge().await;
    let good = world.claims(&challenge);
    let mut payloads: Vec<String> = Vec::new();
    for name in good.as_object().unwrap().keys() {
        let mut less = good.clone();
        less.as_object_mut().unwrap().remove(name);
        payloads.push(less.to_string());
        let mut other = good.clone();
        other[name] = json!({ "a": 1 });
        payloads.push(other.to_string());
        let twice = format!("{{\"{name}\":{},", good[name]);
        payloads.push(good.to_string().replacen('{', &twice, 1));
    }
    let set = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims.to_string()
    };
    payloads.extend([
        set("sub", json!("x")),
        set("iat", json!(1.5)),
        set("iat", json!("1")),
        set("iat", json!(1e9)),
        set("jti", json!("1")),
        set("chl", json!("AAAA")),
        set("chl", json!(format!("{}=", good["chl"].as_str().unwrap()))),
        set("vsl", json!(["match", "printed_photo"])),
        set("vsl", json!({ "r": "match", "b": "printed_photo", "c": 1 })),
        set("pur", json!([["view"]])),
        set("sdk", json!("x")),
        set("sdk", json!(format!("/{}", "x".repeat(64)))),
        "[]".into(),
        "{".repeat(3000),
    ]);
    for payload in payloads {
        let answer =
            world.exchange(&jws(&header(&leaf()).to_string(), &payload, &pki().holder)).await;
        assert_eq!(answer.json["kaigo_error"], "assertion_malformed", "{payload}");
    }
    assert_eq!(world.exchange(&assert_with(&leaf(), &good)).await.status, 200);
}

#[tokio::test]
async fn the_compact_form_is_the_only_one() {
    let world = World::new().await;
    let good = world.assertion().await;
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let json_form = json!({ "protected": head, "payload": body, "signature": signature });
    let swapped = |text: &str| {
        let bytes = Base64UrlUnpadded::decode_vec(text).unwrap();
        Base64::encode_string(&bytes)
    };
    // 256 bytes leave four unused bits in the last of 342 characters.
    let last = signature.chars().next_back().unwrap();
    let bent = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = bent.chars().nth(bent.find(last).unwrap() + 1).unwrap();
    let forms = [
        String::new(),
        "..".into(),
        format!("{head}.{body}"),
        format!("{head}.{body}."),
        format!("{head}..{signature}"),
        format!(".{body}.{signature}"),
        format!("{good}."),
        format!("{good}.{signature}"),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{head}.\r\n{body}.{signature}"),
        format!("{good}=="),
        format!("{head}=.{body}.{signature}"),
        format!("{head}.{body}.{}", swapped(signature)),
        format!("{head}.{body}.{}{next}", &signature[..341]),
        json_form.to_string(),
        format!("{}.{body}.{signature}", "A".repeat(20_000)),
    ];
    for form in &forms {
        let answer = world.exchange(form).await;
        assert_eq!(answer.json["kaigo_error"], "assertion_malformed", "{form}");
    }
    assert_eq!(world.exchange(&good).await.status, 200);
}
