//! What the boundary costs: a visit replayed in Rust alone, from Kotlin and from Swift, one after the other.

use std::{collections::BTreeMap, fmt::Write as _, fs, time::Duration};

use crate::{bindings, kotlin, machine, root, step, swift};

const LIMIT: Duration = Duration::from_mins(20);

/// Figures by their names.
type Figures = BTreeMap<String, f64>;

/// Measures, and writes the document if that is wanted and nothing is missing.
pub(super) fn run(write: bool) -> bool {
    let (_, built) = bindings::generate(&machine::look());
    let Some(built) = built else { return false };
    let (Some(rust), Some(kotlin), Some(swift)) =
        (in_rust(), kotlin::cost(&built), swift::cost(&built))
    else {
        println!("Something could not be measured, so nothing is written.");
        return false;
    };
    let document = document(&figures(&rust), &figures(&kotlin), &figures(&swift));
    println!("\n{document}");
    if !write {
        return true;
    }
    let file = root().join("docs/benchmarks/ffi.md");
    match fs::write(&file, document) {
        Ok(()) => true,
        Err(error) => {
            println!("{}: {error}", file.display());
            false
        }
    }
}

/// The same conversation without a boundary, compiled as the library is.
fn in_rust() -> Option<String> {
    let mut rows = String::new();
    let mut command = step::cargo(["run", "--profile", "mobile", "--package", "kaigotap-e2e"]);
    command.args(["--bin", "cost"]);
    let ended = step::run("the same in Rust", command, LIMIT, |line| {
        if line.contains('\t') {
            let _ = writeln!(rows, "{line}");
        }
    });
    ended.passed.then_some(rows)
}

/// `name<TAB>value<TAB>unit`
fn figures(rows: &str) -> Figures {
    let figure = |line: &str| {
        let mut parts = line.split('\t');
        Some((parts.next()?.to_owned(), parts.next()?.trim().parse().ok()?))
    };
    rows.lines().filter_map(figure).collect()
}

fn document(rust: &Figures, kotlin: &Figures, swift: &Figures) -> String {
    let of = |figures: &Figures, name: &str| figures.get(name).copied().unwrap_or(f64::NAN);
    let mut rows = String::new();
    for (name, what, digits) in [
        ("visit_us", "a whole visit with PIN: time within all calls, µs", 0),
        ("calls", "its calls", 0),
        ("step_us", "one call of it on average, µs", 2),
        ("progress_us", "`progress()`, which returns three numbers, µs", 2),
        ("cold_start_ms", "the first step of a process, ms", 3),
    ] {
        let [rust, kotlin, swift] = [rust, kotlin, swift].map(|figures| of(figures, name));
        let _ =
            writeln!(rows, "| {what} | {rust:.digits$} | {kotlin:.digits$} | {swift:.digits$} |");
    }
    let ratio = |figures: &Figures| of(figures, "visit_us") / of(rust, "visit_us");
    let more = |figures: &Figures| of(figures, "step_us") - of(rust, "step_us");
    let refused = of(swift, "refused_us");
    let (process, empty) = (of(swift, "process_ms"), of(swift, "empty_process_ms"));
    format!(
        "# What the boundary costs\n\n\
         Written by `cargo xtask bench ffi`: the recorded visit `visit-modern` replayed over the compiled library (profile\n\
         `mobile`) from Kotlin on a Java virtual machine and from Swift on Linux, and by the core in Rust alone, compiled the\n\
         same way, one after the other on the machine that wrote this. Card, people and server cost nothing here. Medians;\n\
         the machine is a shared one, so ratios say more than times. No phone was measured.\n\n\
         | | Rust alone | Kotlin | Swift |\n|---|---:|---:|---:|\n{rows}\n\
         A visit from Kotlin takes {:.2} times, from Swift {:.2} times what it takes in Rust: {:.0} and {:.0} µs more a call. Requests\n\
         and replies are written into buffers and read again, what is freed is wiped, and in Kotlin JNA makes each call by\n\
         looking up its types. In all it is less than one command to a card takes.\n\n\
         - **Cold start** in Kotlin counts from the first use of the library: loading JNA, loading the library, comparing\n  \
           UniFFI's checksums, first step. In Swift the library is loaded before `main`, so its figure is the first step\n  \
           alone; a process that does only that takes {process:.1} ms from its start, one that does nothing {empty:.1} ms.\n\
         - A call that is refused by an error costs Swift {refused:.2} µs.\n\
         - A visit waits some seconds for people, and some hundreds of milliseconds for card and network\n  \
           ([card.md](card.md)).\n",
        ratio(kotlin),
        ratio(swift),
        more(kotlin),
        more(swift),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_become_a_table() {
        let rows = |visit: u32| {
            format!("visit_us\t{visit}.0\tus\nnonsense\nstep_us\t{}\tus\n", visit / 10)
        };
        let [rust, kotlin, swift] = [100, 150, 120].map(|visit| figures(&rows(visit)));
        assert_eq!(rust.len(), 2);
        let text = document(&rust, &kotlin, &swift);
        assert!(text.contains("all calls, µs | 100 | 150 | 120 |"), "{text}");
        assert!(text.contains("Kotlin takes 1.50 times, from Swift 1.20 times"), "{text}");
        assert!(text.contains("5 and 2 µs more a call"), "{text}");
    }
}
