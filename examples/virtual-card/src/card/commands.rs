//! What each command does once its length fields are in order.

use std::sync::Arc;

use rsa::Pkcs1v15Sign;

use super::{Answer, Session, VirtualCard, count};
use crate::{
    Application, PinKind, Trait,
    command::{Command, status},
    files::{Content, File, Files, signature},
    pin::{Presented, has_right_characters, has_right_length},
    pin_kind::Change,
};

/// What padding leaves of a signature's 256 bytes.
const LONGEST_INPUT: usize = 245;
const SIGNATURE_LENGTH: usize = 256;

impl VirtualCard {
    /// SELECT (ISO/IEC 7816-4, 11.1.1): an application by name, or a file by id.
    pub(super) fn select(&mut self, command: &Command) -> Answer {
        match (command.p1, command.p2) {
            (0x04, 0x00 | 0x0C) => {
                let application = self.contents.named(command.data).ok_or(status::NOT_FOUND)?;
                self.enter(application);
                match command.p2 {
                    _ if self.behaviour.has(Trait::Select61) => {
                        self.session.waiting = application.control_information();
                        Ok(vec![])
                    }
                    0x00 => self.offer(command, application.control_information()),
                    _ => Ok(vec![]),
                }
            }
            (0x02, 0x0C) => {
                let &[hi, lo] = command.data else { return Err(status::WRONG_LENGTH) };
                let file =
                    self.files()?.by_id(u16::from_be_bytes([hi, lo])).ok_or(status::NOT_FOUND)?;
                self.session.file = Some(file);
                if self.behaviour.has(Trait::Select61) {
                    self.session.waiting = vec![0x6F, 0x00];
                }
                Ok(vec![])
            }
            // The master file: refused right after reset, else accepted without any effect (single source).
            (0x00, 0x00) if self.session.application.is_some() => Ok(vec![]),
            _ => Err(status::WRONG_PARAMETERS),
        }
    }

    /// VERIFY (11.6.6). Without data it is a query: it answers the tries left, costs nothing, and never says `9000`.
    pub(super) fn verify(&mut self, command: &Command) -> Answer {
        let kind = self.pin_addressed(command, 0x00, self.behaviour.has(Trait::VerifyBySfi))?;
        if command.expected.is_some() {
            return Err(status::WRONG_LENGTH);
        }
        if command.data.is_empty() {
            // The one that is blocked from the beginning answers `63C0` (single source).
            let counts_to_zero =
                self.behaviour.has(Trait::QueryBlocked63C0) || kind == PinKind::InputSupportBlocked;
            return Err(match self.pin(kind).left() {
                0 if counts_to_zero => status::TRIES_LEFT,
                0 => self.blocked(),
                left => status::TRIES_LEFT | u16::from(left),
            });
        }
        let presented = self.pin_mut(kind).present(command.data);
        self.meter.verify_attempts += u64::from(presented != Presented::Malformed);
        match presented {
            Presented::Right => Ok(vec![]),
            Presented::Wrong { left } => Err(status::TRIES_LEFT | u16::from(left)),
            Presented::Blocked => Err(self.blocked()),
            Presented::Malformed => Err(status::WRONG_LENGTH),
        }
    }

    /// CHANGE REFERENCE DATA (11.6.7) with the new PIN alone, after VERIFY of the old one; or the command of the older
    /// specification with which two of the applications do it. Where the other one is used it is refused (assumed).
    pub(super) fn change_pin(&mut self, command: &Command, change: Change) -> Answer {
        let p1 = match change {
            Change::ReferenceData => 0x01,
            Change::Key => 0x00,
        };
        let kind = self.pin_addressed(command, p1, false)?;
        if kind.change() != Some(change) {
            return Err(status::CONDITIONS_NOT_SATISFIED);
        }
        if !self.pin(kind).is_verified() {
            return Err(status::NOT_VERIFIED);
        }
        if command.expected.is_some() || !has_right_length(kind, command.data) {
            return Err(status::WRONG_LENGTH);
        }
        let new = Some(command.data).filter(|new| has_right_characters(kind, new));
        let new = new.and_then(|new| str::from_utf8(new).ok()).ok_or(status::WRONG_DATA)?;
        self.pin_mut(kind).change(new.to_owned());
        Ok(vec![])
    }

    /// READ BINARY (11.3.3): as many bytes as there are, up to Le.
    pub(super) fn read_binary(&mut self, command: &Command) -> Answer {
        let (short_id, offset) = match command.p1 {
            0x00..=0x7F => (None, u16::from_be_bytes([command.p1, command.p2])),
            _ if self.behaviour.has(Trait::ReadBySfi) => {
                (short_id(command.p1, true)?, u16::from(command.p2))
            }
            _ => return Err(status::WRONG_PARAMETERS),
        };
        let file = self.addressed(short_id)?;
        let Content::Data { bytes, read_after } = &file.content else {
            return Err(status::NOT_THIS_KIND_OF_FILE);
        };
        if !read_after.is_empty() && !read_after.iter().any(|kind| self.is_verified(*kind)) {
            return Err(status::NOT_VERIFIED);
        }
        let Some(le) = command.expected.filter(|_| command.data.is_empty()) else {
            return Err(status::WRONG_LENGTH);
        };
        if le == 256 && !command.extended && self.behaviour.has(Trait::Le00Refused) {
            return Err(status::WRONG_LENGTH);
        }
        let rest = match bytes.get(usize::from(offset)..) {
            None | Some([]) => return self.end_of_file(),
            Some(rest) => rest.to_vec(),
        };
        if self.behaviour.has(Trait::EndOfFile6C) && le > rest.len() {
            return Err(status::RIGHT_LENGTH_IS | count(rest.len()));
        }
        if self.behaviour.has(Trait::EndOfFile6282) && le > rest.len() {
            self.session.warning = Some(status::END_OF_FILE);
        }
        self.offer(command, rest)
    }

