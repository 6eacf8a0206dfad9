//! Care plans from one office to another: sent to one with each call, and listed by both.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::access::allows;
use super::answer::{Fault, NOT_PERMITTED};
use super::read::{Page, Whom};
use crate::base::clock::rfc3339;
use crate::staff::Member;
use crate::sts::is_uuid;
use crate::web_service::WebService;

/// Most tables in a call, and longest text of one, in bytes.
const MOST: usize = 20;
const LONGEST: usize = 16 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    id: String,
    receiver: String,
    insurer_number: String,
    insured_number: String,
    tables: Vec<Table>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// 1, 2, 3, 6 or 7
    table: u8,
    text: String,
}

/// Which of the plans.
#[derive(Clone, Copy)]
pub(super) enum Which {
    Sent,
    Received,
}

impl WebService {
    /// Sends a plan to one office; once, however often it comes.
    pub(super) async fn send_plan(&self, member: &Member, plan: &Plan) -> Result<Value, Fault> {
        let fits = |table: &Table| {
            matches!(table.table, 1 | 2 | 3 | 6 | 7)
                && table.text.len() <= LONGEST
                // PostgreSQL has no such text.
                && !table.text.contains('\0')
        };
        let is_plan = is_uuid(&plan.id)
            && plan.receiver.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=MOST).contains(&plan.tables.len());
        if !is_plan || !plan.tables.iter().all(fits) {
            return Err(Fault::Malformed);
        }
        let whom = Whom {
            insurer_number: plan.insurer_number.clone(),
            insured_number: plan.insured_number.clone(),
        };
        let pmh_id = self.own_user(member, "care_plans_send", &whom).await?;
        // Whoever has not agreed, or does not any more, is nobody's business here.
        self.kiban.entitlement(&pmh_id, self.base.now()).await?;
        let to_another = plan.receiver != member.facility_id;
        if !to_another || self.staff.facility_kind(&plan.receiver).await?.is_none() {
            return Err(Fault::Matter("receiver_unknown", "there is no such office"));
        }
        let tables = serde_json::to_string(&plan.tables).map_err(|_| Fault::Failed)?;
        sqlx::query(
            "INSERT INTO web_service_plan \
             (id, sender, receiver, pmh_id, insurer_number, insured_number, tables, sent_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(&plan.id)
        .bind(&member.facility_id)
        .bind(&plan.receiver)
        .bind(&pmh_id)
        .bind(&plan.insurer_number)
        .bind(&plan.insured_number)
        .bind(&tables)
        .bind(self.base.now())
        .execute(self.base.store.pool())
        .await?;
        let there = sqlx::query("SELECT * FROM web_service_plan WHERE id = $1").bind(&plan.id);
        let there = there.fetch_one(self.base.store.pool()).await?;
        let said = |column| there.try_get::<String, _>(column);
        let same = said("sender")? == member.facility_id
            && said("receiver")? == plan.receiver
            && said("pmh_id")? == pmh_id
            && said("tables")? == tables;
        if same {
            told(&there)
        } else {
            Err(Fault::Matter("plan_conflict", "this one was sent with other content"))
        }
    }

    /// What this office has sent or was sent, the newest first, of those who agree to it now.
    pub(super) async fn plans(
        &self,
        member: &Member,
        which: Which,
        page: &Page,
    ) -> Result<Value, Fault> {
        if !allows(member, "care_plans_read") {
            return Err(NOT_PERMITTED);
        }
        let (things, query) = match which {
            Which::Sent => (
                "plans.sent",
                "SELECT * FROM web_service_plan WHERE sender = $1 AND number < $2 \
                 ORDER BY number DESC LIMIT $3",
            ),
            Which::Received => (
                "plans.received",
                "SELECT * FROM web_service_plan WHERE receiver = $1 AND number < $2 \
                 ORDER BY number DESC LIMIT $3",
            ),
        };
        let facility = &member.facility_id;
        let limit = crate::web_service::page(page.limit)?;
        let before = self.number_before(things, facility, page.after.as_deref())?;
        let rows = sqlx::query(query)
            .bind(facility)
            .bind(before)
            .bind(i64::try_from(limit + 1).unwrap_or(i64::MAX))
            .fetch_all(self.base.store.pool())
            .await?;
        let more = rows.len() > limit;
        let rows = rows.get(..limit.min(rows.len())).unwrap_or_default();
        let pmh_ids: Result<Vec<String>, _> =
            rows.iter().map(|row| row.try_get("pmh_id")).collect();
        let pmh_ids = pmh_ids?;
        let names: Vec<&str> = pmh_ids.iter().map(String::as_str).collect();
        let known = self.kiban.entitlements(&names).await?;
        let mut plans = Vec::new();
        for (row, pmh_id) in rows.iter().zip(&pmh_ids) {
            if known.contains_key(pmh_id) {
                plans.push(told(row)?);
            }
        }
        let next = match rows.last().filter(|_| more) {
            Some(last) => Some(self.cursor_after(things, facility, last.try_get("number")?)?),
            None => None,
        };
        Ok(json!({ "care_plans": plans, "next": next }))
    }
}

fn told(row: &AnyRow) -> Result<Value, Fault> {
    let said = |column| row.try_get::<String, _>(column);
    let tables: Value = serde_json::from_str(&said("tables")?).map_err(|_| Fault::Failed)?;
    Ok(json!({
        "id": said("id")?, "sender": said("sender")?, "receiver": said("receiver")?,
        "insurer_number": said("insurer_number")?, "insured_number": said("insured_number")?,
        "tables": tables, "sent_at": rfc3339(row.try_get("sent_at")?),
    }))
}
