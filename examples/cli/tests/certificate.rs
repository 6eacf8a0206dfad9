//! `kaigotap certificate`, with certificates of a JPKI test card and lists and answers that OpenSSL made.

use assert_cmd::Command;
use serde_json::Value;

fn vector(name: &str) -> String {
    format!("{}/../../tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Exit code, and what was said as JSON.
fn kaigotap(arguments: &[&str]) -> (i32, Value) {
    let output = Command::cargo_bin("kaigotap")
        .unwrap()
        .args(["--json", "certificate"])
        .args(arguments)
        .output()
        .unwrap();
    let said = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), said)
}

/// Judges the test card's leaf under this root.
fn judge(root: &str, more: &[&str]) -> (i32, Value) {
    let (leaf, root) =
        (vector("jpki-test-card/jpki-auth-cert.der"), vector(&format!("jpki-test-card/{root}")));
    let at = ["--at", "2026-11-20T00:00:00Z"];
    kaigotap(&[&["verify", "--anchor", &root, &leaf], &at[..], more].concat())
}

#[allow(clippy::needless_pass_by_value, reason = "what was said is said there and then")]
fn rejected(said: (i32, Value), reason: &str) {
    assert_eq!(
        (said.0, &said.1["verdict"], &said.1["reason"]),
        (1, &"rejected".into(), &reason.into())
    );
}

#[allow(clippy::needless_pass_by_value, reason = "what was said is said there and then")]
fn unusable(said: (i32, Value), code: &str) {
    assert_eq!((said.0, &said.1["code"]), (2, &code.into()), "{:?}", said.1);
    assert!(said.1["next_action"].as_str().is_some_and(|text| text.ends_with('.')));
}

const OWN: &str = "jpki-auth-ca-cert.der";

#[test]
fn a_test_card_is_accepted_under_its_root() {
    let (exit, said) = judge(OWN, &[]);
    assert_eq!((exit, &said["verdict"], &said["reason"]), (0, &"accepted".into(), &Value::Null));
    assert_eq!(said["anchors"], "test");
    assert_eq!(said["chain"]["certificates"], 1);
    assert_eq!(said["policy"]["asserted"][0], "1.2.392.200149.8.5.1.0.30");
    assert_eq!(said["revocation"]["why"], "revocation_not_given");
    for check in ["algorithms", "chain", "extensions", "constraints", "usage", "policy", "validity"]
    {
        assert_eq!(said[check]["finding"], "passed", "{check}");
    }
}

#[test]
fn and_under_no_other_root_purpose_policy_or_time() {
    rejected(judge("jpki-auth-ca-cert-2019.der", &[]), "anchor_of_another_key");
    rejected(judge("jpki-sign-ca-cert.der", &[]), "anchor_unknown");
    let leaf = vector("jpki-test-card/jpki-auth-cert.der");
    rejected(kaigotap(&["verify", &leaf]), "anchor_unknown");
    rejected(judge(OWN, &["--purpose", "signature"]), "wrong_usage");
    rejected(judge(OWN, &["--policy", "1.2.392.200149.8.5.1.3.30"]), "wrong_policy");
    let at = |time| {
        let root = vector(&format!("jpki-test-card/{OWN}"));
        kaigotap(&["verify", "--anchor", &root, "--at", time, &leaf])
    };
    rejected(at("2030-02-17T15:00:00Z"), "expired");
    rejected(at("2025-10-27T01:35:41Z"), "not_yet_valid");
    assert_eq!(at("2030-02-17T14:59:59Z").0, 0);
}

#[test]
fn a_published_root_is_no_test() {
    let root = format!("{}/../../core/src/pki/roots/authca03.cer", env!("CARGO_MANIFEST_DIR"));
    let leaf = vector("jpki-test-card/jpki-auth-cert.der");
    let (exit, said) = kaigotap(&["verify", "--anchor", &root, &leaf]);
    assert_eq!((exit, &said["anchors"]), (1, &"production".into()));
}

