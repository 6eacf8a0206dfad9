//! Programs with packages from npm: copied into `target`, so that nothing is installed among the sources.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{machine::on_path, root, step, target};

const LIMIT: Duration = Duration::from_mins(10);

/// Whether such programs can run here, or why not.
pub(crate) fn usable() -> Result<(), String> {
    let new = ["-e", "process.exit(Number(process.versions.node.split('.')[0]) < 20 ? 1 : 0)"];
    if on_path("npm") && step::succeeds("node", &new) {
        Ok(())
    } else {
        Err("there is no Node.js 20 or later with npm".to_owned())
    }
}

/// Lays the files of a folder of this repository where what they need may lie beside them; says where.
pub(crate) fn lay(folder: &str) -> io::Result<PathBuf> {
    let laid = target().join("laid").join(folder);
    fs::create_dir_all(&laid)?;
    for file in fs::read_dir(root().join(folder))? {
        let file = file?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), laid.join(file.file_name()))?;
        }
    }
    Ok(laid)
}

/// Installs what its `package-lock.json` names; says whether that went well.
pub(crate) fn install(folder: &Path) -> bool {
    let mut npm = Command::new("npm");
    npm.args(["ci", "--prefer-offline", "--no-audit", "--no-fund"]).current_dir(folder);
    step::run("npm ci", npm, LIMIT, |_| {}).passed
}
