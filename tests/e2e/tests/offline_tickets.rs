//! Tickets for visits without a network, on a device that is killed and shared: one that is held is good, and none that was
//! lost keeps anybody from others.

use kaigotap::message::Code;
use kaigotap::visit;
use kaigotap_e2e::field::{Field, Killed, away, card, every_cut, sent, waits};
use kaigotap_sandbox::STAFF_ID;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::Person;
use rstest::rstest;

/// Another nurse of the facility.
const OTHER: &str = "nurse-02";

#[test]
fn whatever_kills_a_fetching_tickets_can_be_fetched_again() {
    let world = World::start().unwrap();
    let card = card(Person::hanako());
    let mut field = away(&world, &card, 2);
    let requests = field.asked.len();
    for cut in every_cut(requests) {
        field = Field::new(&world, card.clone());
        field.kill(cut);
        assert!(field.fetch(STAFF_ID, &[None, None]).is_none(), "{cut:?}");
        let tickets = field.fetch(STAFF_ID, &[None]).unwrap().unwrap();
        assert!((1..=3).contains(&tickets.held.len()), "{cut:?}");
        assert!(tickets.findings.is_empty(), "{cut:?} {:?}", tickets.findings);
        field.covered = false;
        waits(&mut field);
        assert_eq!(sent(&mut field).confirmed, 1, "{cut:?}");
    }
}

#[test]
fn tickets_whose_answer_was_lost_keep_nobody_from_others() {
    let world = World::start().unwrap();
    let mut field = away(&world, &card(Person::hanako()), 1);
    waits(&mut field);
    field.covered = true;
    let asks = field.asked_to_fetch(STAFF_ID, 2);
    for _ in 0..9 {
        // The platform has given them, and the device is killed before it has them.
        field.kill(Killed::After(asks));
        assert!(field.fetch(STAFF_ID, &[None, None]).is_none());
    }
    let tickets = field.fetch(STAFF_ID, &vec![None; 5]).unwrap().unwrap();
    assert_eq!(tickets.held.len(), 5 + 2);
    // That of the visit that waits was not given back.
    assert_eq!(sent(&mut field).confirmed, 1);
}

/// Who gives back what a nurse has fetched.
#[derive(Clone, Copy, Debug)]
enum Back {
    /// Another, who fetches their own.
    Fetched,
    /// The nurse.
    Returned,
}

impl Back {
    fn give(self, field: &mut Field<'_>) -> Option<Result<(), Code>> {
        let told = match self {
            Self::Fetched => field.fetch(OTHER, &[None]),
            Self::Returned => {
                let flow = visit::return_tickets(field.environment(STAFF_ID), field.key());
                let told = field.converse(flow);
                field.marked(told, |tickets| tickets.mark)
            }
        };
        told.map(|told| told.map(drop).map_err(|failure| failure.code()))
    }
}

#[rstest]
#[case::another_fetches(Back::Fetched)]
#[case::it_is_given_back(Back::Returned)]
fn whatever_stops_tickets_from_going_back_one_that_is_held_is_good(#[case] back: Back) {
    let world = World::start().unwrap();
    let card = card(Person::hanako());
    let mut field = away(&world, &card, 3);
    field.covered = true;
    assert_eq!(back.give(&mut field), Some(Ok(())));
    let requests = field.asked.len();
    assert!(field.held(STAFF_ID).held.is_empty());
    let mut held = 0;
    let mut is_good = |field: &mut Field<'_>| {
        if !field.held(STAFF_ID).held.is_empty() {
            held += 1;
            waits(field);
            let report = sent(field);
            assert_eq!((report.confirmed, report.refused), (1, 0));
        }
    };
    for cut in every_cut(requests) {
        let mut field = away(&world, &card, 3);
        field.covered = true;
        field.kill(cut);
        assert!(back.give(&mut field).is_none(), "{cut:?}");
        is_good(&mut field);
    }
    for room in 0..3 {
        let mut field = away(&world, &card, 3);
        (field.covered, field.room) = (true, Some(room));
        let told = back.give(&mut field).unwrap();
        assert!(told.is_ok() || told == Err(Code::StoreFull), "{told:?}");
        field.room = None;
        is_good(&mut field);
    }
    let mut field = away(&world, &card, 3);
    assert_eq!(back.give(&mut field), Some(Err(Code::ServerUnreachable)));
    is_good(&mut field);
    assert!(held > 0);
}
