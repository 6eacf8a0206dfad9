use base64ct::{Base64, Encoding};
use der::asn1::OctetString;
use der::{Decode, Encode};
use jiff::SignedDuration;
use kaigotap_sandbox::{Fault, RevocationReason};
use x509_cert::ext::Extension;
use x509_ocsp::OcspRequest;

use crate::pki::{leaf, leaf_by, pki, root};
use crate::support::House;

/// A house with the files of three certificates: good, revoked, and one that was never issued.
async fn house() -> House {
    let house = House::new().await;
    let (good, revoked) = (house.issue("Kakuu-shi").await, house.issue("Kakuu-shi").await);
    house.revoke(&revoked, RevocationReason::KeyCompromise).await;
    house.certificate("good.pem", &good);
    house.certificate("revoked.pem", &revoked);
    house.certificate("unknown.pem", &leaf());
    house
}

impl House {
    fn ask(&self, words: &str) -> String {
        format!(
            "ocsp -issuer root.pem -CAfile root.pem -url {}/jlis/ocsp {words}",
            self.sandbox.url()
        )
    }

    /// The status of the answer to these bytes.
    fn status(&self, request: &[u8]) -> u8 {
        let said = self.send("POST", "/jlis/ocsp", "application/ocsp-request", request);
        assert_eq!(said.status, 200);
        assert!(said.head.contains("content-type: application/ocsp-response"));
        let response = x509_ocsp::OcspResponse::from_der(&said.body).unwrap();
        response.response_status as u8
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_status_is_told_by_either_digest() {
    let house = house().await;
    for digest in ["-sha1", "-sha256"] {
        // A nonce that does not come back, or none, would be a warning or an error.
        let ask = |file: &str| house.openssl(&house.ask(&format!("{digest} -cert {file}")));
        let (_, good) = ask("good.pem");
        assert!(good.contains("Response verify OK") && good.contains("good.pem: good"), "{good}");
        assert!(!good.to_lowercase().contains("nonce"), "{good}");
        let (_, revoked) = ask("revoked.pem");
        assert!(
            revoked.contains("revoked.pem: revoked") && revoked.contains("Reason: keyCompromise"),
            "{revoked}"
        );
        let (_, unknown) = ask("unknown.pem");
        assert!(unknown.contains("unknown.pem: unknown"), "{unknown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_responder_is_delegated_and_names_itself() {
    let house = house().await;
    let responder = house.index()[0]["ocsp_responder"].as_str().unwrap().to_owned();
    house.certificate("responder.pem", &Base64::decode_vec(&responder).unwrap());
    house.says(
        "x509 -in responder.pem -noout -text",
        &[
            "OCSP Signing",
            "OCSP No Check",
            "X509v3 Key Usage: critical\n                Digital Signature",
        ],
    );
    house.says("verify -x509_strict -purpose ocsphelper -CAfile root.pem responder.pem", &["OK"]);
    let by_name = format!(
        "ocsp -issuer root.pem -VAfile responder.pem -cert good.pem -resp_text -url {}/jlis/ocsp",
        house.sandbox.url()
    );
    house.says(&by_name, &["Response verify OK", "good.pem: good", "OCSP Nonce", "Responder Id: "]);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_questions_get_several_answers_with_one_signature() {
    let house = house().await;
    let all = "-cert good.pem -cert revoked.pem -sha256 -cert unknown.pem -cert good.pem";
    let (_, said) = house.openssl(&house.ask(all));
    for expected in ["Response verify OK", "revoked.pem: revoked", "unknown.pem: unknown"] {
        assert!(said.contains(expected), "{said}");
    }
    assert_eq!(said.matches("good.pem: good").count(), 2, "{said}");
    // Seventeen are too many.
    let many = "-cert good.pem ".repeat(17);
    house.refuses(&house.ask(&many), "malformedrequest (1)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_may_come_by_get() {
    let house = house().await;
    house.says("ocsp -issuer root.pem -cert good.pem -reqout request.der", &[]);
    let request = Base64::encode_string(&house.read("request.der"));
    let escaped = request.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    for path in [request, escaped] {
        let said = house.get(&format!("/jlis/ocsp/{path}"));
        assert_eq!(said.status, 200);
        house.file("response.der", &said.body);
        let read = "ocsp -issuer root.pem -CAfile root.pem -reqin request.der -respin response.der \
                    -resp_text";
        house.says(read, &["Response verify OK", "Cert Status: good"]);
    }
    assert_eq!(house.get("/jlis/ocsp/!").body, [0x30, 3, 0x0A, 1, 1], "malformedRequest");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_cannot_or_will_not_answer() {
    let house = house().await;
    for request in [&b""[..], b"0", b"hello", &[0x30, 0], &vec![0x30; 9000]] {
        assert_eq!(house.status(request), 1);
    }
    let said = house.send("POST", "/jlis/ocsp", "text/plain", b"hello");
    assert_eq!(said.status, 415);
    assert_eq!(
        house.send("POST", "/jlis/ocsp", "application/ocsp-request", &vec![0; 70_000]).status,
        413
    );

    // Somebody else's certificate: the same names, another key.
    let other = &pki().other_ca;
    house.certificate("other-root.pem", &root(other));
    house.certificate("other.pem", &leaf_by(other, |_| {}));
    let ask =
        format!("-issuer other-root.pem -cert other.pem -url {}/jlis/ocsp", house.sandbox.url());
    house.refuses(&format!("ocsp {ask}"), "unauthorized (6)");
    // Digests that nobody uses for this.
    house.refuses(&house.ask("-sha512 -cert good.pem"), "unauthorized (6)");

    house.sandbox.misbehave(Fault::OcspTryLater, 1);
    house.refuses(&house.ask("-cert good.pem"), "trylater (3)");
    house.says(&house.ask("-cert good.pem"), &["good.pem: good"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nonces_have_1_to_128_bytes() {
    let house = house().await;
    house.says("ocsp -issuer root.pem -cert good.pem -no_nonce -reqout request.der", &[]);
    let plain = OcspRequest::from_der(&house.read("request.der")).unwrap();
    let with = |extensions: Vec<(&str, bool, Vec<u8>)>| {
        let mut request = plain.clone();
        let extensions = extensions.into_iter().map(|(oid, critical, value)| Extension {
            extn_id: oid.parse().unwrap(),
            critical,
            extn_value: OctetString::new(value).unwrap(),
        });
        request.tbs_request.request_extensions = Some(extensions.collect());
        request.to_der().unwrap()
    };
    let nonce = |length: usize| {
        let value = OctetString::new(vec![7; length]).unwrap().to_der().unwrap();
        ("1.3.6.1.5.5.7.48.1.2", false, value)
    };
    assert_eq!(house.status(&house.read("request.der")), 0);
    for (length, status) in [(0, 1), (1, 0), (32, 0), (128, 0), (129, 1)] {
        assert_eq!(house.status(&with(vec![nonce(length)])), status, "{length}");
    }
    assert_eq!(house.status(&with(vec![nonce(32), nonce(32)])), 1);
    assert_eq!(house.status(&with(vec![("1.3.6.1.5.5.7.48.1.2", false, vec![7; 8])])), 1);
    assert_eq!(house.status(&with(vec![("1.2.392.1", false, vec![5, 0])])), 0);
    assert_eq!(house.status(&with(vec![("1.2.392.1", true, vec![5, 0])])), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_of_its_time() {
    let house = house().await;
    house.sandbox.misbehave(Fault::OcspStale, 1);
    house.says(&house.ask("-cert good.pem"), &["WARNING: Status times invalid", "status expired"]);
    house.sandbox.shift_clock(SignedDuration::from_hours(48));
    house.says(&house.ask("-cert good.pem"), &["status not yet valid"]);
}
