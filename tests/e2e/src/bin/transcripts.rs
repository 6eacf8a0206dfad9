//! Records the conversations of `tests/vectors/transcripts` anew. `cargo xtask transcripts` runs it.
//!
//! A visit is left as it is while it can be replayed: the platform never says the same twice.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use kaigotap_e2e::scenes;
use kaigotap_kit::replay::replay;
use kaigotap_kit::table::Table;

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/transcripts");
    match record(&folder) {
        Ok(changed) => {
            println!("{changed} files have changed in {}", folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn record(folder: &Path) -> std::io::Result<usize> {
    let table = Table::of_virtual_cards();
    fs::create_dir_all(folder)?;
    let mut changed = usize::from(write(&folder.join("table.json"), &table.to_json())?);
    let scenes = scenes::all();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let transcript = path.extension().is_some_and(|kind| kind == "jsonl");
        if transcript && scenes.iter().all(|scene| scene.name != name) {
            println!("gone: {name}");
            fs::remove_file(&path)?;
            changed += 1;
        }
    }
    for scene in scenes {
        let file = folder.join(format!("{}.jsonl", scene.name));
        let fits = |text: String| replay(&text, &table).is_ok();
        if scene.has_platform() && fs::read_to_string(&file).is_ok_and(fits) {
            continue;
        }
        if write(&file, &scene.record(&table))? {
            println!("recorded: {}", scene.name);
            changed += 1;
        }
    }
    Ok(changed)
}

fn write(file: &Path, text: &str) -> std::io::Result<bool> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(false);
    }
    fs::write(file, text)?;
    Ok(true)
}
