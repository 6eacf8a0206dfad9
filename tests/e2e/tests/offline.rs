//! Visits without a network, on a device that is shared, killed and meddled with: nothing that was confirmed is lost, nothing
//! is done twice, and nobody sees what is another's.

use std::time::Duration;

use jiff::SignedDuration;
use kaigotap::exchange::{Use, Way};
use kaigotap::flow::{Attributes, EntryName, Kind};
use kaigotap::kaigo::Assent;
use kaigotap::link;
use kaigotap::message::Code;
use kaigotap::visit::{self, EntryState, Finding, Plan};
use kaigotap_e2e::field::{Field, Killed, away, card, every_cut, sent, waits};
use kaigotap_sandbox::world::World;
use kaigotap_sandbox::{CertificatePurpose, Revocation, RevocationReason, STAFF_ID};
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};
use rstest::rstest;

/// Another nurse of the facility.
const OTHER: &str = "nurse-02";

/// A care manager, who may take consent.
const MANAGER: &str = "manager-21";

/// How many visits that were made without a network were confirmed.
fn confirmed(world: &World) -> usize {
    let records = world.wait(world.sandbox().audit().after(0)).expect("the records");
    records.iter().filter(|one| one.what == "offline_sent" && one.outcome == "ok").count()
}

#[test]
fn a_visit_without_a_network_waits_and_is_confirmed_when_there_is_one() {
    let world = World::start().unwrap();
    let mut field = away(&world, &card(Person::hanako()), 2);
    let waits = waits(&mut field);
    assert_eq!((waits.number, waits.way, waits.clock_set), (0, Way::CardPin, false));
    assert!(waits.face.is_some() && waits.certificate.is_some());
    assert_eq!(field.held(STAFF_ID).held.len(), 1);
    let view = field.journal(STAFF_ID);
    assert_eq!((view.entries[0].state, &*view.entries[0].label), (EntryState::Waiting, "Hanako"));
    assert_eq!(confirmed(&world), 0);

    // Nothing is sent where nobody answers, and when to try again is told: each time later.
    let mut last = SignedDuration::ZERO;
    for _ in 0..6 {
        let report = field.send(STAFF_ID).unwrap().unwrap();
        assert_eq!((report.confirmed, report.waiting), (0, 1));
        assert_eq!(report.held_up.map(|failure| failure.code()), Some(Code::ServerUnreachable));
        let again = report.again_after.unwrap();
        assert!(again > last && again <= SignedDuration::from_mins(15), "{again:?}");
        last = again / 2;
    }
    let report = sent(&mut field);
    assert_eq!((report.confirmed, report.refused, report.waiting, report.again), (1, 0, 0, 0));
    assert_eq!((report.opens.len(), report.again_after, confirmed(&world)), (1, None, 1));
    assert_eq!(field.journal(STAFF_ID).entries[0].state, EntryState::Confirmed);
    let told = visit::acknowledge(field.offline(STAFF_ID), [0]);
    field.converse(told).unwrap().unwrap();
    assert!(field.journal(STAFF_ID).entries.is_empty());
    assert_eq!(sent(&mut field).confirmed, 0);
}

#[test]
fn whatever_kills_a_visit_it_ends_with_exactly_one_confirmation() {
    let world = World::start().unwrap();
    let card = card(Person::hanako());
    let mut field = away(&world, &card, 2);
    waits(&mut field);
    let requests = field.asked.clone();
    assert_eq!(sent(&mut field).confirmed, 1);
    let (mut points, mut kept) = (0, 0);
    for cut in every_cut(requests.len()) {
        let mut field = away(&world, &card, 2);
        field.kill(cut);
        assert!(field.visit(STAFF_ID, "Hanako").is_none(), "{cut:?}");
        points += 1;
        let view = field.journal(STAFF_ID);
        assert!(view.findings.is_empty(), "{cut:?} {:?}", view.findings);
        match view.entries.len() {
            // Nobody was told that it waits: it is done once more.
            0 => drop(waits(&mut field)),
            waiting => {
                kept += 1;
                assert_eq!(waiting, 1, "{cut:?}");
            }
        }
        let before = confirmed(&world);
        let report = sent(&mut field);
        assert_eq!((report.confirmed, report.refused, report.waiting), (1, 0, 0), "{cut:?}");
        assert_eq!(confirmed(&world), before + 1, "{cut:?}");
        // The ticket that was used is held no more, and the other is good.
        assert_eq!(field.held(STAFF_ID).held.len(), 1, "{cut:?}");
        waits(&mut field);
        assert_eq!(sent(&mut field).confirmed, 1, "{cut:?}");
    }
    let writes = requests.iter().filter(|kind| matches!(kind, Kind::Keep | Kind::Forget)).count();
    println!(
        "a visit was killed at {points} points, {} of them around {writes} writes; {kept} had kept it",
        2 * writes
    );
    assert!(writes >= 3 && kept >= 2 * (writes - 1), "{writes} {kept}");
}

