//! Whatever is sent: an answer comes, nothing panics, and a PIN counter moves only when a PIN was really presented.

use std::sync::OnceLock;

use kaigotap_virtual_card::{Person, Profile, Purpose, Trait, VirtualCard};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest},
    prop_oneof,
    sample::select,
};

/// Cards of several kinds; making one costs two signatures, cloning it nothing.
fn cards() -> &'static [VirtualCard] {
    static CARDS: OnceLock<Vec<VirtualCard>> = OnceLock::new();
    CARDS.get_or_init(|| {
        let profiles = [
            Profile::modern(),
            Profile::plain(),
            Profile::modern().with(Trait::VerifyBySfi),
            Profile::modern().with(Trait::T0),
            Profile::locked().tries_left(Purpose::Signature, 1),
        ];
        profiles.map(|profile| VirtualCard::new(Person::hanako(), profile).unwrap()).into()
    })
}

/// A sensible command, so that sequences get somewhere.
fn sensible() -> impl Strategy<Value = Vec<u8>> {
    let jpki =
        [&[0x00, 0xA4, 0x04, 0x0C, 0x0A][..], kaigotap_virtual_card::Application::Jpki.aid()];
    let face =
        [&[0x00, 0xA4, 0x04, 0x0C, 0x0A][..], kaigotap_virtual_card::Application::Face.aid()];
    let file = select(vec![0x01, 0x0A, 0x17, 0x18, 0x1A, 0x1B]);
    let pin =
        select(vec![&b"1234"[..], b"0000", b"ABC123", b"ABC124", b"12345", b"9999", b"ZZZ999"]);
    let reference = select(vec![0x80, 0x80, 0x80, 0x98, 0x9B]);
    prop_oneof![
        3 => Just(jpki.concat()),
        1 => Just(face.concat()),
        4 => file.prop_map(|file| vec![0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, file]),
        2 => reference.clone().prop_map(|p2| vec![0x00, 0x20, 0x00, p2]),
        4 => (reference, pin.clone()).prop_map(|(p2, pin)| with_data([0x00, 0x20, 0x00, p2], pin)),
        1 => pin.prop_map(|pin| with_data([0x00, 0x24, 0x01, 0x80], pin)),
        1 => Just(vec![0x00, 0xB0, 0x00, 0x00, 0x00]),
        1 => Just(vec![0x80, 0x2A, 0x00, 0x80, 0x01, 0x01, 0x00]),
        1 => Just(vec![0x00, 0xC0, 0x00, 0x00, 0x00]),
    ]
}

fn with_data(header: [u8; 4], data: &[u8]) -> Vec<u8> {
    [&header[..], &[u8::try_from(data.len()).unwrap()], data].concat()
}

fn command() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => sensible(),
        1 => vec(any::<u8>(), 0..300),
        1 => (select(vec![0x00, 0x80]), select(vec![0xA4, 0x20, 0x24, 0xB0, 0x2A, 0xC0]), vec(any::<u8>(), 0..24))
            .prop_map(|(class, instruction, rest)| [&[class, instruction][..], &rest].concat()),
        1 => (sensible(), any::<proptest::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, value)| {
            let at = at.index(bytes.len());
            bytes[at] = value;
            bytes
        }),
        1 => (sensible(), 0..12usize).prop_map(|(mut bytes, length)| {
            bytes.resize(length, 0);
            bytes
        }),
    ]
}

/// The data field of a short or extended VERIFY-like command whose lengths add up, found independently of the card.
fn data_field(command: &[u8]) -> Option<&[u8]> {
    let short = command.get(4).map(|lc| usize::from(*lc));
    if let Some(lc @ 1..) = short {
        return command.get(5..5 + lc).filter(|_| command.len() == 5 + lc);
    }
    let lc = usize::from(u16::from_be_bytes([*command.get(5)?, *command.get(6)?]));
    command.get(7..7 + lc).filter(|_| command.len() == 7 + lc)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn counters_move_only_with_presented_pins(kind in 0..5usize, commands in vec(command(), 1..60)) {
        let mut card = cards()[kind].clone();
        let mut pins = Purpose::ALL.map(|purpose| card.person().pin(purpose).as_bytes().to_vec());
        for command in commands {
            let before = Purpose::ALL.map(|purpose| card.tries_left(purpose));
            let open = Purpose::ALL.map(|purpose| card.is_verified(purpose));
            let response = card.transmit(&command);
            prop_assert!(response.len() >= 2);
            let status = &response[response.len() - 2..];
            let after = Purpose::ALL.map(|purpose| card.tries_left(purpose));

            let instruction = command.get(1).copied();
            let presented = data_field(&command).filter(|_| command[..3] == [0x00, 0x20, 0x00]);
            if instruction == Some(0x20) && command.len() == 4 {
                prop_assert!(status != [0x90, 0x00], "a query never says 9000");
            }
            let mut moved = 0;
            for (i, purpose) in Purpose::ALL.into_iter().enumerate() {
                let opened = !open[i] && card.is_verified(purpose);
                if after[i] > before[i] || opened {
                    prop_assert_eq!(presented, Some(&pins[i][..]), "{:02X?} raised the counter", command);
                    prop_assert!(before[i] > 0, "a blocked PIN came back");
                    prop_assert_eq!(after[i], purpose.max_tries());
                    prop_assert_eq!(status, [0x90, 0x00]);
                }
                if after[i] < before[i] {
                    prop_assert!(presented.is_some_and(|pin| pin != pins[i] && match purpose {
                        Purpose::Authentication => pin.len() == 4,
                        Purpose::Signature => (6..=16).contains(&pin.len()),
                    }), "{:02X?} cost a try", command);
                    prop_assert_eq!(after[i], before[i] - 1);
                    prop_assert_eq!(status, [0x63, 0xC0 | after[i]]);
                }
                moved += usize::from(after[i] != before[i]);
            }
            prop_assert!(moved <= 1);

            if instruction == Some(0x24) && status == [0x90, 0x00] {
                let new = data_field(&command).unwrap().to_vec();
                // The two kinds of PIN have no length in common.
                let which = usize::from(new.len() != 4);
                pins[which] = new;
            }
            if card.trace().last().is_some_and(|header| header[1] == 0x2A) && response.len() > 2 {
                prop_assert!(open != [false, false], "a signature without a verified PIN");
            }
        }
    }

    #[test]
    fn hostile_bytes_are_answered(commands in vec(vec(any::<u8>(), 0..600), 0..8)) {
        let mut card = cards()[0].clone();
        for command in commands {
            prop_assert!(card.transmit(&command).len() >= 2);
        }
    }
}
