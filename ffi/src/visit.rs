//! The home visit.

use std::sync::Arc;

use kaigotap::date::PartialDate;
use kaigotap::platform::ServerAddress;
use kaigotap::visit as core;
use kaigotap::{exchange, kaigo};

use crate::certificate::TrustAnchors;
use crate::conversation::Conversation;
use crate::enrolment::{ChallengeKey, EnrolledDevice, fresh, pinned};
use crate::entitlement::RegisteredSex;
use crate::failure::{KaigoTapError, unusable};
use crate::hidden;
use crate::information::InformationKind;
use crate::outcome::Outcome;
use crate::person::CardAuthorities;
use crate::way::{InsuranceDomain, Use, Way};

/// What a visit is for. Who makes it, and for which facility, stands in the staff member's token.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Plan {
    /// What the confirmation shall open; at least one use, none twice.
    pub uses: Vec<Use>,
    /// Whom the nurse means to visit. Somebody else's card ends the visit with `another_person`, and nothing of that
    /// person is shown. Without it, whoever holds the card is verified.
    #[uniffi(default = None)]
    pub person: Option<ChosenPerson>,
    /// The name (`subject`) that an earlier visit with card and PIN gave for the person, whose date of birth is known: a tap
    /// is enough then, and nobody enters anything (かざし利用). Without it, the holder enters the PIN.
    #[uniffi(default = None)]
    pub registered_as: Option<String>,
    /// The handle (`registration`) that an earlier visit gave: opens a view without a card, where the ways offer that.
    #[uniffi(default = None)]
    pub registration: Option<String>,
    /// Whether the rules for disasters are in force here. The platform judges whether they are.
    #[uniffi(default = false)]
    pub disaster: bool,
    /// Which way to begin with; without it a tap for a person registered before, else card and PIN.
    #[uniffi(default = None)]
    pub begin_with: Option<Way>,
    /// Which ways may follow one that failed, as far as they are lawful; all, for an app that has their screens. Without
    /// any, a visit ends with its first failure.
    #[uniffi(default = [])]
    pub offers: Vec<Way>,
    /// Which kinds of information the token shall open, where it opens a view.
    #[uniffi(default = [])]
    pub reading: Vec<InformationKind>,
    /// Which insurance it is for; care insurance, where nothing is said. Medical insurance is for 訪問看護 only
    /// (`facility_kind_not_allowed`).
    #[uniffi(default = None)]
    pub insurance_domain: Option<InsuranceDomain>,
}

/// Somebody as the care software knows them. Shows nothing of them when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct ChosenPerson {
    /// Name in kana: hiragana, katakana or Latin letters of any width, with or without spaces.
    pub name_kana: String,
    /// Date of birth, `YYYY-MM-DD`, with `00` for a month or day that is unknown; `None` is not compared.
    #[uniffi(default = None)]
    pub birth_date: Option<String>,
    /// Sex as registered; `None` and `Unknown` are not compared.
    #[uniffi(default = None)]
    pub sex: Option<RegisteredSex>,
}

/// Whom this device knows and trusts: the fruit of its enrolment, and fresh randomness. Shows nothing when printed.
#[derive(Clone, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Environment {
    /// Base address of the platform, without a slash at its end: `https://…`; plain HTTP on this machine only.
    pub server: String,
    /// The token service's name for itself, as its challenges give it.
    pub issuer: String,
    /// Keys with which it may sign challenges.
    pub challenge_keys: Vec<ChallengeKey>,
    /// This device, as the platform knows it.
    pub device: EnrolledDevice,
    /// The staff member's token, of a sign-in on this device.
    pub staff_token: String,
    /// Authorities that issue cards.
    pub anchors: TrustAnchors,
    /// 32 bytes of the system's secure randomness, fresh for each visit.
    pub entropy: Vec<u8>,
    /// Authorities under which cards certify their records, for a tap without PIN; those of real cards if nothing is said.
    #[uniffi(default = None)]
    pub card_authorities: Option<CardAuthorities>,
}
hidden!(ChosenPerson Environment);

/// A visit: the nurse confirms the face, the holder's card signs, the platform tells the entitlement.
#[uniffi::export]
pub fn visit(plan: Plan, environment: Environment) -> Result<Arc<Conversation>, KaigoTapError> {
    let plan = plan.into_core()?;
    let flow = core::start(plan, environment.into_core()?);
    Ok(Conversation::of(flow, |outcome| Outcome::Visit { verified: outcome.into() }))
}

/// The same, without asking who this is: for somebody whose consent is to be taken first. What it gives opens that.
#[uniffi::export]
pub fn confirm(plan: Plan, environment: Environment) -> Result<Arc<Conversation>, KaigoTapError> {
    let plan = plan.into_core()?;
    let flow = core::confirm(plan, environment.into_core()?);
    Ok(Conversation::of(flow, Into::into))
}

impl Plan {
    pub(crate) fn into_core(self) -> Result<core::Plan, KaigoTapError> {
        let uses: Vec<_> = self.uses.into_iter().map(Into::into).collect();
        let kinds = self.reading.into_iter().map(Into::into);
        let offered = self.offers.into_iter().map(Into::into);
        let mut plan = core::Plan::new(uses)?.reading(kinds).offering(offered);
        if let Some(handle) = self.registration {
            plan = plan.with_registration(exchange::RegistrationHandle::parse(handle)?);
        }
        if self.disaster {
            plan = plan.in_disaster();
        }
        if let Some(domain) = self.insurance_domain {
            plan = plan.for_domain(domain.into());
        }
        let plan = Self::of_whom(plan, self.person, self.registered_as)?;
        Ok(match self.begin_with {
            Some(way) => plan.beginning_with(way.into())?,
            None => plan,
        })
    }

    fn of_whom(
        plan: core::Plan,
        person: Option<ChosenPerson>,
        registered_as: Option<String>,
    ) -> Result<core::Plan, KaigoTapError> {
        let Some(person) = person else {
            return match registered_as {
                Some(_) => Err(unusable("a registration without its person")),
                None => Ok(plan),
            };
        };
        let birth = person.birth_date.map(|date| date.parse::<PartialDate>()).transpose();
        let birth = birth.map_err(|_| unusable("the chosen person's date of birth"))?;
        let sex = person.sex.map(Into::into);
        let person = kaigo::ChosenPerson::new(&person.name_kana, birth, sex)?;
        let Some(subject) = registered_as else { return Ok(plan.with_person(person)) };
        Ok(plan.with_tap(core::Registered::new(person, exchange::Subject::parse(subject)?)?))
    }
}

impl Environment {
    /// Who asks the platform.
    pub(crate) fn into_caller(self) -> Result<kaigo::Caller, KaigoTapError> {
        Ok(self.into_core()?.into())
    }

    pub(crate) fn into_core(self) -> Result<core::Environment, KaigoTapError> {
        let entropy = fresh(self.entropy)?;
        let keys = pinned(&self.challenge_keys)?;
        let device = self.device.into_core()?;
        let staff_token = exchange::StaffToken::parse(self.staff_token, &device)?;
        let faces = self.card_authorities.map(CardAuthorities::into_core).transpose()?;
        let environment = core::Environment::new(
            ServerAddress::parse(self.server)?,
            self.issuer,
            keys,
            device,
            staff_token,
            self.anchors.to_core()?,
            entropy,
        )?;
        Ok(match faces {
            Some(faces) => environment.with_card_authorities(faces),
            None => environment,
        })
    }
}
