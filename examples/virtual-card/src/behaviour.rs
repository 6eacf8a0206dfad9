//! What kind of card it is, and which trouble it makes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
    time::Duration,
};

use crate::{Error, Fault, PinKind};

/// Something a card, or the reader under it, can or does. A plain card has none of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trait {
    /// Takes extended-length commands (certain of cards, not of readers and phones). Otherwise they answer `6700`.
    ExtendedLength,
    /// READ BINARY takes a short EF id in P1 (single source).
    ReadBySfi,
    /// Signing takes the key's short EF id in P2 (single source).
    SignBySfi,
    /// VERIFY and its query take the PIN's short EF id in P2 (unproven; therefore not part of `modern`).
    VerifyBySfi,
    /// As over a T=0 reader: `61xx` and GET RESPONSE where a command and its response both carry data, `6Cxx` where Le
    /// is too large. Such a link has no extended length, whatever the card can do. No real card was seen doing it.
    T0,
    /// The first command after power-on is not executed and answers `6F00` (single source).
    FirstCommandFails,
    /// A blocked PIN answers `6983` instead of `6984`. Sources disagree; most say `6984`.
    Blocked6983,
    /// The query of a blocked PIN answers `63C0` (single source) instead of what its VERIFY answers.
    QueryBlocked63C0,
    /// No certificate for signature, as for a child under 15. File `0001` is then empty (assumed).
    NoSignatureCertificate,
    /// Text records write the length of their outermost object in three bytes, as newer cards do (certain); otherwise
    /// in as few as possible, as older ones.
    LongLengths,
    /// Codes made of a birth date hold it as it is printed on the card, where that is Western. Otherwise they hold the
    /// era's year for everybody: which of the two is true for foreign residents is unknown.
    CodesAsPrinted,
    /// On a card for face authentication the PINs are not there at all, instead of blocked. Which is true is unknown.
    PinsMissing,
    /// A read that asks for more than is left answers what is left with `6282` instead of `9000` (ISO/IEC 7816-4; which
    /// of the two a real card does is single source).
    EndOfFile6282,
    /// A read that begins at the end of the file answers nothing with `9000`, instead of `6B00`.
    EndOfFileEmpty,
    /// A read that begins at the end of the file answers `6A86` instead of `6B00`.
    EndOfFile6A86,
    /// A read that asks for more than is left answers nothing but the right length with `6Cxx`; one that begins at the
    /// end answers `6C00`. As over T=0, on any link.
    EndOfFile6C,
    /// The token information ends behind its label of 32 bytes, as an emulator's did.
    ShortToken,
    /// No application but the JPKI AP: no text, no face, no issuer security domain.
    JpkiOnly,
    /// A read with Le `00` (256 bytes) answers `6700`, as some readers make of it; one of 255 works.
    Le00Refused,
    /// SELECT answers `61xx`, although no answer data was wanted: control information that may be fetched.
    Select61,
    /// Over T=0 all data waits, also that of a read; the card says `6100` however much it is, and names the right length
    /// to GET RESPONSE with `6Cxx`.
    Waiting6100,
    /// An extended-length command takes the card out of the field, though the card says that it takes them.
    ExtendedTears,
    /// The outermost objects of text and face records claim another length than they have. No real card does.
    LyingLengths,
    /// The delays of the behaviour are really slept, and not only counted.
    RealDelays,
}

