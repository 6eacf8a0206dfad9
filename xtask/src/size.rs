//! `cargo xtask size`: what the library adds to an app, and where it comes from.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    package::native::{self, ABIS, Symbols, Toolchain},
    report, root, step, target,
};

const LIMIT: Duration = Duration::from_mins(30);
const DOCUMENT: &str = "docs/benchmarks/size.md";

/// A library with some features.
struct Variant {
    name: &'static str,
    features: &'static [&'static str],
    /// What it may weigh on an arm64 phone, stripped; and what it weighed when this was last looked at, with a little
    /// room, so that growth is seen.
    goal: u64,
    limit: u64,
}

const VARIANTS: [Variant; 3] = [
    Variant {
        name: "core",
        features: &["--no-default-features"],
        goal: 1_000_000,
        limit: 1_560_000,
    },
    Variant { name: "core and photo", features: &[], goal: 1_000_000, limit: 1_730_000 },
    Variant {
        name: "core, photo and HTTP",
        features: &["--features", "http"],
        goal: 2_500_000,
        limit: 3_220_000,
    },
];

/// One measured library.
struct Weighed {
    platform: &'static str,
    variant: &'static Variant,
    stripped: u64,
    /// Bytes by crate, and what is no crate's: tables for unwinding and the like.
    parts: BTreeMap<String, u64>,
}

/// Measures, writes the document if that is wanted, and says whether everything is within its limit.
pub(crate) fn run(write: bool) -> bool {
    let mut weighed = Vec::new();
    for platform in [Platform::Android, Platform::Linux, Platform::Ios] {
        for variant in &VARIANTS {
            match platform.weigh(variant) {
                Ok(library) => weighed.push(library),
                Err(why) => println!("SKIPPED: {} for {}: {why}", variant.name, platform.name()),
            }
        }
    }
    let document = document(&weighed);
    println!("\n{document}");
    let complete = weighed.len() == 3 * VARIANTS.len();
    if write && complete {
        if let Err(error) = fs::write(root().join(DOCUMENT), document) {
            println!("{DOCUMENT}: {error}");
            return false;
        }
    } else if write {
        println!("Something could not be measured, so nothing is written.");
    }
    let grown = grown(&weighed);
    report::findings(&Ok(grown)) && weighed.iter().any(Weighed::is_phone)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Platform {
    Android,
    Linux,
    Ios,
}

impl Platform {
    fn name(self) -> &'static str {
        match self {
            Self::Android => "Android arm64",
            Self::Linux => "Linux x86-64",
            Self::Ios => "iOS arm64",
        }
    }

    fn weigh(self, variant: &'static Variant) -> Result<Weighed, String> {
        let library = match self {
            Self::Android => {
                let with = match native::ndk() {
                    Some(kit) => Toolchain::Ndk(kit),
                    None => stubs()?,
                };
                native::build(&ABIS[0], &with, variant.features, Symbols::Kept)?
            }
            Self::Linux => on_this_machine(variant)?,
            Self::Ios => for_ios(variant)?,
        };
        let stripped = library.with_extension("stripped");
        let mut strip = Command::new("llvm-strip");
        // Of a Mach-O library, what others link with has to stay.
        strip.arg(if self == Self::Ios { "-x" } else { "--strip-all" });
        strip.arg("-o").args([&stripped, &library]);
        step::output_of(&mut strip).ok_or("llvm-strip is missing (Debian: llvm)")?;
        let stripped = fs::metadata(stripped).map_err(|error| error.to_string())?.len();
        // Only ELF says how long a symbol is; and it is the phone that the budget is for.
        let parts = if self == Self::Android { parts(&library)? } else { BTreeMap::new() };
        Ok(Weighed { platform: self.name(), variant, stripped, parts })
    }
}

fn stubs() -> Result<Toolchain, String> {
    native::stubs(&target().join("inspection/stubs")).map_err(|error| error.to_string())
}

