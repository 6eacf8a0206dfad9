//! Clients: how they say who they are, what a server gets for itself, and what becomes of tokens.

use base64ct::{Base64UrlUnpadded, Encoding};
use kaigotap_sandbox::{AuditLog, Config, Database, KeyBook, RegisteredClient, Sandbox};
use rsa::pss::BlindedSigningKey;
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::device::Device;
use crate::phone::{NOTHING, Phone, statement};
use crate::pki::{leaf, pki};
use crate::support::{Answer, World, assert_with, base64url, payload};

const FORM: &str = "application/x-www-form-urlencoded";
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn encoded(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

fn server(id: &str, jwk: Value) -> RegisteredClient {
    RegisteredClient {
        id: id.to_owned(),
        jwk,
        scopes: vec!["care:read".to_owned(), "care:list".to_owned()],
        certificate: None,
    }
}

async fn world(phone: &Phone) -> World {
    World::with(|config| config.clients = vec![server("isv", phone.jwk())]).await
}

/// Asks for a token of the server's own with this assertion.
async fn own(world: &World, phone: &Phone, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", "isv"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    form.extend(more);
    world.prove(phone, ("POST", "/v1/token"), None, (FORM, &encoded(&form))).await
}

#[tokio::test]
async fn a_server_gets_a_token_of_its_own_bound_to_its_key() {
    let phone = Phone::new();
    let world = world(&phone).await;
    let me = || phone.client_assertion("isv", world.sandbox.issuer());
    // The first answer gives the nonce; until then nothing is used up.
    own(&world, &phone, "x", &[]).await.refused(401, "client_unknown");
    let answer = own(&world, &phone, &me(), &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(
        (&answer.json["token_type"], &answer.json["expires_in"]),
        (&json!("DPoP"), &json!(900))
    );
    assert_eq!(answer.json["scope"], "care:read care:list");
    let token = answer.access_token().to_owned();
    let said = payload(&token);
    assert_eq!((&said["sub"], &said["client_id"]), (&json!("isv"), &json!("isv")));
    assert_eq!(said["cnf"], json!({ "jkt": phone.jkt() }));
    assert!(said.get("kaigo").is_none() && said.get("act").is_none());

    let narrow = own(&world, &phone, &me(), &[("scope", "care:list")]).await;
    assert_eq!(narrow.json["scope"], "care:list");
    for (more, error) in [
        (("scope", "qualification:read"), "invalid_scope"),
        (("scope", ""), "invalid_scope"),
        (("resource", "https://elsewhere.example/"), "invalid_target"),
    ] {
        let answer = own(&world, &phone, &me(), &[more]).await;
        assert_eq!((answer.status, &answer.json["error"]), (400, &json!(error)));
    }

    let shown = async |phone: &Phone| {
        world.prove(phone, ("GET", "/v1/client"), Some(&token), NOTHING).await
    };
    assert_eq!(shown(&phone).await.json["client_id"], "isv");
    shown(&Phone::new()).await.refused(401, "token_invalid");
    let person = world.prove(&phone, ("GET", "/v1/qualification"), Some(&token), NOTHING).await;
    person.refused(401, "token_invalid");
    let bearer = format!("Bearer {token}");
    let answer =
        world.call("GET", "/v1/client", &[("authorization", &bearer)], String::new()).await;
    answer.unwrap().refused(401, "token_invalid");
    // A device is no server.
    let device = Device::new(&world).await;
    let form = [("grant_type", "client_credentials".to_owned())];
    device.send_form(&world, &form).await.refused(400, "request_malformed");
}

#[tokio::test]
async fn a_client_says_who_it_is_in_one_form_and_once() {
    let phone = Phone::new();
    let world = world(&phone).await;
    let issuer = world.sandbox.issuer();
    let header = json!({ "alg": "ES256", "typ": "JWT" });
    let good = || statement("isv", issuer);
    let now = crate::pki::now();
    let mut bad: Vec<(String, String)> = Vec::new();
    let mut add = |what: String, header: &Value, claims: &str| {
        bad.push((what, phone.sign_text(&header.to_string(), claims)));
    };
    for name in ["iss", "sub", "aud", "jti", "iat", "exp"] {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);
        add(format!("without {name}"), &header, &claims.to_string());
        let twice = good().to_string().replacen('{', &format!("{{\"{name}\":{},", good()[name]), 1);
        add(format!("twice {name}"), &header, &twice);
    }
    for (name, value) in [
        ("iss", json!("another")),
        ("sub", json!("another")),
        ("aud", json!([issuer])),
        ("aud", json!(format!("{issuer}/v1/token"))),
        ("aud", json!(format!("{issuer}/staff"))),
        ("aud", json!(format!("{issuer}/"))),
        ("exp", json!(now - 1)),
        ("exp", json!(now + 400)),
        ("iat", json!(now + 90)),
        ("nbf", json!(now + 90)),
        ("iat", json!(now - 3600)),
        ("iat", json!(1.5)),
        ("iat", json!(u64::MAX)),
        ("jti", json!("")),
        ("jti", json!("x".repeat(129))),
    ] {
        let mut claims = good();
        claims[name] = value;
        add(format!("{name} {}", claims[name]), &header, &claims.to_string());
    }
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("PS256")),
        ("alg", json!("RS256")),
        ("typ", json!("at+jwt")),
        ("typ", json!("dpop+jwt")),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
        ("jwk", phone.jwk()),
        ("x5c", json!([])),
    ] {
        let mut header = header.clone();
        header[name] = value;
        add(format!("{name} {}", header[name]), &header, &good().to_string());
    }
    add("a list".to_owned(), &header, "[]");
    add("trailing bytes".to_owned(), &header, &format!("{}{{}}", good()));
    let right = phone.sign(&header, &good());
    let (signed, signature) = right.rsplit_once('.').unwrap();
    bad.push(("another's".into(), Phone::new().sign(&header, &good())));
    bad.push(("no signature".into(), format!("{signed}.")));
    bad.push(("padding".into(), format!("{right}=")));
    bad.push(("JSON".into(), json!({ "payload": signed, "signature": signature }).to_string()));
    for (what, assertion) in &bad {
        let answer = own(&world, &phone, assertion, &[]).await;
        assert_eq!(answer.json["kaigo_error"], "client_unknown", "{what}");
        answer.refused(401, "client_unknown");
        assert_eq!(answer.json["error"], "invalid_client");
    }
    // Not one of them used up what is right; and that is good once.
    assert_eq!(own(&world, &phone, &right, &[]).await.status, 200);
    own(&world, &phone, &right, &[]).await.refused(401, "client_unknown");
    // As others write it.
    for header in [
        json!({ "alg": "ES256" }),
        json!({ "alg": "ES256", "typ": "jwt", "kid": "1" }),
        json!({ "alg": "ES256", "typ": "client-authentication+jwt" }),
    ] {
        let mut claims = good();
        claims["nbf"] = (now - 5).into();
        claims["more"] = json!({});
        let answer = own(&world, &phone, &phone.sign(&header, &claims), &[]).await;
        assert_eq!(answer.status, 200, "{header}");
    }
    for form in [
        vec![("client_id", "isv")],
        vec![],
        vec![("client_id", "isv"), ("client_secret", "secret")],
        vec![("client_id", "isv"), ("client_assertion_type", "other"), ("client_assertion", "x")],
        vec![("client_id", "' OR ''='")],
    ] {
        let form = [vec![("grant_type", "client_credentials")], form].concat();
        let answer =
            world.prove(&phone, ("POST", "/v1/token"), None, (FORM, &encoded(&form))).await;
        answer.refused(401, "client_unknown");
    }
}

