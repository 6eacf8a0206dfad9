use der::asn1::OctetString;
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use jiff::{SignedDuration, Timestamp};
use kaigotap_sandbox::CertificateAuthority;
use rsa::BigUint;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use x509_cert::certificate::{Certificate, TbsCertificate, Version};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage,
    KeyUsages,
};

use crate::device::Device;
use crate::pki::{
    CLIENT_AUTH, POLICY, SERIAL, anchor, authority, day, extension, key_info, leaf, leaf_by,
    leaf_with, pki, played, policies, remove, replace, root_with,
};
use crate::support::{World, assert_with, base64url, challenge_request, jws};

#[tokio::test]
async fn a_challenge_needs_a_staff_token() {
    let mut world = World::new().await;
    let good = world.staff.clone();
    let other = World::new().await;
    let access = world.exchange(&world.assertion().await).await.access_token().to_owned();
    for bad in [String::new(), "x.y.z".into(), other.staff.clone(), access, format!("{good}=")] {
        world.staff = bad;
        world.ask_challenge(&challenge_request()).await.refused(401, "staff_token_invalid");
    }
    world.staff.clone_from(&good);
    // Nobody takes it without a proof.
    let bearer = format!("Bearer {good}");
    let headers = [("content-type", "application/json"), ("authorization", &*bearer)];
    let body = challenge_request().to_string();
    let answer = world.call("POST", "/v1/challenges", &headers, body).await.unwrap();
    answer.refused(401, "staff_token_invalid");
    let headers = [headers[0]];
    let body = challenge_request().to_string();
    let answer = world.call("POST", "/v1/challenges", &headers, body).await.unwrap();
    answer.refused(401, "staff_token_invalid");
    let basic = [headers[0], ("authorization", "Basic eDp5")];
    let answer = world.call("POST", "/v1/challenges", &basic, String::new()).await.unwrap();
    answer.refused(401, "staff_token_invalid");
    world.sandbox.shift_clock(SignedDuration::from_hours(8));
    world.ask_challenge(&challenge_request()).await.refused(401, "staff_token_invalid");
}

