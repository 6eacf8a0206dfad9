//! Writes the seeds of the fuzz targets: what virtual cards say to every flow, and the records of test cards.
//!
//! `cargo xtask fuzz --seeds` runs it. Its argument is the directory of the corpora.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{env, fs};

use kaigotap::card::PinKind;
use kaigotap::card::record::FaceRecord;
use kaigotap::flow::{Answer, Connected, FaceCheck, LinkError, Occasion, Prompt, Secret};
use kaigotap::fuzzing::{self, FLOWS};
use kaigotap::link::{CardLink, Screen};
use kaigotap_virtual_card as virtual_card;
use virtual_card::{Person, VirtualCard};

/// Names of the flows, in their order.
const FLOW_NAMES: [&str; FLOWS as usize] = [
    "status",
    "authentication-certificate",
    "signature-certificate",
    "holder-by-pin",
    "holder-by-number-b",
    "face",
    "age",
    "information",
    "change-authentication-pin",
    "change-signature-password",
    "change-input-support-pin",
    "visit",
    "change-what-is-printed",
];

/// 2026-01-01, so that the certificates are always the same.
const ISSUED: Duration = Duration::from_hours(24 * 20_454);

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let corpora = env::args_os().nth(1).map(PathBuf::from).ok_or("which directory?")?;
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/jpki-test-card");
    let vector = |name: &str| fs::read(vectors.join(name));
    let corpus = |name: &'static str| Corpus { directory: corpora.join(name) };

    hostile_card(&corpus("hostile_card"))?;

    let records = corpus("records");
    for name in ["text-0002", "text-0003", "text-0007", "face-0001", "face-0002", "face-0003"] {
        records.write(name, &vector(&format!("{name}.bin"))?)?;
    }
    for (name, seed) in [
        ("small", &b"\xFF\x20\x17\xDF\x22\x01A\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x012"[..]),
        (
            "twice",
            b"\xFF\x20\x1B\xDF\x22\x01A\xDF\x22\x01X\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x012",
        ),
        ("missing", b"\xFF\x20\x13\xDF\x22\x01A\xDF\x23\x01B\xDF\x24\x0819800217"),
        ("lying", b"\xFF\x20\x17\xDF\x22\x7FA\xDF\x23\x01B\xDF\x24\x0819800217\xDF\x25\x012"),
        // A date of eight bytes that is cut within a character where its month ends.
        ("cut", b"\xFF\x20\x17\xDF\x22\x01A\xDF\x23\x01B\xDF\x24\x0819800\xC2\xA1Q\xDF\x25\x012"),
    ] {
        records.write(name, seed)?;
    }

    let photo = FaceRecord::parse(&vector("face-0002.bin")?)?.photo;
    corpus("photo").write("test-card", &photo)?;
    corpus("photo").write("half", photo.get(..photo.len() / 2).unwrap_or_default())?;

    let certificates = corpus("certificate");
    for name in ["jpki-auth-cert", "jpki-sign-cert", "jpki-auth-ca-cert", "jpki-sign-ca-cert"] {
        certificates.write(name, &vector(&format!("{name}.der"))?)?;
    }
    let authority = virtual_card::Authority::test();
    let issued = SystemTime::UNIX_EPOCH + ISSUED;
    let hanako = Person::hanako();
    certificates.write("authentication", &authority.issue_authentication(&hanako, issued)?)?;
    certificates.write("signature", &authority.issue_signature(&hanako, issued)?)?;

    evidence(&corpora)?;
    card_certificate(&corpus("card_certificate"), &vector)?;
    challenge(&corpus("challenge"))?;
    ticket(&corpus("ticket"))?;
    small(&corpora)
}

struct Corpus {
    directory: PathBuf,
}

impl Corpus {
    fn write(&self, name: &str, seed: &[u8]) -> Outcome<()> {
        fs::create_dir_all(&self.directory)?;
        Ok(fs::write(self.directory.join(name), seed)?)
    }
}