/// Names in strings; `modern` stands for the first three.
const NAMES: [(Trait, &str); 24] = [
    (Trait::ExtendedLength, "extended"),
    (Trait::ReadBySfi, "sfi-read"),
    (Trait::SignBySfi, "sfi-sign"),
    (Trait::VerifyBySfi, "sfi-verify"),
    (Trait::T0, "t0"),
    (Trait::FirstCommandFails, "first-command-6f00"),
    (Trait::Blocked6983, "blocked-6983"),
    (Trait::QueryBlocked63C0, "query-blocked-63c0"),
    (Trait::NoSignatureCertificate, "no-signature-certificate"),
    (Trait::LongLengths, "long-lengths"),
    (Trait::CodesAsPrinted, "codes-as-printed"),
    (Trait::PinsMissing, "pins-missing"),
    (Trait::EndOfFile6282, "eof-6282"),
    (Trait::EndOfFileEmpty, "eof-empty"),
    (Trait::EndOfFile6A86, "eof-6a86"),
    (Trait::EndOfFile6C, "eof-6cxx"),
    (Trait::ShortToken, "short-token"),
    (Trait::JpkiOnly, "jpki-only"),
    (Trait::Le00Refused, "le00-6700"),
    (Trait::Select61, "select-61xx"),
    (Trait::Waiting6100, "waiting-6100"),
    (Trait::ExtendedTears, "extended-tears"),
    (Trait::LyingLengths, "lying-lengths"),
    (Trait::RealDelays, "real-delays"),
];
const MODERN: [Trait; 3] = [Trait::ExtendedLength, Trait::ReadBySfi, Trait::SignBySfi];

/// When the card leaves the reader's field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tear {
    /// This many commands since the card was made are answered as usual; the next one is not answered.
    pub after: u64,
    /// What becomes of that next command.
    pub moment: Moment,
}

/// Whether the card still acted on the command whose answer was lost. The client cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It did not: no counter has moved.
    BeforeActing,
    /// It did: a wrong PIN was counted, a signature was made.
    AfterActing,
}

/// What an in-process link to the card may announce as its sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest command APDU in bytes.
    pub max_command: usize,
    /// The largest response APDU in bytes, status word included.
    pub max_response: usize,
    /// Whether extended-length commands are understood.
    pub extended: bool,
}

/// The card's abilities, the state its PINs start in, and when it is torn away; on the command line `--profile`.
///
/// In strings, parts are joined by `+`: a base (`modern`, the default, or `plain`), then what differs:
/// `plain+torn-after:3`, `locked`, `modern+t0`.
///
/// ```
/// use kaigotap_virtual_card::{Behaviour, PinKind, Trait};
/// let behaviour: Behaviour = "plain+torn-after:3".parse()?;
/// assert_eq!(behaviour, Behaviour::plain().torn_after(3));
/// assert_eq!("locked".parse::<Behaviour>()?, Behaviour::modern().tries_left(PinKind::Authentication, 0));
/// assert!(Behaviour::modern().with(Trait::T0).to_string() == "modern+t0");
/// # Ok::<(), kaigotap_virtual_card::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    traits: BTreeSet<Trait>,
    /// Only what differs from the maximum.
    tries: BTreeMap<PinKind, u8>,
    tear: Option<Tear>,
    /// By the number of commands before.
    faults: BTreeMap<u64, Fault>,
    seed: u64,
    delay: Duration,
}

impl Behaviour {
    /// What [`FromStr`] understands, in one line.
    pub const GRAMMAR: &str = "modern, plain, locked, torn-after:N, torn-answering:N, authentication-tries:N, \
        signature-tries:N and so for every PIN, extended, sfi-read, sfi-sign, sfi-verify, t0, first-command-6f00, \
        blocked-6983, query-blocked-63c0, no-signature-certificate, long-lengths, codes-as-printed, pins-missing, \
        eof-6282, eof-empty, eof-6a86, eof-6cxx, short-token, jpki-only, le00-6700, select-61xx, waiting-6100, \
        extended-tears, lying-lengths, truncated:N, oversized:N, wrong-length:N, random:N, seed:N, delay:MS, real-delays; \
        joined by +";

    /// Extended length, reading and signing by short EF id: everything a client can use to be quick.
    pub fn modern() -> Self {
        Self { traits: MODERN.into(), ..Self::plain() }
    }

    /// Short APDUs and SELECT only: what every client must get along with.
    pub fn plain() -> Self {
        Self {
            traits: BTreeSet::new(),
            tries: BTreeMap::new(),
            tear: None,
            faults: BTreeMap::new(),
            seed: 0,
            delay: Duration::ZERO,
        }
    }

    /// As `modern`, but the authentication PIN is blocked.
    pub fn locked() -> Self {
        Self::modern().tries_left(PinKind::Authentication, 0)
    }

    /// Adds a trait.
    #[must_use]
    pub fn with(mut self, what: Trait) -> Self {
        self.traits.insert(what);
        self
    }

