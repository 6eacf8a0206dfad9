//! PC/SC (`SCard…`) as safe Rust that hands out every number as it is given.
//!
//! Systems and drivers answer with numbers that PC/SC does not define, with protocols that were not asked for, and with
//! lengths beyond the room they were given. The crate `pcsc` knows its own numbers only: it panics at others in debug
//! builds, makes one of its own of them in release builds, and panics at such protocols and lengths in both. So the few
//! functions that a reader of one card needs are called here through its bindings, `pcsc-sys`, and [`Code`] is any
//! number. Nothing here is logged or kept.

mod code;

use std::{
    ffi::{CStr, CString},
    ptr,
    sync::Arc,
    time::Duration,
};

pub use code::Code;
use pcsc_sys as sys;

/// Longest list of readers' names, in bytes: a system that claims more is not believed.
const MOST_NAMES: usize = 1 << 16;

/// A connection to the smart-card service. Clones are the same one.
#[derive(Clone)]
pub struct Context(Arc<Handle>);

struct Handle(sys::SCARDCONTEXT);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle comes from `SCardEstablishContext` and is released once.
        unsafe { sys::SCardReleaseContext(self.0) };
    }
}

/// A reader that is watched for changes.
#[derive(Clone, Debug)]
pub struct Watched {
    name: CString,
    known: sys::DWORD,
    now: sys::DWORD,
}

impl Watched {
    /// Nothing is known of this reader yet.
    pub fn new(name: CString) -> Self {
        Self { name, known: sys::SCARD_STATE_UNAWARE, now: sys::SCARD_STATE_UNAWARE }
    }

    /// Its name, as the system gave it.
    pub fn name(&self) -> &CStr {
        &self.name
    }

    /// Whether it holds a card.
    pub fn is_present(&self) -> bool {
        self.now & sys::SCARD_STATE_PRESENT != 0
    }

    /// Whether another program holds its card exclusively.
    pub fn is_exclusive(&self) -> bool {
        self.now & sys::SCARD_STATE_EXCLUSIVE != 0
    }

    /// Whether its card does not answer.
    pub fn is_mute(&self) -> bool {
        self.now & sys::SCARD_STATE_MUTE != 0
    }

    /// A number that differs when a card was put in or taken out meanwhile.
    pub fn event_count(&self) -> u16 {
        let [_, high] = [self.now & 0xFFFF, self.now >> 16 & 0xFFFF];
        u16::try_from(high).unwrap_or(u16::MAX)
    }
}

impl Context {
    /// Connects to the service of this user (`SCardEstablishContext`).
    pub fn establish() -> Result<Self, Code> {
        let mut handle = 0;
        // SAFETY: the reserved pointers are null, as they must be, and the handle is written to a variable of its type.
        let code = unsafe {
            sys::SCardEstablishContext(
                sys::SCARD_SCOPE_USER,
                ptr::null(),
                ptr::null(),
                &raw mut handle,
            )
        };
        Code::check(code).map(|()| Self(Arc::new(Handle(handle))))
    }

    /// The readers' names, byte for byte as the system gives them (`SCardListReaders`). None are no error.
    pub fn readers(&self) -> Result<Vec<CString>, Code> {
        match self.list() {
            Err(Code::NO_READERS_AVAILABLE) => Ok(Vec::new()),
            // One was plugged in between the two questions.
            Err(Code::INSUFFICIENT_BUFFER) => self.list(),
            listed => listed,
        }
    }

    fn list(&self) -> Result<Vec<CString>, Code> {
        let mut length = 0;
        // SAFETY: without groups all readers are meant; without room only the length is written.
        let code = unsafe {
            sys::SCardListReaders(self.0.0, ptr::null(), ptr::null_mut(), &raw mut length)
        };
        Code::check(code)?;
        let mut names = vec![0_u8; size(length).min(MOST_NAMES)];
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut length = dword(names.len());
        // SAFETY: `length` is the size of `names`, which is not written beyond it.
        let code = unsafe {
            sys::SCardListReaders(self.0.0, ptr::null(), names.as_mut_ptr().cast(), &raw mut length)
        };
        Code::check(code)?;
        names.truncate(size(length));
        Ok(split(&names))
    }

    /// Waits until a reader is otherwise than is known of it, at most this long, and writes down how
    /// (`SCardGetStatusChange`). Without waiting it says how all of them are now. No change in time is no error.
    pub fn wait(&self, readers: &mut [Watched], at_most: Duration) -> Result<(), Code> {
        let mut states: Vec<_> = readers
            .iter()
            .map(|reader| sys::SCARD_READERSTATE {
                szReader: reader.name.as_ptr(),
                pvUserData: ptr::null_mut(),
                dwCurrentState: reader.known,
                dwEventState: sys::SCARD_STATE_UNAWARE,
                cbAtr: 0,
                rgbAtr: [0; sys::ATR_BUFFER_SIZE],
            })
            .collect();
        let milliseconds = u32::try_from(at_most.as_millis()).unwrap_or(u32::MAX - 1);
        // SAFETY: as many states as are counted; their names outlive the call, because `readers` is borrowed.
        let code = unsafe {
            sys::SCardGetStatusChange(
                self.0.0,
                milliseconds.into(),
                states.as_mut_ptr(),
                dword(states.len()),
            )
        };
        for (reader, state) in readers.iter_mut().zip(&states) {
            reader.now = state.dwEventState;
        }
        match Code::check(code) {
            Err(Code::TIMEOUT) => Ok(()),
            other => other,
        }
    }

