//! What a program that drives this one is told while it runs: an object a line.

use kaigotap::flow::{PinKind, Progress, Prompt, Stage, WhyNewPin, WhyPin};
use serde_json::{Value, json};

/// A question. Its answer is a line on standard input.
pub(super) fn question(prompt: Prompt) -> Value {
    match prompt {
        Prompt::ConfirmFace => {
            json!({ "event": "ask", "question": "confirm_face", "answers": ["match", "no_match"] })
        }
        Prompt::EnterPin { pin, tries_left, why } => json!({
            "event": "ask", "question": "enter_pin", "pin": pin_name(pin), "tries_left": tries_left,
            "why": match why {
                WhyPin::First => "first",
                WhyPin::Malformed => "malformed",
                WhyPin::Wrong => "wrong",
                WhyPin::CardRemoved => "card_removed",
                WhyPin::TriesGone => "tries_gone",
                _ => "other",
            },
        }),
        Prompt::LastTry { pin } => json!({
            "event": "ask", "question": "last_try", "pin": pin_name(pin), "tries_left": 1, "answers": ["yes", "no"],
        }),
        Prompt::NewPin { pin, why } => json!({
            "event": "ask", "question": "new_pin", "pin": pin_name(pin),
            "why": match why {
                WhyNewPin::First => "first",
                WhyNewPin::Malformed => "malformed",
                WhyNewPin::Different => "different",
                _ => "other",
            },
        }),
        _ => json!({ "event": "ask", "question": "other" }),
    }
}

/// Where it stands.
pub(super) fn progress(progress: Progress) -> Value {
    json!({
        "event": "progress", "stage": stage_name(progress.stage), "done": progress.done, "total": progress.total,
    })
}

fn pin_name(pin: PinKind) -> &'static str {
    match pin {
        PinKind::Authentication => "authentication",
        PinKind::Signature => "signature",
        PinKind::InputSupport => "input_support",
        PinKind::VerificationNumberB => "verification_number_b",
        PinKind::BirthDate => "birth_date",
        _ => "other",
    }
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Ready => "ready",
        Stage::FaceCheck => "face_check",
        Stage::Challenge => "challenge",
        Stage::AwaitCard => "await_card",
        Stage::ReadCard => "read_card",
        Stage::EnterPin => "enter_pin",
        Stage::Sign => "sign",
        Stage::ChangePin => "change_pin",
        Stage::Exchange => "exchange",
        Stage::Entitlement => "entitlement",
        _ => "other",
    }
}
