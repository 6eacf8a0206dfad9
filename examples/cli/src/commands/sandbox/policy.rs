//! `kaigotap sandbox policy`

use kaigotap::message::Language;
use kaigotap_sandbox::{Config, Policy};
use serde_json::{Value, json};

use super::directory;
use crate::arguments::SandboxPolicy;
use crate::report::{Report, Stop};

/// Every rule that is not settled in every part, and what holds here.
pub(super) fn run(command: &SandboxPolicy, report: Report) -> Result<(), Stop> {
    let config = match &command.directory {
        Some(folder) => directory::read(folder)?,
        None => Config::default(),
    };
    let policies = Policy::all(&config);
    report.line(report.text(
        "What the documents plan, discuss or leave open, and what holds here. The letters name the documents: docs/rules.md.",
        "国の資料で予定・検討中・未定のきまりと、この模擬基盤での扱い。英字は出典の記号です（docs/rules.md）。",
    ));
    for policy in &policies {
        report.line("");
        let status = report.text(policy.status.code(), policy.status.japanese());
        let says = report.text(policy.english, policy.japanese);
        report.line(format!("{} {says} [{status}, {}]", policy.rule, policy.source));
        report.line(format!("    {}", here(policy, report)));
    }
    let policies: Vec<Value> = policies.iter().map(|policy| object(policy, report)).collect();
    report.object(&json!({ "policies": policies }));
    Ok(())
}

fn object(policy: &Policy, report: Report) -> Value {
    json!({
        "rule": policy.rule,
        "status": policy.status.code(),
        "source": policy.source,
        "says": report.text(policy.english, policy.japanese),
        "here": here(policy, report),
    })
}

fn here(policy: &Policy, report: Report) -> &str {
    match report.language {
        Language::English => &policy.here_english,
        Language::Japanese => &policy.here_japanese,
    }
}
