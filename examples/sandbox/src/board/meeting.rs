//! What an insurer does: it registers a meeting, changes it, deletes it, and looks who has looked.

use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan};
use sqlx::{AnyConnection, Row};

use super::Board;
use crate::audit::{Event, What, Who};
use crate::base::database::Result as Stored;
use crate::base::jws::{base64url, sha256};
use crate::base::keys::{random, random_id};
use crate::base::refusal::Refusal;

/// Most reviewers, and most files, of a meeting.
const MOST: usize = 50;
/// Longest file, in bytes.
const LONGEST_FILE: usize = 10 * 1024 * 1024;
/// Longest name of a file or a reviewer and longest address, in bytes.
const LONGEST_NAME: usize = 200;

/// Somebody who reviews.
#[derive(Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// What they are called.
    pub name: String,
    /// Where their link is sent.
    pub mail: String,
}

/// A paper.
#[derive(Clone, PartialEq, Eq)]
pub struct MeetingFile {
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// A meeting that is registered.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMeeting {
    /// Whose (保険者番号).
    pub insurer_number: String,
    /// On which day; with its end, links open nothing any more.
    pub held_on: Date,
    /// Who reviews.
    pub reviewers: Vec<Reviewer>,
    /// What they read.
    pub files: Vec<MeetingFile>,
}

/// What is changed of a meeting.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MeetingChange {
    /// Another day.
    pub held_on: Option<Date>,
    /// Who reviews, too.
    pub invited: Vec<Reviewer>,
    /// Who does not any more, by address: their links are dead.
    pub dismissed: Vec<String>,
    /// Files that are added, or take the place of those of the same name.
    pub put: Vec<MeetingFile>,
    /// Names of files that are taken away.
    pub removed: Vec<String>,
}

/// The password of a reviewer, told once: it is to reach them by another way than the link.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Whose.
    pub mail: String,
    /// The password.
    pub password: String,
}

/// A look of a reviewer.
#[derive(Clone, PartialEq, Eq)]
pub struct Look {
    /// Whose, by address.
    pub mail: String,
    /// At which file; none for the list of them.
    pub file: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A meeting as an insurer sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Meeting {
    /// Its name.
    pub id: String,
    /// On which day.
    pub held_on: Date,
    /// Who reviews.
    pub reviewers: Vec<Reviewer>,
    /// Names of the files.
    pub files: Vec<String>,
    /// Who has looked, the first first.
    pub looks: Vec<Look>,
}

macro_rules! unsaid {
    ($($record:ident)*) => {$(
        impl std::fmt::Debug for $record {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($record), "(…)"))
            }
        }
    )*};
}
unsaid!(Reviewer MeetingFile NewMeeting MeetingChange Invitation Look Meeting);

/// What cannot be a meeting.
pub(crate) struct MeetingInvalid;

impl Board {
    /// Registers a meeting and sends each reviewer a link. Its name, and the passwords.
    pub(crate) async fn register(
        &self,
        meeting: &NewMeeting,
    ) -> Result<Result<(String, Vec<Invitation>), MeetingInvalid>, Refusal> {
        let id = random_id()?;
        let fits = !meeting.reviewers.is_empty()
            && self.is_to_come(meeting.held_on)
            && is_named(&meeting.insurer_number);
        if !fits {
            return Ok(Err(MeetingInvalid));
        }
        let mut transaction = self.base.store.begin().await?;
        sqlx::query("INSERT INTO board_meeting (id, insurer_number, held_on) VALUES ($1, $2, $3)")
            .bind(&id)
            .bind(&meeting.insurer_number)
            .bind(meeting.held_on.to_string())
            .execute(&mut *transaction)
            .await?;
        let change = MeetingChange {
            invited: meeting.reviewers.clone(),
            put: meeting.files.clone(),
            ..MeetingChange::default()
        };
        let Some(invited) = self.write(&mut transaction, &id, &change).await? else {
            return Ok(Err(MeetingInvalid));
        };
        self.noted(&mut transaction, "registered").await?;
        transaction.commit().await?;
        Ok(Ok((id, invited)))
    }