#[tokio::test]
async fn a_server_may_have_an_rsa_key_and_sign_with_pss() {
    let rsa = &pki().other_ca;
    let public = rsa.to_public_key();
    let jwk = json!({ "kty": "RSA", "n": base64url(&public.n().to_bytes_be()), "e": "AQAB" });
    let world = World::with(|config| config.clients = vec![server("isv", jwk)]).await;
    let phone = Phone::new();
    let claims = statement("isv", world.sandbox.issuer()).to_string();
    let part = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let signed = format!("{}.{}", part(r#"{"alg":"PS256"}"#), part(&claims));
    let key = BlindedSigningKey::<Sha256>::new(rsa.clone());
    let signature = key.sign_with_rng(&mut rsa::rand_core::OsRng, signed.as_bytes());
    let good = format!("{signed}.{}", base64url(&signature.to_bytes()));
    let pkcs1 = crate::support::jws(r#"{"alg":"RS256"}"#, &claims, rsa);
    own(&world, &phone, &pkcs1, &[]).await.refused(401, "client_unknown");
    assert_eq!(own(&world, &phone, &good, &[]).await.status, 200);
}

/// A token for an entitlement, got with a card at this device.
async fn with_card(world: &World, device: &Device) -> Answer {
    let challenge = device.challenge(world, "card_pin", None).await;
    let assertion = assert_with(&leaf(), &device.claims(world, &challenge));
    device.exchange(world, "card-assertion", &assertion, "qualification:read").await
}

async fn asked(world: &World, device: &Device, path: &str, token: &str) -> Answer {
    let assertion =
        device.client_assertion(world.sandbox.issuer(), crate::pki::now().try_into().unwrap());
    let form = [
        ("client_id", &*device.id),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &*assertion),
        ("token", token),
    ];
    world.call("POST", path, &[("content-type", FORM)], encoded(&form)).await.unwrap()
}

async fn asked_by_server(world: &World, phone: &Phone, token: &str) -> Answer {
    let assertion = phone.client_assertion("isv", world.sandbox.issuer());
    let form = [
        ("client_id", "isv"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &*assertion),
        ("token", token),
    ];
    let headers = [("content-type", FORM)];
    world.call("POST", "/v1/introspect", &headers, encoded(&form)).await.unwrap()
}

#[tokio::test]
async fn a_token_is_known_until_it_is_revoked() {
    let phone = Phone::new();
    let world = world(&phone).await;
    let (device, other) = (Device::new(&world).await, Device::new(&world).await);
    let answer = with_card(&world, &device).await;
    let token = answer.access_token().to_owned();

    let told = asked_by_server(&world, &phone, &token).await;
    assert_eq!((told.status, &told.json["active"]), (200, &json!(true)), "{}", told.json);
    let said = payload(&token);
    for name in ["iss", "aud", "sub", "client_id", "exp", "scope", "cnf", "act", "acr", "kaigo"] {
        assert_eq!(told.json[name], said[name], "{name}");
    }
    assert_eq!(told.json["token_type"], "DPoP");
    assert_eq!(asked(&world, &device, "/v1/introspect", &token).await.json["active"], true);
    // Of another's token, a device learns nothing; nor anybody of what is none.
    for token in [&*token, "x", ""] {
        let told = asked(&world, &other, "/v1/introspect", token).await;
        assert_eq!((told.status, &told.json["active"]), (200, &json!(false)));
        assert_eq!(told.json.as_object().unwrap().len(), 2);
        assert_eq!(asked(&world, &other, "/v1/revoke", token).await.status, 200);
    }
    let nobody = [("content-type", FORM)];
    let answer = world.call("POST", "/v1/introspect", &nobody, encoded(&[("token", &token)])).await;
    answer.unwrap().refused(401, "client_unknown");

    let opened = async || {
        let nothing = ("", String::new());
        device.call(&world, ("GET", "/v1/qualification"), Some(&token), nothing).await
    };
    assert_eq!(opened().await.status, 200);
    assert_eq!(asked(&world, &device, "/v1/revoke", &token).await.status, 200);
    assert_eq!(asked(&world, &device, "/v1/revoke", &token).await.status, 200);
    opened().await.refused(401, "token_invalid");
    assert_eq!(asked_by_server(&world, &phone, &token).await.json["active"], false);
}

#[tokio::test]
async fn what_a_device_has_can_be_revoked_one_by_one() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let answer = with_card(&world, &device).await;
    for (name, kind, code) in [
        ("evidence_token", "evidence", "reverify_required"),
        ("registration", "registration", "registration_expired"),
    ] {
        let token = answer.json[name].as_str().unwrap_or_else(|| panic!("{name}: {}", answer.json));
        let again = async || device.exchange(&world, kind, token, "qualification:read").await;
        assert_eq!(again().await.status, 200, "{name}");
        assert_eq!(asked(&world, &device, "/v1/revoke", token).await.status, 200);
        again().await.refused(403, code);
    }
}

#[tokio::test]
async fn nothing_of_a_killed_device_is_good_any_more() {
    let phone = Phone::new();
    let world = world(&phone).await;
    let device = Device::new(&world).await;
    let answer = with_card(&world, &device).await;
    let challenge = device.challenge(&world, "card_pin", None).await;
    let token = answer.access_token().to_owned();
    world.sandbox.kill_device(&device.id).await.unwrap();

    let revoked = "device_revoked";
    let nothing = ("", String::new());
    let opened = device.call(&world, ("GET", "/v1/qualification"), Some(&token), nothing).await;
    opened.refused(401, revoked);
    let request = world.challenge_request_of("card_pin").await;
    device.ask_challenge(&world, &request).await.refused(401, revoked);
    let assertion = assert_with(&leaf(), &device.claims(&world, &challenge));
    let scope = "qualification:read";
    for (kind, token) in [
        ("card-assertion", &*assertion),
        ("evidence", answer.json["evidence_token"].as_str().unwrap()),
        ("registration", answer.json["registration"].as_str().unwrap()),
    ] {
        device.exchange(&world, kind, token, scope).await.refused(401, revoked);
    }
    asked(&world, &device, "/v1/introspect", &token).await.refused(401, revoked);
    assert_eq!(asked_by_server(&world, &phone, &token).await.json["active"], false);
}

#[tokio::test]
async fn keys_are_rolled_while_tokens_live() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let before = with_card(&world, &device).await.access_token().to_owned();
    let pinned = world.sandbox.challenge_keys();
    assert_eq!(pinned.len(), 2);
    world.sandbox.roll_keys().await.unwrap();
    let challenge = device.challenge(&world, "card_pin", None).await;
    // The phone has known the key beforehand.
    assert_eq!(crate::support::part(&challenge, 0)["kid"], pinned[1]["kid"]);
    assert_eq!(world.sandbox.challenge_keys()[0], pinned[1]);
    let assertion = assert_with(&leaf(), &device.claims(&world, &challenge));
    let answer = device.exchange(&world, "card-assertion", &assertion, "qualification:read").await;
    let after = answer.access_token().to_owned();
    let jwks = world.call("GET", "/.well-known/jwks.json", &[], String::new()).await.unwrap();
    for token in [&before, &after] {
        let kid = &crate::support::part(token, 0)["kid"];
        let keys = jwks.json["keys"].as_array().unwrap();
        assert!(keys.iter().any(|key| key["kid"] == *kid), "{kid}");
        let nothing = ("", String::new());
        let opened = device.call(&world, ("GET", "/v1/qualification"), Some(token), nothing).await;
        assert_eq!(opened.status, 200);
    }
    assert_ne!(crate::support::part(&before, 0)["kid"], crate::support::part(&after, 0)["kid"]);
}

