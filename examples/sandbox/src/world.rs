//! A care platform in this process, with the fictional people of the virtual cards.

use std::path::Path;

use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan};
use kaigotap_virtual_card::{
    Authority, CardKind, CardVerifiableAuthority, Issuer, Person, Purpose, Sex, usual_issue_date,
};
use tokio::runtime::Runtime;

use crate::base::database::Database;
use crate::base::failure::{Failure, StartError};
use crate::insurer::{self, CareLevelCode, Information};
use crate::jlis::{
    Application, CertificateAuthority, CertificatePurpose, Issued, Revocation, RevocationReason,
};
use crate::server::{Config, Enrolment, Sandbox};
use crate::staff::STAFF_ID;
use crate::sts::CardFaceAuthority;

/// A sandbox on loopback, on threads of its own.
pub struct World {
    runtime: Runtime,
    sandbox: Sandbox,
}

/// Why there is no world.
#[derive(Debug, thiserror::Error)]
pub enum NoWorld {
    /// No threads or sockets.
    #[error("no runtime: {0}")]
    Runtime(#[from] std::io::Error),
    /// The sandbox did not start.
    #[error(transparent)]
    Sandbox(#[from] StartError),
}

impl World {
    /// A platform on a free port, in memory, that knows the people of the virtual cards.
    pub fn start() -> Result<Self, NoWorld> {
        Self::start_with(config(Config::default(), &[]))
    }

    /// The same, with more people.
    pub fn start_for(guests: &[Person]) -> Result<Self, NoWorld> {
        Self::start_with(config(Config::default(), guests))
    }

    /// A platform as configured.
    pub fn start_with(config: Config) -> Result<Self, NoWorld> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let sandbox = runtime.block_on(Sandbox::start(config))?;
        for person in Person::all().iter().filter(|person| person.id == "revoked") {
            let lost = Revocation { reason: RevocationReason::KeyCompromise, invalid_since: None };
            for purpose in Purpose::ALL {
                let number = serial(person, purpose);
                let revoked = sandbox.revoke_as(kind(purpose), &number, lost);
                // A sandbox that has just started takes this; should it not, the person is merely not revoked.
                let _ = runtime.block_on(revoked);
            }
        }
        for person in Person::all().iter().filter(|person| person.id == "renewed") {
            for purpose in Purpose::ALL {
                let issued = Authority::of(person).issue(purpose, person, usual_issue_date());
                let Ok(old) = issued else { continue };
                let Ok(application) = Application::like(&old) else { continue };
                let _ = runtime.block_on(sandbox.renew(&old, &application));
            }
        }
        Ok(Self { runtime, sandbox })
    }

    /// The sandbox.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Waits for something that the sandbox answers.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// What a device learns that is enrolled for the seeded nurse with this key (a JWK, RFC 7517), to which all of it is
    /// bound.
    pub fn enrol(&self, key: &serde_json::Value) -> Result<Enrolment, Failure> {
        self.enrol_for(STAFF_ID, key)
    }

    /// The same for another member of the staff.
    pub fn enrol_for(&self, staff: &str, key: &serde_json::Value) -> Result<Enrolment, Failure> {
        self.runtime.block_on(self.sandbox.enrol(staff, key))
    }

    /// The insured number of somebody of the cast, if the platform knows them.
    pub fn insured_number(&self, person: &Person) -> Option<String> {
        let wanted = serial(person, Purpose::Authentication);
        let mut cast = (0_u64..).zip(cast(&[]));
        let (n, known) =
            cast.find(|(_, known)| serial(known, Purpose::Authentication) == wanted)?;
        Some(insured(n, &known).insured_number)
    }

    /// The roots (DER) under which the people have their authentication certificates.
    pub fn roots(&self) -> Vec<Vec<u8>> {
        self.sandbox.roots(CertificatePurpose::Authentication)
    }

    /// Stops the platform; requests under way are finished.
    pub fn stop(self) {
        self.runtime.block_on(self.sandbox.stop());
    }
}

/// A configuration in which the sandbox plays the authorities of the virtual cards, and knows their people and guests
/// of the same issuer.
pub fn config(base: Config, guests: &[Person]) -> Config {
    let authorities = Purpose::ALL.map(|purpose| CertificateAuthority {
        purpose: kind(purpose),
        certificate: Authority::test().root(purpose).to_vec(),
        key: Authority::test().key_der(purpose).to_vec(),
    });
    let cast = cast(guests);
    let issued = cast.iter().flat_map(|person| {
        Purpose::ALL.map(|purpose| Issued {
            purpose: kind(purpose),
            serial: serial(person, purpose),
            prefecture: person.prefecture.to_owned(),
            municipality: person.municipality.to_owned(),
        })
    });
    Config {
        authorities: authorities.to_vec(),
        card_face_authorities: card_face().into_iter().collect(),
        issued: issued.collect(),
        people: (0_u64..)
            .zip(&cast)
            .filter(|(_, person)| person.id != "child")
            .map(|(n, person)| insured(n, person))
            .collect(),
        ..base
    }
}

/// The authority behind the faces of the virtual cards.
fn card_face() -> Option<CardFaceAuthority> {
    let face = CardVerifiableAuthority::face();
    let key_id = face.key_id().try_into().ok()?;
    Some(CardFaceAuthority { key_id, modulus: *face.modulus() })
}

fn kind(purpose: Purpose) -> CertificatePurpose {
    match purpose {
        Purpose::Authentication => CertificatePurpose::Authentication,
        Purpose::Signature => CertificatePurpose::Signature,
    }
}

/// Where the data are kept, as it is typed: `memory`, `sqlite:FILE`, or `postgres://…` with a file for the key.
pub fn database(text: &str, key_file: Option<&Path>) -> Option<Database> {
    match (text.split_once(':'), key_file) {
        (None, None) if text == "memory" => Some(Database::Memory),
        (Some(("sqlite", file)), None) if !file.is_empty() => Some(Database::File(file.into())),
        (Some(("postgres", rest)), Some(key_file)) if rest.starts_with("//") => {
            Some(Database::Postgres { url: text.to_owned(), key_file: key_file.to_owned() })
        }
        _ => None,
    }
}

/// The people of the virtual cards whom the platform knows: all who have a plastic My Number Card of the test authority.
fn cast(guests: &[Person]) -> Vec<Person> {
    let mut cast = Person::all();
    for guest in guests {
        // Someone of the cast is known already, and nobody is known twice.
        let number = serial(guest, Purpose::Authentication);
        if cast.iter().all(|person| serial(person, Purpose::Authentication) != number) {
            cast.push(guest.clone());
        }
    }
    let known = |person: &Person| {
        person.issuer == Issuer::Test
            && matches!(person.card, CardKind::MyNumber | CardKind::FaceAuthentication)
    };
    cast.retain(known);
    cast
}

/// What the platform knows of the n-th of them.
fn insured(n: u64, person: &Person) -> insurer::Person {
    let serials = vec![serial(person, Purpose::Authentication)];
    let mut known = insurer::Person::example(serials);
    person.name_kana.clone_into(&mut known.name_kana);
    known.birth_date = person.birth_date.to_string().parse().unwrap_or(known.birth_date);
    known.sex = match person.sex {
        Sex::Male => insurer::Sex::Male,
        _ => insurer::Sex::Female,
    };
    known.insured_number = format!("{:010}", 1_234_567 + n * 6_419_754);
    differs(person.id, &mut known);
    known.information =
        known.care_level.iter().flat_map(|level| Information::examples(n, level)).collect();
    known
}

/// What differs for some of the cast, so that every answer of the platform is somebody's. Nobody under 40 is insured, and
/// nobody under 65 pays more than a tenth.
fn differs(id: &str, known: &mut insurer::Person) {
    let today = Timestamp::now().to_zoned(TimeZone::fixed(offset(9))).date();
    let level = |known: &mut insurer::Person, code| {
        if let Some(level) = &mut known.care_level {
            level.code = code;
        }
    };
    let ratio = |known: &mut insurer::Person, percent| {
        known.burden_ratio.iter_mut().for_each(|ratio| ratio.percent = percent);
        known.limit_certificate = None;
    };
    match id {
        "taro" => {
            known.limit_certificate = None;
            level(known, CareLevelCode::Support2);
        }
        "foreign-resident" => {
            known.limit_certificate = None;
            level(known, CareLevelCode::Care1);
        }
        "rare-name" => {
            ratio(known, 30);
            level(known, CareLevelCode::Care5);
        }
        "expiring" => {
            ratio(known, 20);
            level(known, CareLevelCode::Care2);
            known.care_level.iter_mut().for_each(|level| {
                level.valid_until = today.saturating_add(20.days());
            });
        }
        "lapsed" => known.care_level.iter_mut().for_each(|level| {
            level.valid_from = today.saturating_sub(395.days());
            level.valid_until = today.saturating_sub(30.days());
        }),
        "no-consent" => known.consent = false,
        "not-connected" => known.insurer_connected = false,
        "not-registered" => known.health_insurance_use = false,
        _ => {}
    }
}

/// The serial number of someone's certificate, big-endian, without leading zeros.
fn serial(person: &Person, purpose: Purpose) -> Vec<u8> {
    let serial = person.serial(purpose).to_be_bytes();
    serial.into_iter().skip_while(|&byte| byte == 0).collect()
}
