//! Who sends a request.

use axum::http::HeaderMap;

use super::Sts;
use crate::base::dpop::Aim;
use crate::base::jwk::PublicKey;
use crate::base::refusal::Refusal;
use crate::base::reply::{Shown, shown};
use crate::staff::Member;

/// Where challenges are asked for.
pub(super) const CHALLENGES: &str = "/v1/challenges";
/// Where tokens are asked for.
pub(super) const TOKEN: &str = "/v1/token";

/// A staff member at a device.
pub(super) struct Caller {
    pub(super) member: Member,
    /// Thumbprint of the device's key, if they have shown to hold it.
    pub(super) jkt: Option<String>,
    /// That key.
    pub(super) key: Option<PublicKey>,
}

impl Caller {
    /// Who asks for a challenge.
    pub(super) async fn asking(sts: &Sts, headers: &HeaderMap) -> Result<Self, Refusal> {
        let (token, proven) = match shown(headers).ok_or(Refusal::StaffTokenMissing)? {
            Shown::Bearer(token) => (token, None),
            Shown::Bound(token) => {
                let aim = Aim { method: "POST", path: CHALLENGES, token: Some(token) };
                (token, Some(sts.base.proven(headers, aim).await?))
            }
        };
        let (jkt, key) = proven.map(|proven| (proven.jkt, proven.key)).unzip();
        let signed_in = sts.staff.verify(token).await?;
        if signed_in.jkt != jkt {
            return Err(Refusal::StaffTokenInvalid);
        }
        Ok(Self { member: signed_in.member, jkt, key })
    }

    /// Who exchanges something, as the staff member of this token.
    pub(super) async fn exchanging(
        sts: &Sts,
        headers: &HeaderMap,
        actor_token: &str,
    ) -> Result<Self, Refusal> {
        let proven = if headers.contains_key("dpop") {
            let aim = Aim { method: "POST", path: TOKEN, token: None };
            Some(sts.base.proven(headers, aim).await?)
        } else {
            None
        };
        let (jkt, key) = proven.map(|proven| (proven.jkt, proven.key)).unzip();
        let signed_in = sts.staff.verify(actor_token).await.map_err(Refusal::of_actor)?;
        if signed_in.jkt != jkt {
            return Err(Refusal::BindingMismatch("cnf"));
        }
        Ok(Self { member: signed_in.member, jkt, key })
    }
}
