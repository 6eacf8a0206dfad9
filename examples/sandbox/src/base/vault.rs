//! The key under which the keys in the database are sealed. It lies beside the database, never in it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;

use super::failure::StartError;
use super::jws::base64url;
use super::keys::random;

const KEY_LEN: usize = 32;

/// Seals and opens keys (AES-256-GCM).
pub(crate) struct Vault(LessSafeKey);

impl Vault {
    /// One that is gone with the process.
    pub(crate) fn in_memory() -> Result<Self, StartError> {
        Self::of(&random::<KEY_LEN>().map_err(|_| StartError::Keys)?)
    }

    /// The one whose key is in this file, made if it is not there.
    pub(crate) fn in_file(path: &Path) -> Result<Self, StartError> {
        let offered = random::<KEY_LEN>().map_err(|_| StartError::Keys)?;
        make_private(path, &offered)?;
        Self::of(&fs::read(path).map_err(sqlx::Error::from)?)
    }

    fn of(key: &[u8]) -> Result<Self, StartError> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| StartError::Keys)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals the secret of a name: nonce, then ciphertext.
    pub(crate) fn seal(&self, name: &str, secret: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = secret.to_vec();
        let about = Aad::from(name.as_bytes());
        let at = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(at, about, &mut sealed)?;
        Ok([&nonce[..], &sealed].concat())
    }

    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(Unspecified)?;
        let mut secret = rest.to_vec();
        let at = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_in_place(at, Aad::from(name.as_bytes()), &mut secret)?;
        Ok(opened.to_vec())
    }
}

/// Makes a file with this content that its owner alone can read, or sees that the one that is there is such a file and
/// no link. It is there whole or not at all.
pub(crate) fn make_private(path: &Path, content: &[u8]) -> Result<(), StartError> {
    let made = made(path, content);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(sqlx::Error::from(error).into()),
        Ok(()) => return Ok(()),
    }
    let found = fs::symlink_metadata(path).map_err(sqlx::Error::from)?;
    if found.is_file() && is_private(&found) {
        Ok(())
    } else {
        Err(StartError::Exposed(path.to_owned()))
    }
}

fn made(path: &Path, content: &[u8]) -> io::Result<()> {
    // Nobody else, in this process or another, has the same name for it.
    let own = random::<8>().map(|own| base64url(&own)).map_err(|_| io::ErrorKind::Other)?;
    let mut beside = path.to_owned().into_os_string();
    beside.push(format!(".{own}.part"));
    let beside = PathBuf::from(beside);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let linked = options
        .open(&beside)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::hard_link(&beside, path));
    let _ = fs::remove_file(&beside);
    linked
}

#[cfg(unix)]
fn is_private(file: &fs::Metadata) -> bool {
    let others = std::os::unix::fs::MetadataExt::mode(file) & 0o077;
    others == 0
}

/// Where files have no mode, whoever owns the folder decides.
#[cfg(not(unix))]
fn is_private(_: &fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_opened_by_its_name_in_its_vault() {
        let (vault, other) = (Vault::in_memory().unwrap(), Vault::in_memory().unwrap());
        let sealed = vault.seal("staff", b"secret").unwrap();
        assert_eq!(vault.open("staff", &sealed).unwrap(), b"secret");
        assert!(vault.open("sts", &sealed).is_err() && other.open("staff", &sealed).is_err());
        assert!(vault.open("staff", &sealed[..11]).is_err());
        assert_ne!(vault.seal("staff", b"secret").unwrap(), sealed);
    }
}
