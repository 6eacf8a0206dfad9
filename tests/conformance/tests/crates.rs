//! Other people's crates on the virtual card.

use std::fs;

use kaigotap_conformance::{
    Pcscd, Slot, build,
    card::{certificate, hanako, write_authorities},
    openssl,
    process::{Finished, run},
};
use kaigotap_virtual_card::{Behaviour, Person, PinKind, Portrait, Purpose, VirtualCard};
use rstest::rstest;
use tempfile::TempDir;

const MESSAGE: &[u8] = b"Hanako was here.";
const PIN: &str = "1234";
/// 照合番号B: birth date, year of expiry, security code.
const B: &str = "16050320350503";

/// Lets a client work on a card, and gives back what it said and the card.
fn played(profile: Behaviour, client: &str, job: &str) -> (Finished, VirtualCard) {
    let program = build::example(client);
    let pcscd = Pcscd::start();
    let card = pcscd.plug(Slot::First, hanako(profile));
    write_authorities(pcscd.directory());
    let mut command = pcscd.client(program);
    // The other one takes the first reader.
    if client == "myna-card" {
        command.arg(pcscd.reader(Slot::First));
    }
    let said = run(command.args(job.split_whitespace()));
    (said, card.take_out())
}

/// Lets a client read and sign; checks both, and gives the card back.
fn read_and_signed(profile: Behaviour, client: &str) -> VirtualCard {
    let (said, directory, card) = signed(profile, client);
    let _ = said.succeeded();
    let written = |name| fs::read(directory.path().join(name)).unwrap();
    assert_eq!(written("certificate"), certificate(Purpose::Authentication));
    assert!(openssl::verifies(&written("certificate"), MESSAGE, &written("signature")));
    card
}

fn signed(profile: Behaviour, client: &str) -> (Finished, TempDir, VirtualCard) {
    let directory = tempfile::tempdir().unwrap();
    let file = |name| directory.path().join(name).display().to_string();
    fs::write(file("input"), openssl::digest_info(MESSAGE)).unwrap();
    let job = ["sign", PIN, &file("input"), &file("certificate"), &file("signature")].join(" ");
    let (said, card) = played(profile, client, &job);
    (said, directory, card)
}

#[test]
fn myna_card_reads_and_signs() {
    let card = read_and_signed(Behaviour::modern(), "myna-card");
    assert_eq!(card.meter().verify_attempts, 1);
}

/// It names the key by its short id only, which a plain card does not take.
#[test]
fn myna_card_does_not_sign_on_a_plain_card() {
    let (said, _, card) = signed(Behaviour::plain(), "myna-card");
    assert!(!said.status.success(), "{said}");
    assert_eq!(card.trace().last().map(|header| header[1]), Some(0x2A), "{said}");
}

#[rstest]
fn myna_card_tells_the_status(
    #[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour,
) {
    let (said, card) = played(profile, "myna-card", "status");
    let said = said.succeeded().text();
    for expected in [
        "token: Card",
        "certificates: true true",
        "authentication: Remaining(3)",
        "signature: Remaining(5)",
        "text 0011: Remaining(3)",
        "text 0015: Remaining(10)",
        "surface 0012: Remaining(10)",
        "surface 0011: Remaining(10)",
    ] {
        assert!(said.lines().any(|line| line == expected), "{expected:?} is missing in\n{said}");
    }
    assert_eq!(card.meter().verify_attempts, 0);
}

/// All signatures verified by its own code: certificate, attributes, key, and a challenge that the card signs.
#[rstest]
fn myna_card_believes_the_attributes(
    #[values(Behaviour::plain(), Behaviour::modern(), "plain+long-lengths".parse().unwrap())]
    profile: Behaviour,
    #[values(PinKind::InputSupport, PinKind::InputSupportB)] key: PinKind,
) {
    let hanako = Person::hanako();
    let (name, secret) = if key == PinKind::InputSupport { ("pin", "2345") } else { ("b", B) };
    let (said, card) = played(profile, "myna-card", &format!("holder {name} {secret} text"));
    assert_eq!(
        said.succeeded().text().lines().collect::<Vec<_>>(),
        [hanako.name, hanako.address, "1941-05-03", "Female"]
    );
    assert_eq!(card.meter().verify_attempts, 1);
}

