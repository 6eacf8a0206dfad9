//! `kaigotap certificate`

use std::path::Path;

use jiff::Timestamp;
use kaigotap::message::Language;
use kaigotap::pki::revocation::crl::Crl;
use kaigotap::pki::revocation::{Revocation, ocsp};
use kaigotap::pki::{
    Certificate, Check, Demand, Evidence, Finding, Malformed, Municipality, Origin, Purpose,
    Rejected, Report as Findings, Substituted, Text, TrustAnchors, decide, verify,
};
use serde_json::json;

use crate::arguments::{self, CertificateQuestion, PurposeOrAny, Verify};
use crate::der_file::read;
use crate::report::{Report, Stop};

/// Longest certificate that is read. Those of cards have 1,600 bytes.
const CERTIFICATE: u64 = 64 << 10;
/// Longest answer.
const ANSWER: u64 = 256 << 10;
/// Longest list: some six million entries.
const LIST: u64 = 256 << 20;

pub(crate) fn run(command: &arguments::Certificate, report: Report) -> Result<(), Stop> {
    match &command.question {
        CertificateQuestion::Verify(verify) => judge(verify, report),
        CertificateQuestion::Show { leaf, show_personal } => show(leaf, *show_personal, report),
    }
}

fn judge(command: &Verify, report: Report) -> Result<(), Stop> {
    let leaf = certificate(&command.leaf)?;
    let anchors = anchors(&command.anchors)?;
    let mut intermediates = Vec::new();
    for file in &command.intermediates {
        intermediates.extend(certificates(file)?);
    }
    let mut lists = Vec::new();
    for file in &command.lists {
        for der in read(file, LIST, "X509 CRL")? {
            lists.push(Crl::parse(der).map_err(|why| malformed(file, "list", why))?);
        }
    }
    let answer = match &command.ocsp {
        None => None,
        Some(file) => {
            let der = one(file, read(file, ANSWER, "OCSP RESPONSE")?)?;
            Some(ocsp::Response::parse(&der).map_err(|why| malformed(file, "answer", why))?)
        }
    };
    let demand = demand(command)?;
    let mut evidence = Evidence::none().with_crls(&lists);
    if let Some(answer) = &answer {
        evidence = evidence.with_ocsp(answer, None);
    }

    let as_server = !lists.is_empty() || answer.is_some();
    let judged = if as_server {
        decide(&leaf, &intermediates, &anchors, &demand, &evidence)
            .map(|verdict| (json!(verdict), verdict.report().clone()))
    } else {
        verify(&leaf, &intermediates, &anchors, &demand, &evidence)
            .map(|verdict| (json!(verdict), verdict.report().clone()))
    };
    match judged {
        Ok((object, findings)) => {
            report.object(&object);
            report.line(report.text("ACCEPTED", "受理"));
            tell(&findings, None, as_server, report);
            Ok(())
        }
        Err(rejected) => {
            report.object(&json!(rejected));
            report.line(format!(
                "{} {}: {}",
                report.text("REJECTED", "拒否"),
                rejected.reason(),
                rejected.reason().text(report.language)
            ));
            tell(rejected.report(), Some(&rejected), as_server, report);
            Err(Stop::No)
        }
    }
}

/// What was looked at, for people.
fn tell(findings: &Findings, rejected: Option<&Rejected>, as_server: bool, report: Report) {
    let language = report.language;
    for (check, finding) in findings.findings() {
        let name = match check {
            Check::Algorithms => report.text("algorithms and keys", "暗号の方式と鍵"),
            Check::Chain => report.text("chain to an anchor", "発行した認証局までのつながり"),
            Check::Extensions => report.text("critical extensions", "必ず守るべき記載"),
            Check::Constraints => report.text("authorities' constraints", "認証局に許された範囲"),
            Check::Usage => report.text("use", "用途"),
            Check::Policy => report.text("policy", "発行の規則"),
            Check::Validity => report.text("validity", "有効期間"),
            _ => check.code(),
        };
        match finding {
            Finding::Passed => report.line(format!("  ok  {name}")),
            Finding::Failed(reason) => {
                report.line(format!("  NO  {name}: {}", reason.text(language)));
            }
            Finding::NotReached => report.line(format!("  --  {name}")),
        }
    }
    let revocation = match findings.revocation() {
        Revocation::NotChecked { why } => format!("  --  {}", why.text(language)),
        Revocation::Revoked { at, reason, .. } => format!("  NO  {at}: {}", reason.text(language)),
        Revocation::Good { as_of, .. } => {
            format!("  ok  {} {as_of}", report.text("not revoked as of", "失効していません："))
        }
    };
    report.line(revocation);
    if findings.origin() == Origin::Test {
        report.line(report.text(
            "Under TEST anchors: this says nothing about a real person.",
            "試験用の認証局による判定です。実在の方については何も示しません。",
        ));
    }
    if rejected.is_none() && !as_server {
        report.line(report.text(
            "As a phone can judge it: whether it was revoked, a server has to find out.",
            "端末で分かる範囲の判定です。失効の有無はサーバーで確認します。",
        ));
    }
}

