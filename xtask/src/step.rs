//! Running another program: its output passes through as it comes, and its time is limited.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use crate::root;

/// How a step ended.
pub(crate) struct Ended {
    /// What it is called.
    pub(crate) name: String,
    /// Whether it succeeded.
    pub(crate) passed: bool,
    /// How long it took.
    pub(crate) took: Duration,
}

/// Cargo, at the top of the repository, with the dependencies that `Cargo.lock` has and no others.
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(locked(&arguments));
    at_the_top(command)
}

/// Cargo of the nightly toolchain, at the top of the repository, as strict about `Cargo.lock`.
pub(crate) fn nightly_cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo"]).args(locked(&arguments));
    at_the_top(command)
}

/// With `--locked` behind the subcommand; only `fmt`, which looks at no dependency, does not know it.
fn locked<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let strict = arguments.first().is_some_and(|subcommand| *subcommand != "fmt");
    let mut all = arguments.to_vec();
    if strict {
        all.insert(1, "--locked");
    }
    all
}

fn at_the_top(mut command: Command) -> Command {
    command.current_dir(root());
    // What cargo told this program about itself would make build scripts run again: `ring` looks at it.
    for (name, _) in env::vars_os() {
        let own = |text: &str| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|own| text.starts_with(own))
        };
        if name.to_str().is_some_and(own) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether a program runs and succeeds; what it says is not shown.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    output(program, arguments).is_some()
}

/// What a program writes to standard output, if it succeeds.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    output_of(Command::new(program).args(arguments).current_dir(root()))
}

/// What a command writes to standard output, if it succeeds.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program, shows what it says line by line, and gives every line to `hear`. When its time is over, it and
/// whatever it started are killed.
pub(crate) fn run(
    name: &str,
    command: Command,
    limit: Duration,
    mut hear: impl FnMut(&str),
) -> Ended {
    println!("\n=== {name}");
    timed(name, command, limit, |line| {
        println!("{line}");
        hear(line);
    })
}

/// Something that runs beside the other steps.
pub(crate) struct Aside(thread::JoinHandle<(Ended, Vec<String>)>);

/// Runs a program beside what follows. What it says is kept until somebody waits for it; then `afterwards` is done, and
/// says whether that went well.
pub(crate) fn aside(
    name: &'static str,
    command: Command,
    limit: Duration,
    afterwards: impl FnOnce() -> bool + Send + 'static,
) -> Aside {
    println!("\n=== {name}, beside what follows");
    Aside(thread::spawn(move || {
        let mut said = Vec::new();
        let mut ended = timed(name, command, limit, |line| said.push(line.to_owned()));
        ended.passed = ended.passed && afterwards();
        (ended, said)
    }))
}

impl Aside {
    /// Waits until it has ended, and shows what it said.
    pub(crate) fn wait(self) -> Ended {
        let (ended, said) = self.0.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        println!("\n=== {}", ended.name);
        for line in said {
            println!("{line}");
        }
        ended
    }
}

fn timed(name: &str, command: Command, limit: Duration, hear: impl FnMut(&str)) -> Ended {
    let started = Instant::now();
    let passed = match attempt(command, limit, hear) {
        Ok(Some(status)) => status.success(),
        Ok(None) => {
            println!("=== {name} was stopped: it took more than {} minutes", limit.as_secs() / 60);
            false
        }
        Err(error) => {
            println!("=== {name} cannot be run: {error}");
            false
        }
    };
    Ended { name: name.to_owned(), passed, took: started.elapsed() }
}

fn attempt(
    mut command: Command,
    limit: Duration,
    mut hear: impl FnMut(&str),
) -> io::Result<Option<ExitStatus>> {
    // How long output may still come from what a program left behind.
    const AFTERWARDS: Duration = Duration::from_secs(2);

    let (reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    // It holds ends of the pipe too.
    drop(command);
    let lines = lines_of(reader);

    let started = Instant::now();
    let (mut ended, mut stopped) = (None, false);
    loop {
        match lines.recv_timeout(Duration::from_millis(100)) {
            Ok(line) => hear(&line),
            Err(RecvTimeoutError::Disconnected) if ended.is_some() => break,
            Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(20)),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if ended.is_none() {
            ended = child.try_wait()?.map(|status| (status, Instant::now()));
        }
        if ended.is_some_and(|(_, at)| at.elapsed() > AFTERWARDS) {
            break;
        }
        if started.elapsed() > limit && !stopped {
            stopped = true;
            kill_with_descendants(&mut child);
        }
    }
    Ok(ended.map(|(status, _)| status).filter(|_| !stopped))
}

fn lines_of(reader: io::PipeReader) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
            if sender.send(text).is_err() {
                break;
            }
            line.clear();
        }
    });
    receiver
}

