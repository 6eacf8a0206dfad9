//! Other people's crates on the virtual card.

use std::fs;

use kaigotap_conformance::{
    Pcscd, Slot, build,
    card::{certificate, hanako},
    openssl,
    process::run,
};
use kaigotap_virtual_card::{Profile, Purpose, VirtualCard};
use rstest::rstest;

const MESSAGE: &[u8] = b"Hanako was here.";
const PIN: &str = "1234";

/// Lets a client read and sign; checks both, and gives the card back.
fn read_and_signed(profile: Profile, client: &str, by_name: bool) -> VirtualCard {
    let program = build::example(client);
    let pcscd = Pcscd::start();
    let card = pcscd.plug(Slot::First, hanako(profile));
    fs::write(pcscd.directory().join("input"), openssl::digest_info(MESSAGE)).unwrap();
    let mut command = pcscd.client(program);
    if by_name {
        command.arg(pcscd.reader(Slot::First));
    }
    let _ = run(command.args([PIN, "input", "certificate", "signature"])).succeeded();
    let written = |name| fs::read(pcscd.directory().join(name)).unwrap();
    assert_eq!(written("certificate"), certificate(Purpose::Authentication));
    assert!(openssl::verifies(&written("certificate"), MESSAGE, &written("signature")));
    card.take_out()
}

/// It signs by the key's short id only, which a plain card does not take.
#[test]
fn myna_card_reads_and_signs() {
    let card = read_and_signed(Profile::modern(), "myna-card", true);
    assert_eq!(card.meter().verify_attempts, 1);
}

#[rstest]
fn jpki_reads_and_signs(#[values(Profile::plain(), Profile::modern())] profile: Profile) {
    let card = read_and_signed(profile, "jpki", false);
    // Version 0.4.3 sends every command twice, VERIFY too: a wrong PIN would cost two tries.
    assert_eq!(card.meter().verify_attempts, 2);
}
