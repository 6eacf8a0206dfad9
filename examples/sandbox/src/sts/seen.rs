//! What has changed of a person's entitlement since their facility last read it.
//!
//! Of what was read only keyed digests are kept. Whoever reads again with the same token is told the same: an answer that
//! was lost on its way is not the last word.

use std::collections::BTreeMap;

use ring::hmac;

use super::Sts;
use super::opened::Opened;
use crate::base::database::Result as Stored;
use crate::base::jws::base64url;

/// Bytes of a digest: enough to tell one from the next.
const LENGTH: usize = 12;

/// An item that may change: its code, and what is on file of it.
pub(crate) type Item = (&'static str, String);

/// What somebody who reads an entitlement is told beside it.
pub(crate) struct Read {
    /// Codes of what has changed.
    pub(crate) changed: Vec<&'static str>,
    /// Until when the person is registered with the facility (seconds since the epoch), if they are.
    pub(crate) registered_until: Option<i64>,
}

impl Sts {
    /// Takes note that somebody's entitlement was read by their facility.
    pub(crate) async fn read(&self, opened: &Opened, items: &[Item]) -> Stored<Read> {
        let seen = self.digests(&opened.subject, items);
        let seen =
            serde_json::to_string(&seen).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let before: Vec<(Option<String>, i64)> = sqlx::query_as(
            "UPDATE sts_registration SET seen_before = CASE WHEN read_by = $3 THEN seen_before ELSE seen END, \
             read_by = $3, seen = $4 WHERE facility_id = $1 AND subject = $2 AND valid_until > $5 \
             RETURNING seen_before, valid_until",
        )
        .bind(&opened.member.facility_id)
        .bind(&opened.subject)
        .bind(&opened.jti)
        .bind(seen)
        .bind(self.base.now())
        .fetch_all(self.base.store.pool())
        .await?;
        Ok(match before.first() {
            Some((before, until)) => Read {
                changed: self.changed(&opened.subject, before.as_deref(), items),
                registered_until: Some(*until),
            },
            // Nobody's list has them, and nothing is compared.
            None => Read { changed: Vec::new(), registered_until: None },
        })
    }

    /// Codes of those items that are not as they were seen. Who has never looked, and what was not there to be looked at,
    /// has no change.
    pub(crate) fn changed(
        &self,
        subject: &str,
        seen: Option<&str>,
        items: &[Item],
    ) -> Vec<&'static str> {
        let seen: BTreeMap<String, String> =
            seen.and_then(|seen| serde_json::from_str(seen).ok()).unwrap_or_default();
        let now = self.digests(subject, items);
        let differs = |code: &str| seen.get(code).is_some_and(|seen| now.get(code) != Some(seen));
        items.iter().map(|(code, _)| *code).filter(|code| differs(code)).collect()
    }

    fn digests(&self, subject: &str, items: &[Item]) -> BTreeMap<&'static str, String> {
        let digest = |(code, value): &Item| {
            let said = format!("{subject}/{code}/{value}");
            let digest = hmac::sign(&self.seen, said.as_bytes());
            (*code, base64url(&digest.as_ref()[..LENGTH]))
        };
        items.iter().map(digest).collect()
    }
}
