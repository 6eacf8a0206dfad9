//! The XCFramework: the static library for iPhones and for their simulator, which the Swift package links.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use crate::{bindings, machine, root, step, target};

const LIMIT: Duration = Duration::from_mins(30);
const PHONE: &str = "aarch64-apple-ios";
/// The simulator on either kind of Mac; both are put into one file.
const SIMULATORS: [&str; 2] = ["aarch64-apple-ios-sim", "x86_64-apple-ios"];
const LIBRARY: &str = "libkaigotap_ffi.a";

/// Makes `bindings-swift/KaigoTapFFI.xcframework`. On a Mac; elsewhere it says what needs one.
pub(crate) fn run() -> bool {
    if !cfg!(target_os = "macos") {
        println!(
            "An XCFramework is made on a Mac with Xcode, and this is none. What needs one:\n\
             - the C and assembler in `ring` are compiled with Apple's headers (`xcrun --sdk iphoneos`);\n\
             - `lipo` puts the simulator's two libraries into one, and `xcodebuild -create-xcframework` makes the bundle;\n\
             - a release is signed with your own identity.\n\
             What was tried without one: the static library for {PHONE} builds and links against stand-ins\n\
             (`cargo xtask size`), which is good for its size and not for running. On a Mac, this runs:"
        );
        for step in steps() {
            println!("    {}", step.join(" "));
        }
        return false;
    }
    let (_, built) = bindings::generate(&machine::look());
    let Some(built) = built else { return false };
    if let Err(error) = headers(&built.bindings.join("swift")) {
        println!("{}: {error}", folder().display());
        return false;
    }
    steps().iter().all(|words| {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(root());
        step::run(&words.join(" "), command, LIMIT, |_| {}).passed
    })
}

/// Where it is put together.
fn folder() -> PathBuf {
    target().join("package/ios")
}

/// What the compiler of C and Swift reads.
fn headers(generated: &std::path::Path) -> std::io::Result<()> {
    let to = folder().join("headers");
    fs::create_dir_all(&to)?;
    fs::create_dir_all(folder().join("simulator"))?;
    fs::copy(generated.join("KaigoTapFFI.h"), to.join("KaigoTapFFI.h"))?;
    let map = root().join("bindings-swift/Sources/KaigoTapFFI/include/module.modulemap");
    fs::copy(map, to.join("module.modulemap"))?;
    // xcodebuild does not write over an old one.
    match fs::remove_dir_all(framework()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn framework() -> PathBuf {
    root().join("bindings-swift/KaigoTapFFI.xcframework")
}

/// The commands, one after the other.
fn steps() -> Vec<Vec<String>> {
    let text = |path: PathBuf| path.display().to_string();
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let built = |of: &str| text(target().join(of).join("mobile").join(LIBRARY));
    let simulator = text(folder().join("simulator").join(LIBRARY));
    let headers = text(folder().join("headers"));
    let mut steps = vec![words(&format!("rustup target add {PHONE} {}", SIMULATORS.join(" ")))];
    for target in [PHONE].iter().chain(&SIMULATORS) {
        steps.push(words(&format!(
            "cargo rustc --locked --profile mobile --package kaigotap-ffi --lib --crate-type staticlib --target {target}"
        )));
    }
    let mut lipo = words("lipo -create -output");
    lipo.push(simulator.clone());
    lipo.extend(SIMULATORS.map(built));
    steps.push(lipo);
    let mut create = words("xcodebuild -create-xcframework");
    for library in [built(PHONE), simulator] {
        create.extend(["-library".to_owned(), library, "-headers".to_owned(), headers.clone()]);
    }
    create.extend(["-output".to_owned(), text(framework())]);
    steps.push(create);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_and_both_simulators() {
        let steps = steps();
        let built: Vec<&String> =
            steps.iter().filter(|words| words[0] == "cargo").filter_map(|w| w.last()).collect();
        assert_eq!(built, [PHONE, SIMULATORS[0], SIMULATORS[1]]);
        // Two libraries of one platform cannot both be in the bundle.
        let create = steps.last().unwrap();
        assert_eq!(create.iter().filter(|word| *word == "-library").count(), 2);
        let lipo = &steps[steps.len() - 2];
        assert!(lipo.iter().filter(|word| word.ends_with(LIBRARY)).count() == 3);
    }

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn elsewhere_nothing_is_made() {
        assert!(!run());
    }
}
