//! A PIN is in the memory of a process while it is needed, and not afterwards: neither in a flow that goes on, nor when
//! it is over. A child process runs the flow; this one is card and holder, reads the child's memory while it waits for an
//! answer, and has a core dump made of it where `gcore` is installed.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};

/// Sixteen letters and digits that stand nowhere by chance.
fn random_password() -> &'static str {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut random = [0; 14];
    File::open("/dev/urandom").unwrap().read_exact(&mut random).unwrap();
    let letters = random.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)]));
    // One of each, as a signature password has to have.
    letters.chain(['K', '7']).collect::<String>().leak()
}

/// Where the memory was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// While the card checks the PIN, or changes it: it is there, and has to be found.
    InUse,
    /// At the next command: the flow goes on without it.
    Used,
    /// The flow is over.
    Over,
}

/// A piece of a password that was found.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    moment: Moment,
    whose: &'static str,
    place: String,
}

struct Watched {
    process: Child,
    dumps: PathBuf,
    secrets: Vec<(&'static str, &'static str)>,
    looked: Vec<Moment>,
    found: Vec<Finding>,
}

impl Watched {
    /// Looks for eight bytes of a password in a row.
    fn search(&mut self, moment: Moment, place: &str, bytes: &[u8]) {
        for (whose, secret) in &self.secrets {
            let pieces: Vec<&[u8]> = secret.as_bytes().windows(8).collect();
            let hit = bytes.windows(8).any(|window| {
                // The first byte decides almost always.
                secret.as_bytes()[..9].contains(&window[0]) && pieces.contains(&window)
            });
            if hit {
                self.found.push(Finding { moment, whose, place: place.to_owned() });
            }
        }
    }

    fn look(&mut self, moment: Moment) {
        self.looked.push(moment);
        let id = self.process.id();
        let memory = File::open(format!("/proc/{id}/mem")).unwrap();
        let maps = fs::read_to_string(format!("/proc/{id}/maps")).unwrap();
        let mut seen = 0;
        for line in maps.lines() {
            let mut fields = line.split_whitespace();
            let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
            // What a core dump holds: all that can be written to. The rest is files as they are on disk.
            if !rights.starts_with("rw") {
                continue;
            }
            let (from, to) = range.split_once('-').unwrap();
            let [from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            if memory.read_exact_at(&mut bytes, from).is_ok() {
                seen += bytes.len();
                self.search(moment, line, &bytes);
            }
        }
        assert!(seen > 100_000, "only {seen} bytes could be read");
        if let Some(dump) = core_dump(id, &self.dumps) {
            // Registers, too.
            self.search(moment, "core dump", &dump);
        }
    }
}

fn has_gcore() -> bool {
    Command::new("gcore").arg("--version").output().is_ok()
}

/// A core dump, by the debugger; `None` where there is none.
fn core_dump(id: u32, folder: &Path) -> Option<Vec<u8>> {
    if !has_gcore() {
        return None;
    }
    let prefix = folder.join("core");
    let made = Command::new("gcore").arg("-o").arg(&prefix).arg(id.to_string()).output().unwrap();
    let file = folder.join(format!("core.{id}"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let dump = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    Some(dump)
}

/// Runs a flow in a child process; says what was found where.
fn run(flow: &str, keeps_a_copy: bool) -> (Vec<Moment>, Vec<Finding>) {
    let (old, new) = (random_password(), random_password());
    let dumps = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("memory-{}-{flow}-{keeps_a_copy}", std::process::id()));
    fs::create_dir_all(&dumps).unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_pin-in-memory"))
        .arg(flow)
        .args(keeps_a_copy.then_some("keep"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut to, mut from) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
    let secrets = vec![("old", old), ("new", new)];
    let mut watched =
        Watched { process, dumps: dumps.clone(), secrets, looked: Vec::new(), found: Vec::new() };
    let person = Person::hanako().with_pin(Purpose::Signature, old);
    let mut card = VirtualCard::new(person, Behaviour::modern()).unwrap();
    // The instruction that used a password last: VERIFY, or CHANGE REFERENCE DATA.
    let last_use = if flow == "change_pin" { 0x24 } else { 0x20 };
    let mut used = false;
    loop {
        let mut head = [0; 3];
        from.read_exact(&mut head).unwrap();
        let mut bytes = vec![0; u16::from_be_bytes([head[1], head[2]]).into()];
        from.read_exact(&mut bytes).unwrap();
        let answer = match head[0] {
            b'P' => old.as_bytes().to_vec(),
            b'N' => new.as_bytes().to_vec(),
            b'T' => {
                if bytes[1] == last_use && bytes.len() > 4 {
                    watched.look(Moment::InUse);
                    used = true;
                } else if std::mem::take(&mut used) {
                    watched.look(Moment::Used);
                }
                card.transmit(&bytes)
            }
            b'E' => {
                watched.look(Moment::Over);
                Vec::new()
            }
            _ => Vec::new(),
        };
        to.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
        to.write_all(&answer).unwrap();
        if head[0] == b'E' {
            break;
        }
    }
    assert!(watched.process.wait().unwrap().success());
    fs::remove_dir_all(dumps).unwrap();
    if flow == "change_pin" {
        assert_eq!(card.reference_data(Purpose::Signature), new);
    }
    (watched.looked, watched.found)
}

/// The password that is on its way to the card at [`Moment::InUse`].
fn last_used(flow: &str) -> &'static str {
    if flow == "change_pin" { "new" } else { "old" }
}

fn nothing_stays(flow: &str) {
    let (looked, found) = run(flow, false);
    assert_eq!(looked, [Moment::InUse, Moment::Used, Moment::Over]);
    let in_use = |place: &str| {
        let here =
            |finding: &&Finding| finding.moment == Moment::InUse && finding.place.contains(place);
        found.iter().filter(here).map(|finding| finding.whose).collect::<Vec<_>>()
    };
    assert!(in_use("[heap]").contains(&last_used(flow)), "a PIN that is there is not found");
    if has_gcore() {
        assert!(in_use("core dump").contains(&last_used(flow)), "nor in the core dump");
    }
    let left: Vec<_> = found.iter().filter(|finding| finding.moment != Moment::InUse).collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn a_password_is_gone_once_the_card_has_it() {
    nothing_stays("certificate");
}

#[test]
fn the_old_password_and_the_new_one_are_gone_once_it_is_changed() {
    nothing_stays("change_pin");
}

/// A program that keeps a copy is found out.
#[test]
fn a_kept_copy_is_found() {
    for flow in ["certificate", "change_pin"] {
        let (_, found) = run(flow, true);
        for moment in [Moment::InUse, Moment::Used, Moment::Over] {
            assert!(found.iter().any(|finding| finding.moment == moment), "{flow}: {moment:?}");
        }
    }
}
