//! `kaigotap journal`: what was done where there is no network.

use kaigotap::exchange::Entropy;
use kaigotap::flow::{Answer, Progress, Prompt};
use kaigotap::kaigo::{Assent, FilingId, Notice};
use kaigotap::link::{Drivers, NoCard, NoHttp, NoScreen, Screen, run as drive};
use kaigotap::message::Failure;
use kaigotap::visit::{self, EntryKind, EntryState, JournalEntry, JournalView};
use serde_json::{Value, json};

use crate::arguments::{self, Away, DeviceServer, JournalList, JournalNote, JournalQuestion};
use crate::dates;
use crate::enrolment::{Enrolment, keys_of, seed};
use crate::journal::{self, DeviceJournal};
use crate::report::{Report, Stop, note};

pub(crate) fn run(command: &arguments::Journal, report: Report) -> Result<(), Stop> {
    match &command.question {
        JournalQuestion::List(list) => self::list(list, report),
        JournalQuestion::Note(note) => self::note_behind(note, report),
        JournalQuestion::Send(device) => send(device, report),
        JournalQuestion::Verify(away) => verify(away, report),
    }
}

fn list(command: &JournalList, r: Report) -> Result<(), Stop> {
    let file = &command.away.enrolment;
    let enrolment = Enrolment::read(file)?;
    let mut journal = DeviceJournal::open(file)?;
    let environment =
        || -> Result<_, Stop> { enrolment.offline(false, journal.key()?, Entropy::new(&*seed()?)) };
    let (asked, seen) = (environment()?, environment()?);
    let (mut card, mut http, mut screen) = (NoCard, NoHttp, NoScreen);
    let mut drivers =
        Drivers::new(&mut card, &mut http, &mut screen).with_store(&mut journal.store);
    let view = drive(visit::journal(asked), &mut drivers)??;
    let mut mark = view.mark;
    if command.seen {
        let numbers: Vec<_> = view.entries.iter().map(|entry| entry.number).collect();
        mark = drive(visit::acknowledge(seen, numbers), &mut drivers)??;
    }
    journal.marked(mark)?;
    journal::tell(&view.findings, r);
    show(&view, r);
    let over = view.entries.iter().any(|entry| entry.state != EntryState::Waiting);
    if over && !command.seen {
        r.line(r.text(
            "Read? kaigotap journal list --seen forgets those that are over.",
            "確認したら、kaigotap journal list --seen で、済んだ記録を消せます。",
        ));
    }
    r.object(&json!({
        "outcome": "listed",
        "entries": view.entries.iter().map(as_json).collect::<Vec<_>>(),
        "others_waiting": view.others_waiting,
        "findings": journal::found(&view.findings),
    }));
    Ok(())
}

fn show(view: &JournalView, r: Report) {
    if view.entries.is_empty() {
        r.line(r.text("Nothing of yours waits.", "自分の記録はありません。"));
    }
    for entry in &view.entries {
        let what = match entry.what {
            EntryKind::Note => r.text("noted behind a visit", "同意・届出"),
            _ => r.text("visit", "確認"),
        };
        let at = dates::moment(entry.claimed_at, r.language);
        let state = match (entry.state, entry.expires) {
            (EntryState::Waiting, Some(until)) => {
                let until = dates::moment(until, r.language);
                r.either(
                    || format!("waits, to be sent by {until}"),
                    || format!("送信待ち（{until} までに送信）"),
                )
            }
            (EntryState::Waiting, None) => r.text("waits", "送信待ち").to_owned(),
            (EntryState::Confirmed, _) => r.text("confirmed", "確認済み").to_owned(),
            (EntryState::Expired, _) => r
                .text("came too late: verify again", "期限切れ（もう一度確認してください）")
                .to_owned(),
            (EntryState::Refused(code), _) => {
                let why = Failure::from(code);
                format!(
                    "{}{} {}",
                    r.text("refused: ", "受け付けられませんでした："),
                    why.message(r.language),
                    why.next_action(r.language)
                )
            }
            _ => String::new(),
        };
        r.line(format!("  {:>4}  {at}  {what}  {}  {state}", entry.number, entry.label));
    }
    if view.others_waiting > 0 {
        let others = view.others_waiting;
        r.line(r.either(
            || format!("Of other staff members, {others} wait."),
            || format!("ほかの職員の送信待ち：{others}件"),
        ));
    }
}

fn as_json(entry: &JournalEntry) -> Value {
    let (state, code) = match entry.state {
        EntryState::Waiting => ("waiting", None),
        EntryState::Confirmed => ("confirmed", None),
        EntryState::Refused(code) => ("refused", Some(code.as_str())),
        EntryState::Expired => ("expired", None),
        _ => ("other", None),
    };
    json!({
        "number": entry.number,
        "what": if entry.what == EntryKind::Visit { "visit" } else { "note" },
        "state": state,
        "code": code,
        "label": entry.label,
        "claimed_at": entry.claimed_at,
        "expires": entry.expires,
    })
}

