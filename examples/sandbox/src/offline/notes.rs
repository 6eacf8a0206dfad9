//! `POST /v1/offline/notes`: a consent or a notice that was noted with a visit, after the visit. It is carried out by what
//! carries it out with coverage, as the one who made the visit.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entries::Sent;
use super::{Offline, is_final, refusal, told};
use crate::audit::{Event, What};
use crate::base::jws::{Compact, read_exactly, sha256};
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;
use crate::sts::{Caller, Visit, is_uuid};
use crate::web_service::{CONSENT_WRITE, NOTICE_SUBMIT};

const TYP: &str = "kaigo-offline-note+jwt";
/// How far a device's clock may be off, in seconds.
const SKEW: i64 = 60;
/// How long after a visit what was typed counts for what is noted with it, in seconds: it is the moment of its use.
const MOMENT: i64 = 15 * 60;
/// No journal has so many entries.
const MOST_ENTRIES: i64 = 10_000_000_000_000_000;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    vsn: u8,
    note: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jkt: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    aud: String,
    jti: String,
    iat: i64,
    cnf: Confirmation,
    fac: String,
    act: String,
    /// The name of the visit.
    visit: String,
    seq: i64,
    kind: Kind,
    /// What is sent with coverage.
    body: Value,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Consent,
    Notice,
}

/// A note that has the right shape; nothing of it is believed yet.
struct Note<'a> {
    kid: String,
    claims: Claims,
    signed: &'a str,
    signature: Vec<u8>,
}

impl Offline {
    pub(super) async fn note(&self, sender: &Sender, body: &[u8]) -> Result<Reply, Refusal> {
        let sender = self.sts.asked(sender).await?;
        let request: Request = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
        if request.vsn != 1 {
            return Err(Refusal::RequestMalformed);
        }
        let note = Note::read(&request.note).ok_or(Refusal::AssertionMalformed)?;
        let digest = sha256(request.note.as_bytes());
        let claims = &note.claims;
        let sent = Sent { digest: &digest, jkt: &sender.jkt, id: &claims.jti, seq: claims.seq };
        if let Some(reply) = self.answered(&sent, &sender).await? {
            return Ok(reply);
        }
        if claims.cnf.jkt != sender.jkt {
            return self.refused(What::Replay, &sender, Refusal::Replayed).await;
        }
        let next = self.sts.journal(&sender.jkt, Some(claims.seq)).await?;
        if self.entries().is_named(&sender.jkt, &claims.jti).await? {
            return self.overtaken(&sent, &sender, Refusal::Replayed).await;
        }
        let done = match self.entries().visit(&sender.jkt, &claims.visit).await? {
            None => {
                let why = Refusal::OfflineVisitMissing;
                return self.refused(What::OfflineSent, &sender, why).await;
            }
            Some(None) => Err(Refusal::OfflineVisitMissing),
            Some(Some(visit)) => self.carry_out(&note, &visit, &sender).await,
        };
        let answer = match done {
            Ok(()) => json!({ "result": "done", "id": claims.jti }),
            Err(why) if is_final(why) => refusal(&claims.jti, why),
            Err(why) => return Err(why),
        };
        self.settle_note(&sent, claims.kind, &sender, (answer, done), next).await
    }

    /// Does what a note says, if it holds. Done twice, it is done once: what carries it out knows it by its name.
    async fn carry_out(
        &self,
        note: &Note<'_>,
        visit: &Visit,
        sender: &Caller,
    ) -> Result<(), Refusal> {
        note.holds(visit, sender, &self.base.issuer, self.base.now())?;
        let claims = &note.claims;
        let at_once = visit.method.lasts_a_day()
            || (-SKEW..=MOMENT).contains(&claims.iat.saturating_sub(visit.claimed_at));
        let body = serde_json::to_vec(&claims.body).map_err(|_| Refusal::ServerFailed)?;
        let open = |scope| self.sts.opened_offline(visit, sender, scope, at_once);
        match claims.kind {
            Kind::Consent => {
                self.web_service.take_consent(&open(CONSENT_WRITE).await?, &body).await?
            }
            Kind::Notice => {
                self.web_service.file_notice(&open(NOTICE_SUBMIT).await?, &body).await?
            }
        };
        Ok(())
    }

    async fn settle_note(
        &self,
        sent: &Sent<'_>,
        kind: Kind,
        sender: &Caller,
        (answer, done): (Value, Result<(), Refusal>),
        next: i64,
    ) -> Result<Reply, Refusal> {
        let mut transaction = self.base.store.begin().await?;
        if !sent.add(&mut transaction, &answer, self.base.now()).await? {
            transaction.rollback().await?;
            return self.overtaken(sent, sender, Refusal::Replayed).await;
        }
        let again = sent.number_came(&mut transaction).await?;
        let note = match (kind, again) {
            (Kind::Consent, false) => "consent",
            (Kind::Consent, true) => "consent journal_again",
            (Kind::Notice, false) => "notice",
            (Kind::Notice, true) => "notice journal_again",
        };
        let outcome = done.err().map_or("ok", Refusal::code);
        let event = Event { what: What::OfflineSent, outcome, note, who: sender.who() };
        self.audit.append(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(told(answer, next, false))
    }
}

impl<'a> Note<'a> {
    fn read(jws: &'a str) -> Option<Self> {
        let compact = Compact::split(jws)?;
        let header: Header = read_exactly(&compact.header)?;
        let claims: Claims = read_exactly(&compact.payload)?;
        let well_formed = header.alg == "ES256"
            && header.typ == TYP
            && is_uuid(&claims.jti)
            && is_uuid(&claims.visit)
            && (0..MOST_ENTRIES).contains(&claims.seq);
        well_formed.then_some(Self {
            kid: header.kid,
            claims,
            signed: compact.signed,
            signature: compact.signature,
        })
    }

    /// Whether the device signed it, for whoever made the visit, and not before the visit.
    fn holds(&self, visit: &Visit, sender: &Caller, issuer: &str, now: i64) -> Result<(), Refusal> {
        if !sender.signed(self.signed.as_bytes(), &self.signature) {
            return Err(Refusal::SignatureInvalid);
        }
        let claims = &self.claims;
        let bindings = [
            ("cnf", self.kid == sender.jkt),
            ("aud", claims.aud == issuer),
            ("fac", claims.fac == visit.facility_id && claims.fac == sender.member.facility_id),
            ("act", claims.act == visit.staff_id),
            ("iat", (visit.claimed_at - SKEW..=now + SKEW).contains(&claims.iat)),
        ];
        match bindings.into_iter().find(|(_, holds)| !holds) {
            Some((field, _)) => Err(Refusal::BindingMismatch(field)),
            None => Ok(()),
        }
    }
}