fn hostile_card(corpus: &Corpus) -> Outcome<()> {
    for (which, name) in (0..FLOWS).zip(FLOW_NAMES) {
        for profile in ["modern", "plain"] {
            if name == "change-what-is-printed" && profile == "plain" {
                continue;
            }
            let (good, seed) = played(which, "hanako", profile)?;
            if !good {
                return Err(format!("{name} on {profile} came to no good end").into());
            }
            corpus.write(&format!("{name}-{profile}"), &seed)?;
        }
    }
    // Trouble: other cards, torn taps, the ends of counters.
    for (which, person, profile) in [
        (0, "android", "modern"),
        (0, "resident-card", "plain"),
        (0, "other-country", "plain"),
        (0, "face-card", "modern+t0"),
        (1, "hanako", "plain+t0"),
        (2, "hanako", "modern+signature-tries:1"),
        (3, "hanako", "modern+torn-after:4"),
        (3, "foreign-issuer", "modern"),
        (3, "rare-name", "modern+long-lengths+first-command-6f00"),
        (8, "hanako", "modern+torn-answering:5"),
        (11, "hanako", "modern+authentication-tries:1"),
        (11, "hanako", "modern+torn-answering:5"),
        (11, "hanako", "locked+blocked-6983"),
        (11, "foreign-issuer", "modern"),
    ] {
        let (_, seed) = played(which, person, profile)?;
        let name = FLOW_NAMES[usize::from(which)];
        corpus.write(&format!("{name}-{person}-{}", profile.replace(['+', ':'], "-")), &seed)?;
    }
    // Cards, readers and people who do the same thing for ever: how it begins, and what is repeated.
    let reading = b"\x00\xFF\x00\xFF\x00\xFD\x40";
    let asking = b"\x00\xFF\x00\xFF\x00";
    for (name, which, begins, repeated) in [
        ("always-a-byte", 1, &reading[..], &b"\x00\x03\x30\x90\x00"[..]),
        ("always-more", 1, reading, b"\xFA\x30"),
        ("always-nothing-and-more", 1, reading, b"\xF3\x10"),
        ("always-another-length", 1, reading, b"\xF4\x10"),
        ("always-everything", 1, reading, b"\xF1\x30"),
        ("always-what-is-asked", 0, b"\x01", b"\xFB\x30"),
        ("always-torn", 1, b"", b"\x00\xF0\x00"),
        ("always-torn-at-the-last-try", 2, b"", b"\x00\xFF\x00\xFF\x00\xF5\xC1\xF1\xF0\xF0\x00"),
        ("always-not-carried", 1, b"\x01", b"\xF0\x01"),
        ("always-tries", 2, asking, b"\xF5\xC9\xF0"),
        ("always-the-last-try", 2, asking, b"\xF5\xC1\xF1\xF0"),
        ("always-malformed", 2, b"\x00\xFF\x00\xFF\x00\xF5\xC3", b"\x01\x31"),
        ("accepted-and-not-carried", 2, b"\x00\xFF\x00\xFF\x00\xF5\xC3\xF0\xFF\x00", b"\xF0\x01"),
    ] {
        let count = u8::try_from(repeated.len())?;
        corpus.write(name, &[&[which, count], begins, repeated].concat())?;
    }
    Ok(())
}

fn played(which: u8, person: &str, profile: &str) -> Outcome<(bool, Vec<u8>)> {
    let person: Person = person.parse()?;
    let card = VirtualCard::issued(person, profile.parse()?, SystemTime::UNIX_EPOCH + ISSUED)?;
    let mut holder = Holder(card.clone());
    Ok(fuzzing::play(which, &mut PutBack(card), &mut holder))
}

/// A card that is held to the reader again when it is asked for.
struct PutBack(VirtualCard);

impl CardLink for PutBack {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError> {
        if occasion == Occasion::Again {
            self.0.put_back();
        }
        self.0.connect(occasion)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        CardLink::transmit(&mut self.0, command)
    }

    fn disconnect(&mut self) {
        CardLink::disconnect(&mut self.0);
    }
}

/// Somebody who knows this card's PINs and agrees to everything.
struct Holder(VirtualCard);

impl Screen for Holder {
    fn ask(&mut self, prompt: &Prompt) -> Answer {
        match prompt {
            Prompt::ConfirmFace => Answer::Face(FaceCheck::Match),
            Prompt::LastTry { .. } => Answer::Consent(true),
            Prompt::EnterPin { pin, .. } => {
                let kind = match pin {
                    PinKind::Authentication => virtual_card::PinKind::Authentication,
                    PinKind::Signature => virtual_card::PinKind::Signature,
                    PinKind::InputSupport => virtual_card::PinKind::InputSupport,
                    PinKind::VerificationNumberB => virtual_card::PinKind::FaceB,
                    _ => virtual_card::PinKind::BirthDate,
                };
                Answer::Pin(Secret::new(self.0.reference_data(kind)))
            }
            Prompt::NewPin { pin: PinKind::Signature, .. } => chosen("NEWPASS1"),
            Prompt::NewPin { .. } => chosen("4321"),
            _ => Answer::Cancelled,
        }
    }
}

