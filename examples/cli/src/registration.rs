//! Who was registered at an earlier visit: what a tap without PIN is planned with.

use std::fs;
use std::path::Path;

use kaigotap::date::PartialDate;
use kaigotap::exchange::{Confirmation, Subject};
use kaigotap::kaigo::{ChosenPerson, Entitlement, Sex};
use kaigotap::visit::Registered;
use serde::{Deserialize, Serialize};

use crate::private_file;
use crate::report::Stop;

/// A person as the facility knows them, and the name that the platform has given them here. `Debug` is not there: it names
/// somebody.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    name_kana: String,
    birth_date: PartialDate,
    sex: Sex,
    /// Pairwise: without a meaning elsewhere.
    subject: String,
}

impl Registration {
    /// Of a visit with card and PIN. `None` for somebody whose date of birth is not known: their card does not open by it.
    pub(crate) fn of(entitlement: &Entitlement, confirmation: &Confirmation) -> Option<Self> {
        let person = &entitlement.person;
        Some(Self {
            name_kana: person.name_kana.clone(),
            birth_date: person.birth_date?,
            sex: person.sex,
            subject: confirmation.subject.as_str().to_owned(),
        })
    }

    /// Reads the file that an earlier visit wrote.
    pub(crate) fn read(file: &Path) -> Result<Self, Stop> {
        let unusable = |what: &str| {
            Stop::input(
                "registration_unusable",
                format!("{}: {what}", file.display()),
                "Visit with card and PIN first; that visit writes the file.",
            )
            .about(file.display())
        };
        let text = fs::read(file).map_err(|error| unusable(&error.to_string()))?;
        // The parser's own words could quote a name.
        serde_json::from_slice(&text).map_err(|_| unusable("not a registration"))
    }

    /// Writes it as a file for its owner only: it names somebody.
    pub(crate) fn write(&self, file: &Path) -> Result<(), Stop> {
        let text = serde_json::to_vec_pretty(self).map_err(|_| {
            Stop::input("registration_unusable", "it is no JSON".to_owned(), "Visit again.")
        })?;
        private_file::write(file, &text)
    }

    /// The name that the platform has given them here.
    pub(crate) fn subject(&self) -> Result<Subject, Stop> {
        Ok(Subject::parse(self.subject.as_str())?)
    }

    /// Whom a tap is planned for.
    pub(crate) fn registered(&self) -> Result<Registered, Stop> {
        let person = ChosenPerson::new(&self.name_kana, Some(self.birth_date), Some(self.sex))?;
        Ok(Registered::new(person, Subject::parse(self.subject.as_str())?)?)
    }
}
