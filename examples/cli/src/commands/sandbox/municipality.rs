//! `kaigotap sandbox municipality`

use jiff::{SignedDuration, Timestamp};
use kaigotap_sandbox::{Config, Disaster, Failure, Filing, FilingStatus, Municipalities};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::arguments::{
    Kept, SandboxDisaster, SandboxInsured, SandboxJudgement, SandboxMunicipality,
};
use crate::dates;
use crate::report::{Report, Stop};

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
        SandboxMunicipality::Disaster(declaration) => declare(declaration, report),
        SandboxMunicipality::Inbox { insurer, store } => {
            let (runtime, counter) = open(store)?;
            let filings = runtime.block_on(counter.inbox(insurer)).map_err(failed)?;
            for filing in &filings {
                report.line(line(filing));
            }
            let filings: Vec<_> = filings.iter().map(object).collect();
            report.object(&json!({ "filings": filings }));
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

fn open(store: &Kept) -> Result<(Runtime, Municipalities), Stop> {
    let runtime = super::runtime()?;
    let config = Config { database: super::kept(store)?, ..Config::default() };
    let counter = runtime.block_on(async {
        Municipalities::open(&config).await.map_err(|error| {
            Stop::input(error.code(), error.to_string(), "Give the database of a sandbox.")
        })
    })?;
    Ok((runtime, counter))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(failure: Failure) -> Stop {
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
