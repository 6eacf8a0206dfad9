//! Staff sign in from the command line, over a browser on this machine.

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use support::{Browser, SigningIn};

struct Sandbox(Child);

impl Sandbox {
    fn start(enrolment: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_kaigotap"))
            .args(["sandbox", "--listen", "127.0.0.1:0", "--enrolment", enrolment])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Listening on")), "it ended early");
        std::thread::spawn(move || lines.for_each(drop));
        Self(process)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn kaigotap(arguments: &[&str], input: &str) -> Value {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kaigotap"));
    let output = command.args(arguments).write_stdin(input).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

#[test]
fn a_nurse_signs_in_visits_and_signs_out() {
    let folder = tempfile::tempdir().unwrap();
    let enrolment = folder.path().join("enrolment.json").to_str().unwrap().to_owned();
    let _sandbox = Sandbox::start(&enrolment);
    let visit = || {
        let visit = ["visit", "--json", "--enrolment", &enrolment, "--reader", "simulator"];
        kaigotap(&[&visit[..], &["--face-confirmed", "--pin-fd", "0"]].concat(), "1234\n")
    };
    let mut browser = Browser::default();
    let (mut process, address) = SigningIn::begin(&enrolment, &["--lang", "ja"]);
    let page = browser.open(&address);
    assert!(page.text.contains("職員ログイン"), "{}", page.text);
    let wrong = browser.submit(&page, &[("staff_id", "nurse-02"), ("password", "x")]);
    assert_eq!(wrong.status, 403);
    let typed = [("staff_id", "nurse-02"), ("password", "sandbox-nurse-02")];
    let end = browser.submit(&wrong, &typed);
    assert!(end.status == 200 && end.text.contains("端末の画面に戻ってください"), "{}", end.text);
    assert!(end.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    let (status, told) = process.finish();
    assert!(status.success(), "{told}");
    assert_eq!((&told["outcome"], &told["staff_id"]), (&"signed_in".into(), &"nurse-02".into()));
    assert_eq!(told["facility_id"], "1370000001");
    assert!(!told.to_string().contains("eyJ"));
    assert_eq!(visit()["outcome"], "verified");

    // A second time nobody types anything, unless that is wanted.
    let (mut process, address) = SigningIn::begin(&enrolment, &[]);
    assert_eq!(browser.open(&address).status, 200);
    assert_eq!(process.finish().1["staff_id"], "nurse-02");
    let (mut process, address) = SigningIn::begin(&enrolment, &["--again"]);
    let page = browser.open(&address);
    browser.submit(&page, &[("staff_id", "nurse-01"), ("password", "sandbox-nurse-01")]);
    assert_eq!(process.finish().1["staff_id"], "nurse-01");
    assert_eq!(visit()["outcome"], "verified");

    let out = ["sign-out", "--json", "--enrolment", &enrolment];
    assert_eq!(kaigotap(&out, "")["outcome"], "signed_out");
    assert_eq!(visit()["code"], "staff_signed_out");
    assert_eq!(kaigotap(&out, "")["code"], "staff_signed_out");
}

#[test]
fn a_sign_in_that_does_not_come_to_its_end_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let enrolment = folder.path().join("enrolment.json").to_str().unwrap().to_owned();
    let _sandbox = Sandbox::start(&enrolment);
    let before = std::fs::read(&enrolment).unwrap();
    // Nobody comes.
    let (mut process, _) = SigningIn::begin(&enrolment, &["--wait", "1"]);
    let (status, told) = process.finish();
    assert_eq!((status.code(), &told["code"]), (Some(16), &"sign_in_expired".into()));
    // Somebody changes their mind, at the page or at the terminal.
    let (mut process, address) = SigningIn::begin(&enrolment, &[]);
    let mut browser = Browser::default();
    let page = browser.open(&address);
    browser.submit(&page, &[("cancel", "1")]);
    assert_eq!(process.finish().1["code"], "sign_in_refused");
    #[cfg(unix)]
    {
        let (mut process, _) = SigningIn::begin(&enrolment, &[]);
        process.interrupt();
        assert_eq!(process.finish().1["code"], "cancelled");
    }
    // Somebody else comes back, with another answer.
    let (mut process, address) = SigningIn::begin(&enrolment, &[]);
    let page = browser.open(&address);
    let typed = [("staff_id", "nurse-01"), ("password", "sandbox-nurse-01")];
    let target = browser.sent_to(&page, &typed);
    let (before_state, after) = target.split_once("state=").unwrap();
    // What asks for something else is not heard.
    let root = target.split("/callback").next().unwrap();
    assert_eq!(browser.open(&format!("{root}/favicon.ico")).status, 404);
    assert_eq!(browser.open(&format!("{before_state}state=x{after}")).status, 200);
    assert_eq!(process.finish().1["code"], "sign_in_untrusted");
    assert_eq!(std::fs::read(&enrolment).unwrap(), before);
}
