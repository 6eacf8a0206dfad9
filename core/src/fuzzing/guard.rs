//! What may happen around a PIN: told every command, every answer and every word of the holder.

use zeroize::Zeroizing;

use super::apdu::Apdu;
use super::watch::Watch;
use crate::card::half_width;
use crate::flow::Secret;

/// Most commands in one tap.
const MOST_COMMANDS: usize = 400;

/// Keeps the books of one conversation, and panics where they do not balance: a VERIFY with data takes one PIN that was
/// typed, a counter read in the same tap, and consent where one try is left; an accepted PIN is closed by leaving its
/// application, as long as there is a link.
#[derive(Default)]
pub(super) struct Guard {
    watch: Watch,
    connected: bool,
    commands: usize,
    /// Typed, and not yet presented.
    typed: Option<Zeroizing<Vec<u8>>>,
    chosen: Option<Zeroizing<Vec<u8>>>,
    consented: bool,
    /// Tries left for the PIN that is the current file, as this tap told.
    left: Option<u8>,
    /// Applications in which a PIN was accepted, and which were not left yet.
    open: Vec<Vec<u8>>,
    /// Whether the last command was the VERIFY that was accepted.
    just_accepted: bool,
}

impl Guard {
    pub(super) fn connects(&mut self, connected: bool) {
        assert!(!self.connected, "a second card");
        self.connected = connected;
        self.commands = 0;
        self.powered_down();
    }

    pub(super) fn disconnects(&mut self) {
        assert!(std::mem::take(&mut self.connected), "lets go of a card that it does not have");
        assert!(self.open.is_empty(), "the card was left with an open PIN");
    }

    pub(super) fn ends(&self) {
        assert!(!self.connected, "the flow ended and did not let go of the card");
    }

    pub(super) fn typed(&mut self, pin: &Secret) {
        self.typed = Some(as_presented(pin));
    }

    pub(super) fn chose(&mut self, first: &Secret, second: &Secret) {
        let [first, second] = [first, second].map(as_presented);
        self.chosen = (first == second).then_some(first);
    }

    /// Something is waited for that is not the card.
    pub(super) fn waits(&self) {
        assert!(self.open.is_empty(), "somebody is waited for while a PIN is open");
    }

    pub(super) fn consented(&mut self) {
        self.consented = true;
    }

    /// A command on its way to the card.
    pub(super) fn sees(&mut self, command: &[u8]) {
        assert!(self.connected, "a command without a card");
        self.commands += 1;
        assert!(self.commands <= MOST_COMMANDS, "a tap that comes to no end");
        self.watch.sees(command);
        let Some(apdu) = Apdu::parse(command) else { return };
        match apdu.instruction {
            0xA4 => {
                self.left = None;
                // That another application was named is all that can be asked for: a card may refuse all of them.
                let now = self.watch.application();
                self.open.retain(|open| open == now);
            }
            0xB0 if apdu.p1 & 0x80 != 0 => self.left = None,
            0x20 if apdu.is_secret() => {
                let typed = self.typed.take().expect("a PIN that nobody typed, or a second time");
                assert!(apdu.data == typed.as_slice(), "another PIN than was typed");
                match self.left.take() {
                    None => panic!("a PIN without a look at its counter"),
                    Some(0) => panic!("a PIN that is locked"),
                    Some(1) => assert!(self.consented, "the last try without consent"),
                    Some(_) => {}
                }
                self.consented = false;
            }
            0x24 => {
                assert!(self.just_accepted, "a new PIN without the old one");
                let chosen = self.chosen.take().expect("a new PIN that nobody chose");
                assert!(apdu.data == chosen.as_slice(), "another PIN than was chosen");
            }
            _ => {}
        }
        self.just_accepted = false;
    }

    /// What the card answered.
    pub(super) fn hears(&mut self, command: &[u8], answer: &[u8]) {
        let Some(at) = answer.len().checked_sub(2) else { return self.powered_down() };
        let status = u16::from_be_bytes([answer[at], answer[at + 1]]);
        if command[1] != 0x20 {
            return;
        }
        self.left = match status {
            0x63C0..=0x63CF => Some(answer[at + 1] & 0x0F),
            0x6983 | 0x6984 => Some(0),
            _ => None,
        };
        if command.len() > 4 && status == 0x9000 {
            self.just_accepted = true;
            self.open.push(self.watch.application().to_vec());
        }
    }

    /// The reader failed, and the card may be as it was: it may be asked in another way, and no PIN without asking anew.
    pub(super) fn unheard(&mut self) {
        let watch = std::mem::take(&mut self.watch);
        self.powered_down();
        self.watch = watch;
    }

    /// The link broke, which powers the card down.
    pub(super) fn powered_down(&mut self) {
        self.watch = Watch::default();
        (self.left, self.just_accepted) = (None, false);
        self.open.clear();
    }
}

/// In the form in which it goes to the card.
fn as_presented(pin: &Secret) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(half_width(pin.bytes()).to_ascii_uppercase())
}
