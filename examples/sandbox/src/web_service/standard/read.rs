//! What is read of the facility's own users, by their insured number.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::allows;
use super::answer::{Fault, NOT_PERMITTED, NOT_REGISTERED};
use crate::audit::{Event, What, Who};
use crate::base::clock::rfc3339;
use crate::kiban::{Kind, Look, Viewer, Wanted as Records};
use crate::staff::Member;
use crate::sts::Wanted;
use crate::web_service::information::viewer;
use crate::web_service::{USUAL, WebService};

/// Whom a call is about (保険者番号, 被保険者番号).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whom {
    pub(super) insurer_number: String,
    pub(super) insured_number: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<usize>,
}

/// What is read.
#[derive(Clone, Copy)]
pub(super) enum Matter {
    Certificates,
    Certification,
    ReviewProgress,
    Housing,
}

impl Matter {
    /// Its column in the table of who may call what.
    fn name(self) -> &'static str {
        match self {
            Self::Certificates => "certificates",
            Self::Certification => "certification",
            Self::ReviewProgress => "review_progress",
            Self::Housing => "housing",
        }
    }
}

impl WebService {
    /// The facility's users (`WEB_IF_KST_01`): those whom a visit has registered.
    pub(super) async fn standard_users(
        &self,
        member: &Member,
        page: &Page,
    ) -> Result<Value, Fault> {
        if !allows(member, "users") {
            return Err(NOT_PERMITTED);
        }
        let facility = &member.facility_id;
        let limit = crate::web_service::page(page.limit)?;
        let after =
            page.after.as_deref().map(|after| self.place_of(facility, after)).transpose()?;
        let wanted = Wanted {
            name: "",
            birth: None,
            after: after.as_ref().map(|(name, subject)| (name.as_str(), subject.as_str())),
            most: i64::try_from(limit + 1).unwrap_or(i64::MAX),
        };
        let mut listed = self.sts.list_of(facility, &wanted, who(member, "")).await?;
        let more = listed.len() > limit;
        listed.truncate(limit);
        let pmh_ids: Vec<&str> = listed.iter().map(|listed| listed.pmh_id.as_str()).collect();
        let known = self.kiban.entitlements(&pmh_ids).await?;
        let users = listed.iter().filter_map(|listed| {
            let record = known.get(&listed.pmh_id)?;
            Some(json!({
                "insurer_number": record["insurer"]["number"],
                "insured_number": record["insured_number"],
                "name_kana": record["person"]["name_kana"],
                "birth_date": record["person"]["birth_date"],
                "registered_until": rfc3339(listed.valid_until),
            }))
        });
        let users: Vec<Value> = users.collect();
        let last = listed.last().filter(|_| more);
        let next = last.map(|last| self.cursor(facility, last)).transpose()?;
        Ok(json!({ "users": users, "next": next }))
    }

    /// One thing of one user.
    pub(super) async fn standard_read(
        &self,
        member: &Member,
        matter: Matter,
        whom: &Whom,
    ) -> Result<Value, Fault> {
        let pmh_id = self.own_user(member, matter.name(), whom).await?;
        let read = self.of_user(member, matter, &pmh_id).await;
        let outcome = if read.is_ok() { "ok" } else { "refused" };
        let event =
            Event { what: What::View, outcome, note: "standard", who: who(member, &pmh_id) };
        self.audit.add(&event).await?;
        read
    }

    /// The user of this facility whom a call is about, if whoever calls may.
    pub(super) async fn own_user(
        &self,
        member: &Member,
        function: &str,
        whom: &Whom,
    ) -> Result<String, Fault> {
        if !allows(member, function) {
            return Err(NOT_PERMITTED);
        }
        let pmh_id = self.insurer.pmh_id(&whom.insurer_number, &whom.insured_number).await?;
        let pmh_id = pmh_id.ok_or(NOT_REGISTERED)?;
        let registered = self.sts.is_registered(&member.facility_id, &pmh_id).await?;
        if registered { Ok(pmh_id) } else { Err(NOT_REGISTERED) }
    }

    async fn of_user(&self, member: &Member, matter: Matter, pmh_id: &str) -> Result<Value, Fault> {
        let here = (member.facility_id.as_str(), viewer(member.facility_kind));
        let (what, told) = match matter {
            Matter::Certificates => {
                let told = self.kiban.entitlement(pmh_id, self.base.now()).await?;
                ("qualification", told)
            }
            Matter::Certification | Matter::ReviewProgress => {
                let records = self.latest(pmh_id, Kind::Certification, here).await?;
                let parts: &[&str] = match matter {
                    Matter::ReviewProgress => &["applied_on", "progress"],
                    _ => &["applied_on", "kind", "care_level", "valid_from", "valid_until"],
                };
                let part = |record: &Value| -> Value {
                    parts.iter().map(|name| ((*name).to_owned(), record[*name].clone())).collect()
                };
                (
                    "certification",
                    json!({ "records": records.iter().map(part).collect::<Vec<_>>() }),
                )
            }
            Matter::Housing => {
                let records = self.latest(pmh_id, Kind::Housing, here).await?;
                ("housing", json!({ "records": records }))
            }
        };
        let facility_id = &member.facility_id;
        let (role, method) = (member.role.code(), "registered");
        self.kiban.looked(&Look { pmh_id, facility_id, role, what, method }).await?;
        Ok(told)
    }
}

impl WebService {
    /// The latest hundred of a kind.
    async fn latest(
        &self,
        pmh_id: &str,
        kind: Kind,
        here: (&str, Viewer),
    ) -> Result<Vec<Value>, Fault> {
        let wanted = Records { kind, before: None, most: USUAL };
        Ok(self.kiban.information(pmh_id, &wanted, here).await?.seen)
    }
}

/// Who does something here, for the record.
pub(super) fn who<'a>(member: &'a Member, person: &'a str) -> Who<'a> {
    Who { device: "", facility: &member.facility_id, staff: &member.id, person }
}
