//! A sandbox with TLS from a folder of its own, and what it has on record.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

fn run(arguments: &[&str], typed: &str) -> Output {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kaigotap"));
    command.timeout(Duration::from_mins(1)).args(arguments).write_stdin(typed).output().unwrap()
}

fn json(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&said)
        .unwrap_or_else(|_| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}

/// A folder that `init` has made.
struct Made {
    _above: TempDir,
    folder: PathBuf,
}

impl Made {
    fn new() -> Self {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("sandbox");
        let init =
            ["sandbox", "init", folder.to_str().unwrap(), "--listen", "127.0.0.1:0", "--json"];
        let made = run(&init, "");
        assert_eq!(made.status.code(), Some(0), "{made:?}");
        Self { _above: above, folder }
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn audit(&self, question: &[&str]) -> Output {
        let folder = ["--json", "--directory", self.folder.to_str().unwrap()];
        run(&[&["sandbox", "audit"], question, &folder[..]].concat(), "")
    }
}

/// A sandbox in a process of its own.
struct Serving(Child);

impl Serving {
    fn start(made: &Made, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kaigotap"));
        command.args(["sandbox", "--json", "--directory", made.folder.to_str().unwrap()]);
        command.args(more);
        let log = fs::File::create(made.file("log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut said = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        while !said.ends_with("}\n") && out.read_line(&mut said).unwrap() > 0 {}
        let said: Value = serde_json::from_str(&said).unwrap();
        assert!(said["listening"].as_str().unwrap().starts_with("https://127.0.0.1:"), "{said}");
        Self(child)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn a_folder_is_made_once_and_is_its_owners() {
    let made = Made::new();
    assert_eq!(mode(&made.folder), 0o700);
    let mut seen = 0;
    for file in fs::read_dir(&made.folder).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
        seen += 1;
    }
    assert_eq!(seen, 6);
    let before = fs::read(made.file("server.key")).unwrap();
    let again = run(&["sandbox", "init", made.folder.to_str().unwrap(), "--json"], "");
    assert_eq!((again.status.code(), &json(&again)["code"]), (Some(2), &"folder_in_use".into()));
    assert_eq!(fs::read(made.file("server.key")).unwrap(), before);
    // It explains itself, and says what comes next.
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("x");
    let said = run(&["sandbox", "init", folder.to_str().unwrap(), "--name", "care.example"], "");
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("kaigotap sandbox --directory") && said.contains("authority.pem"));
    let configuration = fs::read_to_string(folder.join("sandbox.toml")).unwrap();
    assert!(configuration.contains("issuer = \"https://care.example:8443\""), "{configuration}");
    for name in ["a\"b", "", "x y", "日本"] {
        let folder = above.path().join("y");
        let said = run(&["sandbox", "init", folder.to_str().unwrap(), "--name", name], "");
        assert_eq!(said.status.code(), Some(2), "{name}");
        assert!(!folder.exists());
    }
}

#[test]
fn a_key_that_others_can_read_is_not_served_with() {
    let made = Made::new();
    let only = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    let refused = || {
        let folder = made.folder.to_str().unwrap();
        let said = run(&["sandbox", "--json", "--directory", folder], "");
        (said.status.code(), json(&said)["code"].as_str().unwrap().to_owned())
    };
    fs::set_permissions(made.file("server.key"), only(0o640)).unwrap();
    assert_eq!(refused(), (Some(2), "key_exposed".to_owned()));
    fs::set_permissions(made.file("server.key"), only(0o600)).unwrap();
    fs::write(made.file("sandbox.toml"), "listen = 1").unwrap();
    assert_eq!(refused(), (Some(2), "sandbox_unusable".to_owned()));
}

#[test]
fn what_happened_over_tls_is_on_record() {
    let made = Made::new();
    let enrolment = made.file("visit.json");
    let log = ["--log-format", "json", "--admin", "127.0.0.1:0"];
    let serving = Serving::start(&made, &[&["--enrolment", &enrolment], &log[..]].concat());
    let authority = made.file("authority.pem");
    let visit = |more: &[&str]| {
        let visit = ["visit", "--enrolment", &enrolment, "--json"];
        let card = ["--reader", "simulator", "--face-confirmed", "--pin-fd", "0"];
        run(&[&visit[..], &card, more].concat(), "1234\n")
    };
    let done = visit(&["--authority", &authority]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    // Nobody else vouches for this server.
    assert_ne!(visit(&[]).status.code(), Some(0));
    let listed = json(&made.audit(&["list"]));
    let what = |index: usize| listed["records"][index]["what"].as_str();
    let expected = ["start", "device_enrolled", "challenge", "exchange"];
    assert_eq!([0, 1, 2, 3].map(what), expected.map(Some));
    drop(serving);

    // The log is for programs, and says nothing of anybody.
    let log = fs::read_to_string(made.file("log")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let token = lines.iter().find(|line| line["path"] == "/v1/token").unwrap();
    assert_eq!((&token["status"], &token["code"]), (&200.into(), &"ok".into()));
    assert_eq!(token["span"]["otel.name"], "POST /v1/token");
    for name in ["nurse-01", "1370000001", "eyJ", "Hanako", "ハナコ"] {
        assert!(!log.contains(name), "{name}: {log}");
    }

    let looked = made.audit(&["verify"]);
    assert_eq!(looked.status.code(), Some(0), "{looked:?}");
    let anchor = json(&looked)["anchor"].as_str().unwrap().to_owned();
    assert_eq!(made.audit(&["verify", "--anchor", &anchor]).status.code(), Some(0));
    let other = format!("2{}", anchor.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    let looked = made.audit(&["verify", "--anchor", &other]);
    assert_eq!(looked.status.code(), Some(1));
    assert_eq!(json(&looked)["findings"][0]["flaw"], "not_anchored");
    assert_eq!(made.audit(&["verify", "--anchor", "x"]).status.code(), Some(2));
    // Of two places none or both are no place.
    for place in [&[][..], &["--directory", "a", "--database", "sqlite:b"]] {
        let said = run(&[&["sandbox", "audit", "verify"], place].concat(), "");
        assert_eq!(said.status.code(), Some(2));
    }
}

#[test]
fn a_device_is_activated_listed_and_killed() {
    let made = Made::new();
    let folder = ["--json", "--directory", made.folder.to_str().unwrap()];
    let image = made.file("code.svg");
    let activate = ["sandbox", "activate", "--label", "ward phone", "--svg", &image];
    let code = json(&run(&[&activate[..], &folder].concat(), ""));
    assert_eq!((code["code"].as_str().unwrap().len(), &code["expires_in"]), (32, &900.into()));
    let image = fs::read_to_string(&image).unwrap();
    assert!(image.contains("<svg") && !image.contains(code["code"].as_str().unwrap()));
    // At a terminal it is drawn.
    let drawn = run(&[&activate[..4], &folder[1..]].concat(), "");
    let drawn = String::from_utf8(drawn.stdout).unwrap();
    assert!(drawn.lines().count() > 12 && drawn.contains('█'), "{drawn}");

    let devices = json(&run(&[&["sandbox", "devices", "list"], &folder[..]].concat(), ""));
    assert_eq!(devices["devices"], Value::Array(Vec::new()));
    let killed = run(&[&["sandbox", "devices", "kill", "nobody"], &folder[..]].concat(), "");
    assert_eq!(killed.status.code(), Some(2), "{killed:?}");
    let label = ["sandbox", "activate", "--label", ""];
    assert_eq!(run(&[&label[..], &folder].concat(), "").status.code(), Some(2));
}

#[test]
fn a_claim_makes_a_registration_last_longer() {
    let made = Made::new();
    let enrolment = made.file("visit.json");
    let serving = Serving::start(&made, &["--enrolment", &enrolment]);
    let authority = made.file("authority.pem");
    let visit = ["visit", "--enrolment", &enrolment, "--authority", &authority, "--json"];
    let card = ["--reader", "simulator", "--face-confirmed", "--pin-fd", "0"];
    let done = json(&run(&[&visit[..], &card].concat(), "1234\n"));
    let insured =
        done["entitlement"]["insured_number"].as_str().unwrap_or_else(|| panic!("{done}"));
    let folder = ["--json", "--directory", made.folder.to_str().unwrap()];
    let receipt = |insured: &str, more: &[&str]| {
        let claim = ["sandbox", "receipt", "--insurer", "990010", "--insured", insured];
        run(&[&claim[..], more, &folder].concat(), "")
    };
    // While it runs, and when it does not: whoever was registered lasts on.
    let until = |said: &Output| {
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        json(said)["registered_until"].as_str().unwrap().to_owned()
    };
    let first = until(&receipt(insured, &[]));
    drop(serving);
    std::thread::sleep(Duration::from_millis(1100));
    let second = until(&receipt(insured, &[]));
    assert!(second > first, "{first} {second}");
    for refused in [receipt("9999999999", &[]), receipt(insured, &["--facility", "1370000002"])] {
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert_eq!(json(&refused)["code"], "not_registered");
    }
    let listed = json(&made.audit(&["list"]));
    let records = listed["records"].as_array().unwrap();
    let outcomes: Vec<_> = records.iter().filter(|record| record["what"] == "receipt").collect();
    assert_eq!(outcomes.iter().filter(|record| record["outcome"] == "ok").count(), 2);
}

const COLUMNS: &str = "insurer_number,insurer_name,insured_number,name_kana,birth_date,sex,consent,\
    care_level,care_from,care_until,burden_percent,burden_from,burden_until,\
    limit_stage,limit_from,limit_until\n";

fn insured(n: u64) -> String {
    format!("990077,架空市,{n:010},カイゴ　ハナコ,1941-05-03,female,yes,,,,,,,,,\n")
}

#[test]
fn an_import_that_is_killed_goes_on() {
    let made = Made::new();
    let rows = 60_000;
    let file = made.file("insured.csv");
    let text: String = (1..=rows).map(insured).collect();
    fs::write(&file, format!("{COLUMNS}{text}")).unwrap();
    let folder = made.folder.to_str().unwrap();
    let import =
        ["sandbox", "import", &file, "--insurer", "990077", "--directory", folder, "--json"];
    // However fast this machine is: sooner and sooner, until it is killed in its middle.
    let mut told = Value::Null;
    for wait in [1_500, 700, 300, 150, 80] {
        let mut killed = Command::new(env!("CARGO_BIN_EXE_kaigotap"))
            .args(import)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        killed.kill().unwrap();
        killed.wait().unwrap();
        let output = run(&import, "");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        told = json(&output);
        if told["resumed_at"].is_u64() {
            break;
        }
        fs::write(&file, format!("{COLUMNS}{text}{}", insured(rows + wait))).unwrap();
    }
    assert_eq!(told["imported"], true, "{told}");
    assert!(told["set_up_at"].is_string() && told["live_on"].is_string(), "{told}");
    assert!(told["resumed_at"].as_u64().is_some_and(|at| at > 0), "{told}");
    assert_eq!(json(&run(&import, ""))["was_done"], true);
}

#[test]
fn what_is_wrong_with_a_file_is_told_in_japanese() {
    let made = Made::new();
    let file = made.file("insured.csv");
    let wrong = insured(1).replace("カイゴ　ハナコ", "介護花子");
    fs::write(&file, format!("{COLUMNS}{wrong}")).unwrap();
    let folder = made.folder.to_str().unwrap();
    let import = ["sandbox", "import", &file, "--insurer", "990077", "--directory", folder];
    let told = run(&[&["--lang", "ja"], &import[..]].concat(), "");
    assert_eq!(told.status.code(), Some(1), "{told:?}");
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(said.contains("2行目 name_kana：全角カタカナの氏名ではありません"), "{said}");
    assert!(!said.contains("介護花子"), "{said}");
}

#[test]
fn what_is_planned_or_discussed_is_told_with_its_value_here() {
    let made = Made::new();
    let folder = made.folder.to_str().unwrap();
    let text = |arguments: &[&str]| {
        let said = run(&[&["sandbox", "policy"], arguments].concat(), "");
        assert_eq!(said.status.code(), Some(0), "{said:?}");
        String::from_utf8(said.stdout).unwrap()
    };
    let english = text(&["--lang", "en", "--directory", folder]);
    assert!(english.contains("R06") && english.contains("180 days at first"), "{english}");
    assert!(english.contains("20 tickets a device (12 hours at most)"), "{english}");
    let configuration = made.file("sandbox.toml");
    let written = fs::read_to_string(&configuration).unwrap();
    let tickets = |most: u8| {
        let said = format!("[facilities]\noffline_tickets = {most}\n");
        fs::write(&configuration, written.replace("[facilities]\n", &said)).unwrap();
    };
    tickets(3);
    let japanese = text(&["--lang", "ja", "--directory", folder]);
    assert!(japanese.contains("持ち出しは1台に3枚（12時間まで"), "{japanese}");
    tickets(21);
    let said = run(&["sandbox", "policy", "--json", "--directory", folder], "");
    assert_eq!(json(&said)["code"], "sandbox_unusable");
    fs::write(&configuration, written).unwrap();
    let japanese = text(&["--lang", "ja"]);
    assert!(japanese.contains("180日間") && japanese.contains("検討中"), "{japanese}");
    for word in ["days", "discussed", "None"] {
        assert!(!japanese.contains(word), "{japanese}");
    }
    let said: Value = serde_json::from_str(&text(&["--lang", "ja", "--json"])).unwrap();
    let policies = said["policies"].as_array().unwrap();
    assert!(policies.len() > 15, "{said}");
    for policy in policies {
        for member in ["rule", "status", "source", "says", "here"] {
            assert!(policy[member].is_string(), "{policy}");
        }
    }
}

#[test]
fn a_municipality_takes_notes_withdraws_and_judges() {
    let made = Made::new();
    let enrolment = made.file("visit.json");
    let _serving = Serving::start(&made, &["--enrolment", &enrolment]);
    let authority = made.file("authority.pem");
    let visit = || {
        let visit = ["visit", "--enrolment", &enrolment, "--authority", &authority, "--json"];
        let card = ["--reader", "simulator", "--face-confirmed", "--pin-fd", "0"];
        json(&run(&[&visit[..], &card].concat(), "1234\n"))
    };
    let said = visit();
    let insured = said["entitlement"]["insured_number"].as_str().unwrap().to_owned();
    let folder = made.folder.to_str().unwrap();
    let counter = |words: &[&str]| {
        let end = ["--insurer", "990010", "--directory", folder, "--json"];
        run(&[&["sandbox", "municipality"], words, &end].concat(), "")
    };
    let done = |word: &str| counter(&[word, "--insured", &insured]);
    assert_eq!(json(&done("withdraw"))["withdrawn"], true);
    assert_eq!(json(&done("withdraw"))["code"], "insured_unknown");
    assert_eq!(visit()["code"], "consent_required");
    assert_eq!(json(&done("apply"))["applied"], true);
    assert_eq!(json(&done("consent"))["consent"], true);
    assert_eq!(visit()["entitlement"]["insured_number"], *insured);
    let asked = json(&done("opinion"));
    let elsewhere = counter(&["opinion", "--insured", &insured, "--facility", "1370000001"]);
    assert_eq!(json(&elsewhere)["code"], "opinion_not_asked");
    let inbox = json(&counter(&["inbox"]));
    assert_eq!(inbox["filings"], serde_json::json!([]));
    assert_eq!(inbox["opinions"][0]["id"], asked["id"]);
    let judge = ["sandbox", "municipality", "judge", "nothing", "accepted", "--directory", folder];
    let unknown = run(&[&judge[..], &["--json"]].concat(), "");
    assert_eq!(json(&unknown)["code"], "filing_unknown");
}

#[test]
fn a_certification_board_gets_its_papers_and_an_insurer_its_key() {
    let made = Made::new();
    let _serving = Serving::start(&made, &[]);
    let folder = made.folder.to_str().unwrap();
    let paper = made.file("paper.pdf");
    std::fs::write(&paper, "%PDF").unwrap();
    let code = run(&["sandbox", "code", "--directory", folder, "--json"], "");
    assert_eq!(json(&code)["code"], "no_code_sent");
    let key = |more: &[&str]| {
        let key = ["sandbox", "municipality", "key", "--insurer", "990010", "--directory", folder];
        json(&run(&[&key[..], more, &["--json"]].concat(), ""))
    };
    assert_eq!(key(&[])["key"].as_str().unwrap().len(), 43);
    assert_eq!(key(&["--end"])["ended"], true);
    assert_eq!(key(&["--end"])["code"], "key_unknown");
    let meeting = |words: &[&str]| {
        let end = ["--insurer", "990010", "--directory", folder, "--json"];
        json(&run(&[&["sandbox", "municipality", "meeting"], words, &end].concat(), ""))
    };
    let reviewer = ["--reviewer", "佐藤=sato@example.invalid"];
    let new = [&["register", "--held-on", "2999-01-01", "--file", &paper], &reviewer[..]].concat();
    let registered = meeting(&new);
    let id = registered["id"].as_str().unwrap();
    assert_eq!(registered["invited"][0]["mail"], "sato@example.invalid", "{registered}");
    let mails = meeting(&["mail"]);
    let mail = mails["mails"][0]["text"].as_str().unwrap();
    assert!(mail.contains("/board/"), "{mail}");
    assert!(!mail.contains(registered["invited"][0]["password"].as_str().unwrap()));
    let listed = meeting(&["list"]);
    assert_eq!(listed["meetings"][0]["files"], serde_json::json!(["paper.pdf"]));
    let past = meeting(&["change", id, "--held-on", "2020-01-01"]);
    assert_eq!(past["code"], "meeting_invalid");
    assert_eq!(meeting(&["change", id, "--remove", "paper.pdf"])["id"], id);
    assert_eq!(meeting(&["delete", id])["deleted"], true);
    assert_eq!(meeting(&["delete", id])["code"], "meeting_unknown");
}
