//! `kaigotap tickets`: what is fetched for visits where there is no network.

use kaigotap::exchange::{Entropy, Subject};
use kaigotap::flow::Flow;
use kaigotap::link::{Drivers, NoCard, NoHttp, NoScreen, run as drive};
use kaigotap::message::Failure;
use kaigotap::visit::{self, Tickets};
use serde_json::json;

use super::visit::beside;
use crate::arguments::{self, Away, DeviceServer, TicketsFetch, TicketsQuestion};
use crate::dates;
use crate::enrolment::{Enrolment, keys_of, seed};
use crate::journal::{self, DeviceJournal};
use crate::registration::Registration;
use crate::report::{Report, Stop};

pub(crate) fn run(command: &arguments::Tickets, report: Report) -> Result<(), Stop> {
    match &command.question {
        TicketsQuestion::Fetch(fetch) => self::fetch(fetch, report),
        TicketsQuestion::List(away) => list(away, report),
        TicketsQuestion::Return(device) => give_back(device, report),
    }
}

fn fetch(command: &TicketsFetch, report: Report) -> Result<(), Stop> {
    let file = &command.device.enrolment;
    let mut people = vec![None; command.count.into()];
    for subject in &command.subject {
        people.push(Some(Subject::parse(subject.as_str())?));
    }
    if command.last {
        people.push(Some(Registration::read(&beside(file))?.subject()?));
    }
    let enrolment = Enrolment::read(file)?;
    let mut journal = DeviceJournal::open(file)?;
    let environment = enrolment.environment(false, Entropy::new(&*seed()?))?;
    let flow = visit::fetch_tickets(environment, journal.key()?, people, command.hours)?;
    let tickets = asked(&command.device, &enrolment, &mut journal, flow)?;
    tell(&tickets, &mut journal, report)?;
    report.line(format!(
        "{} kaigotap visit --enrolment {} --offline",
        report.text("At the home:", "ご自宅で："),
        file.display()
    ));
    Ok(())
}

fn list(command: &Away, report: Report) -> Result<(), Stop> {
    let enrolment = Enrolment::read(&command.enrolment)?;
    let mut journal = DeviceJournal::open(&command.enrolment)?;
    let environment = enrolment.offline(false, journal.key()?, Entropy::new(&*seed()?))?;
    let (mut card, mut http, mut screen) = (NoCard, NoHttp, NoScreen);
    let mut drivers =
        Drivers::new(&mut card, &mut http, &mut screen).with_store(&mut journal.store);
    let tickets = drive(visit::held_tickets(environment), &mut drivers)??;
    tell(&tickets, &mut journal, report)
}

fn give_back(command: &DeviceServer, report: Report) -> Result<(), Stop> {
    let enrolment = Enrolment::read(&command.enrolment)?;
    let mut journal = DeviceJournal::open(&command.enrolment)?;
    let environment = enrolment.environment(false, Entropy::new(&*seed()?))?;
    let flow = visit::return_tickets(environment, journal.key()?);
    let tickets = asked(command, &enrolment, &mut journal, flow)?;
    tell(&tickets, &mut journal, report)
}

fn asked(
    device: &DeviceServer,
    enrolment: &Enrolment,
    journal: &mut DeviceJournal,
    flow: Flow<Result<Tickets, Failure>>,
) -> Result<Tickets, Stop> {
    let mut http = enrolment.client(&device.enrolment, device.authority.as_deref())?;
    let mut keys = keys_of(&device.enrolment)?;
    let (mut card, mut screen) = (NoCard, NoScreen);
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen)
        .with_key(&mut keys)
        .with_store(&mut journal.store);
    Ok(drive(flow, &mut drivers)??)
}

fn tell(tickets: &Tickets, journal: &mut DeviceJournal, r: Report) -> Result<(), Stop> {
    journal.marked(tickets.mark)?;
    journal::tell(&tickets.findings, r);
    let until = tickets.held.iter().map(|held| held.until).min();
    let count = tickets.held.len();
    let of_people = tickets.held.iter().filter(|held| held.subject.is_some()).count();
    r.line(match until {
        None => r.text("No tickets are held.", "持ち出しはありません。").to_owned(),
        Some(until) => {
            let until = dates::moment(until, r.language);
            r.either(
                || format!("Tickets: {count} ({of_people} of them for one person), until {until}"),
                || {
                    format!(
                        "持ち出し {count}枚（うち相手を決めたもの {of_people}枚）  {until} まで"
                    )
                },
            )
        }
    });
    let held = tickets.held.iter().map(|held| {
        json!({ "subject": held.subject.as_ref().map(Subject::as_str), "until": held.until })
    });
    r.object(&json!({
        "outcome": "held",
        "tickets": held.collect::<Vec<_>>(),
        "findings": journal::found(&tickets.findings),
    }));
    Ok(())
}
