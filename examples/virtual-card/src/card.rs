//! The card itself: a state machine on APDU bytes. What single commands do is in [`commands`].

mod commands;

use std::{fmt, sync::Arc, thread, time::SystemTime};

use crate::{
    Application, Atr, Behaviour, Calendar, CardKind, Error, Header, Meter, Moment, Person, PinKind,
    Purpose, Trait,
    command::{Command, status},
    files::{Contents, File},
    meter::Trace,
    pin::Pin,
    pin_kind::Change,
    usual_issue_date,
};

/// A software My Number Card. A clone is another card in the same state.
#[derive(Clone)]
pub struct VirtualCard {
    person: Person,
    behaviour: Behaviour,
    atr: Atr,
    contents: Arc<Contents>,
    /// In the order of [`PinKind::ALL`].
    pins: [Pin; PinKind::ALL.len()],
    session: Session,
    power: Power,
    meter: Meter,
    trace: Trace,
}

/// What selecting changes.
#[derive(Clone, Default)]
struct Session {
    application: Option<Application>,
    /// The application a verification belongs to. Outlives a warm reset, as the verification does.
    owner: Option<Application>,
    file: Option<Arc<File>>,
    /// What GET RESPONSE will fetch.
    waiting: Vec<u8>,
    /// Said instead of `9000`.
    warning: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Power {
    On {
        fresh: bool,
    },
    Off,
    /// Out of the field.
    Gone,
}

/// Data to answer with `9000` (or `61xx` while more waits), or a status word without data.
type Answer = Result<Vec<u8>, u16>;

impl VirtualCard {
    /// A card whose certificates were issued at the [`usual_issue_date`]. It lies on the reader, powered.
    pub fn new(person: Person, behaviour: Behaviour) -> Result<Self, Error> {
        Self::issued(person, behaviour, usual_issue_date())
    }

    /// A card whose certificates were issued at that moment, for tests of expired and not yet valid ones.
    pub fn issued(person: Person, behaviour: Behaviour, issued: SystemTime) -> Result<Self, Error> {
        Self::made(person, behaviour, issued, &[])
    }

    /// A card with this authentication certificate (DER), whoever issued it. The key is the person's own all the same.
    pub fn certified(
        person: Person,
        behaviour: Behaviour,
        certificate: &[u8],
    ) -> Result<Self, Error> {
        let certificates = [(Purpose::Authentication, certificate.to_vec())];
        Self::made(person, behaviour, usual_issue_date(), &certificates)
    }

    fn made(
        person: Person,
        behaviour: Behaviour,
        issued: SystemTime,
        certificates: &[(Purpose, Vec<u8>)],
    ) -> Result<Self, Error> {
        person.check()?;
        let codes = if behaviour.has(Trait::CodesAsPrinted) {
            person.printed_calendar
        } else {
            Calendar::Japanese
        };
        let expiry = person.card_expiry.date(issued)?;
        let unusable = |kind: PinKind| {
            person.blocked.contains(&kind)
                || (person.card == CardKind::FaceAuthentication && kind.must_be_remembered())
        };
        let pins = PinKind::ALL.map(|kind| {
            let left = if unusable(kind) { 0 } else { behaviour.initial_tries(kind) };
            Pin::new(kind, person.reference_data(kind, codes, expiry), left)
        });
        Ok(Self {
            atr: Atr::default(),
            contents: Arc::new(Contents::new(&person, &behaviour, issued, certificates)?),
            pins,
            session: Session::default(),
            power: Power::On { fresh: true },
            meter: Meter::default(),
            trace: Trace::default(),
            person,
            behaviour,
        })
    }

    /// The same card with another answer to reset.
    #[must_use]
    pub fn with_atr(mut self, atr: Atr) -> Self {
        self.atr = atr;
        self
    }

    /// Executes one command APDU and gives the response APDU: data and two bytes of status word. **Empty** when the
    /// card gives no answer, because it is torn away or without power.
    pub fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        if !matches!(self.power, Power::On { .. }) {
            return Vec::new();
        }
        let too_long = self.behaviour.has(Trait::ExtendedTears)
            && Command::parse(command).is_some_and(|command| command.extended);
        let torn = self
            .behaviour
            .tear()
            .filter(|tear| tear.after == self.meter.commands)
            .map(|tear| tear.moment)
            .or(too_long.then_some(Moment::BeforeActing));
        let before = self.meter.commands;
        self.meter.arrived(command, self.behaviour.delay());
        self.trace.record(command);
        if self.behaviour.has(Trait::RealDelays) {
            thread::sleep(self.behaviour.delay());
        }
        let response =
            if torn == Some(Moment::BeforeActing) { Vec::new() } else { self.respond(command) };
        if torn.is_some() {
            self.remove();
            return Vec::new();
        }
        let response = self.behaviour.spoil(before, response);
        self.meter.left(&response);
        response
    }

    /// Cold power-on: the client's VERIFY is forgotten, nothing is selected. A card out of the field stays silent.
    pub fn power_on(&mut self) {
        if self.power == Power::Off {
            self.power = Power::On { fresh: true };
        }
    }

