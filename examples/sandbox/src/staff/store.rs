//! What is known of a sign-in, from what a client pushed to the token.

use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row};

use super::roster::Member;
use crate::audit::{Audit, Event, What, Who};
use crate::base::database::{Result, Store};

/// What a client has pushed.
pub(crate) struct Push {
    pub(crate) client_id: String,
    /// Whose device the client is.
    pub(crate) facility_id: Option<String>,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_challenge: String,
    pub(crate) dpop_jkt: String,
    pub(crate) prompt: String,
    pub(crate) max_age: Option<i64>,
    pub(crate) language: String,
    pub(crate) login_hint: String,
}

/// Somebody who has signed in with a browser.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) sid: String,
    pub(crate) member_id: String,
    pub(crate) auth_time: i64,
    pub(crate) expires_at: i64,
}

/// What a code was given for.
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) nonce: String,
    pub(crate) challenge: String,
    pub(crate) dpop_jkt: String,
    pub(crate) session: Session,
    /// The end of the code; that of a session is the session's.
    pub(crate) expires_at: i64,
}

/// A token as it is kept.
pub(crate) struct Grant {
    pub(crate) jti: String,
    pub(crate) member_id: String,
    pub(crate) expires_at: i64,
}

/// The tables of the sign-in.
pub(crate) struct SignIns<'a> {
    audit: &'a Audit,
    store: &'a Store,
    pool: &'a AnyPool,
}

impl<'a> SignIns<'a> {
    pub(crate) fn of(store: &'a Store, audit: &'a Audit) -> Self {
        Self { audit, store, pool: store.pool() }
    }