    /// What a read answers that begins where the file ends, or behind it.
    fn end_of_file(&self) -> Answer {
        if self.behaviour.has(Trait::EndOfFileEmpty) {
            return Ok(vec![]);
        }
        Err(if self.behaviour.has(Trait::EndOfFile6A86) {
            status::WRONG_PARAMETERS
        } else if self.behaviour.has(Trait::EndOfFile6C) {
            status::RIGHT_LENGTH_IS
        } else {
            status::OUTSIDE_FILE
        })
    }

    /// READ RECORD (11.4.3) by number, of the current file or by short EF id (single source).
    pub(super) fn read_record(&mut self, command: &Command) -> Answer {
        let short_id = match (command.p2 & 0x07, command.p2 >> 3) {
            (0x04, 0) => None,
            (0x04, short_id @ 1..=30) => Some(short_id),
            _ => return Err(status::WRONG_PARAMETERS),
        };
        let file = self.addressed(short_id)?;
        let Content::Records(records) = &file.content else {
            return Err(status::NOT_THIS_KIND_OF_FILE);
        };
        if command.expected.is_none() || !command.data.is_empty() {
            return Err(status::WRONG_LENGTH);
        }
        let index = usize::from(command.p1).checked_sub(1).ok_or(status::WRONG_PARAMETERS)?;
        let record = records.get(index).ok_or(status::RECORD_NOT_FOUND)?;
        self.offer(command, record.clone())
    }

    /// INTERNAL AUTHENTICATE (11.5.2), known of one key alone: it signs the SHA-256 of a challenge (single source).
    pub(super) fn internal_authenticate(&mut self, command: &Command) -> Answer {
        if command.p1 != 0x00 {
            return Err(status::WRONG_PARAMETERS);
        }
        let file = self.addressed(short_id(command.p2, true)?)?;
        let Content::ChallengeKey(key) = &file.content else {
            return Err(status::CONDITIONS_NOT_SATISFIED);
        };
        if !self.has_room(command) || command.data.is_empty() {
            return Err(status::WRONG_LENGTH);
        }
        let answer = signature(key, command.data).map_err(|_| status::NO_DIAGNOSIS)?;
        self.meter.signatures += 1;
        self.offer(command, answer)
    }

    /// The signing command of the card, `80 2A 00 80`: pads whatever 1 to 245 bytes it is given (EMSA-PKCS1-v1_5,
    /// RFC 8017, 9.2, without a DigestInfo of its own) and applies the key. It does not look inside (certain).
    ///
    /// A signature does not use the verification up (assumed). With `80 2A 00 00` an application proves that it is
    /// there, with its own key and without any PIN (single source).
    pub(super) fn sign(&mut self, command: &Command) -> Answer {
        if command.p1 != 0x00 {
            return Err(status::WRONG_PARAMETERS);
        }
        let file = match command.p2 {
            0x00 => self.files().ok().and_then(Files::own_key).ok_or(status::WRONG_PARAMETERS)?,
            p2 => self.addressed(short_id(p2, self.behaviour.has(Trait::SignBySfi))?)?,
        };
        let Content::Key { key, after } = &file.content else {
            return Err(status::CONDITIONS_NOT_SATISFIED);
        };
        if after.is_some_and(|pin| !self.is_verified(pin)) {
            return Err(status::NOT_VERIFIED);
        }
        if !self.has_room(command) || !(1..=LONGEST_INPUT).contains(&command.data.len()) {
            return Err(status::WRONG_LENGTH);
        }
        let signature = key
            .sign(Pkcs1v15Sign::new_unprefixed(), command.data)
            .map_err(|_| status::NO_DIAGNOSIS)?;
        self.meter.signatures += 1;
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

    /// Over T=0 a command with data has no Le. Elsewhere an Le too small for a signature is refused (assumed).
    fn has_room(&self, command: &Command) -> bool {
        self.behaviour.has(Trait::T0) || command.expected.is_some_and(|le| le >= SIGNATURE_LENGTH)
    }

    /// Hands out response data as the link allows.
    fn offer(&mut self, command: &Command, mut data: Vec<u8>) -> Answer {
        let le = command.expected.unwrap_or(0);
        if self.behaviour.has(Trait::T0) {
            if !command.data.is_empty() {
                self.session.waiting = data;
                return Ok(vec![]);
            }
            if self.behaviour.has(Trait::Waiting6100) {
                data.truncate(le);
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
        let current = self.session.application;
        current.and_then(|current| self.contents.of(current)).ok_or(status::NOT_FOUND)
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
    ) -> Result<PinKind, u16> {
        if command.p1 != p1 {
            return Err(status::WRONG_PARAMETERS);
        }
        match self.addressed(short_id(command.p2, by_short_id)?)?.content {
            Content::Pin(kind) => Ok(kind),
            _ => Err(status::NOT_THIS_KIND_OF_FILE),
        }
    }

    fn blocked(&self) -> u16 {
        if self.behaviour.has(Trait::Blocked6983) {
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
