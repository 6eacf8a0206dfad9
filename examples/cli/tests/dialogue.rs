//! The dialogue at a terminal, in Japanese: what is asked again, what is said first, and how it ends.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// The command at a terminal, which util-linux's `script` gives it.
struct Terminal {
    process: Child,
    typing: ChildStdin,
    screen: ChildStdout,
    seen: String,
    new: Vec<u8>,
    _watched: Sender<()>,
}

impl Terminal {
    fn open(arguments: &str) -> Self {
        let command = format!("{} {arguments}", env!("CARGO_BIN_EXE_kaigotap"));
        let mut process = Command::new("script")
            .args(["-qefc", &command, "/dev/null"])
            .env("LC_ALL", "ja_JP.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // A question that never comes must not keep the test for ever.
        let (watched, over) = channel::<()>();
        let id = process.id().to_string();
        std::thread::spawn(move || {
            if over.recv_timeout(Duration::from_mins(1))
                == Err(std::sync::mpsc::RecvTimeoutError::Timeout)
            {
                let _ = Command::new("kill").arg(id).status();
            }
        });
        let (typing, screen) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, typing, screen, seen: String::new(), new: Vec::new(), _watched: watched }
    }

    /// Reads until this is shown; gives what was shown since the last time.
    fn sees(&mut self, expected: &str) -> String {
        let mut piece = [0; 1024];
        loop {
            let end = self.new.windows(expected.len()).position(|at| at == expected.as_bytes());
            if let Some(at) = end {
                let shown: Vec<u8> = self.new.drain(..at + expected.len()).collect();
                let shown = String::from_utf8_lossy(&shown).into_owned();
                self.seen += &shown;
                return shown;
            }
            let count = self.screen.read(&mut piece).unwrap_or(0);
            self.new.extend_from_slice(&piece[..count]);
            let new = String::from_utf8_lossy(&self.new);
            assert!(count > 0, "no {expected:?} in {}{new}", self.seen);
        }
    }

    fn types(&mut self, text: &str) {
        self.typing.write_all(text.as_bytes()).unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_wrong_pin_is_told_before_the_last_try_and_what_locks_it_afterwards() {
    let mut terminal = Terminal::open("card holder --reader simulator");
    let asked = terminal.sees("あと3回まちがえると使えなくなります）： ");
    assert!(
        asked.contains("カードは置いたままで") && asked.contains("券面事項入力補助用"),
        "{asked}"
    );
    // Nothing is asked again, and costs nothing.
    terminal.types("\r");
    terminal.sees("何も入力されていません");
    terminal.sees("あと3回まちがえると");
    terminal.types("９９９９\r");
    let second = terminal.sees("あと2回まちがえると使えなくなります）： ");
    assert!(second.contains("暗証番号が違います。"), "{second}");
    terminal.types("9999\r");
    let last = terminal.sees("［はい／いいえ］ ");
    let (wrong, question) = (last.find("暗証番号が違います。"), last.find("あと1回です"));
    assert!(wrong.is_some() && wrong < question, "{last}");
    terminal.types("うーん\n");
    terminal.sees("「はい」か「いいえ」でお答えください");
    terminal.sees("［はい／いいえ］ ");
    terminal.types("はい。\n");
    terminal.sees("あと1回まちがえると使えなくなります）： ");
    terminal.types("9999\r");
    let end = terminal.sees("お問い合わせ番号：pin_blocked");
    assert!(end.contains("いまの入力で、ロックされました"), "{end}");
    assert!(!terminal.seen.contains("９９９９"), "typed PINs are hidden: {}", terminal.seen);
}

#[test]
fn what_is_printed_is_asked_of_the_nurse_in_three_fields() {
    let mut terminal = Terminal::open("card face --reader simulator");
    let asked = terminal.sees("1. 生年月日");
    assert!(asked.contains("看護師：カードの表に印刷された"), "{asked}");
    terminal.types("きのう\n");
    terminal.sees("生年月日として読み取れません");
    terminal.sees("1. 生年月日");
    terminal.types("昭和１６年５月３日\n");
    terminal.sees("2. カードの有効期限の年");
    terminal.types("2035\n");
    terminal.sees("3. セキュリティコード");
    terminal.types("0503\n");
    terminal.sees("昭和16年5月3日（");
}

#[test]
fn stopping_at_the_face_question_says_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let enrolment = folder.path().join("visit.json");
    let mut sandbox = Command::new(env!("CARGO_BIN_EXE_kaigotap"))
        .args(["--lang", "en", "sandbox", "--listen", "127.0.0.1:0", "--enrolment"])
        .arg(&enrolment)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(sandbox.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("Listening on")));
    let visit = format!("visit --reader simulator --enrolment {}", enrolment.display());
    let mut terminal = Terminal::open(&visit);
    terminal.sees("［はい／いいえ］ ");
    // Ctrl-C, and no Enter.
    terminal.types("\u{3}");
    let end = terminal.sees("お問い合わせ番号：cancelled");
    assert!(end.contains("中止") && !end.contains("違う"), "{end}");
    let mut terminal = Terminal::open(&visit);
    terminal.sees("［はい／いいえ］ ");
    terminal.types("いいえ\n");
    terminal.sees("お問い合わせ番号：face_differs");

    // A locked card leads on, and at the worst to what is to be noted.
    let mut terminal = Terminal::open(&format!("{visit} --person blocked"));
    terminal.sees("［はい／いいえ］ ");
    terminal.types("はい\n");
    let menu = terminal.sees("番号： ");
    assert!(menu.contains("ロックされています"), "{menu}");
    assert!(menu.contains("1. カードの中の写真") && menu.contains("2. 被保険者証"), "{menu}");
    terminal.types("9\n");
    terminal.sees("表示されている番号を");
    terminal.sees("番号： ");
    terminal.types("３\n");
    terminal.sees("紙に控えておくこと");
    terminal.sees("お問い合わせ番号：pin_blocked");

    // The paper certificate, with a date that can be read in two ways.
    let mut terminal = Terminal::open(&format!("{visit} --way paper"));
    for (question, answer) in [
        ("保険者番号", "９９００１０"),
        ("被保険者番号（", "0001234567"),
        ("氏名（カナ）", "ｶｲｺﾞ ﾊﾅｺ"),
        ("生年月日（", "16/5/3"),
        ("性別", "女"),
        ("2通りに読める日付", "昭和16年5月3日"),
        ("生年月日は 昭和16年5月3日（", "はい"),
    ] {
        terminal.sees(question);
        terminal.sees(if answer == "はい" { "［はい／いいえ］ " } else { "： " });
        terminal.types(&format!("{answer}\n"));
    }
    terminal.sees("要介護3");
    sandbox.kill().unwrap();
    sandbox.wait().unwrap();
}
