//! What `kaigotap care` says to people.

use kaigotap::exchange::{Confirmation, InsuranceDomain};
use kaigotap::kaigo::{
    Consent, ConsentState, Entitlement, Filing, FilingPage, Information, InformationKind, Records,
    UserPage,
};
use kaigotap::message::{Failure, Language};

use crate::commands::visit::share;
use crate::dates;
use crate::report::Report;

/// A code in the language in use.
macro_rules! word {
    ($term:expr, $report:expr) => {
        match $report.language {
            Language::English => $term.english(),
            Language::Japanese => $term.japanese(),
        }
    };
}

pub(super) fn users(page: &UserPage, r: Report) {
    let today = dates::today();
    for user in &page.users {
        let unknown = || r.text("date of birth unknown", "生年月日不詳").to_owned();
        let born =
            user.birth_date.map_or_else(unknown, |date| dates::birth(date, today, r.language));
        r.line(format!("{}{}    {born}", user.name_kana, r.text("", " 様")));
        r.line(format!(
            "    {} {}    {} {}",
            r.text("insured number", "被保険者番号"),
            user.insured_number,
            r.text("registered until", "登録の有効期限"),
            dates::moment(user.valid_until, r.language)
        ));
        for due in &user.due {
            r.line(format!(
                "    {}: {}",
                word!(due.what, r),
                dates::until(due.until, today, r.language)
            ));
        }
        if !user.changed.is_empty() {
            let changed: Vec<&str> = user.changed.iter().map(|one| word!(one, r)).collect();
            let between = r.text(", ", "・");
            r.line(format!("    {} {}", r.text("changed:", "変更："), changed.join(between)));
        }
        r.line(format!("    --subject {}", user.subject.as_str()));
    }
    if page.users.is_empty() {
        r.line(r.text("Nobody.", "該当する方はいません。"));
    }
    if page.hidden > 0 {
        let count = page.hidden;
        r.line(match r.language {
            Language::English => format!("{count} more are not shown: there is no consent."),
            Language::Japanese => format!("ほかに{count}人は、同意がないため表示できません。"),
        });
    }
    goes_on(page.next.as_ref().map(kaigotap::kaigo::Cursor::as_str), r);
}

pub(super) fn for_insurance(entitlement: &Entitlement, confirmation: &Confirmation, r: Report) {
    let today = dates::today();
    let until = |until| dates::until(until, today, r.language);
    r.line(format!("{}{}", entitlement.person.name_kana, r.text("", " 様")));
    if confirmation.insurance_domain == InsuranceDomain::Medical {
        let told = entitlement.medical.as_ref().map(|medical| {
            let share = share(medical.burden_percent, r.language);
            format!("{}    {share}    {}", medical.insurer_number, until(medical.valid_until))
        });
        let unknown = || r.text("nothing is known", "情報がありません").to_owned();
        let told = told.unwrap_or_else(unknown);
        r.line(format!("    {}    {told}", r.text("medical insurance", "医療保険")));
    } else {
        let periodic = &entitlement.periodic;
        let none = || r.text("none", "なし").to_owned();
        let level = periodic.care_level.as_ref().map_or_else(none, |level| {
            format!("{}    {}", word!(level.code, r), until(level.valid_until))
        });
        let number = &entitlement.insured_number;
        r.line(format!("    {}    {number}    {level}", r.text("care insurance", "介護保険")));
    }
    r.line(format!(
        "    {} {}",
        r.text("by the card, confirmed at", "カードで確認した時刻"),
        dates::moment(confirmation.verified_at, r.language)
    ));
}

fn goes_on(next: Option<&str>, r: Report) {
    if let Some(next) = next {
        r.line(format!("{} --after {next}", r.text("The next page:", "続き：")));
    }
}