#[test]
fn whatever_kills_a_sending_it_ends_with_exactly_one_confirmation() {
    let world = World::start().unwrap();
    let card = card(Person::hanako());
    let start = || {
        let mut field = away(&world, &card, 2);
        waits(&mut field);
        waits(&mut field);
        field.covered = true;
        field
    };
    let mut field = start();
    assert_eq!(sent(&mut field).confirmed, 2);
    let requests = field.asked.clone();
    let mut points = 0;
    for cut in every_cut(requests.len()) {
        let mut field = start();
        let before = confirmed(&world);
        field.kill(cut);
        assert!(field.send(STAFF_ID).is_none(), "{cut:?}");
        points += 1;
        let report = sent(&mut field);
        assert_eq!((report.refused, report.waiting, report.findings.len()), (0, 0, 0), "{cut:?}");
        assert_eq!(confirmed(&world), before + 2, "{cut:?}");
        let view = field.journal(STAFF_ID);
        let states: Vec<_> = view.entries.iter().map(|entry| entry.state).collect();
        assert_eq!(states, [EntryState::Confirmed; 2], "{cut:?}");
    }
    println!("a sending was killed at {points} points");
}

#[test]
fn what_was_over_when_a_sending_was_killed_can_be_acknowledged() {
    let world = World::start().unwrap();
    let card = card(Person::hanako());
    let mut field = away(&world, &card, 2);
    waits(&mut field);
    sent(&mut field);
    let result = field.asked.iter().position(|kind| *kind == Kind::Keep).expect("a result");
    let mut field = away(&world, &card, 2);
    waits(&mut field);
    field.covered = true;
    field.kill(Killed::After(result));
    assert!(field.send(STAFF_ID).is_none());
    assert_eq!(field.journal(STAFF_ID).entries[0].state, EntryState::Confirmed);
    field.converse(visit::acknowledge(field.offline(STAFF_ID), [0])).unwrap().unwrap();
    assert!(field.journal(STAFF_ID).entries.is_empty());
}

#[test]
fn an_old_copy_that_is_put_back_is_noticed_and_has_no_second_effect() {
    let world = World::start().unwrap();
    let mut field = away(&world, &card(Person::hanako()), 2);
    waits(&mut field);
    let old = field.store.clone();
    assert_eq!(sent(&mut field).confirmed, 1);
    field.store = old;
    assert_eq!(field.journal(STAFF_ID).findings, [Finding::RolledBack]);
    let report = sent(&mut field);
    assert!(report.findings.contains(&Finding::RolledBack));
    assert_eq!((report.again, report.waiting, confirmed(&world)), (report.confirmed, 0, 1));
    // What is in it is not used again.
    assert!(field.held(STAFF_ID).held.is_empty());
}

