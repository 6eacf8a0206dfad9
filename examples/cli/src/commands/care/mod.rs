//! `kaigotap care`

mod told;

use jiff::tz::offset;
use kaigotap::exchange::{Confirmation, Entropy, Subject, Use, Way};
use kaigotap::flow::Flow;
use kaigotap::kaigo::{
    self, Assent, BirthDate, Caller, Cursor, FilingId, FilingKind, InformationKind, KanaName,
    Notice, UserSearch,
};
use kaigotap::link::{Drivers, NoCard, NoScreen, run as drive};
use kaigotap::message::{Failure, FailureKind};
use kaigotap::visit::{self, Environment, Plan};
use serde_json::json;

use crate::arguments::{
    Care, CareConsent, CareEnd, CareFile, CareList, CareQuestion, CareShow, DeviceServer,
    Insurance, Kind, NoticeKind, Whom,
};
use crate::commands::visit::{beside, show};
use crate::enrolment::{Enrolment, keys_of, seed};
use crate::evidence::Evidence;
use crate::registration::Registration;
use crate::report::{Report, Stop};

pub(crate) fn run(command: &Care, report: Report) -> Result<(), Stop> {
    match &command.question {
        CareQuestion::List(command) => list(command, report),
        CareQuestion::Show(command) => tell(command, report),
        CareQuestion::Consent(command) => consent(command, report),
        CareQuestion::File(command) => file(command, report),
        CareQuestion::End(command) => end(command, report),
    }
}

/// The device that asks, of whom somebody has signed in on it.
struct Desk<'a> {
    device: &'a DeviceServer,
    enrolment: Enrolment,
}

impl<'a> Desk<'a> {
    fn of(device: &'a DeviceServer) -> Result<Self, Stop> {
        Ok(Self { device, enrolment: Enrolment::read(&device.enrolment)? })
    }

    fn caller(&self) -> Result<Caller, Stop> {
        let token = self.enrolment.staff_token()?;
        Ok(Caller::of(&self.enrolment.told, token, Entropy::new(&*seed()?)))
    }

    fn environment(&self) -> Result<Environment, Stop> {
        self.enrolment.environment(false, Entropy::new(&*seed()?))
    }

    /// Runs a conversation that needs neither card nor screen.
    fn converse<T>(&self, flow: Flow<Result<T, Failure>>) -> Result<T, Stop> {
        let (file, authority) = (&self.device.enrolment, self.device.authority.as_deref());
        let (mut card, mut screen) = (NoCard, NoScreen);
        let mut http = self.enrolment.client(file, authority)?;
        let mut keys = keys_of(file)?;
        let mut drivers = Drivers::new(&mut card, &mut http, &mut screen).with_key(&mut keys);
        Ok(drive(flow, &mut drivers)??)
    }

    /// Who is meant: whom the list names so, or whom the last visit with PIN was to.
    fn subject(&self, whom: &Whom) -> Result<Subject, Stop> {
        match &whom.subject {
            Some(subject) => Ok(Subject::parse(subject.as_str())?),
            None => Registration::read(&beside(&self.device.enrolment))?.subject(),
        }
    }

    /// A plan to see somebody on the list again, without a card.
    fn again(&self, subject: &Subject, plan: Plan) -> Result<Plan, Stop> {
        let open = self.converse(kaigo::open_user(self.caller()?, subject))?;
        Ok(plan.with_registration(open.handle).beginning_with(Way::Registered)?)
    }

    /// What the last visit that was for more than a view opens now.
    fn reopened(&self, uses: &[Use]) -> Result<Confirmation, Stop> {
        let evidence = Evidence::read(&self.device.enrolment)?;
        self.converse(kaigo::reopen(self.caller()?, evidence, uses, []))
    }
}

fn list(command: &CareList, report: Report) -> Result<(), Stop> {
    let mut search = UserSearch::all().at_most(command.limit)?;
    if let Some(kana) = &command.kana {
        search = search.named(&KanaName::parse(kana).map_err(|_| unreadable("kana"))?);
    }
    if let Some(date) = &command.birth_date {
        let today = offset(9).to_datetime(jiff::Timestamp::now()).date();
        let date = BirthDate::parse(date, today).map_err(|_| unreadable("birth_date"))?;
        search = search.born(date.date());
    }
    if command.due {
        search = search.with_something_due();
    }
    if let Some(after) = &command.after {
        search = search.after(Cursor::parse(after.as_str())?);
    }
    let desk = Desk::of(&command.device)?;
    let page = desk.converse(kaigo::list_users(desk.caller()?, &search))?;
    told::users(&page, report);
    let mut object = json!(page);
    object["outcome"] = "listed".into();
    report.object(&object);
    Ok(())
}

fn unreadable(what: &str) -> Stop {
    if what == "kana" {
        Stop::input("kana_unreadable", "This is no name in kana.", "Give it in kana.")
    } else {
        Stop::input(
            "date_unreadable",
            "This is no date of birth, or may be read in two ways.",
            "Give it as 1941-05-03 or S16.5.3.",
        )
    }
}

