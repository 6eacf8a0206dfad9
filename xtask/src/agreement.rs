//! What came of each recorded conversation, in every language that replayed it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

use crate::{root, step::Ended};

/// Where each language's replay writes a line for each transcript: its file, and what came of it.
const FOLDER: &str = "target/transcripts";

type Outcomes = BTreeMap<String, String>;

/// Forgets what earlier runs wrote.
pub(crate) fn forget() {
    let _ = fs::remove_dir_all(root().join(FOLDER));
}

/// Whether the Rust tests have written theirs, which the others are laid beside.
pub(crate) fn has_rust() -> bool {
    root().join(FOLDER).join("rust.tsv").is_file()
}

/// Lays them side by side, and shows them. They agree if every language has every transcript, with one outcome.
pub(crate) fn check(languages: &[&str]) -> Ended {
    println!("\n=== transcripts in {}", languages.join(", "));
    let started = Instant::now();
    let read = |language: &&str| {
        let text = fs::read_to_string(root().join(FOLDER).join(format!("{language}.tsv")));
        outcomes(&text.unwrap_or_default())
    };
    let all: Vec<Outcomes> = languages.iter().map(read).collect();
    let (table, agree) = lay(languages, &all);
    print!("{table}");
    let name = format!("transcripts: {} agree", languages.join(", "));
    Ended { name, passed: agree, took: started.elapsed().max(Duration::from_millis(1)) }
}

/// `status-modern.jsonl<TAB>done`, or a code and perhaps the tries left.
fn outcomes(text: &str) -> Outcomes {
    let pair = |line: &str| {
        let (file, outcome) = line.split_once('\t')?;
        Some((file.trim_end_matches(".jsonl").to_owned(), outcome.replace('\t', ", tries left: ")))
    };
    text.lines().filter_map(pair).collect()
}

fn lay(languages: &[&str], all: &[Outcomes]) -> (String, bool) {
    let names: BTreeSet<&String> = all.iter().flat_map(BTreeMap::keys).collect();
    let mut table = String::new();
    let mut agree = !names.is_empty();
    for name in &names {
        let said: Vec<&str> =
            all.iter().map(|of| of.get(*name).map_or("(nothing)", |outcome| outcome)).collect();
        let same = said.windows(2).all(|two| two[0] == two[1]);
        let told = if same {
            format!("{} in all {}", said[0], languages.len())
        } else {
            let each =
                languages.iter().zip(&said).map(|(language, of)| format!("{language}: {of}"));
            format!("DIFFERENT: {}", each.collect::<Vec<_>>().join("; "))
        };
        agree &= same;
        let _ = writeln!(table, "{name:<48} {told}");
    }
    (table, agree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_outcome_in_every_language() {
        let of = |text: &str| outcomes(text);
        let languages = ["one", "other"];
        let good = "a.jsonl\tdone\nb.jsonl\tpin_wrong\t2\n";
        let (table, agree) = lay(&languages, &[of(good), of(good)]);
        assert!(agree && table.contains("pin_wrong, tries left: 2 in all 2"), "{table}");
        for bad in ["a.jsonl\tdone\nb.jsonl\tpin_wrong\t1\n", "a.jsonl\tdone\n", ""] {
            let (table, agree) = lay(&languages, &[of(good), of(bad)]);
            assert!(
                !agree && table.contains("DIFFERENT: one: pin_wrong, tries left: 2"),
                "{table}"
            );
        }
        assert!(!lay(&languages, &[of(""), of("")]).1);
    }
}
