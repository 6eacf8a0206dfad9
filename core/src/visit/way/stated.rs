//! Without a card: the nurse types what stands on the paper certificate (4情報); in a disaster, as much as is known.
//!
//! Entry is forgiving and asked again in the same conversation, with what is wrong; the date of birth, which people write in
//! two calendars, is read back.

use jiff::tz;

use crate::exchange::statement::{Stated, Statement};
use crate::exchange::{Basis, Use, VisualCheck, Way};
use crate::flow::{Answer, Attribute, AttributeFault, Attributes, Faulty, Prompt, Stage, Talk};
use crate::kaigo::{PaperCertificate, Sex};
use crate::message::{Code, Failure};
use crate::pki::card_certificate::Genuineness;
use crate::visit::bedside::{Bedside, Evidence, Proven, Seen, Source};

/// How often the entry is asked for before the way fails.
const MOST: usize = 20;

/// What was looked at before the paper certificate.
pub(super) struct Looked {
    pub(super) check: VisualCheck,
    /// What this device made of the record that was looked at.
    pub(super) genuineness: Genuineness,
    /// What it says that stands on the paper certificate, too.
    pub(super) prefilled: Attributes,
}

pub(in crate::visit) async fn stated<'a>(bedside: &Bedside<'a>) -> Result<Proven<'a>, Failure> {
    state(bedside, None).await
}

/// Has the nurse type, and states it.
pub(super) async fn state<'a>(
    bedside: &Bedside<'a>,
    looked: Option<Looked>,
) -> Result<Proven<'a>, Failure> {
    let way = bedside.way();
    // A disaster opens a view, and registers nobody.
    let uses = if way == Way::Disaster { &[Use::View] } else { bedside.plan().uses() };
    let talk = bedside.talk();
    talk.stage(Stage::FaceCheck);
    let (prefilled, seen) = match looked {
        Some(Looked { prefilled, check, genuineness }) => (prefilled, Some((check, genuineness))),
        None => (Attributes::default(), None),
    };
    let person = enter(talk, way, prefilled).await?;

    let now = talk.clock().await;
    let (ticket, at) = match bedside.source {
        Source::Platform(..) => (None, now.wall),
        Source::Ticket(answering) => (Some(&answering.challenge), answering.time(now)),
    };
    let (check, genuineness) = seen.unzip();
    let mut check = check.unwrap_or_else(|| VisualCheck::matched(Basis::Certificate, at));
    if ticket.is_some() {
        check.checked_at = at;
    }
    let birth_date = person.birth.digits();
    let stated = Stated {
        numbers: person
            .numbers
            .as_ref()
            .map(|(insurer, insured)| (insurer.as_str(), insured.as_str())),
        name: person.name.as_str(),
        birth_date: &birth_date,
        sex: if person.sex == Sex::Male { "male" } else { "female" },
        check,
    };
    let expected = bedside.expected(uses, None);
    let statement = Statement::sign(talk, &expected, ticket, &stated, bedside.id(), at).await?;
    let seen = Seen { face: Some(check), certificate: None, genuineness, birth: None };
    Ok(Proven { evidence: Evidence::Statement(statement), uses, subject: None, seen })
}

/// Has the nurse type, until all of it can be read and the date of birth was read rightly.
async fn enter(talk: &Talk, way: Way, prefilled: Attributes) -> Result<PaperCertificate, Failure> {
    let mut fault = None;
    for _ in 0..MOST {
        let prefilled = prefilled.clone();
        let prompt = Prompt::EnterAttributes { way, fault, prefilled };
        let Answer::Attributes(typed) = talk.ask(prompt).await else {
            return Err(Code::Cancelled.into());
        };
        // Japan has one time zone, whatever the device is set to.
        let today = tz::offset(9).to_datetime(talk.clock().await.wall).date();
        let person = match PaperCertificate::parse(&typed, way != Way::Disaster, today) {
            Ok(person) => person,
            Err(found) => {
                fault = Some(found);
                continue;
            }
        };
        let birth_date = person.birth.date();
        let age = birth_date.age_on(today);
        match talk.ask(Prompt::ConfirmBirthDate { birth_date, age }).await {
            Answer::BirthDateIs(true) => return Ok(person),
            Answer::BirthDateIs(false) => {
                let attribute = Attribute::BirthDate;
                fault = Some(AttributeFault { attribute, faulty: Faulty::NotRight });
            }
            _ => return Err(Code::Cancelled.into()),
        }
    }
    Err(Code::Cancelled.into())
}
