//! What of the card's words may be written down.

use super::line::hex;

/// 券面事項入力補助AP.
const INPUT_SUPPORT: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";
/// Its integrity record. The digest `DF31` in it is of twelve digits, which anyone guesses back: it is the 個人番号.
const INTEGRITY: u16 = 0x0003;

/// Follows which file an answer comes from, by the commands alone.
#[derive(Debug, Default)]
pub struct Position {
    application: Vec<u8>,
    file: Option<u16>,
    offset: usize,
    /// What the last command does when it succeeds.
    next: Next,
}

#[derive(Debug, Default)]
enum Next {
    #[default]
    Nothing,
    Application(Vec<u8>),
    File(u16),
    Read,
    Signature,
}

impl Position {
    /// A command goes to the card.
    pub fn sent(&mut self, command: &[u8]) {
        let [_, instruction, p1, p2, ..] = *command else { return };
        let data = command.get(5..).unwrap_or_default();
        self.next = match (instruction, p1) {
            (0xA4, 0x04) => Next::Application(data.to_vec()),
            (0xA4, 0x02) => match *data {
                [high, low] => Next::File(u16::from_be_bytes([high, low])),
                _ => Next::Nothing,
            },
            (0xB0, short) if short & 0x80 != 0 => {
                self.file = Some(u16::from(short & 0x1F));
                self.offset = p2.into();
                Next::Read
            }
            (0xB0, high) => {
                self.offset = u16::from_be_bytes([high, p2]).into();
                Next::Read
            }
            (0xC0, _) => return,
            (0x2A, _) => Next::Signature,
            _ => Next::Nothing,
        };
    }

    /// The card has answered with so many bytes of data.
    pub fn answered(&mut self, data: usize, status: u16) {
        let good = status == 0x9000;
        match std::mem::take(&mut self.next) {
            Next::Application(name) if good => {
                self.application = name;
                self.file = None;
            }
            Next::File(id) if good => self.file = Some(id),
            Next::Application(_) | Next::File(_) => self.file = None,
            Next::Read => {
                self.offset = self.offset.saturating_add(data);
                self.next = Next::Read;
                // After a read that failed, nobody knows which file is the current one.
                if !matches!(status >> 8, 0x90 | 0x61 | 0x62 | 0x6C) {
                    self.file = None;
                }
            }
            Next::Signature => self.next = Next::Signature,
            Next::Nothing => {}
        }
    }

    /// Where in its file the answer to come begins, if it comes from a file.
    pub fn offset(&self) -> Option<usize> {
        matches!(self.next, Next::Read).then_some(self.offset)
    }

    /// Whether the answer to come is of the integrity record, or may be.
    pub fn is_integrity(&self) -> bool {
        let file = self.file.is_none_or(|id| id & 0x1F == INTEGRITY);
        self.offset().is_some() && self.application == INPUT_SUPPORT && file
    }
}

/// Writes commands and answers down, without what must not be.
pub(super) struct Scrubber {
    position: Position,
    /// A real card: none of its data may be written down.
    real: bool,
}

impl Scrubber {
    pub(super) fn new(real: bool) -> Self {
        Self { position: Position::default(), real }
    }

    /// A card was connected: nothing is selected.
    pub(super) fn connected(&mut self) {
        self.position = Position::default();
    }

    /// Whether a command carries a secret of a person.
    pub(super) fn is_secret(command: &[u8]) -> bool {
        matches!(command.get(1), Some(0x20 | 0x24)) && command.len() > 4
    }

    /// A command; in place of a secret, length and all, stands its name.
    pub(super) fn command(&mut self, command: &[u8], secret: Option<&str>) -> String {
        self.position.sent(command);
        if Self::is_secret(command) {
            let header = command.get(..4).unwrap_or_default();
            return format!("{}<{}>", hex(header), secret.unwrap_or("unknown"));
        }
        hex(command)
    }

    /// An answer of at least two bytes.
    pub(super) fn answer(&mut self, answer: &[u8]) -> String {
        let Some((data, status)) = answer.split_last_chunk::<2>() else { return String::new() };
        let kept = if !self.real && !self.position.is_integrity() {
            data.len()
        } else if self.position.offset() == Some(0) {
            header(data)
        } else {
            0
        };
        self.position.answered(data.len(), u16::from_be_bytes(*status));
        let (kept, withheld) = data.split_at(kept);
        let marker = if withheld.is_empty() {
            String::new()
        } else {
            format!("<withheld:{}>", withheld.len())
        };
        format!("{}{marker}{}", hex(kept), hex(status))
    }
}

