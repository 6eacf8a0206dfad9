//! Tokens of other issuers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kaigotap_sandbox::{Config, StaffIssuer, StaffIssuerKeys};
use serde_json::{Value, json};

use crate::support::{Device, Key, World, random};

const ISSUER: &str = "https://idp.example";
const AUDIENCE: &str = "https://platform.example";

fn named(key: &Key) -> Value {
    let mut jwk = key.jwk();
    jwk["kid"] = "one".into();
    jwk["alg"] = "ES256".into();
    jwk
}

fn known(keys: StaffIssuerKeys) -> Config {
    let issuer = StaffIssuer {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        member_claim: "employee".to_owned(),
        keys,
    };
    Config { staff_issuers: vec![issuer], ..Config::default() }
}

fn header() -> Value {
    json!({ "alg": "ES256", "typ": "at+jwt", "kid": "one" })
}

fn claims(device: &Device<'_>) -> Value {
    let now = device.world.now();
    json!({ "iss": ISSUER, "aud": [AUDIENCE, "another"], "sub": "7f3a", "employee": "nurse-02",
            "client_id": device.id, "iat": now, "exp": now + 600, "jti": random(),
            "scope": "openid kaigo", "cnf": { "jkt": device.key.jkt() } })
}

#[tokio::test]
async fn a_configured_issuers_token_names_somebody_of_the_roster() {
    let key = Key::new();
    let world = World::with(known(StaffIssuerKeys::Fixed(vec![named(&key)]))).await;
    let device = world.device().await;
    let token = key.sign(&header(), &claims(&device));
    let about = device.show("GET", "/staff/userinfo", &token).await;
    assert_eq!(about.status, 200, "{}", about.text);
    assert_eq!(
        (&about.json()["sub"], &about.json()["role"]),
        (&"nurse-02".into(), &"nurse".into())
    );
    // In other hands it is worth nothing.
    let other = world.device().await;
    other.show("GET", "/staff/userinfo", &token).await.refused(401, "staff_token_invalid");

    for (member, value) in [
        ("iss", json!("https://idp.example/")),
        ("iss", json!("https://other.example")),
        ("aud", json!("another")),
        ("aud", json!([])),
        ("employee", json!("nobody")),
        ("employee", json!(7)),
        ("employee", Value::Null),
        ("employee", json!("' OR '1'='1")),
        ("employee", json!("nurse-02\0")),
        ("exp", json!(world.now() - 1)),
        ("exp", json!(world.now() + 100_000)),
        ("exp", json!(1e99)),
        ("iat", json!(world.now() + 300)),
        ("nbf", json!(world.now() + 300)),
        ("cnf", Value::Null),
        ("cnf", json!({ "jkt": "another" })),
        ("cnf", json!({ "x5t#S256": device.key.jkt() })),
    ] {
        let mut claims = claims(&device);
        claims[member] = value;
        let token = key.sign(&header(), &claims);
        let answer = device.show("GET", "/staff/userinfo", &token).await;
        answer.refused(401, "staff_token_invalid");
    }
    for (member, value) in [
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("PS256")),
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("kid", json!("two")),
        ("kid", Value::Null),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("jwk", key.jwk()),
        ("jku", json!("https://evil.example/jwks")),
    ] {
        let mut header = header();
        header[member] = value;
        let token = key.sign(&header, &claims(&device));
        let answer = device.show("GET", "/staff/userinfo", &token).await;
        answer.refused(401, "staff_token_invalid");
    }
    let forged = Key::new().sign(&header(), &claims(&device));
    device.show("GET", "/staff/userinfo", &forged).await.refused(401, "staff_token_invalid");
    // The name twice: who is meant?
    let twice = claims(&device).to_string().replacen('{', r#"{"employee":"nurse-01","#, 1);
    let token = key.sign_text(&header().to_string(), &twice);
    device.show("GET", "/staff/userinfo", &token).await.refused(401, "staff_token_invalid");
}

/// Keys at an address, and how often they were asked for.
struct Keys {
    address: String,
    asked: Arc<AtomicUsize>,
}

fn serve(answers: Vec<String>) -> Keys {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/jwks", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let n = counted.fetch_add(1, Ordering::SeqCst);
            let _ = answer(stream.unwrap(), &answers[n.min(answers.len() - 1)]);
        }
    });
    Keys { address, asked }
}

fn answer(mut stream: TcpStream, body: &str) -> std::io::Result<()> {
    let mut head = [0; 4096];
    let _ = stream.read(&mut head)?;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn keys_are_fetched_kept_and_followed_and_not_at_a_strangers_word() {
    let (first, second) = (Key::new(), Key::new());
    let mut next = named(&second);
    next["kid"] = "two".into();
    let keys = serve(vec![
        json!({ "keys": [named(&first), { "kty": "oct", "kid": "three", "k": "AAAA" }] })
            .to_string(),
        json!({ "keys": [named(&first), next] }).to_string(),
    ]);
    let world = World::with(known(StaffIssuerKeys::At(keys.address))).await;
    let device = world.device().await;
    let show = async |key: &Key, kid: &str| {
        let mut header = header();
        header["kid"] = kid.into();
        let token = key.sign(&header, &claims(&device));
        device.show("GET", "/staff/userinfo", &token).await.status
    };
    assert_eq!(show(&first, "one").await, 200);
    assert_eq!(show(&first, "one").await, 200);
    // Whoever makes names up does not have them looked for at each.
    for kid in ["two", "three", "four", "five"] {
        assert_eq!(show(&second, kid).await, 401);
    }
    assert_eq!(keys.asked.load(Ordering::SeqCst), 1);
    world.wait(61);
    assert_eq!(show(&second, "two").await, 200);
    assert_eq!(show(&first, "one").await, 200);
    assert_eq!(keys.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_issuer_that_says_nonsense_signs_nobody_in_and_holds_nobody_up() {
    for body in [
        "",
        "[]",
        "{\"keys\":7}",
        "<html>",
        &format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(100_000)),
    ] {
        let key = Key::new();
        let keys = serve(vec![body.to_owned()]);
        let world = World::with(known(StaffIssuerKeys::At(keys.address))).await;
        let device = world.device().await;
        let token = key.sign(&header(), &claims(&device));
        device.show("GET", "/staff/userinfo", &token).await.refused(401, "staff_token_invalid");
        // Its own issuer works all the same.
        device.token("nurse-01").await;
    }
}

#[tokio::test]
async fn what_cannot_be_trusted_is_not_configured() {
    let key = Key::new();
    let mut private = named(&key);
    private["d"] = "AAAA".into();
    for keys in [
        StaffIssuerKeys::Fixed(Vec::new()),
        StaffIssuerKeys::Fixed(vec![key.jwk()]),
        StaffIssuerKeys::Fixed(vec![private]),
        StaffIssuerKeys::At("http://idp.example/jwks".to_owned()),
        StaffIssuerKeys::At("file:///etc/passwd".to_owned()),
        StaffIssuerKeys::At("jwks".to_owned()),
    ] {
        let error = kaigotap_sandbox::Sandbox::start(known(keys)).await.unwrap_err();
        assert_eq!(error.code(), "staff_issuer_unusable");
    }
}
