//! What each command does once its length fields are in order.

use std::sync::Arc;

use rsa::Pkcs1v15Sign;

use super::{Answer, Session, VirtualCard, count};
use crate::{
    Application, Purpose, Trait,
    command::{Command, status},
    files::{Content, File, Files},
    pin::Presented,
};

/// What padding leaves of a signature's 256 bytes.
const LONGEST_INPUT: usize = 245;
const SIGNATURE_LENGTH: usize = 256;

impl VirtualCard {
    /// SELECT (ISO/IEC 7816-4, 11.1.1): an application by name, or a file by id.
    pub(super) fn select(&mut self, command: &Command) -> Answer {
        match (command.p1, command.p2) {
            (0x04, 0x00 | 0x0C) => {
                let application = Application::named(command.data).ok_or(status::NOT_FOUND)?;
                self.enter(application);
                match command.p2 {
                    0x00 => self.offer(command, application.control_information()),
                    _ => Ok(vec![]),
                }
            }
            (0x02, 0x0C) => {
                let &[hi, lo] = command.data else { return Err(status::WRONG_LENGTH) };
                let file =
                    self.files()?.by_id(u16::from_be_bytes([hi, lo])).ok_or(status::NOT_FOUND)?;
                self.session.file = Some(file);
                Ok(vec![])
            }
            // The master file: refused right after reset, else accepted without any effect (single source).
            (0x00, 0x00) if self.session.application.is_some() => Ok(vec![]),
            _ => Err(status::WRONG_PARAMETERS),
        }
    }

    /// VERIFY (11.6.6). Without data it is a query: it answers the tries left, costs nothing, and never says `9000`.
    pub(super) fn verify(&mut self, command: &Command) -> Answer {
        let purpose = self.pin_addressed(command, 0x00, self.profile.has(Trait::VerifyBySfi))?;
        if command.expected.is_some() {
            return Err(status::WRONG_LENGTH);
        }
        if command.data.is_empty() {
            return Err(match self.pin(purpose).left() {
                0 if self.profile.has(Trait::QueryBlocked63C0) => status::TRIES_LEFT,
                0 => self.blocked(),
                left => status::TRIES_LEFT | u16::from(left),
            });
        }
        let presented = self.pin_mut(purpose).present(command.data);
        self.meter.verify_attempts += u64::from(presented != Presented::Malformed);
        match presented {
            Presented::Right => Ok(vec![]),
            Presented::Wrong { left } => Err(status::TRIES_LEFT | u16::from(left)),
            Presented::Blocked => Err(self.blocked()),
            Presented::Malformed => Err(status::WRONG_LENGTH),
        }
    }

    /// CHANGE REFERENCE DATA (11.6.7) with the new PIN alone, after VERIFY of the old one.
    pub(super) fn change_pin(&mut self, command: &Command) -> Answer {
        let purpose = self.pin_addressed(command, 0x01, false)?;
        let pin = self.pin_mut(purpose);
        if !pin.is_verified() {
            return Err(status::NOT_VERIFIED);
        }
        if command.expected.is_some() || !pin.has_right_length(command.data) {
            return Err(status::WRONG_LENGTH);
        }
        if !pin.has_right_characters(command.data) {
            return Err(status::WRONG_DATA);
        }
        pin.change(command.data);
        Ok(vec![])
    }

    /// READ BINARY (11.3.3): as many bytes as there are, up to Le.
    pub(super) fn read_binary(&mut self, command: &Command) -> Answer {
        let (short_id, offset) = match command.p1 {
            0x00..=0x7F => (None, u16::from_be_bytes([command.p1, command.p2])),
            _ if self.profile.has(Trait::ReadBySfi) => {
                (short_id(command.p1, true)?, u16::from(command.p2))
            }
            _ => return Err(status::WRONG_PARAMETERS),
        };
        let file = self.addressed(short_id)?;
        let Content::Data { bytes, read_after } = &file.content else {
            return Err(status::NOT_THIS_KIND_OF_FILE);
        };
        if read_after.is_some_and(|purpose| !self.is_verified(purpose)) {
            return Err(status::NOT_VERIFIED);
        }
        if command.expected.is_none() || !command.data.is_empty() {
            return Err(status::WRONG_LENGTH);
        }
        match bytes.get(usize::from(offset)..) {
            None | Some([]) => Err(status::OUTSIDE_FILE),
            Some(rest) => self.offer(command, rest.to_vec()),
        }
    }