/// Judges one of OpenSSL's certificates with this evidence.
fn with_evidence(leaf: &str, evidence: &[&str]) -> (i32, Value) {
    let of = |name: &str| vector(&format!("revocation/{name}.der"));
    let mut arguments = vec!["verify".to_owned(), "--purpose".into(), "any".into()];
    arguments.extend(["--anchor".to_owned(), of("ca"), of(leaf)]);
    for pair in evidence.chunks(2) {
        let is_file = matches!(pair[0], "--crl" | "--ocsp");
        let value = if is_file { of(pair[1]) } else { pair[1].to_owned() };
        arguments.extend([pair[0].to_owned(), value]);
    }
    if !evidence.contains(&"--at") {
        arguments.extend(["--at".to_owned(), "2026-12-01T00:00:00Z".to_owned()]);
    }
    kaigotap(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn revocation_counts() {
    for list in ["whole", "part"] {
        let (exit, said) = with_evidence("good", &["--crl", list]);
        assert_eq!((exit, &said["revocation"]["source"]), (0, &"crl".into()), "{list}: {said}");
        let (exit, said) = with_evidence("revoked", &["--crl", list]);
        assert_eq!((exit, &said["reason"]), (1, &"revoked".into()));
        assert_eq!(said["revocation"]["reason"], "key_compromise");
    }
    for answer in ["good-sha1", "good-sha256", "by-key", "by-issuer"] {
        let (exit, said) = with_evidence("good", &["--ocsp", answer]);
        assert_eq!((exit, &said["revocation"]["source"]), (0, &"ocsp".into()), "{answer}: {said}");
    }
    rejected(with_evidence("revoked", &["--ocsp", "revoked-sha1"]), "revoked");
    // A revocation counts whatever else is said.
    rejected(with_evidence("revoked", &["--ocsp", "revoked-sha1", "--crl", "empty"]), "revoked");
}

#[test]
fn evidence_that_says_nothing_is_a_no() {
    let why = |said: (i32, Value), why: &str| {
        assert_eq!(said.1["revocation"]["why"], why);
        rejected(said, "revocation_unknown");
    };
    let late = ["--at", "2036-11-18T03:33:22Z"];
    why(with_evidence("good", &["--crl", "other"]), "crl_other_partition");
    why(with_evidence("good", &["--ocsp", "no-certificate"]), "ocsp_responder_unfit");
    why(with_evidence("good", &["--ocsp", "revoked-sha1"]), "ocsp_no_answer");
    why(with_evidence("unlisted", &["--ocsp", "unknown"]), "ocsp_unknown");
    // Somebody who ought to know it has not issued it: a list cannot mend that.
    why(with_evidence("unlisted", &["--ocsp", "unknown", "--crl", "whole"]), "ocsp_unknown");
    assert_eq!(with_evidence("good", &["--crl", "whole", late[0], late[1]]).0, 0);
}

/// Ten days before it is judged, each of them was issued.
#[test]
fn word_may_be_too_old_though_it_is_in_time() {
    for (kind, name, stale) in
        [("--crl", "whole", "crl_stale"), ("--ocsp", "good-sha256", "ocsp_stale")]
    {
        assert_eq!(with_evidence("good", &[kind, name, "--greatest-age", "240h"]).0, 0, "{name}");
        let (exit, said) = with_evidence("good", &[kind, name, "--greatest-age", "230h"]);
        assert_eq!((exit, &said["revocation"]["why"]), (1, &stale.into()), "{said}");
    }
}

#[test]
fn a_list_may_be_older_than_one_that_was_seen() {
    let (_, said) = with_evidence("good", &["--crl", "whole"]);
    let number = said["revocation"]["number"].as_str().unwrap();
    assert_eq!(number, "1001");
    let least = |number| with_evidence("good", &["--crl", "whole", "--least-list-number", number]);
    assert_eq!(least(number).0, 0);
    assert_eq!(least("0fff").0, 0);
    let (exit, said) = least("1002");
    assert_eq!((exit, &said["revocation"]["why"]), (1, &"crl_superseded".into()));
    for malformed in ["", "1", "10x1", "0x1001", &"11".repeat(21)] {
        let leaf = vector("revocation/good.der");
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kaigotap"));
        command.args(["certificate", "verify", "--least-list-number", malformed, &leaf]);
        let out = command.output().unwrap();
        let said = String::from_utf8(out.stderr).unwrap();
        assert!(out.status.code() == Some(2) && said.contains("hexadecimal"), "{said}");
    }
}

#[test]
fn a_stale_list_says_nothing() {
    for leaf in ["good", "revoked"] {
        let (exit, said) = with_evidence(leaf, &["--crl", "stale"]);
        assert_eq!((exit, &said["reason"]), (1, &"revocation_unknown".into()), "{said}");
        assert_eq!(said["revocation"]["why"], "crl_stale");
    }
    // Its last second, and the one after.
    let at = |time| with_evidence("good", &["--crl", "stale", "--at", time]);
    let (exit, said) = at("2026-11-22T07:11:21Z");
    assert_eq!(
        (exit, &said["verdict"], &said["revocation"]["source"]),
        (0, &"accepted".into(), &"crl".into())
    );
    let (exit, said) = at("2026-11-22T07:11:22Z");
    assert_eq!((exit, &said["revocation"]["why"]), (1, &"crl_stale".into()));
}

#[test]
fn what_cannot_be_used_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let leaf = std::fs::read(vector("jpki-test-card/jpki-auth-cert.der")).unwrap();
    unusable(kaigotap(&["verify", &file("empty", b"")]), "file_empty");
    unusable(kaigotap(&["verify", &file("garbage", b"garbage")]), "certificate_malformed");
    unusable(kaigotap(&["verify", &file("long", &vec![0x30; 10 << 20])]), "file_too_long");
    unusable(kaigotap(&["verify", "/no/such/file"]), "file_not_read");
    unusable(kaigotap(&["verify", &file("cut", &leaf[..leaf.len() - 1])]), "certificate_malformed");
    unusable(
        kaigotap(&[
            "verify",
            &file("pem", b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
        ]),
        "pem_malformed",
    );
    unusable(
        kaigotap(&["verify", "--policy", "x", &vector("jpki-test-card/jpki-auth-cert.der")]),
        "policy_malformed",
    );
    unusable(with_evidence("good", &["--crl", "good"]), "crl_malformed");
    unusable(with_evidence("good", &["--ocsp", "good"]), "ocsp_malformed");

    // A changed byte inside what is signed.
    let mut tampered = leaf.clone();
    let at = tampered.windows(5).position(|bytes| bytes == b"13221").unwrap();
    tampered[at] = b'2';
    let root = vector(&format!("jpki-test-card/{OWN}"));
    let tampered = file("tampered", &tampered);
    rejected(kaigotap(&["verify", "--anchor", &root, &tampered]), "signature_invalid");
}

#[test]
fn pem_is_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let pem = |names: &[&str]| -> String {
        let blocks = names.iter().map(|name| {
            let der = std::fs::read(vector(&format!("jpki-test-card/{name}"))).unwrap();
            pem::encode(&pem::Pem::new("CERTIFICATE", der))
        });
        let path = folder.path().join(names.join("+"));
        std::fs::write(&path, blocks.collect::<String>()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (leaf, root) = (pem(&["jpki-auth-cert.der"]), pem(&[OWN]));
    let at = ["--at", "2026-11-20T00:00:00Z"];
    assert_eq!(kaigotap(&[&["verify", "--anchor", &root, &leaf], &at[..]].concat()).0, 0);
    let both = pem(&["jpki-auth-cert.der", OWN]);
    unusable(kaigotap(&["verify", "--anchor", &root, &both]), "several_in_one_file");
}

/// As other programs leave it: after their own text, with a byte-order mark, or in UTF-16.
#[test]
fn pem_is_found_wherever_it_stands() {
    type Form = (&'static str, fn(&str) -> Vec<u8>);
    let forms: [Form; 9] = [
        ("bag attributes", |pem| {
            format!("Bag Attributes\n    localKeyID: 01 02 \nsubject=C = JP\n\n{pem}").into_bytes()
        }),
        ("text in Shift_JIS", |pem| [b"\x8F\xD8\x96\xBE\x8F\x91\r\n", pem.as_bytes()].concat()),
        ("a number", |pem| format!("0123 is its number\n{pem}").into_bytes()),
        ("UTF-8", |pem| format!("\u{FEFF}{pem}").into_bytes()),
        ("UTF-16LE", |pem| utf_16(&format!("\u{FEFF}{pem}"), u16::to_le_bytes)),
        ("UTF-16BE", |pem| utf_16(&format!("\u{FEFF}{pem}"), u16::to_be_bytes)),
        ("UTF-16LE, no mark", |pem| utf_16(pem, u16::to_le_bytes)),
        ("UTF-16BE, no mark", |pem| utf_16(pem, u16::to_be_bytes)),
        ("UTF-16LE, text", |pem| utf_16(&format!("証明書\r\n{pem}"), u16::to_le_bytes)),
    ];
    let folder = tempfile::tempdir().unwrap();
    let pem = |kind: &str, name: &str, form: &Form| -> String {
        let der = std::fs::read(vector(name)).unwrap();
        let path = folder.path().join(form.0);
        let path = path.with_extension(name.replace('/', "-"));
        std::fs::write(&path, form.1(&pem::encode(&pem::Pem::new(kind, der)))).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for form in &forms {
        let of = |kind, name: &str| pem(kind, &format!("revocation/{name}.der"), form);
        let (root, leaf) = (of("CERTIFICATE", "ca"), of("CERTIFICATE", "below"));
        let (between, good) = (of("CERTIFICATE", "intermediate"), of("CERTIFICATE", "good"));
        let (list, answer) = (of("X509 CRL", "whole"), of("OCSP RESPONSE", "good-sha256"));
        let at = ["--purpose", "any", "--at", "2026-12-01T00:00:00Z", "--anchor", &root];
        let judge = |more: &[&str]| kaigotap(&[&["verify"], &at[..], more].concat());
        for (exit, said) in [
            judge(&["--intermediate", &between, &leaf]),
            judge(&["--crl", &list, &good]),
            judge(&["--ocsp", &answer, &good]),
            kaigotap(&["show", &good]),
        ] {
            assert_eq!(exit, 0, "{}: {said}", form.0);
        }
    }
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// A file that is DER is read as that, whatever text it holds.
#[test]
fn pem_inside_of_der_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let der = std::fs::read(vector("revocation/good.der")).unwrap();
    let inside = pem::encode(&pem::Pem::new("CERTIFICATE", der)).into_bytes();
    let file = folder.path().join("outside");
    let length = u16::try_from(inside.len() + 1).unwrap().to_be_bytes();
    std::fs::write(&file, [&[0x30, 0x82], &length[..], b"\n", &inside].concat()).unwrap();
    unusable(kaigotap(&["show", file.to_str().unwrap()]), "certificate_malformed");
}

#[test]
fn pem_without_an_end_is_malformed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cut");
    std::fs::write(&file, "text\n-----BEGIN CERTIFICATE-----\nMIIC\n").unwrap();
    unusable(kaigotap(&["show", file.to_str().unwrap()]), "pem_malformed");
}

/// Whatever a certificate, a file or its name holds: a terminal gets text and line breaks of this program only.
#[test]
fn nothing_rules_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let leaf = vector("control-characters/leaf.der");
    let named = folder.path().join("a\u{1b}[2J\u{202e}b\u{9b}c\nd");
    std::fs::write(&named, b"0").unwrap();
    let named = named.to_str().unwrap();
    let missing = format!("{named}x");
    let root = vector("revocation/ca.der");
    for (arguments, lines) in [
        (vec!["certificate", "show", &leaf], 8),
        (vec!["certificate", "show", "--show-personal", &leaf], 17),
        (vec!["certificate", "verify", "--anchor", &root, &leaf], 10),
        (vec!["certificate", "show", named], 3),
        (vec!["certificate", "show", &missing], 3),
        (vec!["certificate", "verify", "--crl", named, &leaf], 3),
        (vec!["--json", "certificate", "show", "--show-personal", &leaf], 20),
        (vec!["--json", "certificate", "show", &missing], 6),
    ] {
        let output = Command::cargo_bin("kaigotap").unwrap().args(&arguments).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let rules =
            |c: char| (c.is_control() && c != '\n') || ('\u{2028}'..='\u{202E}').contains(&c);
        assert!(!said.contains(rules), "{arguments:?}: {said:?}");
        assert_eq!(said.lines().count(), lines, "{arguments:?}: {said}");
        assert!(said.lines().all(|line| !line.starts_with("ACCEPTED")), "{arguments:?}: {said}");
        if arguments[0] == "--json" {
            let said: Value = serde_json::from_str(&said).unwrap();
            if let Some(issuer) = said["issuer"].as_str() {
                // What stands in it is what stood there.
                assert!(issuer.contains('\u{1b}') && issuer.contains('\u{202e}'), "{issuer:?}");
            }
        }
    }
}

#[test]
fn nothing_personal_is_shown_unasked() {
    for (name, personal) in [
        ("jpki-auth-cert.der", vec!["997794E9AGCIEG", "13221", "Kiyose", "227b13", "02-17"]),
        ("jpki-sign-cert.der", vec!["20251016172600", "13221", "Kiyose", "清瀬", "1980", "02-17"]),
    ] {
        let file = vector(&format!("jpki-test-card/{name}"));
        let root = vector(&format!("jpki-test-card/{}", name.replace("cert", "ca-cert")));
        let said = |arguments: &[&str]| {
            let mut command = Command::cargo_bin("kaigotap").unwrap();
            let output = command.arg("certificate").args(arguments).output().unwrap();
            String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
        };
        let shown = said(&["show", &file]);
        let judged = said(&["verify", "--anchor", &root, &file, "--purpose", "any", "--json"]);
        for secret in &personal {
            assert!(!shown.contains(secret) && !judged.contains(secret), "{secret}");
        }
        let all = said(&["show", &file, "--show-personal"]);
        assert!(all.contains("13221") && all.contains("2030-02-17"));
    }
}

#[test]
fn every_code_is_documented() {
    use kaigotap::message::Language::{English, Japanese};
    use kaigotap::pki::Reason;
    use kaigotap::pki::revocation::{NotChecked, RevocationReason};

    let document = include_str!("../../../docs/certificate.md");
    let row = |code: &str, english: &str, japanese: &str| {
        let row = format!("| `{code}` | {english} | {japanese} |");
        assert!(document.contains(&row), "{row}");
    };
    for reason in Reason::ALL {
        row(reason.code(), reason.text(English), reason.text(Japanese));
    }
    for why in NotChecked::ALL {
        row(why.code(), why.text(English), why.text(Japanese));
    }
    for reason in RevocationReason::ALL {
        row(reason.code(), reason.text(English), reason.text(Japanese));
    }
    let rows = document.lines().filter(|line| line.starts_with("| `")).count();
    let codes = Reason::ALL.len() + NotChecked::ALL.len() + RevocationReason::ALL.len();
    assert_eq!(rows, codes);
}
