//! What a job costs the host: the same conversation again and again, answered from memory.

use std::{
    env,
    process::Command,
    time::{Duration, Instant},
};

use kaigotap_conformance::card::hanako;

use crate::{
    conversation::{Conversation, Line, Rehearsed},
    job::{Job, Kind},
    platform::Platform,
};

/// How often each job is timed.
pub(crate) const TIMES: usize = 500;
/// How often each job is done under valgrind.
const UNDER_VALGRIND: u64 = 20;

/// What one job costs a host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Of all times, the one in the middle.
    pub(crate) median: Duration,
    /// One in twenty took longer.
    pub(crate) percentile_95: Duration,
    /// As valgrind counts them; `None` where there is no valgrind.
    pub(crate) instructions: Option<u64>,
}

/// Measures a job on a card that supports everything.
pub(crate) fn cost(job: Job, platform: &Platform, with_valgrind: bool) -> Cost {
    let lines = recorded(job, platform);
    let mut took: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let rehearsed = Rehearsed::of(job, platform, &lines);
            let started = Instant::now();
            rehearsed.replay_once();
            started.elapsed()
        })
        .collect();
    took.sort();
    Cost {
        median: took[TIMES / 2],
        percentile_95: took[TIMES * 95 / 100],
        instructions: if with_valgrind { instructions(job) } else { None },
    }
}

/// Replays a job so often, for valgrind to look at.
pub(crate) fn replay(job: Job, platform: &Platform, times: u64) {
    let lines = recorded(job, platform);
    for _ in 0..times {
        Rehearsed::of(job, platform, &lines).replay_once();
    }
}

fn recorded(job: Job, platform: &Platform) -> Vec<Line> {
    Conversation::of(job, platform).play(platform, &mut hanako(Kind::Modern.behaviour()))
}

/// Instructions of one replay, of this very program under valgrind.
fn instructions(job: Job) -> Option<u64> {
    let name = clap::ValueEnum::to_possible_value(&job)?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        // Counting is on within that function only.
        .args(["--collect-atstart=no", "--toggle-collect=*replay_once*"])
        .arg(env::current_exe().ok()?)
        .args(["replay", name.get_name(), &UNDER_VALGRIND.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let collected = said.lines().find_map(|line| line.split_once("Collected :"))?.1;
    let collected: u64 = collected.trim().parse().ok()?;
    (output.status.success() && collected > 0).then_some(collected / UNDER_VALGRIND)
}
