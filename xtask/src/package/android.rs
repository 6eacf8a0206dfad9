//! The AAR: what an Android app depends on, with the POM that names what it needs.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{
    elf,
    native::{self, ABIS, Abi},
    zip::{self, Entries},
};
use crate::{machine, root, step, target};

const GROUP: &str = "org.kaigotap";
const ARTIFACT: &str = "kaigotap-android";
const VERSION: &str = env!("CARGO_PKG_VERSION");
const MODULE: &str = "bindings-kotlin/kaigotap-android/src/main";
/// What the library's own functions are called; a library without it is another one.
const MARK: &[u8] = b"ffi_kaigotap_ffi_uniffi_contract_version";
/// What every library for Android needs; one that was linked for inspection needs nothing.
const NEEDS: &[u8] = b"\0libc.so\0";
/// Without these it would be an empty shell.
const NEEDED: [&str; 3] =
    ["kaigotap/Visit.class", "kaigotap/UniffiLib.class", "kaigotap/android/IsoDepLink.class"];

/// What the AAR is made of.
struct Parts {
    manifest: Vec<u8>,
    rules: Vec<u8>,
    classes: Entries,
    /// The library, or why there is none.
    libraries: Vec<(&'static Abi, Result<Vec<u8>, String>)>,
}

/// Makes the AAR, its POM and their checksums, laid out as a Maven repository in `target/package/android`.
///
/// A library that is missing or that new phones cannot load is a refusal. With `inspect`, what there is is packed
/// nevertheless, into another folder and under a version that says so; without an NDK, libraries are then linked with
/// nothing behind them, for those targets that rustup has installed.
pub(crate) fn run(inspect: bool) -> bool {
    let made = classes().and_then(|classes| {
        let read = |name: &str| {
            fs::read(root().join(MODULE).join(name)).map_err(|error| format!("{name}: {error}"))
        };
        let parts = Parts {
            manifest: read("AndroidManifest.xml")?,
            rules: read("consumer-rules.pro")?,
            classes,
            libraries: libraries(inspect),
        };
        let versions = fs::read_to_string(root().join("bindings-kotlin/pom.xml"))
            .map_err(|error| error.to_string())?;
        let folder = target().join("package");
        publish(&parts, &versions, inspect, &folder)
    });
    match made {
        Ok(files) => {
            for file in files {
                println!("{}", file.display());
            }
            true
        }
        Err(why) => {
            println!("{why}");
            false
        }
    }
}

/// Everything that Maven compiles for Android, of both modules.
fn classes() -> Result<Entries, String> {
    // A folder of its own, and empty: what is no longer there must not ship.
    let output = target().join("package/maven");
    if output.exists() {
        fs::remove_dir_all(&output).map_err(|error| format!("{}: {error}", output.display()))?;
    }
    let mut maven = Command::new("mvn");
    maven.current_dir(root()).args(["-q", "-B", "-f", "bindings-kotlin/pom.xml"]);
    maven.args(["-pl", ARTIFACT, "-am", "-Dmaven.test.skip=true", "compile"]);
    maven.arg(format!("-Dkaigotap.bindings={}", target().join("bindings/kotlin").display()));
    maven.arg(format!("-Dkaigotap.output={}", output.display()));
    if !step::run("Kotlin for Android", maven, Duration::from_mins(20), |_| {}).passed {
        return Err("nothing is packed: see above, or run `cargo xtask bindings` first".to_owned());
    }
    let mut classes = Entries::new();
    for module in ["kaigotap", ARTIFACT] {
        let folder = output.join(module).join("classes");
        collect(&folder, "", &mut classes).map_err(|error| format!("{module}: {error}"))?;
    }
    Ok(classes)
}

/// Reads all files below a folder. Two of one name are an error.
fn collect(folder: &Path, prefix: &str, into: &mut Entries) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), into)?;
        } else if into.insert(name.clone(), fs::read(entry.path())?).is_some() {
            return Err(io::Error::other(format!("two files are called {name}")));
        }
    }
    Ok(())
}

/// The library of every kind: built by an NDK if there is one, else as it lies in the target folder.
fn libraries(inspect: bool) -> Vec<(&'static Abi, Result<Vec<u8>, String>)> {
    let kit = native::ndk().map(native::Toolchain::Ndk);
    let stubs = || native::stubs(&target().join("inspection/stubs")).ok();
    let targets = machine::installed_targets();
    let library = |abi: &Abi| {
        let installed = targets.lines().any(|target| target == abi.target);
        let with = match &kit {
            Some(_) => None,
            None if inspect && installed => stubs(),
            None => return fs::read(native::place(abi)).map_err(|_| missing(abi)),
        };
        let built = with.as_ref().or(kit.as_ref()).ok_or_else(|| missing(abi))?;
        fs::read(native::build(abi, built, &[], native::Symbols::Stripped)?)
            .map_err(|error| error.to_string())
    };
    ABIS.iter().map(|abi| (abi, library(abi))).collect()
}

fn missing(abi: &Abi) -> String {
    format!(
        "there is no library for it: install Android's NDK (r28 or later), set ANDROID_NDK_HOME, and run \
         `rustup target add {}`",
        abi.target
    )
}

