//! Files that may hold something personal: for their owner only, whole or not at all, and where they were meant to be.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::report::Stop;

/// Writes a file that only its owner can read. It is written beside and put in the place of what was there; a link is
/// replaced and not followed; what is no file (a folder, a pipe, a device) stays.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> Result<(), Stop> {
    put(file, bytes).map_err(|error| not_written(file, &error))
}

/// Makes a folder that only its owner can look into, and those above it, unless they are there.
pub(crate) fn folder(folder: &Path) -> Result<(), Stop> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder).map_err(|error| not_written(folder, &error))
}

/// Whether a file could be put there, before anything is made that belongs to it.
pub(crate) fn look(file: &Path) -> Result<(), Stop> {
    let has_place = place(file).and_then(|folder| fs::metadata(folder).map(|_| ()));
    has_place.map_err(|error| not_written(file, &error))
}

/// The folder in which a file is, unless something else has its name.
fn place(file: &Path) -> io::Result<&Path> {
    match fs::symlink_metadata(file) {
        Ok(there) if !there.is_file() && !there.is_symlink() => {
            return Err(io::Error::other("there is something that is no file"));
        }
        _ => {}
    }
    Ok(match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    })
}

fn put(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = place(file)?;
    // Mode 0600, of a name that nothing has; gone again if this does not come to its end.
    let mut beside = NamedTempFile::new_in(folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(file)?;
    Ok(())
}

fn not_written(file: &Path, error: &io::Error) -> Stop {
    Stop::input("file_not_written", format!("{}: {error}", file.display()), "Choose another file.")
        .about(file.display())
}
