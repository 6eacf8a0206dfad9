//! The visits of `examples/scenarios`, played at a terminal: each line of a file is waited for on the screen and answered,
//! with a card in a real reader and a platform of its own. What was on the screen is the story, and is printed.

use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

use kaigotap_conformance::{
    Pcscd, Slot, build,
    pcscd::Plugged,
    process::{Recorded, until},
};
use kaigotap_virtual_card::{Behaviour, Person, VirtualCard};
use serde::Deserialize;

/// How many there are at least.
const FEWEST: usize = 30;
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/scenarios");
/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// A file of `examples/scenarios`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What it is about, in Japanese and in English.
    title: String,
    english: String,
    step: Vec<Step>,
}

/// A command, and what happens at its terminal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Whose card lies on the reader from now on; an empty text takes it away. `hanako+taro` is a card with the certificates
    /// of one and the face of the other.
    card: Option<String>,
    /// How that card behaves: `kaigotap virtual-card --help` has the names.
    behaviour: Option<String>,
    /// What is typed behind `kaigotap`. `ENROLMENT` is the device's file, `DATABASE` where the platform keeps its data,
    /// `FOLDER` where the scenario is.
    run: String,
    /// What has to be on the screen, and what is typed then; `〔カード〕` lays a card that does as it should.
    #[serde(default)]
    talk: Vec<(String, String)>,
    /// What has to be on the screen in the end.
    sees: Vec<String>,
    /// What must not be.
    #[serde(default)]
    never: Vec<String>,
    /// The exit code.
    #[serde(default)]
    exit: i32,
}

/// A command at a terminal, which util-linux's `script` gives it.
struct Terminal {
    process: Child,
    typing: ChildStdin,
    screen: ChildStdout,
    /// What was shown since the last answer.
    new: Vec<u8>,
    _watched: Sender<()>,
}

impl Terminal {
    fn open(pcscd: &Pcscd, home: &Path, arguments: &str) -> Self {
        let command = format!("{} {arguments}", build::kaigotap().display());
        let mut process = pcscd
            .client("script")
            .args(["-qefc", &command, "/dev/null"])
            .env_remove("LC_ALL")
            .env("LANG", "ja_JP.UTF-8")
            // Whatever terminal the tests run at.
            .env("KAIGOTAP_PHOTO", "blocks")
            .env("XDG_STATE_HOME", home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // A question that never comes must not keep the test for ever.
        let (watched, over) = channel::<()>();
        let id = process.id().to_string();
        thread::spawn(move || {
            if over.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").arg(id).status();
            }
        });
        let (typing, screen) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, typing, screen, new: Vec::new(), _watched: watched }
    }

    /// Reads until this is shown, or to the end if nothing is waited for; `None` if it never comes.
    fn shows(&mut self, awaited: Option<&str>) -> (String, bool) {
        let mut piece = [0; 4096];
        loop {
            if let Some(awaited) = awaited.map(str::as_bytes)
                && let Some(at) = self.new.windows(awaited.len()).position(|seen| seen == awaited)
            {
                let shown: Vec<u8> = self.new.drain(..at + awaited.len()).collect();
                return (String::from_utf8_lossy(&shown).into_owned(), true);
            }
            let count = self.screen.read(&mut piece).unwrap_or(0);
            if count == 0 {
                let rest = std::mem::take(&mut self.new);
                return (String::from_utf8_lossy(&rest).into_owned(), awaited.is_none());
            }
            self.new.extend_from_slice(&piece[..count]);
        }
    }

    fn exit(mut self) -> i32 {
        self.process.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A nurse's machine with a reader, and a platform that knows nothing of the scenario before.
struct Stage<'a> {
    pcscd: &'a Pcscd,
    enrolment: PathBuf,
    database: String,
    card: Option<Plugged<VirtualCard>>,
    _sandbox: Recorded,
}

impl<'a> Stage<'a> {
    fn set(pcscd: &'a Pcscd, name: &str) -> Self {
        let folder = pcscd.directory().join(name);
        fs::create_dir(&folder).unwrap();
        let enrolment = folder.join("visit.json");
        let mut serve = pcscd.client(build::kaigotap());
        let database = format!("sqlite:{}", folder.join("platform").display());
        serve.args(["sandbox", "--listen", "127.0.0.1:0", "--database", &database]);
        serve.arg("--enrolment").arg(&enrolment);
        let sandbox = Recorded::start(&mut serve);
        until("the sandbox writes an enrolment", || enrolment.exists().then_some(()));
        Self { pcscd, enrolment, database, card: None, _sandbox: sandbox }
    }

