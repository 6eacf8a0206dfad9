//! What a facility does beside the visit, at a terminal: the list, what the platform tells, and the end of a contract.

mod support;

use kaigotap_sandbox::FilingStatus;
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
        self.visit_with("1234\n", more)
    }

    fn visit_with(&self, pin: &str, more: &[&str]) -> Value {
        let visit = ["visit", "--reader", "simulator", "--face-confirmed", "--pin-fd", "0"];
        self.run(&[&visit, more].concat(), pin)
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

#[test]
fn consent_is_taken_by_who_may_from_somebody_who_was_visited_for_it() {
    let desk = Desk::of("1370000003", "manager-21");
    let person = ["--person", "no-consent"];
    assert_eq!(desk.visit_with("0211\n", &person)["code"], "consent_required");
    // A visit that was not for it leaves nothing that opens it.
    assert_eq!(desk.care(&["consent"])["code"], "evidence_missing");
    let visited = desk.visit_with("0211\n", &[&person[..], &["--for", "consent"]].concat());
    assert_eq!((&visited["outcome"], &visited["entitlement"]), (&"confirmed".into(), &Value::Null));
    assert_eq!(visited["opens"], serde_json::json!(["view", "consent"]), "{visited}");

    let record = desk.care(&["consent"]);
    assert_eq!(record["consent"]["state"], "none", "{record}");
    assert_eq!(record["consent"]["may_take"]["allowed"], true);
    assert!(desk.said("ja", &["consent"]).contains("この事業所で受け取れます"));
    let taken = desk.care(&["consent", "--explained-and-agreed"]);
    assert_eq!(
        (&taken["consent"]["state"], &taken["consent"]["taken_by"]),
        (&"given".into(), &"facility".into())
    );
    let said = desk.said("ja", &["consent"]);
    assert!(said.contains("包括同意： 同意あり") && said.contains("事業所"), "{said}");
    // What was closed is open.
    assert_eq!(desk.visit_with("0211\n", &person)["outcome"], "verified");
    // The visit was not for a notice.
    let file = ["file", "--kind", "care-plan", "--start-on", "2026-12-01", "--assent"];
    assert_eq!(desk.care(&file)["code"], "refused");
}

#[test]
fn a_facility_of_another_kind_takes_no_consent() {
    let desk = Desk::of("1370000001", "nurse-01");
    let visited = desk.visit_with("0211\n", &["--person", "no-consent", "--for", "consent"]);
    assert_eq!(visited["outcome"], "confirmed", "{visited}");
    let record = desk.care(&["consent"]);
    assert_eq!(record["consent"]["may_take"]["why"], "facility_kind_not_allowed", "{record}");
    let said = desk.said("ja", &["consent"]);
    assert!(said.contains("市区町村") && said.contains("→"), "{said}");
    let refused = desk.care(&["consent", "--explained-and-agreed"]);
    assert_eq!(refused["code"], "facility_kind_not_allowed", "{refused}");
}

const ID: &str = "0b8ee1f8-6a1f-4b39-9a3f-0d3f6a3f1c11";
const SECOND: &str = "5f0c0000-6a1f-4b39-9a3f-0d3f6a3f1c22";

#[test]
fn a_notice_is_filed_and_comes_back() {
    let desk = Desk::of("1370000003", "manager-21");
    assert!(desk.said("en", &["file"]).contains("Nothing was filed"));
    let visited = desk.visit(&["--for", "notice", "--for", "consent"]);
    assert_eq!(visited["entitlement"]["insured_number"], "0001234567", "{visited}");
    assert_eq!(visited["opens"], serde_json::json!(["view", "consent", "care_plan_notice"]));
    let file = |id: &'static str, start: &'static str, more: &[&'static str]| {
        let file = ["file", "--kind", "care-plan", "--start-on", start, "--id", id];
        desk.care(&[&file, more].concat())
    };
    assert_eq!(file(ID, "2026-12-01", &[])["code"], "assent_missing");
    for _ in 0..2 {
        let filed = file(ID, "2026-12-01", &["--assent"]);
        assert_eq!(
            (&filed["outcome"], &filed["filing"]["status"]),
            (&"filed".into(), &"received".into()),
            "{filed}"
        );
    }
    assert_eq!(file(ID, "2026-12-02", &["--assent"])["code"], "filing_conflict");

    let back =
        desk.world.sandbox().judge_filing(ID, FilingStatus::Returned, Some("起算日が違います"));
    desk.world.wait(back).unwrap();
    let said = desk.said("ja", &["file"]);
    assert!(
        said.contains("差し戻し") && said.contains("起算日が違います") && said.contains(ID),
        "{said}"
    );
    let corrected = file(SECOND, "2026-12-03", &["--assent", "--replaces", ID]);
    assert_eq!(corrected["filing"]["replaces"], ID, "{corrected}");
    assert_eq!(desk.care(&["file"])["filings"].as_array().unwrap().len(), 2);
}

/// Each kind, and what comes of it for this facility.
fn shown(desk: &Desk) -> Vec<String> {
    const KINDS: [&str; 6] =
        ["certification", "survey", "doctor-opinion", "housing", "care-plan", "life"];
    let more = KINDS.map(|kind| ["--information", kind]).concat();
    let told = desk.care(&[&["show"][..], &more].concat());
    let all = told["information"].as_array().unwrap_or_else(|| panic!("{told}"));
    assert_eq!(all.len(), KINDS.len());
    let each = all.iter().zip(KINDS).map(|(one, kind)| {
        assert_eq!(one["kind"], kind.replace('-', "_"));
        match one["records"].as_array() {
            Some(records) => format!("{}", records.len()),
            None => one["code"].as_str().unwrap().to_owned(),
        }
    });
    each.collect()
}

#[test]
fn each_facility_sees_what_is_for_it() {
    let desk = Desk::of("1370000003", "manager-21");
    assert_eq!(desk.visit(&[])["outcome"], "verified");
    assert_eq!(shown(&desk), ["2", "1", "1", "2", "3", "1"]);
    let said = desk.said("ja", &["show", "--information", "housing", "--information", "care-plan"]);
    for told in ["手すりの取付け（浴室）", "残り", "第2表", "短期目標"] {
        assert!(said.contains(told), "{said}");
    }
    let desk = Desk::of("1370000001", "nurse-01");
    assert_eq!(desk.visit(&[])["outcome"], "verified");
    assert_eq!(shown(&desk), ["2", "not_shared", "not_shared", "not_shared", "3", "1"]);
    let said = desk.said("ja", &["show", "--information", "survey"]);
    assert!(said.contains("この種類の事業所には共有されません"), "{said}");
}
