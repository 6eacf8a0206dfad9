//! OpenSC's tools on the virtual card.

use std::fs;

use kaigotap_conformance::{
    Pcscd, Slot,
    card::{certificate, from_pem, hanako},
    openssl,
    process::run,
};
use kaigotap_virtual_card::{Atr, Behaviour, Purpose};
use rstest::rstest;

use Purpose::{Authentication, Signature};

const MESSAGE: &[u8] = b"Hanako was here.";
const PIN: &str = "1234";
const PASSWORD: &str = "ABC123";

#[rstest]
#[case::listed(Behaviour::modern(), Atr::contact())]
#[case::unlisted(Behaviour::plain(), Atr::contactless())]
fn recognises_the_card_by_its_application(#[case] profile: Behaviour, #[case] atr: Atr) {
    let pcscd = Pcscd::start();
    let _card = pcscd.plug(Slot::First, hanako(profile).with_atr(atr));
    assert_eq!(run(pcscd.client("opensc-tool").arg("--name")).succeeded().text().trim(), "jpki");
}

#[rstest]
fn dumps_what_is_on_it(#[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour) {
    let pcscd = Pcscd::start();
    let card = pcscd.plug(Slot::First, hanako(profile));
    let dump = run(pcscd.client("pkcs15-tool").arg("--dump")).succeeded().text();
    for expected in [
        "PKCS#15 Card [JPKI]",
        "PIN [User Authentication PIN]",
        "PIN [Digital Signature PIN]",
        "Private RSA Key [User Authentication Key]",
        "Private RSA Key [Digital Signature Key]",
        "X.509 Certificate [User Authentication Certificate]",
        "X.509 Certificate [Digital Signature Certificate CA]",
    ] {
        assert!(dump.contains(expected), "{expected:?} is missing in\n{dump}");
    }
    assert_eq!(card.take_out().meter().verify_attempts, 0, "nobody was asked for a PIN");
}

#[rstest]
fn reads_the_authentication_certificate(
    #[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour,
) {
    let pcscd = Pcscd::start();
    let _card = pcscd.plug(Slot::First, hanako(profile));
    let said = run(pcscd.client("pkcs15-tool").args(["--read-certificate", "1"])).succeeded();
    assert_eq!(from_pem(&said.text()), certificate(Authentication));
}

#[rstest]
fn reads_the_signature_certificate_only_with_the_password(
    #[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour,
) {
    let pcscd = Pcscd::start();
    let card = pcscd.plug(Slot::First, hanako(profile));
    let mut read = pcscd.client("pkcs15-tool");
    read.args(["--read-certificate", "2"]);
    let refused = run(&mut read);
    assert!(!refused.status.success() && refused.stdout.is_empty(), "{refused}");

    read.args(["--verify-pin", "--auth-id", "2", "--pin", PASSWORD]);
    assert_eq!(from_pem(&run(&mut read).succeeded().text()), certificate(Signature));
    assert_eq!(card.take_out().meter().verify_attempts, 1);
}

#[rstest]
#[case(Authentication, "1", PIN)]
#[case(Signature, "2", PASSWORD)]
fn signs_through_pkcs15(
    #[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour,
    #[case] purpose: Purpose,
    #[case] key: &str,
    #[case] pin: &str,
) {
    let pcscd = Pcscd::start();
    let card = pcscd.plug(Slot::First, hanako(profile));
    fs::write(pcscd.directory().join("hash"), openssl::sha256(MESSAGE)).unwrap();
    let _ = run(pcscd
        .client("pkcs15-crypt")
        .args(["--sign", "--key", key, "--pin", pin, "--pkcs1", "--sha-256"])
        .args(["--raw", "--input", "hash", "--output", "signature"]))
    .succeeded();
    let signature = fs::read(pcscd.directory().join("signature")).unwrap();
    assert!(openssl::verifies(&certificate(purpose), MESSAGE, &signature));
    assert_eq!(card.take_out().meter().verify_attempts, 1);
}

#[rstest]
#[case(Authentication, "0", "01", PIN, 1)]
// This key asks for its password before every signature (CKA_ALWAYS_AUTHENTICATE).
#[case(Signature, "1", "02", PASSWORD, 2)]
fn signs_through_pkcs11(
    #[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour,
    #[case] purpose: Purpose,
    #[case] slot: &str,
    #[case] key: &str,
    #[case] pin: &str,
    #[case] verifications: u64,
) {
    let pcscd = Pcscd::start();
    let card = pcscd.plug(Slot::First, hanako(profile));
    fs::write(pcscd.directory().join("message"), MESSAGE).unwrap();
    let _ = run(pcscd
        .client("pkcs11-tool")
        .args(["--slot-index", slot, "--login", "--pin", pin, "--sign", "-m", "SHA256-RSA-PKCS"])
        .args(["--id", key, "--input-file", "message", "--output-file", "signature"]))
    .succeeded();
    let signature = fs::read(pcscd.directory().join("signature")).unwrap();
    assert!(openssl::verifies(&certificate(purpose), MESSAGE, &signature));
    assert!(!openssl::verifies(&certificate(purpose), b"Hanako was not here.", &signature));
    assert_eq!(card.take_out().meter().verify_attempts, verifications);
}

#[rstest]
#[case(Authentication, "1", "0000", 2)]
#[case(Signature, "2", "ABC124", 4)]
fn a_wrong_pin_costs_one_try(
    #[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour,
    #[case] purpose: Purpose,
    #[case] id: &str,
    #[case] wrong: &str,
    #[case] left: u8,
) {
    let pcscd = Pcscd::start();
    let card = pcscd.plug(Slot::First, hanako(profile));
    let said =
        run(pcscd.client("pkcs15-tool").args(["--verify-pin", "--auth-id", id, "--pin", wrong]));
    assert!(!said.status.success(), "{said}");

    let pins = run(pcscd.client("pkcs15-tool").arg("--list-pins")).succeeded().text();
    assert!(pins.contains(&format!("Tries left     : {left}")), "{pins}");
    let card = card.take_out();
    assert_eq!((card.tries_left(purpose), card.meter().verify_attempts), (left, 1));
}

/// OpenSC takes a card for its own only if the query of both PINs answers `63Cx`, blocked or not.
#[rstest]
fn a_blocked_pin_is_told(#[values("plain", "modern")] base: &str) {
    let pcscd = Pcscd::start();
    let profile = format!("{base}+locked+query-blocked-63c0").parse().unwrap();
    let card = pcscd.plug(Slot::First, hanako(profile));
    let pins = run(pcscd.client("pkcs15-tool").arg("--list-pins")).succeeded().text();
    assert!(pins.contains("Tries left     : 0"), "{pins}");
    let said =
        run(pcscd.client("pkcs15-tool").args(["--verify-pin", "--auth-id", "1", "--pin", PIN]));
    assert!(!said.status.success(), "{said}");
    assert_eq!(card.take_out().tries_left(Authentication), 0);
}
