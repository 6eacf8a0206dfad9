//! People at a terminal.

use std::fs::File;
use std::io::{BufRead, ErrorKind, IsTerminal, Read, Write};

use kaigotap::flow::{
    Answer, FaceCheck, PinKind, Progress, Prompt, Secret, Stage, WhyNewPin, WhyPin,
};
use kaigotap::link::Screen;
use kaigotap::message::Language;
use zeroize::Zeroizing;

use crate::arguments::PinOptions;
use crate::report::{Report, Stop};

/// Asks at the terminal, or takes answers given beforehand.
pub(crate) struct Terminal {
    report: Report,
    face_confirmed: bool,
    last_try: bool,
    /// Given through a file descriptor, a line each; every one is used once.
    given: Vec<Zeroizing<String>>,
    interactive: bool,
    stage: Stage,
}

impl Terminal {
    pub(crate) fn new(
        report: Report,
        pin: &PinOptions,
        face_confirmed: bool,
    ) -> Result<Self, Stop> {
        let given = pin.pin_fd.map(read_lines).transpose()?;
        let interactive = given.is_none() && std::io::stdin().is_terminal();
        if interactive {
            // A question that is interrupted has to be cleaned up after.
            crate::interrupt::listen();
        }
        Ok(Self {
            report,
            face_confirmed,
            last_try: pin.last_try,
            interactive,
            given: given.unwrap_or_default(),
            stage: Stage::Ready,
        })
    }

    fn say(&self, text: &str) {
        if self.report.json {
            eprintln!("{text}");
        } else {
            println!("{text}");
        }
    }

    fn yes(&self, question: &str) -> bool {
        if !self.interactive {
            return false;
        }
        eprint!("{question} [y/N] ");
        let _ = std::io::stderr().flush();
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes" | "はい")
    }

    fn new_pin(&mut self, kind: PinKind, why: WhyNewPin) -> Answer {
        let r = self.report;
        // The last of the lines: the new PIN is asked for before the old one, and given after it.
        if let Some(new) = self.given.pop() {
            return Answer::NewPin(Secret::new(new.as_bytes()), Secret::new(new.as_bytes()));
        }
        if !self.interactive {
            return Answer::Cancelled;
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
            _ => {}
        }
        let name = name_of(kind, r);
        let _unseen = Unseen::begin();
        let ask =
            |what: &str| rpassword::prompt_password(format!("{what} {name}: ")).map(Zeroizing::new);
        match (ask(r.text("New", "新しい")), ask(r.text("Again, new", "もう一度、新しい")))
        {
            (Ok(first), Ok(second)) => {
                Answer::NewPin(Secret::new(first.as_bytes()), Secret::new(second.as_bytes()))
            }
            _ => Answer::Cancelled,
        }
    }

    fn pin(&mut self, kind: PinKind, tries: Option<u8>, why: WhyPin) -> Answer {
        let r = self.report;
        if !self.given.is_empty() {
            return Answer::Pin(Secret::new(self.given.remove(0).as_bytes()));
        }
        if !self.interactive {
            return Answer::Cancelled;
        }
        match why {
            WhyPin::Malformed => self.say(r.text(
                "That cannot be the PIN (length or characters). It was not shown to the card.",
                "桁数か文字が正しくありません。カードには送っていません。",
            )),
            WhyPin::Wrong => self.say(r.text("The PIN was wrong.", "暗証番号が違います。")),
            WhyPin::CardRemoved => self.say(r.text(
                "The card was pulled while it checked the PIN. The tries were read anew.",
                "確認中にカードが離れました。残り回数を読み直しました。",
            )),
            WhyPin::TriesGone => self.say(r.text(
                "Some tries are gone already. The PIN was not shown to the card; think again.",
                "すでに入力を誤った回数があります。暗証番号はカードに送っていません。もう一度お確かめください。",
            )),
            _ => {}
        }
        let name = name_of(kind, r);
        let prompt = match (r.language, tries) {
            (Language::English, Some(tries)) => format!("Holder: {name}, {tries} tries left: "),
            (Language::Japanese, Some(tries)) => format!("ご本人：{name}、残り{tries}回： "),
            (Language::English, None) => format!("Holder: {name}: "),
            (Language::Japanese, None) => format!("ご本人：{name}： "),
        };
        let _unseen = Unseen::begin();
        match rpassword::prompt_password(prompt).map(Zeroizing::new) {
            Ok(typed) if !typed.is_empty() => Answer::Pin(Secret::new(typed.as_bytes())),
            _ => Answer::Cancelled,
        }
    }
}

fn name_of(kind: PinKind, r: Report) -> &'static str {
    match kind {
        PinKind::Signature => r.text("signature password", "署名用パスワード"),
        PinKind::VerificationNumberB => {
            r.text("verification number B (14 digits)", "照合番号B（数字14桁）")
        }
        PinKind::BirthDate => {
            r.text("birth date (YYMMDD, Japanese era)", "生年月日（和暦、数字6桁）")
        }
        _ => r.text("PIN (4 digits)", "暗証番号（数字4桁）"),
    }
}

