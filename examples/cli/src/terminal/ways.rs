//! The way that comes next, and what a nurse types from the paper certificate.

use kaigotap::date::PartialDate;
use kaigotap::flow::{Answer, Attribute, AttributeFault, Attributes, Faulty, Way, Ways};
use kaigotap::message::{Code, Failure, FailureKind, Language};

use super::Terminal;
use crate::report::{Report, Stop};

impl Terminal {
    /// Says why one way failed, and has the nurse choose the next.
    pub(super) fn choose_way(&self, after: Failure, ways: Ways) -> Answer {
        let r = self.report;
        if self.is_stopped() {
            return Answer::Cancelled;
        }
        if self.so_far.printed.is_some() && Failure::from(after.code()).kind() == FailureKind::Pin {
            // Not the holder's PIN: nothing of it is wrong, and nothing has to be done about it.
            self.say(r.text(
                "The photo in the card could not be opened with what is printed on it.",
                "カードに印刷された内容では、カードの中の写真を開けませんでした。",
            ));
        } else {
            self.say(&after.message(r.language));
            self.say(&after.next_action(r.language));
        }
        self.say(r.text("What next?", "次の方法を選んでください。"));
        let ways: Vec<Way> = ways.iter().collect();
        for (at, way) in (1..).zip(&ways) {
            self.say(&format!("  {at}. {}", name_of(*way, r)));
        }
        let paper = ways.len() + 1;
        let last = r.text("none of these; note it on paper", "どれも使わず、紙に控えて終わる");
        self.say(&format!("  {paper}. {last}"));
        loop {
            let Some(line) = self.line(r.text("Number: ", "番号： ")) else {
                return Answer::Cancelled;
            };
            match number(&line) {
                Some(chosen) if chosen == paper => return Answer::Cancelled,
                Some(chosen) => {
                    if let Some(way) = chosen.checked_sub(1).and_then(|at| ways.get(at)) {
                        return Answer::Way(*way);
                    }
                }
                None => {}
            }
            self.say(
                r.text("Please type one of the numbers.", "表示されている番号を入力してください。"),
            );
        }
    }

    /// What to note on paper where no way was left.
    pub(crate) fn note(&self, stop: &Stop) {
        let Stop::Failure(failure) = stop else { return };
        if failure.code() == Code::Cancelled {
            return;
        }
        let r = self.report;
        self.say(r.text("To note on paper:", "紙に控えておくこと："));
        for note in failure.to_note() {
            self.say(&format!("  {} {}", r.text("-", "・"), note.text(r.language)));
        }
    }

    /// What stands on the paper certificate; after a fault, the faulty part anew.
    /// Where the card has told a part, nothing need be typed there.
    pub(super) fn attributes(
        &mut self,
        way: Way,
        fault: Option<AttributeFault>,
        prefilled: &Attributes,
    ) -> Answer {
        let r = self.report;
        let mut typed = std::mem::take(&mut self.so_far.attributes);
        if fault.is_none() {
            typed = prefilled.clone();
            self.say(r.text(
                "Nurse: type what stands on the paper certificate.",
                "看護師：被保険者証を見て入力してください。",
            ));
            if way == Way::Disaster {
                self.say(r.text(
                    "The two numbers may be left empty.",
                    "番号が分からないときは、2つとも空のままでかまいません。",
                ));
            }
        }
        let all = [
            Attribute::InsurerNumber,
            Attribute::InsuredNumber,
            Attribute::NameKana,
            Attribute::BirthDate,
            Attribute::Sex,
        ];
        for attribute in all {
            if let Some(fault) = fault {
                if fault.attribute != attribute {
                    continue;
                }
                self.say(why(fault.faulty, r));
            }
            let known = (fault.is_none()).then(|| known(attribute, prefilled, r)).flatten();
            let question = match &known {
                Some(known) => format!("{}{known} ", asked(attribute, r)),
                None => asked(attribute, r).to_owned(),
            };
            let Some(line) = self.line(&question) else { return Answer::Cancelled };
            if known.is_some() && line.trim().is_empty() {
                continue;
            }
            let part = match attribute {
                Attribute::InsurerNumber => &mut typed.insurer_number,
                Attribute::InsuredNumber => &mut typed.insured_number,
                Attribute::BirthDate => &mut typed.birth_date,
                Attribute::Sex => &mut typed.sex,
                _ => &mut typed.name_kana,
            };
            line.trim().clone_into(part);
        }
        self.so_far.attributes = typed.clone();
        Answer::Attributes(typed)
    }