    /// Changes a meeting of this insurer; the passwords of whoever came in. `None` if there is no such meeting.
    pub(crate) async fn change(
        &self,
        insurer: &str,
        id: &str,
        change: &MeetingChange,
    ) -> Result<Option<Result<Vec<Invitation>, MeetingInvalid>>, Refusal> {
        let mut transaction = self.base.store.begin().await?;
        let held =
            "UPDATE board_meeting SET held_on = held_on WHERE id = $1 AND insurer_number = $2";
        let held = sqlx::query(held).bind(id).bind(insurer).execute(&mut *transaction).await?;
        if held.rows_affected() == 0 {
            return Ok(None);
        }
        if let Some(held_on) = change.held_on {
            if !self.is_to_come(held_on) {
                return Ok(Some(Err(MeetingInvalid)));
            }
            sqlx::query("UPDATE board_meeting SET held_on = $2 WHERE id = $1")
                .bind(id)
                .bind(held_on.to_string())
                .execute(&mut *transaction)
                .await?;
        }
        for mail in &change.dismissed {
            self.dismiss(&mut transaction, id, mail).await?;
        }
        for name in &change.removed {
            remove_file(&mut transaction, id, name).await?;
        }
        let Some(invited) = self.write(&mut transaction, id, change).await? else {
            return Ok(Some(Err(MeetingInvalid)));
        };
        self.noted(&mut transaction, "changed").await?;
        transaction.commit().await?;
        Ok(Some(Ok(invited)))
    }

