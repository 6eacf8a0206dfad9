//! A process that holds a PIN for as long as a flow holds it, to be looked into by its parent: see `tests/memory.rs`.
//!
//! Card, holder and platform are at the other end of a pipe, so that nothing here but the flow ever has the PIN. What it
//! has to ask goes out as a letter, a length of two bytes and so many bytes; answers come as a length and so many bytes.
//! Nothing is buffered: a buffer would keep a copy.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use kaigotap::card::{Credential, PinKind};
use kaigotap::flow::{Answer, Connected, Flow, Prompt, Reply, Request, Secret};
use kaigotap::link::{Host, run};
use kaigotap::message::Failure;
use kaigotap::reading;

struct Line {
    from: File,
    to: File,
    /// What must not be: a copy of every PIN.
    kept: Option<Vec<Vec<u8>>>,
    /// Why it has stopped.
    broken: Option<io::Error>,
}

impl Host for Line {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        self.reply(request).map_err(|error| self.broken = Some(error)).ok()
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut line = Line {
        from: File::open("/dev/stdin")?,
        to: OpenOptions::new().write(true).open("/dev/stdout")?,
        kept: arguments.get(1).map(|_| Vec::new()),
        broken: None,
    };
    match arguments.first().map(String::as_str) {
        Some("certificate") => line.run(reading::certificate(Credential::Signature))?,
        Some("change_pin") => line.run(reading::change_pin(PinKind::Signature))?,
        other => return Err(io::Error::other(format!("no flow {other:?}"))),
    }
    // Over, and looked into once more.
    line.ask(b'E', &[]).map(drop)
}

impl Line {
    fn run<T>(&mut self, flow: Flow<Result<T, Failure>>) -> io::Result<()> {
        let outcome = run(flow, self);
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        outcome.map_err(io::Error::other)?.map(drop).map_err(io::Error::other)
    }

    fn reply(&mut self, request: Request) -> io::Result<Reply> {
        // A driver holds a command no longer than it needs it.
        Ok(match request {
            Request::Connect(_) => Reply::Connect(Ok(Connected::EXTENDED)),
            Request::Transmit(command) => Reply::Transmit(Ok(self.ask(b'T', command.bytes())?)),
            Request::Disconnect => {
                self.ask(b'D', &[])?;
                Reply::Disconnect
            }
            Request::Ask(Prompt::EnterPin { .. }) => Reply::Ask(Answer::Pin(self.typed(b'P')?)),
            Request::Ask(Prompt::NewPin { .. }) => {
                Reply::Ask(Answer::NewPin(self.typed(b'N')?, self.typed(b'N')?))
            }
            _ => Reply::Ask(Answer::Cancelled),
        })
    }

    fn typed(&mut self, letter: u8) -> io::Result<Secret> {
        let typed = self.ask(letter, &[])?;
        if let Some(kept) = &mut self.kept {
            kept.push(typed.clone());
        }
        Ok(Secret::new(typed))
    }

    fn ask(&mut self, letter: u8, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let [high, low] = u16::try_from(bytes.len()).map_err(io::Error::other)?.to_be_bytes();
        self.to.write_all(&[letter, high, low])?;
        self.to.write_all(bytes)?;
        let mut length = [0; 2];
        self.from.read_exact(&mut length)?;
        // As long as it needs to be, so that it never moves.
        let mut answer = vec![0; u16::from_be_bytes(length).into()];
        self.from.read_exact(&mut answer)?;
        Ok(answer)
    }
}