/// Checks, packs and writes. Says what was written.
fn publish(
    parts: &Parts,
    versions: &str,
    inspect: bool,
    folder: &Path,
) -> Result<Vec<PathBuf>, String> {
    let found = findings(parts);
    for finding in &found {
        println!("{finding}");
    }
    if !inspect && !found.is_empty() {
        return Err(format!("{ARTIFACT} {VERSION} is not published"));
    }
    let (place, version) = if inspect {
        ("android-inspection", format!("{VERSION}-inspection"))
    } else {
        ("android", VERSION.to_owned())
    };
    let folder = folder.join(place).join(GROUP.replace('.', "/")).join(ARTIFACT).join(&version);
    let (aar, pom) = (zip::pack(&layout(parts)?)?, pom(versions, &version)?);
    write(&folder, &format!("{ARTIFACT}-{version}"), &aar, &pom)
}

/// What speaks against publishing this.
fn findings(parts: &Parts) -> Vec<String> {
    let mut found = Vec::new();
    for (abi, library) in &parts.libraries {
        let about = match library {
            Err(why) => vec![why.clone()],
            Ok(library) => {
                let mut about = elf::findings(library, abi.machine);
                if !holds(library, MARK) {
                    about.push("it is not KaigoTap's library".to_owned());
                }
                if !holds(library, NEEDS) {
                    about
                        .push("it is linked without Android's C library and cannot run".to_owned());
                }
                about
            }
        };
        found.extend(about.into_iter().map(|about| format!("{}: {about}", abi.name)));
    }
    for abi in &ABIS {
        if !parts.libraries.iter().any(|(known, _)| known.name == abi.name) {
            found.push(format!("{}: {}", abi.name, missing(abi)));
        }
    }
    let needed = NEEDED.iter().filter(|class| !parts.classes.contains_key(**class));
    found.extend(needed.map(|class| format!("classes: {class} is missing")));
    let rules = String::from_utf8_lossy(&parts.rules);
    for kept in ["class com.sun.jna.** { *; }", "class kaigotap.*UniffiLib { *; }"] {
        if !rules.lines().any(|line| line.starts_with("-keep") && line.ends_with(kept)) {
            found.push(format!("rules: nothing keeps {kept}"));
        }
    }
    found
}

fn holds(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|bytes| bytes == part)
}

/// The files of the AAR.
fn layout(parts: &Parts) -> Result<Entries, String> {
    let mut files = Entries::new();
    let mut add = |name: &str, content: Vec<u8>| files.insert(name.to_owned(), content);
    add("AndroidManifest.xml", parts.manifest.clone());
    add("classes.jar", zip::pack(&parts.classes)?);
    add("proguard.txt", parts.rules.clone());
    // There are no resources.
    add("R.txt", Vec::new());
    add(
        "META-INF/com/android/build/gradle/aar-metadata.properties",
        b"aarFormatVersion=1.0\naarMetadataVersion=1.0\nminCompileSdk=34\n".to_vec(),
    );
    for (abi, library) in &parts.libraries {
        if let Ok(library) = library {
            add(&format!("jni/{}/libkaigotap_ffi.so", abi.name), library.clone());
        }
    }
    Ok(files)
}

/// The POM. Versions are those that everything was compiled with.
fn pom(versions: &str, version: &str) -> Result<String, String> {
    let named = |name: &str| {
        let value = versions.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
        value
            .and_then(|rest| rest.split_once('<'))
            .map(|(value, _)| value.to_owned())
            .ok_or_else(|| format!("bindings-kotlin/pom.xml names no {name}"))
    };
    let needs: String = [
        ("org.jetbrains.kotlin", "kotlin-stdlib", named("kotlin.version")?, ""),
        ("org.jetbrains.kotlinx", "kotlinx-coroutines-android", named("coroutines.version")?, ""),
        // The jar of the same name holds no library for Android.
        ("net.java.dev.jna", "jna", named("jna.version")?, "<type>aar</type>"),
    ]
    .map(|(group, artifact, version, kind)| {
        format!(
            "    <dependency>\n      <groupId>{group}</groupId><artifactId>{artifact}</artifactId>\n      \
             <version>{version}</version>{kind}\n    </dependency>\n"
        )
    })
    .concat();
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>{GROUP}</groupId>
  <artifactId>{ARTIFACT}</artifactId>
  <version>{version}</version>
  <packaging>aar</packaging>
  <name>KaigoTap for Android</name>
  <licenses>
    <license><name>Apache-2.0 OR MIT</name></license>
  </licenses>
  <dependencies>
{needs}  </dependencies>
</project>
"#
    ))
}

/// Writes both files with their checksums, into a folder that holds nothing else.
fn write(folder: &Path, stem: &str, aar: &[u8], pom: &str) -> Result<Vec<PathBuf>, String> {
    let wrong = |error: io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(wrong)?;
    }
    fs::create_dir_all(folder).map_err(wrong)?;
    let mut written = Vec::new();
    for (kind, content) in [("aar", aar), ("pom", pom.as_bytes())] {
        let file = folder.join(format!("{stem}.{kind}"));
        fs::write(&file, content).map_err(wrong)?;
        let sum = folder.join(format!("{stem}.{kind}.sha256"));
        fs::write(&sum, sha256(&file)?).map_err(wrong)?;
        written.extend([file, sum]);
    }
    Ok(written)
}

/// As the system's own program computes it, so that nothing is compiled for it.
fn sha256(file: &Path) -> Result<String, String> {
    let file = file.to_str().ok_or("a path that is no text")?;
    let said = step::output("sha256sum", &[file])
        .or_else(|| step::output("shasum", &["-a", "256", file]))
        .ok_or("neither sha256sum nor shasum runs")?;
    let sum = said.split_whitespace().next().unwrap_or_default();
    // GNU's program marks odd file names.
    Ok(sum.trim_start_matches('\\').to_owned())
}

#[cfg(test)]
#[path = "android_tests.rs"]
mod tests;
