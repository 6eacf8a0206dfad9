//! The tap without a PIN: what holds, and everything of it that can be wrong.

use std::sync::OnceLock;

use kaigotap_sandbox::{Application, CardFaceAuthority, Config, Person, Revocation};
use kaigotap_sandbox::{CertificatePurpose, RevocationReason};
use rsa::RsaPrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use x509_cert::serial_number::SerialNumber;

use crate::device::Device;
use crate::pki::{SERIAL, leaf, leaf_with, pki, sign};
use crate::support::{Answer, World, assert_with, base64url, payload};

const SCOPE: &str = "qualification:read";
/// Whose certificate has another number.
const OTHER_SERIAL: [u8; 4] = [0x0b, 0x5e, 0x91, 0xa8];
const KEY_ID: &[u8; 16] = b"9000023\x08\x05001\0\0\0\0";

/// A card's face: who certified the key that signed it, that key, and its own.
pub(crate) struct Face {
    authority: &'static RsaPrivateKey,
    signer: &'static RsaPrivateKey,
    own: &'static RsaPrivateKey,
    birth: &'static [u8; 8],
}

/// Of the example person.
pub(crate) fn face() -> Face {
    static OWN: OnceLock<RsaPrivateKey> = OnceLock::new();
    let own = OWN.get_or_init(|| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap());
    Face { authority: &pki().ca, signer: &pki().other_ca, own, birth: b"19410503" }
}

fn tlv(tag: u32, value: &[u8]) -> Vec<u8> {
    let tag = tag.to_be_bytes();
    let tag = &tag[tag.iter().position(|&byte| byte != 0).unwrap()..];
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    [tag, &[0x82], &length, value].concat()
}

fn public(key: &RsaPrivateKey) -> Vec<u8> {
    [tlv(0x90, &[1, 0, 1]), tlv(0x91, &key.n().to_bytes_be())].concat()
}

impl Face {
    fn certificate(&self) -> Vec<u8> {
        let body = [KEY_ID.as_slice(), &[7; 16], &public(self.signer)].concat();
        let signature = sign(self.authority, &body);
        tlv(0x7F21, &[tlv(0x5F4E, &body), tlv(0x5F37, &signature)].concat())
    }

    fn age(&self) -> Vec<u8> {
        let signed = [tlv(0xDF11, self.birth), tlv(0xDF12, &public(self.own))].concat();
        let signature = tlv(0xDF13, &sign(self.signer, &signed));
        tlv(0xFF10, &[signed, signature].concat())
    }

    /// The claims of a tap with this face and a certificate.
    fn tap(&self, device: &Device, world: &World, challenge: &str, leaf: &[u8]) -> Value {
        self.tapped(device.claims(world, challenge), challenge, leaf)
    }

    /// These claims, with what a tap adds that answers a challenge or a ticket.
    pub(crate) fn tapped(&self, mut claims: Value, challenge: &str, leaf: &[u8]) -> Value {
        let age = self.age();
        let message = [
            b"kaigo-tap\0".as_slice(),
            &Sha256::digest(challenge),
            &Sha256::digest(leaf),
            &Sha256::digest(&age),
        ]
        .concat();
        claims["auth_cert"] = base64url(leaf).into();
        claims["ia"] = json!({
            "cvc": base64url(&self.certificate()), "age": base64url(&age),
            "dig": base64url(&Sha256::digest(&message)), "sig": base64url(&sign(self.own, &message)),
        });
        claims
    }
}

pub(crate) fn neighbour() -> Person {
    let mut other = Person::example(vec![OTHER_SERIAL.to_vec()]);
    "0007654321".clone_into(&mut other.insured_number);
    other
}

fn configured(config: &mut Config) {
    let modulus = pki().ca.n().to_bytes_be().try_into().unwrap();
    config.card_face_authorities = vec![CardFaceAuthority { key_id: *KEY_ID, modulus }];
    config.people.push(neighbour());
}

/// A platform that knows card faces, and a device at which the person of a leaf was confirmed with card and PIN.
pub(crate) async fn known(leaf: &[u8]) -> (World, Device, String) {
    let world = World::with(configured).await;
    let device = Device::new(&world).await;
    let subject = confirmed(&world, &device, leaf).await;
    (world, device, subject)
}

/// The pairwise name of somebody who is confirmed with card and PIN.
async fn confirmed(world: &World, device: &Device, leaf: &[u8]) -> String {
    let challenge = device.challenge(world, "card_pin", None).await;
    let assertion = assert_with(leaf, &device.claims(world, &challenge));
    let answer = device.exchange(world, "card-assertion", &assertion, SCOPE).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(answer.json["honnin"]["method"], "card_pin");
    answer.json["honnin"]["sub"].as_str().unwrap().to_owned()
}

