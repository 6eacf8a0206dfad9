//! Staff accounts, first form: a seeded facility whose staff are signed in already.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::Base;
use crate::base::failure::StartError;
use crate::base::jws::SigningKey;
use crate::base::keys::random_id;

/// The visiting-nurse office (訪問看護) every sandbox has.
pub const FACILITY_ID: &str = "1370000001";
/// A nurse of [`FACILITY_ID`]; `nurse-02` is a colleague, and `nurse-11` works at `1370000002`.
pub const STAFF_ID: &str = "nurse-01";

/// Staff and the facility each belongs to.
const ROSTER: [(&str, &str); 3] =
    [(STAFF_ID, FACILITY_ID), ("nurse-02", FACILITY_ID), ("nurse-11", "1370000002")];

const LIFETIME: i64 = 8 * 60 * 60;

/// The accounts, and the key that signs their tokens.
pub(crate) struct Staff {
    base: Arc<Base>,
    key: SigningKey,
}

/// A staff member who is signed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: &'static str,
    pub(crate) facility_id: &'static str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    iat: i64,
    exp: i64,
}

/// The seeded staff member of this name.
pub(crate) fn named(id: &str) -> Option<Member> {
    let known = ROSTER.iter().find(|(known, _)| *known == id);
    known.map(|(id, facility_id)| Member { id, facility_id })
}

impl Staff {
    pub(crate) async fn open(base: Arc<Base>) -> Result<Self, StartError> {
        let key = base.store.signing_key("staff").await?;
        Ok(Self { base, key })
    }

    /// A token as if the staff member had just signed in. `None` if signing failed.
    pub(crate) fn sign_in(&self, member: Member) -> Option<String> {
        let now = self.base.now();
        let claims = Claims {
            iss: self.issuer(),
            aud: self.base.issuer.clone(),
            sub: member.id.to_owned(),
            jti: random_id().ok()?,
            iat: now,
            exp: now + LIFETIME,
        };
        self.key.sign("at+jwt", &claims).ok()
    }

    /// Whose token this is; `None` if it is nobody's now.
    pub(crate) fn verify(&self, token: &str) -> Option<Member> {
        let claims: Claims = self.key.open("at+jwt", token)?;
        let holds = claims.iss == self.issuer()
            && claims.aud == self.base.issuer
            && self.base.now() < claims.exp;
        if holds { named(&claims.sub) } else { None }
    }

    fn issuer(&self) -> String {
        format!("{}/staff", self.base.issuer)
    }
}
