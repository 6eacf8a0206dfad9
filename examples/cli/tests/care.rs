//! What a facility does beside the visit, at a terminal: the list, what the platform tells, and the end of a contract.

mod support;

use kaigotap_sandbox::world::World;
use serde_json::Value;
use support::{Browser, SigningIn};

struct Desk {
    world: World,
    folder: tempfile::TempDir,
}

impl Desk {
    /// A device of a facility, on which somebody has signed in.
    fn of(facility: &str, staff: &str) -> Self {
        let world = World::start().unwrap();
        let desk = Self { world, folder: tempfile::tempdir().unwrap() };
        let code = desk.world.wait(desk.world.sandbox().activate(facility, "desk")).unwrap().code;
        let server = desk.world.sandbox().url().to_owned();
        let enrol = ["enrol", "--server", &server, "--code-fd", "0"];
        assert_eq!(desk.run(&enrol, &code)["outcome"], "enrolled");
        let (mut process, address) = SigningIn::begin(&desk.file(), &[]);
        let mut browser = Browser::default();
        let page = browser.open(&address);
        let password = format!("sandbox-{staff}");
        browser.submit(&page, &[("staff_id", staff), ("password", &password)]);
        assert_eq!(process.finish().1["outcome"], "signed_in");
        desk
    }

    fn file(&self) -> String {
        self.folder.path().join("device.json").to_str().unwrap().to_owned()
    }

    fn output(&self, language: &str, arguments: &[&str], input: &str) -> std::process::Output {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kaigotap"));
        command.args(arguments).args(["--enrolment", &self.file(), "--lang", language]);
        command.write_stdin(input).output().unwrap()
    }

    fn run(&self, arguments: &[&str], input: &str) -> Value {
        let output = self.output("en", &[arguments, &["--json"]].concat(), input);
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    fn care(&self, arguments: &[&str]) -> Value {
        self.run(&[&["care"], arguments].concat(), "")
    }

    /// What people read, of a run that comes to a good end.
    fn said(&self, language: &str, arguments: &[&str]) -> String {
        let output = self.output(language, &[&["care"], arguments].concat(), "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn visit(&self, more: &[&str]) -> Value {
        let visit = ["visit", "--reader", "simulator", "--face-confirmed", "--pin-fd", "0"];
        self.run(&[&visit, more].concat(), "1234\n")
    }
}

#[test]
fn whoever_was_visited_is_on_the_list_until_the_contract_ends() {
    let desk = Desk::of("1370000001", "nurse-01");
    let none = desk.care(&["list"]);
    assert_eq!((&none["outcome"], none["users"].as_array().unwrap().len()), (&"listed".into(), 0));
    assert_eq!(desk.care(&["show"])["code"], "registration_unusable");
    assert_eq!(desk.visit(&[])["outcome"], "verified");

    let listed = desk.care(&["list", "--kana", "かいご", "--birth-date", "昭和16年5月3日"]);
    assert_eq!(listed["users"].as_array().unwrap().len(), 1, "{listed}");
    let user = &listed["users"][0];
    assert_eq!(
        (&user["insured_number"], &user["method"]),
        (&"0001234567".into(), &"card_pin".into())
    );
    let subject = user["subject"].as_str().unwrap();
    assert_eq!(desk.care(&["list", "--kana", "さとう"])["users"], Value::Array(Vec::new()));
    let said = desk.said("ja", &["list"]);
    for told in ["カイゴ　ハナコ 様", "昭和16年5月3日", "登録の有効期限 令和", subject]
    {
        assert!(said.contains(told), "{said}");
    }

    // By the name that the list gives, and as whom the last visit was to.
    for whom in [&["show", "--subject", subject][..], &["show"]] {
        let told = desk.care(whom);
        assert_eq!(told["outcome"], "told", "{told}");
        assert_eq!(told["entitlement"]["insured_number"], "0001234567");
        assert!(told["entitlement"]["registered_until"].is_string(), "{told}");
    }
    let said = desk.said("en", &["show"]);
    assert!(
        said.contains("registered with your facility") && !said.contains("authority"),
        "{said}"
    );

    assert_eq!(desk.care(&["end"])["outcome"], "ended");
    assert_eq!(desk.care(&["end"])["code"], "registration_expired");
    assert_eq!(desk.care(&["show"])["code"], "registration_expired");
    assert_eq!(desk.care(&["list"])["users"], Value::Array(Vec::new()));
}

#[test]
fn what_cannot_be_used_is_told_before_anything_is_asked() {
    let desk = Desk::of("1370000001", "nurse-01");
    for (arguments, code) in [
        (&["list", "--kana", "花子"][..], "kana_unreadable"),
        (&["list", "--birth-date", "16.5.3"], "date_unreadable"),
        (&["list", "--after", "a b"], "setup_invalid"),
        (&["consent"], "evidence_missing"),
        (&["file", "--kind", "care-plan", "--start-on", "2026-12-01"], "evidence_missing"),
        (
            &["file", "--kind", "care-plan", "--start-on", "2026-12-01", "--id", "x"],
            "setup_invalid",
        ),
    ] {
        let told = desk.care(arguments);
        assert_eq!(told["code"], code, "{arguments:?}: {told}");
    }
}
