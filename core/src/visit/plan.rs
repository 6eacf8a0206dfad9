//! What a visit is for, and whom this device knows and trusts. A plan that cannot be carried out is refused here.

use std::fmt;

use crate::card::{Pin, PinKind, birth_date_key};
use crate::date::PartialDate;
use crate::exchange::{ChallengeKey, Device, Enrolment, Entropy, StaffToken, Subject, Use};
use crate::kaigo::ChosenPerson;
use crate::message::{Code, Failure};
use crate::pki::TrustAnchors;
use crate::pki::card_certificate::CardAuthorities;
use crate::platform::ServerAddress;

/// What this visit is for.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) uses: Vec<Use>,
    pub(super) whom: Whom,
}

/// Who is to be verified, and with that in which way.
#[derive(Clone, Debug)]
pub(super) enum Whom {
    /// Whoever holds the card, with card and PIN.
    Anybody,
    /// This person, with card and PIN.
    Chosen(ChosenPerson),
    /// This person, by a tap.
    Registered(Registered),
}

impl Plan {
    /// A visit with card and PIN, by the staff member whose token it is, for their facility. The confirmation shall open
    /// these uses; none, or one twice, is `setup_invalid`.
    pub fn new(uses: impl Into<Vec<Use>>) -> Result<Self, Failure> {
        let uses = uses.into();
        let twice = uses
            .iter()
            .enumerate()
            .any(|(at, one)| uses.iter().skip(at.saturating_add(1)).any(|other| other == one));
        if uses.is_empty() || twice {
            return Err(invalid("uses"));
        }
        Ok(Self { uses, whom: Whom::Anybody })
    }

    /// Whom the nurse means to visit, with card and PIN. Somebody else's card ends the visit with `another_person`, and
    /// nothing of that person is shown.
    #[must_use]
    pub fn with_person(mut self, person: ChosenPerson) -> Self {
        self.whom = Whom::Chosen(person);
        self
    }

    /// Whom the nurse means to visit, by a tap without PIN: somebody who was verified here with card and PIN before.
    /// Somebody else's card ends the visit as with [`with_person`](Self::with_person).
    #[must_use]
    pub fn with_tap(mut self, person: Registered) -> Self {
        self.whom = Whom::Registered(person);
        self
    }
}

/// Somebody whom this facility knows from an earlier visit with card and PIN. Never shown.
#[derive(Clone)]
pub struct Registered {
    pub(super) person: ChosenPerson,
    pub(super) birth: PartialDate,
    /// What opens the card's age record, so that nobody types anything.
    pub(super) key: Pin,
    pub(super) subject: Subject,
}

impl Registered {
    /// The person, with their date of birth as the register has it, under the name that the earlier visit's
    /// [`Confirmation`](crate::exchange::Confirmation) gave. `setup_invalid` without a date, or with one that no card has.
    pub fn new(person: ChosenPerson, subject: Subject) -> Result<Self, Failure> {
        let unknown = || invalid("date of birth of the registered person");
        let birth = person.birth_date().ok_or_else(unknown)?;
        let key = birth_date_key(birth).map_err(|_| unknown())?;
        let key = Pin::parse(PinKind::BirthDate, &key).ok_or_else(unknown)?;
        Ok(Self { person, birth, key, subject })
    }
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registered(..)")
    }
}

/// Whom this device knows and trusts: the fruit of its enrolment, and fresh randomness.
#[derive(Debug)]
pub struct Environment {
    pub(super) server: ServerAddress,
    pub(super) issuer: String,
    pub(super) challenge_keys: Vec<ChallengeKey>,
    pub(super) device: Device,
    pub(super) staff_token: StaffToken,
    pub(super) anchors: TrustAnchors,
    pub(super) card_authorities: CardAuthorities,
    pub(super) entropy: Entropy,
}

impl Environment {
    /// The platform is at this address; its token service calls itself `issuer`, as its challenges say, and signs them with
    /// one of these keys; it knows this device, on which this staff member has signed in; cards are issued under these
    /// anchors. Without a key, or with an issuer that is no address, `setup_invalid`.
    pub fn new(
        server: ServerAddress,
        issuer: impl Into<String>,
        challenge_keys: impl Into<Vec<ChallengeKey>>,
        device: Device,
        staff_token: StaffToken,
        anchors: TrustAnchors,
        entropy: Entropy,
    ) -> Result<Self, Failure> {
        let (issuer, challenge_keys) = (issuer.into(), challenge_keys.into());
        ServerAddress::parse(issuer.as_str()).map_err(|_| invalid("issuer"))?;
        if challenge_keys.is_empty() {
            return Err(invalid("no challenge key"));
        }
        Ok(Self {
            server,
            issuer,
            challenge_keys,
            device,
            staff_token,
            anchors,
            card_authorities: CardAuthorities::production(),
            entropy,
        })
    }

    /// What an enrolled device knows and trusts, for this staff member, who has signed in on it; cards are issued under these
    /// anchors.
    pub fn of(
        enrolment: &Enrolment,
        staff_token: StaffToken,
        anchors: TrustAnchors,
        entropy: Entropy,
    ) -> Result<Self, Failure> {
        let (server, issuer) = (enrolment.server().clone(), enrolment.issuer());
        let (keys, device) = (enrolment.challenge_keys(), enrolment.device().clone());
        Self::new(server, issuer, keys, device, staff_token, anchors, entropy)
    }

    /// Cards certify their records under these authorities, not under those of real cards.
    #[must_use]
    pub fn with_card_authorities(mut self, authorities: CardAuthorities) -> Self {
        self.card_authorities = authorities;
        self
    }
}

fn invalid(what: &'static str) -> Failure {
    Failure::new(Code::SetupInvalid).with_detail(what)
}
