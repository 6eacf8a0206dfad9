//! A visit where nobody can be asked: what was proven answers a ticket, and waits on the disk. Nothing of the platform is
//! shown, because nothing of it is there.

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::bedside::{Attempt, Bedside, Evidence, Proven, Setting, Source};
use super::counted::Since;
use super::journal::{Finding, Journal, Waiting};
use super::outcome::Waits;
use super::plan::Known;
use super::ticket::Wallet;
use crate::exchange::{Challenge, Entropy, StaffId};
use crate::flow::{DeviceTime, Stage, Way};
use crate::message::{Code, Failure};

/// A ticket that is being answered.
#[derive(Clone)]
pub(super) struct Answering {
    pub(super) challenge: Challenge,
    pub(super) since: Since,
}

impl Answering {
    /// The server's time, as far as this device can tell: never before the ticket.
    pub(super) fn time(&self, device: DeviceTime) -> Timestamp {
        self.since.now(device).0.max(self.challenge.issued())
    }
}

pub(super) struct Uncovered<'a> {
    pub(super) known: &'a Known,
    pub(super) member: &'a StaffId,
    pub(super) journal: Journal<'a>,
    pub(super) wallet: Wallet,
    pub(super) findings: Vec<Finding>,
    /// What its maker calls the visit.
    pub(super) label: Zeroizing<String>,
}

impl Setting for Uncovered<'_> {
    type Ended = Waits;

    async fn attempt(
        &mut self,
        attempt: &Attempt<'_>,
        mut fresh: Entropy,
    ) -> Result<Waits, Failure> {
        let (known, member) = (self.known, self.member);
        let tapped = attempt.plan.tapped().map(|person| &person.subject);
        let held = self.wallet.choose(member, tapped).ok_or(Code::TicketMissing)?;
        if attempt.way == Way::CardTap && held.ticket.subject.is_none() {
            // A tap is of somebody who is expected (公的個人認証法 Art. 38-4).
            return Err(Code::TicketMissing.into());
        }
        let number = self.journal.next();
        let challenge = held.ticket.challenge(number);
        let hash = challenge.hash.clone();
        let answering = Answering { challenge, since: held.since };
        let bedside = Bedside { attempt, known, member, source: Source::Ticket(&answering) };
        let proven = bedside.prove((attempt.way == Way::FaceCheck).then(|| fresh.bytes())).await?;
        attempt.talk.stage(Stage::Keep);
        let waits = self.kept(attempt, &answering, proven).await?;
        // It waits, whatever comes after: who is stopped here, or has no more room, finds the ticket used when the wallet is
        // opened next.
        let _ = self.wallet.used(&mut self.journal, &hash).await;
        Ok(Waits { mark: self.journal.mark(), ..waits })
    }
}

impl Uncovered<'_> {
    /// Has what was proven on the disk before anybody is told.
    async fn kept(
        &mut self,
        attempt: &Attempt<'_>,
        answering: &Answering,
        proven: Proven<'_>,
    ) -> Result<Waits, Failure> {
        let Proven { evidence, seen, .. } = proven;
        let device = attempt.talk.clock().await;
        let (claimed_at, clock_set) = (answering.time(device), answering.since.now(device).1);
        let (text, kind) = match &evidence {
            Evidence::Card(assertion) => (assertion.as_str(), "offline-card-assertion"),
            Evidence::Tap(evidence) => (evidence.as_str(), "offline-tap-evidence"),
            Evidence::Statement(statement) => (statement.as_str(), "offline-four-attributes"),
            Evidence::Registration(_) => return Err(Code::EvidenceNotSupported.into()),
        };
        let expires = answering.challenge.expires();
        let number = self
            .journal
            .append(&Waiting::Visit {
                evidence: Zeroizing::new(text.to_owned()),
                kind: ["urn:x-kaigo:token-type:", kind].concat(),
                domain: attempt.plan.domain(),
                jti: attempt.id.to_owned(),
                made_by: self.member.clone(),
                label: self.label.clone(),
                claimed_at,
                expires,
                ticket: answering.challenge.hash.clone(),
                since: answering.since,
            })
            .await?;
        let (_, certificate) = seen.certificate.unzip();
        Ok(Waits {
            number,
            id: attempt.id.to_owned(),
            way: attempt.way,
            face: seen.face,
            certificate,
            genuineness: seen.genuineness,
            claimed_at,
            expires,
            clock_set,
            findings: std::mem::take(&mut self.findings),
            mark: 0,
        })
    }
}
