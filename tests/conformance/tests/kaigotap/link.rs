//! The PC/SC link in one process that outlives much.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use kaigotap_conformance::{Pcscd, Slot, build, card::hanako, process::PATIENCE};
use kaigotap_virtual_card::Behaviour;

use crate::house::{House, done, failed};

const OK: &str = "[90, 00]";

/// The program `examples/taps.rs`.
struct Taps {
    program: Child,
    input: ChildStdin,
    answers: Receiver<String>,
}

impl Taps {
    fn start(pcscd: &Pcscd) -> Self {
        let mut command = pcscd.client(build::example("taps"));
        let mut program =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("taps starts");
        let input = program.stdin.take().expect("a pipe");
        let output = BufReader::new(program.stdout.take().expect("a pipe"));
        let (sender, answers) = channel();
        thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { program, input, answers }
    }

    fn told(&mut self, word: &str) -> String {
        writeln!(self.input, "{word}").unwrap();
        self.answers.recv_timeout(PATIENCE).expect("an answer in time")
    }
}

impl Drop for Taps {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

#[test]
fn outlives_the_service_and_the_card() {
    let mut pcscd = Pcscd::start();
    let mut taps = Taps::start(&pcscd);
    pcscd.await_card(Slot::First, false);
    assert_eq!(taps.told("hold"), "NoCardOnAnyReader");
    let card = pcscd.plug(Slot::First, hanako(Behaviour::modern()));
    assert_eq!(taps.told("hold"), OK);
    // Without a release: the service dies while it is connected.
    pcscd.kill();
    let card = card.take_out();
    pcscd.resume();
    let card = pcscd.plug(Slot::First, card);
    assert_eq!(taps.told("hold"), OK);
    assert_eq!(taps.told("release"), "released");
    // Another time, when it is not.
    pcscd.kill();
    let card = card.take_out();
    pcscd.resume();
    let card = pcscd.plug(Slot::Second, card);
    assert_eq!(taps.told("hold"), OK);
    drop(card);
    pcscd.await_card(Slot::Second, false);
    assert_eq!(taps.told("hold"), "NoCardOnAnyReader");
}

#[test]
fn holds_the_card_alone() {
    let house = House::new();
    let mut taps = Taps::start(&house.pcscd);
    let _card = house.pcscd.plug(Slot::First, hanako(Behaviour::modern()));
    assert_eq!(taps.told("hold"), OK);
    let visit = || house.visit(Some(Slot::First), "1234", "");
    assert_eq!(failed(&visit())["code"], "reader_busy");
    assert_eq!(taps.told("release"), "released");
    done(&visit());
}
