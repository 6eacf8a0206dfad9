//! Swift's tests, in a Debian of their own that has a Swift compiler: bookworm has none.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    bindings::Built,
    machine, root,
    step::{self, Aside, Ended},
    suites::Suite,
};

/// What is in it beyond the smallest Debian. `libpcsclite1` is for the program `kaigotap`, where it was built with readers.
const PACKAGES: [&str; 5] =
    ["swiftlang", "libc6-dev", "libstdc++-14-dev", "libpcsclite1", "openssl"];
const RELEASE: &str = "trixie";
/// Half a gigabyte is fetched.
const INSTALLING: Duration = Duration::from_mins(20);
const LIMIT: Duration = Duration::from_mins(20);
/// A test may take three minutes, and they run at the same time: longer takes only one that hangs, whoever cancels it.
const TESTING: Duration = Duration::from_mins(6);
/// In the file system of that Debian: the repository, and the folder of the program `kaigotap`.
const MOUNTED: [&str; 2] = ["src", "tools"];
/// What was written when all was installed; without it a folder is what an interrupted run has left.
const STAMP: &str = "kaigotap-packages";

/// Has the compiler tell the public API; a test compares it with `bindings-swift/api.txt`. A changed one lies in
/// `target/swift/api.txt`.
const API: &str = "rm -rf ../target/swift/symbols && mkdir ../target/swift/symbols && \
    for module in KaigoTapCore KaigoTap KaigoTapNFC; do \
    swift symbolgraph-extract -module-name $module -target $(uname -m)-pc-linux-gnu \
    -I ../target/swift/debug/Modules -I Sources/KaigoTapFFI/include -minimum-access-level public \
    -skip-synthesized-members -skip-inherited-docs -output-dir ../target/swift/symbols || exit 1; done";

/// Whether Swift's tests can run here, or why not.
pub(crate) fn usable() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("their Debian runs on Linux".to_owned());
    }
    if step::output("id", &["-u"]).is_none_or(|id| id.trim() != "0") {
        return Err("only root can make a Debian beside this one".to_owned());
    }
    let missing: Vec<&str> = ["unshare", "chroot", "mount"]
        .into_iter()
        .chain((!installed()).then_some("debootstrap"))
        .filter(|program| !machine::on_path(program))
        .collect();
    if !missing.is_empty() {
        return Err(format!("{} missing", missing.join(", ")));
    }
    if !step::succeeds("unshare", &["--mount", "true"]) {
        return Err("mounts of one's own are not allowed here".to_owned());
    }
    Ok(())
}

/// Checks, builds and tests the Swift package and the sample app, as soon as what was begun is there.
pub(crate) fn test(built: &Built, begun: Option<Aside>) -> (Vec<Ended>, Vec<Suite>) {
    let mut checks: Vec<Ended> = begun.map(Aside::wait).into_iter().collect();
    if !installed() {
        return (checks, Vec::new());
    }
    if let Err(error) = lay_out(built) {
        println!("the Swift package cannot be prepared: {error}");
        checks.push(Ended { name: "swift".to_owned(), passed: false, took: Duration::ZERO });
        return (checks, Vec::new());
    }
    let formatted = "/usr/libexec/swift/bin/swift-format lint --strict --recursive \
                     Sources/KaigoTap Sources/KaigoTapNFC Tests Package.swift";
    checks.push(run("swift format", built, formatted));
    let jobs =
        env::var("CARGO_BUILD_JOBS").map_or_else(|_| String::new(), |jobs| format!("-j {jobs}"));
    let building = format!("swift build --scratch-path ../target/swift {jobs} --build-tests");
    checks.push(run("swift build", built, &building));
    if checks.iter().any(|check| !check.passed && check.name == "swift build") {
        return (checks, Vec::new());
    }
    checks.push(run("the public API of Swift", built, API));
    let testing = "stdbuf --output=L swift test --scratch-path ../target/swift --skip-build \
                   --xunit-output ../target/swift/tests.xml";
    let mut suites = tested("swift", built, testing);
    let smallest = "../target/swift/debug/SmallestProgram";
    checks.push(run("the smallest program in Swift", built, smallest));
    let (more, others) = sample(built, &jobs);
    checks.extend(more);
    suites.extend(others);
    (checks, suites)
}

