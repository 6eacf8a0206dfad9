//! `kaigotap visit`

use std::path::{Path, PathBuf};

use kaigotap::exchange::{Confirmation, Entropy, InsuranceDomain, Use, Way};
use kaigotap::kaigo::{self, Caller, Entitlement};
use kaigotap::link::{Drivers, NoCard, NoScreen, run as drive};
use kaigotap::message::{Code, Language};
use kaigotap::pki::{LocalVerdict, Origin};
use kaigotap::visit::{self, Outcome, Plan};
use kaigotap_recorder::About;
use serde_json::{Value, json};

use super::practice::{self, Practice};
use super::{SIMULATOR, card_link, converse, offline_visit, recorder, whose};
use crate::arguments::{FirstWay, Insurance, Visit, VisitFor};
use crate::dates;
use crate::enrolment::{Enrolment, keys_of, seed};
use crate::evidence::Evidence;
use crate::http;
use crate::registration::Registration;
use crate::report::{Report, Stop};
use crate::terminal::Terminal;

pub(crate) fn run(command: &Visit, report: Report) -> Result<(), Stop> {
    let Some(file) = &command.enrolment else {
        let practice = Practice::begin(command, report)?;
        return visit(command, practice.enrolment(), report);
    };
    visit(command, file, report)
}

fn visit(command: &Visit, file: &Path, report: Report) -> Result<(), Stop> {
    let mut enrolment = Enrolment::read(file)?;
    if let Some(server) = &command.server {
        let address = http::server(server)?;
        enrolment.told = enrolment.told.at(address);
    }
    let registration = command.registration.clone().unwrap_or_else(|| beside(file));
    let plan = planned(command)?;
    let plan = match command.method {
        FirstWay::Pin => plan,
        FirstWay::Face => plan.beginning_with(Way::FaceCheck)?,
        FirstWay::Paper => plan.beginning_with(Way::FourAttributes)?,
        FirstWay::Disaster => plan.in_disaster().beginning_with(Way::Disaster)?,
        FirstWay::Tap => plan.with_tap(Registration::read(&registration)?.registered()?),
    };
    if command.offline {
        return offline_visit::run((command, file), &enrolment, plan, report);
    }
    let seed = seed()?;
    let about = About {
        flow: "visit",
        parameters: enrolment.recorded()?,
        challenge: None,
        entropy: Some(*seed),
        card: Some(whose(&command.reader)),
    };
    let token = enrolment.staff_token()?;
    let recorder =
        recorder(&command.reader, about)?.map(|recorder| recorder.hiding_tokens(token.secret()));
    let mut card = card_link(&command.reader, report)?;
    let mut screen = Terminal::new(report, &command.pin, command.face_confirmed)?;
    let mut http = enrolment.client(file, command.authority.as_deref())?;
    let is_virtual = command.virtual_card || command.reader.reader.as_deref() == Some(SIMULATOR);
    let environment = enrolment.environment(is_virtual, Entropy::new(&seed))?;
    // A recording is of one way.
    let goes_on = (screen.is_person() || screen.is_program()) && recorder.is_none();
    let plan = if goes_on { plan.offering(Way::ALL) } else { plan };
    let mut keys = keys_of(file)?;
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen).with_key(&mut keys);
    if !command.also_for.is_empty() {
        let verified = drive(visit::confirm(plan, environment), &mut drivers)?.map_err(Stop::from);
        let verified = screen.explain(verified)?;
        Evidence::keep(file, &verified.confirmation)?;
        return finish((command, file), &enrolment, &verified, &registration, report);
    }
    let visit = visit::start(plan, environment);
    let outcome = converse(visit, &mut drivers, (recorder, &command.reader));
    let outcome = screen.explain(outcome).inspect_err(|stop| {
        if goes_on && !report.events {
            screen.note(stop);
        }
    })?;
    let Outcome { entitlement, confirmation, certificate, .. } = &outcome;
    remember(entitlement, confirmation, &registration)?;
    if command.insurance.is_some() {
        Evidence::keep(file, confirmation)?;
    }
    show(entitlement, confirmation, certificate.as_ref(), report);
    let next = match &command.enrolment {
        Some(file) => format!(
            "{} kaigotap visit --enrolment {}",
            report.text("The next person:", "次の方へ："),
            file.display()
        ),
        None => format!(
            "{} kaigotap visit {}",
            report.text("Another exercise:", "次の練習："),
            practice::next(&outcome)
        ),
    };
    report.line(next);
    report.object(&as_json(&outcome));
    Ok(())
}