fn on_this_machine(variant: &Variant) -> Result<PathBuf, String> {
    let folder = target().join("inspection");
    let mut command = step::cargo(["build", "--profile", "mobile", "--lib"]);
    command.args(["--package", "kaigotap-ffi"]).args(variant.features);
    command.env("CARGO_TARGET_DIR", &folder);
    let name = format!("{} for Linux x86-64", variant.name);
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err("this is another machine".to_owned());
    }
    if !step::run(&name, command, LIMIT, |_| {}).passed {
        return Err("it is not built".to_owned());
    }
    Ok(folder.join("mobile/libkaigotap_ffi.so"))
}

/// A static library, linked as an app would link it but into a library, with everything of Apple's left open.
fn for_ios(variant: &Variant) -> Result<PathBuf, String> {
    let folder = target().join("inspection");
    let with = stubs()?;
    let Toolchain::Stubs(include) = &with else { return Err("no headers".to_owned()) };
    let mut command = step::cargo(["rustc", "--profile", "mobile", "--lib"]);
    command.args(["--package", "kaigotap-ffi", "--crate-type", "staticlib"]).args(variant.features);
    let flags = format!(
        "--target=arm64-apple-ios16.0 -ffreestanding -nostdlibinc -isystem {}",
        include.join("include").display()
    );
    command
        .args(["--target", "aarch64-apple-ios"])
        .env("CARGO_TARGET_DIR", &folder)
        .env("CC_aarch64_apple_ios", "clang")
        .env("AR_aarch64_apple_ios", "llvm-ar")
        .env("CFLAGS_aarch64_apple_ios", flags)
        // Any folder will do for what looks for Apple's headers.
        .env("SDKROOT", include)
        .env("IPHONEOS_DEPLOYMENT_TARGET", "16.0");
    let name = format!("{} for iOS arm64", variant.name);
    if !step::run(&name, command, LIMIT, |_| {}).passed {
        return Err("it is not built; `rustup target add aarch64-apple-ios`?".to_owned());
    }
    let archive = folder.join("aarch64-apple-ios/mobile/libkaigotap_ffi.a");
    let dylib = folder.join("aarch64-apple-ios/mobile/libkaigotap_ffi.dylib");
    link_for_ios(&archive, &dylib)?;
    Ok(dylib)
}

fn link_for_ios(archive: &Path, dylib: &Path) -> Result<(), String> {
    // What an app calls keeps all that it needs; the rest is left out.
    let exported = archive.with_extension("exported");
    let mut nm = Command::new("llvm-nm");
    nm.args(["-g", "--defined-only"]).arg(archive);
    // It may be older than the compiler, and not understand everything in there.
    let symbols = nm.output().map_err(|_| "llvm-nm is missing (Debian: llvm)")?.stdout;
    let symbols = String::from_utf8_lossy(&symbols);
    let names: Vec<&str> = symbols
        .lines()
        .filter_map(|line| line.rsplit(' ').next())
        .filter(|name| name.starts_with("_uniffi_kaigotap") || name.starts_with("_ffi_kaigotap"))
        .collect();
    if names.is_empty() {
        return Err("nothing in it can be called".to_owned());
    }
    fs::write(&exported, names.join("\n")).map_err(|error| error.to_string())?;
    let mut link = Command::new(linker()?);
    link.args(["-flavor", "darwin", "-arch", "arm64"]);
    link.args(["-platform_version", "ios", "16.0", "16.0", "-dylib"]);
    link.args(["-dead_strip", "-undefined", "dynamic_lookup", "-exported_symbols_list"]);
    link.arg(exported).arg("-o").args([dylib, archive]);
    if step::run("a library of it", link, LIMIT, |_| {}).passed {
        Ok(())
    } else {
        Err("it is not linked".to_owned())
    }
}

/// The linker that comes with Rust.
fn linker() -> Result<PathBuf, String> {
    let sysroot = step::output("rustc", &["--print", "sysroot"]).ok_or("there is no rustc")?;
    let targets = fs::read_dir(Path::new(sysroot.trim()).join("lib/rustlib"));
    let linkers = targets.into_iter().flatten().flatten().map(|at| at.path().join("bin/rust-lld"));
    linkers.into_iter().find(|linker| linker.is_file()).ok_or("there is no rust-lld".to_owned())
}

