//! What each way of a visit costs on the network, as the first part of `docs/benchmarks/visit.md`: round trips and bytes,
//! counted between the virtual card and a sandbox, and seconds modelled from them.

use kaigotap::exchange::Way;
use kaigotap::flow::{Attributes, Request};
use kaigotap::kaigo::{ChosenPerson, Sex};
use kaigotap::visit::{Outcome, Plan, Registered};
use kaigotap_e2e::{Scene, Told};
use kaigotap_kit::hand::Hand;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Behaviour, Meter, Person};

/// As in `docs/benchmarks/card.md`: a command and its answer, a PIN to be compared, a signature, a byte.
const COMMAND_MS: f64 = 15.0;
const PIN_MS: f64 = 20.0;
const SIGNATURE_MS: f64 = 250.0;
const BYTE_MS: f64 = 10.0 / 106.0;
/// Round trips of a new connection: TCP, and TLS 1.3.
const CONNECTION: u64 = 2;
const NETWORKS_MS: [f64; 2] = [50.0, 300.0];

/// What was counted in a visit.
#[derive(Default)]
struct Cost {
    /// Round trips before the card is asked for.
    before: u64,
    /// Round trips after it was let go, or of a way without card all of them.
    after: u64,
    sent: u64,
    card: Meter,
}

impl Cost {
    /// Milliseconds from the card at the reader to the result, on a connection that is open.
    fn held_to_result(&self, round_trip: f64) -> f64 {
        let count = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        let Meter { commands, bytes_to_card, bytes_from_card, verify_attempts, signatures, .. } =
            self.card;
        count(commands) * COMMAND_MS
            + count(verify_attempts) * PIN_MS
            + count(signatures) * SIGNATURE_MS
            + count(bytes_to_card + bytes_from_card) * BYTE_MS
            + count(self.after) * round_trip
    }
}

fn main() {
    let world = World::start().expect("a sandbox");
    let person = Person::hanako();
    let mut costs: Vec<(&str, Cost)> = Vec::new();
    let mut scene = Scene::new(&world, Behaviour::modern());
    let (first, cost) = visit(&mut scene, |plan| plan);
    costs.push(("card and PIN, first visit", cost));

    let key = scene.key;
    let mut second = Scene::new(&world, Behaviour::modern());
    second.key = key;
    let birth = person.birth_date.to_string().parse().ok();
    let chosen = ChosenPerson::new(person.name_kana, birth, Some(Sex::Female)).expect("a person");
    let registered =
        Registered::new(chosen, first.confirmation.subject).expect("a registered person");
    let (_, cost) = visit(&mut second, |plan| plan.with_tap(registered.clone()));
    costs.push(("tap without PIN, later visits", cost));

    let handle = first.confirmation.registration.expect("a registration");
    let (_, cost) = visit(&mut second, |plan| {
        plan.with_registration(handle).beginning_with(Way::Registered).expect("a plan")
    });
    costs.push(("registered, seen again", cost));

    let own = |text: &str| text.to_owned().into();
    second.types = vec![Attributes {
        insurer_number: own("990010"),
        insured_number: own(&world.insured_number(&person).expect("an insured person")),
        name_kana: own(person.name_kana),
        birth_date: own(&person.birth_date.to_string()),
        sex: own("女性"),
    }];
    let (_, cost) =
        visit(&mut second, |plan| plan.beginning_with(Way::FourAttributes).expect("a plan"));
    costs.push(("paper certificate, typed", cost));
    world.stop();

    println!("## Round trips, and seconds to wait\n");
    println!(
        "From *hold the card* to the result; challenge and connection are ready before. Bytes are those of the requests' \
         bodies. A request that\nthe server answers with a fresh nonce is sent again and counts twice: that is the first \
         of a conversation. **Seconds are modelled**: of the\ncard as in [card.md](card.md), of the network a round trip \
         of 50 or 300 ms; nothing is added for processors. A new connection\ncosts {CONNECTION} round trips more. The \
         official ways publish no such figures.\n"
    );
    println!(
        "| way | round trips before the card | after it | bytes | card commands | at 50 ms | at 300 ms |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for (name, cost) in costs {
        let [near, far] = NETWORKS_MS.map(|network| cost.held_to_result(network) / 1e3);
        let Cost { before, after, sent, card } = cost;
        println!(
            "| {name} | {before} | {after} | {sent} | {} | {near:.1} s | {far:.1} s |",
            card.commands
        );
    }
    println!();
}

/// A visit that has to succeed, and its cost.
fn visit(scene: &mut Scene<'_>, plan: impl FnOnce(Plan) -> Plan) -> (Outcome, Cost) {
    let mut cost = Cost::default();
    let mut held = false;
    let before = scene.holder.card.meter();
    let told = scene.play_for(plan, |_, request| {
        match request {
            Request::Send(request) => {
                cost.sent += request.body.len() as u64;
                *if held { &mut cost.after } else { &mut cost.before } += 1;
            }
            Request::Connect(_) => held = true,
            _ => {}
        }
        Hand::Off
    });
    let after = scene.holder.card.meter();
    cost.card = Meter {
        commands: after.commands - before.commands,
        bytes_to_card: after.bytes_to_card - before.bytes_to_card,
        bytes_from_card: after.bytes_from_card - before.bytes_from_card,
        verify_attempts: after.verify_attempts - before.verify_attempts,
        signatures: after.signatures - before.signatures,
        ..after
    };
    if !held {
        // Nobody holds a card: all of it is waited for.
        (cost.before, cost.after) = (0, cost.before);
    }
    match told {
        Told::Verified(outcome) => (*outcome, cost),
        other => panic!("{other:?}"),
    }
}
