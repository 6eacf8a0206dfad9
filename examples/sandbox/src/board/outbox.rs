//! Mail, which goes nowhere: whoever looks after a sandbox reads it here.

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::Board;
use crate::base::database::Result as Stored;
use crate::base::refusal::Refusal;

/// A mail that would have been sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// To which address.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail(…)")
    }
}

const SUBJECT: &str = "認定審査会資料のご案内 / Papers for your meeting";

impl Board {
    /// Sends a reviewer their link; the password is not in it.
    pub(super) async fn send(
        &self,
        transaction: &mut AnyConnection,
        (meeting, reviewer): (&str, &str),
        mail: &str,
        link: &str,
    ) -> Result<(), Refusal> {
        let text = format!(
            "資料は次のページでご覧ください。パスワードは別にお知らせします。\n\
             The papers are on this page; the password comes by another way.\n{}/board/{link}\n",
            self.base.issuer
        );
        let sealed = self.base.store.seal_text(&about(reviewer), &format!("{mail}\n{text}"))?;
        sqlx::query(
            "INSERT INTO board_mail (meeting_id, reviewer_id, sealed, at) VALUES ($1, $2, $3, $4)",
        )
        .bind(meeting)
        .bind(reviewer)
        .bind(sealed)
        .bind(self.base.now())
        .execute(transaction)
        .await?;
        Ok(())
    }

    /// All mail about the meetings of an insurer, the oldest first.
    pub(crate) async fn outbox(&self, insurer: &str) -> Stored<Vec<Mail>> {
        let all = "SELECT reviewer_id, sealed, at FROM board_mail \
                   JOIN board_meeting ON board_meeting.id = board_mail.meeting_id \
                   WHERE insurer_number = $1 ORDER BY number";
        let all: Vec<(String, String, i64)> =
            sqlx::query_as(all).bind(insurer).fetch_all(self.base.store.pool()).await?;
        // What another key sealed is not read.
        let mails = all.iter().filter_map(|(reviewer, sealed, at)| {
            let mail = self.base.store.open_text(&about(reviewer), sealed)?;
            let (to, text) = mail.split_once('\n')?;
            let at = Timestamp::from_second(*at).ok()?;
            Some(Mail { to: to.to_owned(), subject: SUBJECT.to_owned(), text: text.to_owned(), at })
        });
        Ok(mails.collect())
    }
}

fn about(reviewer: &str) -> String {
    format!("board.mail/{reviewer}")
}