#[test]
fn an_old_copy_is_noticed_by_the_platform_where_the_mark_is_as_old() {
    let world = World::start().unwrap();
    let mut field = away(&world, &card(Person::hanako()), 3);
    let (old, mark) = (field.store.clone(), field.mark);
    waits(&mut field);
    waits(&mut field);
    assert_eq!(sent(&mut field).confirmed, 2);
    (field.store, field.mark) = (old, mark);
    assert_eq!(field.held(STAFF_ID).held.len(), 3);
    field.covered = false;
    waits(&mut field);
    let report = sent(&mut field);
    // Its ticket, or its number, was used before.
    assert!(report.findings.contains(&Finding::RolledBack), "{report:?}");
    assert_eq!(report.waiting, 0);
    assert!(confirmed(&world) <= 3);
    let tickets = field.fetch(STAFF_ID, &[None]).unwrap().unwrap();
    assert!(!tickets.held.is_empty());
    field.covered = false;
    waits(&mut field);
    assert_eq!(sent(&mut field).confirmed, 1);
}

#[test]
fn what_was_changed_or_is_anothers_is_told_and_never_sent() {
    let world = World::start().unwrap();
    let card = card(Person::hanako());
    let mut field = away(&world, &card, 2);
    waits(&mut field);
    let entry = EntryName::parse("v-0000000000000000").unwrap();
    let whole = field.store[&entry].clone();
    for at in [0, 5, 15, 40, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        field.store.insert(entry.clone(), flipped);
        let report = sent(&mut field);
        assert_eq!((report.confirmed, report.findings.len()), (0, 1), "{at}");
    }
    let mut other = away(&world, &card, 1);
    waits(&mut other);
    field.store.insert(entry.clone(), other.store[&entry].clone());
    let report = sent(&mut field);
    assert_eq!(report.findings, [Finding::Foreign { number: Some(0) }]);
    assert_eq!(confirmed(&world), 0);
    field.store.insert(entry, whole);
    assert_eq!(sent(&mut field).confirmed, 1);
}

#[test]
fn two_nurses_on_one_device_see_nothing_of_each_other() {
    let world = World::start().unwrap();
    let mut field = away(&world, &card(Person::hanako()), 2);
    waits(&mut field);
    // The first one's ticket is none for the second.
    assert!(field.held(OTHER).held.is_empty());
    let stopped = field.visit(OTHER, "Taro").unwrap().unwrap_err();
    assert_eq!(stopped.code(), Code::TicketMissing);
    let view = field.journal(OTHER);
    assert_eq!((view.entries.len(), view.others_waiting), (0, 1));
    field.covered = true;
    let report = field.send(OTHER).unwrap().unwrap();
    assert_eq!((report.confirmed, report.opens.len()), (1, 0));
    let view = field.journal(OTHER);
    assert_eq!((view.entries.len(), view.others_waiting), (0, 0));
    field.converse(visit::acknowledge(field.offline(OTHER), [0])).unwrap().unwrap();
    assert_eq!(field.journal(STAFF_ID).entries[0].state, EntryState::Confirmed);
    // Whoever fetches takes the other's tickets from the device.
    field.fetch(OTHER, &[None]).unwrap().unwrap();
    assert!(field.held(STAFF_ID).held.is_empty());
}

#[rstest]
#[case(SignedDuration::from_hours(24), Duration::ZERO)]
#[case(SignedDuration::from_hours(-24), Duration::ZERO)]
#[case(SignedDuration::ZERO, Duration::from_secs(u64::MAX))]
fn a_date_that_is_set_changes_neither_order_nor_validity(
    #[case] set: SignedDuration,
    #[case] started: Duration,
) {
    let world = World::start().unwrap();
    let mut field = away(&world, &card(Person::hanako()), 2);
    field.set = set;
    field.started = started.min(link::now().monotonic);
    let first = waits(&mut field);
    assert_eq!(first.clock_set, !set.is_zero());
    field.set = SignedDuration::ZERO;
    let second = waits(&mut field);
    assert!(first.number < second.number && first.claimed_at <= second.claimed_at);
    assert_eq!(sent(&mut field).confirmed, 2);
}

