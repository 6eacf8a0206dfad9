//! Signing in: client certificate, user, password and a one-time code, for an access token and one to renew it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::Row;

use super::answer::Fault;
use crate::base::jws::{base64url, sha256};
use crate::base::keys::random;
use crate::base::peer::PeerCertificate;
use crate::base::refusal::Refusal;
use crate::base::reply::Shown;
use crate::base::sender::Sender;
use crate::device::MutualTls;
use crate::staff::{Member, Tried};
use crate::web_service::WebService;

/// Seconds for which an access token is good, and the one that renews it.
const ACCESS: i64 = 60 * 60;
const REFRESH: i64 = 8 * 60 * 60;
/// Seconds for which a one-time code is good.
const CODE: i64 = 5 * 60;
/// So many wrong codes lock an account, for so many seconds.
const MOST_FAILURES: i64 = 5;
const LOCKED: i64 = 15 * 60;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    user_id: String,
    password: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time_code: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Renewal {
    refresh_token: String,
}

/// What is kept of somebody's one-time code.
struct Code {
    sealed: Option<String>,
    until: i64,
    failures: i64,
    locked_until: i64,
}

impl WebService {
    /// Sends a one-time code to whoever has user and password; with it, lets them in.
    pub(super) async fn sign_in(
        &self,
        sender: &Sender,
        address: IpAddr,
        said: &Credentials,
    ) -> Result<Value, Fault> {
        // PostgreSQL has no such text.
        if said.user_id.contains('\0') {
            return Err(Fault::Malformed);
        }
        let tried = self.staff.try_password(address, &said.user_id, &said.password).await?;
        let member = match tried {
            Tried::Welcome(member) => member,
            Tried::Wrong => return Err(Fault::NotSignedIn),
            Tried::TooOften(seconds) => return Err(Fault::Locked(seconds)),
        };
        let x5t = self.certificate(sender.peer.as_ref(), &member).await?;
        let code = self.code(&member.id).await?;
        let now = self.base.now();
        if let Some(code) = code.as_ref().filter(|code| code.locked_until > now) {
            return Err(Fault::Locked(code.locked_until - now));
        }
        match &said.one_time_code {
            None => self.mail_code(&member.id).await,
            Some(typed) => {
                self.redeem(&member.id, code, typed).await?;
                self.begin(&member.id, x5t).await
            }
        }
    }

    /// Another access token, while the token that renews it lasts; then everything is asked for again.
    pub(super) async fn renew(&self, sender: &Sender, said: &Renewal) -> Result<Value, Fault> {
        let now = self.base.now();
        let refresh = sha256(said.refresh_token.as_bytes());
        let session = "SELECT member_id, x5t FROM web_service_session WHERE refresh = $1 AND refresh_until > $2";
        let session = sqlx::query(session).bind(&refresh).bind(now);
        let session = session.fetch_optional(self.base.store.pool()).await?;
        let session = session.ok_or(Fault::NotSignedIn)?;
        self.holder(sender, session.try_get("member_id")?, session.try_get("x5t")?).await?;
        let access = base64url(&random::<32>().map_err(Refusal::from)?);
        let renewed =
            "UPDATE web_service_session SET access = $2, access_until = $3 WHERE refresh = $1";
        sqlx::query(renewed)
            .bind(&refresh)
            .bind(sha256(access.as_bytes()))
            .bind(now + ACCESS)
            .execute(self.base.store.pool())
            .await?;
        Ok(json!({ "access_token": access, "access_expires_in": ACCESS }))
    }

    /// Who asks, with an access token that counts.
    pub(super) async fn signed_in(&self, sender: &Sender) -> Result<Member, Fault> {
        let Some(Shown::Bearer(token)) = sender.shown() else { return Err(Fault::NotSignedIn) };
        let session = "SELECT member_id, x5t FROM web_service_session WHERE access = $1 AND access_until > $2";
        let session = sqlx::query(session).bind(sha256(token.as_bytes())).bind(self.base.now());
        let session = session.fetch_optional(self.base.store.pool()).await?;
        let session = session.ok_or(Fault::NotSignedIn)?;
        self.holder(sender, session.try_get("member_id")?, session.try_get("x5t")?).await
    }

    /// The one-time code that somebody was sent last, if it can still be used: what their mailbox would have.
    pub(crate) async fn code_mailed(&self, member_id: &str) -> Result<Option<String>, Refusal> {
        let code = self.code(member_id).await?.filter(|code| code.until > self.base.now());
        let sealed = code.and_then(|code| code.sealed);
        Ok(sealed.and_then(|sealed| self.base.store.open_text(&about(member_id), &sealed)))
    }

