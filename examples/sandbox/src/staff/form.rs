//! Fields of a form, each as it may be.

use crate::base::form::Form;
use crate::base::refusal::Refusal;

/// No field of the sign-in is longer, in bytes, but for what proves who asks.
const LONGEST: usize = 1024;

/// Fields as the sign-in reads them: an empty one is as good as none (RFC 6749 §3.1).
pub(crate) trait Fields {
    /// One that is compared, and goes nowhere.
    fn said(&self, name: &str) -> Option<&str>;

    /// One that may be missing, and is not too long.
    fn may(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.said(name) {
            // PostgreSQL has no such text.
            Some(value) if value.len() > LONGEST || value.contains('\0') => {
                Err(Refusal::RequestMalformed)
            }
            value => Ok(value),
        }
    }

    /// One that has to be there, and is not too long.
    fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.may(name)?.ok_or(Refusal::RequestMalformed)
    }
}

impl Fields for Form {
    fn said(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}