#[test]
fn one_that_is_refused_or_late_holds_up_nobody_else() {
    let world = World::start().unwrap();
    let card = card(Person::hanako());
    let mut field = away(&world, &card, 3);
    waits(&mut field);
    let taro = VirtualCard::new(Person::taro(), Behaviour::modern()).unwrap();
    field.scene.holder.card = taro;
    waits(&mut field);
    let serial = Person::taro().serial(Purpose::Authentication).to_be_bytes();
    let lost = Revocation { reason: RevocationReason::KeyCompromise, invalid_since: None };
    let purpose = CertificatePurpose::Authentication;
    world.wait(world.sandbox().revoke_as(purpose, &serial, lost)).unwrap();
    field.scene.holder.card = card;
    waits(&mut field);
    let report = sent(&mut field);
    assert_eq!((report.confirmed, report.refused, report.waiting), (2, 1, 0));
    let states: Vec<_> = field.journal(STAFF_ID).entries.iter().map(|one| one.state).collect();
    let refused = EntryState::Refused(Code::CertificateRevoked);
    assert_eq!(states, [EntryState::Confirmed, refused, EntryState::Confirmed]);

    field.fetch(STAFF_ID, &[None]).unwrap().unwrap();
    waits(&mut field);
    world.sandbox().shift_clock(SignedDuration::from_hours(13));
    field.set = SignedDuration::from_hours(13);
    let report = sent(&mut field);
    assert_eq!((report.confirmed, report.expired, report.waiting), (0, 1, 0), "{report:?}");
}

#[test]
fn a_tap_and_the_paper_certificate_wait_too() {
    let world = World::start().unwrap();
    let person = Person::hanako();
    let mut field = Field::new(&world, card(person.clone()));
    let registered = field.registered();
    let subject = registered.1.clone();
    field.fetch(STAFF_ID, &[Some(subject), None]).unwrap().unwrap();
    field.covered = false;
    let plan = field.plan().with_tap(registered.0);
    let waits = field.visit_for(STAFF_ID, plan, "tap").unwrap().unwrap();
    assert_eq!(waits.way, Way::CardTap);

    field.scene.types = vec![typed(&world, &person)];
    let plan = field.plan().beginning_with(Way::FourAttributes).unwrap();
    let waits = field.visit_for(STAFF_ID, plan, "paper").unwrap().unwrap();
    assert_eq!(waits.way, Way::FourAttributes);
    let report = sent(&mut field);
    assert_eq!((report.confirmed, report.refused), (2, 0), "{report:?}");
}

fn typed(world: &World, person: &Person) -> Attributes {
    let own = |text: &str| text.to_owned().into();
    Attributes {
        insurer_number: own("990010"),
        insured_number: own(&world.insured_number(person).unwrap()),
        name_kana: own(person.name_kana),
        birth_date: own(&person.birth_date.to_string()),
        sex: own("女"),
    }
}

#[test]
fn what_is_noted_behind_a_visit_is_done_after_it() {
    let world = World::start().unwrap();
    let person = Person::all().into_iter().find(|one| one.id == "no-consent").unwrap();
    let mut field = Field::new(&world, card(person.clone()));
    field.fetch(MANAGER, &[None, None]).unwrap().unwrap();
    field.covered = false;
    let visit = |field: &mut Field<'_>, uses: &[Use]| {
        field.scene.holder.types = vec![person.pin(Purpose::Authentication)];
        let waits = field.visit_for(MANAGER, Plan::new(uses).unwrap(), "").unwrap();
        waits.unwrap().number
    };
    let for_view = visit(&mut field, &[Use::View, Use::Register]);
    let for_consent = visit(&mut field, &[Use::View, Use::Register, Use::Consent]);
    let given = Assent { explained: true, agreed: true };
    let note = |field: &mut Field<'_>, number, assent| {
        field.converse(visit::note_consent(field.offline(MANAGER), number, assent)).unwrap()
    };
    let not_given = Assent { explained: true, agreed: false };
    let refused = note(&mut field, for_consent, not_given).unwrap_err();
    assert_eq!(refused.code(), Code::AssentMissing);
    let refused = note(&mut field, 7, given).unwrap_err();
    assert_eq!(refused.code(), Code::OfflineVisitMissing);
    let first = note(&mut field, for_view, given).unwrap();
    let second = note(&mut field, for_consent, given).unwrap();
    assert_eq!((first.number, second.number), (2, 3));
    field.covered = true;
    let report = field.send(MANAGER).unwrap().unwrap();
    let view = field.journal(MANAGER);
    assert_eq!((report.confirmed, report.refused, report.waiting), (3, 1, 0), "{view:?}");
    let states: Vec<_> = view.entries.iter().map(|entry| entry.state).collect();
    // That visit was for no consent.
    assert!(matches!(states[2], EntryState::Refused(_)), "{view:?}");
    let records = world.wait(world.sandbox().audit().after(0)).unwrap();
    let taken = records.iter().filter(|one| one.what == "consent" && one.outcome == "ok");
    assert_eq!(taken.count(), 1);
}