impl Screen for Terminal {
    fn ask(&mut self, prompt: &Prompt) -> Answer {
        let r = self.report;
        match *prompt {
            Prompt::ConfirmFace if self.face_confirmed => Answer::Face(FaceCheck::Match),
            Prompt::ConfirmFace if !self.interactive => Answer::Cancelled,
            Prompt::ConfirmFace => Answer::Face(
                if self.yes(r.text(
                    "Nurse: does the face match the photo printed on the card?",
                    "看護師：お顔とカードの写真は一致しますか？",
                )) {
                    FaceCheck::Match
                } else {
                    FaceCheck::NoMatch
                },
            ),
            Prompt::EnterPin { pin, tries_left, why } => self.pin(pin, tries_left, why),
            Prompt::LastTry { .. } => Answer::Consent(
                self.last_try
                    || self.yes(r.text(
                        "One try is left; a wrong PIN now locks it until a visit to the town hall. Is the holder sure, and agrees?",
                        "残り1回です。間違えるとロックされ、市区町村の窓口での手続きが必要です。ご本人が確実に覚えていて、同意されますか？",
                    )),
            ),
            Prompt::NewPin { pin, why } => self.new_pin(pin, why),
            _ => Answer::Cancelled,
        }
    }

    fn show(&mut self, progress: Progress) {
        if progress.stage == self.stage || self.report.json {
            return;
        }
        self.stage = progress.stage;
        if let Some(text) = doing(self.report, progress.stage) {
            self.say(text);
        }
    }
}

/// A terminal that does not show what is typed. The question is printed by `rpassword` a moment before it hides the
/// answer itself; a PIN that is typed or pasted in that moment would be seen. What was typed ahead is thrown away.
struct Unseen {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Unseen {
    #[cfg(unix)]
    fn begin() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

        let input = std::io::stdin();
        let before = tcgetattr(&input).ok();
        if let Some(before) = &before {
            let mut unseen = before.clone();
            unseen.local_modes -= LocalModes::ECHO;
            let _ = tcsetattr(&input, OptionalActions::Flush, &unseen);
        }
        Self { before }
    }

    #[cfg(not(unix))]
    fn begin() -> Self {
        Self {}
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(before) = &self.before {
            use rustix::termios::{OptionalActions, tcsetattr};
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// What happens in a stage, for the person who waits.
pub(crate) fn doing(r: Report, stage: Stage) -> Option<&'static str> {
    Some(match stage {
        Stage::FaceCheck => r.text("Face check …", "お顔の確認 …"),
        Stage::Challenge => {
            r.text("Asking the server for a challenge …", "サーバーに確認を依頼しています …")
        }
        Stage::AwaitCard => {
            r.text("Hold the card to the reader.", "カードをリーダーにかざしてください。")
        }
        Stage::ReadCard => r.text(
            "Reading the card; hold it still …",
            "カードを読み取り中です。動かさないでください …",
        ),
        Stage::Sign => r.text(
            "The card checks the PIN and signs; hold it still …",
            "暗証番号を確認して署名中です。動かさないでください …",
        ),
        Stage::ChangePin => r.text(
            "The card changes the PIN; hold it still …",
            "暗証番号を変更中です。動かさないでください …",
        ),
        Stage::Exchange => r.text(
            "Done with the card. Asking for a token …",
            "カードを離してください。トークンを取得中です …",
        ),
        Stage::Entitlement => r.text("Fetching the entitlement …", "受給の情報を取得中です …"),
        _ => return None,
    })
}

/// The lines from an open file descriptor: a PIN each.
fn read_lines(descriptor: u32) -> Result<Vec<Zeroizing<String>>, Stop> {
    let unreadable = || {
        Stop::input(
            "pin_unreadable",
            format!("The PIN cannot be read from file descriptor {descriptor}."),
            "Open a file or a pipe for reading, for example: kaigotap … --pin-fd 3 3<pinfile",
        )
    };
    let file = File::open(format!("/dev/fd/{descriptor}")).map_err(|_| unreadable())?;
    // Four lines are more than any question needs, and a file that never ends must not keep us. What is read goes into
    // one piece of memory, which never moves and is wiped: a buffered reader would keep a copy.
    let mut text = Zeroizing::new(Vec::with_capacity(512));
    let mut piece = Zeroizing::new([0; 64]);
    let mut file = file.take(256);
    loop {
        match file.read(&mut *piece) {
            Ok(0) => break,
            Ok(count) => text.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(unreadable()),
        }
        if text.split(|&byte| byte == b'\n').count() > 4 {
            break;
        }
    }
    let text = std::str::from_utf8(&text).map_err(|_| unreadable())?;
    Ok(text.lines().take(4).map(|line| Zeroizing::new(line.to_owned())).collect())
}