#[tokio::test]
async fn a_challenge_request_has_one_form() {
    let world = World::new().await;
    let mut other = challenge_request();
    other["facility_id"] = "1370000002".into();
    world.ask_challenge(&other).await.refused(403, "facility_mismatch");

    let malformed = [
        ("/vsn", json!(1)),
        ("/vsn", json!(3)),
        ("/vsn", Value::Null),
        ("/method", json!("card_tap")),
        ("/purpose", json!([])),
        ("/purpose", json!(["view", "view"])),
        ("/purpose", json!(["everything"])),
        ("/purpose", json!("view")),
        ("/facility_id", json!(1_370_000_001)),
        ("/visit_id", json!("today")),
        ("/visual_check/checked_at", json!("yesterday")),
        ("/visual_check/basis", json!("memory")),
        ("/visual_check", json!(["match", "2026-11-20T01:02:03Z", "printed_photo"])),
    ];
    for (pointer, value) in malformed {
        let mut request = challenge_request();
        *request.pointer_mut(pointer).unwrap() = value;
        world.ask_challenge(&request).await.refused(400, "request_malformed");
    }
    let mut more = challenge_request();
    more["subject"] = "x".into();
    world.ask_challenge(&more).await.refused(400, "request_malformed");
    world.ask_challenge(&json!("x".repeat(70_000))).await.refused(400, "request_malformed");
    let twice = challenge_request().to_string().replacen('{', r#"{"method":"card_pin","#, 1);
    for (media_type, body) in
        [("application/json", twice), ("text/plain", challenge_request().to_string())]
    {
        let (ask, staff) = (("POST", "/v1/challenges"), Some(&*world.staff));
        let answer = world.device.call(&world, ask, staff, (media_type, body)).await;
        answer.refused(400, "request_malformed");
    }

    for check in [
        json!({ "result": "mismatch", "checked_at": "2026-11-20T01:02:03Z", "basis": "printed_photo" }),
        Value::Null,
    ] {
        let mut request = challenge_request();
        request["visual_check"] = check.clone();
        if check.is_null() {
            request.as_object_mut().unwrap().remove("visual_check");
        }
        world.ask_challenge(&request).await.refused(400, "face_not_confirmed");
    }
    assert!(world.sandbox.challenges().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_request_has_one_form_and_a_wrong_one_spends_nothing() {
    let mut world = World::new().await;
    let assertion = world.assertion().await;
    let form = world.form(&assertion);
    for index in 0..form.len() {
        let mut missing = form.clone();
        let (name, _) = missing.remove(index);
        world.send_form(&missing).await.unwrap().refused(400, "request_malformed");
        let mut twice = form.clone();
        twice.push(form[index].clone());
        world.send_form(&twice).await.unwrap().refused(400, "request_malformed");
        let mut other = form.clone();
        other[index].1 = "something:else".into();
        let code = match name {
            "subject_token" => (400, "assertion_malformed"),
            "actor_token" => (400, "staff_token_invalid"),
            _ => (400, "request_malformed"),
        };
        world.send_form(&other).await.unwrap().refused(code.0, code.1);
    }
    world
        .call("POST", "/v1/token", &[], String::new())
        .await
        .unwrap()
        .refused(400, "request_malformed");
    let access = world.exchange(&world.assertion().await).await.access_token().to_owned();
    let mut as_actor = form.clone();
    as_actor[3].1 = access;
    world.send_form(&as_actor).await.unwrap().refused(400, "staff_token_invalid");

    // Unknown parameters are ignored.
    let mut more = form.clone();
    more.push(("audience", "x".to_owned()));
    assert_eq!(world.send_form(&more).await.unwrap().status, 200);
    world.staff.clear();
    world.exchange(&assertion).await.refused(400, "staff_token_invalid");
}

#[tokio::test]
async fn a_challenge_is_known_unused_and_in_time() {
    let world = World::new().await;
    let challenge = world.challenge().await;
    let unknown = assert_with(&leaf(), &world.claims(&format!("{challenge}x.y")));
    world.exchange(&unknown).await.refused(400, "challenge_unknown");

    world.sandbox.shift_clock(SignedDuration::from_secs(121));
    let late = assert_with(&leaf(), &world.claims(&challenge));
    world.exchange(&late).await.refused(400, "challenge_expired");
    world.sandbox.shift_clock(SignedDuration::from_secs(-121));
    world.exchange(&late).await.refused(400, "challenge_expired");
    let fresh = {
        let mut claims = world.claims(&challenge);
        claims["sdk"] = "0.1.1/test".into();
        assert_with(&leaf(), &claims)
    };
    world.exchange(&fresh).await.refused(400, "challenge_used");
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 0);
}

#[tokio::test]
async fn every_binding_is_checked() {
    let world = World::new().await;
    let now = crate::pki::now();
    let changes: &[(&str, &str, Value)] = &[
        ("/aud", "aud", json!("http://127.0.0.1:1")),
        ("/nonce", "nonce", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("/fac", "fac", json!("1370000002")),
        ("/pur", "pur", json!(["view"])),
        ("/pur", "pur", json!(["register", "view"])),
        ("/act", "act", json!("nurse-02")),
        ("/vsl/r", "vsl", json!("mismatch")),
        ("/vsl/b", "vsl", json!("chip_photo")),
        ("/iat", "iat", json!(now - 86_400)),
        ("/iat", "iat", json!(now + 86_400)),
        ("/exp", "exp", json!(now + 3600)),
        ("/exp", "exp", json!(now)),
        ("/exp", "exp", json!(now - 1)),
        ("/iat", "iat", json!(i64::MAX)),
        ("/iat", "iat", json!(i64::MIN)),
        ("/exp", "exp", json!(i64::MAX)),
        ("/exp", "exp", json!(i64::MIN)),
    ];
    for (pointer, field, value) in changes {
        let challenge = world.challenge().await;
        let mut claims = world.claims(&challenge);
        if *pointer == "/exp" {
            claims["iat"] = now.into();
        }
        *claims.pointer_mut(pointer).unwrap() = value.clone();
        let answer = world.exchange(&assert_with(&leaf(), &claims)).await;
        answer.refused(400, "binding_mismatch");
        assert_eq!(answer.json["field"], *field);
    }
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 0);
}

#[tokio::test]
async fn an_assertion_has_its_own_end() {
    let world = World::new().await;
    let challenge = world.challenge().await;
    let mut claims = world.claims(&challenge);
    claims["exp"] = (claims["iat"].as_i64().unwrap() + 1).into();
    world.sandbox.shift_clock(SignedDuration::from_secs(100));
    let answer = world.exchange(&assert_with(&leaf(), &claims)).await;
    answer.refused(400, "binding_mismatch");
    assert_eq!(answer.json["field"], "exp");
}

#[tokio::test]
async fn an_assertion_is_good_only_in_the_hands_of_its_staff_member() {
    let world = World::new().await;
    for others in ["nurse-02", "nurse-11"] {
        let assertion = world.assertion().await;
        let other = Device::of(&world, others).await;
        let scope = "qualification:read";
        let answer = other.exchange(&world, "card-assertion", &assertion, scope).await;
        answer.refused(400, "binding_mismatch");
        assert_eq!(answer.json["field"], if others == "nurse-02" { "act" } else { "fac" });
        // Nothing was spent by it.
        assert_eq!(world.exchange(&assertion).await.status, 200);
    }
}

#[tokio::test]
async fn the_face_was_confirmed_just_now() {
    let world = World::new().await;
    let ask = async |checked_at: String| {
        let mut request = challenge_request();
        request["visual_check"]["checked_at"] = checked_at.into();
        world.ask_challenge(&request).await
    };
    let from_now = |seconds| (Timestamp::now() + SignedDuration::from_secs(seconds)).to_string();
    for long_ago in ["1900-01-01T00:00:00Z", "1970-01-01T00:00:00Z"] {
        ask(long_ago.to_owned()).await.refused(400, "face_not_confirmed");
    }
    for far_off in ["2099-01-01T00:00:00Z", "9999-12-30T22:00:00Z"] {
        ask(far_off.to_owned()).await.refused(400, "face_not_confirmed");
    }
    for seconds in [-1210, 310] {
        ask(from_now(seconds)).await.refused(400, "face_not_confirmed");
    }
    for seconds in [-1190, 0, 290] {
        assert_eq!(ask(from_now(seconds)).await.status, 201);
    }
}

#[tokio::test]
async fn the_end_is_not_part_of_the_time() {
    let world = World::new().await;
    let assertion = world.assertion().await;
    world.sandbox.shift_clock(SignedDuration::from_secs(120));
    world.exchange(&assertion).await.refused(400, "challenge_expired");

    let challenge = world.challenge().await;
    let mut claims = world.claims(&challenge);
    let then = crate::support::payload(&challenge)["iat"].as_i64().unwrap();
    (claims["iat"], claims["exp"]) = (then.into(), (then + 1).into());
    world.sandbox.shift_clock(SignedDuration::from_secs(61));
    let answer = world.exchange(&assert_with(&leaf(), &claims)).await;
    answer.refused(400, "binding_mismatch");
    assert_eq!(answer.json["field"], "exp");
}

#[tokio::test]
async fn oauth_clients_are_told_in_their_own_words() {
    let world = World::new().await;
    let assertion = world.assertion().await;
    let with = async |name, value: &str| {
        let mut form = world.form(&assertion);
        form.iter_mut().find(|(known, _)| *known == name).unwrap().1 = value.to_owned();
        world.send_form(&form).await.unwrap()
    };
    // RFC 8693 §2.2.2
    let answer = with("actor_token", "x.y.z").await;
    assert_eq!((answer.status, &answer.json["error"]), (400, &json!("invalid_request")));
    let answer = with("resource", "https://elsewhere.example/").await;
    assert_eq!((answer.status, &answer.json["error"]), (400, &json!("invalid_target")));
    assert_eq!(answer.json["kaigo_error"], "request_malformed");
    let answer = with("scope", "everything").await;
    assert_eq!(answer.json["error"], "invalid_scope");
    let answer = with("grant_type", "password").await;
    assert_eq!(answer.json["error"], "unsupported_grant_type");

    // RFC 6750 §3.1: nothing is said of a token to somebody who showed none.
    let said = |answer: &crate::support::Answer| {
        answer.headers["www-authenticate"].to_str().unwrap().to_owned()
    };
    let unsaid = world.call("GET", "/v1/qualification", &[], String::new()).await.unwrap();
    assert_eq!(said(&unsaid), r#"DPoP realm="kaigotap-sandbox", algs="ES256""#);
    let json = [("content-type", "application/json")];
    let unsaid = world.call("POST", "/v1/challenges", &json, String::new()).await.unwrap();
    assert_eq!(said(&unsaid), r#"DPoP realm="kaigotap-sandbox", algs="ES256""#);
    let wrong = world.entitlement("x").await;
    assert_eq!(
        said(&wrong),
        r#"DPoP realm="kaigotap-sandbox", algs="ES256", error="invalid_token""#
    );
    let narrow = with("scope", "certification:read").await;
    let narrow = world.entitlement(narrow.access_token()).await;
    narrow.refused(403, "scope_missing");
    assert_eq!(
        said(&narrow),
        r#"DPoP realm="kaigotap-sandbox", algs="ES256", error="insufficient_scope", scope="qualification:read""#
    );
    let mut other = challenge_request();
    other["facility_id"] = "1370000002".into();
    let forbidden = world.ask_challenge(&other).await;
    forbidden.refused(403, "facility_mismatch");
    assert_eq!(
        said(&forbidden),
        r#"DPoP realm="kaigotap-sandbox", algs="ES256", error="insufficient_scope""#
    );
}

#[tokio::test]
async fn another_method_is_told_which_there_are() {
    let world = World::new().await;
    for (method, path, allowed) in [
        ("PUT", "/v1/token", "POST"),
        ("TRACE", "/v1/qualification", "GET,HEAD"),
        ("DELETE", "/v1/devices/self", "GET,HEAD"),
    ] {
        let answer = world.call(method, path, &[], String::new()).await.unwrap();
        answer.refused(405, "request_malformed");
        assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn a_scope_needs_its_purpose() {
    let world = World::new().await;
    let mut request = challenge_request();
    request["purpose"] = json!(["register"]);
    let answer = world.ask_challenge(&request).await;
    let challenge = answer.json["challenges"][0]["challenge"].as_str().unwrap();
    let answer = world.exchange(&assert_with(&leaf(), &world.claims(challenge))).await;
    answer.refused(400, "binding_mismatch");
    assert_eq!(answer.json["field"], "scope");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_is_malformed() {
    let world = World::new().await;
    let holder = pki().holder.to_public_key();
    let small = BigUint::from(3u8);
    let long = holder.n() << 8;
    let short = holder.n() >> 1;
    let unreadable = Extension {
        extn_id: KeyUsage::OID,
        critical: true,
        extn_value: OctetString::new([0x30, 0x03]).unwrap(),
    };
    let with_rest = [leaf(), vec![0]].concat();
    let mut two_algorithms = Certificate::from_der(&leaf()).unwrap();
    two_algorithms.signature_algorithm.oid = "1.2.840.113549.1.1.13".parse().unwrap();
    let leaves: Vec<Vec<u8>> = vec![
        vec![],
        vec![0x30, 0x80],
        leaf()[..900].to_vec(),
        with_rest,
        two_algorithms.to_der().unwrap(),
        leaf_with(|tbs| tbs.subject_public_key_info = key_info(holder.n(), &small)),
        leaf_with(|tbs| tbs.subject_public_key_info = key_info(&long, holder.e())),
        leaf_with(|tbs| tbs.subject_public_key_info = key_info(&short, holder.e())),
        leaf_with(|tbs| tbs.subject_public_key_info.algorithm.oid = CLIENT_AUTH),
        leaf_with(|tbs| tbs.version = Version::V1),
        leaf_with(|tbs| {
            let first = tbs.extensions.as_ref().unwrap()[0].clone();
            tbs.extensions.as_mut().unwrap().push(first);
        }),
        leaf_with(|tbs| replace(tbs, unreadable)),
        leaf_with(|tbs| tbs.signature.oid = "1.2.840.113549.1.1.5".parse().unwrap()),
    ];
    for (index, leaf) in leaves.iter().enumerate() {
        let answer = world.exchange_leaf(leaf).await;
        assert_eq!(answer.json["kaigo_error"], "certificate_malformed", "{index}");
        answer.refused(400, "certificate_malformed");
    }
}

#[tokio::test]
async fn a_certificate_for_something_else_is_untrusted() {
    type Change = fn(&mut TbsCertificate);
    let changes: &[Change] = &[
        |tbs| replace(tbs, extension(true, &policies("1.2.392.200149.8.5.1.3.30"))),
        |tbs| remove(tbs, CertificatePolicies::OID),
        |tbs| remove(tbs, KeyUsage::OID),
        |tbs| replace(tbs, extension(true, &KeyUsage(KeyUsages::KeyEncipherment.into()))),
        |tbs| {
            let server = "1.3.6.1.5.5.7.3.1".parse().unwrap();
            replace(tbs, extension(false, &ExtendedKeyUsage(vec![server])));
        },
        |tbs| {
            let ca = BasicConstraints { ca: true, path_len_constraint: None };
            replace(tbs, extension(true, &ca));
        },
        |tbs| {
            tbs.extensions.as_mut().unwrap().push(Extension {
                extn_id: "1.2.392.200149.99".parse().unwrap(),
                critical: true,
                extn_value: OctetString::new([5, 0]).unwrap(),
            });
        },
        |tbs| remove(tbs, AuthorityKeyIdentifier::OID),
        |tbs| tbs.issuer = "CN=somebody".parse().unwrap(),
    ];
    let world = World::new().await;
    for (index, change) in changes.iter().enumerate() {
        let answer = world.exchange_leaf(&leaf_with(change)).await;
        assert_eq!(answer.json["kaigo_error"], "certificate_untrusted", "{index}");
    }
    // Another CA, under its own key id and under that of the trusted one.
    let other = &pki().other_ca;
    world.exchange_leaf(&leaf_by(other, |_| {})).await.refused(400, "certificate_untrusted");
    let borrowed = leaf_by(&pki().ca, |_| {});
    let mut forged = borrowed.clone();
    *forged.last_mut().unwrap() ^= 1;
    world.exchange_leaf(&forged).await.refused(400, "certificate_untrusted");
    let by_key_id = AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new([7; 20]).unwrap()),
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    };
    let misdirected = leaf_with(|tbs| replace(tbs, extension(false, &by_key_id)));
    world.exchange_leaf(&misdirected).await.refused(400, "certificate_untrusted");
    // A root that has expired.
    let old = root_with(&pki().ca, |tbs| tbs.validity.not_after = day(-1));
    let past = World::with(|config| {
        config.authorities = vec![CertificateAuthority { certificate: old, ..authority() }];
    })
    .await;
    past.exchange_leaf(&leaf()).await.refused(400, "certificate_untrusted");
    // The root itself is no leaf.
    world.exchange_leaf(&anchor()).await.refused(400, "certificate_untrusted");

    // No extended key usage is fine; so is a key usage that is not critical, and the other CA once it is trusted.
    let no_usage = leaf_with(|tbs| remove(tbs, ExtendedKeyUsage::OID));
    assert_eq!(world.exchange_leaf(&no_usage).await.status, 200);
    let usage = KeyUsage(KeyUsages::DigitalSignature.into());
    let not_critical = leaf_with(|tbs| replace(tbs, extension(false, &usage)));
    assert_eq!(world.exchange_leaf(&not_critical).await.status, 200);
    let both = World::with(|config| config.authorities.push(played(other))).await;
    assert_eq!(both.exchange_leaf(&leaf_by(other, |_| {})).await.status, 200);
    assert_eq!(both.exchange_leaf(&leaf()).await.status, 200);
    let strict = World::with(|config| config.policies = vec!["1.2.3".into()]).await;
    strict.exchange_leaf(&leaf()).await.refused(400, "certificate_untrusted");
    assert_eq!(POLICY, "1.2.392.200149.8.5.1.0.30");
}

#[tokio::test]
async fn a_certificate_is_valid_now_and_not_revoked() {
    let world = World::new().await;
    let expired = leaf_with(|tbs| tbs.validity.not_after = day(-1));
    world.exchange_leaf(&expired).await.refused(400, "certificate_expired");
    let early = leaf_with(|tbs| tbs.validity.not_before = day(1));
    world.exchange_leaf(&early).await.refused(400, "certificate_expired");
    let revoked_meanwhile = world.assertion().await;
    world.sandbox.revoke(&SERIAL).await.unwrap();
    world.sandbox.revoke(&SERIAL).await.unwrap();
    world.exchange(&revoked_meanwhile).await.refused(400, "certificate_revoked");
}

#[tokio::test]
async fn only_the_holders_card_signs() {
    let world = World::new().await;
    let challenge = world.challenge().await;
    let header = crate::support::header(&leaf()).to_string();
    let by_another = jws(&header, &world.claims(&challenge).to_string(), &pki().other_ca);
    world.exchange(&by_another).await.refused(400, "signature_invalid");

    for (index, bit) in [(0, 1), (128, 1), (255, 1)] {
        let assertion = world.assertion().await;
        let (signed, _) = assertion.rsplit_once('.').unwrap();
        let mut signature = crate::pki::sign(&pki().holder, signed.as_bytes());
        signature[index] ^= bit;
        let forged = format!("{signed}.{}", base64url(&signature));
        world.exchange(&forged).await.refused(400, "signature_invalid");
    }
    for length in [1, 255, 257, 512] {
        let assertion = world.assertion().await;
        let (signed, _) = assertion.rsplit_once('.').unwrap();
        let forged = format!("{signed}.{}", base64url(&vec![1; length]));
        world.exchange(&forged).await.refused(400, "signature_invalid");
    }
}
