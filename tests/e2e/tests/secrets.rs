//! Nothing secret or personal in anything that is written: logs at their loudest, `Debug`, failures.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use kaigotap::flow::Request;
use kaigotap_e2e::field::Field;
use kaigotap_e2e::{Scene, Told};
use kaigotap_kit::hand::Hand;
use kaigotap_sandbox::world::World;
use kaigotap_sandbox::{Fault, STAFF_ID};
use kaigotap_virtual_card::{Authority, Behaviour, Person, Purpose, VirtualCard, usual_issue_date};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Paper {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A secret, and every way in which it is looked for.
struct Secret {
    what: &'static str,
    bytes: Vec<u8>,
}

impl Secret {
    fn new(what: &'static str, bytes: impl AsRef<[u8]>) -> Self {
        Self { what, bytes: bytes.as_ref().to_vec() }
    }

    /// The forms in which bytes are printed by accident.
    fn forms(&self) -> Vec<String> {
        let join = |each: &dyn Fn(&u8) -> String, by: &str| {
            self.bytes.iter().map(each).collect::<Vec<_>>().join(by)
        };
        let mut forms = vec![
            join(&|b| format!("{b:02x}"), ""),
            join(&|b| format!("{b:02X}"), ""),
            join(&|b| format!("{b:02x}"), " "),
            join(&|b| format!("{b:02X}"), " "),
            join(&|b| format!("{b:02x}"), ":"),
            join(&|b| format!("{b:02X}"), ":"),
            join(&|b| format!("{b:02x}"), ", "),
            join(&|b| format!("{b:02X}"), ", "),
            join(&|b| format!("0x{b:02x}"), ", "),
            join(&|b| b.to_string(), ", "),
            join(&|b| b.to_string(), ","),
        ];
        if let Ok(text) = std::str::from_utf8(&self.bytes) {
            forms.push(text.to_owned());
            forms.push(text.escape_unicode().to_string());
        }
        forms.push(self.bytes.escape_ascii().to_string());
        // Four bytes are too few for base64 to say anything.
        if self.bytes.len() > 8 {
            // Without the last characters, which depend on what follows.
            let whole = &self.bytes[..self.bytes.len() / 3 * 3];
            forms.push(Base64::encode_string(whole));
            forms.push(Base64UrlUnpadded::encode_string(whole));
        }
        forms
    }

    /// Where it stands in a text: four digits only where no digit stands beside them.
    fn found_in(&self, text: &str) -> Option<String> {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        self.forms().into_iter().find(|form| {
            text.match_indices(form.as_str()).any(|(at, _)| {
                !digit(text[..at].chars().next_back())
                    && !digit(text[at + form.len()..].chars().next())
                    || form.len() > 12
            })
        })
    }
}

fn secrets(person: &Person, tokens: &[String]) -> Vec<Secret> {
    let certificate =
        Authority::of(person).issue_authentication(person, usual_issue_date()).unwrap();
    let serial = person.serial(Purpose::Authentication);
    // The subject's own name (CN), a part of the certificate that only this person has.
    let common_name = certificate
        .windows(5)
        .rposition(|w| w == [0x06, 0x03, 0x55, 0x04, 0x03])
        .map(|at| certificate[at + 7..at + 7 + 14].to_vec())
        .unwrap();
    let mut secrets = vec![
        Secret::new("the PIN", person.pin(Purpose::Authentication)),
        Secret::new("a wrong PIN", "8642"),
        Secret::new("the certificate's start", &certificate[..24]),
        Secret::new("the certificate's key", &certificate[certificate.len() / 2..][..24]),
        Secret::new("the certificate's end", &certificate[certificate.len() - 24..]),
        Secret::new("the subject", common_name),
        Secret::new("the serial number", &serial.to_be_bytes()[1..]),
        Secret::new("the serial number, decimal", serial.to_string()),
        Secret::new("the name", person.name_kana),
        Secret::new("the family name", person.name_kana.split('　').next().unwrap()),
        Secret::new("the date of birth", person.birth_date.to_string()),
        Secret::new("the insured number", "0007654321"),
    ];
    secrets.extend(tokens.iter().map(|token| Secret::new("a token", token)));
    secrets.extend(tokens.iter().map(|t| Secret::new("a token's signature", &t[t.len() - 20..])));
    secrets
}

#[test]
fn a_whole_visit_writes_nothing_secret() {
    let paper = Paper::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(paper.clone())
        .with_ansi(false)
        .without_time()
        .init();
    let mut shown = String::new();
    let mut tokens = Vec::new();

    let world = World::start().unwrap();
    let person = Person::taro();
    let mut visits = 0;
    for (pins, profile, fault) in [
        (vec!["5678"], "modern", None),
        (vec!["8642", "56a8", "5678"], "plain", None),
        (vec!["8642"], "modern", None),
        (vec!["5678", "5678"], "modern+torn-answering:5", None),
        (vec!["5678"], "locked", None),
        (vec!["5678"], "modern", Some(Fault::ChallengeAlreadyUsed)),
        (vec!["5678"], "modern", Some(Fault::ChallengeWrongKey)),
    ] {
        if let Some(fault) = fault {
            world.sandbox().misbehave(fault, 1);
        }
        let mut scene = Scene::of(&world, person.clone(), profile.parse().unwrap());
        scene.holder.types = pins;
        let mut nonces = Vec::new();
        let told = scene.play(|_, request| {
            writeln!(shown, "{request:?}\n{request:#?}").unwrap();
            if let Request::Send(http) = request {
                shown += &http.url;
                for (name, value) in &http.headers {
                    nonces.extend((*name == "authorization").then(|| value[5..].to_owned()));
                }
            }
            Hand::Off
        });
        tokens.extend(nonces);
        writeln!(shown, "{told:?}\n{told:#?}\n{:?}", scene.holder.card).unwrap();
        match &told {
            Told::Verified(outcome) => {
                visits += 1;
                writeln!(shown, "{:?} {:?}", outcome.entitlement, outcome.confirmation).unwrap();
                let confirmation = &outcome.confirmation;
                tokens.push(confirmation.token.secret().to_owned());
                tokens.extend(confirmation.evidence.iter().map(|one| one.secret().to_owned()));
                tokens.extend(confirmation.registration.iter().map(|one| one.secret().to_owned()));
            }
            Told::Failed(failure) => writeln!(shown, "{failure} {failure:?}").unwrap(),
            Told::Nothing => {}
        }
    }
    assert_eq!(visits, 3, "visits that reached the entitlement");
    shown += &without_coverage(&world, &person, &mut tokens);
    world.stop();

    let log = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    // It was loud: the commands to the card and the HTTP stack's own chatter are in it.
    for expected in ["kaigotap::iso7816", "ins=20", "hyper_util", "sqlx", "reqwest"] {
        assert!(log.contains(expected), "the log is not at its loudest: no {expected}");
    }
    for secret in secrets(&person, &tokens) {
        for (name, text) in [("log", &log), ("shown", &shown)] {
            assert_eq!(secret.found_in(text), None, "{} is in the {name}", secret.what);
        }
    }
}

/// A visit that waits and is sent: what is printed of it, and what lies on the disk.
fn without_coverage(world: &World, person: &Person, tokens: &mut Vec<String>) -> String {
    let card = VirtualCard::new(person.clone(), Behaviour::modern()).unwrap();
    let mut field = Field::new(world, card);
    let mut shown = format!("{:?}", field.fetch(STAFF_ID, &[None]).unwrap().unwrap());
    field.covered = false;
    let waits = field.visit(STAFF_ID, person.name_kana).unwrap().unwrap();
    let view = field.journal(STAFF_ID);
    assert_eq!(view.entries[0].label, person.name_kana);
    writeln!(shown, "{waits:?}\n{waits:#?}\n{view:?}\n{view:#?}\n{:?}", field.key()).unwrap();
    for (name, sealed) in &field.store {
        writeln!(shown, "{name:?} {}", String::from_utf8_lossy(sealed)).unwrap();
        writeln!(shown, "{sealed:02x?} {}", sealed.escape_ascii()).unwrap();
    }
    field.covered = true;
    let sent = field.send(STAFF_ID).unwrap().unwrap();
    assert_eq!(sent.confirmed, 1);
    tokens.extend(sent.opens.iter().map(|(_, token)| token.secret().to_owned()));
    writeln!(shown, "{sent:?}\n{sent:#?}").unwrap();
    shown + &field.shown
}

/// The search itself finds what it looks for.
#[test]
fn the_search_bites() {
    let pin = Secret::new("the PIN", "5678");
    for leak in [
        "PIN 5678",
        "pin=\"5678\"",
        "[53, 54, 55, 56]",
        "APDU 00 20 00 80 04 35 36 37 38",
        "tx: 35363738",
        "[35, 36, 37, 38]",
        "0x35, 0x36, 0x37, 0x38",
        "b\"5678\"",
    ] {
        assert!(pin.found_in(leak).is_some(), "{leak}");
    }
    for other in ["127.0.0.1:45678", "15678", "56789", "took 5678ms"] {
        assert!(pin.found_in(other).is_none(), "{other}");
    }
    let token = Secret::new("a token", "eyJhbGciOiJFUzI1NiJ9.abc.def");
    assert!(token.found_in("Authorization: Bearer eyJhbGciOiJFUzI1NiJ9.abc.def\n").is_some());
    let name = Secret::new("the name", "カイゴ");
    assert!(name.found_in("person=\"カイゴ　タロウ\"").is_some());
    assert!(name.found_in(r"\u{30ab}\u{30a4}\u{30b4}").is_some());
}