    pub(crate) async fn push(&self, digest: &[u8], push: &Push, expires_at: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO staff_push (digest, client_id, facility_id, redirect_uri, scope, state, nonce, \
             code_challenge, dpop_jkt, prompt, max_age, language, login_hint, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(digest)
        .bind(&push.client_id)
        .bind(&push.facility_id)
        .bind(&push.redirect_uri)
        .bind(&push.scope)
        .bind(&push.state)
        .bind(&push.nonce)
        .bind(&push.code_challenge)
        .bind(&push.dpop_jkt)
        .bind(&push.prompt)
        .bind(push.max_age)
        .bind(&push.language)
        .bind(&push.login_hint)
        .bind(expires_at)
        .execute(self.pool)
        .await?;
        Ok(())
    }

    /// What this client pushed under this address, if nobody has signed in for it yet.
    pub(crate) async fn pushed(
        &self,
        digest: &[u8],
        client_id: &str,
        now: i64,
    ) -> Result<Option<Push>> {
        let row = sqlx::query(
            "SELECT * FROM staff_push WHERE digest = $1 AND client_id = $2 AND expires_at > $3",
        )
        .bind(digest)
        .bind(client_id)
        .bind(now)
        .fetch_optional(self.pool)
        .await?;
        row.as_ref().map(push).transpose()
    }

    /// Uses up what was pushed; of several at once, one may.
    pub(crate) async fn use_up(&self, digest: &[u8]) -> Result<bool> {
        let gone = sqlx::query("DELETE FROM staff_push WHERE digest = $1")
            .bind(digest)
            .execute(self.pool)
            .await?;
        Ok(gone.rows_affected() == 1)
    }

    /// Begins a session under a cookie, in place of the one that the browser had.
    pub(crate) async fn begin(
        &self,
        who: Who<'_>,
        session: &Session,
        cookie: &[u8],
        before: Option<&[u8]>,
    ) -> Result<()> {
        let mut transaction = self.store.begin().await?;
        if let Some(before) = before {
            sqlx::query("UPDATE staff_session SET cookie = NULL WHERE cookie = $1")
                .bind(before)
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query(
            "INSERT INTO staff_session (sid, cookie, member_id, auth_time, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&session.sid)
        .bind(cookie)
        .bind(&session.member_id)
        .bind(session.auth_time)
        .bind(session.expires_at)
        .execute(&mut *transaction)
        .await?;
        let event = Event { what: What::SignIn, outcome: "ok", note: "password", who };
        self.audit.append(&mut transaction, &event).await?;
        transaction.commit().await
    }

    /// The session of a browser.
    pub(crate) async fn session(&self, cookie: &[u8], now: i64) -> Result<Option<Session>> {
        let row = sqlx::query("SELECT * FROM staff_session WHERE cookie = $1 AND expires_at > $2")
            .bind(cookie)
            .bind(now)
            .fetch_optional(self.pool)
            .await?;
        row.as_ref().map(session).transpose()
    }

    pub(crate) async fn give(&self, digest: &[u8], code: &Code) -> Result<()> {
        sqlx::query(
            "INSERT INTO staff_code (digest, client_id, redirect_uri, scope, nonce, code_challenge, dpop_jkt, sid, \
             member_id, auth_time, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(digest)
        .bind(&code.client_id)
        .bind(&code.redirect_uri)
        .bind(&code.scope)
        .bind(&code.nonce)
        .bind(&code.challenge)
        .bind(&code.dpop_jkt)
        .bind(&code.session.sid)
        .bind(&code.session.member_id)
        .bind(code.session.auth_time)
        .bind(code.expires_at)
        .execute(self.pool)
        .await?;
        Ok(())
    }

    /// Whom a code is about, used or not.
    pub(crate) async fn code_of(&self, digest: &[u8]) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT member_id FROM staff_code WHERE digest = $1")
            .bind(digest)
            .fetch_optional(self.pool)
            .await
    }

    /// Uses up a code, and keeps the token that is given for it, if it is good for one: both or neither. A code that comes
    /// a second time takes the token of the first time with it (RFC 6749 §4.1.2), and so does one that comes at once with
    /// another: whoever is second waits for the first.
    pub(crate) async fn redeem<T>(
        &self,
        digest: &[u8],
        now: i64,
        judge: impl FnOnce(Code) -> Option<(T, Grant)>,
    ) -> Result<Option<T>> {
        let mut transaction = self.store.begin().await?;
        let rows = sqlx::query(
            "UPDATE staff_code SET used_at = $1 WHERE digest = $2 AND used_at IS NULL RETURNING *",
        )
        .bind(now)
        .bind(digest)
        .fetch_all(&mut *transaction)
        .await?;
        let given = if let Some(row) = rows.first() {
            judge(code(row)?)
        } else {
            sqlx::query("DELETE FROM staff_grant WHERE code = $1")
                .bind(digest)
                .execute(&mut *transaction)
                .await?;
            None
        };
        if let Some((_, grant)) = &given {
            sqlx::query(
                "INSERT INTO staff_grant (jti, code, member_id, expires_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(&grant.jti)
            .bind(digest)
            .bind(&grant.member_id)
            .bind(grant.expires_at)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(given.map(|(given, _)| given))
    }

    /// Whether a token is still good, for all that its signature says.
    pub(crate) async fn is_granted(&self, jti: &str, member_id: &str) -> Result<bool> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM staff_grant WHERE jti = $1 AND member_id = $2",
        )
        .bind(jti)
        .bind(member_id)
        .fetch_one(self.pool)
        .await?;
        Ok(count > 0)
    }

    /// Signs somebody out everywhere.
    pub(crate) async fn sign_out(&self, member: &Member) -> Result<()> {
        let mut transaction = self.store.begin().await?;
        for removal in [
            "DELETE FROM staff_session WHERE member_id = $1",
            "DELETE FROM staff_code WHERE member_id = $1",
            "DELETE FROM staff_grant WHERE member_id = $1",
        ] {
            sqlx::query(removal).bind(&member.id).execute(&mut *transaction).await?;
        }
        let who = Who { facility: &member.facility_id, staff: &member.id, ..Who::default() };
        let event = Event { what: What::SignOut, outcome: "ok", note: "", who };
        self.audit.append(&mut transaction, &event).await?;
        transaction.commit().await
    }

    /// Removes what is over.
    pub(crate) async fn sweep(&self, now: i64) -> Result<()> {
        for removal in [
            "DELETE FROM staff_push WHERE expires_at < $1",
            "DELETE FROM staff_session WHERE expires_at < $1",
            "DELETE FROM staff_grant WHERE expires_at < $1",
            // A code that was used is known for as long as its token is good.
            "DELETE FROM staff_code WHERE expires_at < $1 \
             AND NOT EXISTS (SELECT 1 FROM staff_grant WHERE code = digest)",
        ] {
            sqlx::query(removal).bind(now).execute(self.pool).await?;
        }
        Ok(())
    }
}

fn push(row: &AnyRow) -> Result<Push> {
    Ok(Push {
        client_id: row.try_get("client_id")?,
        facility_id: row.try_get("facility_id")?,
        redirect_uri: row.try_get("redirect_uri")?,
        scope: row.try_get("scope")?,
        state: row.try_get("state")?,
        nonce: row.try_get("nonce")?,
        code_challenge: row.try_get("code_challenge")?,
        dpop_jkt: row.try_get("dpop_jkt")?,
        prompt: row.try_get("prompt")?,
        max_age: row.try_get("max_age")?,
        language: row.try_get("language")?,
        login_hint: row.try_get("login_hint")?,
    })
}

fn session(row: &AnyRow) -> Result<Session> {
    Ok(Session {
        sid: row.try_get("sid")?,
        member_id: row.try_get("member_id")?,
        auth_time: row.try_get("auth_time")?,
        expires_at: row.try_get("expires_at")?,
    })
}

fn code(row: &AnyRow) -> Result<Code> {
    Ok(Code {
        client_id: row.try_get("client_id")?,
        redirect_uri: row.try_get("redirect_uri")?,
        scope: row.try_get("scope")?,
        nonce: row.try_get("nonce")?,
        challenge: row.try_get("code_challenge")?,
        dpop_jkt: row.try_get("dpop_jkt")?,
        session: session(row)?,
        expires_at: row.try_get("expires_at")?,
    })
}