fn note_behind(command: &JournalNote, r: Report) -> Result<(), Stop> {
    let file = &command.away.enrolment;
    let enrolment = Enrolment::read(file)?;
    let mut journal = DeviceJournal::open(file)?;
    let environment = enrolment.offline(false, journal.key()?, Entropy::new(&*seed()?))?;
    let flow = if let (Some(kind), Some(start_on)) = (command.kind, command.start_on) {
        let id = FilingId::fresh(Entropy::new(&*seed()?));
        let notice = Notice::new(id, kind.core(), start_on, command.assent);
        visit::note_filing(environment, command.visit, notice)
    } else {
        let agreed = command.explained_and_agreed;
        visit::note_consent(environment, command.visit, Assent { explained: agreed, agreed })
    };
    let mut keys = keys_of(file)?;
    let (mut card, mut http, mut screen) = (NoCard, NoHttp, NoScreen);
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen)
        .with_key(&mut keys)
        .with_store(&mut journal.store);
    let noted = drive(flow, &mut drivers)??;
    journal.marked(noted.mark)?;
    r.line(r.either(
        || format!("Noted behind visit {}: it waits with it.", command.visit),
        || format!("確認{}番に付けました。一緒に送信待ちです。", command.visit),
    ));
    r.object(&json!({ "outcome": "noted", "number": noted.number, "visit": command.visit }));
    Ok(())
}

fn send(command: &DeviceServer, r: Report) -> Result<(), Stop> {
    let file = &command.enrolment;
    let enrolment = Enrolment::read(file)?;
    let mut journal = DeviceJournal::open(file)?;
    let environment = enrolment.environment(false, Entropy::new(&*seed()?))?;
    let flow = visit::send_waiting(environment, journal.key()?);
    let mut http = enrolment.client(file, command.authority.as_deref())?;
    let mut keys = keys_of(file)?;
    let (mut card, mut screen) = (NoCard, Sending { report: r, told: 0 });
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen)
        .with_key(&mut keys)
        .with_store(&mut journal.store);
    let sent = drive(flow, &mut drivers)??;
    journal.marked(sent.mark)?;
    journal::tell(&sent.findings, r);
    let (confirmed, refused, expired) = (sent.confirmed, sent.refused, sent.expired);
    r.line(r.either(|| format!("Confirmed {confirmed}, refused {refused}, too late {expired}, waiting {}.", sent.waiting), || format!("確認済み {confirmed}件、受け付けられなかったもの {refused}件、期限切れ {expired}件、送信待ち {}件。", sent.waiting)));
    if confirmed + refused + expired > 0 {
        r.line(format!(
            "{} kaigotap journal list --enrolment {}",
            r.text("What came of each:", "それぞれの結果："),
            file.display()
        ));
    }
    r.object(&json!({
        "outcome": "sent",
        "confirmed": confirmed,
        "refused": refused,
        "expired": expired,
        "again": sent.again,
        "waiting": sent.waiting,
        "held_up": sent.held_up.as_ref().map(|failure| failure.code().as_str()),
        "again_after_seconds": sent.again_after.map(|wait| wait.as_secs()),
        "findings": journal::found(&sent.findings),
    }));
    match sent.held_up {
        Some(failure) => Err(Stop::Left(failure)),
        None => Ok(()),
    }
}

/// Says how far the sending is.
struct Sending {
    report: Report,
    told: usize,
}

impl Screen for Sending {
    fn ask(&mut self, _: &Prompt) -> Answer {
        Answer::Cancelled
    }

    fn show(&mut self, progress: Progress) {
        let Progress { done, total, .. } = progress;
        if !self.report.json && done > self.told {
            self.told = done;
            note(&self.report.either(
                || format!("Sending: {done} of {total}"),
                || format!("送信しています：{total}件のうち{done}件"),
            ));
        }
    }
}

fn verify(command: &Away, r: Report) -> Result<(), Stop> {
    let enrolment = Enrolment::read(&command.enrolment)?;
    let mut journal = DeviceJournal::open(&command.enrolment)?;
    let device = enrolment.told.device().clone();
    let flow = visit::verify_journal(journal.key()?, device, Entropy::new(&*seed()?));
    let (mut card, mut http, mut screen) = (NoCard, NoHttp, NoScreen);
    let mut drivers =
        Drivers::new(&mut card, &mut http, &mut screen).with_store(&mut journal.store);
    let found = drive(flow, &mut drivers)??;
    journal.marked(found.mark)?;
    journal::tell(&found.findings, r);
    r.line(match found.findings.len() {
        0 => r.text(
            "Everything is as this computer left it.",
            "すべて、このパソコンが保存したままです。",
        ),
        _ => r.text(
            "Not everything is as this computer left it.",
            "このパソコンが保存したままではないものがあります。",
        ),
    });
    r.object(&json!({
        "outcome": if found.findings.is_empty() { "good" } else { "found" },
        "waiting": found.waiting,
        "ended": found.ended,
        "findings": journal::found(&found.findings),
    }));
    if found.findings.is_empty() { Ok(()) } else { Err(Stop::No) }
}
