//! What the clients are compared in.

use std::fmt;

use clap::ValueEnum;

/// A job of the kind that care software has, from an untouched card to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Job {
    /// Kind of card, certificates, tries left of six PINs; no PIN is entered.
    Status,
    /// The certificate for user authentication.
    Certificate,
    /// The same, the PIN, and a signature: what a visit needs.
    Sign,
    /// The 4 attributes with the records that prove them, and a challenge.
    Holder,
    /// The face record with its certificate, and a challenge.
    Face,
}

impl Job {
    pub(crate) const ALL: [Self; 5] =
        [Self::Status, Self::Certificate, Self::Sign, Self::Holder, Self::Face];
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Status => "status",
            Self::Certificate => "user certificate",
            Self::Sign => "PIN, signature, certificate",
            Self::Holder => "4 attributes, verified",
            Self::Face => "face record, verified",
        })
    }
}

/// The two kinds of card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Modern,
    Plain,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Modern, Self::Plain];

    pub(crate) fn behaviour(self) -> kaigotap_virtual_card::Behaviour {
        match self {
            Self::Modern => kaigotap_virtual_card::Behaviour::modern(),
            Self::Plain => kaigotap_virtual_card::Behaviour::plain(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Modern => "modern",
            Self::Plain => "plain",
        })
    }
}

/// The reader under the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// It says how long a command it carries, as phones do; here, what the card takes.
    Says,
    /// It does not say, and carries everything, as `vpcd` does.
    Silent,
}

impl Reader {
    pub(crate) const ALL: [Self; 2] = [Self::Says, Self::Silent];
}
