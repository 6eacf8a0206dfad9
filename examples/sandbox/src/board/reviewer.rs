//! What a reviewer does: opens the link, gives the password, reads.

use jiff::civil::Date;
use sqlx::Row;

use super::Board;
use super::meeting::over_at;
use crate::audit::{Event, What, Who};
use crate::base::database::Result as Stored;
use crate::base::jws::sha256;
use crate::base::refusal::Refusal;

/// How long a browser is remembered, in seconds.
const SESSION: i64 = 2 * 60 * 60;
/// Five passwords one after the other, and one more each minute, as for staff.
const HOLDS: i64 = 5;
const SECONDS_EACH: i64 = 60;

/// Somebody whose link opens something now.
pub(super) struct Visitor {
    pub(super) id: String,
    pub(super) meeting: String,
    pub(super) held_on: Date,
    mail: String,
    password: String,
    session: Option<Vec<u8>>,
    session_until: Option<i64>,
}

/// What became of a password.
pub(super) enum Tried {
    Welcome,
    Wrong,
    /// Seconds until another may be tried.
    TooOften(i64),
}

impl Board {
    /// Whose link this is; nobody's once the meeting is over.
    pub(super) async fn visitor(&self, link: &str) -> Stored<Option<Visitor>> {
        let whose = "SELECT board_reviewer.id AS reviewer, meeting_id, mail, held_on, password, session, \
                     session_until FROM board_reviewer \
                     JOIN board_meeting ON board_meeting.id = board_reviewer.meeting_id WHERE link = $1";
        let whose = sqlx::query(whose).bind(sha256(link.as_bytes()));
        let Some(row) = whose.fetch_optional(self.base.store.pool()).await? else {
            return Ok(None);
        };
        let held_on: String = row.try_get("held_on")?;
        let held_on = held_on.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        if over_at(held_on) <= self.base.now() {
            return Ok(None);
        }
        Ok(Some(Visitor {
            id: row.try_get("reviewer")?,
            meeting: row.try_get("meeting_id")?,
            held_on,
            mail: row.try_get("mail")?,
            password: row.try_get("password")?,
            session: row.try_get("session")?,
            session_until: row.try_get("session_until")?,
        }))
    }

    /// Tries a password; with the right one, whoever shows this cookie from now on is in.
    pub(super) async fn try_password(
        &self,
        visitor: &Visitor,
        password: &str,
        cookie: &[u8],
    ) -> Result<Tried, Refusal> {
        let now = self.base.now();
        // Counted before it is compared: many at once are as many.
        let counted = sqlx::query(
            "UPDATE board_reviewer SET \
             empty_at = CASE WHEN empty_at < $2 THEN $2 ELSE empty_at END + $3 \
             WHERE id = $1 AND empty_at + $3 <= $2 + $4",
        )
        .bind(&visitor.id)
        .bind(now)
        .bind(SECONDS_EACH)
        .bind(HOLDS * SECONDS_EACH)
        .execute(self.base.store.pool())
        .await?;
        if counted.rows_affected() == 0 {
            let empty_at: Option<i64> =
                sqlx::query_scalar("SELECT empty_at FROM board_reviewer WHERE id = $1")
                    .bind(&visitor.id)
                    .fetch_optional(self.base.store.pool())
                    .await?;
            let wait = empty_at.unwrap_or(now) - now - (HOLDS - 1) * SECONDS_EACH;
            return Ok(Tried::TooOften(wait.max(1)));
        }
        if !self.staff.is_password(password, &visitor.password).await? {
            self.noted_of(visitor, "password_wrong", "password").await?;
            return Ok(Tried::Wrong);
        }
        sqlx::query(
            "UPDATE board_reviewer SET empty_at = 0, session = $2, session_until = $3 WHERE id = $1",
        )
        .bind(&visitor.id)
        .bind(sha256(cookie))
        .bind((now + SESSION).min(over_at(visitor.held_on)))
        .execute(self.base.store.pool())
        .await?;
        self.noted_of(visitor, "ok", "password").await?;
        Ok(Tried::Welcome)
    }

    /// Whether a browser is the one in which the password was given.
    pub(super) fn is_in(&self, visitor: &Visitor, cookie: Option<&[u8]>) -> bool {
        let lasts = visitor.session_until.is_some_and(|until| self.base.now() < until);
        lasts && cookie.map(sha256).is_some_and(|shown| visitor.session.as_ref() == Some(&shown))
    }

    /// Names of the files, each with what it is asked for by.
    pub(super) async fn files(&self, visitor: &Visitor) -> Result<Vec<(String, String)>, Refusal> {
        let files = "SELECT id, name FROM board_file WHERE meeting_id = $1 ORDER BY name";
        let files =
            sqlx::query_as(files).bind(&visitor.meeting).fetch_all(self.base.store.pool()).await?;
        self.looked(visitor, None).await?;
        Ok(files)
    }

    /// Name and content of a file.
    pub(super) async fn file(
        &self,
        visitor: &Visitor,
        id: &str,
    ) -> Result<Option<(String, Vec<u8>)>, Refusal> {
        let file = "SELECT name, content FROM board_file WHERE id = $1 AND meeting_id = $2";
        let file = sqlx::query_as(file).bind(id).bind(&visitor.meeting);
        let file: Option<(String, Vec<u8>)> = file.fetch_optional(self.base.store.pool()).await?;
        if let Some((name, _)) = &file {
            self.looked(visitor, Some(name)).await?;
        }
        Ok(file)
    }

    /// Keeps for the insurer that something is shown, before it is.
    async fn looked(&self, visitor: &Visitor, file: Option<&str>) -> Result<(), Refusal> {
        sqlx::query("INSERT INTO board_look (meeting_id, mail, file, at) VALUES ($1, $2, $3, $4)")
            .bind(&visitor.meeting)
            .bind(&visitor.mail)
            .bind(file)
            .bind(self.base.now())
            .execute(self.base.store.pool())
            .await?;
        self.noted_of(visitor, "ok", if file.is_some() { "file" } else { "list" }).await
    }

    async fn noted_of(
        &self,
        visitor: &Visitor,
        outcome: &'static str,
        note: &'static str,
    ) -> Result<(), Refusal> {
        let who = Who { staff: &visitor.id, ..Who::default() };
        Ok(self.audit.add(&Event { what: What::Board, outcome, note, who }).await?)
    }
}