    /// Reads the date of birth back.
    pub(super) fn birth_date(&self, birth: PartialDate, age: Option<u16>) -> Answer {
        let r = self.report;
        let question = match (r.language, age) {
            (Language::English, Some(age)) => format!("Born {birth}, aged {age}. Is that right?"),
            (Language::English, None) => format!("Born {birth}. Is that right?"),
            (Language::Japanese, Some(age)) => {
                format!("生年月日は {}（{age}歳）ですか？", birth.japanese())
            }
            (Language::Japanese, None) => format!("生年月日は {} ですか？", birth.japanese()),
        };
        self.yes(&question).map_or(Answer::Cancelled, Answer::BirthDateIs)
    }
}

/// A number that somebody typed, on whatever keyboard.
fn number(line: &str) -> Option<usize> {
    let narrow = |c: char| match c {
        '０'..='９' => u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c),
        other => other,
    };
    line.trim().chars().map(narrow).collect::<String>().parse().ok()
}

fn name_of(way: Way, r: Report) -> &'static str {
    match way {
        Way::CardTap => r.text("the card, without PIN", "カードをかざす（暗証番号なし）"),
        Way::CardPin => r.text("the card and its PIN", "カードと暗証番号"),
        Way::Registered => {
            r.text("seen again, without a card", "登録ずみの利用者として見る（カードなし）")
        }
        Way::FaceCheck => r.text(
            "the photo in the card, then the paper certificate (no PIN)",
            "カードの中の写真と、被保険者証（暗証番号なし）",
        ),
        Way::Disaster => r.text("the rules for disasters", "災害時の取り扱い"),
        _ => r.text("the paper certificate", "被保険者証を見て入力する"),
    }
}

/// What the card has told of it, which stands unless something else is typed.
fn known(attribute: Attribute, prefilled: &Attributes, r: Report) -> Option<String> {
    let known = match attribute {
        Attribute::BirthDate => {
            let birth: PartialDate = prefilled.birth_date.parse().ok()?;
            match r.language {
                Language::English => birth.to_string(),
                Language::Japanese => birth.japanese(),
            }
        }
        Attribute::Sex => match prefilled.sex.as_str() {
            "male" => r.text("male", "男").to_owned(),
            "female" => r.text("female", "女").to_owned(),
            _ => return None,
        },
        _ => return None,
    };
    Some(match r.language {
        Language::English => format!("[{known}: Enter if so]"),
        Language::Japanese => format!("［{known} でよければEnter］"),
    })
}

fn asked(attribute: Attribute, r: Report) -> &'static str {
    match attribute {
        Attribute::InsurerNumber => {
            r.text("  Insurer number (6 digits): ", "  保険者番号（数字6桁）： ")
        }
        Attribute::InsuredNumber => {
            r.text("  Insured number (10 digits): ", "  被保険者番号（数字10桁）： ")
        }
        Attribute::BirthDate => r.text(
            "  Date of birth (such as 1941-05-03 or S16.5.3): ",
            "  生年月日（例：昭和16年5月3日）： ",
        ),
        Attribute::Sex => r.text("  Sex (male or female): ", "  性別（男・女）： "),
        _ => r.text("  Name in kana: ", "  氏名（カナ）： "),
    }
}

fn why(faulty: Faulty, r: Report) -> &'static str {
    match faulty {
        Faulty::Empty => r.text("Nothing was entered here.", "入力されていません。"),
        Faulty::Length => r.text("That is not the right number of digits.", "桁数が違います。"),
        Faulty::NoSuchDate => r.text("There is no such date.", "その日付はありません。"),
        Faulty::Ambiguous => r.text(
            "That date can be read in two ways. Put the era or a year of 4 digits first.",
            "2通りに読める日付です。元号（昭和など）か、西暦4桁の年から入力してください。",
        ),
        Faulty::Future => r.text("That date has not come yet.", "まだ来ていない日付です。"),
        Faulty::NotRight => r.text("Please type it again.", "もう一度入力してください。"),
        _ => r.text(
            "Something in it cannot stand there.",
            "使えない文字が入っています（氏名はカナで入力してください）。",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_typed_on_any_keyboard() {
        for (line, read) in [("1\n", Some(1)), (" ２ ", Some(2)), ("", None), ("x", None)] {
            assert_eq!(number(line), read);
        }
    }
}