    /// The signing command of the card, `80 2A 00 80`: pads whatever 1 to 245 bytes it is given (EMSA-PKCS1-v1_5,
    /// RFC 8017, 9.2, without a DigestInfo of its own) and applies the key. It does not look inside (certain).
    ///
    /// A signature does not use the verification up (assumed).
    pub(super) fn sign(&mut self, command: &Command) -> Answer {
        if command.p1 != 0x00 {
            return Err(status::WRONG_PARAMETERS);
        }
        let file = self.addressed(short_id(command.p2, self.profile.has(Trait::SignBySfi))?)?;
        let Content::Key(purpose, key) = &file.content else {
            return Err(status::CONDITIONS_NOT_SATISFIED);
        };
        if !self.is_verified(*purpose) {
            return Err(status::NOT_VERIFIED);
        }
        // Over T=0 a command with data has no Le. Elsewhere an Le too small for a signature is refused (assumed).
        let room = self.profile.has(Trait::T0)
            || command.expected.is_some_and(|le| le >= SIGNATURE_LENGTH);
        if !room || !(1..=LONGEST_INPUT).contains(&command.data.len()) {
            return Err(status::WRONG_LENGTH);
        }
        let signature = key
            .sign(Pkcs1v15Sign::new_unprefixed(), command.data)
            .map_err(|_| status::NO_DIAGNOSIS)?;
        self.offer(command, signature)
    }

    /// GET RESPONSE (11.7.1), for readers that speak T=0.
    pub(super) fn get_response(&mut self, command: &Command, mut waiting: Vec<u8>) -> Answer {
        if (command.p1, command.p2) != (0x00, 0x00) {
            return Err(status::WRONG_PARAMETERS);
        }
        let Some(le) = command.expected.filter(|_| command.data.is_empty()) else {
            return Err(status::WRONG_LENGTH);
        };
        if waiting.is_empty() {
            return Err(status::CONDITIONS_NOT_SATISFIED);
        }
        if le > waiting.len() {
            let right = status::RIGHT_LENGTH_IS | count(waiting.len());
            self.session.waiting = waiting;
            return Err(right);
        }
        self.session.waiting = waiting.split_off(le);
        Ok(waiting)
    }

    /// Hands out response data as the link allows.
    fn offer(&mut self, command: &Command, mut data: Vec<u8>) -> Answer {
        let le = command.expected.unwrap_or(0);
        if self.profile.has(Trait::T0) {
            if !command.data.is_empty() {
                self.session.waiting = data;
                return Ok(vec![]);
            }
            if le > data.len() {
                return Err(status::RIGHT_LENGTH_IS | count(data.len()));
            }
        }
        data.truncate(le);
        Ok(data)
    }

    /// A verification ends when *another* application is selected, not when the same one is again (single source).
    fn enter(&mut self, application: Application) {
        let current = Some(application);
        if self.session.owner != current {
            self.forget_verifications();
        }
        self.session = Session { application: current, owner: current, ..Session::default() };
    }

    /// The files of the current application; without one, no file can be found (assumed).
    fn files(&self) -> Result<&Files, u16> {
        match self.session.application {
            Some(Application::Jpki) => Ok(&self.files),
            _ => Err(status::NOT_FOUND),
        }
    }

    /// The file a command means: the current one, or that of a short id, which thereby becomes current.
    fn addressed(&mut self, short_id: Option<u8>) -> Result<Arc<File>, u16> {
        if let Some(short_id) = short_id {
            let file = self.files()?.by_short_id(short_id).ok_or(status::NOT_FOUND)?;
            self.session.file = Some(file);
        }
        self.session.file.clone().ok_or(status::NO_CURRENT_FILE)
    }

    fn pin_addressed(
        &mut self,
        command: &Command,
        p1: u8,
        by_short_id: bool,
    ) -> Result<Purpose, u16> {
        if command.p1 != p1 {
            return Err(status::WRONG_PARAMETERS);
        }
        match self.addressed(short_id(command.p2, by_short_id)?)?.content {
            Content::Pin(purpose) => Ok(purpose),
            _ => Err(status::NOT_THIS_KIND_OF_FILE),
        }
    }

    fn blocked(&self) -> u16 {
        if self.profile.has(Trait::Blocked6983) {
            status::BLOCKED
        } else {
            status::REFERENCE_DATA_LOCKED
        }
    }
}

/// The short EF id in a reference (bit 8 set, bits 7 and 6 zero); `None` for the current file.
fn short_id(reference: u8, allowed: bool) -> Result<Option<u8>, u16> {
    match reference {
        0x80 => Ok(None),
        0x81..=0x9E if allowed => Ok(Some(reference & 0x1F)),
        _ => Err(status::WRONG_PARAMETERS),
    }
}
