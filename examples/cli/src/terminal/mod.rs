//! People at a terminal, or a program that stands in for them.

mod card_face;
mod entry;
mod events;
mod photo;
mod printed;
mod so_far;
mod ways;
mod words;

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use kaigotap::flow::{
    Answer, FaceCheck, PinKind, Progress, Prompt, Secret, Stage, WhyNewPin, WhyPin,
};
use kaigotap::link::Screen;
use kaigotap::message::{Code, Language};
use zeroize::Zeroizing;

use crate::arguments::PinOptions;
use crate::report::{Report, Stop, note, say};
pub(crate) use entry::first_line;
use entry::{Unseen, read_line, read_lines};
use so_far::{Held, SoFar};
use words::{answer, doing, name_of, wrong};

/// Where answers come from.
enum Answers {
    /// Somebody sits here.
    Person(Arc<AtomicBool>),
    /// Through a file descriptor, a line each; every one is used once.
    Given(Vec<Zeroizing<String>>),
    /// Through standard input, a line when it is asked for.
    Lines,
    /// Nobody can be asked.
    Nobody,
}

/// Asks at the terminal, or takes answers given beforehand.
pub(crate) struct Terminal {
    report: Report,
    face_confirmed: bool,
    last_try: bool,
    answers: Answers,
    stage: Stage,
    so_far: SoFar,
}

impl Terminal {
    pub(crate) fn new(
        report: Report,
        pin: &PinOptions,
        face_confirmed: bool,
    ) -> Result<Self, Stop> {
        let answers = match pin.pin_fd {
            Some(descriptor) => Answers::Given(read_lines(descriptor)?),
            None if pin.pin_stdin || report.events => Answers::Lines,
            None if std::io::stdin().is_terminal() => {
                // A question that is interrupted has to be cleaned up after.
                Answers::Person(report.listen())
            }
            None => Answers::Nobody,
        };
        Ok(Self {
            report,
            face_confirmed,
            last_try: pin.last_try,
            answers,
            stage: Stage::Ready,
            so_far: SoFar::default(),
        })
    }

    /// What came of the conversation, with what only this screen knows of it.
    pub(crate) fn explain<T>(&self, outcome: Result<T, Stop>) -> Result<T, Stop> {
        let code = match &outcome {
            Err(Stop::Failure(failure)) => failure.code(),
            _ => return outcome,
        };
        if code == Code::Cancelled && self.so_far.unasked {
            return Err(Stop::input(
                "no_terminal",
                "There is no terminal at which to ask for a PIN or the face check.",
                "Run it at a terminal, or give --pin-stdin or --pin-fd, and --face-confirmed.",
            ));
        }
        if code == Code::PinBlocked && self.so_far.held == Held::Presented {
            self.say(self.report.text(
                "The PIN was wrong. This entry has locked it.",
                "暗証番号が違いました。いまの入力で、ロックされました。",
            ));
        }
        outcome
    }

    fn say(&self, text: &str) {
        if self.report.json {
            note(text);
        } else {
            say(text);
        }
    }

    /// A line that may be seen, from whoever sits here; `None` if they want to stop.
    fn line(&self, question: &str) -> Option<String> {
        let Answers::Person(stop) = &self.answers else { return None };
        let _ = write!(std::io::stderr(), "{question}");
        let _ = std::io::stderr().flush();
        let (read, line) = channel();
        // Reading does not end when somebody wants to stop; so it is not waited for.
        std::thread::spawn(move || {
            let mut typed = String::new();
            let count = std::io::stdin().lock().read_line(&mut typed);
            let _ = read.send(count.ok().filter(|count| *count > 0).map(|_| typed));
        });
        loop {
            match line.recv_timeout(Duration::from_millis(50)) {
                Ok(typed) => return typed.filter(|_| !stop.load(Ordering::Relaxed)),
                Err(RecvTimeoutError::Timeout) if !stop.load(Ordering::Relaxed) => {}
                Err(_) => return None,
            }
        }
    }

    /// Yes or no; what is neither is asked again. `None` if nobody answers.
    fn yes(&self, question: &str) -> Option<bool> {
        let r = self.report;
        let question = format!("{question} {} ", r.text("[y/n]", "［はい／いいえ］"));
        loop {
            let answer = answer(&self.line(&question)?);
            if answer.is_some() {
                return answer;
            }
            self.say(r.text(
                "Please answer y or n. Ctrl-C stops.",
                "「はい」か「いいえ」でお答えください。やめるときは Ctrl-C を押します。",
            ));
        }
    }

