//! What a conversation told, as a transcript says it.

use kaigotap::card::Token;
use kaigotap::card::record::ApplicationInformation;
use kaigotap::exchange::{Enrolment, SignedIn};
use kaigotap::host::HostReport;
use kaigotap::message::Failure;
use kaigotap::pki::Origin;
use kaigotap::pki::card_certificate::{Genuineness, Part, Presence};
use kaigotap::reading::{Age, CardStatus, CertificateState, Face, Holder, PinState};
use kaigotap::visit;
use ring::digest;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::line::{Outcome, hex, pin_name};

/// What can be the end of a recorded conversation.
pub trait Recorded {
    /// All of it that a transcript may say. With `personal`, who it is about; that is for virtual cards only.
    fn value(&self, personal: bool) -> Value;
}

/// What came of a conversation.
pub fn outcome_of<T: Recorded>(outcome: &Result<T, Failure>, personal: bool) -> Outcome {
    match outcome {
        Ok(told) => Outcome::Done { value: told.value(personal) },
        Err(failure) => failure.into(),
    }
}

impl Recorded for () {
    fn value(&self, _: bool) -> Value {
        json!({})
    }
}

impl Recorded for CardStatus {
    fn value(&self, personal: bool) -> Value {
        let pins: Vec<Value> = self
            .pins
            .iter()
            .map(|report| {
                let (state, left) = match report.state {
                    PinState::TriesLeft(left) => ("usable", Some(left)),
                    PinState::Locked => ("locked", Some(0)),
                    PinState::Unusable => ("unusable", None),
                };
                json!({ "pin": pin_name(report.pin), "state": state, "tries_left": left })
            })
            .collect();
        let certificates = personal.then(|| {
            json!({ "authentication": certificate_state(&self.authentication), "signature": certificate_state(&self.signature) })
        });
        json!({
            "can_authenticate": self.can_authenticate(),
            "certificates": certificates,
            "pins": pins,
            "token": token_name(self.token),
        })
    }
}

/// A certificate.
impl Recorded for Zeroizing<Vec<u8>> {
    fn value(&self, personal: bool) -> Value {
        if personal { bytes(self) } else { json!({}) }
    }
}

impl Recorded for Holder {
    fn value(&self, personal: bool) -> Value {
        let record = &self.record;
        let who = json!({
            "address": record.address,
            "birth": record.birth.as_written(),
            "name": record.name,
            "sex": record.sex.as_written().to_string(),
        });
        proven(&self.genuineness, personal.then_some(who))
    }
}

impl Recorded for Face {
    fn value(&self, personal: bool) -> Value {
        let record = &self.record;
        let who = json!({
            "address_image": bytes(&record.address_image),
            "birth": record.birth.as_written(),
            "expiry": record.expiry.as_written(),
            "name_image": bytes(&record.name_image),
            "photo": bytes(&record.photo),
            "security_code_image": bytes(&record.security_code_image),
            "sex": record.sex.as_written().to_string(),
        });
        proven(&self.genuineness, personal.then_some(who))
    }
}

impl Recorded for Age {
    fn value(&self, personal: bool) -> Value {
        let who = json!({ "birth": self.record.birth.as_written() });
        proven(&self.genuineness, personal.then_some(who))
    }
}

impl Recorded for ApplicationInformation {
    fn value(&self, personal: bool) -> Value {
        json!({
            "extended_length": self.extended_length,
            "municipality": personal.then_some(&self.municipality),
            "specification": self.specification,
        })
    }
}

impl Recorded for visit::Outcome {
    fn value(&self, personal: bool) -> Value {
        let who = json!({
            "entitlement": self.entitlement,
            "face_confirmed_at": self.face.map(|face| face.checked_at),
            "fresh_until": self.confirmation.fresh_until,
            "verified_at": self.confirmation.verified_at,
        });
        let mut value = json!({ "method": self.way() });
        add(&mut value, self.genuineness.as_ref().map(|of| json!({ "genuineness": proof(of) })));
        add(&mut value, personal.then_some(who));
        value
    }
}

impl Recorded for SignedIn {
    fn value(&self, personal: bool) -> Value {
        let who = json!({ "name": self.name, "staff": self.token.member().as_str() });
        let mut value = json!({ "facility": self.token.facility().as_str(), "until": self.until });
        add(&mut value, personal.then_some(who));
        value
    }
}

impl Recorded for Enrolment {
    fn value(&self, personal: bool) -> Value {
        // It names a facility, and nobody.
        if personal { serde_json::to_value(self).unwrap_or_default() } else { json!({}) }
    }
}

impl Recorded for HostReport {
    fn value(&self, _: bool) -> Value {
        json!({ "entries": self.entries, "signs": self.signs })
    }
}

/// The kind of a card.
pub fn token_name(token: Token) -> &'static str {
    match token {
        Token::MyNumberCard => "my_number_card",
        Token::AndroidPhone => "android_phone",
        Token::Iphone => "iphone",
        Token::ResidentRegisterCard => "resident_register_card",
        _ => "unknown",
    }
}

/// What is known of a certificate without a PIN.
pub fn certificate_state(state: &CertificateState) -> Value {
    match state {
        CertificateState::Present { not_before, not_after } => {
            json!({ "state": "present", "not_before": not_before, "not_after": not_after })
        }
        CertificateState::Protected => json!({ "state": "protected" }),
        CertificateState::Missing => json!({ "state": "missing" }),
        CertificateState::Malformed => json!({ "state": "malformed" }),
    }
}

/// What was shown of a record, part by part.
pub fn proof(genuineness: &Genuineness) -> Value {
    let part = |part| match part {
        Part::Signed => "signed",
        Part::NotSigned => "not_signed",
        _ => "absent",
    };
    json!({
        "signed_by": match genuineness.signed_by { Origin::Production => "production", _ => "test" },
        "attributes": part(genuineness.attributes),
        "photo": part(genuineness.photo),
        "expiry": part(genuineness.expiry),
        "present": match genuineness.present { Presence::Live { .. } => "live", _ => "not_checked" },
    })
}

fn proven(genuineness: &Genuineness, who: Option<Value>) -> Value {
    let mut value = json!({ "genuineness": proof(genuineness) });
    add(&mut value, who);
    value
}

fn add(value: &mut Value, more: Option<Value>) {
    if let (Value::Object(value), Some(Value::Object(more))) = (value, more) {
        value.extend::<Map<String, Value>>(more);
    }
}

/// Enough to tell whether they are the same.
fn bytes(bytes: &[u8]) -> Value {
    let sum = digest::digest(&digest::SHA256, bytes);
    json!({ "bytes": bytes.len(), "sha256": hex(sum.as_ref()) })
}
