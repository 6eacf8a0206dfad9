//! Tokens that are bound to the certificate of a connection (RFC 8705), and devices that say with theirs who they are.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use kaigotap_sandbox::{ClientCertificates, FACILITY_ID, Person, RegisteredClient, STAFF_ID};
use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::openssl::{Client, Scene, client, material};

/// A key, and the nonce that the server gave last.
pub(crate) struct Phone {
    key: KeyPair,
    nonce: Mutex<String>,
}

struct Answer {
    status: u16,
    json: Value,
}

impl Answer {
    #[track_caller]
    fn refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, &self.json["kaigo_error"]),
            (status, &json!(code)),
            "{}",
            self.json
        );
    }
}

fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn random() -> [u8; 16] {
    let mut random = [0; 16];
    SystemRandom::new().fill(&mut random).unwrap();
    random
}

fn sha256(bytes: &[u8]) -> String {
    base64url(digest(&SHA256, bytes).as_ref())
}

impl Phone {
    pub(crate) fn new() -> Self {
        Self { key: KeyPair::generate().unwrap(), nonce: Mutex::default() }
    }

    fn jwk(&self) -> Value {
        let (x, y) = self.key.der_bytes()[1..].split_at(32);
        json!({ "crv": "P-256", "kty": "EC", "x": base64url(x), "y": base64url(y) })
    }

    fn csr(&self) -> String {
        let params = CertificateParams::new(Vec::new()).unwrap();
        base64url(params.serialize_request(&self.key).unwrap().der())
    }

    fn proof(&self, method: &str, url: &str, token: Option<&str>) -> String {
        let mut claims = json!({ "jti": base64url(&random()), "htm": method, "htu": url,
                                 "iat": jiff::Timestamp::now().as_second(),
                                 "nonce": *self.nonce.lock().unwrap() });
        if let Some(token) = token {
            claims["ath"] = sha256(token.as_bytes()).into();
        }
        self.signed(&json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() }), &claims)
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let part = |json: &Value| base64url(json.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(claims));
        let (scheme, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::from_pkcs8(scheme, &self.key.serialize_der(), &random).unwrap();
        let signature = pair.sign(&random, signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64url(signature.as_ref()))
    }

    fn jkt(&self) -> String {
        // The members are in the order of RFC 7638.
        sha256(self.jwk().to_string().as_bytes())
    }

    /// The part of a form in which a client states who it is, to whoever goes by this name.
    fn client_form(&self, issuer: &str, id: &str) -> String {
        let now = jiff::Timestamp::now().as_second();
        let claims = json!({ "iss": id, "sub": id, "aud": issuer, "iat": now, "exp": now + 60,
                             "jti": base64url(&random()) });
        let assertion = self.signed(&json!({ "typ": "JWT", "alg": "ES256" }), &claims);
        let bearer = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        format!("client_id={id}&client_assertion_type={bearer}&client_assertion={assertion}")
    }

    /// Asks with a proof, over a connection with this certificate; once more with the server's nonce.
    async fn ask(
        &self,
        scene: &Scene,
        certificate: Option<&Client>,
        (method, path): (&str, &str),
        token: Option<&str>,
        (kind, body): (&str, &str),
    ) -> Answer {
        let mut answer = None;
        for _ in 0..2 {
            let proof = self.proof(method, &format!("{}{path}", scene.sandbox.issuer()), token);
            let authorization =
                token.map(|token| format!("Authorization: DPoP {token}\r\n")).unwrap_or_default();
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{authorization}\
                 DPoP: {proof}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let said = sent(scene, certificate, &request).await;
            let (head, body) = said.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{said}"));
            let nonce = head.lines().find_map(|line| line.strip_prefix("dpop-nonce: "));
            nonce.unwrap_or_default().clone_into(&mut self.nonce.lock().unwrap());
            let json: Value = serde_json::from_str(body).unwrap();
            let again = json["error"] == "use_dpop_nonce";
            answer = Some(Answer { status: head[9..12].parse().unwrap(), json });
            if !again {
                break;
            }
        }
        answer.unwrap()
    }
}

