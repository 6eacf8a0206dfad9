//! Judges chains with something wrong in them beside OpenSSL, and says where the two disagree.
#![allow(clippy::expect_used, reason = "a tool of the tests: what cannot go on stops")]
#![allow(clippy::similar_names, reason = "signer, signed and signature are what they are")]
#![allow(clippy::cast_possible_truncation, reason = "low bytes of lengths and numbers are meant")]

mod card;
mod chain;
mod der;
mod divergence;
mod evidence;
mod hand;
mod keys;
mod mutate;
mod mutate_answers;
mod mutate_lists;
mod oracle;
mod ours;
mod random;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use kaigotap::pki::Reason;
use kaigotap::pki::revocation::NotChecked;

use chain::Case;
use divergence::Disagreement;
use hand::{Hand, Mutation};
use keys::Key;
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
    /// Put that one's files here, for OpenSSL's own commands
    #[arg(long, requires = "case", value_name = "FOLDER")]
    write: Option<PathBuf>,
}

/// So many chains are enough for everything to have happened that can.
const FULL: u64 = 20_000;
/// So often each reason is to be seen among them.
const OFTEN: u64 = 5;

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
    let started = Instant::now();
    let keys = keys::all();
    let mut oracle = Oracle::start()?;
    println!("{} beside the SDK; seed {}", oracle.version, arguments.seed);
    if arguments.case.is_none() {
        println!("{} judgements of test cards, as they must be", card::check(&mut oracle)?);
    }
    let mut tally = Tally::default();
    let cases = arguments.case.map_or(0..arguments.chains, |case| case..case + 1);
    for number in cases {
        let case = case(arguments.seed, number, &keys);
        let encoded = Encoded::of(&case, &keys);
        let ours = ours::judge(&encoded).err();
        let theirs = oracle.judge(&encoded)?;
        if arguments.case.is_some() {
            println!("{:?}\nthe SDK: {ours:?}\nOpenSSL: {theirs:?}", case.mutations);
        }
        if let Some(folder) = &arguments.write {
            println!("{}", encoded.write(folder).map_err(|error| error.to_string())?);
        }
        tally.count(number, &case, &encoded, ours.as_deref(), theirs.as_deref());
    }
    tally.show(arguments);
    println!("{} seconds", started.elapsed().as_secs());
    Ok(tally.unknown.is_empty() && tally.missing().is_empty())
}

/// What was seen.
#[derive(Default)]
struct Tally {
    chains: u64,
    accepted: u64,
    rejected: BTreeMap<String, u64>,
    divergences: BTreeMap<&'static str, u64>,
    /// Those of them in which the SDK is the one that accepts.
    laxer: BTreeMap<&'static str, u64>,
    mutations: BTreeMap<&'static str, u64>,
    /// What the SDK rejected for, whatever OpenSSL said.
    reasons: BTreeMap<String, u64>,
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
        if let Some(ours) = ours {
            *self.reasons.entry(ours.to_owned()).or_default() += 1;
        }
        match (ours, theirs) {
            (None, None) => self.accepted += 1,
            (Some(ours), Some(_)) => *self.rejected.entry(ours.to_owned()).or_default() += 1,
            _ => {
                let disagreement = Disagreement { case, encoded, ours, theirs };
                if let Some(name) = divergence::name(&disagreement) {
                    *self.divergences.entry(name).or_default() += 1;
                    if ours.is_none() {
                        *self.laxer.entry(name).or_default() += 1;
                    }
                } else {
                    let what = format!("the SDK: {ours:?}; OpenSSL: {theirs:?}");
                    let case = (number, case.mutations.clone());
                    self.unknown.entry(what).or_default().push(case);
                }
            }
        }
    }

    /// What a full run should have met, and did not: divergences that are none any more, mutations, reasons.
    fn missing(&self) -> Vec<String> {
        if self.chains < FULL {
            return Vec::new();
        }
        let divergences = divergence::DIVERGENCES.iter().map(|(name, _)| *name);
        let divergences = divergences.filter(|name| !self.divergences.contains_key(name));
        let all = [mutate::MUTATIONS, mutate_lists::MUTATIONS, mutate_answers::MUTATIONS];
        let mutations = all.into_iter().flatten().map(|(name, _)| *name);
        let mutations = mutations.filter(|name| !self.mutations.contains_key(name));
        let reasons = Reason::ALL.iter().map(|reason| reason.code());
        let reasons = reasons.chain(NotChecked::ALL.iter().map(|why| why.code()));
        let seldom = |code: &&str| self.reasons.get(*code).is_none_or(|count| *count < OFTEN);
        // Told as the reason why nothing is known; and without any evidence nothing is asked. What was seen before OpenSSL
        // cannot be told.
        let never = [
            Reason::RevocationUnknown.code(),
            NotChecked::NothingGiven.code(),
            NotChecked::ListSuperseded.code(),
        ];
        let reasons = reasons.filter(|code| !never.contains(code)).filter(seldom);
        divergences.chain(mutations).chain(reasons).map(str::to_owned).collect()
    }

    fn show(&self, arguments: &Arguments) {
        let show = |title: &str, counts: Vec<(String, u64)>| {
            let sum: u64 = counts.iter().map(|(_, count)| count).sum();
            println!("\n{title}: {sum}");
            for (name, count) in counts {
                println!("  {count:6}  {name}");
            }
        };
        let owned = |counts: &BTreeMap<&'static str, u64>| {
            counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<Vec<_>>()
        };
        show("mutations", owned(&self.mutations));
        println!("\naccepted by both: {}", self.accepted);
        show("rejected by both", self.rejected.clone().into_iter().collect());
        show("known divergences (docs/divergences.md)", owned(&self.divergences));
        show("of those accepted by the SDK", owned(&self.laxer));
        for missing in self.missing() {
            println!("\nTOO SELDOM: {missing}");
        }
        for (what, cases) in &self.unknown {
            println!("\nUNKNOWN DISAGREEMENT, {} times: {what}", cases.len());
            for (number, mutations) in cases.iter().take(5) {
                let again = format!("--seed {} --case {number}", arguments.seed);
                println!("  cargo xtask differential {again}: {mutations:?}");
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

#[cfg(test)]
mod tests {
    use super::{Arguments, run};

    /// For `cargo mutants`; otherwise `cargo xtask differential` does it.
    #[test]
    #[ignore = "cargo xtask differential does this"]
    fn nothing_is_unknown() {
        assert_eq!(
            run(&Arguments { chains: 1_500, seed: 5280, case: None, write: None }),
            Ok(true)
        );
    }
}
