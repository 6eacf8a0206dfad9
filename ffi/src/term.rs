//! A code of the platform, in words.

use kaigotap::kaigo;

use crate::hidden;

/// A code of the platform, in words. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Term {
    /// The code as the platform gave it. What this version has no name for is kept: a stranger's text.
    pub code: String,
    /// In English; the code where this version has no name for it.
    pub english: String,
    /// The Japanese term; the code where this version has no name for it.
    pub japanese: String,
}
hidden!(Term);

macro_rules! terms {
    ($($name:ident)*) => { $(
        impl From<kaigo::$name> for Term {
            fn from(term: kaigo::$name) -> Self {
                Self {
                    code: term.code().to_owned(),
                    english: term.english().to_owned(),
                    japanese: term.japanese().to_owned(),
                }
            }
        }
    )* };
}
terms!(ApplicationKind BenefitLimitCode CareLevelCode CertificationProgress Changed ConsentState ConsentTaker);
terms!(DueKind FilingKind FilingStatus HousingKind Storage VerificationMethod);
