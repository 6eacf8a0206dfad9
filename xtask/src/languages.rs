//! The tests of the languages that call the library, each by that language's own tools.

use std::time::Instant;

use crate::{
    agreement, api, bindings, kotlin,
    machine::Machine,
    package, python,
    step::{Aside, Ended},
    suites::Suite,
    swift,
};

/// A language that the library is called from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// Maven, on a Java virtual machine; over a real pcscd too
    Kotlin,
    /// In a Debian of its own with a Swift compiler, made in target/swift-root; needs root
    Swift,
    /// Its standard library's test runner
    Python,
}

pub(crate) const ALL: [Language; 3] = [Language::Kotlin, Language::Swift, Language::Python];

/// What came of them.
#[derive(Default)]
pub(crate) struct Tested {
    pub(crate) checks: Vec<Ended>,
    pub(crate) suites: Vec<Suite>,
    pub(crate) skipped: Vec<String>,
}

/// Begins what these languages need and what takes long.
pub(crate) fn begin(languages: &[Language]) -> Option<Aside> {
    languages.contains(&Language::Swift).then(swift::begin).flatten()
}

/// Generates the bindings and runs the tests of these languages, as far as this machine can.
pub(crate) fn test(machine: &Machine, languages: &[Language], mut begun: Option<Aside>) -> Tested {
    let mut tested = Tested::default();
    let (steps, built) = bindings::generate(machine);
    tested.checks.extend(steps);
    let Some(built) = built else {
        tested.checks.extend(begun.map(Aside::wait));
        return tested;
    };
    tested.checks.push(api::check());
    for language in languages {
        let usable = match language {
            Language::Kotlin => kotlin::usable(),
            Language::Swift => swift::usable(),
            Language::Python => python::usable(),
        };
        if let Err(why) = usable {
            tested.skipped.push(format!("the tests of {}, because {why}", language.name()));
            continue;
        }
        match language {
            Language::Kotlin => {
                tested.suites.extend(kotlin::suites(&built, machine));
                tested.checks.push(aar());
            }
            Language::Swift => {
                let (checks, suites) = swift::test(&built, begun.take());
                tested.checks.extend(checks);
                tested.suites.extend(suites);
            }
            Language::Python => tested.suites.extend(python::test(&built)),
        }
    }
    tested
}

/// An AAR of what can be built here, as far as it can: its layout is checked by the tests of `package`.
fn aar() -> Ended {
    println!("\n=== an AAR, for inspection");
    let started = Instant::now();
    let passed = package::android::run(true);
    Ended { name: "an AAR, for inspection".to_owned(), passed, took: started.elapsed() }
}

/// Lays side by side what came of each recorded conversation, in Rust and in these languages.
pub(crate) fn compare(languages: &[Language]) -> Ended {
    let names: Vec<&str> =
        ["rust"].into_iter().chain(languages.iter().map(|language| language.name())).collect();
    agreement::check(&names)
}

impl Language {
    /// Its name, as in the folder of its bindings.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
            Self::Python => "python",
        }
    }
}
