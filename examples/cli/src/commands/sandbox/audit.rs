//! `kaigotap sandbox audit`

use kaigotap_sandbox::{AuditLog, AuditRecord, Failure, Finding, Flaw};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::arguments::{SandboxAudit, SandboxAuditQuestion};
use crate::report::{Report, Stop};

pub(super) fn run(command: &SandboxAudit, report: Report) -> Result<(), Stop> {
    let runtime = super::runtime()?;
    let (SandboxAuditQuestion::List { store, .. } | SandboxAuditQuestion::Verify { store, .. }) =
        &command.question;
    let database = super::kept(store)?;
    let log = runtime.block_on(AuditLog::open(&database)).map_err(|error| {
        Stop::input(error.code(), error.to_string(), "Give the database of a sandbox.")
    })?;
    match &command.question {
        SandboxAuditQuestion::List { after, .. } => list(&runtime, &log, *after, report),
        SandboxAuditQuestion::Verify { anchor, .. } => {
            let anchor = anchor.as_ref();
            let looked = runtime.block_on(log.verify(anchor)).map_err(failed)?;
            let end = looked.anchor.map(|anchor| anchor.to_string());
            for finding in &looked.findings {
                report.line(format!("#{}: {}", finding.sequence, sentence(*finding, report)));
            }
            let holds = looked.findings.is_empty();
            report.line(format!(
                "{} {}",
                looked.records,
                if holds {
                    report.text("records; the chain holds.", "件。連鎖は正常です。")
                } else {
                    report.text("records; it does NOT hold.", "件。連鎖が壊れています。")
                }
            ));
            if let Some(end) = &end {
                report.line(format!(
                    "{} {end}",
                    report.text(
                        "Its end, to be noted elsewhere for --anchor:",
                        "末尾（別の場所に控え、--anchor で照合）："
                    )
                ));
            }
            let findings: Vec<_> = looked
                .findings
                .iter()
                .map(|finding| json!({ "sequence": finding.sequence, "flaw": finding.flaw.code() }))
                .collect();
            report.object(&json!({
                "holds": holds, "records": looked.records, "findings": findings, "anchor": end,
            }));
            if holds { Ok(()) } else { Err(Stop::No) }
        }
    }
}

fn list(runtime: &Runtime, log: &AuditLog, after: u64, report: Report) -> Result<(), Stop> {
    let (mut last, mut all) = (after, Vec::new());
    loop {
        let records = runtime.block_on(log.after(last)).map_err(failed)?;
        let Some(end) = records.last() else { break };
        last = end.sequence;
        for record in &records {
            report.line(line(record));
        }
        if report.json {
            all.extend(records.iter().map(object));
        }
    }
    report.object(&json!({ "records": all }));
    Ok(())
}

fn line(record: &AuditRecord) -> String {
    let AuditRecord { sequence, at, what, outcome, note, device, facility, staff, person } = record;
    let mut parts = vec![format!("#{sequence} {at} {what} {outcome}")];
    let named = [("device", device), ("facility", facility), ("staff", staff), ("person", person)];
    let named = named.iter().filter(|(_, digest)| !digest.is_empty());
    parts.extend(named.map(|(kind, digest)| format!("{kind}={digest}")));
    if !note.is_empty() {
        parts.push(format!("({note})"));
    }
    parts.join(" ")
}

fn object(record: &AuditRecord) -> serde_json::Value {
    json!({
        "sequence": record.sequence, "at": record.at, "what": record.what, "outcome": record.outcome,
        "note": record.note, "device": record.device, "facility": record.facility,
        "staff": record.staff, "person": record.person,
    })
}

fn sentence(finding: Finding, report: Report) -> &'static str {
    match finding.flaw {
        Flaw::Altered => report.text("altered", "書き換えられています"),
        Flaw::OutOfPlace => {
            report.text("does not follow the one before", "直前の記録に続いていません")
        }
        Flaw::Missing => report.text("missing", "欠けています"),
        Flaw::CutOff => {
            report.text("was the last, and the log ends before", "末尾が切られています")
        }
        Flaw::HeadForged => {
            report.text("the note of the last record is forged", "末尾の控えが偽造されています")
        }
        Flaw::NotAnchored => report.text("is not what the anchor says", "控えた末尾と一致しません"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(failure: Failure) -> Stop {
    Stop::input("database_unavailable", failure.to_string(), "Give the database of a sandbox.")
}
