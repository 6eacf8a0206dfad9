//! What a program that drives this one is told while it runs: an object a line.

use kaigotap::flow::{
    Answer, Attribute, Attributes, Faulty, PinKind, PrintedField, PrintedFields, Progress, Prompt,
    Stage, Way, Ways, WhyNewPin, WhyPin,
};
use kaigotap::message::Language;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// A question. Its answer is a line on standard input.
pub(super) fn question(prompt: &Prompt, language: Language) -> Value {
    match *prompt {
        Prompt::ConfirmFace => {
            json!({ "event": "ask", "question": "confirm_face", "answers": ["match", "no_match"] })
        }
        Prompt::EnterPin { pin, tries_left, why } => json!({
            "event": "ask", "question": "enter_pin", "pin": pin_name(pin), "tries_left": tries_left,
            "why": why_pin(why),
        }),
        Prompt::EnterPrinted { tries_left, why, fault } => json!({
            "event": "ask", "question": "enter_printed", "tries_left": tries_left, "why": why_pin(why),
            "fields": ["birth_date", "expiry_year", "security_code"],
            "fault": fault.map(|fault| json!({
                "field": match fault.field {
                    PrintedField::BirthDate => "birth_date",
                    PrintedField::ExpiryYear => "expiry_year",
                    PrintedField::SecurityCode => "security_code",
                    _ => "other",
                },
                "faulty": faulty(fault.faulty),
            })),
        }),
        // The photo is for eyes: no stream carries it.
        Prompt::ConfirmPhoto { .. } => {
            json!({ "event": "ask", "question": "confirm_photo", "answers": ["match", "no_match"] })
        }
        Prompt::ChooseWay { after, ways } => json!({
            "event": "ask", "question": "choose_way",
            "after": {
                "code": after.code().as_str(), "message": after.message(language),
                "next_action": after.next_action(language), "tries_left": after.tries_left(),
            },
            "answers": ways.iter().map(Way::code).chain(["stop"]).collect::<Vec<_>>(),
        }),
        Prompt::EnterAttributes { way, fault, ref prefilled } => json!({
            "event": "ask", "question": "enter_attributes", "method": way,
            "fields": ["insurer_number", "insured_number", "name_kana", "birth_date", "sex"],
            "prefilled": { "birth_date": *prefilled.birth_date, "sex": *prefilled.sex },
            "fault": fault.map(|fault| json!({
                "field": match fault.attribute {
                    Attribute::InsurerNumber => "insurer_number",
                    Attribute::InsuredNumber => "insured_number",
                    Attribute::NameKana => "name_kana",
                    Attribute::BirthDate => "birth_date",
                    Attribute::Sex => "sex",
                    _ => "other",
                },
                "faulty": faulty(fault.faulty),
            })),
        }),
        Prompt::ConfirmBirthDate { birth_date, age } => json!({
            "event": "ask", "question": "confirm_birth_date", "birth_date": birth_date.to_string(),
            "japanese": birth_date.japanese(), "age": age, "answers": ["yes", "no"],
        }),
        Prompt::LastTry { pin, why } => json!({
            "event": "ask", "question": "last_try", "pin": pin_name(pin), "tries_left": 1, "why": why_pin(why),
            "answers": ["yes", "no"],
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

/// The way that a program chose, if it was offered; what else it says stops.
pub(super) fn way(line: &str, offered: Ways) -> Option<Answer> {
    Way::named(line.trim()).filter(|&way| offered.contains(way)).map(Answer::Way)
}

/// What was typed off a card, as an object. A member that is not there is empty, and asked for again.
pub(super) fn printed(line: &str) -> Option<Answer> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Typed {
        birth_date: Zeroizing<String>,
        expiry_year: Zeroizing<String>,
        security_code: Zeroizing<String>,
    }
    let Typed { birth_date, expiry_year, security_code } = serde_json::from_str(line).ok()?;
    Some(Answer::Printed(PrintedFields { birth_date, expiry_year, security_code }))
}

/// What was typed off a paper certificate, likewise.
pub(super) fn attributes(line: &str) -> Option<Answer> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Typed {
        insurer_number: Zeroizing<String>,
        insured_number: Zeroizing<String>,
        name_kana: Zeroizing<String>,
        birth_date: Zeroizing<String>,
        sex: Zeroizing<String>,
    }
    let Typed { insurer_number, insured_number, name_kana, birth_date, sex } =
        serde_json::from_str(line).ok()?;
    let typed = Attributes { insurer_number, insured_number, name_kana, birth_date, sex };
    Some(Answer::Attributes(typed))
}

fn why_pin(why: WhyPin) -> &'static str {
    match why {
        WhyPin::First => "first",
        WhyPin::Malformed => "malformed",
        WhyPin::Wrong => "wrong",
        WhyPin::CardRemoved => "card_removed",
        WhyPin::TriesGone => "tries_gone",
        _ => "other",
    }
}

fn faulty(faulty: Faulty) -> &'static str {
    match faulty {
        Faulty::Empty => "empty",
        Faulty::Length => "length",
        Faulty::Characters => "characters",
        Faulty::NoSuchDate => "no_such_date",
        Faulty::Ambiguous => "ambiguous",
        Faulty::Future => "future",
        Faulty::NotRight => "not_right",
        _ => "other",
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
        Stage::Keep => "keep",
        Stage::SendWaiting => "send_waiting",
        _ => "other",
    }
}
