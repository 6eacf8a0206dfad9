//! What a visit left that was for more than a view: what opens the platform again within 24 hours, without the card.

use std::fs;
use std::path::{Path, PathBuf};

use kaigotap::exchange::{Confirmation, EvidenceToken};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::private_file;
use crate::report::Stop;

/// The evidence token of the last such visit. `Debug` is not there.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evidence {
    evidence: Zeroizing<String>,
}

impl Evidence {
    /// Where it lies: beside the enrolment.
    fn beside(enrolment: &Path) -> PathBuf {
        let mut name = enrolment.as_os_str().to_owned();
        name.push(".evidence");
        name.into()
    }

    /// Keeps what a visit left, in the place of what an earlier one did; a way without a card leaves nothing.
    pub(crate) fn keep(enrolment: &Path, confirmation: &Confirmation) -> Result<(), Stop> {
        let file = Self::beside(enrolment);
        let Some(token) = &confirmation.evidence else {
            let _ = fs::remove_file(&file);
            return Ok(());
        };
        let own = Self { evidence: token.secret().to_owned().into() };
        let text = Zeroizing::new(serde_json::to_vec(&own).unwrap_or_default());
        private_file::write(&file, &text)
    }

    /// The token of the last visit.
    pub(crate) fn read(enrolment: &Path) -> Result<EvidenceToken, Stop> {
        let missing = || {
            Stop::input(
                "evidence_missing",
                "No visit was made for this on this device.",
                "Visit the person first: kaigotap visit --for consent (or notice).",
            )
        };
        let text = fs::read(Self::beside(enrolment)).map(Zeroizing::new).map_err(|_| missing())?;
        let own: Self = serde_json::from_slice(&text).map_err(|_| missing())?;
        EvidenceToken::parse(own.evidence.as_str()).map_err(|_| missing())
    }
}
