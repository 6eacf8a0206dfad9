//! `kaigotap sandbox municipality`

use jiff::{SignedDuration, Timestamp};
use kaigotap_sandbox::{Config, Disaster, Failure, Filing, FilingStatus, Municipalities, Opinion};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::arguments::{
    Kept, SandboxDisaster, SandboxInsured, SandboxInsurerKey, SandboxJudgement,
    SandboxMunicipality, SandboxOpinion,
};
use crate::dates;
use crate::report::{Report, Stop};

use super::directory;

pub(super) fn run(command: &SandboxMunicipality, report: Report) -> Result<(), Stop> {
    match command {
        SandboxMunicipality::Consent(person) => {
            let done = |counter: &Municipalities, runtime: &Runtime| {
                runtime.block_on(counter.take_consent(&person.insurer, &person.insured))
            };
            said_of(person, "consent", done, report)
        }
        SandboxMunicipality::Withdraw(person) => {
            let done = |counter: &Municipalities, runtime: &Runtime| {
                runtime.block_on(counter.withdraw_consent(&person.insurer, &person.insured))
            };
            said_of(person, "withdrawn", done, report)
        }
        SandboxMunicipality::Apply(person) => {
            let done = |counter: &Municipalities, runtime: &Runtime| {
                runtime.block_on(counter.apply(&person.insurer, &person.insured))
            };
            said_of(person, "applied", done, report)
        }
        SandboxMunicipality::Key(command) => key(command, report),
        SandboxMunicipality::Meeting(command) => super::meeting::run(command, report),
        SandboxMunicipality::Opinion(request) => ask_opinion(request, report),
        SandboxMunicipality::Disaster(declaration) => declare(declaration, report),
        SandboxMunicipality::Inbox { insurer, store } => {
            let (runtime, counter) = open(store)?;
            let filings = runtime.block_on(counter.inbox(insurer)).map_err(failed)?;
            for filing in &filings {
                report.line(line(filing));
            }
            let opinions = runtime.block_on(counter.opinions(insurer)).map_err(failed)?;
            for opinion in &opinions {
                report.line(opinion_line(opinion));
            }
            let filings: Vec<_> = filings.iter().map(object).collect();
            let opinions: Vec<_> = opinions.iter().map(opinion_object).collect();
            report.object(&json!({ "filings": filings, "opinions": opinions }));
            Ok(())
        }
        SandboxMunicipality::Judge { id, judgement, reason, store } => {
            let (runtime, counter) = open(store)?;
            let status = match judgement {
                SandboxJudgement::InReview => FilingStatus::InReview,
                SandboxJudgement::Accepted => FilingStatus::Accepted,
                SandboxJudgement::Returned => FilingStatus::Returned,
            };
            let judged = counter.judge_filing(id, status, reason.as_deref());
            if !runtime.block_on(judged).map_err(failed)? {
                return Err(Stop::input(
                    "filing_unknown",
                    "There is no such notice, or a later one has come in its place.",
                    "See `kaigotap sandbox municipality inbox`.",
                ));
            }
            report.line(report.text("Said.", "登録しました。"));
            report.object(&json!({ "id": id, "status": status.code() }));
            Ok(())
        }
    }
}

/// The key of a municipality's system.
fn key(command: &SandboxInsurerKey, report: Report) -> Result<(), Stop> {
    let (runtime, counter) = open(&command.store)?;
    if command.end {
        if !runtime.block_on(counter.end_key(&command.insurers)).map_err(failed)? {
            return Err(Stop::input(
                "key_unknown",
                "These insurers have no key.",
                "Give the numbers as they were given when it was made.",
            ));
        }
        report.line(report.text("Ended.", "取り消しました。"));
        report.object(&json!({ "ended": true }));
        return Ok(());
    }
    let key = runtime.block_on(counter.make_key(&command.insurers)).map_err(failed)?;
    report.line(report.text(
        "The key, good for a year; it is not shown again:",
        "鍵（1年間有効）。もう一度は表示されません。",
    ));
    report.line(&key);
    report.object(&json!({ "key": key, "insurers": command.insurers }));
    Ok(())
}

