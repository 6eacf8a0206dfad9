//! A device that is tried as a host: its clocks, its store and its key, and what is wrong with them. It says the same
//! every time, signatures included.

use std::time::Duration;

use kaigotap::flow::{DeviceTime, Entry, Reply, Request, SignError, StoreError, ToSign};
use kaigotap::link::Host;
use kaigotap_recorder::{DeviceKey, unhex};

/// What it answers.
#[derive(Clone)]
pub(crate) struct Device {
    /// What it keeps, or why it keeps nothing.
    pub(crate) store: Result<Vec<Entry>, StoreError>,
    /// Whether it says that it keeps, and does not.
    pub(crate) forgets: bool,
    /// Its key, if it has one.
    pub(crate) key: Option<Key>,
    /// By how many milliseconds the clock that nobody sets moves from one look to the next.
    pub(crate) clock_step: i64,
    /// How often its clocks were looked at.
    pub(crate) looks: i64,
}

/// How its key signs.
#[derive(Clone, Copy)]
pub(crate) enum Key {
    /// `r‖s`.
    Fixed,
    /// DER.
    Der,
    /// Another key does.
    Another,
    /// Not at all.
    Fails(SignError),
}

/// Its public key, what a trial has it sign, and signatures of that, made once.
const PUBLIC: &str = "04df2bf8aef269478fa8d2e09e5d6cad3d90bd38ae9d198dac0be6147d7904e409b282728cd9172321349c317af35bd1868c248ab144840538c895d811f8a7eeec";
const MESSAGE: &[u8] = b"kaigotap: is this key here?";
const DER: &str = "3046022100a3890d0b13c08679e57523f628bc6cc876896ea4fc975c7fd986ac7141b50fbe02210090b95668a39914a163ba92ef589545ffd8d715ae0e15b0721143915d959706fc";
const FIXED: &str = "a3890d0b13c08679e57523f628bc6cc876896ea4fc975c7fd986ac7141b50fbe90b95668a39914a163ba92ef589545ffd8d715ae0e15b0721143915d959706fc";
const OF_ANOTHER: &str = "05cdc5c794ad1ed764b40e158cc9a65da3abb00f8ff1b208b6a0b527d8d4c56d8dc76f1c6a5a46875e6009c99d99c227eed5821a00cb4670fe02101c1e4f7ab7";

impl Device {
    /// One to which nothing is to be said.
    pub(crate) fn good() -> Self {
        let store = Ok(Vec::new());
        Self { store, forgets: false, key: None, clock_step: 1_000, looks: 0 }
    }

    /// Its key, as it is enrolled.
    pub(crate) fn public_key() -> DeviceKey {
        DeviceKey { name: "device".to_owned(), public: PUBLIC.to_owned() }
    }

    fn signs(&self, to_sign: &ToSign) -> Result<Vec<u8>, SignError> {
        assert_eq!((to_sign.key.as_str(), to_sign.payload.as_slice()), ("device", MESSAGE));
        let signature = match self.key {
            None => return Err(SignError::Gone),
            Some(Key::Fails(error)) => return Err(error),
            Some(Key::Fixed) => FIXED,
            Some(Key::Der) => DER,
            Some(Key::Another) => OF_ANOTHER,
        };
        Ok(unhex(signature).expect("a signature"))
    }

    fn clock(&mut self) -> DeviceTime {
        // 2026-11-20T01:02:03Z, and two hours after it was started.
        let wall = 1_795_137_723_000 + 1_000 * self.looks;
        let monotonic = 7_200_000 + self.clock_step * self.looks;
        self.looks += 1;
        DeviceTime::new(
            jiff::Timestamp::from_millisecond(wall).expect("a time"),
            Duration::from_millis(monotonic.try_into().expect("a time")),
        )
    }
}

impl Host for Device {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        Some(match (request, &mut self.store) {
            (Request::Clock, _) => Reply::Clock(self.clock()),
            (Request::Sign(to_sign), _) => Reply::Sign(self.signs(&to_sign)),
            (Request::Keep(entry), Ok(kept)) => {
                kept.retain(|other| other.name != entry.name);
                kept.extend((!self.forgets).then_some(entry));
                Reply::Keep(Ok(()))
            }
            (Request::Forget(name), Ok(kept)) => {
                kept.retain(|other| other.name != name);
                Reply::Forget(Ok(()))
            }
            (Request::List, Ok(kept)) => {
                Reply::List(Ok(kept.iter().map(|entry| entry.name.clone()).collect()))
            }
            (Request::Recall(names), Ok(kept)) => {
                let asked = kept.iter().filter(|entry| names.contains(&entry.name));
                Reply::Recall(Ok(asked.cloned().collect()))
            }
            (Request::Keep(_), Err(error)) => Reply::Keep(Err(*error)),
            (Request::Forget(_), Err(error)) => Reply::Forget(Err(*error)),
            (Request::List, Err(error)) => Reply::List(Err(*error)),
            (Request::Recall(_), Err(error)) => Reply::Recall(Err(*error)),
            (other, _) => panic!("a trial has no use for {other:?}"),
        })
    }
}
