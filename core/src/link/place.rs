//! A folder of this program's own, and files in it that are whole or not there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Longest file read, bytes.
const MOST: u64 = 2 * 1024 * 1024;

/// A folder of this user's, or of root's, that only its owner can look into.
pub(super) struct Place(PathBuf);

impl Place {
    /// The folder, which is made if it is not there; its parent has to be.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(folder) {
            Ok(()) => synced(parent(folder))?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // A program that made it and was killed has not had this done. Who may not do it did not make it.
                let _ = synced(parent(folder));
            }
            Err(error) => return Err(error),
        }
        let found = fs::symlink_metadata(folder)?;
        if !found.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        #[cfg(unix)]
        if !is_private(&found) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(Self(folder.to_owned()))
    }

    /// Puts a whole file in the place of what was there: written aside, synced, renamed, and the folder synced.
    pub(super) fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let aside = self.0.join(format!("{name}{ASIDE}"));
        // What a program that was killed has left. It never was an entry.
        match fs::remove_file(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let written = written(&aside, content).and_then(|()| fs::rename(&aside, self.0.join(name)));
        if let Err(error) = written {
            let _ = fs::remove_file(&aside);
            return Err(error);
        }
        synced(&self.0)
    }

    /// Takes a file away, if there is one.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.0.join(name)) {
            Ok(()) => synced(&self.0),
            // That it is gone may not be on the disk yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => synced(&self.0),
            Err(error) => Err(error),
        }
    }

    /// Whether the folder is there still: a file that is missing in one that is not is no answer.
    pub(super) fn check(&self) -> io::Result<()> {
        fs::metadata(&self.0).map(drop)
    }

    /// A file of this folder itself, no link to another one.
    pub(super) fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        let path = self.0.join(name);
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let file = File::open(path)?;
        let mut content = Vec::new();
        if file.take(MOST.saturating_add(1)).read_to_end(&mut content)? as u64 > MOST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(content)
    }

    /// The names of all files, but for what is still being written.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for file in fs::read_dir(&self.0)? {
            if let Ok(name) = file?.file_name().into_string()
                && !name.ends_with(ASIDE)
            {
                names.push(name);
            }
        }
        Ok(names)
    }
}

/// Whether nobody else looks into it: nobody but root, who looks into everything.
#[cfg(unix)]
fn is_private(folder: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owner = folder.uid();
    let others = 0o077;
    folder.mode() & others == 0 && (owner == 0 || owner == rustix::process::geteuid().as_raw())
}

/// The end of the name of a file that is not whole yet.
const ASIDE: &str = ".part";

fn written(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    // A link that lies there is not followed.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn parent(folder: &Path) -> &Path {
    match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Has the disk take down what a folder holds.
fn synced(folder: &Path) -> io::Result<()> {
    // Windows has no such call: there a rename is written through with the file system's own journal.
    if cfg!(windows) { Ok(()) } else { File::open(folder)?.sync_all() }
}
