//! What this machine can do, and on Debian: making it able.

use std::{env, path::Path, process::Command, time::Duration};

use crate::step;

/// Debian's names of what tests need beyond the Rust toolchain.
const PACKAGES: [&str; 19] = [
    "pcscd",
    "libpcsclite-dev",
    "pkg-config",
    "opensc",
    "opensc-pkcs11",
    "vsmartcard-vpcd",
    "openssl",
    "libssl-dev",
    "gcc",
    "util-linux",
    "gdb", // gcore: a core dump that is searched for PINs
    "maven",
    "openjdk-17-jdk-headless",
    "python3",
    "python3-venv",
    "debootstrap", // a Debian with a Swift compiler
    "clang",       // C code in the library for Android
    "llvm",
    "postgresql",
];
/// Programs, whoever packed them.
const NODE: [&str; 2] = ["node", "npm"];
/// Whose library is linked for inspection.
const PHONE: &str = "aarch64-linux-android";
const LIMIT: Duration = Duration::from_mins(10);

/// What can be done here, or why not.
pub(crate) struct Machine {
    /// Building the PC/SC driver.
    pub(crate) pcsc: Result<(), String>,
    /// A real pcscd with other people's clients.
    pub(crate) conformance: Result<(), String>,
    /// OpenSSL's library, to judge certificates beside ours.
    pub(crate) openssl: Result<(), String>,
    /// A PostgreSQL server for the sandbox's tests, which look for it themselves.
    pub(crate) postgres: Result<(), String>,
    /// Node.js, for an OpenID provider that nobody here wrote.
    pub(crate) node: Result<(), String>,
}

impl Machine {
    /// What is left out here, and why.
    pub(crate) fn skipped(&self) -> Vec<String> {
        let mut skipped = Vec::new();
        if let Err(why) = &self.pcsc {
            skipped.push(format!("the PC/SC driver, because {why}"));
        }
        if let Err(why) = &self.conformance {
            skipped.push(format!("other people's clients on a real pcscd, because {why}"));
        }
        if let Err(why) = &self.openssl {
            skipped.push(format!("certificates beside OpenSSL, because {why}"));
        }
        if let Err(why) = &self.postgres {
            skipped.push(format!("the sandbox on PostgreSQL, because {why}"));
        }
        if let Err(why) = &self.node {
            skipped.push(format!("a foreign OpenID provider, because {why}"));
        }
        skipped
    }
}

/// Looks what can be done.
pub(crate) fn look() -> Machine {
    let linux = cfg!(target_os = "linux");
    let pcsc = if !linux || step::succeeds("pkg-config", &["--exists", "libpcsclite"]) {
        Ok(())
    } else {
        Err("libpcsclite is missing (Debian: libpcsclite-dev, pkg-config)".to_owned())
    };
    let conformance = match &pcsc {
        _ if !linux => Err("vpcd, the virtual reader, is for Linux".to_owned()),
        Err(why) => Err(why.clone()),
        Ok(()) => clients_and_service(),
    };
    let openssl = if step::succeeds("pkg-config", &["--atleast-version=3", "openssl"])
        && on_path("cc")
    {
        Ok(())
    } else {
        Err("OpenSSL 3 to build with is missing (Debian: libssl-dev, pkg-config, gcc)".to_owned())
    };
    let postgres = if has_postgres() {
        Ok(())
    } else {
        Err("initdb and postgres are missing (Debian: postgresql)".to_owned())
    };
    let node = if NODE.into_iter().all(on_path) {
        Ok(())
    } else {
        Err("node and npm are missing (Debian: nodejs, npm)".to_owned())
    };
    Machine { pcsc, conformance, openssl, postgres, node }
}

fn clients_and_service() -> Result<(), String> {
    let files = ["/usr/sbin/pcscd", "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"];
    let programs =
        ["opensc-tool", "pkcs15-tool", "pkcs15-crypt", "pkcs11-tool", "openssl", "setpriv"];
    let missing: Vec<&str> = files
        .into_iter()
        .filter(|file| !Path::new(file).exists())
        .chain(programs.into_iter().filter(|program| !on_path(program)))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("{} missing", missing.join(", "))) }
}

/// Whether there is a server, in Debian's place or on the path.
fn has_postgres() -> bool {
    let programs = ["initdb", "postgres"];
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let both = |version: std::fs::DirEntry| {
        programs.iter().all(|program| version.path().join("bin").join(program).is_file())
    };
    debian.into_iter().any(both) || programs.into_iter().all(on_path)
}

/// Whether there is a program of this name.
pub(crate) fn on_path(program: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|place| place.join(program).is_file()))
}

/// Installs what is missing, if this is Debian and we are root; otherwise says how.
pub(crate) fn prepare() {
    if !cfg!(target_os = "linux") || !on_path("apt-get") || !on_path("dpkg-query") {
        println!("Not Debian: nothing is installed. Tests need {}.", PACKAGES.join(", "));
        return;
    }
    if !installed_targets().lines().any(|target| target == PHONE) {
        let mut command = Command::new("rustup");
        command.args(["target", "add", PHONE]);
        // Where it is not to be had, what is packed has no library in it.
        step::run("the standard library for phones", command, LIMIT, |_| {});
    }
    let mut missing: Vec<&str> =
        PACKAGES.into_iter().filter(|package| !installed(package)).collect();
    if !NODE.into_iter().all(on_path) {
        missing.extend(["nodejs", "npm"]);
    }
    if missing.is_empty() {
        return;
    }
    if step::output("id", &["-u"]).is_none_or(|id| id.trim() != "0") {
        println!("Missing, and only root can install: apt-get install {}", missing.join(" "));
        return;
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        step::run(&format!("apt-get {}", arguments.join(" ")), command, LIMIT, |_| {});
    };
    // Whether that was enough is looked at afterwards.
    apt(&["update"]);
    apt(&[&["install", "--yes", "--no-install-recommends"], &missing[..]].concat());
}

/// Targets whose standard library rustup has installed.
pub(crate) fn installed_targets() -> String {
    step::output("rustup", &["target", "list", "--installed"]).unwrap_or_default()
}

fn installed(package: &str) -> bool {
    step::output("dpkg-query", &["--show", "--showformat=${db:Status-Status}", package])
        .is_some_and(|status| status == "installed")
}