    /// Warm reset: nothing is selected, but a verification outlives it (single source).
    pub fn reset(&mut self) {
        self.session = Session { owner: self.session.owner, ..Session::default() };
    }

    /// Power is taken away, and with it every verification.
    pub fn power_off(&mut self) {
        if self.power != Power::Gone {
            self.lose_power(Power::Off);
        }
    }

    /// The card is taken out of the field.
    pub fn remove(&mut self) {
        self.lose_power(Power::Gone);
    }

    /// The card is put back, powered. It will not be torn away again.
    pub fn put_back(&mut self) {
        self.lose_power(Power::On { fresh: true });
        self.behaviour = self.behaviour.clone().never_torn();
    }

    /// Whether the card is out of the field.
    pub fn is_gone(&self) -> bool {
        self.power == Power::Gone
    }

    /// The answer to reset.
    pub fn atr(&self) -> &[u8] {
        self.atr.as_bytes()
    }

    /// Whose card it is.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// What kind of card it is.
    pub fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Figures since the card was made.
    pub fn meter(&self) -> Meter {
        self.meter
    }

    /// Headers of the latest 1,024 commands, oldest first.
    pub fn trace(&self) -> Vec<Header> {
        self.trace.headers()
    }

    /// A PIN's counter, seen from outside without an APDU: what a test holds a client's word against.
    pub fn tries_left(&self, pin: impl Into<PinKind>) -> u8 {
        self.pin(pin.into()).left()
    }

    /// Whether a PIN counts as verified now, seen from outside without an APDU.
    pub fn is_verified(&self, pin: impl Into<PinKind>) -> bool {
        self.pin(pin.into()).is_verified()
    }

    /// What opens it now: a PIN, 照合番号A or B, or the six digits of the birth date.
    pub fn reference_data(&self, pin: impl Into<PinKind>) -> &str {
        self.pin(pin.into()).value()
    }

    fn lose_power(&mut self, to: Power) {
        self.session = Session::default();
        self.forget_verifications();
        self.power = to;
    }

    fn forget_verifications(&mut self) {
        self.pins.iter_mut().for_each(Pin::forget);
    }

    fn pin(&self, kind: PinKind) -> &Pin {
        &self.pins[kind as usize]
    }

    fn pin_mut(&mut self, kind: PinKind) -> &mut Pin {
        &mut self.pins[kind as usize]
    }

    fn respond(&mut self, bytes: &[u8]) -> Vec<u8> {
        let first = std::mem::replace(&mut self.power, Power::On { fresh: false })
            == Power::On { fresh: true };
        if first && self.behaviour.has(Trait::FirstCommandFails) {
            return status::NO_DIAGNOSIS.to_be_bytes().to_vec();
        }
        let answer = self.execute(bytes);
        let fine = self.session.warning.take().unwrap_or(status::OK);
        let (mut data, status) = match answer {
            Ok(data) if self.session.waiting.is_empty() => (data, fine),
            Ok(data) if self.behaviour.has(Trait::Waiting6100) => (data, status::BYTES_WAIT),
            Ok(data) => (data, status::BYTES_WAIT | count(self.session.waiting.len())),
            Err(status) => (Vec::new(), status),
        };
        data.extend(status.to_be_bytes());
        data
    }

    fn execute(&mut self, bytes: &[u8]) -> Answer {
        let waiting = std::mem::take(&mut self.session.waiting);
        let command = Command::parse(bytes).ok_or(status::WRONG_LENGTH)?;
        if command.extended && !self.behaviour.extended() {
            return Err(status::WRONG_LENGTH);
        }
        match (command.class, command.instruction) {
            (0x00, 0xA4) => self.select(&command),
            (0x00, 0x20) => self.verify(&command),
            (0x00, 0x24) => self.change_pin(&command, Change::ReferenceData),
            (0x80, 0x32) => self.change_pin(&command, Change::Key),
            (0x00, 0xB0) => self.read_binary(&command),
            (0x00, 0xB2) => self.read_record(&command),
            (0x00, 0x88) => self.internal_authenticate(&command),
            (0x00, 0xC0) if self.behaviour.waits() => self.get_response(&command, waiting),
            (0x80, 0x2A) => self.sign(&command),
            (0x00 | 0x80, _) => Err(status::NO_SUCH_INSTRUCTION),
            // ISO/IEC 7816-4, 5.4.1: the low bits of these classes name a logical channel other than the basic one.
            (0x01..=0x03 | 0x81..=0x83 | 0x40..=0x7F, _) => Err(status::NO_SUCH_CHANNEL),
            _ => Err(status::NO_SUCH_CLASS),
        }
    }
}

impl fmt::Debug for VirtualCard {
    /// Neither PINs nor keys nor what was read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualCard")
            .field("person", &self.person)
            .field("behaviour", &format_args!("{}", self.behaviour))
            .field("authentication_tries_left", &self.tries_left(PinKind::Authentication))
            .field("signature_tries_left", &self.tries_left(PinKind::Signature))
            .finish_non_exhaustive()
    }
}

/// A number of bytes in the low half of a status word: zero means 256 or more.
fn count(bytes: usize) -> u16 {
    u8::try_from(bytes).map_or(0, u16::from)
}
