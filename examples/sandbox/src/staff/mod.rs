//! Staff: accounts, who works where, and the tokens of those who are signed in.

mod password;
mod roster;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::Base;
use crate::base::database::{Migrations, Result as Stored};
use crate::base::failure::StartError;
use crate::base::jws::SigningKey;
use crate::base::keys::random_id;
use crate::base::refusal::Refusal;
use password::Doorkeeper;
use roster::Roster;

pub use roster::{FACILITY_ID, STAFF_ID, sandbox_password};
pub(crate) use roster::{Member, Role, named};

/// The staff's own tables.
pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "staff",
    sqlite: &[include_str!("migrations/sqlite/0001_accounts.sql")],
    postgres: &[include_str!("migrations/postgres/0001_accounts.sql")],
};

const LIFETIME: i64 = 8 * 60 * 60;

/// The accounts, and the key that signs their tokens.
pub(crate) struct Staff {
    base: Arc<Base>,
    key: SigningKey,
}

/// Who signed in, and where.
pub(crate) struct SignedIn {
    pub(crate) member: Member,
    /// Thumbprint of the key to which the token is bound.
    pub(crate) jkt: Option<String>,
}

/// The key of a token's holder (RFC 7800 §3.1, RFC 9449 §6.1).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jkt: String,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

impl Staff {
    pub(crate) async fn open(base: Arc<Base>) -> Result<Self, StartError> {
        let key = base.store.signing_key("staff").await?;
        Roster(&base.store).seed().await?;
        Ok(Self { base, key })
    }

    /// A token as if the staff member had just signed in, at the device whose key has this thumbprint. `None` if
    /// signing failed.
    pub(crate) fn sign_in(&self, member: &Member, jkt: Option<&str>) -> Option<String> {
        let now = self.base.now();
        let claims = Claims {
            iss: self.issuer(),
            aud: self.base.issuer.clone(),
            sub: member.id.clone(),
            jti: random_id().ok()?,
            iat: now,
            exp: now + LIFETIME,
            cnf: jkt.map(|jkt| Confirmation { jkt: jkt.to_owned() }),
        };
        self.key.sign("at+jwt", &claims).ok()
    }

    /// Whose token this is; [`Refusal::StaffTokenInvalid`] if it is nobody's now.
    pub(crate) async fn verify(&self, token: &str) -> Result<SignedIn, Refusal> {
        let claims: Claims = self.key.open("at+jwt", token).ok_or(Refusal::StaffTokenInvalid)?;
        let holds = claims.iss == self.issuer()
            && claims.aud == self.base.issuer
            && self.base.now() < claims.exp;
        if !holds {
            return Err(Refusal::StaffTokenInvalid);
        }
        let member = Roster(&self.base.store).member(&claims.sub).await?;
        let member = member.ok_or(Refusal::StaffTokenInvalid)?;
        Ok(SignedIn { member, jkt: claims.cnf.map(|cnf| cnf.jkt) })
    }

    /// Removes what has been kept for long enough.
    pub(crate) async fn sweep(&self) -> Stored<()> {
        Doorkeeper::sweep(&self.base.store, self.base.now()).await
    }

    fn issuer(&self) -> String {
        format!("{}/staff", self.base.issuer)
    }
}