    /// Takes a trait away.
    #[must_use]
    pub fn without(mut self, what: Trait) -> Self {
        self.traits.remove(&what);
        self
    }

    /// The state in which a PIN's counter starts; more than its maximum is taken as the maximum.
    #[must_use]
    pub fn tries_left(mut self, pin: impl Into<PinKind>, tries: u8) -> Self {
        let pin = pin.into();
        if tries < pin.max_tries() {
            self.tries.insert(pin, tries);
        } else {
            self.tries.remove(&pin);
        }
        self
    }

    /// The card leaves the field after that many commands; the next one is not executed.
    #[must_use]
    pub fn torn_after(self, after: u64) -> Self {
        self.torn(Tear { after, moment: Moment::BeforeActing })
    }

    /// The card leaves the field at a moment of choice.
    #[must_use]
    pub fn torn(mut self, tear: Tear) -> Self {
        self.tear = Some(tear);
        self
    }

    /// Spoils one answer: so many commands since the card was made are answered as usual, the next one like this.
    #[must_use]
    pub fn faulty(mut self, after: u64, fault: Fault) -> Self {
        self.faults.insert(after, fault);
        self
    }

    /// Another seed for the noise of [`Fault::Random`] and [`Fault::Oversized`].
    #[must_use]
    pub fn seeded(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Every command takes that much longer: in the [`Meter`](crate::Meter), and with [`Trait::RealDelays`] on the clock.
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// What becomes of the answer after so many commands.
    pub(crate) fn spoil(&self, after: u64, response: Vec<u8>) -> Vec<u8> {
        match self.faults.get(&after) {
            Some(fault) => fault.apply(response, self.seed, after),
            None => response,
        }
    }

    /// By how much every command is delayed.
    pub fn delay(&self) -> Duration {
        self.delay
    }

    pub(crate) fn never_torn(mut self) -> Self {
        self.tear = None;
        self
    }

    /// Whether the card has this trait.
    pub fn has(&self, what: Trait) -> bool {
        self.traits.contains(&what)
    }

    /// When it will be torn away, if ever.
    pub fn tear(&self) -> Option<Tear> {
        self.tear
    }

    /// What a link to this card may announce.
    pub fn limits(&self) -> Limits {
        if self.extended() {
            Limits { max_command: 65_544, max_response: 65_538, extended: true }
        } else {
            Limits { max_command: 261, max_response: 258, extended: false }
        }
    }

    /// Whether GET RESPONSE exists.
    pub(crate) fn waits(&self) -> bool {
        self.has(Trait::T0) || self.has(Trait::Select61)
    }

    pub(crate) fn extended(&self) -> bool {
        self.has(Trait::ExtendedLength) && !self.has(Trait::T0)
    }

    pub(crate) fn initial_tries(&self, pin: PinKind) -> u8 {
        self.tries.get(&pin).copied().unwrap_or(pin.max_tries())
    }

    fn apply(self, part: &str) -> Option<Self> {
        if let Some((name, number)) = part.split_once(':') {
            return match name {
                "torn-after" => Some(self.torn_after(number.parse().ok()?)),
                "torn-answering" => Some(
                    self.torn(Tear { after: number.parse().ok()?, moment: Moment::AfterActing }),
                ),
                "seed" => Some(self.seeded(number.parse().ok()?)),
                "delay" => Some(self.delayed(Duration::from_millis(number.parse().ok()?))),
                _ if let Some(fault) =
                    Fault::ALL.into_iter().find(|fault| fault.name() == name) =>
                {
                    Some(self.faulty(number.parse().ok()?, fault))
                }
                _ => {
                    let pin: PinKind = name.strip_suffix("-tries")?.parse().ok()?;
                    Some(self.tries_left(pin, number.parse().ok()?))
                }
            };
        }
        if part == "locked" {
            return Some(self.tries_left(PinKind::Authentication, 0));
        }
        let (what, _) = NAMES.iter().find(|(_, name)| *name == part)?;
        Some(self.with(*what))
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self::modern()
    }
}

impl FromStr for Behaviour {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (base, rest) = match text.split_once('+').unwrap_or((text, "")) {
            ("modern", rest) => (Self::modern(), rest),
            ("plain", rest) => (Self::plain(), rest),
            _ => (Self::modern(), text),
        };
        if rest.is_empty() && !text.is_empty() && !text.ends_with('+') {
            return Ok(base);
        }
        rest.split('+')
            .try_fold(base, Self::apply)
            .ok_or_else(|| Error::UnknownBehaviour(text.to_owned()))
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modern = MODERN.iter().all(|what| self.has(*what));
        f.write_str(if modern { "modern" } else { "plain" })?;
        for (what, name) in NAMES {
            if self.has(what) && !(modern && MODERN.contains(&what)) {
                write!(f, "+{name}")?;
            }
        }
        for (pin, left) in &self.tries {
            match (pin, left) {
                (PinKind::Authentication, 0) => f.write_str("+locked")?,
                _ => write!(f, "+{pin}-tries:{left}")?,
            }
        }
        for (after, fault) in &self.faults {
            write!(f, "+{}:{after}", fault.name())?;
        }
        if self.seed != 0 {
            write!(f, "+seed:{}", self.seed)?;
        }
        if !self.delay.is_zero() {
            write!(f, "+delay:{}", self.delay.as_millis())?;
        }
        match self.tear {
            None => Ok(()),
            Some(Tear { after, moment: Moment::BeforeActing }) => write!(f, "+torn-after:{after}"),
            Some(Tear { after, moment: Moment::AfterActing }) => {
                write!(f, "+torn-answering:{after}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Purpose;

    #[test]
    fn every_behaviour_can_be_written_and_read() {
        let mut behaviour = Behaviour::plain();
        for (what, _) in NAMES {
            behaviour = behaviour.with(what);
            for tries in 0..=3 {
                for moment in [Moment::BeforeActing, Moment::AfterActing] {
                    let behaviour = behaviour
                        .clone()
                        .tries_left(Purpose::Authentication, tries)
                        .tries_left(Purpose::Signature, tries)
                        .tries_left(PinKind::FaceB, tries)
                        .faulty(u64::from(tries), Fault::Oversized)
                        .faulty(7, Fault::Random)
                        .seeded(u64::from(tries))
                        .delayed(Duration::from_millis(u64::from(tries)))
                        .torn(Tear { after: u64::MAX, moment });
                    assert_eq!(behaviour.to_string().parse::<Behaviour>().unwrap(), behaviour);
                }
            }
        }
    }

    #[test]
    fn short_forms() {
        for (text, behaviour) in [
            ("modern", Behaviour::modern()),
            ("plain", Behaviour::plain()),
            ("locked", Behaviour::locked()),
            ("plain+locked", Behaviour::plain().tries_left(PinKind::Authentication, 0)),
            ("torn-after:7", Behaviour::modern().torn_after(7)),
            ("plain+truncated:0", Behaviour::plain().faulty(0, Fault::Truncated)),
            ("wrong-length:3", Behaviour::modern().faulty(3, Fault::WrongLength)),
            ("birth-date-tries:1", Behaviour::modern().tries_left(PinKind::BirthDate, 1)),
            ("delay:40", Behaviour::modern().delayed(Duration::from_millis(40))),
        ] {
            assert_eq!(text.parse::<Behaviour>().unwrap(), behaviour, "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "+",
            "Modern",
            "modern+",
            "plain+plain",
            "torn-after",
            "torn-after:",
            "torn-after:-1",
            "x:1",
            "random:",
            "pin-tries:1",
            "delay:0.5",
        ] {
            assert!(
                matches!(text.parse::<Behaviour>(), Err(Error::UnknownBehaviour(_))),
                "{text:?}"
            );
        }
    }

    #[test]
    fn limits_follow_the_traits() {
        assert_eq!(
            Behaviour::plain().limits(),
            Limits { max_command: 261, max_response: 258, extended: false }
        );
        assert_eq!(
            Behaviour::modern().limits(),
            Limits { max_command: 65_544, max_response: 65_538, extended: true }
        );
        assert!(!Behaviour::modern().with(Trait::T0).limits().extended);
    }
}