    /// A hidden entry, asked for until there is one; `None` if they want to stop.
    fn hidden(&self, prompt: &str) -> Option<Zeroizing<String>> {
        loop {
            let typed = {
                let _unseen = Unseen::begin();
                let form = rpassword::ConfigBuilder::new().password_feedback_mask('*').build();
                rpassword::prompt_password_with_config(prompt, form).map(Zeroizing::new).ok()?
            };
            if !typed.is_empty() {
                return Some(typed);
            }
            self.say(self.report.text(
                "Nothing was entered. Ctrl-C stops.",
                "何も入力されていません。やめるときは Ctrl-C を押します。",
            ));
        }
    }

    /// The next answer of a program; `None` if there is none.
    fn given(&mut self, last: bool) -> Option<Zeroizing<String>> {
        match &mut self.answers {
            Answers::Given(lines) if last => lines.pop(),
            Answers::Given(lines) => (!lines.is_empty()).then(|| lines.remove(0)),
            Answers::Lines => read_line(),
            Answers::Nobody => {
                self.so_far.unasked = true;
                None
            }
            Answers::Person(_) => None,
        }
    }

    /// Whether somebody wants to stop.
    fn is_stopped(&self) -> bool {
        matches!(&self.answers, Answers::Person(stop) if stop.load(Ordering::Relaxed))
    }

    /// Whether somebody sits here: who can choose another way, and type.
    pub(crate) fn is_person(&self) -> bool {
        matches!(self.answers, Answers::Person(_))
    }

    fn new_pin(&mut self, kind: PinKind, why: WhyNewPin) -> Answer {
        let r = self.report;
        self.so_far.changing = true;
        if !self.is_person() {
            // The last of the lines: the new PIN is asked for before the old one, and given after it.
            return match self.given(true) {
                Some(new) => {
                    Answer::NewPin(Secret::new(new.as_bytes()), Secret::new(new.as_bytes()))
                }
                None => Answer::Cancelled,
            };
        }
        match why {
            WhyNewPin::Malformed => {
                self.say(r.text(
                    "That cannot be a PIN (length or characters).",
                    "桁数か文字が正しくありません。",
                ));
            }
            WhyNewPin::Different => {
                self.say(r.text("The two entries differ.", "2回の入力が一致しません。"));
            }
            _ => self.say(r.text(
                "First the new one, twice; then the one that holds now.",
                "先に新しいものを2回、次にいまのものを入力していただきます。",
            )),
        }
        let name = name_of(kind, r);
        let (first, again) = match r.language {
            Language::English => {
                (format!("Holder: new {name}: "), format!("Holder: new {name} again: "))
            }
            Language::Japanese => {
                (format!("ご本人：新しい{name}： "), format!("ご本人：新しい{name}をもう一度： "))
            }
        };
        match self.hidden(&first).and_then(|first| Some((first, self.hidden(&again)?))) {
            Some((first, second)) => {
                Answer::NewPin(Secret::new(first.as_bytes()), Secret::new(second.as_bytes()))
            }
            None => Answer::Cancelled,
        }
    }

