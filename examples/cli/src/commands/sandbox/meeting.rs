//! `kaigotap sandbox municipality meeting`

use std::fs;
use std::path::PathBuf;

use kaigotap_sandbox::{
    Failure, Invitation, Meeting, MeetingChange, MeetingFile, NewMeeting, Reviewer,
};
use serde_json::{Value, json};

use super::municipality::{failed, open};
use crate::arguments::{SandboxInsurer, SandboxMeeting, SandboxMeetingChange, SandboxNewMeeting};
use crate::report::{Report, Stop};

pub(super) fn run(command: &SandboxMeeting, report: Report) -> Result<(), Stop> {
    match command {
        SandboxMeeting::Register(meeting) => register(meeting, report),
        SandboxMeeting::Change(change) => self::change(change, report),
        SandboxMeeting::Delete { id, whose } => {
            let (runtime, counter) = open(&whose.store)?;
            let deleted = runtime.block_on(counter.delete_meeting(&whose.insurer, id));
            if !deleted.map_err(stopped)? {
                return Err(unknown());
            }
            report.line(report.text("Deleted.", "削除しました。"));
            report.object(&json!({ "deleted": true }));
            Ok(())
        }
        SandboxMeeting::List(whose) => list(whose, report),
        SandboxMeeting::Mail(whose) => {
            let (runtime, counter) = open(&whose.store)?;
            let mails = runtime.block_on(counter.outbox(&whose.insurer)).map_err(stopped)?;
            for mail in &mails {
                report.line(format!("{} {}\n{}\n{}", mail.at, mail.to, mail.subject, mail.text));
            }
            let mails: Vec<_> = mails
                .iter()
                .map(|mail| json!({ "to": mail.to, "subject": mail.subject, "text": mail.text, "at": mail.at }))
                .collect();
            report.object(&json!({ "mails": mails }));
            Ok(())
        }
    }
}

fn register(meeting: &SandboxNewMeeting, report: Report) -> Result<(), Stop> {
    let new = NewMeeting {
        insurer_number: meeting.whose.insurer.clone(),
        held_on: meeting.held_on,
        reviewers: reviewers(&meeting.reviewers),
        files: files(&meeting.files)?,
    };
    let (runtime, counter) = open(&meeting.whose.store)?;
    let (id, invited) = runtime.block_on(counter.register_meeting(&new)).map_err(stopped)?;
    report.line(format!("{} {id}", report.text("Registered:", "登録しました：")));
    tell(&id, &invited, report);
    Ok(())
}

fn change(asked: &SandboxMeetingChange, report: Report) -> Result<(), Stop> {
    let change = MeetingChange {
        held_on: asked.held_on,
        invited: reviewers(&asked.reviewers),
        dismissed: asked.dismissed.clone(),
        put: files(&asked.files)?,
        removed: asked.removed.clone(),
    };
    let (runtime, counter) = open(&asked.whose.store)?;
    let changed = counter.change_meeting(&asked.whose.insurer, &asked.id, &change);
    let invited = runtime.block_on(changed).map_err(stopped)?.ok_or_else(unknown)?;
    report.line(report.text("Changed.", "変更しました。"));
    tell(&asked.id, &invited, report);
    Ok(())
}

/// The passwords, this once.
fn tell(id: &str, invited: &[Invitation], report: Report) {
    if !invited.is_empty() {
        report.line(report.text(
            "Tell each reviewer their password, not by mail; it is not shown again:",
            "パスワードは、メールとは別の方法で審査員にお知らせください。もう一度は表示されません。",
        ));
    }
    for invitation in invited {
        report.line(format!("{} {}", invitation.mail, invitation.password));
    }
    let invited: Vec<_> = invited
        .iter()
        .map(|invitation| json!({ "mail": invitation.mail, "password": invitation.password }))
        .collect();
    report.object(&json!({ "id": id, "invited": invited }));
}

fn list(whose: &SandboxInsurer, report: Report) -> Result<(), Stop> {
    let (runtime, counter) = open(&whose.store)?;
    let meetings = runtime.block_on(counter.meetings(&whose.insurer)).map_err(stopped)?;
    for meeting in &meetings {
        report.line(format!("{} {}", meeting.id, meeting.held_on));
        for reviewer in &meeting.reviewers {
            let mut of = meeting.looks.iter().filter(|look| look.mail == reviewer.mail);
            let looked = match of.next_back() {
                Some(last) => last.at.to_string(),
                None => report.text("has not looked", "まだ見ていません").to_owned(),
            };
            report.line(format!("  {} {} {looked}", reviewer.name, reviewer.mail));
        }
        for file in &meeting.files {
            report.line(format!("  {file}"));
        }
    }
    let meetings: Vec<_> = meetings.iter().map(object).collect();
    report.object(&json!({ "meetings": meetings }));
    Ok(())
}

fn object(meeting: &Meeting) -> Value {
    let reviewers = meeting.reviewers.iter();
    let reviewers: Vec<_> =
        reviewers.map(|reviewer| json!({ "name": reviewer.name, "mail": reviewer.mail })).collect();
    let looks = meeting.looks.iter();
    let looks: Vec<_> =
        looks.map(|look| json!({ "mail": look.mail, "file": look.file, "at": look.at })).collect();
    json!({
        "id": meeting.id, "held_on": meeting.held_on, "reviewers": reviewers, "files": meeting.files,
        "looks": looks,
    })
}

fn reviewers(named: &[(String, String)]) -> Vec<Reviewer> {
    let reviewer =
        |(name, mail): &(String, String)| Reviewer { name: name.clone(), mail: mail.clone() };
    named.iter().map(reviewer).collect()
}

fn files(paths: &[PathBuf]) -> Result<Vec<MeetingFile>, Stop> {
    let read = |path: &PathBuf| {
        let content = fs::read(path).map_err(|error| {
            let said = format!("{}: {error}", path.display());
            Stop::input("file_not_read", said, "Give a file that can be read.")
        })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(MeetingFile { name, content })
    };
    paths.iter().map(read).collect()
}

fn unknown() -> Stop {
    Stop::input(
        "meeting_unknown",
        "This insurer has no meeting of this name.",
        "See `kaigotap sandbox municipality meeting list`.",
    )
}

fn stopped(failure: Failure) -> Stop {
    match failure {
        Failure::Meeting => Stop::input(
            "meeting_invalid",
            failure.to_string(),
            "Give a day that is not over, an address for each reviewer, and files of 10 MiB at most.",
        ),
        other => failed(other),
    }
}
