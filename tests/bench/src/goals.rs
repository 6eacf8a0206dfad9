//! What KaigoTap wants to be, held against the figures.

use std::fmt;

use crate::{
    Figures,
    job::{Job, Kind, Reader},
    peers::{Extent, Peer},
};

/// A goal in numbers of commands. "Best" is the client with the fewest of those that do the whole job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// On a modern card, without guard and clean-up.
    HalfOfTheBest,
    /// On a plain card, without guard and clean-up.
    NoMoreThanAny,
    /// The same over a reader that does not say what it carries.
    NoMoreThanAnySilent,
    /// On a modern card, with them.
    FewerWithThem,
}

impl Goal {
    pub(crate) const ALL: [Self; 4] =
        [Self::HalfOfTheBest, Self::FewerWithThem, Self::NoMoreThanAny, Self::NoMoreThanAnySilent];

    fn kind(self) -> Kind {
        match self {
            Self::HalfOfTheBest | Self::FewerWithThem => Kind::Modern,
            Self::NoMoreThanAny | Self::NoMoreThanAnySilent => Kind::Plain,
        }
    }

    fn reader(self) -> Reader {
        match self {
            Self::NoMoreThanAnySilent => Reader::Silent,
            _ => Reader::Says,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HalfOfTheBest => "modern, without guard and clean-up: at most half of the best",
            Self::NoMoreThanAny => "plain, without guard and clean-up: no more than any",
            Self::NoMoreThanAnySilent => "the same, reader that says nothing: no more than any",
            Self::FewerWithThem => "modern, with them: fewer than the best",
        })
    }
}

const ONE_ATTEMPT: &str = "One attempt in a tap at extended length and a short identifier, which this card refuses. No \
    other client makes it, and none gains what it brings on a card that takes it. A card does not say beforehand; a \
    phone or reader that says that it carries short commands only is not tried.";

/// How one goal fared in one job.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) goal: Goal,
    pub(crate) job: Job,
    pub(crate) ours: u64,
    pub(crate) best: u64,
    pub(crate) peer: Peer,
}

impl Verdict {
    pub(crate) fn met(&self) -> bool {
        match self.goal {
            Goal::HalfOfTheBest => self.ours * 2 <= self.best,
            Goal::NoMoreThanAny | Goal::NoMoreThanAnySilent => self.ours <= self.best,
            Goal::FewerWithThem => self.ours < self.best,
        }
    }

    /// Why it is missed, where that is known.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        match (self.goal, self.job) {
            (Goal::HalfOfTheBest, Job::Status) => Some(
                "Twelve of the commands ask six PINs for their tries: one selects the PIN, one asks. The card answers for \
                 one PIN at a time, and no two independent sources have seen a card take the form of VERIFY that would \
                 name a PIN without selecting it. Three more select the applications; what is left is one read for each file.",
            ),
            (Goal::NoMoreThanAnySilent, _) if self.ours == self.best + 1 => Some(ONE_ATTEMPT),
            _ => None,
        }
    }
}

/// All of them, as far as peers were asked.
pub(crate) fn verdicts(figures: &Figures) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for goal in Goal::ALL {
        for job in Job::ALL {
            let kind = goal.kind();
            let best = Peer::ALL
                .into_iter()
                .filter(|peer| matches!(peer.extent(job, kind), Extent::Whole))
                .filter_map(|peer| Some((figures.peer(kind, job, peer)?.commands, peer)))
                .min_by_key(|(commands, _)| *commands);
            let Some((best, peer)) = best else { continue };
            let split = figures.own(kind, job, goal.reader());
            let ours = match goal {
                Goal::FewerWithThem => split.whole().commands,
                _ => split.work.commands,
            };
            verdicts.push(Verdict { goal, job, ours, best, peer });
        }
    }
    verdicts
}

/// The misses that nobody can explain: somebody has made KaigoTap worse.
pub(crate) fn missed_without_reason(figures: &Figures) -> Vec<String> {
    verdicts(figures)
        .iter()
        .filter(|verdict| !verdict.met() && verdict.reason().is_none())
        .map(|Verdict { goal, job, ours, best, peer }| {
            format!("{goal}: {job}: {ours}, where {peer} needs {best}")
        })
        .collect()
}
