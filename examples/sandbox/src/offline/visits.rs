//! `POST /v1/offline/visits`: evidence that was made with a ticket.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entries::Sent;
use super::{Offline, is_final, refusal, told};
use crate::audit::{Event, What, Who};
use crate::base::clock::rfc3339;
use crate::base::jws::{read_exactly, sha256};
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;
use crate::sts::{Caller, Confirmed, Domain, OfflineEvidence, Sts, Ticket, Visit};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    vsn: u8,
    evidence: String,
    evidence_type: String,
    insurance_domain: String,
}

/// A visit that was judged, and what it is answered.
struct Judged {
    result: Result<(Confirmed, Visit), Refusal>,
    /// What is kept of the answer.
    answer: Value,
}

impl Offline {
    pub(super) async fn visit(&self, sender: &Sender, body: &[u8]) -> Result<Reply, Refusal> {
        let sender = self.sts.asked(sender).await?;
        let request: Request = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
        let domain = Domain::named(&request.insurance_domain).filter(|_| request.vsn == 1);
        let domain = domain.ok_or(Refusal::RequestMalformed)?;
        let evidence = OfflineEvidence::read(&request.evidence_type, &request.evidence)?;
        let digest = sha256(request.evidence.as_bytes());
        let said = evidence.said();
        let sent = Sent { digest: &digest, jkt: &sender.jkt, id: said.id, seq: said.seq };
        if let Some(reply) = self.answered(&sent, &sender).await? {
            return Ok(reply);
        }
        let own = said.jkt == sender.jkt;
        let next = self.sts.journal(&sender.jkt, own.then_some(said.seq)).await?;
        let ticket = match self.sts.ticket(evidence.ticket()).await? {
            None => return self.refused(What::Exchange, &sender, Refusal::TicketUnknown).await,
            // Somebody has what was made at another device.
            Some((ticket, _)) if ticket.jkt != sender.jkt => {
                return self.refused(What::Replay, &sender, Refusal::Replayed).await;
            }
            Some((_, Some(_))) => {
                return self.overtaken(&sent, &sender, Refusal::TicketUsed).await;
            }
            Some((ticket, None)) => ticket,
        };
        let judged = self.judge(&evidence, &ticket, &sender, domain).await;
        let judged = match judged {
            Ok(judged) => judged,
            Err(why) => return self.refused(What::Exchange, &sender, why).await,
        };
        self.settle(&sent, evidence.ticket(), &ticket, &sender, judged, next).await
    }

    /// What comes of evidence, whatever it is; an error if that cannot be known now.
    async fn judge(
        &self,
        evidence: &OfflineEvidence<'_>,
        ticket: &Ticket,
        sender: &Caller,
        domain: Domain,
    ) -> Result<Judged, Refusal> {
        let said = evidence.said();
        let confirmed = match self.sts.judge_offline(evidence, ticket, sender, domain).await {
            Ok(confirmed) => confirmed,
            Err(why) if is_final(why) => {
                let mut answer = refusal(said.id, why);
                answer["offline"] = true.into();
                return Ok(Judged { result: Err(why), answer });
            }
            Err(why) => return Err(why),
        };
        let answer = json!({
            "result": "confirmed",
            "offline": true,
            "id": said.id,
            "honnin": {
                "method": confirmed.method.name(),
                "verified_at": rfc3339(confirmed.verified_at),
                "claimed_at": rfc3339(said.claimed_at),
                "fresh_until": rfc3339(confirmed.fresh_until),
                "insurance_domain": domain.name(),
            },
            "registered_until": confirmed.registered_until.map(rfc3339),
        });
        let visit = Visit {
            facility_id: ticket.facility_id.clone(),
            staff_id: ticket.staff_id.clone(),
            evidence_id: confirmed.evidence_id.clone(),
            method: confirmed.method,
            purposes: confirmed.purposes.clone(),
            domain,
            verified_at: confirmed.verified_at,
            claimed_at: said.claimed_at,
        };
        Ok(Judged { result: Ok((confirmed, visit)), answer })
    }

    /// Uses the ticket up and puts everything on record that comes of it, at once or not at all.
    async fn settle(
        &self,
        sent: &Sent<'_>,
        ticket_digest: &[u8],
        ticket: &Ticket,
        sender: &Caller,
        judged: Judged,
        next: i64,
    ) -> Result<Reply, Refusal> {
        let now = self.base.now();
        let mut transaction = self.base.store.begin().await?;
        if !Sts::use_ticket(&mut transaction, ticket_digest, sent.digest, sent.jkt).await? {
            transaction.rollback().await?;
            return self.overtaken(sent, sender, Refusal::TicketUsed).await;
        }
        if !sent.add(&mut transaction, &judged.answer, now).await? {
            transaction.rollback().await?;
            return self.overtaken(sent, sender, Refusal::Replayed).await;
        }
        let again = sent.number_came(&mut transaction).await?;
        let (mut person, mut note) = ("", "offline".to_owned());
        if let Ok((confirmed, visit)) = &judged.result {
            confirmed.record(&mut transaction).await?;
            sent.confirm(&mut transaction, visit, now).await?;
            person = confirmed.person();
            note = format!("{} offline", confirmed.face);
            if visit.domain == Domain::Medical {
                note.push_str(" medical");
            }
        }
        if again {
            note.push_str(" journal_again");
        }
        let outcome = judged.result.as_ref().err().map_or("ok", |why| why.code());
        let who = Who { person, ..sender.who() };
        let maker = Who { staff: &ticket.staff_id, ..who };
        let made = Event { what: What::Exchange, outcome, note: &note, who: maker };
        self.audit.append(&mut transaction, &made).await?;
        let sending = Event { what: What::OfflineSent, outcome, note: "visit", who };
        self.audit.append(&mut transaction, &sending).await?;
        transaction.commit().await?;

        let mut answer = judged.answer;
        if let Ok((Confirmed { evidence_token: Some(token), .. }, _)) = judged.result {
            answer["evidence_token"] = token.into();
        }
        Ok(told(answer, next, false))
    }
}