pub(crate) fn of_other() -> Vec<u8> {
    leaf_with(|tbs| tbs.serial_number = SerialNumber::new(&OTHER_SERIAL).unwrap())
}

/// Taps, as somebody, with what is changed in what the device signs.
async fn tapped(
    (world, device, whom): (&World, &Device, &str),
    face: &Face,
    leaf: &[u8],
    change: impl FnOnce(&mut Value),
) -> Answer {
    let challenge = device.challenge(world, "card_tap", Some(whom)).await;
    let mut claims = face.tap(device, world, &challenge, leaf);
    change(&mut claims);
    let evidence = device.sign("kaigo-tap-evidence+jwt", &claims);
    device.exchange(world, "tap-evidence", &evidence, SCOPE).await
}

#[tokio::test]
async fn after_a_first_visit_with_pin_a_tap_is_enough() {
    let (world, device, subject) = known(&leaf()).await;
    let answer = tapped((&world, &device, &subject), &face(), &leaf(), |_| {}).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(answer.json["honnin"]["method"], "card_tap");
    assert_eq!(answer.json["honnin"]["sub"], subject);
    let claims = payload(answer.access_token());
    assert_eq!(claims["acr"], "urn:x-kaigo:acr:card-tap");
    assert_eq!(claims["amr"], json!(["sc", "x-visual"]));
    assert_eq!(claims["kaigo"]["method"], "card_tap");
    assert_eq!(claims["cnf"]["jkt"], device.jkt);

    // The same bytes get the same answer; from another device they are told.
    let challenge = device.challenge(&world, "card_tap", Some(&subject)).await;
    let claims = face().tap(&device, &world, &challenge, &leaf());
    let evidence = device.sign("kaigo-tap-evidence+jwt", &claims);
    let first = device.exchange(&world, "tap-evidence", &evidence, SCOPE).await;
    let again = device.exchange(&world, "tap-evidence", &evidence, SCOPE).await;
    assert_eq!(first.access_token(), again.access_token());
    let other = Device::new(&world).await;
    other.exchange(&world, "tap-evidence", &evidence, SCOPE).await.refused(400, "replayed");
}

#[tokio::test]
async fn a_tap_is_bound_to_everything_it_is_for() {
    let (world, device, subject) = known(&leaf()).await;
    let who = (&world, &device, &*subject);
    let other = "00000000-0000-4000-8000-000000000000";
    for (field, changed) in [
        ("aud", json!("https://elsewhere.example")),
        ("nonce", json!("AAAA")),
        ("fac", json!("1370000002")),
        ("pur", json!(["view"])),
        ("act", json!("nurse-02")),
        ("vis", json!(other)),
        ("vsl", json!({ "r": "match", "b": "chip_photo" })),
        ("cnf", json!({ "jkt": "AAAA" })),
        ("iat", json!(1)),
        ("exp", json!(1)),
    ] {
        let answer = tapped(who, &face(), &leaf(), |claims| claims[field] = changed).await;
        answer.refused(400, "binding_mismatch");
        assert_eq!(answer.json["field"], field);
    }
    // Another digest than of this challenge, certificate and record; nothing else was signed by the card.
    let dig = base64url(&[0; 32]);
    let answer = tapped(who, &face(), &leaf(), |claims| claims["ia"]["dig"] = dig.into()).await;
    answer.refused(400, "binding_mismatch");
    assert_eq!(answer.json["field"], "dig");
    // A challenge of the one way is not answered in the other.
    let challenge = device.challenge(&world, "card_tap", Some(&subject)).await;
    let assertion = assert_with(&leaf(), &device.claims(&world, &challenge));
    let answer = device.exchange(&world, "card-assertion", &assertion, SCOPE).await;
    assert_eq!(answer.json["field"], "method");
}

#[tokio::test]
async fn a_tap_says_whom_it_is_to_be() {
    let (world, device, subject) = known(&leaf()).await;
    let mut request = world.challenge_request_of("card_tap").await;
    device.ask_challenge(&world, &request).await.refused(400, "request_malformed");
    request["subject_hint"] = subject.into();
    request["method"] = "card_pin".into();
    device.ask_challenge(&world, &request).await.refused(400, "request_malformed");
}