    /// Deletes a meeting of this insurer, with its files, links and mail. `false` if there is none.
    pub(crate) async fn delete(&self, insurer: &str, id: &str) -> Stored<bool> {
        let mut transaction = self.base.store.begin().await?;
        let gone = "DELETE FROM board_meeting WHERE id = $1 AND insurer_number = $2";
        let gone = sqlx::query(gone).bind(id).bind(insurer).execute(&mut *transaction).await?;
        if gone.rows_affected() == 0 {
            return Ok(false);
        }
        for of_meeting in [
            "DELETE FROM board_file WHERE meeting_id = $1",
            "DELETE FROM board_reviewer WHERE meeting_id = $1",
            "DELETE FROM board_look WHERE meeting_id = $1",
            "DELETE FROM board_mail WHERE meeting_id = $1",
        ] {
            sqlx::query(of_meeting).bind(id).execute(&mut *transaction).await?;
        }
        self.noted(&mut transaction, "deleted").await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// An insurer's meetings, the next first.
    pub(crate) async fn meetings(&self, insurer: &str) -> Stored<Vec<Meeting>> {
        let pool = self.base.store.pool();
        let all =
            "SELECT id, held_on FROM board_meeting WHERE insurer_number = $1 ORDER BY held_on, id";
        let mut meetings = Vec::new();
        for (id, held_on) in
            sqlx::query_as::<_, (String, String)>(all).bind(insurer).fetch_all(pool).await?
        {
            let reviewers =
                "SELECT name, mail FROM board_reviewer WHERE meeting_id = $1 ORDER BY mail";
            let reviewers: Vec<(String, String)> =
                sqlx::query_as(reviewers).bind(&id).fetch_all(pool).await?;
            let files = "SELECT name FROM board_file WHERE meeting_id = $1 ORDER BY name";
            let files = sqlx::query_scalar(files).bind(&id).fetch_all(pool).await?;
            let looks =
                "SELECT mail, file, at FROM board_look WHERE meeting_id = $1 ORDER BY number";
            let looks: Vec<(String, Option<String>, i64)> =
                sqlx::query_as(looks).bind(&id).fetch_all(pool).await?;
            let look = |(mail, file, at)| Look {
                mail,
                file,
                at: Timestamp::from_second(at).unwrap_or_default(),
            };
            meetings.push(Meeting {
                held_on: held_on.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
                reviewers: reviewers
                    .into_iter()
                    .map(|(name, mail)| Reviewer { name, mail })
                    .collect(),
                files,
                looks: looks.into_iter().map(look).collect(),
                id,
            });
        }
        Ok(meetings)
    }

    /// Who comes in, and what; the passwords. `None` if something of it cannot be.
    async fn write(
        &self,
        transaction: &mut AnyConnection,
        meeting: &str,
        change: &MeetingChange,
    ) -> Result<Option<Vec<Invitation>>, Refusal> {
        for file in &change.put {
            if !is_named(&file.name) || file.content.len() > LONGEST_FILE {
                return Ok(None);
            }
            remove_file(transaction, meeting, &file.name).await?;
            sqlx::query(
                "INSERT INTO board_file (id, meeting_id, name, content) VALUES ($1, $2, $3, $4)",
            )
            .bind(random_id()?)
            .bind(meeting)
            .bind(&file.name)
            .bind(&file.content)
            .execute(&mut *transaction)
            .await?;
        }
        let mut invited = Vec::new();
        for reviewer in &change.invited {
            if !is_named(&reviewer.name) || !is_address(&reviewer.mail) {
                return Ok(None);
            }
            // Whoever is invited again has a new link, and the old one is dead.
            self.dismiss(transaction, meeting, &reviewer.mail).await?;
            invited.push(self.invite(transaction, meeting, reviewer).await?);
        }
        let counts = "SELECT (SELECT count(*) FROM board_file WHERE meeting_id = $1) AS files, \
                      (SELECT count(*) FROM board_reviewer WHERE meeting_id = $1) AS reviewers";
        let counts = sqlx::query(counts).bind(meeting).fetch_one(transaction).await?;
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        let fits = counts.try_get::<i64, _>("files")? <= most
            && (1..=most).contains(&counts.try_get::<i64, _>("reviewers")?);
        Ok(fits.then_some(invited))
    }

    async fn invite(
        &self,
        transaction: &mut AnyConnection,
        meeting: &str,
        reviewer: &Reviewer,
    ) -> Result<Invitation, Refusal> {
        let (id, link) = (random_id()?, base64url(&random::<32>()?));
        let password = base64url(&random::<12>()?);
        sqlx::query(
            "INSERT INTO board_reviewer (id, meeting_id, name, mail, link, password, empty_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 0)",
        )
        .bind(&id)
        .bind(meeting)
        .bind(&reviewer.name)
        .bind(&reviewer.mail)
        .bind(sha256(link.as_bytes()))
        .bind(self.staff.hash_password(&password).await?)
        .execute(&mut *transaction)
        .await?;
        self.send(transaction, (meeting, &id), &reviewer.mail, &link).await?;
        Ok(Invitation { mail: reviewer.mail.clone(), password })
    }

    async fn dismiss(
        &self,
        transaction: &mut AnyConnection,
        meeting: &str,
        mail: &str,
    ) -> Stored<()> {
        let mails = "DELETE FROM board_mail WHERE meeting_id = $1 AND reviewer_id IN \
                     (SELECT id FROM board_reviewer WHERE meeting_id = $1 AND mail = $2)";
        sqlx::query(mails).bind(meeting).bind(mail).execute(&mut *transaction).await?;
        let reviewer = "DELETE FROM board_reviewer WHERE meeting_id = $1 AND mail = $2";
        sqlx::query(reviewer).bind(meeting).bind(mail).execute(transaction).await?;
        Ok(())
    }

    async fn noted(&self, transaction: &mut AnyConnection, note: &'static str) -> Stored<()> {
        let event = Event { what: What::Board, outcome: "ok", note, who: Who::default() };
        self.audit.append(transaction, &event).await
    }

    fn is_to_come(&self, day: Date) -> bool {
        over_at(day) > self.base.now()
    }
}

/// The second with which a day is over in Japan.
pub(super) fn over_at(day: Date) -> i64 {
    let next = day.saturating_add(1.day()).to_zoned(TimeZone::fixed(offset(9)));
    next.map_or(0, |next| next.timestamp().as_second())
}

async fn remove_file(transaction: &mut AnyConnection, meeting: &str, name: &str) -> Stored<()> {
    let gone = "DELETE FROM board_file WHERE meeting_id = $1 AND name = $2";
    sqlx::query(gone).bind(meeting).bind(name).execute(transaction).await?;
    Ok(())
}

/// A name that can stand in a line, and in the name of a file.
fn is_named(name: &str) -> bool {
    let fits = |c: char| !c.is_control() && !matches!(c, '/' | '\\');
    !name.trim().is_empty() && name.len() <= LONGEST_NAME && name.chars().all(fits)
}

/// An address to which a mail could go, and nothing that would be more than one (RFC 5322 §3.4).
fn is_address(mail: &str) -> bool {
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, ',' | ';' | '<' | '>' | '"');
    mail.len() <= LONGEST_NAME
        && mail.chars().all(fits)
        && matches!(mail.split_once('@'), Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}