/// What the visit is for.
fn planned(command: &Visit) -> Result<Plan, Stop> {
    let more = command.also_for.iter().map(|what| match what {
        VisitFor::Consent => Use::Consent,
        VisitFor::Notice => Use::CarePlanNotice,
    });
    let mut uses = vec![Use::View, Use::Register];
    for one in more {
        if !uses.contains(&one) {
            uses.push(one);
        }
    }
    let plan = Plan::new(uses)?;
    Ok(match command.insurance {
        Some(insurance) => plan.for_domain(insurance.core()),
        None => plan,
    })
}

/// What follows a visit that is for more than a view: who this is, if there is consent, and what can be done now.
fn finish(
    (command, file): (&Visit, &Path),
    enrolment: &Enrolment,
    verified: &visit::Verified,
    registration: &Path,
    report: Report,
) -> Result<(), Stop> {
    let confirmation = &verified.confirmation;
    let caller = Caller::of(&enrolment.told, enrolment.staff_token()?, Entropy::new(&*seed()?));
    let mut http = enrolment.client(file, command.authority.as_deref())?;
    let mut keys = keys_of(file)?;
    let (mut card, mut screen) = (NoCard, NoScreen);
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen).with_key(&mut keys);
    let told = drive(kaigo::entitlement(caller, confirmation.token.clone()), &mut drivers)?;
    let file = file.display();
    let mut object = json!({
        "outcome": "confirmed",
        "method": confirmation.way,
        "verified_at": confirmation.verified_at,
        "fresh_until": confirmation.fresh_until,
        "opens": confirmation.opens,
        "entitlement": null,
    });
    match told {
        Ok(entitlement) => {
            remember(&entitlement, confirmation, registration)?;
            show(&entitlement, confirmation, verified.certificate.as_ref(), report);
            object["entitlement"] = json!(entitlement);
        }
        Err(failure) if failure.code() == Code::ConsentRequired => {
            report.line(failure.message(report.language));
        }
        Err(failure) => return Err(failure.into()),
    }
    for (of, next) in [(Use::Consent, "consent"), (Use::CarePlanNotice, "file")] {
        if confirmation.opens.contains(&of) {
            report.line(format!(
                "{} kaigotap care {next} --enrolment {file}",
                report.text("Next:", "次に："),
            ));
        }
    }
    report.object(&object);
    Ok(())
}

/// Keeps whom a visit with PIN was to: from now on a tap is enough.
fn remember(
    entitlement: &Entitlement,
    confirmation: &Confirmation,
    file: &Path,
) -> Result<(), Stop> {
    match (confirmation.way, Registration::of(entitlement, confirmation)) {
        (Way::CardPin, Some(person)) => person.write(file),
        _ => Ok(()),
    }
}

/// Where a device keeps whom it has visited last.
pub(super) fn beside(enrolment: &Path) -> PathBuf {
    let mut name = enrolment.as_os_str().to_owned();
    name.push(".registration");
    name.into()
}

/// The outcome for programs. The token is not in it: what a visit is for is the entitlement.
pub(super) fn as_json(outcome: &Outcome) -> Value {
    json!({
        "outcome": "verified",
        "method": outcome.way(),
        "verified_at": outcome.confirmation.verified_at,
        "fresh_until": outcome.confirmation.fresh_until,
        "face_confirmed_at": outcome.face.map(|face| face.checked_at),
        "face_basis": outcome.face.map(|face| face.basis.code()),
        "insurance_domain": outcome.confirmation.insurance_domain,
        "entitlement": outcome.entitlement,
        "trust": trust(outcome),
    })
}

