//! A client that nobody here wrote: `tests/foreign/client.js`, run by Node.js against this sandbox.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64ct::{Base64UrlUnpadded, Encoding};
use kaigotap_sandbox::{Rates, RegisteredClient, STAFF_ID};
use serde_json::{Value, json};

use crate::phone::{JSON, Phone};
use crate::pki::leaf;
use crate::support::{UUID, World, assert_with, payload};

/// Its key with the private part, as another program takes it (RFC 7518 §6.2.2).
fn private_jwk(phone: &Phone) -> Value {
    // PKCS#8 as ring writes it: the private key comes before the public one, 32 bytes after this head (RFC 5915 §3).
    const HEAD: [u8; 7] = [0x30, 0x6B, 0x02, 0x01, 0x01, 0x04, 0x20];
    let at = phone.pkcs8.windows(HEAD.len()).position(|window| window == HEAD).unwrap();
    let private = &phone.pkcs8[at + HEAD.len()..][..32];
    let mut jwk = phone.jwk();
    jwk["d"] = Base64UrlUnpadded::encode_string(private).into();
    jwk
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Node.js and what `npm ci` lays in the folder that KAIGOTAP_FOREIGN names: cargo xtask foreign"]
async fn oauth4webapi_gets_uses_and_ends_tokens() {
    let (phone, server) = (Phone::new(), Phone::new());
    let isv = RegisteredClient {
        id: "isv".to_owned(),
        jwk: server.jwk(),
        scopes: vec!["care:read".to_owned()],
        certificate: None,
    };
    let world = World::with(|config| config.clients = vec![isv]).await;
    let enrolled = world.sandbox.enrol(STAFF_ID, &phone.jwk()).await.unwrap();
    let asked = world.challenge_request_of("card_pin").await.to_string();
    let token = Some(enrolled.staff_token.as_str());
    let answer = world.prove(&phone, ("POST", "/v1/challenges"), token, (JSON, &asked)).await;
    let challenge = answer.json["challenges"][0]["challenge"].as_str().expect("a challenge");
    let mut claims = world.claims(challenge);
    claims["cnf"] = json!({ "jkt": phone.jkt() });
    claims["vis"] = UUID.into();
    let then = payload(challenge)["iat"].as_i64().unwrap();
    (claims["iat"], claims["exp"]) = (then.into(), (then + 120).into());
    let told = json!({
        "issuer": world.sandbox.issuer(),
        "device": { "id": enrolled.device_id, "jwk": private_jwk(&phone) },
        "server": { "id": "isv", "jwk": private_jwk(&server) },
        "staff_token": enrolled.staff_token,
        "assertion": assert_with(&leaf(), &claims),
        "insured_number": "0001234567",
    });

    let folder = PathBuf::from(std::env::var_os("KAIGOTAP_FOREIGN").expect("cargo xtask foreign"));
    let client = tokio::task::spawn_blocking(move || {
        let mut process = Command::new("node")
            .arg(folder.join("client.js"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(told.to_string().as_bytes()).unwrap();
        process.wait_with_output().unwrap()
    });
    let limit = std::time::Duration::from_mins(2);
    let output = tokio::time::timeout(limit, client).await.expect("in time").unwrap();
    print!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Schemathesis in the folder that KAIGOTAP_SCHEMATHESIS names: cargo xtask foreign"]
async fn schemathesis_finds_no_answer_that_the_document_does_not_know() {
    let folder = PathBuf::from(std::env::var_os("KAIGOTAP_SCHEMATHESIS").expect("its folder"));
    let phone = Phone::new();
    // As many requests as it can make.
    let rates = Rates { address: None, device: None };
    let world = World::with(|config| config.rates = rates).await;
    let enrolled = world.sandbox.enrol(STAFF_ID, &phone.jwk()).await.unwrap();
    let told = json!({
        "issuer": world.sandbox.issuer(),
        "device": { "id": enrolled.device_id, "jwk": private_jwk(&phone) },
        "staff_token": enrolled.staff_token,
    });
    let document = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let mut command = Command::new(folder.join("environment/bin/st"));
    command.current_dir(&folder).env("PYTHONPATH", &folder);
    command.env("SCHEMATHESIS_HOOKS", "hooks").env("KAIGOTAP_DEVICE", told.to_string());
    command.arg("run").arg(document).args(["--url", world.sandbox.url(), "--max-time", "60"]);
    command.args(["--seed", "20261128", "--generation-database", "none", "--no-color"]);
    // What the document allows is refused all the same, if no card has signed it; and proofs are added to what lacks them.
    let besides = "positive_data_acceptance,missing_required_header,ignored_auth";
    command.args(["--exclude-checks", besides, "--request-timeout", "20"]);
    let status = tokio::task::spawn_blocking(move || command.status()).await.unwrap().unwrap();
    assert!(status.success());
}
