//! The native library for each kind of processor an Android phone has.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use super::elf::Machine;
use crate::{step, target};

/// The oldest Android that is supported, as in the module's manifest (Android 8).
const API: u8 = 26;
const LIBRARY: &str = "libkaigotap_ffi.so";

/// A kind of processor.
pub(crate) struct Abi {
    /// Android's name for it.
    pub(crate) name: &'static str,
    /// Rust's.
    pub(crate) target: &'static str,
    /// The compiler's, without the version of Android.
    clang: &'static str,
    /// What the file must be.
    pub(crate) machine: Machine,
}

/// All that must ship: phones, old phones, and emulators.
pub(crate) const ABIS: [Abi; 3] = [
    Abi {
        name: "arm64-v8a",
        target: "aarch64-linux-android",
        clang: "aarch64-linux-android",
        machine: Machine { wide: true, number: 183 },
    },
    Abi {
        name: "armeabi-v7a",
        target: "armv7-linux-androideabi",
        clang: "armv7a-linux-androideabi",
        machine: Machine { wide: false, number: 40 },
    },
    Abi {
        name: "x86_64",
        target: "x86_64-linux-android",
        clang: "x86_64-linux-android",
        machine: Machine { wide: true, number: 62 },
    },
];

/// What C code is compiled and everything linked with.
pub(crate) enum Toolchain {
    /// Android's native development kit (NDK): its compilers.
    Ndk(PathBuf),
    /// A clang without Android's C library: a folder of empty stand-ins. What it links cannot run.
    Stubs(PathBuf),
}

/// Whether a library keeps its symbols.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbols {
    /// For looking at it.
    Kept,
    /// For shipping it.
    Stripped,
}

/// What the linker does for size: functions that are the same are one, where nobody compares their addresses; and
/// relocations are packed, as Android 6 and later understand it.
const SMALLER: [&str; 2] = ["--icf=safe", "--pack-dyn-relocs=android"];

/// The NDK that the environment names.
pub(crate) fn ndk() -> Option<PathBuf> {
    let host = if cfg!(target_os = "macos") { "darwin-x86_64" } else { "linux-x86_64" };
    ["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT", "ANDROID_NDK_LATEST_HOME"]
        .iter()
        .filter_map(|name| env::var_os(name).filter(|value| !value.is_empty()))
        .map(|ndk| Path::new(&ndk).join("toolchains/llvm/prebuilt").join(host).join("bin"))
        .find(|tools| tools.join("llvm-ar").is_file())
}

/// Builds the library, of the profile for phones, and says where it is.
pub(crate) fn build(
    abi: &Abi,
    with: &Toolchain,
    features: &[&str],
    symbols: Symbols,
) -> Result<PathBuf, String> {
    let name = format!("{LIBRARY} for {}", abi.name);
    // What only looks like a library never lies where a real one is looked for.
    let target = match with {
        Toolchain::Ndk(_) => target(),
        Toolchain::Stubs(_) => target().join("inspection"),
    };
    let mut command = command(abi, with, features, symbols);
    command.env("CARGO_TARGET_DIR", &target);
    let limit = std::time::Duration::from_mins(30);
    if !step::run(&name, command, limit, |_| {}).passed {
        return Err(format!("{name} is not built; `rustup target add {}`?", abi.target));
    }
    Ok(within(&target, abi))
}

/// Where a library lies that was built by an NDK, here or elsewhere.
pub(crate) fn place(abi: &Abi) -> PathBuf {
    within(&target(), abi)
}

fn within(target: &Path, abi: &Abi) -> PathBuf {
    target.join(abi.target).join("mobile").join(LIBRARY)
}