/// What the symbols of a library weigh, by crate, and sections that have none.
fn parts(library: &Path) -> Result<BTreeMap<String, u64>, String> {
    let mut nm = Command::new("llvm-nm");
    nm.args(["--demangle", "--print-size", "--defined-only"]).arg(library);
    let symbols = step::output_of(&mut nm).ok_or("llvm-nm is missing (Debian: llvm)")?;
    let mut parts = BTreeMap::new();
    for (size, name) in symbols.lines().filter_map(symbol) {
        *parts.entry(owner(name)).or_default() += size;
    }
    let mut sections = Command::new("llvm-size");
    sections.arg("-A").arg(library);
    let listed = step::output_of(&mut sections).ok_or("llvm-size is missing (Debian: llvm)")?;
    for line in listed.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(Ok(size))) = (words.next(), words.next().map(str::parse::<u64>))
        else {
            continue;
        };
        if ["eh_frame", "gcc_except_tab", "unwind_info"].iter().any(|table| name.contains(table)) {
            *parts.entry("(tables for unwinding)".to_owned()).or_default() += size;
        } else if name.contains("rela") {
            *parts.entry("(relocations)".to_owned()).or_default() += size;
        }
    }
    Ok(parts)
}

/// `0000000000001234 0000000000000056 t core::fmt::write`
fn symbol(line: &str) -> Option<(u64, &str)> {
    let mut words = line.splitn(4, ' ');
    let (_, size, kind, name) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let kept = matches!(kind, "t" | "T" | "r" | "R" | "d" | "D");
    Some((u64::from_str_radix(size, 16).ok().filter(|size| kept && *size > 0)?, name))
}

