//! Real processes on a real folder, killed with SIGKILL before and after every request that writes; and a disk on which no
//! room is left. `core/tests/store` kills between the steps of one write.

use std::env;
use std::io::{BufRead, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use super::disk::{Disk, Power};
use super::*;
use crate::flow::{Kind, Reply, Request};
use crate::link::store::FileStore;
use crate::link::{Drivers, Host, NoCard, NoHttp, NoScreen};

const FOLDER: &str = "JOURNAL_FOLDER";
const KILL_AT: &str = "JOURNAL_KILL_AT";
const FILL: &str = "JOURNAL_FILL";
const ME: &str = "visit::journal::tests::killed::child";

fn acts() -> Vec<Act> {
    let of = |name: &str| name.to_owned();
    vec![
        Act::Append(of("a")),
        Act::Put("t-00", of("ticket")),
        Act::Append(of("b")),
        Act::End(of("a")),
        Act::Failed,
        Act::Forget(of("a")),
        Act::Remove("t-00"),
        Act::Append(of("c")),
    ]
}

/// A folder as a disk in memory sees it.
fn disk_of(folder: &Path) -> Disk {
    let mut disk = Disk::default();
    let mut store = FileStore::open(folder).unwrap();
    let names = crate::link::Store::list(&mut store).unwrap();
    for entry in crate::link::Store::recall(&mut store, &names).unwrap() {
        disk.kept.insert(entry.name.as_str().to_owned(), entry.sealed);
    }
    disk
}

/// A host that kills its own process.
struct Killing<'a> {
    host: Drivers<'a>,
    writes: usize,
    kill_at: usize,
}

impl Killing<'_> {
    /// Two points to each request that writes: before it, and after it before it is answered.
    fn point(&mut self) {
        if self.writes == self.kill_at {
            let me = rustix::process::getpid();
            rustix::process::kill_process(me, rustix::process::Signal::KILL).unwrap();
        }
        self.writes += 1;
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

    fn show(&mut self, _: crate::flow::Progress) {}
}

/// Not a test, but what a child does: it says each act when it is begun and when it was answered.
#[test]
fn child() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let number = |name: &str| env::var(name).ok().and_then(|number| number.parse().ok());
    let mut store = FileStore::open(Path::new(&folder)).unwrap();
    let (mut card, mut http, mut screen) = (NoCard, NoHttp, NoScreen);
    let host = Drivers::new(&mut card, &mut http, &mut screen).with_store(&mut store);
    let mut host = Killing { host, writes: 0, kill_at: number(KILL_AT).unwrap_or(usize::MAX) };
    let acts = match number(FILL) {
        Some(most) => (0..most).map(|number| Act::Append(format!("{number:04}"))).collect(),
        None => acts(),
    };
    let flow = Flow::new(move |talk| async move {
        let (key, device) = (key(), device());
        let (mut journal, findings) =
            Journal::open(&talk, &key, &device, Entropy::new(&[1; 32])).await?;
        let mut numbers = HashMap::new();
        assert_eq!(look(&mut journal, findings).await?, Look::default());
        for (at, act) in acts.iter().enumerate() {
            say(&format!("begun {at}"));
            act_on(&mut journal, &numbers, act).await?;
            if let Act::Append(of) = act {
                numbers.insert(of.clone(), journal.next() - 1);
            }
            say(&format!("done {at}"));
        }
        Ok::<_, Failure>(())
    });
    match crate::link::run(flow, &mut host).unwrap() {
        Ok(()) => say("over"),
        Err(failure) => say(failure.code().as_str()),
    }
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "says {word}").unwrap();
    out.flush().unwrap();
}

fn said(output: &Output) -> Vec<String> {
    let lines = output.stdout.lines().map_while(Result::ok);
    lines.filter_map(|line| Some(line.split_once("says ")?.1.to_owned())).collect()
}

fn command(before: &[&str], folder: &Path) -> Command {
    let me = env::current_exe().unwrap();
    let mut words: Vec<&std::ffi::OsStr> = before.iter().map(std::ffi::OsStr::new).collect();
    words.push(me.as_os_str());
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(["--exact", ME, "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder);
    command
}

#[test]
fn a_process_killed_at_any_write_loses_and_doubles_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let mut points = 0;
    loop {
        let folder = scratch.path().join(points.to_string());
        let output = command(&[], &folder).env(KILL_AT, points.to_string()).output().unwrap();
        let said = said(&output);
        let done = said.iter().filter(|word| word.starts_with("done")).count();
        let acts = acts();
        let answered = acts[..done].iter().fold(Seen::default(), |seen, act| seen.after(act));
        let begun = acts.get(done).map(|act| answered.after(act));
        let mut disk = disk_of(&folder);
        let look = disk.play(looking(0), Power::Stays).unwrap().unwrap();
        assert_eq!(look.findings, [], "{points}");
        assert!(
            look.seen == answered || Some(&look.seen) == begun.as_ref(),
            "{points}: {:?}",
            look.seen
        );
        if output.status.success() {
            assert_eq!(said.last().map(String::as_str), Some("over"));
            break;
        }
        assert_eq!(output.status.signal(), Some(9), "{}", String::from_utf8_lossy(&output.stderr));
        points += 1;
    }
    println!("killed at {points} points");
    assert_eq!(points, 2 * 14, "fourteen writes");
}

#[test]
fn a_full_disk_keeps_what_was_answered() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("entries");
    std::fs::create_dir(&folder).unwrap();
    // The child's own file system, whose content it copies out when it is full.
    let copy = scratch.path().join("copy");
    let script = r#"mount -t tmpfs -o size=64k,mode=0700 tmpfs "$JOURNAL_FOLDER" && "$0" "$@" && cp -r "$JOURNAL_FOLDER" "$COPY""#;
    let unshare = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"];
    let tried = Command::new(unshare[0])
        .args(&unshare[1..])
        .args([script, "true"])
        .env(FOLDER, &folder)
        .env("COPY", scratch.path().join("tried"))
        .status();
    if !tried.is_ok_and(|status| status.success()) {
        println!("skipped: this system mounts nothing for a test");
        return;
    }
    let before = [&unshare[..], &[script]].concat();
    let output = command(&before, &folder).env(FILL, "100").env("COPY", &copy).output().unwrap();
    let said = said(&output);
    assert_eq!(said.last().map(String::as_str), Some("store_full"), "{said:?}");
    let done = said.iter().filter(|word| word.starts_with("done")).count();
    assert!((5..40).contains(&done), "{done}");
    let look = disk_of(&copy).play(looking(0), Power::Stays).unwrap().unwrap();
    assert_eq!((look.findings.len(), look.seen.waiting.len()), (0, done));
    println!("full after {done} entries");
}
