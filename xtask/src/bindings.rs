//! What UniFFI generates from the library: the code that Kotlin, Swift and Python call it by.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use crate::{
    lint,
    machine::Machine,
    root,
    step::{self, Ended},
    target,
};

const LANGUAGES: [&str; 3] = ["kotlin", "swift", "python"];
const LIMIT: Duration = Duration::from_mins(15);

/// What the tests of other languages start from.
pub(crate) struct Built {
    /// A folder for each language.
    pub(crate) bindings: PathBuf,
    /// The shared library as an app gets it, but with its symbols: bindings are read from them.
    pub(crate) library: PathBuf,
    /// The program `kaigotap`, which plays cards and the platform.
    pub(crate) program: PathBuf,
}

/// Builds the library and generates all bindings. `None` if something failed; the steps say what.
pub(crate) fn generate(machine: &Machine) -> (Vec<Ended>, Option<Built>) {
    let built = Built {
        bindings: target().join("bindings"),
        library: target().join("mobile").join(library_name()),
        program: target().join("debug").join(format!("kaigotap{}", std::env::consts::EXE_SUFFIX)),
    };
    let mut library = step::cargo(["build", "--profile", "mobile", "--package", "kaigotap-ffi"]);
    library.arg("--lib");
    let mut steps = vec![step::run("the library as an app gets it", library, LIMIT, |_| {})];
    let mut programs = step::cargo(["build", "--bin", "uniffi-bindgen", "--bin", "kaigotap"]);
    programs.args(lint::scope_of_programs(machine));
    steps.push(step::run("its generator, and the program", programs, LIMIT, |_| {}));
    if steps.iter().all(|step| step.passed) {
        steps.extend(LANGUAGES.map(|language| generate_one(language, &built)));
    }
    let passed = steps.iter().all(|step| step.passed);
    (steps, passed.then_some(built))
}

fn generate_one(language: &str, built: &Built) -> Ended {
    let folder = built.bindings.join(language);
    // What an older library had is not to be compiled beside the new.
    let _ = fs::remove_dir_all(&folder);
    let generator = format!("uniffi-bindgen{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(target().join("debug").join(generator));
    // Names and packages are in `ffi/uniffi.toml`.
    command.current_dir(root().join("ffi")).arg("generate").arg(&built.library);
    command.args(["--language", language, "--no-format", "--out-dir"]).arg(&folder);
    step::run(&format!("bindings for {language}"), command, LIMIT, |_| {})
}

fn library_name() -> String {
    let (before, after) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    format!("{before}kaigotap_ffi{after}")
}