pub(crate) async fn sent(scene: &Scene, certificate: Option<&Client>, request: &str) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(scene.material.authority.clone())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match certificate {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let chain = vec![CertificateDer::from(client.certificate.clone())];
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(client.key.clone()));
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let address: SocketAddr = scene.address();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::IpAddress(address.ip().into());
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_token_opens_nothing_over_a_connection_with_another_certificate() {
    let material = material();
    let (own, other) = (client(&material), client(&material));
    let phone = Phone::new();
    let server = |id: &str, certificate: &Client| RegisteredClient {
        id: id.to_owned(),
        jwk: phone.jwk(),
        scopes: vec!["care:read".to_owned()],
        certificate: Some(certificate.certificate.clone()),
    };
    let clients = vec![server("isv", &own), server("another", &other)];
    let authority = material.facility_authority.clone();
    let scene = Scene::with(material, |config| {
        config.clients = clients;
        config.facility_authority = Some(authority);
    })
    .await;

    // The certificate says who asks (tls_client_auth), and nobody else.
    let token = ("POST", "/v1/token");
    let form = (FORM, "grant_type=client_credentials&client_id=isv");
    for certificate in [None, Some(&other)] {
        let answer = phone.ask(&scene, certificate, token, None, form).await;
        answer.refused(401, "client_unknown");
    }
    let answer = phone.ask(&scene, Some(&own), token, None, form).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let access = answer.json["access_token"].as_str().unwrap();
    let said = access.split('.').nth(1).unwrap();
    let said: Value =
        serde_json::from_slice(&Base64UrlUnpadded::decode_vec(said).unwrap()).unwrap();
    assert_eq!(said["cnf"]["x5t#S256"], sha256(&own.certificate));

    let me = ("GET", "/v1/client");
    let nothing = ("text/plain", "");
    let shown = phone.ask(&scene, Some(&own), me, Some(access), nothing).await;
    assert_eq!(shown.json["client_id"], "isv", "{}", shown.json);
    for certificate in [None, Some(&other)] {
        let answer = phone.ask(&scene, certificate, me, Some(access), nothing).await;
        answer.refused(401, "token_invalid");
    }
}

/// Enrols a device, with a certificate.
async fn enrolled(scene: &Scene, phone: &Phone) -> Client {
    enrolled_where(scene, phone, "optional").await
}

/// The same, where this is the policy.
pub(crate) async fn enrolled_where(scene: &Scene, phone: &Phone, policy: &str) -> Client {
    let code = scene.sandbox.activate(FACILITY_ID, "phone").await.unwrap().code;
    let body = json!({ "activation_code": code, "jwk": phone.jwk(), "csr": phone.csr() });
    let content = ("application/json", &*body.to_string());
    let answer = phone.ask(scene, None, ("POST", "/v1/devices"), None, content).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    assert_eq!(answer.json["policy"]["mtls"], policy);
    let leaf = answer.json["certificate_chain"][0].as_str().unwrap();
    Client { certificate: Base64::decode_vec(leaf).unwrap(), key: phone.key.serialize_der() }
}

#[tokio::test]
async fn a_device_shows_no_certificate_but_its_own() {
    let material = material();
    let authority = material.facility_authority.clone();
    let scene = Scene::with(material, |config| config.facility_authority = Some(authority)).await;
    let (phone, colleague) = (Phone::new(), Phone::new());
    let (own, other) = (enrolled(&scene, &phone).await, enrolled(&scene, &colleague).await);
    let staff = scene.sandbox.enrol(STAFF_ID, &phone.jwk()).await.unwrap().staff_token;
    let asked = async |certificate| {
        let this = ("GET", "/v1/devices/self");
        phone.ask(&scene, certificate, this, Some(&staff), ("text/plain", "")).await
    };
    assert_eq!(asked(Some(&own)).await.status, 200);
    assert_eq!(asked(None).await.status, 200);
    let answer = asked(Some(&other)).await;
    answer.refused(400, "binding_mismatch");
    assert_eq!(answer.json["field"], "certificate");
    // One that is good at the handshake, and nobody's.
    let answer = asked(Some(&client(&scene.material))).await;
    assert_eq!(answer.json["field"], "certificate");
}

