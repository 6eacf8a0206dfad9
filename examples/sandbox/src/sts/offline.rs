//! Evidence that was made without coverage and is sent later, by whoever holds the device then: what it proves, judged as the
//! one who made it, at the earlier of the two times that bound it.

use sqlx::AnyConnection;

use super::caller::Caller;
use super::domain::Domain;
use super::evidence::{Answer, Answers, Method, Said, Statement, evidence_token};
use super::grant::Proven;
use super::issue::{Issued, NewEvidence};
use super::opened::Opened;
use super::store::face_check;
use super::tickets::{Ticket, journal};
use super::token::FRESH;
use super::{Sts, tickets};
use crate::base::database::Result as Stored;
use crate::base::keys::random_id;
use crate::base::refusal::Refusal;

/// Evidence that answers a ticket; nothing of it is believed yet.
pub(crate) enum OfflineEvidence<'a> {
    Answer(Answer<'a>),
    Statement(Statement<'a>),
}

/// What such evidence proved.
pub(crate) struct Confirmed {
    pub(crate) method: Method,
    pub(crate) verified_at: i64,
    pub(crate) fresh_until: i64,
    pub(crate) registered_until: Option<i64>,
    /// The name of the verification: under it what was noted with the visit finds the person.
    pub(crate) evidence_id: String,
    pub(crate) purposes: Vec<String>,
    /// For the staff member who made it, if they are the one who sends it.
    pub(crate) evidence_token: Option<String>,
    /// What the record says of the face.
    pub(crate) face: String,
    issued: Issued,
}

/// A visit that was confirmed so, for what was noted with it.
pub(crate) struct Visit {
    pub(crate) facility_id: String,
    /// Who made it.
    pub(crate) staff_id: String,
    pub(crate) evidence_id: String,
    pub(crate) method: Method,
    pub(crate) purposes: Vec<String>,
    pub(crate) domain: Domain,
    /// Both in seconds since the epoch.
    pub(crate) verified_at: i64,
    pub(crate) claimed_at: i64,
}

impl<'a> OfflineEvidence<'a> {
    /// Reads evidence of this token type.
    pub(crate) fn read(token_type: &str, jws: &'a str) -> Result<Self, Refusal> {
        let answer = |method| Answer::read(method, Answers::Ticket, jws).map(Self::Answer);
        match token_type.strip_prefix("urn:x-kaigo:token-type:") {
            Some("offline-card-assertion") => answer(Method::CardPin),
            Some("offline-tap-evidence") => answer(Method::CardTap),
            Some("offline-four-attributes") => {
                let method = Method::FourAttributes;
                Ok(Self::Statement(Statement::read(method, Answers::Ticket, jws)?))
            }
            _ => Err(Refusal::RequestMalformed),
        }
    }

    /// SHA-256 of the ticket that it says it answers.
    pub(crate) fn ticket(&self) -> &[u8; 32] {
        match self {
            Self::Answer(answer) => answer.challenge(),
            Self::Statement(statement) => &statement.ticket,
        }
    }

    /// What it says of itself.
    pub(crate) fn said(&self) -> Said<'_> {
        match self {
            Self::Answer(answer) => answer.said(),
            Self::Statement(statement) => statement.said(),
        }
    }

    fn method(&self) -> Method {
        match self {
            Self::Answer(answer) => answer.method(),
            Self::Statement(statement) => statement.method,
        }
    }

    /// The PMH-ID of whom it proves now, what for, and what the face was compared with.
    async fn judge(
        &self,
        sts: &Sts,
        ticket: &Ticket,
        maker: &Caller,
        now: i64,
    ) -> Result<(String, Vec<String>, String), Refusal> {
        match self {
            Self::Answer(answer) => {
                let challenge = answer.complete(ticket)?;
                answer.bound_to(&challenge, maker, &sts.base.issuer, now)?;
                let pmh_id = answer.judge(sts, &challenge, maker, now).await?;
                Ok((pmh_id, challenge.purpose, challenge.basis))
            }
            Self::Statement(statement) => {
                let pmh_id = statement.judge(sts, maker, Some(ticket), now).await?;
                let (purposes, basis) = (statement.purposes(), statement.basis());
                Ok((pmh_id, purposes.to_vec(), basis.to_owned()))
            }
        }
    }
}

impl Sts {
    /// That a device has sent the entry of this number, or, with none, nothing new: the number with which it goes on.
    pub(crate) async fn journal(&self, jkt: &str, sent: Option<i64>) -> Stored<i64> {
        let mut transaction = self.base.store.begin().await?;
        let next = journal(&mut transaction, jkt, sent.map_or(0, |number| number + 1)).await?;
        transaction.commit().await?;
        Ok(next)
    }

    /// The ticket with this SHA-256, and the SHA-256 of what used it.
    pub(crate) async fn ticket(&self, digest: &[u8]) -> Stored<Option<(Ticket, Option<Vec<u8>>)>> {
        self.tickets().named(digest).await
    }