fn chosen(pin: &str) -> Answer {
    Answer::NewPin(Secret::new(pin), Secret::new(pin))
}

fn card_certificate(
    corpus: &Corpus,
    vector: &dyn Fn(&str) -> std::io::Result<Vec<u8>>,
) -> Outcome<()> {
    // The key of an application signs what it is asked only when somebody asks: so it is asked here.
    for (name, person) in [("virtual", "hanako"), ("virtual-foreign", "foreign-issuer")] {
        let mut card = VirtualCard::issued(
            person.parse()?,
            "modern".parse()?,
            SystemTime::UNIX_EPOCH + ISSUED,
        )?;
        let pin = card.reference_data(virtual_card::PinKind::BirthDate).to_owned();
        let mut tell = |command: &[u8]| -> Vec<u8> {
            let mut answer = card.transmit(command);
            answer.truncate(answer.len().saturating_sub(2));
            answer
        };
        tell(b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02");
        tell(b"\x00\xA4\x02\x0C\x02\x00\x11");
        tell(&[&[0x00, 0x20, 0x00, 0x80, 0x06], pin.as_bytes()].concat());
        let record = tell(b"\x00\xB0\x81\x00\x00\x00\x00");
        let certificate = tell(b"\x00\xB0\x84\x00\x00\x00\x00");
        let at = record.windows(2).position(|tag| tag == [0xDF, 0x12]).ok_or("no key")?;
        let own_key = record.get(at + 5..at + 5 + 265).ok_or("a short key")?;
        let asked = [0x5A; 32];
        let digest = ring::digest::digest(&ring::digest::SHA256, &asked);
        let info = b"\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
        let sign = [&b"\x80\x2A\x00\x00\x33"[..], info, digest.as_ref(), &[0x00]].concat();
        let signature = tell(&sign);
        corpus.write(name, &parts(&[&certificate, own_key, &asked], &signature)?)?;
    }
    for name in ["text-0004", "face-0004"] {
        let certificate = vector(&format!("{name}.bin"))?;
        corpus.write(name, &parts(&[&certificate, &[], &[]], &[])?)?;
    }
    Ok(())
}

/// Lists, answers, and paths with them, as OpenSSL wrote them.
fn evidence(corpora: &Path) -> Outcome<()> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/revocation");
    let vector = |name: &str| fs::read(vectors.join(name).with_extension("der"));
    let (lists, answers) = (corpora.join("crl"), corpora.join("ocsp"));
    let (lists, answers) = (Corpus { directory: lists }, Corpus { directory: answers });
    for name in ["empty", "whole", "part", "other"] {
        lists.write(name, &vector(name)?)?;
    }
    for name in [
        "good-sha1",
        "good-sha256",
        "by-key",
        "by-issuer",
        "no-certificate",
        "revoked-sha1",
        "unknown",
    ] {
        answers.write(name, &vector(name)?)?;
    }
    answers.write("try-later", b"\x30\x03\x0A\x01\x03")?;
    answers.write("unauthorized", b"\x30\x03\x0A\x01\x06")?;

    // For what; leaf, two intermediates, anchor, list, answer.
    let paths = Corpus { directory: corpora.join("verify") };
    for (name, what, files) in [
        ("list", 0, ["good", "", "", "ca", "part", ""]),
        ("answer", 0, ["good", "", "", "ca", "", "good-sha256"]),
        ("answer-anew", 28, ["good", "", "", "ca", "", "good-sha256"]),
        ("both", 12, ["good", "", "", "ca", "whole", "by-issuer"]),
        ("revoked", 0, ["revoked", "", "", "ca", "part", ""]),
        ("unknown", 0, ["unlisted", "", "", "ca", "", "unknown"]),
        ("nothing", 0, ["good", "", "", "ca", "", ""]),
        ("below", 1, ["below", "intermediate", "", "ca", "whole-below", "good-intermediate"]),
        ("below-anew", 13, ["below", "intermediate", "", "ca", "whole-below", "good-intermediate"]),
        ("below-itself", 13, ["below", "", "", "intermediate", "whole-below", ""]),
        ("below-for-signatures", 14, ["below", "", "", "intermediate", "whole-below", ""]),
        ("below-other-policy", 15, ["below", "", "", "intermediate", "whole-below", ""]),
    ] {
        let files: Vec<_> = files
            .iter()
            .map(|name| if name.is_empty() { Ok(Vec::new()) } else { vector(name) })
            .collect::<Result<_, _>>()?;
        let files: Vec<_> = files.iter().map(Vec::as_slice).collect();
        paths.write(name, &[&[what, 0, 0][..], &parts(&files, &[])?].concat())?;
    }
    Ok(())
}

