//! What a visit is for, and whom this device knows and trusts. A plan that cannot be carried out is refused here.

use std::fmt;

use super::journal::JournalKey;
use super::shift::Shift;
use crate::card::{Pin, PinKind, birth_date_key};
use crate::date::PartialDate;
use crate::exchange::{
    ChallengeKey, Device, Enrolment, Entropy, InsuranceDomain, RegistrationHandle, StaffId,
    StaffToken, Subject, Use,
};
use crate::flow::{Way, Ways};
use crate::kaigo::{Caller, ChosenPerson, InformationKind, reads, with_consent};
use crate::message::{Code, Failure};
use crate::pki::TrustAnchors;
use crate::pki::card_certificate::CardAuthorities;
use crate::platform::ServerAddress;

/// What this visit is for.
#[derive(Clone, Debug)]
pub struct Plan {
    uses: Vec<Use>,
    kinds: Vec<InformationKind>,
    domain: InsuranceDomain,
    person: Option<ChosenPerson>,
    tapped: Option<Registered>,
    handle: Option<RegistrationHandle>,
    disaster: bool,
    first: Option<Way>,
    offered: Ways,
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
        Ok(Self {
            uses,
            kinds: Vec::new(),
            domain: InsuranceDomain::Care,
            person: None,
            tapped: None,
            handle: None,
            disaster: false,
            first: None,
            offered: Ways::NONE,
        })
    }

    /// The token shall open these kinds of [information](crate::kaigo::information), too, where it opens a view. Where
    /// the rules for disasters are in force it does not.
    #[must_use]
    pub fn reading(mut self, kinds: impl IntoIterator<Item = InformationKind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Which insurance the visit is for; without this care insurance. For medical insurance only 訪問看護 visits: another kind
    /// of facility is refused (`facility_kind_not_allowed`), and nothing of what was proved is used up.
    #[must_use]
    pub fn for_domain(mut self, domain: InsuranceDomain) -> Self {
        self.domain = domain;
        self
    }

    /// Whom the nurse means to visit, with card and PIN. Somebody else's card ends the visit with `another_person`, and
    /// nothing of that person is shown.
    #[must_use]
    pub fn with_person(mut self, person: ChosenPerson) -> Self {
        self.person = Some(person);
        self
    }

    /// Whom the nurse means to visit, by a tap without PIN: somebody who was verified here with card and PIN before.
    /// Somebody else's card ends the visit as with [`with_person`](Self::with_person).
    #[must_use]
    pub fn with_tap(mut self, person: Registered) -> Self {
        self.tapped = Some(person);
        self
    }

    /// With the handle that an earlier registration of the person gave ([`Way::Registered`]).
    #[must_use]
    pub fn with_registration(mut self, handle: RegistrationHandle) -> Self {
        self.handle = Some(handle);
        self
    }

    /// The rules for disasters are in force here ([`Way::Disaster`]). The platform judges whether they are.
    #[must_use]
    pub fn in_disaster(mut self) -> Self {
        self.disaster = true;
        self
    }

    /// Begins in this way. `setup_invalid` where the plan lacks what it needs: the person of an earlier visit for a tap, the
    /// handle for a registered person, the disaster.
    pub fn beginning_with(mut self, way: Way) -> Result<Self, Failure> {
        if !self.is_lawful(way) {
            return Err(invalid("way"));
        }
        self.first = Some(way);
        Ok(self)
    }

    /// Offers these ways, as far as they are lawful, when one has failed
    /// ([`Prompt::ChooseWay`](crate::flow::Prompt::ChooseWay)); [`Way::ALL`] for every one. Without this a visit ends with
    /// its first failure.
    #[must_use]
    pub fn offering(mut self, ways: impl IntoIterator<Item = Way>) -> Self {
        self.offered = ways.into_iter().collect();
        self
    }

    fn is_lawful(&self, way: Way) -> bool {
        match way {
            Way::CardPin | Way::FaceCheck | Way::FourAttributes => true,
            Way::CardTap => self.tapped.is_some(),
            Way::Registered => self.handle.is_some(),
            Way::Disaster => self.disaster,
        }
    }

    pub(super) fn domain(&self) -> InsuranceDomain {
        self.domain
    }

    pub(super) fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// The scopes of what is to be read beside the entitlement.
    pub(super) fn reads(&self) -> Vec<&'static str> {
        with_consent(reads(self.kinds.iter().cloned()), &self.uses)
    }

    /// The way to begin with.
    pub(super) fn first(&self) -> Way {
        let unsaid = if self.tapped.is_some() { Way::CardTap } else { Way::CardPin };
        self.first.filter(|&way| self.is_lawful(way)).unwrap_or(unsaid)
    }

    /// The ways that may follow a failure.
    pub(super) fn offered(&self) -> Ways {
        self.offered.iter().filter(|&way| self.is_lawful(way)).collect()
    }

    /// Who was chosen.
    pub(super) fn person(&self) -> Option<&ChosenPerson> {
        self.tapped.as_ref().map(|tapped| &tapped.person).or(self.person.as_ref())
    }

    /// Whom a tap is for.
    pub(super) fn tapped(&self) -> Option<&Registered> {
        self.tapped.as_ref()
    }

    /// The same, of which only what needs no platform is left.
    pub(super) fn without_network(mut self) -> Self {
        self.handle = None;
        self.disaster = false;
        self
    }

    pub(super) fn handle(&self) -> Option<&RegistrationHandle> {
        self.handle.as_ref()
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

/// Whom this device knows and trusts: the fruit of its enrolment.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) issuer: String,
    pub(super) challenge_keys: Vec<ChallengeKey>,
    pub(super) device: Device,
    pub(super) anchors: TrustAnchors,
    pub(super) card_authorities: CardAuthorities,
}