    fn lay(&mut self, whose: &str, behaviour: Behaviour) {
        self.card = None;
        if whose.is_empty() {
            self.pcscd.await_card(Slot::First, false);
            return;
        }
        let named = |id: &str| id.parse::<Person>().unwrap_or_else(|error| panic!("{error}"));
        let person = match whose.split_once('+') {
            Some((one, other)) => named(other).with_certificates_of(&named(one)),
            None => named(whose),
        };
        let card = VirtualCard::new(person, behaviour).unwrap();
        self.card = Some(self.pcscd.plug(Slot::First, card));
    }

    /// Plays a step; the story of it, and what was not as it should be.
    fn play(&mut self, step: &Step, story: &mut String) -> Result<(), String> {
        if let Some(card) = &step.card {
            self.lay(card, step.behaviour.as_deref().unwrap_or("modern").parse().unwrap());
            let told = if card.is_empty() { "なし".to_owned() } else { format!("{card}さん") };
            let _ = writeln!(story, "  〔カード：{told}〕");
        }
        let named = |enrolment: &str, database: &str| {
            step.run.replace("ENROLMENT", enrolment).replace("DATABASE", database)
        };
        let _ = writeln!(story, "  $ kaigotap {}", named("visit.json", "sqlite:platform"));
        let arguments = named(&self.enrolment.display().to_string(), &self.database);
        let arguments = arguments.replace("FOLDER", FOLDER);
        let home = self.enrolment.with_file_name("home");
        let mut terminal = Terminal::open(self.pcscd, &home, &arguments);
        let mut all = String::new();
        for (awaited, answer) in &step.talk {
            let (shown, came) = terminal.shows(Some(awaited));
            all += &shown;
            tell(story, &shown);
            if !came {
                return Err(format!("{awaited:?} was not asked"));
            }
            let _ = writeln!(story, "    ＞ {answer}");
            if let ("〔カード〕", Some(card)) = (answer.as_str(), &step.card) {
                self.lay(card, Behaviour::modern());
                continue;
            }
            terminal.typing.write_all(format!("{answer}\r").as_bytes()).unwrap();
        }
        let (shown, _) = terminal.shows(None);
        all += &shown;
        tell(story, &shown);
        let exit = terminal.exit();
        if exit != step.exit {
            return Err(format!("it ended with {exit} and not {}", step.exit));
        }
        if let Some(missing) = step.sees.iter().find(|wanted| !all.contains(wanted.as_str())) {
            return Err(format!("{missing:?} was not on the screen"));
        }
        match step.never.iter().find(|bad| all.contains(bad.as_str())) {
            Some(bad) => Err(format!("{bad:?} was on the screen")),
            None => Ok(()),
        }
    }
}

/// What was on the screen, without what moves its cursor.
fn tell(story: &mut String, shown: &str) {
    let mut rest = shown;
    let mut plain = String::new();
    while let Some(at) = rest.find('\u{1b}') {
        plain += &rest[..at];
        let after = &rest[at + 1..];
        let end = after.find(|letter: char| letter.is_ascii_alphabetic());
        rest = end.map_or("", |end| &after[end + 1..]);
    }
    plain += rest;
    for line in plain.split(['\n', '\r']).map(str::trim_end).filter(|line| !line.is_empty()) {
        let _ = writeln!(story, "    {line}");
    }
}

/// What stands in all of them, by their names.
fn scenarios() -> Vec<(String, Scenario)> {
    let mut files: Vec<_> =
        fs::read_dir(FOLDER).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "toml"));
    files.sort();
    let read = |file: &PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(file).unwrap();
        let scenario: Scenario =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let expects = scenario.step.iter().all(|step| !step.sees.is_empty());
        assert!(!scenario.step.is_empty() && expects, "{name} expects nothing");
        (name, scenario)
    };
    files.iter().map(read).collect()
}

#[test]
fn every_scenario_comes_to_its_end() {
    let wanted = std::env::var("KAIGOTAP_SCENARIO").unwrap_or_default();
    let all = scenarios();
    assert!(all.len() >= FEWEST, "only {} scenarios", all.len());
    let pcscd = Pcscd::start();
    let mut failed = Vec::new();
    for (name, scenario) in all.iter().filter(|(name, _)| name.contains(&wanted)) {
        let mut stage = Stage::set(&pcscd, name);
        let mut story = format!("■ {}（{}）\n", scenario.title, scenario.english);
        let ended = scenario.step.iter().try_for_each(|step| stage.play(step, &mut story));
        println!("{story}");
        if let Err(why) = ended {
            println!("✗ {name}: {why}\n");
            failed.push(format!("{name}: {why}"));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