fn command(abi: &Abi, with: &Toolchain, features: &[&str], symbols: Symbols) -> Command {
    let mut command = step::cargo(["rustc", "--profile", "mobile"]);
    command
        .args(["--package", "kaigotap-ffi", "--lib", "--crate-type", "cdylib"])
        .args(["--target", abi.target])
        .args(features);
    let small = abi.target.replace('-', "_");
    let linker = format!("CARGO_TARGET_{}_LINKER", small.to_uppercase());
    // Where what was outlined can unwind, its tables weigh more than it saves.
    let mut flags = vec!["llvm-args=-enable-machine-outliner=never".to_owned()];
    if symbols == Symbols::Stripped {
        flags.push("strip=symbols".to_owned());
    }
    match with {
        Toolchain::Ndk(tools) => {
            let clang = tools.join(format!("{}{API}-clang", abi.clang));
            command
                .env(format!("CC_{small}"), &clang)
                .env(format!("AR_{small}"), tools.join("llvm-ar"))
                .env(linker, clang);
            // Older kits preset pages of 4 KiB.
            let pages = "-z,max-page-size=16384,-z,common-page-size=16384";
            flags.push(format!("link-arg=-Wl,{pages},{}", SMALLER.join(",")));
        }
        Toolchain::Stubs(folder) => {
            let include = folder.join("include");
            let compile = format!(
                "--target={}{API} -ffreestanding -nostdlibinc -isystem {}",
                abi.clang,
                include.display()
            );
            command
                .env(format!("CC_{small}"), "clang")
                .env(format!("AR_{small}"), "llvm-ar")
                .env(format!("CFLAGS_{small}"), compile)
                .env(linker, "rust-lld");
            flags.push("linker-flavor=ld.lld".to_owned());
            flags.push(format!("link-arg=-L{}", folder.display()));
            let always = ["--unresolved-symbols=ignore-all", "-zmax-page-size=16384"];
            for flag in always.iter().chain(&SMALLER) {
                flags.push(format!("link-arg={flag}"));
            }
        }
    }
    command.arg("--");
    for flag in flags {
        command.args(["-C", &flag]);
    }
    command
}

/// Writes stand-ins for Android's C library: headers that ring's C code includes, and libraries with nothing in them.
pub(crate) fn stubs(folder: &Path) -> io::Result<Toolchain> {
    let include = folder.join("include");
    fs::create_dir_all(&include)?;
    let string = "void *memcpy(void *, const void *, size_t);\n\
                  void *memmove(void *, const void *, size_t);\n\
                  void *memset(void *, int, size_t);\n\
                  int memcmp(const void *, const void *, size_t);\n";
    let header = |declared: &str| format!("#pragma once\n#include <stddef.h>\n{declared}");
    fs::write(include.join("string.h"), header(string))?;
    fs::write(include.join("stdlib.h"), header("_Noreturn void abort(void);\n"))?;
    fs::write(include.join("assert.h"), header("#define assert(condition) ((void)0)\n"))?;
    // Of Apple's; Android has none.
    let conditionals =
        "#define TARGET_OS_MAC 1\n#define TARGET_OS_IPHONE 1\n#define TARGET_OS_IOS 1\n";
    fs::write(include.join("TargetConditionals.h"), header(conditionals))?;
    for library in ["c", "dl", "log", "m"] {
        // A linker script.
        fs::write(folder.join(format!("lib{library}.so")), "/* nothing */\n")?;
    }
    for library in ["gcc", "unwind"] {
        fs::write(folder.join(format!("lib{library}.a")), "!<arch>\n")?;
    }
    Ok(Toolchain::Stubs(folder.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(command: &Command) -> String {
        format!("{command:?}")
    }

    #[test]
    fn the_kit_links_for_large_pages_with_the_compiler_of_the_oldest_android() {
        let command = command(&ABIS[1], &Toolchain::Ndk("/kit".into()), &[], Symbols::Stripped);
        let told = told(&command);
        assert!(told.contains("max-page-size=16384,-z,common-page-size=16384"), "{told}");
        for (variable, value) in [
            ("CC_armv7_linux_androideabi", "/kit/armv7a-linux-androideabi26-clang"),
            (
                "CARGO_TARGET_ARMV7_LINUX_ANDROIDEABI_LINKER",
                "/kit/armv7a-linux-androideabi26-clang",
            ),
            ("AR_armv7_linux_androideabi", "/kit/llvm-ar"),
        ] {
            let set = command.get_envs().find(|(name, _)| *name == variable).and_then(|set| set.1);
            assert_eq!(set, Some(value.as_ref()), "{variable}");
        }
    }

    #[test]
    fn the_oldest_android_is_that_of_the_manifest() {
        let manifest =
            crate::root().join("bindings-kotlin/kaigotap-android/src/main/AndroidManifest.xml");
        let manifest = fs::read_to_string(manifest).unwrap();
        assert!(manifest.contains(&format!("android:minSdkVersion=\"{API}\"")));
    }

    #[test]
    fn stand_ins_are_of_use_only_for_inspection() {
        let folder = env::temp_dir().join(format!("kaigotap-stubs-{}", std::process::id()));
        let with = stubs(&folder).unwrap();
        let told = told(&command(&ABIS[0], &with, &[], Symbols::Kept));
        assert!(told.contains("unresolved-symbols=ignore-all"), "{told}");
        assert!(folder.join("libc.so").is_file() && folder.join("include/string.h").is_file());
        fs::remove_dir_all(&folder).unwrap();
    }
}
