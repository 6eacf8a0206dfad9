//! Python programs with packages: in an environment of their own, beside what was laid into `target`.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::step;

const LIMIT: Duration = Duration::from_mins(10);

/// Whether such programs can run here, or why not.
pub(crate) fn usable() -> Result<(), String> {
    let new = "import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 10))";
    if step::succeeds("python3", &["-c", new]) {
        Ok(())
    } else {
        Err("there is no Python 3.10 or later with venv (Debian: python3-venv)".to_owned())
    }
}

/// Installs what its `requirements.txt` names; says whether that went well.
pub(crate) fn install(folder: &Path) -> bool {
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv"]).arg(folder.join("environment"));
    let mut pip = Command::new(program(folder, "python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    pip.arg(folder.join("requirements.txt"));
    step::run("python -m venv", environment, LIMIT, |_| {}).passed
        && step::run("pip install", pip, LIMIT, |_| {}).passed
}

/// A program of that environment.
pub(crate) fn program(folder: &Path, name: &str) -> PathBuf {
    folder.join("environment/bin").join(name)
}
