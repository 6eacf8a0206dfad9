//! Judges chains with something wrong in them beside OpenSSL, and says where the two disagree.
#![allow(clippy::expect_used, reason = "a tool of the tests: what cannot go on stops")]
#![allow(clippy::similar_names, reason = "signer, signed and signature are what they are")]
#![allow(clippy::cast_possible_truncation, reason = "low bytes of lengths and numbers are meant")]

mod chain;
mod der;
mod divergence;
mod evidence;
mod keys;
mod mutate;
mod mutate_answers;
mod mutate_lists;
mod oracle;
mod ours;
mod random;

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Parser;

use chain::Case;
use divergence::Disagreement;
use keys::Key;
use mutate::{Hand, Mutation};
use oracle::{Encoded, Oracle};
use random::Random;

/// Judge mutated certificate chains with the SDK and with OpenSSL, and compare.
#[derive(Parser)]
struct Arguments {
    /// How many chains
    #[arg(long, default_value_t = 20_000)]
    chains: u64,
    /// Which ones: the same seed gives the same chains
    #[arg(long, default_value_t = 5280)]
    seed: u64,
    /// Only this one, and show it
    #[arg(long)]
    case: Option<u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, String> {
    let keys = keys::all();
    let mut oracle = Oracle::start()?;
    println!("{} beside the SDK; seed {}", oracle.version, arguments.seed);
    let mut tally = Tally::default();
    let cases = arguments.case.map_or(0..arguments.chains, |case| case..case + 1);
    for number in cases {
        let case = case(arguments.seed, number, &keys);
        let encoded = Encoded::of(&case, &keys);
        let ours = ours::judge(&encoded).err();
        let theirs = oracle.judge(&encoded)?;
        if arguments.case.is_some() {
            println!("{:?}\nours {ours:?}\ntheirs {theirs:?}\n{}", case.mutations, encoded.line());
        }
        tally.count(number, &case, &encoded, ours.as_deref(), theirs.as_deref());
    }
    tally.show(arguments);
    Ok(tally.unknown.is_empty())
}

/// What was seen.
#[derive(Default)]
struct Tally {
    chains: u64,
    accepted: u64,
    rejected: BTreeMap<String, u64>,
    divergences: BTreeMap<&'static str, u64>,
    mutations: BTreeMap<&'static str, u64>,
    /// Disagreements without a name.
    unknown: BTreeMap<String, Vec<(u64, Vec<&'static str>)>>,
}

impl Tally {
    fn count(
        &mut self,
        number: u64,
        case: &Case,
        encoded: &Encoded,
        ours: Option<&str>,
        theirs: Option<&str>,
    ) {
        self.chains += 1;
        for mutation in &case.mutations {
            *self.mutations.entry(mutation).or_default() += 1;
        }
        match (ours, theirs) {
            (None, None) => self.accepted += 1,
            (Some(ours), Some(_)) => *self.rejected.entry(ours.to_owned()).or_default() += 1,
            _ => {
                let disagreement = Disagreement { case, encoded, ours, theirs };
                if let Some(name) = divergence::name(&disagreement) {
                    *self.divergences.entry(name).or_default() += 1;
                } else {
                    let what = format!("the SDK: {ours:?}; OpenSSL: {theirs:?}");
                    let case = (number, case.mutations.clone());
                    self.unknown.entry(what).or_default().push(case);
                }
            }
        }
    }

    fn show(&self, arguments: &Arguments) {
        let show = |title: &str, counts: Vec<(String, u64)>| {
            let sum: u64 = counts.iter().map(|(_, count)| count).sum();
            println!("\n{title}: {sum}");
            counts.iter().for_each(|(name, count)| println!("  {count:6}  {name}"));
        };
        let owned = |counts: &BTreeMap<&'static str, u64>| {
            counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<Vec<_>>()
        };
        show("mutations", owned(&self.mutations));
        println!("\naccepted by both: {}", self.accepted);
        show("rejected by both", self.rejected.clone().into_iter().collect());
        show("known divergences (docs/divergences.md)", owned(&self.divergences));
        for (name, _) in divergence::DIVERGENCES {
            if !self.divergences.contains_key(name) && self.chains >= 20_000 {
                println!("  never seen: {name}");
            }
        }
        for (what, cases) in &self.unknown {
            println!("\nUNKNOWN DISAGREEMENT, {} times: {what}", cases.len());
            for (number, mutations) in cases.iter().take(5) {
                println!("  --seed {} --case {number}: {mutations:?}", arguments.seed);
            }
        }
        let unknown: usize = self.unknown.values().map(Vec::len).sum();
        println!("\n{} chains, {unknown} unknown disagreements", self.chains);
    }
}

/// The case of this number.
fn case(seed: u64, number: u64, keys: &[Key]) -> Case {
    let mut random = Random::of(seed, number);
    let mut case = chain::sound(&mut random, keys);
    // What is known of revocations, and what may be wrong with that.
    let more: &[Mutation] = match random.below(5) {
        0 => {
            evidence::lists(&mut case, &mut random, keys);
            mutate_lists::MUTATIONS
        }
        1 => {
            evidence::answer(&mut case, &mut random, keys);
            mutate_answers::MUTATIONS
        }
        _ => &[],
    };
    for _ in 0..=random.below(3) {
        // Of a case with evidence mostly that: little can be seen of it where the chain is wrong.
        let of_chain = more.is_empty() || random.below(4) == 0;
        let (name, mutate) = random.pick(if of_chain { mutate::MUTATIONS } else { more });
        mutate(&mut Hand { case: &mut case, random: &mut random, keys });
        case.mutations.push(name);
    }
    case
}