fn demand(command: &Verify) -> Result<Demand, Stop> {
    let at = command.at.unwrap_or_else(Timestamp::now);
    let demand = match command.purpose {
        PurposeOrAny::Authentication => Demand::new(Purpose::Authentication, at),
        PurposeOrAny::Signature => Demand::new(Purpose::Signature, at),
        PurposeOrAny::Any => Demand::any_purpose(at),
    };
    let demand = match command.greatest_age {
        Some(age) => demand.with_greatest_age(age),
        None => demand,
    };
    let demand = match command.least_list_number {
        Some(number) => demand.with_least_list_number(number),
        None => demand,
    };
    if command.policies.is_empty() {
        return Ok(demand);
    }
    demand.with_policies(command.policies.iter().map(String::as_str)).map_err(|_| {
        Stop::input(
            "policy_malformed",
            "A policy is not an object identifier.",
            "Give it as numbers with dots, such as 1.2.392.200149.8.5.1.3.30.",
        )
    })
}

/// The anchors that were given. Published roots count as such, anything else as a test.
fn anchors(files: &[std::path::PathBuf]) -> Result<TrustAnchors, Stop> {
    let production = TrustAnchors::production();
    if files.is_empty() {
        return Ok(production);
    }
    let mut given = Vec::new();
    for file in files {
        given.extend(certificates(file)?);
    }
    let published = |anchor: &Certificate| {
        production.certificates().any(|root| root.fingerprint() == anchor.fingerprint())
    };
    if given.iter().all(published) {
        let fingerprints: Vec<_> = given.iter().map(Certificate::fingerprint).collect();
        return Ok(production.only(&fingerprints));
    }
    // For either purpose: which one is asked for decides, and the leaf says which it is for.
    let ders = || given.iter().map(Certificate::der);
    TrustAnchors::test(ders(), ders()).map_err(|_| {
        Stop::input("certificate_malformed", "An anchor cannot be read.", "Give another file.")
    })
}

/// Which characters stand for others: a list, empty where the certificate does not say.
fn substituted(text: &Text) -> serde_json::Value {
    match &text.substituted {
        Substituted::Told(characters) => json!(characters),
        Substituted::NotTold => json!([]),
        Substituted::NotProven => json!("not_proven"),
    }
}

fn show(file: &Path, personal: bool, report: Report) -> Result<(), Stop> {
    let leaf = certificate(file)?;
    let production = TrustAnchors::production();
    let (origin, purpose) = match leaf.origin_and_purpose() {
        Some((Origin::Production, purpose)) => ("production", purpose.code()),
        Some((_, purpose)) => ("test", purpose.code()),
        None => ("other", "other"),
    };
    let mut shown = json!({
        "issuer": leaf.issuer(),
        "issuer_generation": production.generation_of(&leaf),
        "profile": origin,
        "purpose": purpose,
        "policies": leaf.policies().collect::<Vec<_>>(),
        "not_before": leaf.not_before(),
        // Its day is a birthday; so the year alone.
        "not_after_year": leaf.not_after().strftime("%Y").to_string(),
        "ocsp": leaf.responder(),
        "personal": null,
    });
    if personal {
        let holder = leaf.holder_attributes().map_err(|why| malformed(file, "certificate", why))?;
        shown["personal"] = json!({
            "subject": *leaf.subject(),
            "serial": *leaf.serial().to_hex(),
            "fingerprint": leaf.fingerprint().to_string(),
            "not_after": leaf.not_after(),
            "ends_with_birthday": leaf.ends_with().map(|date| date.to_string()),
            "municipality": leaf.municipality().as_ref().map(Municipality::as_str),
            "crl_distribution_points": leaf.distribution_points(),
            "holder": holder.map(|holder| json!({
                "name": holder.name.text,
                "name_substituted": substituted(&holder.name),
                "address": holder.address.text,
                "address_substituted": substituted(&holder.address),
                "birth": holder.birth,
                "sex": holder.sex,
            })),
        });
    }
    report.object(&shown);
    if report.language == Language::Japanese || !report.json {
        for (name, value) in shown.as_object().into_iter().flatten() {
            match value {
                serde_json::Value::Null => {}
                serde_json::Value::Object(parts) => {
                    report.line(format!("{name}:"));
                    for (name, value) in parts {
                        report.line(format!("  {name}: {}", plain(value)));
                    }
                }
                value => report.line(format!("{name}: {}", plain(value))),
            }
        }
        report.line(report.text(
            "Not judged; `kaigotap certificate verify` does that.",
            "判定はしていません（kaigotap certificate verify で判定します）。",
        ));
    }
    Ok(())
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn certificate(file: &Path) -> Result<Certificate, Stop> {
    let mut all = certificates(file)?;
    match (all.pop(), all.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(several(file)),
    }
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, Stop> {
    let all = read(file, CERTIFICATE, "CERTIFICATE")?;
    let parse =
        |der: Vec<u8>| Certificate::parse(&der).map_err(|why| malformed(file, "certificate", why));
    all.into_iter().map(parse).collect()
}

fn one(file: &Path, mut all: Vec<Vec<u8>>) -> Result<Vec<u8>, Stop> {
    match (all.pop(), all.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(several(file)),
    }
}

fn several(file: &Path) -> Stop {
    Stop::input(
        "several_in_one_file",
        format!("{} holds more than one.", file.display()),
        "Give the leaf alone, and the others with --intermediate.",
    )
}

fn malformed(file: &Path, what: &str, why: Malformed) -> Stop {
    let code = match what {
        "list" => "crl_malformed",
        "answer" => "ocsp_malformed",
        _ => "certificate_malformed",
    };
    let message = format!("{} is no {what} that can be judged: {why}.", file.display());
    Stop::input(code, message, "Give another file, PEM or DER.")
}