fn tell(command: &CareShow, report: Report) -> Result<(), Stop> {
    let desk = Desk::of(&command.device)?;
    if let Some(insurance) = command.insurance {
        return tell_for(&desk, insurance, report);
    }
    let subject = desk.subject(&command.whom)?;
    let kinds: Vec<InformationKind> = command.information.iter().map(|kind| kind.core()).collect();
    let plan = Plan::new([Use::View])?.reading(kinds.iter().cloned());
    let plan = desk.again(&subject, plan)?;
    let outcome = desk.converse(visit::start(plan, desk.environment()?))?;
    show(&outcome.entitlement, &outcome.confirmation, None, report);
    let mut told = Vec::new();
    for kind in kinds {
        let mut after = None;
        loop {
            let token = outcome.confirmation.token.clone();
            let asked = kaigo::information(desk.caller()?, token, kind.clone(), after.as_ref());
            match desk.converse(asked) {
                Ok(information) => {
                    told::information(&kind, &information, report);
                    told.push(json!(information));
                    after = information.next;
                }
                // What is not for this facility closes nothing else.
                Err(Stop::Failure(failure)) if failure.kind() == FailureKind::Refused => {
                    told::refused(&kind, &failure, report);
                    told.push(json!({ "kind": kind, "code": failure.code().as_str() }));
                    after = None;
                }
                Err(stop) => return Err(stop),
            }
            if after.is_none() {
                break;
            }
        }
    }
    report.object(&json!({
        "outcome": "told", "entitlement": outcome.entitlement, "information": told,
    }));
    Ok(())
}

/// For one insurance, by what a card proved within the day for either.
fn tell_for(desk: &Desk<'_>, insurance: Insurance, report: Report) -> Result<(), Stop> {
    let evidence = Evidence::read(&desk.device.enrolment)?;
    let domain = insurance.core();
    let reopened = kaigo::reopen_for(desk.caller()?, evidence, [Use::View], [], domain);
    let confirmation = desk.converse(reopened)?;
    let token = confirmation.token.clone();
    let entitlement = desk.converse(kaigo::entitlement(desk.caller()?, token))?;
    told::for_insurance(&entitlement, &confirmation, report);
    report.object(&json!({
        "outcome": "told", "insurance_domain": domain, "entitlement": entitlement,
    }));
    Ok(())
}

fn consent(command: &CareConsent, report: Report) -> Result<(), Stop> {
    let desk = Desk::of(&command.device)?;
    let token = desk.reopened(&[Use::View, Use::Consent])?.token;
    let flow = if command.explained_and_agreed {
        let assent = Assent { explained: true, agreed: true };
        kaigo::take_consent(desk.caller()?, token, assent)
    } else {
        kaigo::consent(desk.caller()?, token)
    };
    let consent = desk.converse(flow)?;
    told::consent(&consent, report);
    report.object(&json!({ "outcome": "told", "consent": consent }));
    Ok(())
}

fn file(command: &CareFile, report: Report) -> Result<(), Stop> {
    let desk = Desk::of(&command.device)?;
    let (Some(kind), Some(start_on)) = (command.kind, command.start_on) else {
        let after = command.after.as_deref().map(Cursor::parse).transpose()?;
        let page = desk.converse(kaigo::list_filings(desk.caller()?, after.as_ref(), None))?;
        told::filings(&page, report);
        let mut object = json!(page);
        object["outcome"] = "listed".into();
        report.object(&object);
        return Ok(());
    };
    let id = match &command.id {
        Some(id) => FilingId::parse(id)?,
        None => FilingId::fresh(Entropy::new(&*seed()?)),
    };
    let mut notice = Notice::new(id.clone(), kind.core(), start_on, command.assent);
    if let Some(earlier) = &command.replaces {
        notice = notice.replacing(FilingId::parse(earlier)?);
    }
    let token = desk.reopened(&[Use::CarePlanNotice])?.token;
    // Whatever becomes of the answer, it can be sent again under this name.
    report.line(format!("{} {}", report.text("Notice", "届出の番号"), id.as_str()));
    let filing = desk.converse(kaigo::file_notice(desk.caller()?, token, notice))?;
    told::filing(&filing, report);
    report.object(&json!({ "outcome": "filed", "filing": filing }));
    Ok(())
}

fn end(command: &CareEnd, report: Report) -> Result<(), Stop> {
    let desk = Desk::of(&command.device)?;
    let subject = desk.subject(&command.whom)?;
    desk.converse(kaigo::end_contract(desk.caller()?, &subject))?;
    report.line(report.text(
        "The contract is ended: nothing of this person opens here any more.",
        "契約を終了しました。以後、この方の情報はこの事業所では開けません。",
    ));
    report.object(&json!({ "outcome": "ended" }));
    Ok(())
}

impl Kind {
    fn core(self) -> InformationKind {
        match self {
            Self::Certification => InformationKind::Certification,
            Self::Survey => InformationKind::Survey,
            Self::DoctorOpinion => InformationKind::DoctorOpinion,
            Self::Housing => InformationKind::Housing,
            Self::CarePlan => InformationKind::CarePlan,
            Self::Life => InformationKind::Life,
        }
    }
}

impl NoticeKind {
    pub(crate) fn core(self) -> FilingKind {
        match self {
            Self::CarePlan => FilingKind::CarePlan,
            Self::Preventive => FilingKind::PreventiveCarePlan,
        }
    }
}