/// The sample app. What wants Apple's frameworks is compiled with stand-ins for them.
fn sample(built: &Built, jobs: &str) -> (Vec<Ended>, Vec<Suite>) {
    const FOLDER: &str = "cd ../examples/ios &&";
    let formatted = format!(
        "{FOLDER} /usr/libexec/swift/bin/swift-format lint --strict --recursive \
         --configuration ../../bindings-swift/.swift-format \
         App Guide Sources Tests/SwiftUI Tests/UIKit Tests/VisitScreensTests Package.swift"
    );
    let building = format!(
        "{FOLDER} swift build --scratch-path ../../target/swift-sample {jobs} --build-tests"
    );
    let checks = vec![
        run("swift sample format", built, &formatted),
        run("swift sample build", built, &building),
    ];
    if checks.iter().any(|check| !check.passed && check.name == "swift sample build") {
        return (checks, Vec::new());
    }
    let testing = format!(
        "{FOLDER} stdbuf --output=L swift test --scratch-path ../../target/swift-sample --skip-build \
         --xunit-output ../../target/swift-sample/tests.xml"
    );
    let suites = tested("swift sample", built, &testing);
    (checks, suites)
}

/// Runs tests, which write their report into the folder of the same name. Where one hangs, and none is written for that,
/// what was said so far tells which: line by line it has to come for that.
fn tested(name: &str, built: &Built, line: &str) -> Vec<Suite> {
    let folder = root().join("target").join(name.replace(' ', "-"));
    let report = folder.join("tests-swift-testing.xml");
    let _ = fs::remove_file(&report);
    let mut begun = BTreeSet::new();
    let tests =
        heard(&format!("{name} test"), built, TESTING, line, |line| follow(line, &mut begun));
    let mut suites = suites(name, &fs::read_to_string(&report).unwrap_or_default());
    if suites.iter().all(|suite| suite.passed + suite.failed == 0)
        || (!tests.passed && suites.iter().all(|suite| suite.failed == 0))
    {
        let name = if begun.is_empty() {
            format!("{name}: failed")
        } else {
            let begun: Vec<_> = begun.into_iter().collect();
            format!("{name}: did not end: {}", begun.join(", "))
        };
        suites.push(Suite { name, failed: 1, ..Suite::default() });
    }
    suites
}

/// Notes the tests that have begun and not ended, by what their runner says: `◇ Test "name" started.`
fn follow(line: &str, begun: &mut BTreeSet<String>) {
    let Some((_, test)) = line.split_once(" Test ") else {
        return;
    };
    if let Some(name) = test.strip_suffix(" started.").filter(|name| *name != "run") {
        begun.insert(name.to_owned());
    } else if let Some((test, _)) =
        test.split_once(" passed after ").or_else(|| test.split_once(" failed after "))
    {
        // Newer runners tell how many cases it had.
        begun.remove(test.split_once("\" with ").map_or(test, |(name, _)| &test[..=name.len()]));
    }
}

/// What a call from Swift costs, as tab-separated lines; `None` where it cannot be measured.
///
/// Where the figures are to count, the library is one for release.
pub(crate) fn cost(built: &Built) -> Option<String> {
    usable().ok()?;
    if begin().is_some_and(|begun| !begun.wait().passed) {
        return None;
    }
    lay_out(built).ok()?;
    let building = "swift build --scratch-path ../target/swift -c release --product FfiCost";
    if !run("swift build", built, building).passed {
        return None;
    }
    let mut rows = String::new();
    let program = "../target/swift/release/FfiCost";
    let measured = heard("the cost of a call from Swift", built, LIMIT, program, |line| {
        rows.push_str(line);
        rows.push('\n');
    });
    measured.passed.then_some(rows)
}

/// Where that Debian lies.
fn place() -> PathBuf {
    root().join("target/swift-root")
}

/// What it was made of.
fn recipe() -> String {
    format!("{RELEASE} {}\n", PACKAGES.join(" "))
}

fn installed() -> bool {
    fs::read_to_string(place().join(STAMP)).is_ok_and(|stamp| stamp == recipe())
}

/// Begins to make it, where it is missing and can be made. Most of the time it waits for what it fetches.
pub(crate) fn begin() -> Option<Aside> {
    (usable().is_ok() && !installed()).then(install)
}

/// Makes it anew; what another recipe or an interrupted run has left is removed before. Nothing is ever mounted in it
/// but in the private view of a step, so that removing it removes nothing else.
fn install() -> Aside {
    let place = place();
    if place.exists() {
        println!("{} is not complete, or of another recipe: it is made anew", place.display());
        let _ = fs::remove_dir_all(&place);
    }
    let mut command = Command::new("debootstrap");
    command.args(["--variant=minbase", &format!("--include={}", PACKAGES.join(",")), RELEASE]);
    command.arg(&place);
    step::aside("a Debian with a Swift compiler", command, INSTALLING, move || {
        // Half a gigabyte of packages that are installed by now.
        let _ = fs::remove_dir_all(place.join("var/cache/apt/archives"));
        let mounted = MOUNTED.map(|name| fs::create_dir_all(place.join(name)));
        let stamped = fs::write(place.join(STAMP), recipe());
        stamped.is_ok() && mounted.iter().all(Result::is_ok)
    })
}