/// Each part with two bytes of length before it, and the rest.
fn parts(parts: &[&[u8]], rest: &[u8]) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&u16::try_from(part.len())?.to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes.extend_from_slice(rest);
    Ok(bytes)
}

fn challenge(corpus: &Corpus) -> Outcome<()> {
    let kind = |kind: u8, body: &[u8]| [&[kind], body].concat();
    let [challenge, token, entitlement, payload] = fuzzing::good_bodies();
    corpus.write("challenge", &kind(0, &challenge))?;
    corpus.write("payload", &kind(1, &payload))?;
    corpus.write("token", &kind(2, &token))?;
    corpus.write("entitlement", &kind(3, &entitlement))?;
    let payload = String::from_utf8(payload)?;
    for (name, from, to) in [
        ("payload-extra", "{", r#"{"extra":1,"#),
        ("payload-next-version", "\"vsn\":1", "\"vsn\":2"),
        ("payload-eternal", "\"exp\":", "\"exp\":9"),
    ] {
        corpus.write(name, &kind(1, payload.replacen(from, to, 1).as_bytes()))?;
    }
    corpus.write("refusal", &kind(4, br#"{"kaigo_error":"challenge_used"}"#))?;
    corpus.write(
        "key",
        &kind(5, b"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    )
}

fn ticket(corpus: &Corpus) -> Outcome<()> {
    let kind = |kind: u8, body: &[u8]| [&[kind], body].concat();
    let [ticket, payload, sent] = fuzzing::good_bodies_without_coverage();
    corpus.write("ticket", &kind(0, &ticket))?;
    corpus.write("payload", &kind(1, &payload))?;
    corpus.write("sent", &kind(2, &sent))?;
    let (payload, sent) = (String::from_utf8(payload)?, String::from_utf8(sent)?);
    for (name, from, to) in [
        ("payload-for-somebody", "{", r#"{"sub":"somebody","#),
        ("payload-next-version", "\"vsn\":1", "\"vsn\":2"),
        ("payload-eternal", "\"exp\":", "\"exp\":9"),
    ] {
        corpus.write(name, &kind(1, payload.replacen(from, to, 1).as_bytes()))?;
    }
    let refused = r#""refused", "code": "certificate_revoked""#;
    corpus.write("refused", &kind(2, sent.replacen("\"confirmed\"", refused, 1).as_bytes()))?;
    let another = sent.replacen(r#""id": "a""#, r#""id": "b""#, 1);
    corpus.write("sent-of-another", &kind(2, another.as_bytes()))
}

/// What is small enough to be written by hand.
fn small(corpora: &Path) -> Outcome<()> {
    for (target, name, seed) in [
        ("command", "case-1", &b"\x00\x20\x00\x80\x00\x00\x00\x00"[..]),
        ("command", "case-2", b"\x00\xB0\x00\x00\x00\x01\x00\x00"),
        ("command", "case-2-extended", b"\x00\xB0\x8A\x00\x01\x00\x00\x00"),
        ("command", "case-3", b"\x00\xA4\x02\x0C\x00\x00\x00\x00\x00\x18"),
        ("command", "case-3-extended", b"\x00\x20\x00\x80\x00\x00\x00\xFFabcd"),
        ("command", "case-4", b"\x80\x2A\x00\x80\x00\x01\x00\x00\x30\x31\x30"),
        ("command", "case-4-extended", b"\x80\x2A\x00\x80\x00\x01\x01\x00\x30\x31\x30"),
        ("command", "too-long", &[b'x'; 300]),
        ("response", "success", b"data\x90\x00"),
        ("response", "tries", b"\x63\xC3"),
        ("response", "locked", b"\x69\x84"),
        ("response", "half", b"\x90"),
        ("tlv", "short", b"\xDF\x25\x01\x31"),
        ("tlv", "long", b"\xFF\x40\x82\x00\x02xy"),
        ("tlv", "longest", b"\x91\x84\x00\x00\x00\x01z"),
        ("tlv", "filler", b"\xFF\x20\x81\x09\xDF\x24\x01a\x00\xDF\x25\x01b\xFF\xFF"),
        ("tlv", "claims-4-gib", b"\x90\x84\xFF\xFF\xFF\xFFx"),
        ("tlv", "indefinite", b"\x90\x80\x00\x00"),
        ("tlv", "long-tag", b"\x5F\x81\x81\x81\x01\x00"),
    ] {
        Corpus { directory: corpora.join(target) }.write(name, seed)?;
    }
    Ok(())
}