/// Its process group is ours, so that Ctrl-C reaches everything; therefore they are found one by one.
fn kill_with_descendants(child: &mut Child) {
    let descendants = descendants(child.id(), &parents());
    let _ = child.kill();
    if !descendants.is_empty() {
        let ids = descendants.iter().map(u32::to_string);
        let _ = Command::new("sh").args(["-c", "kill -KILL \"$@\"", "sh"]).args(ids).status();
    }
}

/// Process ids with their parents'.
fn parents() -> Vec<(u32, u32)> {
    if let Ok(processes) = fs::read_dir("/proc") {
        return processes
            .filter_map(|process| {
                let status = fs::read_to_string(process.ok()?.path().join("stat")).ok()?;
                // `1234 (name, which may hold anything) S 1 …`
                let id = status.split(' ').next()?.parse().ok()?;
                let parent = status.rsplit(") ").next()?.split(' ').nth(1)?.parse().ok()?;
                Some((id, parent))
            })
            .collect();
    }
    let listed = output("ps", &["-A", "-o", "pid=,ppid="]).unwrap_or_default();
    listed
        .lines()
        .filter_map(|line| {
            let mut numbers = line.split_whitespace().map(str::parse);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        })
        .collect()
}

fn descendants(of: u32, parents: &[(u32, u32)]) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut generation = vec![of];
    while let Some(parent) = generation.pop() {
        let children = parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id);
        generation.extend(children.filter(|id| found.insert(*id)).collect::<Vec<_>>());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_built_from_what_the_lock_file_has_not() {
        for command in [cargo(["test", "--", "x"]), nightly_cargo(["build", "--release"])] {
            let arguments: Vec<_> = command.get_args().collect();
            let at = arguments.iter().position(|argument| *argument == "--locked").unwrap();
            assert!(["test", "build"].iter().any(|word| arguments[at - 1] == *word));
        }
        assert!(cargo(["fmt", "--all"]).get_args().all(|argument| argument != "--locked"));
    }

    #[test]
    fn descendants_of_descendants() {
        let parents = [(2, 1), (3, 2), (4, 3), (5, 1), (6, 6), (1, 0)];
        assert_eq!(descendants(2, &parents), BTreeSet::from([3, 4]));
        assert_eq!(descendants(6, &parents), BTreeSet::from([6]));
    }

    #[cfg(unix)]
    #[test]
    fn a_step_that_takes_too_long_is_killed_with_what_it_started() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo first; sleep 60 & echo $!; sleep 60"]);
        let (mut heard, started) = (Vec::new(), Instant::now());
        let ended = run("sleepers", command, Duration::from_millis(300), |line| {
            heard.push(line.to_owned());
        });
        assert!(!ended.passed && ended.took < Duration::from_secs(10));
        assert_eq!(heard[0], "first");
        let stat = format!("/proc/{}/stat", heard[1]);
        // A killed process stays listed as a zombie until its new parent has looked after it.
        let runs = || fs::read_to_string(&stat).is_ok_and(|state| !state.contains(") Z "));
        while runs() && started.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(10));
        }
        assert!(!runs(), "what it started outlived it");
    }

    #[cfg(unix)]
    #[test]
    fn what_runs_beside_is_waited_for_and_then_looked_after() {
        for (script, afterwards, passed) in
            [("echo x", true, true), ("echo x", false, false), ("exit 3", true, false)]
        {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            let beside = aside("beside", command, Duration::from_mins(1), move || afterwards);
            assert_eq!(beside.wait().passed, passed, "{script}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_step_passes_or_fails_as_its_program_does() {
        for (script, passed) in [("exit 0", true), ("exit 3", false)] {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            assert_eq!(run(script, command, Duration::from_mins(1), |_| {}).passed, passed);
        }
        let nothing = Command::new("there-is-no-such-program");
        assert!(!run("nothing", nothing, Duration::from_mins(1), |_| {}).passed);
    }
}