/// Under whose anchors the card's certificate holds.
fn trust(outcome: &Outcome) -> &'static str {
    match outcome.certificate.as_ref().map(|certificate| certificate.report().origin()) {
        Some(Origin::Production) => "production",
        Some(Origin::Test) => "test",
        Some(_) => "unknown",
        None if outcome.way() == Way::FaceCheck => "no_certificate",
        None => "no_card",
    }
}

/// The same for people.
fn authority(way: Way, certificate: Option<&LocalVerdict>, r: Report) -> &'static str {
    match certificate.map(|certificate| certificate.report().origin()) {
        None if way == Way::FaceCheck => r.text(
            "not asked: the photo shows no revocation",
            "電子証明書は使っていません（失効しているかどうかは確認していません）",
        ),
        None => r.text("none; no card was used", "なし（カードを使っていません）"),
        Some(Origin::Production) => r.text("J-LIS", "地方公共団体情報システム機構"),
        Some(Origin::Test) => r.text(
            "a test hierarchy, which says nothing about a real person",
            "試験用（実在の方の証明にはなりません）",
        ),
        Some(_) => r.text("unknown", "不明"),
    }
}

/// The outcome for people, in large words first: who, then what. Nothing is said of a card where none is asked for.
pub(super) fn show(
    entitlement: &Entitlement,
    confirmation: &Confirmation,
    certificate: Option<&LocalVerdict>,
    report: Report,
) {
    let r = report;
    let Entitlement { person, insurer, insured_number, periodic, .. } = entitlement;
    let today = dates::today();
    let until = |until| dates::until(until, today, r.language);
    let none = || r.text("none", "なし").to_owned();
    let how = match confirmation.way {
        Way::CardPin => r.text("face and card with PIN", "目視とカード（暗証番号）"),
        Way::CardTap => r.text("face and card, without PIN", "目視とカード（かざすだけ）"),
        Way::FaceCheck => r.text(
            "face and the photo in the card, and the paper certificate",
            "目視（カードの中の写真）と被保険者証",
        ),
        Way::FourAttributes => r.text("the paper certificate", "被保険者証"),
        Way::Registered => {
            r.text("registered before, without a card", "登録ずみの利用者（カードなし）")
        }
        Way::Disaster => r.text("the rules for disasters", "災害時の取り扱い"),
        _ => r.text("verified", "確認済み"),
    };
    let unknown = || r.text("date of birth unknown", "生年月日不詳").to_owned();
    let born = person.birth_date;
    let born = born.map_or_else(unknown, |date| dates::birth(date, today, r.language));
    let registered = match (&confirmation.registration, confirmation.way) {
        (Some(_), Way::CardPin) => r.text(
            "registered with your facility; from now on a tap is enough",
            "担当に登録しました（次回からは、カードをかざすだけで確認できます）",
        ),
        (Some(_), _) => r.text("registered with your facility", "担当に登録しました"),
        (None, way) if way == Way::Registered || entitlement.registered_until.is_some() => {
            r.text("registered with your facility", "担当に登録ずみです")
        }
        (None, _) => r.text(
            "not registered; the platform gave no registration with this visit",
            "担当の登録はされていません（介護情報基盤から登録の返事がありませんでした）",
        ),
    };
    r.line("");
    r.line(format!("  {}{}    {born}", person.name_kana, r.text("", " 様")));
    r.line("");
    let verified = (r.text("Verified by", "確認方法"), how.to_owned());
    let card = (confirmation.way != Way::Registered).then(|| {
        (
            r.text("Card's authority", "カードの発行元"),
            authority(confirmation.way, certificate, r).to_owned(),
        )
    });
    let rows = [
        (r.text("Insurer", "保険者"), format!("{} {}", insurer.number, insurer.name)),
        (r.text("Insured number", "被保険者番号"), insured_number.clone()),
        (
            r.text("Care level", "要介護度"),
            periodic.care_level.as_ref().map_or_else(none, |level| {
                let code = match r.language {
                    Language::English => {
                        format!("{} ({})", level.code.japanese(), level.code.english())
                    }
                    Language::Japanese => level.code.japanese().to_owned(),
                };
                format!("{code}    {}", until(level.valid_until))
            }),
        ),
        (
            r.text("Burden ratio", "負担割合"),
            periodic.burden_ratio.as_ref().map_or_else(none, |ratio| {
                format!("{}    {}", share(ratio.percent, r.language), until(ratio.valid_until))
            }),
        ),
        (
            r.text("Limit certificate", "負担限度額認定"),
            periodic.limit_certificate.as_ref().map_or_else(none, |limit| {
                format!("{}    {}", limit.stage.japanese(), until(limit.valid_until))
            }),
        ),
        (r.text("Registration", "担当の登録"), registered.to_owned()),
        (r.text("Confirmed", "確認した時刻"), dates::moment(confirmation.verified_at, r.language)),
        (
            r.text("Counts until", "確認の有効期限"),
            dates::moment(confirmation.fresh_until, r.language),
        ),
    ];
    for (name, value) in [verified].into_iter().chain(card).chain(rows).chain(more(entitlement, r))
    {
        let wide = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
        r.line(format!("  {name}{} {value}", " ".repeat(18_usize.saturating_sub(wide))));
    }
    r.line("");
}