/// Whom this device knows and trusts, who has signed in on it, and fresh randomness.
#[derive(Debug)]
pub struct Environment {
    pub(super) server: ServerAddress,
    pub(super) known: Known,
    pub(super) staff_token: StaffToken,
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
        let card_authorities = CardAuthorities::production();
        let known = Known { issuer, challenge_keys, device, anchors, card_authorities };
        Ok(Self { server, known, staff_token, entropy })
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
        self.known.card_authorities = authorities;
        self
    }

    /// The same where there is no network, for who has signed in.
    pub fn without_network(self, key: JournalKey) -> OfflineEnvironment {
        let Self { known, staff_token, entropy, .. } = self;
        let member = staff_token.member().clone();
        OfflineEnvironment { known, member, shift: None, key, entropy }
    }
}

/// Whom this device knows and trusts, and who holds it, where nobody can be asked; with the key of its journal and fresh
/// randomness.
#[derive(Debug)]
pub struct OfflineEnvironment {
    pub(super) known: Known,
    pub(super) member: StaffId,
    pub(super) shift: Option<Shift>,
    pub(super) key: JournalKey,
    pub(super) entropy: Entropy,
}

impl OfflineEnvironment {
    /// What an enrolled device knows and trusts; cards are issued under these anchors. `member` is who holds the device now:
    /// whoever has signed in or unlocked it last. Only their own tickets are used.
    pub fn of(
        enrolment: &Enrolment,
        member: StaffId,
        anchors: TrustAnchors,
        key: JournalKey,
        entropy: Entropy,
    ) -> Self {
        let known = Known {
            issuer: enrolment.issuer().to_owned(),
            challenge_keys: enrolment.challenge_keys().to_vec(),
            device: enrolment.device().clone(),
            anchors,
            card_authorities: CardAuthorities::production(),
        };
        Self { known, member, shift: None, key, entropy }
    }

    /// For who holds the device in this shift, and no longer than that: after it was locked, ended or another one's,
    /// `shift_locked`. On a device with a shift nothing is shown or made without one.
    #[must_use]
    pub fn in_shift(mut self, shift: Shift) -> Self {
        self.member = shift.staff().clone();
        self.shift = Some(shift);
        self
    }

    /// Cards certify their records under these authorities, not under those of real cards.
    #[must_use]
    pub fn with_card_authorities(mut self, authorities: CardAuthorities) -> Self {
        self.known.card_authorities = authorities;
        self
    }
}

impl From<Environment> for Caller {
    fn from(environment: Environment) -> Self {
        let Environment { server, known, staff_token, entropy } = environment;
        Self::known(server, known.issuer, known.device, staff_token, entropy)
    }
}

fn invalid(what: &'static str) -> Failure {
    Failure::new(Code::SetupInvalid).with_detail(what)
}
