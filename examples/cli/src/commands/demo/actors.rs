//! Who plays in the demo, and how long it takes them.

use std::time::{Duration, Instant};

use kaigotap::flow::{Answer, FaceCheck, Progress, Prompt, Secret, Stage};
use kaigotap::link::Screen;
use kaigotap::message::Language;
use serde_json::{Map, Value, json};

use crate::report::Report;

/// Nurse and holder, played by the demo.
pub(super) struct Actors<'a> {
    pub(super) report: Report,
    pub(super) pin: &'static str,
    pub(super) stage: Stage,
    pub(super) clock: &'a mut Phases,
}

impl Actors<'_> {
    pub(super) fn phase(stage: Stage) -> &'static str {
        match stage {
            Stage::FaceCheck => "face",
            Stage::Challenge => "challenge",
            Stage::AwaitCard | Stage::ReadCard => "card_read",
            Stage::EnterPin => "pin",
            Stage::Sign => "card_signs",
            Stage::Exchange => "token",
            Stage::Entitlement => "entitlement",
            Stage::Keep => "kept",
            Stage::SendWaiting => "sent",
            _ => "other",
        }
    }

    /// What comes next, told to people.
    pub(super) fn turn(&self, english: &'static str, japanese: &'static str) {
        self.report.line("");
        self.report.line(self.report.text(english, japanese));
        self.report.line("");
    }

    pub(super) fn step(&self, who: &str, what: &str) {
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
            Stage::Keep => (
                r.text("Phone    ", "端末    "),
                r.text("keeps it sealed: it waits to be sent", "記録を暗号化して保存（送信待ち）"),
            ),
            Stage::SendWaiting => (
                r.text("Phone    ", "端末    "),
                r.text("sends what waits", "送信待ちの記録を送信"),
            ),
            _ => return,
        };
        self.step(who, what);
    }
}

/// How long each phase took.
pub(super) struct Phases {
    begun: Instant,
    last: Instant,
    took: Vec<(&'static str, Duration)>,
}

impl Phases {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { begun: now, last: now, took: Vec::new() }
    }

    pub(super) fn ends(&mut self, phase: &'static str) {
        let now = Instant::now();
        let took = now - self.last;
        self.last = now;
        match self.took.iter_mut().find(|(name, _)| *name == phase) {
            Some((_, sum)) => *sum += took,
            None => self.took.push((phase, took)),
        }
    }

    pub(super) fn total(&self) -> Duration {
        self.last - self.begun
    }

    pub(super) fn into_json(self) -> Value {
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