#[tokio::test]
async fn who_looks_after_a_sandbox_rolls_its_keys_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::File(folder.path().join("platform"));
    let start = || Sandbox::start(Config { database: database.clone(), ..Config::default() });
    let sandbox = start().await.unwrap();
    let announced = sandbox.challenge_keys()[1]["kid"].clone();
    let book = KeyBook::open(&database).await.unwrap();
    assert_ne!(book.challenge_key(), announced);
    book.roll().await.unwrap();
    assert_eq!(book.challenge_key(), announced);
    sandbox.stop().await;
    let sandbox = start().await.unwrap();
    assert_eq!(sandbox.challenge_keys()[0]["kid"], announced);
    let records = AuditLog::open(&database).await.unwrap().after(0).await.unwrap();
    assert_eq!(records.iter().filter(|record| record.what == "keys_rolled").count(), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn metadata_say_what_is_offered() {
    let world = World::new().await;
    let issuer = world.sandbox.issuer();
    let get = async |path: &str| world.call("GET", path, &[], String::new()).await.unwrap().json;
    let server = get("/.well-known/oauth-authorization-server").await;
    assert_eq!(server["issuer"], issuer);
    assert_eq!(
        server["token_endpoint_auth_methods_supported"],
        json!(["private_key_jwt", "tls_client_auth"])
    );
    assert_eq!(
        server["token_endpoint_auth_signing_alg_values_supported"],
        json!(["ES256", "PS256"])
    );
    assert_eq!(server["dpop_signing_alg_values_supported"], json!(["ES256"]));
    assert_eq!(server["tls_client_certificate_bound_access_tokens"], true);
    for grant in ["urn:ietf:params:oauth:grant-type:token-exchange", "client_credentials"] {
        let grants = server["grant_types_supported"].as_array().unwrap();
        assert!(grants.contains(&json!(grant)), "{grant}");
    }
    for name in ["token", "introspection", "revocation"] {
        let address = server[format!("{name}_endpoint")].as_str().unwrap();
        let path = address.strip_prefix(issuer).unwrap();
        let answer = world.call("POST", path, &[("content-type", FORM)], String::new()).await;
        assert!(matches!(answer.unwrap().status, 400 | 401), "{path}");
    }
    let resource = get("/.well-known/oauth-protected-resource").await;
    assert_eq!(resource["resource"], format!("{issuer}/"));
    assert_eq!(resource["authorization_servers"], json!([issuer]));
    assert_eq!(resource["dpop_bound_access_tokens_required"], true);
}
