//! What a conversation costs without any boundary, as tab-separated lines: name, value, unit. Its sisters are `FfiCost` in
//! Kotlin and in Swift.
//!
//! - `cold_start_ms`: the first step of this process.
//! - `visit_us`, `calls`, `step_us`: a whole PIN visit, replayed from a transcript, without the time of card, people and
//!   server: the time within the calls, their number, and that of one on average.
//! - `progress_us`: the cheapest call there is.
//!
//! Medians of many.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use kaigotap::reading;
use kaigotap_kit::replay::replay_timed;

const ROUNDS: usize = 2_000;

fn main() {
    let began = Instant::now();
    let mut flow = reading::status();
    let first = flow.start();
    let cold = began.elapsed();
    assert!(first.is_ok());

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/transcripts");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("the transcripts");
    let table = serde_json::from_str(&read("table.json")).expect("their table");
    let text = read("visit-modern.jsonl");
    let mut calls = 0;
    let mut whole = Vec::new();
    for _ in 0..ROUNDS {
        let took = replay_timed(&text, &table).expect("a replay");
        calls = took.len();
        whole.push(took.iter().sum());
    }
    let visit = median(whole);
    let progress = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        (0..100).for_each(|_| {
            black_box(flow.progress());
        });
        began.elapsed() / 100
    });
    let progress = median(progress.collect());

    println!("cold_start_ms\t{:.4}\tms", cold.as_secs_f64() * 1e3);
    println!("visit_us\t{:.1}\tus", visit.as_secs_f64() * 1e6);
    println!("calls\t{calls}\tcalls");
    println!(
        "step_us\t{:.2}\tus",
        visit.as_secs_f64() * 1e6 / f64::from(u32::try_from(calls).unwrap_or(1))
    );
    println!("progress_us\t{:.3}\tus", progress.as_secs_f64() * 1e6);
}

fn median(mut values: Vec<Duration>) -> Duration {
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