#[rstest]
fn myna_card_believes_the_face(
    #[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour,
) {
    let (said, card) = played(profile, "myna-card", &format!("face {B} face"));
    let said = said.succeeded().text();
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[..3], ["1941-05-03", "Female", "2035-05-03"]);
    assert!(lines[3].starts_with("Png ") && lines[4].starts_with("Png "), "{said}");
    assert_eq!(lines[5], format!("Jpeg2000 {}", Portrait::Woman.jpeg_2000().len()));
    assert!(lines[6].starts_with("Png "), "{said}");
    assert_eq!(card.meter().verify_attempts, 1);
}

#[rstest]
fn myna_card_believes_the_age(
    #[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour,
) {
    let (said, card) = played(profile, "myna-card", "age 160503 face");
    assert_eq!(said.succeeded().text().trim(), "1941-05-03");
    assert_eq!(card.meter().verify_attempts, 1);
}

/// The other application's authority, and a card of other authorities under the same names.
#[rstest]
#[case::the_other_authority("hanako", "holder b 16050320350503 face")]
#[case::the_other_authority("hanako", "face 16050320350503 text")]
#[case::a_forgery("foreign-issuer", "holder pin 2345 text")]
#[case::a_forgery("foreign-issuer", "face 16050320350503 face")]
#[case::a_forgery("foreign-issuer", "age 160503 face")]
fn myna_card_believes_nobody_else(#[case] person: &str, #[case] job: &str) {
    let pcscd = Pcscd::start();
    let card = VirtualCard::new(person.parse().unwrap(), Behaviour::modern()).unwrap();
    let _card = pcscd.plug(Slot::First, card);
    write_authorities(pcscd.directory());
    let mut command = pcscd.client(build::example("myna-card"));
    let said = run(command.arg(pcscd.reader(Slot::First)).args(job.split_whitespace()));
    assert!(!said.status.success() && said.text().is_empty(), "{said}");
    assert!(said.stderr.contains("Signature"), "{said}");
}

/// Version 0.4.3 sends every command twice, VERIFY too: a wrong PIN would cost two tries.
#[rstest]
fn jpki_reads_and_signs(#[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour) {
    assert_eq!(read_and_signed(profile, "jpki").meter().verify_attempts, 2);
}

#[rstest]
fn jpki_tells_the_status(#[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour) {
    let (said, card) = played(profile, "jpki", "status");
    let length = certificate(Purpose::Authentication).len();
    assert_eq!(
        said.succeeded().text(),
        format!(
            "certificate: {length} bytes\nauthentication: 3\nsignature: 5\nsupport: 3\nsurface: 10\n"
        )
    );
    assert_eq!(card.meter().verify_attempts, 0);
}

#[rstest]
fn jpki_reads_attributes_and_face(
    #[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour,
) {
    let hanako = Person::hanako();
    let (said, card) = played(profile.clone(), "jpki", "holder 2345");
    assert_eq!(
        said.succeeded().text().lines().collect::<Vec<_>>(),
        [hanako.name, hanako.address, "19410503", "Female"]
    );
    assert_eq!(card.meter().verify_attempts, 2);

    let (said, card) = played(profile, "jpki", &format!("face {B}"));
    let photo = Portrait::Woman.jpeg_2000().len().to_string();
    assert_eq!(
        said.succeeded().text().lines().collect::<Vec<_>>(),
        ["19410503", "20350503", &photo[..]]
    );
    assert_eq!(card.meter().verify_attempts, 2);
}
