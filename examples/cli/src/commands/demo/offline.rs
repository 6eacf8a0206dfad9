//! A visit where there is no network, sent on the way back.

use kaigotap::exchange::{Entropy, Use};
use kaigotap::flow::Flow;
use kaigotap::kaigo::{self, Caller};
use kaigotap::link::store::FileStore;
use kaigotap::link::{Drivers, NoHttp, run as drive};
use kaigotap::message::{Code, Failure};
use kaigotap::visit::{self, EntryState, JournalKey};
use kaigotap_recorder::Unusable;
use serde_json::json;

use super::{Actors, Phone, Told};
use crate::enrolment::{Enrolment, seed};
use crate::report::Stop;

pub(super) fn play(phone: &mut Phone, screen: &mut Actors<'_>) -> Result<Told, Stop> {
    let folder = tempfile::tempdir().map_err(|_| Unusable("no temporary folder"))?;
    let mut store = FileStore::open(&folder.path().join("journal")).map_err(Failure::from)?;
    let secret = seed()?;
    let key = |mark| JournalKey::new(&*secret).map(|key| key.at_least(mark));

    screen.turn("Before leaving:", "出かける前に：");
    let environment = phone.enrolment.environment(true, Entropy::new(&*seed()?))?;
    let fetching = visit::fetch_tickets(environment, key(0)?, [None], 12)?;
    let tickets = phone.asked(fetching, &mut store, screen)?;
    screen.step(
        screen.report.text("Platform ", "基盤    "),
        screen.report.text("gives a ticket, good for 12 hours", "持ち出しを1枚発行（12時間有効）"),
    );

    screen.turn("At the home, where there is no network:", "ご自宅（圏外）で：");
    let environment = phone.enrolment.offline(true, key(tickets.mark)?, Entropy::new(&*seed()?))?;
    let flow = visit::start_offline(Enrolment::plan()?, environment, "")?;
    let mut nobody = NoHttp;
    let mut drivers = Drivers::new(&mut phone.card, &mut nobody, screen)
        .with_key(&mut phone.key)
        .with_store(&mut store);
    let waits = drive(flow, &mut drivers)??;

    screen.turn("On the way back:", "電波の届く所に戻って：");
    let environment = phone.enrolment.environment(true, Entropy::new(&*seed()?))?;
    let sending = visit::send_waiting(environment, key(waits.mark)?);
    let sent = phone.asked(sending, &mut store, screen)?;
    if let Some(failure) = sent.held_up {
        return Err(failure.into());
    }
    let Some((_, evidence)) = sent.opens.into_iter().next() else {
        // What is refused is told to whoever made it.
        let environment =
            phone.enrolment.offline(true, key(sent.mark)?, Entropy::new(&*seed()?))?;
        let told = phone.asked(visit::journal(environment), &mut store, screen)?;
        let why = told.entries.first().map(|entry| entry.state);
        let Some(EntryState::Refused(code)) = why else {
            return Err(Failure::from(Code::TicketExpired).into());
        };
        return Err(Failure::from(code).into());
    };
    let caller = |phone: &Phone| -> Result<_, Stop> {
        let token = phone.enrolment.staff_token()?;
        Ok(Caller::of(&phone.enrolment.told, token, Entropy::new(&*seed()?)))
    };
    let reopening = kaigo::reopen(caller(phone)?, evidence, [Use::View, Use::Register], []);
    let confirmation = phone.asked(reopening, &mut store, screen)?;
    let opening = kaigo::entitlement(caller(phone)?, confirmation.token.clone());
    let entitlement = phone.asked(opening, &mut store, screen)?;
    let object = json!({
        "outcome": "verified",
        "method": confirmation.way,
        "offline": true,
        "claimed_at": waits.claimed_at,
        "verified_at": confirmation.verified_at,
        "fresh_until": confirmation.fresh_until,
        "insurance_domain": confirmation.insurance_domain,
        "entitlement": entitlement,
    });
    Ok(Told { entitlement, confirmation, certificate: waits.certificate, object })
}

impl Phone {
    /// Runs a conversation that needs no card.
    fn asked<T>(
        &mut self,
        flow: Flow<Result<T, Failure>>,
        store: &mut FileStore,
        screen: &mut Actors<'_>,
    ) -> Result<T, Stop> {
        let mut drivers = Drivers::new(&mut self.card, &mut self.http, screen)
            .with_key(&mut self.key)
            .with_store(store);
        Ok(drive(flow, &mut drivers)??)
    }
}
