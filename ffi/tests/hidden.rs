//! What the boundary hides when it is printed, Swift hides from `dump`, too: UniFFI has no way of saying so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn swift_hides_what_the_boundary_hides() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut hidden = BTreeSet::new();
    for file in fs::read_dir(here.join("src")).unwrap() {
        let file = file.unwrap().path();
        if !file.is_file() {
            continue;
        }
        let text = fs::read_to_string(file).unwrap();
        for names in text.split("hidden!(").skip(1) {
            let (names, _) = names.split_once(')').unwrap();
            hidden.extend(names.split_whitespace().map(str::to_owned));
        }
    }
    assert!(hidden.len() > 40, "{hidden:?}");
    let swift = here.join("../bindings-swift/Sources/KaigoTap/Hidden.swift");
    let swift = fs::read_to_string(swift).unwrap();
    let named =
        |line: &str| Some(line.strip_prefix("extension ")?.split_once(": Hidden {}")?.0.to_owned());
    let there: BTreeSet<String> = swift.lines().filter_map(named).collect();
    let missing: Vec<_> = hidden.difference(&there).collect();
    assert!(missing.is_empty(), "Hidden.swift lacks {missing:?}");
}
