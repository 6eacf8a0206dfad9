//! The face of a card: what the nurse types off it, and the photo in its chip.

use std::io::IsTerminal;

use kaigotap::flow::{
    Answer, ChipPhoto, FaceCheck, Faulty, PrintedFault, PrintedField, PrintedFields, WhyPin,
};
use kaigotap::message::Language;

use super::photo::Graphics;
use super::{Terminal, events};
use crate::report::Report;

impl Terminal {
    /// The three things that are printed on the card; after a fault, the faulty one anew. They are printed, so they are not
    /// hidden.
    pub(super) fn printed_fields(
        &mut self,
        tries_left: Option<u8>,
        why: WhyPin,
        fault: Option<PrintedFault>,
    ) -> Answer {
        let before = self.so_far.printed.replace(PrintedFields::default());
        if self.is_program() {
            let line = self.given(false);
            return line.and_then(|line| events::printed(&line)).unwrap_or(Answer::Cancelled);
        }
        if !self.is_person() {
            self.so_far.unasked = true;
            return Answer::Cancelled;
        }
        let r = self.report;
        let mut typed = before.unwrap_or_default();
        match (why, fault) {
            (_, Some(fault)) => self.say(what_is_wrong(fault.faulty, r)),
            (WhyPin::Wrong, _) => self.say(r.text(
                "The card does not open with that. Look again at what is printed on it.",
                "この内容ではカードが開きません。カードの表をもう一度お確かめください。",
            )),
            (WhyPin::CardRemoved, _) => self.say(r.text(
                "The card was pulled while it checked the number. The tries were read anew.",
                "確認中にカードが離れました。残り回数を読み直しました。",
            )),
            _ => self.say(r.text(
                "Nurse: three things that are printed on the face of the card open its photo.",
                "看護師：カードの表に印刷された3つの項目で、カードの中の写真を開きます。",
            )),
        }
        if fault.is_none() {
            typed = PrintedFields::default();
            match (r.language, tries_left) {
                (Language::English, Some(left)) => self.say(&format!("{left} tries left.")),
                (Language::Japanese, Some(left)) => {
                    self.say(&format!("あと{left}回まちがえると開けなくなります。"));
                }
                _ => {}
            }
        }
        for field in [PrintedField::BirthDate, PrintedField::ExpiryYear, PrintedField::SecurityCode]
        {
            if fault.is_some_and(|fault| fault.field != field) {
                continue;
            }
            let Some(line) = self.line(asked(field, r)) else { return Answer::Cancelled };
            let part = match field {
                PrintedField::ExpiryYear => &mut typed.expiry_year,
                PrintedField::SecurityCode => &mut typed.security_code,
                _ => &mut typed.birth_date,
            };
            line.trim().clone_into(part);
        }
        self.so_far.printed = Some(typed.clone());
        Answer::Printed(typed)
    }

    /// Shows the chip's photo, and has the nurse compare. Who has not seen it cannot say that it matches.
    pub(super) fn photo(&mut self, photo: &ChipPhoto) -> Answer {
        if self.is_program() {
            return self.face_by_program();
        }
        if !self.is_person() {
            self.so_far.unasked = true;
            return Answer::Cancelled;
        }
        let r = self.report;
        let is_terminal =
            if r.json { std::io::stderr().is_terminal() } else { std::io::stdout().is_terminal() };
        let graphics = Graphics::of(is_terminal, |name| std::env::var(name).ok());
        let drawn = photo.decode().ok().and_then(|photo| graphics.draw(&photo, size()));
        let Some(drawn) = drawn else {
            self.say(r.text(
                "The photo cannot be shown here: it takes a terminal (see KAIGOTAP_PHOTO in docs/cli.md).",
                "ここには写真を表示できません。写真を表示できる画面で、もう一度お試しください。",
            ));
            return Answer::Cancelled;
        };
        self.say(r.text(
            "This is the photo in the card, as it was issued:",
            "カードの中に記録されている、交付されたときの写真です：",
        ));
        self.say(&drawn);
        let matches = self.yes(r.text(
            "Nurse: is it the photo printed on the card, and the person before you?",
            "看護師：カードの表の写真と、目の前の方と、どちらとも同じ方ですか？",
        ));
        match matches {
            Some(true) => Answer::Face(FaceCheck::Match),
            Some(false) => Answer::Face(FaceCheck::NoMatch),
            None => Answer::Cancelled,
        }
    }
}

/// Columns and lines of the terminal.
fn size() -> (usize, usize) {
    #[cfg(unix)]
    for terminal in [std::io::stdout().is_terminal(), false] {
        let size = if terminal {
            rustix::termios::tcgetwinsize(std::io::stdout())
        } else {
            rustix::termios::tcgetwinsize(std::io::stderr())
        };
        if let Ok(size) = size
            && size.ws_col > 0
            && size.ws_row > 0
        {
            return (size.ws_col.into(), size.ws_row.into());
        }
    }
    (80, 40)
}

fn asked(field: PrintedField, r: Report) -> &'static str {
    match field {
        PrintedField::ExpiryYear => r.text(
            "  2. Year in which the card expires, 4 digits (such as 2035): ",
            "  2. 有効期限の年（西暦4桁。例：2035）： ",
        ),
        PrintedField::SecurityCode => r.text(
            "  3. Security code, 4 digits (beside the photo): ",
            "  3. セキュリティコード（顔写真の近くにある数字4桁）： ",
        ),
        _ => r.text(
            "  1. Date of birth, 6 digits: year of the era, month, day (昭和16年5月3日 is 160503): ",
            "  1. 生年月日（数字6桁。昭和16年5月3日は160503）： ",
        ),
    }
}

fn what_is_wrong(faulty: Faulty, r: Report) -> &'static str {
    match faulty {
        Faulty::Empty => r.text("Nothing was entered here.", "入力されていません。"),
        Faulty::Length => r.text(
            "That is not the right number of digits. No try was used.",
            "桁数が違います。回数は減っていません。",
        ),
        Faulty::NoSuchDate => r.text(
            "There is no such date. No try was used.",
            "その日付はありません。回数は減っていません。",
        ),
        _ => r.text(
            "Only digits can stand there. No try was used.",
            "数字だけで入力してください。回数は減っていません。",
        ),
    }
}
