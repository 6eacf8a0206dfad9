//! Plugging the card into a real `pcscd`, through the virtual reader driver `vpcd` of the vsmartcard project.
//!
//! The driver listens on TCP and the card connects to it. Messages are two bytes of length, big endian, and a body. A
//! body of one byte is a control: `00` power off, `01` power on, `02` reset (none of them answered), `04` ask for the
//! ATR, which is also how the driver asks every 400 ms whether the card is still there. Any other body is a command APDU.
//!
//! Only loopback addresses are accepted: whoever can reach the port holds the card.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::VirtualCard;

/// Where `vpcd` listens unless configured otherwise.
pub const DEFAULT_PORT: u16 = 35963;

/// How long a stop may take to be noticed.
const HEARTBEAT: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends [`run`] from another thread, within about 100 ms. Clones are the same flag.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Asks for the card to be unplugged.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether that was asked for.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Why [`run`] ended without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unplugged {
    /// The stop flag was raised.
    Stopped,
    /// The card was torn away, as its behaviour asked.
    Torn,
}

/// Why the card cannot be plugged in, or is no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlugError {
    /// Not a loopback address.
    #[error("{0} is not on this machine: a virtual card connects to loopback addresses only")]
    NotLoopback(SocketAddr),
    /// No reader there: `pcscd` with `vpcd` is not running, or listens elsewhere.
    #[error("no virtual reader listens on {0}; is pcscd running with vpcd installed?")]
    NothingListening(SocketAddr),
    /// The reader closed the connection: `pcscd` ended, or another card was plugged into the same slot.
    #[error("the virtual reader closed the connection")]
    ReaderClosed,
    /// Anything else that can happen to a TCP connection.
    #[error("the connection to the virtual reader failed: {0}")]
    Connection(#[from] std::io::Error),
}

/// Connects to the reader and serves the card until the flag is raised, the card is torn away or the reader goes.
///
/// A torn card closes the connection: an empty answer would make `pcscd` wait for ever.
pub fn run(
    card: &mut VirtualCard,
    reader: SocketAddr,
    stop: &StopFlag,
) -> Result<Unplugged, PlugError> {
    if !reader.ip().to_canonical().is_loopback() {
        return Err(PlugError::NotLoopback(reader));
    }
    let stream =
        TcpStream::connect_timeout(&reader, PATIENCE).map_err(|error| match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::TimedOut => {
                PlugError::NothingListening(reader)
            }
            _ => error.into(),
        })?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(HEARTBEAT))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut link = Link { stream, stop };
    loop {
        let Some(body) = link.receive()? else { return Ok(Unplugged::Stopped) };
        let answer = match body[..] {
            [] => continue,
            [control] => {
                match control {
                    0x00 => card.power_off(),
                    0x01 => card.power_on(),
                    0x02 => card.reset(),
                    0x04 if !card.is_gone() => link.send(card.atr())?,
                    0x04 => return Ok(Unplugged::Torn),
                    _ => {}
                }
                continue;
            }
            _ => card.transmit(&body),
        };
        if answer.is_empty() {
            return Ok(Unplugged::Torn);
        }
        link.send(&answer)?;
    }
}

struct Link<'a> {
    stream: TcpStream,
    stop: &'a StopFlag,
}

impl Link<'_> {
    /// The body of the next message; `None` once the flag is raised.
    fn receive(&mut self) -> Result<Option<Vec<u8>>, PlugError> {
        let mut length = [0; 2];
        if !self.fill(&mut length)? {
            return Ok(None);
        }
        let mut body = vec![0; usize::from(u16::from_be_bytes(length))];
        Ok(self.fill(&mut body)?.then_some(body))
    }

    /// Whether the buffer was filled before the flag was raised.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<bool, PlugError> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.stop.is_stopped() {
                return Ok(false);
            }
            acknowledge_at_once(&self.stream);
            match self.stream.read(&mut buffer[filled..]) {
                Ok(0) => return Err(PlugError::ReaderClosed),
                Ok(read) => filled += read,
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                    ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
                        return Err(PlugError::ReaderClosed);
                    }
                    _ => return Err(error.into()),
                },
            }
        }
        Ok(true)
    }

    /// Length and body in one write.
    fn send(&mut self, body: &[u8]) -> Result<(), PlugError> {
        let length =
            u16::try_from(body.len()).map_err(|_| std::io::Error::from(ErrorKind::InvalidData))?;
        let message = [&length.to_be_bytes(), body].concat();
        self.stream.write_all(&message).map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => PlugError::ReaderClosed,
            _ => error.into(),
        })
    }
}

/// vpcd 3.3 writes length and body separately and waits for our acknowledgement in between, which Linux would delay by
/// 40 ms. The kernel forgets the setting, so it is renewed before every read; without it all works, only slowly.
fn acknowledge_at_once(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(stream).set_tcp_quickack(true);
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}
