//! The audit log, for whoever looks after a sandbox.

use std::fmt;
use std::sync::Arc;

use super::rooms;
use crate::audit::{Anchor, Audit, AuditRecord, AuditReport};
use crate::base::Base;
use crate::base::database::{Database, Store};
use crate::base::failure::{Failure, StartError};

/// What happened in a sandbox, whether it runs or not.
pub struct AuditLog(pub(super) Arc<Audit>);

impl AuditLog {
    /// The log in this database, beside those who use it.
    pub async fn open(database: &Database) -> Result<Self, StartError> {
        let store = Store::open(database, &rooms::MIGRATIONS).await?;
        let base = Arc::new(Base::open(String::new(), store).await?);
        Ok(Self(Arc::new(Audit::open(base).await?)))
    }

    /// Those after a sequence number, the oldest first; at most a thousand.
    pub async fn after(&self, sequence: u64) -> Result<Vec<AuditRecord>, Failure> {
        Ok(self.0.after(sequence).await?)
    }

    /// Goes through all of it. With an anchor from an earlier look it is seen, too, whether what was there then still is.
    pub async fn verify(&self, anchor: Option<&Anchor>) -> Result<AuditReport, Failure> {
        Ok(self.0.verify(anchor).await?)
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditLog")
    }
}