#[tokio::test]
async fn a_sandbox_knows_the_certificates_of_its_own_authority() {
    let mut material = material();
    material.tls.client_authorities.clear();
    let scene = Scene::new(material).await;
    let phone = Phone::new();
    let own = enrolled(&scene, &phone).await;
    let staff = scene.sandbox.enrol(STAFF_ID, &phone.jwk()).await.unwrap().staff_token;
    let this = ("GET", "/v1/devices/self");
    let answer = phone.ask(&scene, Some(&own), this, Some(&staff), ("text/plain", "")).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
}

#[tokio::test]
async fn where_certificates_are_required_a_device_does_nothing_without_one() {
    let mut material = material();
    material.tls.client_certificates = ClientCertificates::Required;
    let authority = material.facility_authority.clone();
    let scene = Scene::with(material, |config| config.facility_authority = Some(authority)).await;
    let phone = Phone::new();
    // It has none when it enrols; nor has a browser.
    let own = enrolled_where(&scene, &phone, "required").await;
    let page = "GET /staff/.well-known/openid-configuration HTTP/1.1\r\nHost: 127.0.0.1\r\n\
                Connection: close\r\n\r\n";
    let page = sent(&scene, None, page).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");

    let staff = scene.sandbox.enrol(STAFF_ID, &phone.jwk()).await.unwrap().staff_token;
    let nothing = ("text/plain", "");
    for asked in [
        ("GET", "/v1/devices/self"),
        ("POST", "/v1/devices/self/key"),
        ("GET", "/v1/devices"),
        ("POST", "/v1/challenges"),
        ("GET", "/v1/qualification"),
    ] {
        let content = if asked.0 == "POST" { ("application/json", "{}") } else { nothing };
        let answer = phone.ask(&scene, None, asked, Some(&staff), content).await;
        answer.refused(401, "client_certificate_required");
    }
    let this = ("GET", "/v1/devices/self");
    let answer = phone.ask(&scene, Some(&own), this, Some(&staff), nothing).await;
    assert_eq!(answer.status, 200, "{}", answer.json);

    // With it, the exchange gets as far as what it exchanges; without, not.
    let form = |id: &str| {
        let client = phone.client_form(scene.sandbox.issuer(), id);
        let exchange = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange";
        let token = "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token";
        let resource = scene.sandbox.issuer().replace(':', "%3A").replace('/', "%2F");
        format!(
            "{client}&grant_type={exchange}&subject_token=x&actor_token={staff}\
             &subject_token_type=urn%3Ax-kaigo%3Atoken-type%3Acard-assertion\
             &actor_token_type={token}&requested_token_type={token}&resource={resource}%2F\
             &scope=qualification%3Aread"
        )
    };
    let id = answer.json["device_id"].as_str().unwrap().to_owned();
    let token = ("POST", "/v1/token");
    // Each sending has its own statement of the client.
    for (certificate, status, code) in
        [(None, 401, "client_certificate_required"), (Some(&own), 400, "assertion_malformed")]
    {
        phone.ask(&scene, certificate, token, None, (FORM, &form(&id))).await.refused(status, code);
    }

    // So does whatever else it asks as a client, and its nurse's end of the day.
    for (path, issuer) in CLIENTS_ASK {
        let issuer = format!("{}{issuer}", scene.sandbox.issuer());
        let said = phone.client_form(&issuer, &id);
        let answer = phone.ask(&scene, None, ("POST", path), None, (FORM, &said)).await;
        answer.refused(401, "client_certificate_required");
        let said = phone.client_form(&issuer, &id);
        let answer = phone.ask(&scene, Some(&own), ("POST", path), None, (FORM, &said)).await;
        assert_ne!(answer.json["kaigo_error"], "client_certificate_required", "{path}");
    }
    let out = ("POST", "/staff/sign-out");
    let answer = phone.ask(&scene, None, out, Some(&staff), nothing).await;
    answer.refused(401, "client_certificate_required");
    let answer = phone.ask(&scene, Some(&own), out, Some(&staff), nothing).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
}