    /// Uses up a ticket for evidence, by the SHA-256 of both: one statement, so that of many at once exactly one does.
    pub(crate) async fn use_ticket(
        transaction: &mut AnyConnection,
        ticket: &[u8],
        evidence: &[u8],
        jkt: &str,
    ) -> Stored<bool> {
        tickets::consume(transaction, ticket, evidence, jkt).await
    }

    /// What evidence proves that a ticket was used for, whoever sends it. Nothing is put on record yet, and nothing used up.
    pub(crate) async fn judge_offline(
        &self,
        evidence: &OfflineEvidence<'_>,
        ticket: &Ticket,
        sender: &Caller,
        domain: Domain,
    ) -> Result<Confirmed, Refusal> {
        let now = self.base.now();
        if now >= ticket.expires_at {
            return Err(Refusal::TicketExpired);
        }
        let maker = self.staff.member(&ticket.staff_id).await?;
        // Whoever works elsewhere by now has made nothing here.
        let maker = maker.filter(|maker| maker.facility_id == ticket.facility_id);
        let maker = sender.handing(maker.ok_or(Refusal::FacilityMismatch)?);
        domain.may(maker.member.facility_kind)?;
        let (pmh_id, purposes, basis) = evidence.judge(self, ticket, &maker, now).await?;
        let proven = Proven {
            method: evidence.method(),
            pmh_id,
            purposes,
            basis,
            // The person was there between this and what the device claims; every day is counted from the earlier.
            verified_at: ticket.issued_at,
            evidence_id: random_id()?,
            again: false,
            offline: true,
        };
        self.confirmed(proven, &maker, sender, domain).await
    }

    async fn confirmed(
        &self,
        proven: Proven,
        maker: &Caller,
        sender: &Caller,
        domain: Domain,
    ) -> Result<Confirmed, Refusal> {
        let facility = &maker.member.facility_id;
        let subject = self.subject(&proven.pmh_id, facility);
        let until = proven.registered_until(self, facility, &subject).await?;
        let registration = match until {
            Some(until) if proven.registers() => {
                Some(proven.registration(self, until, None).await?)
            }
            _ => None,
        };
        let ends = proven.verified_at + FRESH;
        let own = proven.method.lasts_a_day() && maker.member.id == sender.member.id;
        let token = own.then(|| evidence_token::sign(self, maker, &maker.jkt, &proven, ends));
        let with_pin = proven.method == Method::CardPin;
        Ok(Confirmed {
            method: proven.method,
            verified_at: proven.verified_at,
            fresh_until: proven.fresh_until(proven.verified_at),
            registered_until: until,
            evidence_id: proven.evidence_id.clone(),
            evidence_token: token.transpose()?,
            face: face_check(&proven.basis),
            issued: Issued {
                token: None,
                confirmed_with_pin: with_pin.then_some(proven.verified_at),
                facility_id: facility.clone(),
                subject,
                domain,
                evidence: Some(NewEvidence { id: proven.evidence_id, expires_at: ends }),
                registration,
                pmh_id: proven.pmh_id,
            },
            purposes: proven.purposes,
        })
    }

    /// What a visit opens that was made without coverage, for whoever made it, if they still work there. What was typed
    /// counts at the moment of its use only: whether this is it is for whoever asks to say.
    pub(crate) async fn opened_offline(
        &self,
        visit: &Visit,
        sender: &Caller,
        scope: &str,
        at_once: bool,
    ) -> Result<Opened, Refusal> {
        let maker = self.staff.member(&visit.staff_id).await?;
        let maker = maker.filter(|maker| maker.facility_id == visit.facility_id);
        let member = maker.ok_or(Refusal::FacilityMismatch)?;
        let pmh_id = self.challenges().evidenced(&visit.evidence_id, &visit.facility_id).await?;
        let proven = Proven {
            method: visit.method,
            // Its day is over, or the contract is.
            pmh_id: pmh_id.ok_or(Refusal::ReverifyRequired)?,
            purposes: visit.purposes.clone(),
            basis: String::new(),
            verified_at: visit.verified_at,
            evidence_id: visit.evidence_id.clone(),
            again: false,
            offline: true,
        };
        proven.may_open(scope)?;
        Ok(Opened {
            subject: self.subject(&proven.pmh_id, &member.facility_id),
            pmh_id: proven.pmh_id,
            client_id: sender.device.id.clone(),
            jti: proven.evidence_id,
            domain: visit.domain,
            method: visit.method,
            verified_at: visit.verified_at,
            at_once,
            offline: true,
            member,
        })
    }
}

impl Confirmed {
    /// Whom it proved.
    pub(crate) fn person(&self) -> &str {
        &self.issued.pmh_id
    }

    /// Puts on record what comes of it.
    pub(crate) async fn record(&self, transaction: &mut AnyConnection) -> Stored<()> {
        self.issued.record(transaction).await
    }
}
