//! `kaigotap demo`: the whole visit in one process, over real sockets and a real database.

use std::time::{Duration, Instant};

use kaigotap::exchange::Entropy;
use kaigotap::flow::{Answer, FaceCheck, Progress, Prompt, Secret, Stage};
use kaigotap::link::device_key::MemoryKey;
use kaigotap::link::http::HttpClient;
use kaigotap::link::{Drivers, Screen, run as drive};
use kaigotap::message::{Code, Failure, Language};
use kaigotap::visit;
use kaigotap_recorder::Unusable;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Purpose, Rate};
use serde_json::{Map, Value, json};

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
    let mut card = virtual_card(&command.card)?;
    clock.ends("card_made");
    let world = World::start_for(std::slice::from_ref(&command.card.person))
        .map_err(|error| Stop::input("sandbox_failed", error.to_string(), "Try again."))?;
    let mut key = MemoryKey::generate().map_err(|_| Unusable("no randomness on this machine"))?;
    let enrolment = Enrolment::of(&world, key.public_key())?;
    let environment = enrolment.environment(true, Entropy::new(&*seed()?))?;
    // Loopback only, so a machine without a certificate store will do.
    let mut http = http::build(HttpClient::builder().trusting(&[]))?;
    clock.ends("platform_started");

    let pin = card.person().pin(Purpose::Authentication);
    let mut screen = Actors { report, pin, stage: Stage::Ready, clock: &mut clock };
    let visit = visit::start(Enrolment::plan()?, environment);
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen).with_key(&mut key);
    let mut outcome = drive(visit, &mut drivers)?;
    if command.method == Method::Tap {
        let first = outcome?;
        report.lines(report.text(
            "\nSome days later, the same person: the card is held to the phone, and nobody enters anything.\n",
            "\n数日後、同じ方の訪問。カードをかざすだけで、暗証番号は入力しません。\n",
        ));
        let person = Registration::of(&first.entitlement, &first.confirmation)
            .ok_or(Failure::from(Code::FirstPinRequired))?;
        let environment = enrolment.environment(true, Entropy::new(&*seed()?))?;
        let visit = visit::start(Enrolment::plan()?.with_tap(person.registered()?), environment);
        card = virtual_card(&command.card)?;
        let mut drivers = Drivers::new(&mut card, &mut http, &mut screen).with_key(&mut key);
        outcome = drive(visit, &mut drivers)?;
    }
    clock.ends(Actors::phase(Stage::Entitlement));
    let meter = card.meter();
    world.stop();

    let outcome = outcome?;
    let certificate = outcome.certificate.as_ref();
    show(&outcome.entitlement, &outcome.confirmation, certificate, report);
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
        "Next: `kaigotap demo --json`, `--profile plain`, `--profile torn-after:5`, or `kaigotap` for more.",
        "次に：kaigotap demo --json、--profile plain、--profile torn-after:5、ほかは kaigotap で。",
    ));
    let mut object = as_json(&outcome);
    // The platform that would take this token is gone with this process.
    object["access_token"] = outcome.confirmation.token.secret().into();
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

/// Nurse and holder, played by the demo.
struct Actors<'a> {
    report: Report,
    pin: &'static str,
    stage: Stage,
    clock: &'a mut Phases,
}

impl Actors<'_> {
    fn phase(stage: Stage) -> &'static str {
        match stage {
            Stage::FaceCheck => "face",
            Stage::Challenge => "challenge",
            Stage::AwaitCard | Stage::ReadCard => "card_read",
            Stage::EnterPin => "pin",
            Stage::Sign => "card_signs",
            Stage::Exchange => "token",
            Stage::Entitlement => "entitlement",
            _ => "other",
        }
    }

    fn step(&self, who: &str, what: &str) {
        self.report.line(format!("  {who}  {what}"));
    }
}

impl Screen for Actors<'_> {
    fn ask(&mut self, prompt: &Prompt) -> Answer {
        let r = self.report;
        match *prompt {
            Prompt::ConfirmFace => {
                self.step(
                    r.text("Nurse    ", "看護師  "),
                    r.text(
                        "looks at the face and at the photo on the card: they match",
                        "お顔とカードの写真を見比べ、一致を確認",
                    ),
                );
                Answer::Face(FaceCheck::Match)
            }
            Prompt::EnterPin { tries_left, .. } => {
                let tries_left = tries_left.unwrap_or_default();
                let left = match r.language {
                    Language::English => {
                        format!("is told that {tries_left} tries are left, and enters the PIN")
                    }
                    Language::Japanese => format!("残り{tries_left}回と案内され、暗証番号を入力"),
                };
                self.step(r.text("Holder   ", "ご本人  "), &left);
                Answer::Pin(Secret::new(self.pin))
            }
            _ => Answer::Cancelled,
        }
    }

    fn show(&mut self, progress: Progress) {
        if progress.stage == self.stage {
            return;
        }
        self.clock.ends(Self::phase(self.stage));
        self.stage = progress.stage;
        let r = self.report;
        let (who, what) = match progress.stage {
            Stage::Challenge => (
                r.text("Platform ", "基盤    "),
                r.text(
                    "gives a challenge, signed; the SDK knows the key",
                    "確認の依頼を受け、この訪問だけの番号を発行",
                ),
            ),
            Stage::ReadCard => (
                r.text("Card     ", "カード  "),
                r.text(
                    "is recognised; its certificate is read and judged",
                    "カードを認識し、電子証明書を読み取って確かめる",
                ),
            ),
            Stage::Sign => (
                r.text("Card     ", "カード  "),
                r.text(
                    "accepts the PIN and signs",
                    "暗証番号を確かめ、本人のカードであることを証明",
                ),
            ),
            Stage::Exchange => (
                r.text("Platform ", "基盤    "),
                r.text(
                    "checks the proof and grants a token; the card is already let go",
                    "カードの証明を確かめ、ご本人と認める（カードはもう離してよい）",
                ),
            ),
            Stage::Entitlement => (
                r.text("Platform ", "基盤    "),
                r.text(
                    "tells who this is and what they are entitled to",
                    "ご本人と受給の情報を回答",
                ),
            ),
            _ => return,
        };
        self.step(who, what);
    }
}

/// How long each phase took.
struct Phases {
    begun: Instant,
    last: Instant,
    took: Vec<(&'static str, Duration)>,
}

impl Phases {
    fn new() -> Self {
        let now = Instant::now();
        Self { begun: now, last: now, took: Vec::new() }
    }

    fn ends(&mut self, phase: &'static str) {
        let now = Instant::now();
        let took = now - self.last;
        self.last = now;
        match self.took.iter_mut().find(|(name, _)| *name == phase) {
            Some((_, sum)) => *sum += took,
            None => self.took.push((phase, took)),
        }
    }

    fn total(&self) -> Duration {
        self.last - self.begun
    }

    fn into_json(self) -> Value {
        let figure = |took: Duration| json!((took.as_secs_f64() * 10_000.0).round() / 10.0);
        let total = self.total();
        let mut object: Map<String, Value> = self
            .took
            .into_iter()
            .filter(|(name, _)| *name != "other")
            .map(|(name, took)| (name.to_owned(), figure(took)))
            .collect();
        object.insert("total".to_owned(), figure(total));
        object.into()
    }
}