#[test]
fn what_is_noted_behind_a_visit_that_is_not_taken_does_not_wait_for_ever() {
    let world = World::start().unwrap();
    let mut field = away(&world, &card(Person::hanako()), 1);
    let (old, mark) = (field.store.clone(), field.mark);
    waits(&mut field);
    assert_eq!(sent(&mut field).confirmed, 1);
    // Its ticket was used before: the platform keeps nothing of such a visit.
    (field.store, field.mark) = (old, mark);
    field.covered = false;
    let number = waits(&mut field).number;
    let given = Assent { explained: true, agreed: true };
    let note = visit::note_consent(field.offline(STAFF_ID), number, given);
    field.converse(note).unwrap().unwrap();
    let report = sent(&mut field);
    assert_eq!((report.confirmed, report.refused, report.waiting), (0, 2, 0), "{report:?}");
    assert!(report.held_up.is_none());
    let states: Vec<_> = field.journal(STAFF_ID).entries.iter().map(|one| one.state).collect();
    let refused = [Code::TicketUsed, Code::OfflineVisitMissing].map(EntryState::Refused);
    assert_eq!(states, refused);
}

#[rstest]
#[case("send")]
#[case("fetch")]
#[case("return")]
fn a_device_that_was_killed_forgets_everything_at_its_next_word(#[case] word: &str) {
    let world = World::start().unwrap();
    let mut field = away(&world, &card(Person::hanako()), 2);
    waits(&mut field);
    field.covered = true;
    let (environment, key) = (field.environment(STAFF_ID), field.key());
    let devices = world.wait(world.sandbox().devices()).unwrap();
    world.wait(world.sandbox().kill_device(&devices.last().unwrap().device_id)).unwrap();
    let said = match word {
        "send" => field.converse(visit::send_waiting(environment, key)).unwrap().map(drop),
        "fetch" => {
            let flow = visit::fetch_tickets(environment, key, [None], 1).unwrap();
            field.converse(flow).unwrap().map(drop)
        }
        _ => field.converse(visit::return_tickets(environment, key)).unwrap().map(drop),
    };
    assert_eq!(said.unwrap_err().code(), Code::DeviceRevoked);
    assert!(field.store.is_empty());
    assert_eq!(confirmed(&world), 0);
}

#[test]
fn a_full_store_keeps_nothing_and_says_so() {
    let world = World::start().unwrap();
    let mut field = away(&world, &card(Person::hanako()), 2);
    for room in 0..2 {
        field.room = Some(room);
        let failure = field.visit(STAFF_ID, "Hanako").unwrap().unwrap_err();
        assert_eq!(failure.code(), Code::StoreFull, "{room}");
        field.room = None;
        assert!(field.journal(STAFF_ID).entries.is_empty(), "{room}");
    }
    waits(&mut field);
    assert_eq!((sent(&mut field).confirmed, field.held(STAFF_ID).held.len()), (1, 1));
}

#[test]
fn a_visit_for_which_there_was_room_is_told_as_waiting_whatever_came_after() {
    let world = World::start().unwrap();
    let mut field = away(&world, &card(Person::hanako()), 2);
    field.room = Some(2);
    waits(&mut field);
    assert_eq!(field.room, Some(0));
    field.room = None;
    // The ticket that it answers is not there any more, even so.
    assert_eq!(field.held(STAFF_ID).held.len(), 1);
    assert_eq!((sent(&mut field).confirmed, confirmed(&world)), (1, 1));
}
