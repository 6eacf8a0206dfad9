//! What the journal is sealed with, and how far it was written.

use std::fmt;

use zeroize::Zeroizing;

use crate::message::{Code, Failure};

/// The key of this device's journal: 32 secret bytes that the host made once from its secure source and keeps in the store
/// of its system (Keystore, Keychain, the secret service of a desk), never beside the journal. Without it nothing that the
/// journal keeps can be read. Wiped when dropped.
#[derive(Clone)]
pub struct JournalKey {
    pub(super) secret: Zeroizing<[u8; 32]>,
    pub(super) mark: u64,
}

impl JournalKey {
    /// Takes the secret, 32 bytes; `setup_invalid` for any other length. The bytes handed over stay the caller's to wipe.
    pub fn new(secret: &[u8]) -> Result<Self, Failure> {
        let mut own = Zeroizing::new([0; 32]);
        if secret.len() != own.len() {
            return Err(Failure::new(Code::SetupInvalid).with_detail("journal key"));
        }
        own.copy_from_slice(secret);
        Ok(Self { secret: own, mark: 0 })
    }

    /// With the mark that the host keeps beside the key: how often the journal was written when a flow last ended. A
    /// journal that was written less often is an older copy that was put back (`journal_rolled_back`). A mark that is too
    /// old finds less, and is no fault.
    #[must_use]
    pub fn at_least(self, mark: u64) -> Self {
        Self { mark: self.mark.max(mark), ..self }
    }
}

impl fmt::Debug for JournalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JournalKey(..)")
    }
}