impl Insurance {
    pub(crate) fn core(self) -> InsuranceDomain {
        match self {
            Self::Care => InsuranceDomain::Care,
            Self::Medical => InsuranceDomain::Medical,
        }
    }
}

/// The person's own share of the costs.
pub(crate) fn share(percent: u8, language: Language) -> String {
    match language {
        Language::English => format!("{percent} %"),
        Language::Japanese if percent.is_multiple_of(10) => format!("{}割", percent / 10),
        Language::Japanese => format!("{percent}%"),
    }
}

/// What else the platform tells, where there is any of it.
fn more(entitlement: &Entitlement, r: Report) -> Vec<(&'static str, String)> {
    let today = dates::today();
    let word = |english: &str, japanese: &str| match r.language {
        Language::English => english.to_owned(),
        Language::Japanese => japanese.to_owned(),
    };
    let mut rows = Vec::new();
    if let Some(medical) = &entitlement.medical {
        let (share, until) = (
            share(medical.burden_percent, r.language),
            dates::until(medical.valid_until, today, r.language),
        );
        let told = format!("{}    {share}    {until}", medical.insurer_number);
        rows.push((r.text("Medical insurance", "医療保険"), told));
    }
    if let Some(limit) = &entitlement.periodic.benefit_limit {
        let code = word(limit.code.english(), limit.code.japanese());
        let until = dates::until(limit.valid_until, today, r.language);
        rows.push((r.text("Benefit limit", "給付制限"), format!("{code}    {until}")));
    }
    if let Some(manager) = &entitlement.care_manager {
        rows.push((r.text("Care manager", "居宅介護支援"), manager.name.clone()));
    }
    if let Some(until) = entitlement.registered_until {
        rows.push((r.text("Registered until", "登録の有効期限"), dates::moment(until, r.language)));
    }
    if !entitlement.changed.is_empty() {
        let changed = entitlement.changed.iter().map(|one| word(one.english(), one.japanese()));
        let changed: Vec<String> = changed.collect();
        rows.push((r.text("Changed", "前回からの変更"), changed.join(r.text(", ", "・"))));
    }
    for due in &entitlement.due {
        let what = word(due.what.english(), due.what.japanese());
        let until = dates::until(due.until, today, r.language);
        rows.push((r.text("Runs out", "まもなく期限"), format!("{what}    {until}")));
    }
    rows
}
