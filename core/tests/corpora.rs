//! The fuzz targets on their seeds, without a fuzzer: nothing panics, and the seeds get as far as they should.

use std::fs;
use std::path::{Path, PathBuf};

use kaigotap::fuzzing::{FLOWS, TARGETS, hostile_card};

/// Seeds by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let directory = fuzz().join("corpus").join(target);
    let files =
        fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut seeds: Vec<_> = files
        .map(|file| {
            let path = file.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())
        })
        .collect();
    seeds.sort();
    seeds
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

#[test]
fn every_target_takes_some_seeds_and_refuses_others() {
    for (target, run) in TARGETS {
        let seeds = seeds(target);
        let taken = seeds.iter().filter(|(_, seed)| run(seed)).count();
        assert!(taken > 0 && taken < seeds.len(), "{target}: {taken} of {} taken", seeds.len());
    }
}

/// When this fails, the flows ask for other things than they did, or in another order: `cargo xtask fuzz --seeds`.
#[test]
fn every_flow_comes_to_a_good_end_on_a_card_with_and_without_extras() {
    let seeds = seeds("hostile_card");
    for flow in 0..FLOWS {
        let good: Vec<&str> = seeds
            .iter()
            .filter(|(_, seed)| seed[0] == flow && hostile_card(seed))
            .map(|(name, _)| name.as_str())
            .collect();
        for profile in ["-modern", "-plain"] {
            let found = good.iter().any(|name| name.ends_with(profile));
            // What is printed on the card cannot be changed; no card is asked.
            assert!(found || flow == FLOWS - 1, "flow {flow} on {profile}: {good:?}");
        }
    }
}

/// A fuzzer looks for what lies near its seeds, and so does this: every seed cut short anywhere.
#[test]
fn seeds_cut_short_are_borne() {
    for (target, run) in TARGETS {
        for (_, seed) in seeds(target) {
            // Every length of the small ones, some of the large ones.
            let step = seed.len().div_ceil(64).max(1);
            for length in (0..seed.len()).step_by(step) {
                run(&seed[..length]);
            }
        }
    }
}

#[test]
fn every_target_has_a_program_and_a_corpus_of_moderate_size() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let mut bytes = 0;
    for (target, _) in TARGETS {
        let program = fuzz().join(format!("fuzz_targets/{target}.rs"));
        let text = fs::read_to_string(program).unwrap();
        assert!(text.contains(&format!("kaigotap::fuzzing::{target}(bytes)")), "{target}");
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
        let seeds = seeds(target);
        assert!(seeds.len() <= 60, "{target}: {} seeds", seeds.len());
        bytes += seeds.iter().map(|(_, seed)| seed.len()).sum::<usize>();
    }
    assert!(bytes <= 300 * 1024, "{bytes} bytes of seeds");
}