    /// Removes what is over.
    pub(crate) async fn sweep(&self) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM web_service_session WHERE refresh_until < $1")
            .bind(self.base.now())
            .execute(self.base.store.pool())
            .await?;
        Ok(())
    }

    /// Whose session it is, as they work there now, over a connection with the certificate of its beginning.
    async fn holder(
        &self,
        sender: &Sender,
        member_id: String,
        x5t: Option<String>,
    ) -> Result<Member, Fault> {
        let member = self.staff.member(&member_id).await?.ok_or(Fault::NotSignedIn)?;
        let shown = self.certificate(sender.peer.as_ref(), &member).await?;
        if shown == x5t { Ok(member) } else { Err(Fault::NotSignedIn) }
    }

    /// Thumbprint of the certificate of a connection, which is that of a device of the facility. There has to be one,
    /// unless nobody is asked for any here: on loopback without TLS.
    async fn certificate(
        &self,
        peer: Option<&PeerCertificate>,
        member: &Member,
    ) -> Result<Option<String>, Fault> {
        match (peer, self.devices.mutual_tls()) {
            (None, MutualTls::None) => Ok(None),
            (None, _) => Err(Fault::NotSignedIn),
            (Some(peer), _) => {
                let device = self.devices.with_certificate(peer).await?;
                let own = device.facility_id.as_ref() == Some(&member.facility_id);
                if own { Ok(Some(peer.thumbprint())) } else { Err(Fault::NotSignedIn) }
            }
        }
    }

    async fn code(&self, member_id: &str) -> Result<Option<Code>, sqlx::Error> {
        let code = "SELECT sealed, until, failures, locked_until FROM web_service_code WHERE member_id = $1";
        let row = sqlx::query(code).bind(member_id).fetch_optional(self.base.store.pool()).await?;
        let code = row.map(|row| {
            Ok(Code {
                sealed: row.try_get("sealed")?,
                until: row.try_get("until")?,
                failures: row.try_get("failures")?,
                locked_until: row.try_get("locked_until")?,
            })
        });
        code.transpose()
    }

    async fn mail_code(&self, member_id: &str) -> Result<Value, Fault> {
        let number = u64::from_be_bytes(random::<8>().map_err(Refusal::from)?) % 1_000_000;
        let sealed = self.base.store.seal_text(&about(member_id), &format!("{number:06}"));
        sqlx::query(
            "INSERT INTO web_service_code (member_id, sealed, until, failures, locked_until) \
             VALUES ($1, $2, $3, 0, 0) \
             ON CONFLICT (member_id) DO UPDATE SET sealed = excluded.sealed, until = excluded.until",
        )
        .bind(member_id)
        .bind(sealed.map_err(Refusal::from)?)
        .bind(self.base.now() + CODE)
        .execute(self.base.store.pool())
        .await?;
        Ok(json!({ "one_time_code": "sent", "expires_in": CODE }))
    }

    /// Uses a code up, or counts that it was a wrong one.
    async fn redeem(&self, member_id: &str, code: Option<Code>, typed: &str) -> Result<(), Fault> {
        let now = self.base.now();
        let Some(code) = code else { return Err(Fault::NotSignedIn) };
        let sealed = code.sealed.as_ref().filter(|_| code.until > now);
        let sent = sealed.and_then(|sealed| self.base.store.open_text(&about(member_id), sealed));
        // Digests, so that nothing of it is learned from how long it takes.
        let right = sent.is_some_and(|sent| sha256(sent.as_bytes()) == sha256(typed.as_bytes()));
        let used = if right {
            "UPDATE web_service_code SET sealed = NULL, failures = 0 WHERE member_id = $1 AND sealed = $2"
        } else {
            "UPDATE web_service_code SET failures = failures + 1 WHERE member_id = $1"
        };
        let used = sqlx::query(used).bind(member_id);
        let used = if right { used.bind(code.sealed) } else { used };
        let used = used.execute(self.base.store.pool()).await?.rows_affected();
        if right && used == 1 {
            return Ok(());
        }
        if !right && code.failures + 1 >= MOST_FAILURES {
            let locked = "UPDATE web_service_code SET sealed = NULL, failures = 0, locked_until = $2 \
                          WHERE member_id = $1";
            let locked = sqlx::query(locked).bind(member_id).bind(now + LOCKED);
            locked.execute(self.base.store.pool()).await?;
        }
        Err(Fault::NotSignedIn)
    }

    async fn begin(&self, member_id: &str, x5t: Option<String>) -> Result<Value, Fault> {
        let token = || Ok::<_, Refusal>(base64url(&random::<32>()?));
        let (access, refresh, now) = (token()?, token()?, self.base.now());
        sqlx::query(
            "INSERT INTO web_service_session \
             (refresh, refresh_until, access, access_until, member_id, x5t) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(sha256(refresh.as_bytes()))
        .bind(now + REFRESH)
        .bind(sha256(access.as_bytes()))
        .bind(now + ACCESS)
        .bind(member_id)
        .bind(x5t)
        .execute(self.base.store.pool())
        .await?;
        Ok(json!({
            "access_token": access, "access_expires_in": ACCESS,
            "refresh_token": refresh, "refresh_expires_in": REFRESH,
        }))
    }
}

fn about(member_id: &str) -> String {
    format!("standard.code/{member_id}")
}
