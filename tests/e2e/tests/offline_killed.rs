//! Visits without a network by real processes, on a real folder and at a real sandbox, killed with SIGKILL before and after
//! every write. (`offline.rs` cuts every request in memory, `core/src/visit/journal/tests` every write of the journal.)
#![cfg(unix)]

use std::env;
use std::fs;
use std::io::{BufRead as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kaigotap::exchange::{Enrolment, Entropy, StaffToken, Use};
use kaigotap::flow::{
    Answer, EntryName, FaceCheck, Flow, Kind, Progress, Prompt, Reply, Request, Secret,
};
use kaigotap::link::device_key::FileKeys;
use kaigotap::link::http::HttpClient;
use kaigotap::link::store::FileStore;
use kaigotap::link::{Drivers, Host, Screen, run};
use kaigotap::message::Failure;
use kaigotap::pki::TrustAnchors;
use kaigotap::visit::{self, EntryState, Environment, JournalKey, Plan};
use kaigotap_kit::enrolment::jwk;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::{Value, json};

const FOLDER: &str = "FIELD_FOLDER";
const DOES: &str = "FIELD_DOES";
const KILL_AT: &str = "FIELD_KILL_AT";

/// Types the PIN, and has seen that the face matches.
struct Nurse;

impl Screen for Nurse {
    fn ask(&mut self, prompt: &Prompt) -> Answer {
        match prompt {
            Prompt::ConfirmFace => Answer::Face(FaceCheck::Match),
            Prompt::EnterPin { .. } => {
                Answer::Pin(Secret::new(Person::hanako().pin(Purpose::Authentication)))
            }
            _ => Answer::Cancelled,
        }
    }
}

/// A host that kills its own process at one of two points of each request that writes.
struct Killing<'a> {
    host: Drivers<'a>,
    points: usize,
    kill_at: usize,
}

impl Killing<'_> {
    fn point(&mut self) {
        if self.points == self.kill_at {
            let me = rustix::process::getpid();
            rustix::process::kill_process(me, rustix::process::Signal::KILL).unwrap();
        }
        self.points += 1;
    }
}

impl Host for Killing<'_> {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        let writes = matches!(request.kind(), Kind::Keep | Kind::Forget);
        if writes {
            self.point();
        }
        let reply = self.host.answer(request);
        if writes {
            self.point();
        }
        reply
    }

    fn show(&mut self, _: Progress) {}
}

/// What a child needs to know, in files of its folder.
struct Device {
    folder: PathBuf,
    known: Value,
}

impl Device {
    fn key(&self) -> JournalKey {
        let mark =
            fs::read_to_string(self.folder.join("mark")).map_or(0, |mark| mark.parse().unwrap());
        JournalKey::new(&fs::read(self.folder.join("key")).unwrap()).unwrap().at_least(mark)
    }

    fn environment(&self) -> Environment {
        let told = Enrolment::from_json(self.known["told"].to_string().as_bytes()).unwrap();
        let token = self.known["staff_token"].as_str().unwrap();
        let token = StaffToken::parse(token, told.device()).unwrap();
        let roots: Vec<Vec<u8>> = serde_json::from_value(self.known["roots"].clone()).unwrap();
        let anchors = TrustAnchors::test(roots.iter().map(Vec::as_slice), []).unwrap();
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).unwrap();
        Environment::of(&told, token, anchors, Entropy::new(&seed)).unwrap()
    }

    /// Runs a conversation, and keeps the mark when it has ended.
    fn converse<T>(
        &self,
        flow: Flow<Result<T, Failure>>,
        mark: impl FnOnce(&T) -> u64,
    ) -> Result<T, Failure> {
        let mut store = FileStore::open(&self.folder.join("journal")).unwrap();
        let mut keys = FileKeys::open(&self.folder.join("keys")).unwrap();
        let mut card = VirtualCard::new(Person::hanako(), Behaviour::modern()).unwrap();
        let mut http = HttpClient::trusting(&[]).unwrap();
        let mut screen = Nurse;
        let host = Drivers::new(&mut card, &mut http, &mut screen);
        let host = host.with_key(&mut keys).with_store(&mut store);
        let kill_at = env::var(KILL_AT).map_or(usize::MAX, |at| at.parse().unwrap());
        let mut host = Killing { host, points: 0, kill_at };
        let told = run(flow, &mut host).unwrap()?;
        fs::write(self.folder.join("mark"), mark(&told).to_string()).unwrap();
        say(&json!({ "points": host.points }));
        Ok(told)
    }
}

