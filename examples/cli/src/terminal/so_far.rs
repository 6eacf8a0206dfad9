//! What a terminal remembers of one conversation.

use kaigotap::flow::{Attributes, PrintedFields};

/// Which part a card has in what is done.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Held {
    /// None.
    #[default]
    Nothing,
    /// It is held, or was for this way.
    Card,
    /// It has seen a PIN, and did not go away since.
    Presented,
}

/// What has happened in this conversation.
#[derive(Default)]
pub(super) struct SoFar {
    pub(super) held: Held,
    /// A new PIN was chosen: what is asked for now is the old one.
    pub(super) changing: bool,
    /// There was a question, and nobody to ask.
    pub(super) unasked: bool,
    /// What was typed from a paper certificate: kept while a part of it is asked for again.
    pub(super) attributes: Attributes,
    /// What was typed off a card, likewise; `None` where a PIN of its holder was asked for last.
    pub(super) printed: Option<PrintedFields>,
}
