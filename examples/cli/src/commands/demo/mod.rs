//! `kaigotap demo`: the whole visit in one process, over real sockets and a real database.

mod actors;
mod offline;

use actors::{Actors, Phases};
use kaigotap::exchange::{Confirmation, Entropy};
use kaigotap::flow::Stage;
use kaigotap::kaigo::Entitlement;
use kaigotap::link::device_key::MemoryKey;
use kaigotap::link::http::HttpClient;
use kaigotap::link::{Drivers, run as drive};
use kaigotap::message::{Code, Failure, Language};
use kaigotap::pki::LocalVerdict;
use kaigotap::visit::{self, Outcome, Plan};
use kaigotap_recorder::Unusable;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Purpose, Rate, VirtualCard};
use serde_json::{Value, json};

use super::{virtual_card, visit::as_json, visit::show};
use crate::arguments::{Demo, Method};
use crate::enrolment::{Enrolment, seed};
use crate::http;
use crate::registration::Registration;
use crate::report::{Report, Stop};

pub(crate) fn run(command: &Demo, report: Report) -> Result<(), Stop> {
    report.lines(report.text(
        "A whole home visit on this machine. The card is virtual, the platform is a sandbox, the person is fictional.\n",
        "この端末の中で訪問の全体を実演します。カードは仮想、基盤は模擬、人物は架空です。\n",
    ));
    let mut clock = Phases::new();
    let card = virtual_card(&command.card)?;
    clock.ends("card_made");
    let world = World::start_for(std::slice::from_ref(&command.card.person))
        .map_err(|error| Stop::input("sandbox_failed", error.to_string(), "Try again."))?;
    let key = MemoryKey::generate().map_err(|_| Unusable("no randomness on this machine"))?;
    let enrolment = Enrolment::of(&world, key.public_key())?;
    // Loopback only, so a machine without a certificate store will do.
    let http = http::build(HttpClient::builder().trusting(&[]))?;
    clock.ends("platform_started");

    let pin = card.person().pin(Purpose::Authentication);
    let mut screen = Actors { report, pin, stage: Stage::Ready, clock: &mut clock };
    let mut phone = Phone { enrolment, card, http, key };
    let told = match command.method {
        Method::Pin => phone.visit(Enrolment::plan()?, &mut screen),
        Method::Tap => phone.tap(command, &mut screen),
        Method::Offline => offline::play(&mut phone, &mut screen),
    };
    clock.ends(Actors::phase(Stage::Entitlement));
    let meter = phone.card.meter();
    world.stop();

    let Told { entitlement, confirmation, certificate, mut object } = told?;
    show(&entitlement, &confirmation, certificate.as_ref(), report);
    report.line(match report.language {
        Language::English => format!(
            "Card: {} commands, {} bytes to it and {} from it.  Time: {} ms in all.",
            meter.commands,
            meter.bytes_to_card,
            meter.bytes_from_card,
            clock.total().as_millis()
        ),
        Language::Japanese => format!(
            "カード：{}コマンド、送信{}バイト、受信{}バイト。所要時間：{}ミリ秒。",
            meter.commands,
            meter.bytes_to_card,
            meter.bytes_from_card,
            clock.total().as_millis()
        ),
    });
    let tap = meter.modelled(Rate::Kbit106).as_secs_f64();
    report.line(match report.language {
        Language::English => format!("On a phone the card would have to be held for about {tap:.1} s (a model, not a measurement)."),
        Language::Japanese => format!("スマートフォンでカードをかざす時間の目安：約{tap:.1}秒（計算値であり実測ではありません）。"),
    });
    report.line(report.text(
        "Next: `kaigotap demo --method tap` or `offline`, `--json`, `--profile torn-after:5`, or `kaigotap` for more.",
        "次に：kaigotap demo --method tap（または offline）、--json、--profile torn-after:5、ほかは kaigotap で。",
    ));
    // The platform that would take this token is gone with this process.
    object["access_token"] = confirmation.token.secret().into();
    object["profile"] = command.card.profile.to_string().into();
    object["apdus"] = meter.commands.into();
    object["bytes_to_card"] = meter.bytes_to_card.into();
    object["bytes_from_card"] = meter.bytes_from_card.into();
    object["milliseconds"] = clock.into_json();
    object["modelled_tap_milliseconds"] = json!({
        "106_kbit": meter.modelled(Rate::Kbit106).as_millis(),
        "424_kbit": meter.modelled(Rate::Kbit424).as_millis(),
    });
    object["sandbox"] = json!(true);
    report.object(&object);
    Ok(())
}

/// The nurse's phone, with the card on it.
struct Phone {
    enrolment: Enrolment,
    card: VirtualCard,
    http: HttpClient,
    key: MemoryKey,
}

impl Phone {
    /// A visit where there is a network.
    fn visit(&mut self, plan: Plan, screen: &mut Actors<'_>) -> Result<Told, Stop> {
        let environment = self.enrolment.environment(true, Entropy::new(&*seed()?))?;
        let mut drivers =
            Drivers::new(&mut self.card, &mut self.http, screen).with_key(&mut self.key);
        let outcome = drive(visit::start(plan, environment), &mut drivers)??;
        let object = as_json(&outcome);
        let Outcome { entitlement, confirmation, certificate, .. } = outcome;
        Ok(Told { entitlement, confirmation, certificate, object })
    }

    /// A visit with card and PIN, and the next one.
    fn tap(&mut self, command: &Demo, screen: &mut Actors<'_>) -> Result<Told, Stop> {
        let first = self.visit(Enrolment::plan()?, screen)?;
        screen.turn(
            "Some days later, the same person: the card is held to the phone, and nobody enters anything.",
            "数日後、同じ方の訪問。カードをかざすだけで、暗証番号は入力しません。",
        );
        let person = Registration::of(&first.entitlement, &first.confirmation)
            .ok_or(Failure::from(Code::FirstPinRequired))?;
        self.card = virtual_card(&command.card)?;
        self.visit(Enrolment::plan()?.with_tap(person.registered()?), screen)
    }
}

/// What is known in the end, and the same for programs.
struct Told {
    entitlement: Entitlement,
    confirmation: Confirmation,
    certificate: Option<LocalVerdict>,
    object: Value,
}
