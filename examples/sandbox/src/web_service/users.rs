//! The list of a facility's registered people (利用者一覧): how it is searched, how somebody on it is opened for a visit, and
//! the end of a contract. Whoever is searched for stands in a body, never in a path.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::WebService;
use super::due::{due, items};
use crate::base::clock::rfc3339;
use crate::base::jws::read_exactly;
use crate::base::refusal::Refusal;
use crate::base::reply::{Received, Reply, received};
use crate::base::sender::Sender;
use crate::kiban::{compared, compared_date};
use crate::sts::{Caller, Listed, Wanted, is_birth_date};

/// How many are looked at for a page of those of whom something runs out. Where few are due, a page is shorter than it might
/// be, and there is another: no page costs more than this many.
const LOOK: usize = 1000;
/// No name has this many letters.
const LONGEST_NAME: usize = 100;

type Shared = State<Arc<WebService>>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    #[serde(skip_serializing_if = "Option::is_none")]
    kana: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    subject: String,
}

/// `POST /v1/users/search`
pub(super) async fn search(State(service): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, super::JSON, body)?;
        let caller = service.sts.asked(&sender).await?;
        let search: Search = read_exactly(&body).ok_or(Refusal::RequestMalformed)?;
        service.page(&caller, &search).await
    };
    Reply::from(reply.await).at(service.base.now())
}

/// `POST /v1/users/open`
pub(super) async fn open(State(service): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, super::JSON, body)?;
        let caller = service.sts.asked(&sender).await?;
        let named: Named = read_exactly(&body).ok_or(Refusal::RequestMalformed)?;
        let (handle, until) = service.sts.open_user(&caller, &named.subject).await?;
        Ok(Reply::ok(json!({ "registration": handle, "valid_until": rfc3339(until) })))
    };
    Reply::from(reply.await).at(service.base.now())
}

/// `POST /v1/users/end`
pub(super) async fn end(State(service): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, super::JSON, body)?;
        let caller = service.sts.asked(&sender).await?;
        let named: Named = read_exactly(&body).ok_or(Refusal::RequestMalformed)?;
        service.sts.end_user(&caller, &named.subject).await?;
        Ok(Reply::ok(json!({ "ended": true })))
    };
    Reply::from(reply.await).at(service.base.now())
}

impl WebService {
    async fn page(&self, caller: &Caller, search: &Search) -> Result<Reply, Refusal> {
        let facility = &caller.member.facility_id;
        let (name, birth) = search.terms()?;
        let limit = super::page(search.limit)?;
        let after = search.after.as_deref().map(|after| self.place_of(facility, after));
        let after = after.transpose()?;
        let only_due = search.due == Some(true);
        let look = if only_due { LOOK } else { limit };
        let wanted = Wanted {
            name: &name,
            birth: birth.as_deref(),
            after: after.as_ref().map(|(name, subject)| (name.as_str(), subject.as_str())),
            most: i64::try_from(look + 1).unwrap_or(i64::MAX),
        };
        let mut listed = self.sts.list(caller, &wanted).await?;
        let more = listed.len() > look;
        listed.truncate(look);

        let pmh_ids: Vec<&str> = listed.iter().map(|listed| listed.pmh_id.as_str()).collect();
        let known = self.kiban.entitlements(&pmh_ids).await?;
        let now = self.base.now();
        let (mut users, mut hidden, mut looked) = (Vec::new(), 0, 0);
        for listed in &listed {
            if users.len() == limit {
                break;
            }
            looked += 1;
            match known.get(&listed.pmh_id) {
                // Without consent, or without the insurer, not even a name.
                None => hidden += 1,
                Some(record) => users.extend(self.user(listed, record, only_due, now)),
            }
        }
        let goes_on = more || looked < listed.len();
        let next = if goes_on { listed[..looked].last() } else { None };
        let next = next.map(|last| self.cursor(facility, last)).transpose()?;
        Ok(Reply::ok(
            json!({ "users": users, "hidden": hidden, "next": next, "as_of": rfc3339(now) }),
        ))
    }

    /// Somebody as the list shows them; `None` if only those are wanted of whom something runs out, and nothing does.
    fn user(&self, listed: &Listed, record: &Value, only_due: bool, now: i64) -> Option<Value> {
        let due = due(record, Some(listed.valid_until), now);
        if only_due && due.is_empty() {
            return None;
        }
        let changed = self.sts.changed(&listed.subject, listed.seen.as_deref(), &items(record));
        Some(json!({
            "subject": listed.subject,
            "name_kana": record["person"]["name_kana"],
            "birth_date": record["person"]["birth_date"],
            "sex": record["person"]["sex"],
            "insurer_number": record["insurer"]["number"],
            "insured_number": record["insured_number"],
            "method": listed.method,
            "verified_at": rfc3339(listed.verified_at),
            "valid_until": rfc3339(listed.valid_until),
            "changed": changed,
            "due": due,
        }))
    }

    /// Where a list goes on after somebody. There is a name in it, which nobody else can read.
    pub(super) fn cursor(&self, facility: &str, last: &Listed) -> Result<String, Refusal> {
        let place = json!([last.name_order, last.subject]).to_string();
        Ok(self.base.store.seal_text(&about(facility), &place)?)
    }

    pub(super) fn place_of(
        &self,
        facility: &str,
        cursor: &str,
    ) -> Result<(String, String), Refusal> {
        let place = self.base.store.open_text(&about(facility), cursor);
        let place = place.and_then(|place| serde_json::from_str(&place).ok());
        place.ok_or(Refusal::RequestMalformed)
    }
}

/// What a cursor is sealed for: no other facility goes on with it.
fn about(facility: &str) -> String {
    format!("users.cursor/{facility}")
}

impl Search {
    /// What the name begins with and the date of birth, as both are compared.
    fn terms(&self) -> Result<(String, Option<String>), Refusal> {
        let kana = self.kana.as_deref().unwrap_or_default();
        if kana.chars().count() > LONGEST_NAME {
            return Err(Refusal::RequestMalformed);
        }
        let birth = self.birth_date.as_deref();
        if birth.is_some_and(|birth| !is_birth_date(birth)) {
            return Err(Refusal::RequestMalformed);
        }
        Ok((compared(kana), birth.map(compared_date)))
    }
}