/// Not a test, but what a child does.
#[test]
fn child() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let known = serde_json::from_slice(&fs::read(folder.join("known.json")).unwrap()).unwrap();
    let device = Device { folder, known };
    let environment = device.environment();
    let key = device.key();
    match &*env::var(DOES).unwrap() {
        "fetch" => {
            let flow = visit::fetch_tickets(environment, key, [None, None], 12).unwrap();
            let tickets = device.converse(flow, |told| told.mark).unwrap();
            say(&json!({ "held": tickets.held.len(), "findings": tickets.findings.len() }));
        }
        "visit" => {
            let plan = Plan::new([Use::View, Use::Register]).unwrap();
            let flow = visit::start_offline(plan, environment.without_network(key), "").unwrap();
            let waits = device.converse(flow, |told| told.mark).unwrap();
            say(&json!({ "waits": waits.number }));
        }
        "send" => {
            let flow = visit::send_waiting(environment, key);
            let sent = device.converse(flow, |told| told.mark).unwrap();
            say(&json!({
                "confirmed": sent.confirmed, "refused": sent.refused, "waiting": sent.waiting,
                "findings": sent.findings.len(),
            }));
        }
        _ => {
            let flow = visit::journal(environment.without_network(key));
            let view = device.converse(flow, |told| told.mark).unwrap();
            let of = |state| view.entries.iter().filter(|entry| entry.state == state).count();
            say(&json!({
                "waiting": of(EntryState::Waiting), "confirmed": of(EntryState::Confirmed),
                "findings": view.findings.len(),
            }));
        }
    }
}

fn say(what: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "says {what}").unwrap();
    out.flush().unwrap();
}

/// A new device at a sandbox.
fn device(world: &World, folder: &Path) -> PathBuf {
    fs::create_dir(folder).unwrap();
    let name = EntryName::parse("device").unwrap();
    let key = FileKeys::open(&folder.join("keys")).unwrap().public_key(&name).unwrap();
    let device_key = jwk(&key);
    let given = world.enrol(&device_key).unwrap();
    let known = json!({
        "told": {
            "server": given.server, "issuer": given.issuer, "staff_issuer": given.staff_issuer,
            "challenge_keys": given.challenge_keys, "device_id": given.device_id,
            "device_key": device_key, "device_key_name": "device", "label": "field",
            "facility_id": given.facility_id,
        },
        "staff_token": given.staff_token,
        "roots": world.roots(),
    });
    fs::write(folder.join("known.json"), known.to_string()).unwrap();
    let mut secret = [0; 32];
    SystemRandom::new().fill(&mut secret).unwrap();
    fs::write(folder.join("key"), secret).unwrap();
    folder.to_owned()
}

/// Has a process do something; what it said, if it was not killed.
fn does(folder: &Path, what: &str, kill_at: Option<usize>) -> Option<Vec<Value>> {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder).env(DOES, what).env_remove(KILL_AT);
    if let Some(at) = kill_at {
        command.env(KILL_AT, at.to_string());
    }
    let output: Output = command.output().unwrap();
    let lines = output.stdout.lines().map_while(Result::ok);
    let said = lines.filter_map(|line| serde_json::from_str(line.split_once("says ")?.1).ok());
    let said: Vec<Value> = said.collect();
    if output.status.success() {
        return Some(said);
    }
    let why = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.signal(), kill_at.is_some()), (Some(9), true), "{what}: {why}");
    None
}

fn last(folder: &Path, what: &str) -> Value {
    does(folder, what, None).unwrap().pop().unwrap()
}

fn confirmed(world: &World) -> usize {
    let records = world.wait(world.sandbox().audit().after(0)).unwrap();
    records.iter().filter(|one| one.what == "offline_sent" && one.outcome == "ok").count()
}

#[test]
fn whatever_write_kills_the_process_there_is_exactly_one_confirmation() {
    let world = World::start().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let mut points = Vec::new();
    for (phase, what) in ["fetch", "visit", "send"].into_iter().enumerate() {
        for at in 0.. {
            let folder = device(&world, &scratch.path().join(format!("{what}-{at}")));
            let before = confirmed(&world);
            for earlier in ["fetch", "visit"].into_iter().take(phase) {
                last(&folder, earlier);
            }
            let killed = does(&folder, what, Some(at)).is_none();
            // What a nurse does who finds the app gone.
            let mut look = last(&folder, "look");
            assert_eq!(look["findings"], 0, "{what} {at}");
            if phase == 0 {
                let held = last(&folder, "fetch");
                assert_eq!(held["findings"], 0, "{what} {at}");
            }
            if look["waiting"] == 0 && look["confirmed"] == 0 {
                last(&folder, "visit");
                look = last(&folder, "look");
            }
            let waiting = look["waiting"].as_u64().unwrap();
            assert_eq!(waiting + look["confirmed"].as_u64().unwrap(), 1, "{what} {at}");
            let sent = last(&folder, "send");
            assert_eq!((&sent["refused"], &sent["waiting"]), (&json!(0), &json!(0)), "{what} {at}");
            assert_eq!(last(&folder, "look")["confirmed"], 1, "{what} {at}");
            assert_eq!(confirmed(&world), before + 1, "{what} {at}");
            if !killed {
                points.push(at);
                break;
            }
        }
    }
    println!("killed at {points:?} points of fetching, visiting and sending");
    assert!(points.iter().all(|points| *points >= 4), "{points:?}");
}
