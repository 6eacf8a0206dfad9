//! How records hang together, and what it looks like when they no longer do.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::hmac;

use super::{AuditRecord, Link};
use crate::base::jws::base64url;

/// The end of the log at some time: its last sequence number and hash, as `17:mC3…`. Noted elsewhere, it shows later
/// whether what was there then still is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    sequence: u64,
    hash: Vec<u8>,
}

/// What came of a look at the whole log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// How many records there are.
    pub records: u64,
    /// Its end, unless it is empty.
    pub anchor: Option<Anchor>,
    /// What is wrong, the oldest first. Empty is good.
    pub findings: Vec<Finding>,
}

/// Something that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The sequence number at which it is.
    pub sequence: u64,
    /// What it is.
    pub flaw: Flaw,
}

/// What can be wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The record says something else than when it was written.
    Altered,
    /// The record is genuine, and does not belong after the one before it.
    OutOfPlace,
    /// The record, and perhaps some after it, is not there.
    Missing,
    /// The log ends before this record, which was the last.
    CutOff,
    /// The head was not written by the sandbox.
    HeadForged,
    /// The log does not have this record as the anchor has it.
    NotAnchored,
}

impl Flaw {
    /// A stable code for messages and scripts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Altered => "altered",
            Self::OutOfPlace => "out_of_place",
            Self::Missing => "missing",
            Self::CutOff => "cut_off",
            Self::HeadForged => "head_forged",
            Self::NotAnchored => "not_anchored",
        }
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, base64url(&self.hash))
    }
}

/// This text is no anchor.
#[derive(Debug, thiserror::Error)]
#[error("an anchor is a number, a colon and a hash, as `audit verify` prints them")]
pub struct NoAnchor;

impl FromStr for Anchor {
    type Err = NoAnchor;

    fn from_str(text: &str) -> Result<Self, NoAnchor> {
        let (sequence, hash) = text.split_once(':').ok_or(NoAnchor)?;
        let sequence = sequence.parse().map_err(|_| NoAnchor)?;
        let hash = Base64UrlUnpadded::decode_vec(hash).map_err(|_| NoAnchor)?;
        if hash.len() == 32 { Ok(Self { sequence, hash }) } else { Err(NoAnchor) }
    }
}

/// The hash of a record that follows this hash. Its sequence number is not in it: that is the place in the chain.
pub(super) fn hash(key: &hmac::Key, previous: &[u8], record: &AuditRecord) -> Vec<u8> {
    let AuditRecord { sequence: _, at, what, outcome, note, device, facility, staff, person } =
        record;
    let mut context = hmac::Context::with_key(key);
    context.update(b"record");
    context.update(&at.as_second().to_be_bytes());
    let texts = [what, outcome, note, device, facility, staff, person];
    for part in std::iter::once(previous).chain(texts.map(String::as_bytes)) {
        context.update(&part.len().to_be_bytes());
        context.update(part);
    }
    context.sign().as_ref().to_vec()
}

/// What only the sandbox can write beside its last hash.
pub(super) fn seal(key: &hmac::Key, sequence: u64, hash: &[u8]) -> Vec<u8> {
    let said = [&b"head"[..], &sequence.to_be_bytes(), hash].concat();
    hmac::sign(key, &said).as_ref().to_vec()
}

/// A walk from the first record to the last.
pub(super) struct Walk<'a> {
    key: &'a hmac::Key,
    head: (u64, Vec<u8>),
    anchor: Option<&'a Anchor>,
    records: u64,
    /// The last record seen, and its hash.
    last: u64,
    hash: Vec<u8>,
    findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        key: &'a hmac::Key,
        (sequence, hash, written): (u64, Vec<u8>, Vec<u8>),
        anchor: Option<&'a Anchor>,
    ) -> Self {
        let is_first = sequence == 0 && hash.is_empty() && written.is_empty();
        let mut walk = Self {
            key,
            head: (sequence, hash),
            anchor,
            records: 0,
            last: 0,
            hash: Vec::new(),
            findings: Vec::new(),
        };
        if !is_first && seal(key, walk.head.0, &walk.head.1) != written {
            walk.found(sequence, Flaw::HeadForged);
        }
        walk
    }

    pub(super) fn last(&self) -> u64 {
        self.last
    }

    fn found(&mut self, sequence: u64, flaw: Flaw) {
        self.findings.push(Finding { sequence, flaw });
    }

    pub(super) fn step(&mut self, link: &Link) {
        let sequence = link.record.sequence;
        if sequence != self.last + 1 {
            self.found(self.last + 1, Flaw::Missing);
        } else if link.previous != self.hash {
            self.found(sequence, Flaw::OutOfPlace);
        }
        if hash(self.key, &link.previous, &link.record) != link.hash {
            self.found(sequence, Flaw::Altered);
        }
        self.compare(sequence, &link.hash);
        self.records += 1;
        self.last = sequence;
        self.hash.clone_from(&link.hash);
    }

    /// With what is known from elsewhere about this record.
    fn compare(&mut self, sequence: u64, hash: &[u8]) {
        if self.anchor.is_some_and(|anchor| anchor.sequence == sequence && anchor.hash != hash) {
            self.found(sequence, Flaw::NotAnchored);
        }
        if self.head.0 == sequence && self.head.1 != hash {
            self.found(sequence, Flaw::OutOfPlace);
        }
    }

    pub(super) fn end(mut self) -> AuditReport {
        if self.last < self.head.0 {
            self.found(self.head.0, Flaw::CutOff);
        }
        if let Some(anchor) = self.anchor.filter(|anchor| anchor.sequence > self.last) {
            self.found(anchor.sequence, Flaw::NotAnchored);
        }
        let (sequence, hash) = (self.last, self.hash);
        let anchor = (sequence > 0).then_some(Anchor { sequence, hash });
        AuditReport { records: self.records, anchor, findings: self.findings }
    }
}