pub(super) fn consent(consent: &Consent, r: Report) {
    let mut line = format!("{} {}", r.text("Consent:", "包括同意："), word!(consent.state, r));
    let at = match consent.state {
        ConsentState::Withdrawn => consent.withdrawn_at,
        _ => consent.given_at,
    };
    if let Some(at) = at {
        line = format!("{line}    {}", dates::moment(at, r.language));
    }
    if let Some(taker) = &consent.taken_by {
        line = format!("{line}    {}", word!(taker, r));
    }
    r.line(line);
    if consent.state == ConsentState::Given {
        return;
    }
    match (consent.may_take.allowed, consent.may_take.why) {
        (true, _) => {
            let until = consent.may_take.until.map(|day| dates::day(day, r.language));
            let until = until.map(|day| match r.language {
                Language::English => format!(" (until {day})"),
                Language::Japanese => format!("（{day}まで）"),
            });
            r.line(format!(
                "{}{}",
                r.text("Your facility may take it.", "この事業所で受け取れます。"),
                until.unwrap_or_default()
            ));
        }
        (false, Some(why)) => {
            let why = Failure::from(why);
            r.line(why.message(r.language));
            r.line(format!("→ {}", why.next_action(r.language)));
        }
        (false, None) => {
            r.line(r.text("Your facility may not take it.", "この事業所では受け取れません。"));
        }
    }
}

pub(super) fn filing(filing: &Filing, r: Report) {
    let start = dates::day(filing.start_on, r.language);
    let kind = word!(filing.kind, r);
    r.line(format!(
        "{kind}    {}    {}    {}",
        match r.language {
            Language::English => format!("from {start}"),
            Language::Japanese => format!("{start}から"),
        },
        word!(filing.status, r),
        dates::moment(filing.received_at, r.language)
    ));
    if let Some(reason) = &filing.reason {
        r.line(format!("    {reason}"));
    }
}

pub(super) fn filings(page: &FilingPage, r: Report) {
    for one in &page.filings {
        filing(one, r);
        r.line(format!("    {}", one.id));
    }
    if page.filings.is_empty() {
        r.line(r.text("Nothing was filed.", "提出した届出はありません。"));
    }
    goes_on(page.next.as_ref().map(kaigotap::kaigo::Cursor::as_str), r);
}

pub(super) fn refused(kind: &InformationKind, failure: &Failure, r: Report) {
    r.line(word!(kind, r));
    r.line(format!("    {}", failure.message(r.language)));
    r.line(format!("    → {}", failure.next_action(r.language)));
}

pub(super) fn information(kind: &InformationKind, information: &Information, r: Report) {
    r.line(format!("{}    {}", word!(kind, r), dates::moment(information.as_of, r.language)));
    if information.records.is_empty() {
        r.line(r.text("    none", "    なし"));
    }
    match &information.records {
        Records::Certification(records) => {
            for record in records {
                let level = record.care_level.as_ref().map_or("", |level| word!(level, r));
                r.line(format!(
                    "    {}    {}    {}    {level}",
                    record.applied_on,
                    word!(record.kind, r),
                    word!(record.progress, r)
                ));
            }
        }
        Records::Survey(records) => {
            for record in records {
                r.line(format!("    {}", record.surveyed_on));
                for item in &record.items {
                    r.line(format!("        {} {}: {}", item.no, item.name, item.value));
                }
            }
        }
        Records::DoctorOpinion(records) => {
            for record in records {
                r.line(format!("    {}    {}", record.written_on, record.physician_facility));
                r.line(format!("        {}", record.text));
            }
        }
        Records::Housing(records) => {
            for record in records {
                let (spent, limit, left) = (record.spent_yen, record.limit_yen, record.left_yen);
                r.line(match r.language {
                    Language::English => format!(
                        "    {}    {spent} of {limit} yen, {left} left",
                        record.kind.english()
                    ),
                    Language::Japanese => format!(
                        "    {}    {limit}円のうち{spent}円を利用、残り{left}円",
                        record.kind.japanese()
                    ),
                });
                for item in &record.items {
                    r.line(format!("        {}    {}    {}", item.on, item.what, item.yen));
                }
            }
        }
        Records::CarePlan(records) => {
            for record in records {
                let table = record.table;
                r.line(match r.language {
                    Language::English => format!("    {}    table {table}", record.written_on),
                    Language::Japanese => format!("    {}    第{table}表", record.written_on),
                });
                r.line(format!("        {}", record.text));
            }
        }
        Records::Life(records) => {
            for record in records {
                r.line(format!("    {}", record.recorded_on));
                for item in &record.items {
                    r.line(format!("        {}: {}", item.name, item.value));
                }
            }
        }
        _ => {}
    }
}