/// An opinion of a physician.
fn ask_opinion(request: &SandboxOpinion, report: Report) -> Result<(), Stop> {
    let SandboxOpinion { facility, person } = request;
    let (runtime, counter) = open(&person.store)?;
    let asked = counter.request_opinion(&person.insurer, &person.insured, facility);
    let Some(id) = runtime.block_on(asked).map_err(failed)? else {
        return Err(Stop::input(
            "opinion_not_asked",
            "Nobody is known under these numbers, or no physician of this facility writes opinions.",
            "Check the numbers; a facility has to be of the kind health_facility or medical_facility.",
        ));
    };
    report.line(format!("{} {id}", report.text("Asked for:", "依頼しました：")));
    report.object(&json!({ "id": id, "facility_id": facility }));
    Ok(())
}

/// The rules for disasters.
fn declare(declaration: &SandboxDisaster, report: Report) -> Result<(), Stop> {
    let wrong = || {
        Stop::input(
            "declaration_invalid",
            "A declaration takes two staff members who are not the same, and facilities.",
            "Name two: --by admin-01 --by nurse-02",
        )
    };
    let [first, second] = &declaration.by[..] else { return Err(wrong()) };
    let (runtime, counter) = open(&declaration.store)?;
    let from = Timestamp::now();
    let disaster = Disaster {
        facilities: declaration.facilities.clone(),
        from,
        until: from + SignedDuration::from_hours(declaration.hours.into()),
        declared_by: [first.clone(), second.clone()],
    };
    runtime.block_on(counter.declare_disaster(&disaster)).map_err(|failure| match failure {
        Failure::Declaration => wrong(),
        other => failed(other),
    })?;
    let until = dates::moment(disaster.until, report.language);
    report.line(format!(
        "{} {until}",
        report.text("The rules for disasters are in force until", "災害時の取り扱いの期限：")
    ));
    report.object(&json!({ "facilities": disaster.facilities, "until": disaster.until }));
    Ok(())
}

/// Something that concerns one person.
fn said_of(
    person: &SandboxInsured,
    what: &str,
    done: impl FnOnce(&Municipalities, &Runtime) -> Result<bool, Failure>,
    report: Report,
) -> Result<(), Stop> {
    let (runtime, counter) = open(&person.store)?;
    if !done(&counter, &runtime).map_err(failed)? {
        return Err(Stop::input(
            "insured_unknown",
            "Nobody is known under these numbers, or there is nothing to change.",
            "Check the insurer's number and the insured number.",
        ));
    }
    report.line(report.text("Done.", "登録しました。"));
    report.object(&json!({ what: true }));
    Ok(())
}

pub(super) fn open(store: &Kept) -> Result<(Runtime, Municipalities), Stop> {
    let runtime = super::runtime()?;
    let issuer = match &store.directory {
        Some(folder) => directory::read(folder)?.issuer,
        None => None,
    };
    let config = Config { database: super::kept(store)?, issuer, ..Config::default() };
    let counter = runtime.block_on(async {
        Municipalities::open(&config).await.map_err(|error| {
            Stop::input(error.code(), error.to_string(), "Give the database of a sandbox.")
        })
    })?;
    Ok((runtime, counter))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn failed(failure: Failure) -> Stop {
    let next_action = "See whether it is used elsewhere, and try again.";
    Stop::input("database_unavailable", failure.to_string(), next_action)
}

fn line(filing: &Filing) -> String {
    let Filing { id, facility_id, insured_number, kind, start_on, status, received_at, .. } =
        filing;
    format!("{id} {received_at} {facility_id} {insured_number} {kind} {start_on} {}", status.code())
}

fn object(filing: &Filing) -> Value {
    json!({
        "id": filing.id, "facility_id": filing.facility_id, "insured_number": filing.insured_number,
        "kind": filing.kind, "start_on": filing.start_on, "replaces": filing.replaces,
        "status": filing.status.code(), "received_at": filing.received_at, "reason": filing.reason,
    })
}

fn opinion_line(opinion: &Opinion) -> String {
    let Opinion { id, facility_id, insured_number, requested_at, applied_on, .. } = opinion;
    let status = if opinion.written.is_some() { "received" } else { "requested" };
    format!(
        "{id} {requested_at} {facility_id} {insured_number} doctor_opinion {applied_on} {status}"
    )
}

fn opinion_object(opinion: &Opinion) -> Value {
    let written = opinion.written.as_ref();
    json!({
        "id": opinion.id, "facility_id": opinion.facility_id, "insured_number": opinion.insured_number,
        "applied_on": opinion.applied_on, "requested_at": opinion.requested_at,
        "written_on": written.map(|written| written.on), "text": written.map(|written| &written.text),
        "physician_consent": written.map(|written| written.physician.code()),
        "received_at": written.map(|written| written.received_at),
    })
}