/// What is asked in a form as a client, and what is behind the name of whom a client's statement is for.
const CLIENTS_ASK: [(&str, &str); 4] = [
    ("/v1/introspect", ""),
    ("/v1/revoke", ""),
    ("/staff/par", "/staff"),
    ("/staff/token", "/staff"),
];

#[tokio::test]
async fn whoever_states_to_be_a_client_shows_no_other_clients_certificate() {
    let material = material();
    let authority = material.facility_authority.clone();
    let person = Person::example(Vec::new());
    let known = json!({ "ins": person.insurer_number, "num": person.insured_number });
    let scene = Scene::with(material, |config| {
        config.facility_authority = Some(authority);
        config.people = vec![person];
    })
    .await;
    let (phone, colleague) = (Phone::new(), Phone::new());
    let (own, other) = (enrolled(&scene, &phone).await, enrolled(&scene, &colleague).await);
    let enrolment = scene.sandbox.enrol(STAFF_ID, &phone.jwk()).await.unwrap();
    let id = enrolment.device_id.clone().unwrap();
    for (path, issuer) in CLIENTS_ASK {
        let issuer = format!("{}{issuer}", scene.sandbox.issuer());
        let said = phone.client_form(&issuer, &id);
        let answer = phone.ask(&scene, Some(&other), ("POST", path), None, (FORM, &said)).await;
        answer.refused(400, "binding_mismatch");
        assert_eq!(answer.json["field"], "certificate", "{path}");
    }

    // A token that was asked for without one is its device's all the same.
    let now = jiff::Timestamp::now().as_second();
    let mut statement = json!({
        "aud": scene.sandbox.issuer(), "jti": "0191e7c2-8f3b-7d5a-9c4e-2b6f1a8d7e3c",
        "iat": now, "exp": now + 120, "cnf": { "jkt": phone.jkt() }, "fac": FACILITY_ID,
        "pur": ["view"], "act": STAFF_ID, "vis": "0191e7c2-8f3b-7d5a-9c4e-2b6f1a8d7e3d",
        "vsl": { "r": "match", "b": "certificate" }, "kana": "カイゴ　ハナコ",
        "dob": "1941-05-03", "sex": "female",
    });
    statement["ins"] = known["ins"].clone();
    statement["num"] = known["num"].clone();
    let header = json!({ "alg": "ES256", "typ": "kaigo-four-attributes+jwt", "kid": phone.jkt() });
    let form = form_urlencoded::Serializer::new(phone.client_form(scene.sandbox.issuer(), &id))
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
        .append_pair("subject_token", &phone.signed(&header, &statement))
        .append_pair("subject_token_type", "urn:x-kaigo:token-type:four-attributes")
        .append_pair("actor_token", &enrolment.staff_token)
        .append_pair("actor_token_type", "urn:ietf:params:oauth:token-type:access_token")
        .append_pair("requested_token_type", "urn:ietf:params:oauth:token-type:access_token")
        .append_pair("resource", &format!("{}/", scene.sandbox.issuer()))
        .append_pair("scope", "qualification:read")
        .finish();
    let answer = phone.ask(&scene, None, ("POST", "/v1/token"), None, (FORM, &form)).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let token = answer.json["access_token"].as_str().unwrap();
    let asked = async |certificate| {
        let view = ("GET", "/v1/qualification");
        phone.ask(&scene, certificate, view, Some(token), ("text/plain", "")).await
    };
    asked(Some(&other)).await.refused(400, "binding_mismatch");
    assert_eq!(asked(Some(&own)).await.status, 200);
    assert_eq!(asked(None).await.status, 200);
}