/// The crate that a symbol is of: the first one that its name says.
fn owner(name: &str) -> String {
    const BACKTRACES: [&str; 5] =
        ["gimli", "addr2line", "rustc_demangle", "miniz_oxide", "backtrace_rs"];

    if name.contains("OUTLINED_FUNCTION") {
        return "(outlined)".to_owned();
    }
    if BACKTRACES.iter().any(|part| name.contains(part)) {
        return "std, for backtraces of panics".to_owned();
    }
    // Old names have `..` and `$LT$` for `::` and `<`.
    let name = &name.replace("..", "::").replace("$LT$", "<").replace("$u20$", " ");
    if name.starts_with("ring_core")
        || name.starts_with("ecp_")
        || name.starts_with('_') && !name.contains("::")
    {
        return "ring".to_owned();
    }
    let owner = name.match_indices("::").find_map(|(at, _)| {
        let word = name[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
        let is_crate = word.starts_with(|c: char| c.is_ascii_lowercase());
        is_crate.then(|| word.to_owned())
    });
    match owner.as_deref() {
        // One library of Rust's, in three crates.
        Some("core" | "alloc" | "std" | "std_detect") => "std".to_owned(),
        Some(owner) => owner.to_owned(),
        // Functions of texts, lists and numbers.
        None if name.starts_with('<') => "std".to_owned(),
        None if name.starts_with("anon.") || name.starts_with(".L") => "(constants)".to_owned(),
        None => "(other)".to_owned(),
    }
}

impl Weighed {
    /// What the budgets are for.
    fn is_phone(&self) -> bool {
        self.platform == Platform::Android.name()
    }
}

/// Libraries that weigh more than they did.
fn grown(weighed: &[Weighed]) -> Vec<String> {
    let over = weighed.iter().filter(|library| library.is_phone());
    over.filter(|library| library.stripped > library.variant.limit)
        .map(|library| {
            let (name, limit) = (library.variant.name, library.variant.limit);
            format!(
                "{name}: {} bytes for {}, more than {limit}",
                library.stripped, library.platform
            )
        })
        .collect()
}

fn document(weighed: &[Weighed]) -> String {
    let mut text = String::from(
        "# What the library weighs\n\n\
         Written by `cargo xtask size`: the library with profile `mobile`, symbols stripped, in bytes. For Android it is\n\
         linked by an NDK if there is one, else by lld against empty libraries: good for its size, not for running. For iOS\n\
         the static library is linked by lld into a dynamic one that exports what an app calls, Apple's own libraries left\n\
         open.\n\n",
    );
    text.push_str(
        "| | Android arm64 | goal | Linux x86-64 | iOS arm64 |\n|---|---:|---:|---:|---:|\n",
    );
    for variant in &VARIANTS {
        let of = |platform: Platform| {
            let found = weighed
                .iter()
                .find(|w| w.platform == platform.name() && w.variant.name == variant.name);
            found.map_or("–".to_owned(), |library| thousands(library.stripped))
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            variant.name,
            of(Platform::Android),
            thousands(variant.goal),
            of(Platform::Linux),
            of(Platform::Ios)
        );
    }
    let phones: Vec<&Weighed> = weighed.iter().filter(|library| library.is_phone()).collect();
    if let Some(largest) = phones.last() {
        text.push_str("\n## On an arm64 phone, by crate\n\n|");
        for library in &phones {
            let _ = write!(text, " | {}", library.variant.name);
        }
        let _ = writeln!(text, " |\n|---|{}", "---:|".repeat(phones.len()));
        let mut names: Vec<(&String, u64)> =
            largest.parts.iter().map(|(name, size)| (name, *size)).collect();
        names.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        for (name, _) in names.iter().filter(|(_, size)| *size >= 8_000) {
            let _ = write!(text, "| {name}");
            for library in &phones {
                let size = library.parts.get(*name).copied().unwrap_or_default();
                let _ = write!(text, " | {}", thousands(size));
            }
            text.push_str(" |\n");
        }
    }
    text.push_str(
        "\nWhere it is above its goal, that is why: Rust's compiled std brings what prints backtraces, and would have to be\n\
         compiled anew to lose it; 152 kB of `ring` are one table of multiples for P-256; and a panic is to become an error,\n\
         so it unwinds. The rest is spread thin. The command fails when a library for phones has grown.\n",
    );
    text
}

/// 1234567 as 1 234 567.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202F}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_belong_to_crates() {
        let line = "000000000001a2b0 0000000000000644 t kaigotap::visit::start::{{closure}}";
        assert_eq!(symbol(line), Some((0x644, "kaigotap::visit::start::{{closure}}")));
        assert_eq!(symbol("                 U malloc"), None);
        for (name, crate_name) in [
            ("kaigotap::visit::start", "kaigotap"),
            ("<kaigotap_ffi::Step as core::fmt::Debug>::fmt", "kaigotap_ffi"),
            ("core::ptr::drop_in_place<kaigotap::flow::Step>", "std"),
            ("_$LT$RF$mut$u20$serde_json..de..Deserializer$LT$R$GT$$u20$as$u20$x", "serde_json"),
            (
                "<std::backtrace_rs::symbolize::gimli::elf::Object>::parse",
                "std, for backtraces of panics",
            ),
            ("ring_core_0_17_14__sha256_block_data_order", "ring"),
            ("ecp_nistz256_precomputed", "ring"),
            ("OUTLINED_FUNCTION_123", "(outlined)"),
            ("<str>::to_lowercase", "std"),
            ("anon.0123.4", "(constants)"),
        ] {
            assert_eq!(owner(name), crate_name, "{name}");
        }
        assert_eq!(thousands(1_234_567), "1\u{202F}234\u{202F}567");
        assert_eq!(thousands(12), "12");
    }

    #[test]
    fn what_has_grown_is_named() {
        let library = |stripped| Weighed {
            platform: Platform::Android.name(),
            variant: &VARIANTS[0],
            stripped,
            parts: BTreeMap::new(),
        };
        assert!(grown(&[library(VARIANTS[0].limit)]).is_empty());
        assert_eq!(grown(&[library(VARIANTS[0].limit + 1)]).len(), 1);
    }
}
