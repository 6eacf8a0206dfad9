//! What can happen, and how often it did.

use std::collections::BTreeMap;
use std::fmt;

use proptest::prelude::*;

use crate::device::Model;

/// Something that a nurse does, or that happens to the device or at the platform.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Fetch {
        nurse: usize,
        tickets: usize,
    },
    Return {
        nurse: usize,
    },
    Visit {
        nurse: usize,
        card: usize,
    },
    Note {
        nurse: usize,
        which: usize,
    },
    Send {
        nurse: usize,
    },
    List {
        nurse: usize,
    },
    Acknowledge {
        nurse: usize,
    },
    Begin {
        nurse: usize,
    },
    Lock,
    Unlock {
        nurse: usize,
        right: bool,
    },
    End,
    Network(bool),
    /// By so many days the date is off.
    Set(i64),
    /// The device is started anew.
    Restart,
    /// So many hours go by.
    Pass(u64),
    Revoke {
        card: usize,
    },
    /// Somebody takes a copy of the store.
    Copy,
    /// Somebody puts one back, and perhaps the mark of that time.
    PutBack {
        which: usize,
        mark: bool,
    },
    /// So many more writes, and the store is full.
    Room(Option<usize>),
}

/// An act, and where the app is killed in it: before or after so many requests.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) act: Act,
    pub(crate) cut: Option<(usize, bool)>,
}

/// Any sequence of them.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let cut = prop::option::weighted(0.15, (0_usize..30, any::<bool>()));
    let step = (act(), cut).prop_map(|(act, cut)| Step { act, cut });
    let first = Step { act: Act::Fetch { nurse: 0, tickets: 4 }, cut: None };
    prop::collection::vec(step, 8..40).prop_map(move |mut steps| {
        steps.insert(0, first.clone());
        steps
    })
}

fn act() -> impl Strategy<Value = Act> {
    let nurse = || prop_oneof![3 => Just(0_usize), 1 => Just(1)];
    prop_oneof![
        4 => (nurse(), 1_usize..4).prop_map(|(nurse, tickets)| Act::Fetch { nurse, tickets }),
        1 => nurse().prop_map(|nurse| Act::Return { nurse }),
        12 => (nurse(), 0_usize..2).prop_map(|(nurse, card)| Act::Visit { nurse, card }),
        3 => (nurse(), any::<usize>()).prop_map(|(nurse, which)| Act::Note { nurse, which }),
        6 => nurse().prop_map(|nurse| Act::Send { nurse }),
        3 => nurse().prop_map(|nurse| Act::List { nurse }),
        2 => nurse().prop_map(|nurse| Act::Acknowledge { nurse }),
        1 => nurse().prop_map(|nurse| Act::Begin { nurse }),
        1 => Just(Act::Lock),
        1 => (nurse(), any::<bool>()).prop_map(|(nurse, right)| Act::Unlock { nurse, right }),
        1 => Just(Act::End),
        3 => any::<bool>().prop_map(Act::Network),
        2 => (-1_i64..=1).prop_map(Act::Set),
        1 => Just(Act::Restart),
        1 => (1_u64..14).prop_map(Act::Pass),
        1 => (0_usize..2).prop_map(|card| Act::Revoke { card }),
        1 => Just(Act::Copy),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(which, mark)| Act::PutBack { which, mark }),
        2 => prop::option::of(0_usize..6).prop_map(Act::Room),
    ]
}

/// How often each of them was done.
#[derive(Default)]
pub(crate) struct Done {
    acts: BTreeMap<String, usize>,
    cuts: usize,
    cases: usize,
    told: usize,
    confirmed: usize,
}

impl Done {
    pub(crate) fn count(&mut self, step: &Step, cut: bool) {
        let whole = format!("{:?}", step.act);
        let name = whole.split([' ', '(']).next().unwrap_or_default().to_lowercase();
        *self.acts.entry(name).or_default() += 1;
        self.cuts += usize::from(cut);
    }

    pub(crate) fn end(&mut self, model: &Model<'_, '_>) {
        self.cases += 1;
        self.told += model.told();
        self.confirmed += model.confirmed();
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let acts: Vec<_> =
            self.acts.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let Self { cases, cuts, told, confirmed, .. } = self;
        write!(f, "{cases} sequences: {}; killed {cuts} times; ", acts.join(", "))?;
        write!(f, "{told} visits were told as waiting, {confirmed} confirmed")
    }
}