    fn pin(&mut self, kind: PinKind, tries: Option<u8>, why: WhyPin) -> Answer {
        let r = self.report;
        let held = std::mem::replace(&mut self.so_far.held, Held::Card);
        let presented = held == Held::Presented;
        self.so_far.printed = None;
        if !self.is_person() {
            return match self.given(false) {
                Some(typed) => self.present(Secret::new(typed.as_bytes())),
                None => Answer::Cancelled,
            };
        }
        let printed = kind == PinKind::VerificationNumberB;
        match why {
            WhyPin::Malformed => self.say(r.text(
                "That cannot be the PIN (length or characters). It was not shown to the card.",
                "桁数か文字が正しくありません。カードには送っていないので、回数は減っていません。",
            )),
            WhyPin::Wrong if printed => self.say(r.text(
                "The card does not open with that. Look again at what is printed on it.",
                "この内容ではカードが開きません。カードの表をもう一度お確かめください。",
            )),
            // With one try left, that was said before it was asked whether to go on.
            WhyPin::Wrong if presented => self.say(wrong(r)),
            WhyPin::CardRemoved => self.say(r.text(
                "The card was pulled while it checked the PIN. The tries were read anew.",
                "確認中にカードが離れました。残り回数を読み直しました。",
            )),
            WhyPin::TriesGone => self.say(r.text(
                "Some tries are gone already. The PIN was not shown to the card; think again.",
                "すでに入力を誤った回数があります。暗証番号はカードに送っていません。もう一度お確かめください。",
            )),
            _ => self.say(r.text(
                "The card may stay where it is; take your time.",
                "カードは置いたままでかまいません。ゆっくり入力してください。",
            )),
        }
        if printed {
            return match self.printed() {
                Some(number) => self.present(number),
                None => Answer::Cancelled,
            };
        }
        let name = name_of(kind, r);
        let prompt = match (r.language, tries) {
            (Language::English, Some(1)) => format!("Holder: {}{name}, 1 try left: ", self.old()),
            (Language::English, Some(tries)) => {
                format!("Holder: {}{name}, {tries} tries left: ", self.old())
            }
            (Language::Japanese, Some(tries)) => format!(
                "ご本人：{}{name}（あと{tries}回まちがえると使えなくなります）： ",
                self.old()
            ),
            (Language::English, None) => format!("Holder: {}{name}: ", self.old()),
            (Language::Japanese, None) => format!("ご本人：{}{name}： ", self.old()),
        };
        match self.hidden(&prompt) {
            Some(typed) => self.present(Secret::new(typed.as_bytes())),
            None => Answer::Cancelled,
        }
    }

    fn old(&self) -> &'static str {
        if self.so_far.changing { self.report.text("present ", "いまの") } else { "" }
    }

    fn present(&mut self, pin: Secret) -> Answer {
        self.so_far.held = Held::Presented;
        Answer::Pin(pin)
    }

    /// Verification number B, of what the nurse reads off the card. It is printed, so it is not hidden.
    fn printed(&self) -> Option<Secret> {
        let r = self.report;
        self.say(r.text(
            "Nurse: three things that are printed on the face of the card open it.",
            "看護師：カードの表に印刷された3つの項目で開きます。",
        ));
        let unclear = |what: &'static str| self.say(what);
        loop {
            let birth = self.line(r.text(
                "  1. Date of birth (such as 1941-05-03 or S16.5.3): ",
                "  1. 生年月日（例：昭和16年5月3日）： ",
            ))?;
            let Some(birth) = printed::birth_date(&birth) else {
                unclear(r.text("That is no date of birth.", "生年月日として読み取れません。"));
                continue;
            };
            let year = self.line(r.text(
                "  2. Year in which the card expires, 4 digits (under the photo, such as 2035): ",
                "  2. カードの有効期限の年（西暦4桁。例：2035）： ",
            ))?;
            let code = self.line(r.text(
                "  3. Security code, 4 digits (at the lower right of the photo): ",
                "  3. セキュリティコード（顔写真の下にある4桁の数字）： ",
            ))?;
            match printed::number(birth, &year, &code) {
                Some(number) => return Some(number),
                None => unclear(r.text(
                    "These are not 4 digits each. Please once more.",
                    "年とコードは、それぞれ4桁の数字です。もう一度お願いします。",
                )),
            }
        }
    }

    fn last_try(&mut self, kind: PinKind, why: WhyPin) -> Answer {
        let r = self.report;
        if self.last_try {
            return Answer::Consent(true);
        }
        if !self.is_person() {
            let answered = if self.is_program() {
                self.given(false).and_then(|line| answer(&line))
            } else {
                None
            };
            return Answer::Consent(answered == Some(true));
        }
        // Whoever has just entered a PIN is told first what came of it.
        self.so_far.held = Held::Card;
        match why {
            WhyPin::Wrong if kind == PinKind::VerificationNumberB => self.say(r.text(
                "The card did not open with that.",
                "この内容では、カードが開きませんでした。",
            )),
            WhyPin::Wrong => self.say(wrong(r)),
            _ => {}
        }
        if kind == PinKind::VerificationNumberB {
            let question = r.text(
                "One try is left; a wrong entry now closes the photo in the card until the town hall opens it again. Go on?",
                "入力できるのは、あと1回です。まちがえると、市区町村の窓口で手続きするまで、カードの中の写真を開けなくなります。続けますか？",
            );
            return self.yes(question).map_or(Answer::Cancelled, Answer::Consent);
        }
        let question = r.text(
            "One try is left; a wrong entry now locks it until it is reset, at the town hall for example. Is the holder sure, and agrees?",
            "入力できるのは、あと1回です。間違えるとロックされ、市区町村の窓口などで再設定の手続きが必要です。ご本人が確実に覚えていて、同意されますか？",
        );
        self.yes(question).map_or(Answer::Cancelled, Answer::Consent)
    }

    fn face(&mut self) -> Answer {
        let r = self.report;
        if self.face_confirmed {
            return Answer::Face(FaceCheck::Match);
        }
        if self.is_program() {
            return self.face_by_program();
        }
        let matches = match &self.answers {
            Answers::Person(_) => self.yes(r.text(
                "Nurse: does the face match the photo printed on the card?",
                "看護師：お顔とカードの写真は、同じ方ですか？",
            )),
            Answers::Nobody => {
                self.so_far.unasked = true;
                None
            }
            _ => None,
        };
        match matches {
            Some(true) => Answer::Face(FaceCheck::Match),
            Some(false) => Answer::Face(FaceCheck::NoMatch),
            None => Answer::Cancelled,
        }
    }
}