/// Length of the header of the constructed object (BER-TLV) that a file begins with; else 0. It says how long the object
/// is, which a replay needs, and nothing of what is in it.
fn header(data: &[u8]) -> usize {
    let Some(&first) = data.first() else { return 0 };
    if first & 0x20 == 0 {
        return 0;
    }
    let tag = if first & 0x1F == 0x1F { 2 } else { 1 };
    let length = match data.get(tag) {
        Some(&long) if long & 0x80 != 0 => 1 + usize::from(long & 0x7F),
        _ => 1,
    };
    if length > 5 { 0 } else { (tag + length).min(data.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELECT: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";

    fn after(commands: &[&[u8]], real: bool, command: &[u8], answer: &[u8]) -> String {
        let mut scrubber = Scrubber::new(real);
        for command in commands {
            scrubber.command(command, None);
            scrubber.answer(b"\x90\x00");
        }
        scrubber.command(command, None);
        scrubber.answer(answer)
    }

    #[test]
    fn a_pin_leaves_nothing_behind() {
        let mut scrubber = Scrubber::new(false);
        assert_eq!(scrubber.command(b"\x00\x20\x00\x80\x041234", Some("pin")), "00200080<pin>");
        assert_eq!(scrubber.command(b"\x00\x24\x01\x80\x041234", Some("new")), "00240180<new>");
        assert_eq!(scrubber.command(b"\x00\x20\x00\x80\x041234", None), "00200080<unknown>");
        assert_eq!(scrubber.command(b"\x00\x20\x00\x80", None), "00200080");
    }

    #[test]
    fn the_integrity_record_is_withheld_however_it_is_read() {
        let file = b"\xFF\x30\x82\x01\x00secret\x90\x00";
        let header = "ff30820100<withheld:6>9000";
        let by_id: &[u8] = b"\x00\xA4\x02\x0C\x02\x00\x03";
        assert_eq!(after(&[SELECT, by_id], false, b"\x00\xB0\x00\x00\x00", file), header);
        assert_eq!(after(&[SELECT], false, b"\x00\xB0\x83\x00\x00", file), header);
        // Nobody knows which file this is.
        assert_eq!(after(&[SELECT], false, b"\x00\xB0\x00\x00\x00", file), header);
        let more = after(&[SELECT, by_id], false, b"\x00\xB0\x01\x00\x00", file);
        assert_eq!(more, "<withheld:11>9000");
        let other: &[u8] = b"\x00\xA4\x02\x0C\x02\x00\x02";
        let read = after(&[SELECT, other], false, b"\x00\xB0\x00\x00\x00", file);
        assert_eq!(read, hex(file));
    }

    #[test]
    fn waiting_data_belong_to_the_same_file() {
        let mut scrubber = Scrubber::new(false);
        scrubber.command(SELECT, None);
        scrubber.answer(b"\x90\x00");
        scrubber.command(b"\x00\xB0\x83\x00\x00", None);
        assert_eq!(scrubber.answer(b"\xFF\x30\x05\x61\x05"), "ff30056105");
        scrubber.command(b"\x00\xC0\x00\x00\x05", None);
        assert_eq!(scrubber.answer(b"12345\x90\x00"), "<withheld:5>9000");
    }

    #[test]
    fn a_real_card_tells_lengths_only() {
        let certificate = b"\x30\x82\x06\x00name\x90\x00";
        let read: &[u8] = b"\x00\xB0\x8A\x00\x00";
        assert_eq!(after(&[], true, read, certificate), "30820600<withheld:4>9000");
        assert_eq!(after(&[], true, b"\x80\x2A\x00\x80\x00", b"sign\x90\x00"), "<withheld:4>9000");
        assert_eq!(after(&[], true, b"\x00\x20\x00\x80", b"\x63\xC3"), "63c3");
        assert_eq!(after(&[], true, read, b"JPKIAP\x90\x00"), "<withheld:6>9000");
    }
}
