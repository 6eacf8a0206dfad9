//! Where municipalities bring their insured persons in, for whoever looks after a sandbox.

use std::fmt;
use std::path::Path;

use super::config::Config;
use super::rooms::Rooms;
use crate::base::database::Database;
use crate::base::failure::StartError;
use crate::insurer::{ImportError, ImportKind, ImportProgress, ImportReport, Source};

/// The desk of a sandbox, whether it runs or not.
pub struct ImportDesk(Rooms);

impl ImportDesk {
    /// The desk in this database, beside those who use it.
    pub async fn open(database: &Database) -> Result<Self, StartError> {
        let own = Config { database: database.clone(), ..Config::default() };
        Ok(Self(Rooms::furnished(&own, String::new()).await?))
    }

    /// Brings a file in: CSV in UTF-8, as `docs/import.md` has it, for these insurers (six digits each; several for a union
    /// that imports for its members). Nothing is written of a file in which anything is wrong. One that was stopped goes on
    /// where it was, and one that was the last, and is done, is not done again.
    pub async fn import(
        &self,
        file: &Path,
        kind: ImportKind,
        insurers: &[String],
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> Result<ImportReport, ImportError> {
        let told = self.0.insurer.bring(Source::Path(file), kind, insurers, progress).await?;
        // Also of an import that was done before and stopped here.
        self.0.sts.follow_import().await?;
        Ok(told)
    }
}

impl fmt::Debug for ImportDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportDesk")
    }
}
