//! The conversation with vpcd, over a loopback listener that plays the reader.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use kaigotap_virtual_card::{
    Atr, Behaviour, Person, Purpose, VirtualCard,
    plug::{self, PlugError, StopFlag, Unplugged},
};

const JPKI: [u8; 15] = [0, 0xA4, 4, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0, 0x26, 1, 0, 0, 0, 1];
const PIN: [u8; 7] = [0, 0xA4, 2, 0x0C, 2, 0, 0x18];
const QUERY: [u8; 4] = [0, 0x20, 0, 0x80];
const VERIFY: [u8; 9] = [0, 0x20, 0, 0x80, 4, b'1', b'2', b'3', b'4'];

type Outcome = (VirtualCard, Result<Unplugged, PlugError>);

/// The reader's end of the line, and the card's thread.
fn plugged(behaviour: Behaviour) -> (Reader, StopFlag, JoinHandle<Outcome>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let stop = StopFlag::default();
    let flag = stop.clone();
    let card = thread::spawn(move || {
        let mut card = VirtualCard::new(Person::hanako(), behaviour).unwrap();
        let result = plug::run(&mut card, address, &flag);
        (card, result)
    });
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    (Reader(stream), stop, card)
}

struct Reader(TcpStream);

impl Reader {
    /// As vpcd 3.3 does: length and body in two writes.
    fn send(&mut self, body: &[u8]) {
        self.0.write_all(&u16::try_from(body.len()).unwrap().to_be_bytes()).unwrap();
        self.0.write_all(body).unwrap();
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length).unwrap();
        let mut body = vec![0; usize::from(u16::from_be_bytes(length))];
        assert!(!body.is_empty(), "a message of no length makes pcscd hang");
        self.0.read_exact(&mut body).unwrap();
        body
    }

    fn exchange(&mut self, body: &[u8]) -> Vec<u8> {
        self.send(body);
        self.receive()
    }

    fn is_closed(&mut self) -> bool {
        self.0.read(&mut [0]).is_ok_and(|read| read == 0)
    }
}

#[test]
fn a_session() {
    let (mut reader, stop, card) = plugged(Behaviour::modern());
    let atr = Atr::contactless();
    assert_eq!(reader.exchange(&[4]), atr.as_bytes(), "asked before power-on");
    reader.send(&[1]);
    assert_eq!(reader.exchange(&JPKI), [0x90, 0x00]);
    assert_eq!(reader.exchange(&[4]), atr.as_bytes(), "asked between commands");
    assert_eq!(reader.exchange(&PIN), [0x90, 0x00]);
    assert_eq!(reader.exchange(&QUERY), [0x63, 0xC3], "the question changed nothing");
    assert_eq!(reader.exchange(&VERIFY), [0x90, 0x00]);
    assert_eq!(reader.exchange(&[0, 0xB0, 0x8A, 0, 0, 0, 0]).len(), 2050);
    reader.send(&[2]);
    assert_eq!(reader.exchange(&QUERY), [0x69, 0x86], "reset");
    reader.send(&[0]);
    assert_eq!(reader.exchange(&[4]), atr.as_bytes(), "present without power");
    reader.send(&[9]);
    reader.send(&[1]);
    assert_eq!(reader.exchange(&JPKI), [0x90, 0x00]);

    stop.stop();
    let asked = Instant::now();
    let (card, result) = card.join().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(2));
    assert_eq!(result.unwrap(), Unplugged::Stopped);
    assert!(!card.is_verified(Purpose::Authentication));
    assert_eq!(card.meter().commands, 7);
    assert!(reader.is_closed());
}

#[test]
fn messages_in_crumbs() {
    let (mut reader, stop, card) = plugged(Behaviour::modern());
    let message: Vec<u8> = [&[0, 15][..], &JPKI].concat();
    for (number, byte) in message.iter().enumerate() {
        reader.0.write_all(&[*byte]).unwrap();
        // Longer than the card's own heartbeat, once in the length and once in the body.
        if number == 0 || number == 7 {
            thread::sleep(Duration::from_millis(250));
        }
    }
    assert_eq!(reader.receive(), [0x90, 0x00]);
    stop.stop();
    assert_eq!(card.join().unwrap().1.unwrap(), Unplugged::Stopped);
}

#[test]
fn a_torn_card_hangs_up_and_sends_nothing() {
    let (mut reader, _, card) = plugged(Behaviour::plain().torn_after(1));
    assert_eq!(reader.exchange(&JPKI), [0x90, 0x00]);
    reader.send(&PIN);
    assert!(reader.is_closed());
    assert_eq!(card.join().unwrap().1.unwrap(), Unplugged::Torn);
}

#[test]
fn a_card_without_power_hangs_up_rather_than_answer_nothing() {
    let (mut reader, _, card) = plugged(Behaviour::plain());
    reader.send(&[0]);
    reader.send(&JPKI);
    assert!(reader.is_closed());
    assert_eq!(card.join().unwrap().1.unwrap(), Unplugged::Torn);
}

#[test]
fn the_reader_goes_away() {
    let (reader, _, card) = plugged(Behaviour::plain());
    drop(reader);
    assert!(matches!(card.join().unwrap().1, Err(PlugError::ReaderClosed)));

    let (mut reader, _, card) = plugged(Behaviour::plain());
    reader.0.write_all(&[0]).unwrap();
    drop(reader);
    assert!(matches!(card.join().unwrap().1, Err(PlugError::ReaderClosed)), "within a message");
}

#[test]
fn nobody_listens() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut card = VirtualCard::new(Person::hanako(), Behaviour::plain()).unwrap();
    let result = plug::run(&mut card, address, &StopFlag::default());
    assert!(matches!(result, Err(PlugError::NothingListening(at)) if at == address), "{result:?}");
}

#[test]
fn only_this_machine() {
    let mut card = VirtualCard::new(Person::hanako(), Behaviour::plain()).unwrap();
    for address in
        ["192.0.2.1:35963", "0.0.0.0:35963", "[2001:db8::1]:35963", "[::ffff:192.0.2.1]:1"]
    {
        let address: SocketAddr = address.parse().unwrap();
        let result = plug::run(&mut card, address, &StopFlag::default());
        assert!(matches!(result, Err(PlugError::NotLoopback(at)) if at == address), "{result:?}");
    }
    for address in ["127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        let result = plug::run(&mut card, address.parse().unwrap(), &StopFlag::default());
        assert!(!matches!(result, Err(PlugError::NotLoopback(_))), "{address}: {result:?}");
    }
    // Kept apart from every other cause, so that a caller can tell them.
    let other = PlugError::from(std::io::Error::from(ErrorKind::PermissionDenied));
    assert!(matches!(other, PlugError::Connection(_)));
}

#[cfg(target_os = "linux")]
#[test]
fn acknowledgements_do_not_wait() {
    let (mut reader, stop, card) = plugged(Behaviour::modern());
    reader.exchange(&JPKI);
    let start = Instant::now();
    for _ in 0..50 {
        reader.exchange(&PIN);
    }
    // Two writes each with Nagle's algorithm: 40 ms apiece when the card delays its acknowledgements.
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    stop.stop();
    card.join().unwrap().1.unwrap();
}
