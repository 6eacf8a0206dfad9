//! Programs of this workspace, built once.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
};

use serde_json::Value;

use crate::process::run;

/// The command line, with its PC/SC driver. `KAIGOTAP_BIN` names one that is built already.
pub fn kaigotap() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let given = || env::var_os("KAIGOTAP_BIN").map(PathBuf::from);
    BUILT
        .get_or_init(|| {
            given().unwrap_or_else(|| built(&["--package", "kaigotap-cli", "--features", "pcsc"]))
        })
        .clone()
}

/// One of the clients under `examples/`. `KAIGOTAP_CLIENTS` names the folder of those that are built already.
pub fn example(name: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut known = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let given = || env::var_os("KAIGOTAP_CLIENTS").map(|folder| PathBuf::from(folder).join(name));
    let build = || {
        given().unwrap_or_else(|| built(&["--package", env!("CARGO_PKG_NAME"), "--example", name]))
    };
    known.entry(name.to_owned()).or_insert_with(build).clone()
}

/// A library to be laid over the smart-card library by `LD_PRELOAD`: `c/strange_driver.c`, whose settings are said there.
pub fn strange_driver(directory: &Path) -> PathBuf {
    compiled("strange_driver", &["-shared", "-fPIC"], directory)
}

/// A program that holds a card for a while: `c/holder.c`.
pub fn holder(directory: &Path) -> PathBuf {
    compiled("holder", &[], directory)
}

fn compiled(name: &str, how: &[&str], directory: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("c").join(name).with_extension("c");
    let compiled = directory.join(name);
    let mut command = Command::new("cc");
    command.args(["-Wall", "-Werror", "-I/usr/include/PCSC"]).args(how);
    command.arg("-o").arg(&compiled).arg(source).args(["-lpcsclite", "-ldl"]);
    let _ = run(&mut command).succeeded();
    compiled
}

/// Builds and says where the program is.
fn built(what: &[&str]) -> PathBuf {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What cargo told this program about itself would make build scripts run again: `ring` looks at it.
    for (name, _) in env::vars_os() {
        let own = |text: &str| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|own| text.starts_with(own))
        };
        if name.to_str().is_some_and(own) {
            cargo.env_remove(name);
        }
    }
    let output = cargo
        .args(["build", "--locked", "--quiet", "--message-format=json-render-diagnostics"])
        .args(what)
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo build {} failed", what.join(" "));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .unwrap_or_else(|| panic!("cargo build {} made no program", what.join(" ")))
}
