//! Enrolments over the boundary: what is no code is told at once, and what is kept comes back as it was.

use kaigotap_ffi::{
    Conversation, DeviceKey, EnrolPlan, Enrolment, KaigoTapError, MutualTls, Request, Step, enrol,
    enrolment_from_json, enrolment_to_json, refresh_device, roll_over_key,
};
use std::sync::Arc;

const JSON: &str = r#"{
    "server": "https://platform.example", "issuer": "https://platform.example",
    "challenge_keys": [{ "crv": "P-256", "kty": "EC",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA" }],
    "device_id": "S6BhdRkqt3aX0q7LcbnUVA", "facility_id": "1370000001", "label": "ward 3",
    "device_key": { "crv": "P-256", "kty": "EC",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA" },
    "policy": { "offline_tickets": 20, "mtls": "optional" }, "as_of": "2026-11-20T01:02:03Z", "more": 7
}"#;

fn enrolment() -> Enrolment {
    enrolment_from_json(JSON.to_owned()).unwrap()
}

fn key() -> DeviceKey {
    enrolment().device.key
}

fn code(begun: Result<Arc<Conversation>, KaigoTapError>) -> String {
    match begun {
        Err(KaigoTapError::Failed { failure }) => failure.code,
        Ok(_) => "begun".to_owned(),
    }
}

fn plan(activation_code: &str) -> EnrolPlan {
    EnrolPlan {
        server: "https://platform.example".to_owned(),
        activation_code: activation_code.to_owned(),
        key: key(),
        entropy: vec![7; 32],
        issuer: None,
    }
}

#[test]
fn what_is_no_code_is_told_before_anything_is_asked() {
    for (typed, expected) in [
        ("7ZZZ-0123", "activation_code_short"),
        ("7ZZZ-0123-4567-89AB-CDEF-GHJK-MNN", "activation_code_long"),
        ("7ZZZ-0123-4567-89AB-CDEF-GHJK-MU", "activation_code_unreadable"),
        ("７ｚｚｚー０１２３ー４５６７ー８９ＡＢーＣＤＥＦーＧＨＪＫーＭＮ", "begun"),
    ] {
        assert_eq!(code(enrol(plan(typed))), expected, "{typed}");
    }
    let talk = enrol(plan("7ZZZ-0123-4567-89AB-CDEF-GHJK-MN")).unwrap();
    let Step::Need { request: Request::Send { request } } = talk.start().unwrap() else {
        panic!("it asks what the platform calls itself");
    };
    assert_eq!(request.url, "https://platform.example/.well-known/oauth-authorization-server");
    let shown = format!("{:?} {}", plan("7ZZZ"), plan("7ZZZ"));
    assert_eq!(shown, "EnrolPlan(..) EnrolPlan(..)");
    for spoilt in [
        EnrolPlan { entropy: vec![7; 31], ..plan("7ZZZ-0123-4567-89AB-CDEF-GHJK-MN") },
        EnrolPlan {
            server: "http://far.example".into(),
            ..plan("7ZZZ-0123-4567-89AB-CDEF-GHJK-MN")
        },
        EnrolPlan { issuer: Some("me".into()), ..plan("7ZZZ-0123-4567-89AB-CDEF-GHJK-MN") },
    ] {
        assert_eq!(code(enrol(spoilt)), "setup_invalid");
    }
}

#[test]
fn an_enrolment_comes_back_as_it_was() {
    let enrolment = enrolment();
    assert_eq!(enrolment.staff_issuer, "https://platform.example/staff");
    assert_eq!((&*enrolment.label, enrolment.offline_tickets), ("ward 3", 20));
    assert_eq!(
        (enrolment.mutual_tls, enrolment.as_of_ms),
        (MutualTls::Optional, Some(1_795_136_523_000))
    );
    let json = enrolment_to_json(enrolment.clone()).unwrap();
    assert!(enrolment_from_json(json).unwrap() == enrolment);
    assert!(enrolment_from_json("{}".to_owned()).is_err());
    assert_eq!(format!("{enrolment:?}"), "Enrolment(..)");
}

#[test]
fn only_who_has_signed_in_on_this_device_changes_it() {
    let (token, entropy) = ("opaque".to_owned(), vec![7; 32]);
    assert_eq!(code(refresh_device(enrolment(), token.clone(), entropy.clone())), "setup_invalid");
    assert_eq!(code(roll_over_key(enrolment(), token, key(), entropy)), "setup_invalid");
}