impl Terminal {
    /// Whether a program reads the questions, and answers each with a line.
    pub(crate) fn is_program(&self) -> bool {
        self.report.events && matches!(self.answers, Answers::Lines)
    }

    /// What a program says that the nurse saw.
    fn face_by_program(&mut self) -> Answer {
        match self.given(false).as_ref().map(|line| line.trim()) {
            Some("match") => Answer::Face(FaceCheck::Match),
            Some("no_match") => Answer::Face(FaceCheck::NoMatch),
            _ => Answer::Cancelled,
        }
    }
}

impl Screen for Terminal {
    fn ask(&mut self, prompt: &Prompt) -> Answer {
        let is_answered = match prompt {
            Prompt::ConfirmFace => self.face_confirmed,
            Prompt::LastTry { .. } => self.last_try,
            _ => false,
        };
        if self.report.events && !is_answered {
            self.report.event(&events::question(prompt, self.report.language));
        }
        match prompt {
            Prompt::ConfirmFace => self.face(),
            Prompt::EnterPin { pin, tries_left, why } => self.pin(*pin, *tries_left, *why),
            Prompt::EnterPrinted { tries_left, why, fault } => {
                self.printed_fields(*tries_left, *why, *fault)
            }
            Prompt::ConfirmPhoto { photo } => self.photo(photo),
            Prompt::LastTry { pin, why } => self.last_try(*pin, *why),
            Prompt::NewPin { pin, why } => self.new_pin(*pin, *why),
            Prompt::ChooseWay { ways, .. } if self.is_program() => {
                let line = self.given(false);
                line.and_then(|line| events::way(&line, *ways)).unwrap_or(Answer::Cancelled)
            }
            Prompt::EnterAttributes { .. } if self.is_program() => {
                let line = self.given(false);
                line.and_then(|line| events::attributes(&line)).unwrap_or(Answer::Cancelled)
            }
            Prompt::ConfirmBirthDate { .. } if self.is_program() => {
                let right = self.given(false).and_then(|line| answer(&line));
                right.map_or(Answer::Cancelled, Answer::BirthDateIs)
            }
            Prompt::ChooseWay { after, ways } if self.is_person() => self.choose_way(*after, *ways),
            Prompt::EnterAttributes { way, fault, prefilled } if self.is_person() => {
                self.attributes(*way, *fault, prefilled)
            }
            Prompt::ConfirmBirthDate { birth_date, age } if self.is_person() => {
                self.birth_date(*birth_date, *age)
            }
            Prompt::EnterAttributes { .. } => {
                self.so_far.unasked = true;
                Answer::Cancelled
            }
            _ => Answer::Cancelled,
        }
    }

    fn show(&mut self, progress: Progress) {
        if self.report.events {
            self.report.event(&events::progress(progress));
        }
        if progress.stage == self.stage {
            return;
        }
        self.stage = progress.stage;
        match progress.stage {
            Stage::FaceCheck => self.so_far.held = Held::Nothing,
            Stage::AwaitCard => self.so_far.held = Held::Card,
            _ => {}
        }
        if self.report.json {
            return;
        }
        if let Some(text) = doing(self.report, progress.stage, &self.so_far) {
            self.say(text);
        }
    }
}