    /// Waits for a change from how the readers are now.
    pub fn await_change(&self, readers: &mut [Watched], at_most: Duration) -> Result<(), Code> {
        self.wait(readers, Duration::ZERO)?;
        for reader in readers.iter_mut() {
            reader.known = reader.now;
        }
        self.wait(readers, at_most)
    }

    /// Connects to a card, for this program alone (`SCardConnect`, exclusive), in a transaction that lasts until it is let
    /// go (`SCardBeginTransaction`).
    pub fn hold(&self, reader: &CStr) -> Result<Card, Code> {
        let (mut handle, mut protocol) = (0, sys::SCARD_PROTOCOL_UNDEFINED);
        // SAFETY: the name ends with a zero byte; handle and protocol are written to variables of their types.
        let code = unsafe {
            sys::SCardConnect(
                self.0.0,
                reader.as_ptr(),
                sys::SCARD_SHARE_EXCLUSIVE,
                sys::SCARD_PROTOCOL_ANY,
                &raw mut handle,
                &raw mut protocol,
            )
        };
        Code::check(code)?;
        let card = Card { handle, protocol, context: self.clone(), reader: reader.to_owned() };
        // SAFETY: the handle is a connected card's.
        Code::check(unsafe { sys::SCardBeginTransaction(card.handle) })?;
        Ok(card)
    }
}

/// A card that this program holds alone. Dropping it powers it down.
pub struct Card {
    handle: sys::SCARDHANDLE,
    /// Whichever the system says, defined or not: it is handed back as it is.
    protocol: sys::DWORD,
    context: Context,
    reader: CString,
}

impl Card {
    /// Sends a command; the answer is written to the beginning of `room`, and its length given (`SCardTransmit`).
    ///
    /// A driver that says that it wrote more than there is room has not kept to it: that is
    /// [`Code::INSUFFICIENT_BUFFER`], too.
    pub fn transmit(&self, command: &[u8], room: &mut [u8]) -> Result<usize, Code> {
        let protocol = sys::SCARD_IO_REQUEST {
            dwProtocol: self.protocol,
            cbPciLength: dword(size_of::<sys::SCARD_IO_REQUEST>()),
        };
        let mut length = dword(room.len());
        // SAFETY: command and room are as long as is said.
        let code = unsafe {
            sys::SCardTransmit(
                self.handle,
                &raw const protocol,
                command.as_ptr(),
                dword(command.len()),
                ptr::null_mut(),
                room.as_mut_ptr(),
                &raw mut length,
            )
        };
        Code::check(code)?;
        within(length, room)
    }

    /// Asks the driver something; the answer is written to the beginning of `room` (`SCardControl`). `function` is PC/SC's
    /// number, from which the system's is made.
    pub fn control(&self, function: u32, room: &mut [u8]) -> Result<usize, Code> {
        self.control_raw(sys::SCARD_CTL_CODE(function.into()), room)
    }

    /// The same with a number that the driver itself has named.
    pub fn control_as_named(&self, code: u32, room: &mut [u8]) -> Result<usize, Code> {
        self.control_raw(code.into(), room)
    }

    fn control_raw(&self, code: sys::DWORD, room: &mut [u8]) -> Result<usize, Code> {
        let mut length = 0;
        // SAFETY: nothing is sent, and the room is as long as is said.
        let code = unsafe {
            sys::SCardControl(
                self.handle,
                code,
                ptr::null(),
                0,
                room.as_mut_ptr(),
                dword(room.len()),
                &raw mut length,
            )
        };
        Code::check(code)?;
        within(length, room)
    }

    /// Whether the reader still holds a card, as far as the service knows; it notices a little later.
    pub fn is_present(&self) -> bool {
        let mut reader = [Watched::new(self.reader.clone())];
        self.context.wait(&mut reader, Duration::ZERO).is_ok() && reader[0].is_present()
    }
}

impl Drop for Card {
    /// Ends the transaction and cuts the power (`SCardDisconnect`). A card that is gone has none.
    fn drop(&mut self) {
        // SAFETY: the handle is a connected card's, and is not used after this.
        unsafe { sys::SCardDisconnect(self.handle, sys::SCARD_UNPOWER_CARD) };
    }
}

/// The names in a list of strings that end with a zero byte each; an empty one ends the list, and so does its end.
fn split(names: &[u8]) -> Vec<CString> {
    names
        .split(|&byte| byte == 0)
        .take_while(|name| !name.is_empty())
        .filter_map(|name| CString::new(name).ok())
        .collect()
}

/// A length that a driver gave, if there is so much room.
fn within(length: sys::DWORD, room: &[u8]) -> Result<usize, Code> {
    let length = size(length);
    if length <= room.len() { Ok(length) } else { Err(Code::INSUFFICIENT_BUFFER) }
}

fn size(length: sys::DWORD) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

fn dword(size: usize) -> sys::DWORD {
    sys::DWORD::try_from(size).unwrap_or(sys::DWORD::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_they_are() {
        let names = |list: &[u8]| -> Vec<Vec<u8>> {
            split(list).into_iter().map(CString::into_bytes).collect()
        };
        assert_eq!(
            names(b"one 00 00\0\x83\x65 01\0\0"),
            [b"one 00 00".to_vec(), b"\x83\x65 01".to_vec()]
        );
        assert_eq!(names(b"no end"), [b"no end"]);
        assert!(names(b"\0").is_empty() && names(b"").is_empty());
    }

    #[test]
    fn a_length_beyond_the_room_is_not_believed() {
        assert_eq!(within(2, &[0; 2]), Ok(2));
        assert_eq!(within(3, &[0; 2]), Err(Code::INSUFFICIENT_BUFFER));
        assert_eq!(within(sys::DWORD::MAX, &[0; 2]), Err(Code::INSUFFICIENT_BUFFER));
    }
}