/// Puts what was generated and compiled where the package looks for it.
fn lay_out(built: &Built) -> io::Result<()> {
    let package = root().join("bindings-swift");
    let put = |from: PathBuf, to: &str| {
        let to = package.join(to);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        let bytes = fs::read(from)?;
        // Left alone where it is the same, so that nothing is compiled again.
        if fs::read(&to).is_ok_and(|old| old == bytes) { Ok(()) } else { fs::write(to, bytes) }
    };
    let generated = built.bindings.join("swift");
    put(generated.join("KaigoTap.swift"), "Sources/KaigoTapCore/KaigoTap.swift")?;
    put(generated.join("KaigoTapFFI.h"), "Sources/KaigoTapFFI/include/KaigoTapFFI.h")?;
    put(built.library.clone(), "lib/libkaigotap_ffi.so")
}

/// Runs a line of a shell in that Debian, in the folder of the package.
fn run(name: &str, built: &Built, line: &str) -> Ended {
    heard(name, built, LIMIT, line, |_| {})
}

/// The same, with an ear for what it says.
fn heard(name: &str, built: &Built, limit: Duration, line: &str, hear: impl FnMut(&str)) -> Ended {
    // In a mount namespace of its own: with the last process all mounts are gone. Swift needs /proc.
    const SCRIPT: &str = "mount -t proc proc \"$1/proc\" && mount --bind \"$2\" \"$1/src\" \
        && mount --bind \"$3\" \"$1/tools\" && exec chroot \"$1\" /usr/bin/env -i HOME=/root \
        PATH=/usr/bin:/bin LANG=C.UTF-8 KAIGOTAP_COMMAND=\"/tools/$4\" \
        /bin/sh -c \"cd /src/bindings-swift && $5\"";
    let program = &built.program;
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", SCRIPT, "sh"]).arg(place()).arg(root());
    command.arg(program.parent().unwrap_or(Path::new("/")));
    command.arg(program.file_name().unwrap_or_default()).arg(line);
    step::run(name, command, limit, hear)
}

/// The report of Swift's test runner, a suite for each of its suites.
fn suites(language: &str, report: &str) -> Vec<Suite> {
    let mut found = BTreeMap::<&str, Suite>::new();
    for case in report.split("<testcase ").skip(1) {
        let attribute = |name: &str| {
            case.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next())
        };
        let class = attribute("classname").unwrap_or_default();
        let name = class.rsplit('.').next().unwrap_or_default();
        let suite = found
            .entry(name)
            .or_insert_with(|| Suite { name: format!("{language}, {name}"), ..Suite::default() });
        if case.contains("<failure") {
            suite.failed += 1;
        } else if case.contains("<skipped") {
            suite.ignored += 1;
        } else {
            suite.passed += 1;
        }
        // They run at the same time: the longest is how long it took.
        let seconds = attribute(" time").and_then(|time| time.parse().ok()).unwrap_or_default();
        suite.seconds = f64::max(suite.seconds, seconds);
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_the_test_runner() {
        let suites = suites(
            "swift",
            "<testsuites><testsuite name=\"TestResults\" tests=\"3\">\n\
             <testcase classname=\"KaigoTapTests.Visits\" name=\"withPin()\" time=\"0.5\" />\n\
             <testcase classname=\"KaigoTapTests.Misuse\" name=\"threads()\" time=\"0.25\">\n\
             <failure message=\"Expectation failed\" />\n</testcase>\n\
             <testcase classname=\"KaigoTapTests.Visits\" name=\"plain()\" time=\"2\" />\n\
             </testsuite></testsuites>",
        );
        let counts: Vec<_> =
            suites.iter().map(|suite| (&suite.name[..], suite.passed, suite.failed)).collect();
        assert_eq!(counts, [("swift, Misuse", 0, 1), ("swift, Visits", 2, 0)]);
        assert!((suites[1].seconds - 2.0).abs() < 1e-9);
        assert!(super::suites("swift", "").is_empty());
    }

    #[test]
    fn a_test_that_hangs_is_named() {
        let mut begun = BTreeSet::new();
        for line in [
            "◇ Test run started.",
            "◇ Suite \"visits\" started.",
            "◇ Test \"with PIN\" started.",
            "◇ Test \"a torn tap\" started.",
            "◇ Test \"a Task that is cancelled\" started.",
            "◇ Passing 1 argument after → 0 to \"a torn tap\"",
            "✔ Test \"with PIN\" passed after 0.5 seconds.",
            "✘ Test \"a torn tap\" recorded an issue at Flows.swift:1:1: no",
            "✘ Test \"a torn tap\" with 5 test cases failed after 0.5 seconds with 1 issue.",
        ] {
            follow(line, &mut begun);
        }
        assert_eq!(Vec::from_iter(begun), ["\"a Task that is cancelled\""]);
    }

    #[test]
    fn another_recipe_is_another_debian() {
        assert!(recipe().starts_with("trixie swiftlang ") && recipe().ends_with('\n'));
    }
}
