//! `kaigotap own`

use kaigotap::exchange::{DeviceKey, Entropy};
use kaigotap::kaigo::{CertificationRecord, ConsentState, Entitlement};
use kaigotap::link::device_key::MemoryKey;
use kaigotap::link::{Drivers, run as drive};
use kaigotap::message::Language;
use kaigotap::portal::{Access, OwnConsent, OwnView, own_view, withdraw_own_consent};
use kaigotap_recorder::Unusable;
use serde_json::json;

use super::{SIMULATOR, card_link};
use crate::arguments::Own;
use crate::dates;
use crate::enrolment::{Enrolment, KEY, seed};
use crate::http;
use crate::report::{Report, Stop};
use crate::terminal::Terminal;

/// A code in the language in use.
macro_rules! word {
    ($term:expr, $report:expr) => {
        match $report.language {
            Language::English => $term.english(),
            Language::Japanese => $term.japanese(),
        }
    };
}

pub(crate) fn run(command: &Own, report: Report) -> Result<(), Stop> {
    let enrolment = Enrolment::read(&command.enrolment)?;
    let reader = command.reader();
    let is_virtual = command.virtual_card || reader.reader.as_deref() == Some(SIMULATOR);
    // A device of the person's own: its key is for this look alone.
    let mut key = MemoryKey::generate().map_err(|_| Unusable("no randomness on this machine"))?;
    let named = DeviceKey::new(KEY, key.public_key());
    let portal = enrolment.portal(is_virtual, named, Entropy::new(&*seed()?))?;
    let mut card = card_link(&reader, report)?;
    let mut screen = Terminal::new(report, &command.pin, false)?;
    let mut http = http::build(http::builder(command.authority.as_deref())?)?;
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen).with_key(&mut key);
    if command.withdraw_consent {
        let consent = drive(withdraw_own_consent(portal), &mut drivers)?.map_err(Stop::from);
        let consent = screen.explain(consent)?;
        tell_consent(&consent, report);
        report.object(&json!({ "outcome": "withdrawn", "consent": consent }));
        return Ok(());
    }
    let view = drive(own_view(portal), &mut drivers)?.map_err(Stop::from);
    let view = screen.explain(view)?;
    show(&view, report);
    let mut object = json!(view);
    object["outcome"] = "told".into();
    report.object(&object);
    Ok(())
}

/// For people: what they are entitled to, how far an application is, their consent, and who has looked.
fn show(view: &OwnView, r: Report) {
    tell_entitlement(&view.entitlement, r);
    r.line("");
    r.line(r.text("Applications for certification", "認定の進み具合"));
    for record in &view.progress {
        tell_progress(record, r);
    }
    if view.progress.is_empty() {
        r.line(r.text("    none", "    なし"));
    }
    r.line("");
    tell_consent(&view.consent, r);
    r.line("");
    r.line(r.text("Who has looked, the last first", "だれがいつ見たか（新しい順）"));
    for access in &view.accesses {
        tell_access(access, r);
    }
    if view.accesses.is_empty() {
        r.line(r.text("    nobody", "    まだ、だれも見ていません"));
    }
    if view.older {
        r.line(r.text("    There are older ones.", "    これより前の記録もあります"));
    }
    r.line("");
}

fn tell_entitlement(entitlement: &Entitlement, r: Report) {
    let Entitlement { person, insurer, insured_number, periodic, .. } = entitlement;
    let today = dates::today();
    let until = |until| dates::until(until, today, r.language);
    let unknown = || r.text("date of birth unknown", "生年月日不詳").to_owned();
    let born = person.birth_date.map_or_else(unknown, |date| dates::birth(date, today, r.language));
    r.line("");
    r.line(format!("  {}{}    {born}", person.name_kana, r.text("", " 様")));
    r.line("");
    r.line(r.text("What is known of you", "自分の情報"));
    let row = |name: &str, value: String| r.line(format!("    {name}  {value}"));
    row(r.text("Insurer", "保険者"), format!("{} {}", insurer.number, insurer.name));
    row(r.text("Insured number", "被保険者番号"), insured_number.clone());
    let none = || r.text("none", "なし").to_owned();
    let level = periodic.care_level.as_ref();
    let level = level.map_or_else(none, |level| {
        format!("{}    {}", word!(level.code, r), until(level.valid_until))
    });
    row(r.text("Care level", "要介護度"), level);
    let ratio = periodic.burden_ratio.as_ref();
    let ratio = ratio.map_or_else(none, |ratio| {
        format!(
            "{}    {}",
            super::visit::share(ratio.percent, r.language),
            until(ratio.valid_until)
        )
    });
    row(r.text("Burden ratio", "負担割合"), ratio);
    if let Some(limit) = &periodic.limit_certificate {
        let told = format!("{}    {}", word!(limit.stage, r), until(limit.valid_until));
        row(r.text("Limit certificate", "負担限度額認定"), told);
    }
    if let Some(manager) = &entitlement.care_manager {
        row(r.text("Care manager", "居宅介護支援"), manager.name.clone());
    }
}

fn tell_progress(record: &CertificationRecord, r: Report) {
    let level = record.care_level.as_ref().map_or("", |level| word!(level, r));
    let as_it_is = || record.applied_on.to_string();
    let day = record.applied_on.complete().map_or_else(as_it_is, |day| dates::day(day, r.language));
    r.line(format!(
        "    {}    {}    {}    {level}",
        day,
        word!(record.kind, r),
        word!(record.progress, r)
    ));
}

fn tell_consent(consent: &OwnConsent, r: Report) {
    let at = match consent.state {
        ConsentState::Withdrawn => consent.withdrawn_at,
        _ => consent.given_at,
    };
    let mut line = format!("{}{}", r.text("Consent: ", "包括同意："), word!(consent.state, r));
    if let Some(at) = at {
        line = format!("{line}    {}", dates::moment(at, r.language));
    }
    r.line(line);
    if consent.state == ConsentState::Withdrawn {
        r.line(r.text(
            "    Facilities are shown nothing of you.",
            "    事業所には、あなたの情報は表示されません。",
        ));
    }
}

fn tell_access(access: &Access, r: Report) {
    let disaster =
        if access.disaster { r.text("  [disaster]", "  ［災害時の閲覧］") } else { "" };
    r.line(format!("    {}{disaster}", dates::moment(access.at, r.language)));
    r.line(format!(
        "        {} {}    {}    {}",
        access.facility_name,
        word!(access.role, r),
        word!(access.what, r),
        word!(access.method, r)
    ));
}
