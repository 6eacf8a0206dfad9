//! Of what these figures are.

use std::process::Command;

/// The tests of the peers pin them.
const PINS: &str = include_str!("../../conformance/Cargo.toml");

/// Version of a pinned crate.
pub(crate) fn pinned(name: &str) -> &'static str {
    let line = PINS.lines().find(|line| line.starts_with(&format!("{name} = ")));
    let version = line.and_then(|line| line.split_once("version = \"=")).map(|(_, rest)| rest);
    version.and_then(|rest| rest.split('"').next()).unwrap_or("unknown")
}

/// What is installed, as it says itself.
pub(crate) fn installed() -> Vec<String> {
    // `OpenSC 0.23.0 [gcc …]`
    let opensc = said("opensc-tool", "--info")
        .and_then(|said| Some(said.split(" [").next()?.trim().to_owned()));
    let pcscd = said("/usr/sbin/pcscd", "--version")
        .and_then(|said| Some(said.lines().next()?.trim_end_matches('.').to_owned()));
    let rust = said("rustc", "--version").and_then(|said| {
        let mut words = said.split_whitespace();
        Some(format!("{} {}", words.next()?, words.next()?))
    });
    let valgrind = said("valgrind", "--version").map(|said| said.trim().replace('-', " "));
    [opensc, pcscd, rust, valgrind].into_iter().flatten().collect()
}

/// The processor on which host time was taken.
pub(crate) fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(':')).map(|(_, model)| model.trim());
    model.unwrap_or("a processor that does not say its name").to_owned()
}

fn said(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    // Some say it there.
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    output.status.success().then(|| String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peers_are_pinned() {
        for name in ["myna-card", "jpki"] {
            assert!(pinned(name).split('.').count() == 3, "{name}: {}", pinned(name));
        }
    }
}