#[tokio::test]
async fn every_signed_byte_counts() {
    let (world, device, subject) = known(&leaf()).await;
    let challenge = device.challenge(&world, "card_tap", Some(&subject)).await;
    let claims = face().tap(&device, &world, &challenge, &leaf());
    // By another key than it names, or naming another.
    let stranger = Device::new(&world).await;
    let header = json!({ "alg": "ES256", "typ": "kaigo-tap-evidence+jwt", "kid": device.jkt });
    let forged = stranger.sign_with(&header, &claims);
    let answer = device.exchange(&world, "tap-evidence", &forged, SCOPE).await;
    answer.refused(400, "signature_invalid");
    let header = json!({ "alg": "ES256", "typ": "kaigo-tap-evidence+jwt", "kid": stranger.jkt });
    let challenge = device.challenge(&world, "card_tap", Some(&subject)).await;
    let claims = face().tap(&device, &world, &challenge, &leaf());
    let answer =
        device.exchange(&world, "tap-evidence", &device.sign_with(&header, &claims), SCOPE).await;
    assert_eq!(answer.json["field"], "cnf");
    // Of another form.
    for (alg, typ) in [("RS256", "kaigo-tap-evidence+jwt"), ("ES256", "kaigo-card-assertion+jwt")] {
        let header = json!({ "alg": alg, "typ": typ, "kid": device.jkt });
        let evidence = device.sign_with(&header, &claims);
        let answer = device.exchange(&world, "tap-evidence", &evidence, SCOPE).await;
        answer.refused(400, "assertion_malformed");
    }
    let mut more = claims.clone();
    more["extra"] = 1.into();
    let evidence = device.sign("kaigo-tap-evidence+jwt", &more);
    let answer = device.exchange(&world, "tap-evidence", &evidence, SCOPE).await;
    answer.refused(400, "assertion_malformed");
}

#[tokio::test]
async fn what_the_face_says_has_to_hold() {
    let (world, device, subject) = known(&leaf()).await;
    let who = (&world, &device, &*subject);
    let (good, leaf) = (face(), leaf());
    let other_authority = Face { authority: &pki().holder, ..face() };
    tapped(who, &other_authority, &leaf, |_| {}).await.refused(400, "card_record_invalid");
    // A record that another key signed than the certified one.
    let cvc = base64url(&good.certificate());
    let other_signer = Face { signer: &pki().holder, ..face() };
    let answer = tapped(who, &other_signer, &leaf, |claims| claims["ia"]["cvc"] = cvc.into());
    answer.await.refused(400, "card_record_invalid");
    // A copy of the files: somebody else's key answers.
    let copy = sign(&pki().holder, b"whatever");
    let answer = tapped(who, &good, &leaf, |claims| {
        claims["ia"]["sig"] = base64url(&copy).into();
    });
    answer.await.refused(400, "card_record_invalid");
    // Born on another day.
    let stranger = Face { birth: b"19410504", ..face() };
    tapped(who, &stranger, &leaf, |_| {}).await.refused(403, "dob_mismatch");
}

/// The certificate of one card and the face of another, in one tap that a relay has put together.
#[tokio::test]
async fn a_mixed_card_is_refused() {
    let (world, device, subject) = known(&leaf()).await;
    let others = confirmed(&world, &device, &of_other()).await;
    assert_ne!(subject, others);
    // The neighbour's certificate beside the face of the one who is expected: both were born on the same day.
    let answer = tapped((&world, &device, &subject), &face(), &of_other(), |_| {}).await;
    answer.refused(400, "binding_mismatch");
    assert_eq!(answer.json["field"], "subject");
    // The certificate of the one who is expected beside the face of somebody born on another day.
    let face = Face { birth: b"19381123", ..face() };
    let answer = tapped((&world, &device, &subject), &face, &leaf(), |_| {}).await;
    answer.refused(403, "dob_mismatch");
}

#[tokio::test]
async fn a_first_visit_takes_the_pin() {
    let world = World::with(configured).await;
    let device = Device::new(&world).await;
    // Known to the facility by the paper certificate.
    let subject = crate::other_evidence::stated(&world, &device).await;
    let answer = tapped((&world, &device, &subject), &face(), &leaf(), |_| {}).await;
    answer.refused(403, "first_pin_required");
    confirmed(&world, &device, &leaf()).await;
    let answer = tapped((&world, &device, &subject), &face(), &leaf(), |_| {}).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
}

#[tokio::test]
async fn a_revoked_card_is_refused_and_a_renewed_one_is_its_holders() {
    let (world, device, subject) = known(&leaf()).await;
    let who = (&world, &device, &*subject);
    let wanted = Application::like(&leaf()).unwrap();
    let newer = world.sandbox.renew(&leaf(), &wanted).await.unwrap();
    tapped(who, &face(), &leaf(), |_| {}).await.refused(400, "certificate_renewed");
    let answer = tapped(who, &face(), &newer, |_| {}).await;
    assert_eq!(answer.status, 200, "{}", answer.json);

    let (world, device, subject) = known(&leaf()).await;
    let lost = Revocation { reason: RevocationReason::KeyCompromise, invalid_since: None };
    let purpose = CertificatePurpose::Authentication;
    world.sandbox.revoke_as(purpose, &SERIAL, lost).await.unwrap();
    let answer = tapped((&world, &device, &subject), &face(), &leaf(), |_| {}).await;
    answer.refused(400, "certificate_revoked");
}
