//! Whatever is sent: an answer comes, nothing panics, a PIN counter moves only when a PIN was really presented, and
//! nothing is read that was not opened.

use std::sync::OnceLock;

use kaigotap_virtual_card::{Application, Behaviour, Person, PinKind, Purpose, Trait, VirtualCard};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest},
    prop_oneof,
    sample::select,
};

/// Cards of several kinds; making one costs many signatures, cloning it nothing.
fn cards() -> &'static [VirtualCard] {
    static CARDS: OnceLock<Vec<VirtualCard>> = OnceLock::new();
    CARDS.get_or_init(|| {
        let hanako = [
            Behaviour::modern(),
            Behaviour::plain(),
            Behaviour::modern().with(Trait::VerifyBySfi).with(Trait::EndOfFile6282),
            Behaviour::modern().with(Trait::T0).with(Trait::EndOfFile6282),
            Behaviour::locked().tries_left(Purpose::Signature, 1).with(Trait::LongLengths),
            Behaviour::plain().tries_left(PinKind::FaceB, 1).with(Trait::LyingLengths),
        ]
        .map(|behaviour| (Person::hanako(), behaviour));
        let others = ["face-card", "resident-card", "android", "other-country"]
            .map(|id| (id.parse().unwrap(), Behaviour::modern().with(Trait::VerifyBySfi)));
        let all = hanako.into_iter().chain(others);
        all.map(|(person, behaviour)| VirtualCard::new(person, behaviour).unwrap()).collect()
    })
}

const KINDS: usize = 10;

/// What Hanako's cards are opened with, and the like.
const PINS: [&[u8]; 14] = [
    b"1234",
    b"2345",
    b"3456",
    b"0000",
    b"ABC123",
    b"ABC124",
    b"12345",
    b"ZZZ999",
    b"990000001008",
    b"990000001009",
    b"16050320350503",
    b"16050320350504",
    b"160503",
    b"160504",
];

/// A sensible command, so that sequences get somewhere.
fn sensible() -> impl Strategy<Value = Vec<u8>> {
    let applications = [
        Application::Jpki,
        Application::InputSupport,
        Application::Face,
        Application::Common,
        Application::ResidentRegister,
        Application::IssuerSecurityDomain,
        Application::TravelDocument,
    ];
    let file = prop_oneof![0x01..=0x08_u8, select(vec![0x0A, 0x0B]), 0x11..=0x1C_u8];
    let pin = select(PINS.to_vec());
    let reference = select(vec![0x80, 0x80, 0x80, 0x80, 0x91, 0x95, 0x98, 0x9B]);
    prop_oneof![
        2 => select(applications.to_vec()).prop_map(|application| with_data([0x00, 0xA4, 0x04, 0x0C], application.aid())),
        4 => file.prop_map(|file| vec![0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, file]),
        2 => reference.clone().prop_map(|p2| vec![0x00, 0x20, 0x00, p2]),
        6 => (reference, pin.clone()).prop_map(|(p2, pin)| with_data([0x00, 0x20, 0x00, p2], pin)),
        1 => pin.clone().prop_map(|pin| with_data([0x00, 0x24, 0x01, 0x80], pin)),
        1 => pin.prop_map(|pin| with_data([0x80, 0x32, 0x00, 0x80], pin)),
        3 => select(vec![0x00, 0x00, 0x01, 0x81, 0x82, 0x85]).prop_map(|p1| vec![0x00, 0xB0, p1, 0x00, 0x00]),
        1 => Just(vec![0x00, 0xB2, 0x01, 0x0C, 0x00]),
        1 => select(vec![0x00, 0x80]).prop_map(|p2| vec![0x80, 0x2A, 0x00, p2, 0x01, 0x01, 0x00]),
        1 => Just(vec![0x00, 0x88, 0x00, 0x99, 0x01, 0x01, 0x00]),
        1 => Just(vec![0x00, 0xC0, 0x00, 0x00, 0x00]),
    ]
}

/// The way to a file through a PIN, so that the deep places are reached often.
fn visit() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let way = |(kind, pin, file): (PinKind, &[u8], u8)| {
        vec![
            with_data([0x00, 0xA4, 0x04, 0x0C], kind.application().aid()),
            with_data([0x00, 0xA4, 0x02, 0x0C], &kind.file().to_be_bytes()),
            with_data([0x00, 0x20, 0x00, 0x80], pin),
            with_data([0x00, 0xA4, 0x02, 0x0C], &[0x00, file]),
            vec![0x00, 0xB0, 0x00, 0x00, 0x00],
        ]
    };
    (select(PinKind::ALL.to_vec()), select(PINS.to_vec()), 0x01..=0x0A_u8).prop_map(way)
}

fn with_data(header: [u8; 4], data: &[u8]) -> Vec<u8> {
    [&header[..], &[u8::try_from(data.len()).unwrap()], data].concat()
}

fn command() -> impl Strategy<Value = Vec<u8>> {
    let instructions = vec![0xA4, 0x20, 0x24, 0x32, 0x88, 0xB0, 0xB2, 0x2A, 0xC0];
    prop_oneof![
        6 => sensible(),
        1 => vec(any::<u8>(), 0..300),
        1 => (select(vec![0x00, 0x80]), select(instructions), vec(any::<u8>(), 0..24))
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

fn conversation() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let piece = prop_oneof![3 => command().prop_map(|command| vec![command]), 1 => visit()];
    vec(piece, 1..40).prop_map(|pieces| pieces.concat())
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

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The middle of the picture of Hanako's 個人番号, which occurs nowhere else.
fn picture_of_number() -> &'static [u8] {
    static PICTURE: OnceLock<Vec<u8>> = OnceLock::new();
    PICTURE.get_or_init(|| {
        let mut card = cards()[1].clone();
        let kind = PinKind::FaceA;
        card.transmit(&with_data([0x00, 0xA4, 0x04, 0x0C], kind.application().aid()));
        card.transmit(&with_data([0x00, 0xA4, 0x02, 0x0C], &kind.file().to_be_bytes()));
        card.transmit(&with_data([0x00, 0x20, 0x00, 0x80], b"990000001008"));
        card.transmit(&with_data([0x00, 0xA4, 0x02, 0x0C], &[0x00, 0x05]));
        card.transmit(&[0x00, 0xB0, 0x00, 0x50, 0x20])[..32].to_vec()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn counters_move_only_with_presented_pins(kind in 0..KINDS, commands in conversation()) {
        let mut card = cards()[kind].clone();
        for command in commands {
            let before = PinKind::ALL.map(|kind| card.tries_left(kind));
            let open = PinKind::ALL.map(|kind| card.is_verified(kind));
            let values = PinKind::ALL.map(|kind| card.reference_data(kind).as_bytes().to_vec());
            let response = card.transmit(&command);
            prop_assert!(response.len() >= 2);
            let (data, status) = response.split_at(response.len() - 2);

            let presented = data_field(&command).filter(|_| command[..3] == [0x00, 0x20, 0x00]);
            let is_change = command.get(..3).is_some_and(|header| [[0x00, 0x24, 0x01], [0x80, 0x32, 0x00]].contains(&[header[0], header[1], header[2]]));
            if command.get(1) == Some(&0x20) && command.len() == 4 {
                prop_assert!(status != [0x90, 0x00], "a query never says 9000");
            }
            let mut moved = 0;
            for (i, kind) in PinKind::ALL.into_iter().enumerate() {
                let after = card.tries_left(kind);
                if after > before[i] || (!open[i] && card.is_verified(kind)) {
                    prop_assert_eq!(presented, Some(&values[i][..]), "{:02X?} raised the counter", command);
                    prop_assert!(before[i] > 0, "a blocked PIN came back");
                    prop_assert_eq!(after, kind.max_tries());
                    prop_assert_eq!(status, [0x90, 0x00]);
                }
                if after < before[i] {
                    let counted = presented.is_some_and(|pin| pin != values[i] && kind.lengths().contains(&pin.len()));
                    prop_assert!(counted, "{:02X?} cost a try", command);
                    prop_assert_eq!(after, before[i] - 1);
                    prop_assert_eq!(status, [0x63, 0xC0 | after]);
                }
                moved += usize::from(after != before[i]);
                let new = card.reference_data(kind).as_bytes();
                if new != values[i] {
                    prop_assert!(open[i] && is_change, "{kind} was changed");
                    prop_assert_eq!(data_field(&command), Some(new));
                }
            }
            prop_assert!(moved <= 1);

            // Other than over T=0, where what was asked for earlier arrives later.
            if !card.behaviour().has(Trait::T0) && card.person().id == "hanako" {
                let is = |kind: PinKind| open[kind as usize];
                if contains(data, b"990000001008") {
                    prop_assert!(is(PinKind::InputSupport) || is(PinKind::InputSupportA), "{command:02X?}");
                }
                if contains(data, picture_of_number()) {
                    prop_assert!(is(PinKind::FaceA), "{command:02X?}");
                }
                if contains(data, "介護　花子".as_bytes()) {
                    let attributes = is(PinKind::InputSupport) || is(PinKind::InputSupportB);
                    prop_assert!(attributes || is(PinKind::Signature), "{command:02X?}");
                }
                if contains(data, b"jP  \r\n") {
                    prop_assert!(is(PinKind::FaceA) || is(PinKind::FaceB), "{command:02X?}");
                }
            }
        }
    }

    #[test]
    fn a_jpki_key_signs_only_after_its_pin(kind in 0..KINDS, commands in conversation()) {
        let mut card = cards()[kind].clone();
        let mut in_jpki = false;
        for command in commands {
            let signatures = card.meter().signatures;
            let open = Purpose::ALL.map(|purpose| card.is_verified(purpose));
            let response = card.transmit(&command);
            let selected = matches!(response[response.len() - 2], 0x90 | 0x61);
            if selected && command.get(1..3) == Some(&[0xA4, 0x04][..]) {
                in_jpki = contains(&command, Application::Jpki.aid());
            }
            if card.meter().signatures > signatures && in_jpki {
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

    #[test]
    fn behaviours_are_read_or_refused(text in "[a-z0-9:+-]{0,40}") {
        if let Ok(behaviour) = text.parse::<Behaviour>() {
            prop_assert_eq!(behaviour.to_string().parse::<Behaviour>().unwrap(), behaviour);
        }
    }
}

#[test]
fn the_invariants_are_not_empty() {
    assert_eq!(cards().len(), KINDS);
    let mut card = cards()[1].clone();
    card.transmit(&with_data([0x00, 0xA4, 0x04, 0x0C], Application::InputSupport.aid()));
    card.transmit(&with_data([0x00, 0xA4, 0x02, 0x0C], &[0x00, 0x14]));
    card.transmit(&with_data([0x00, 0x20, 0x00, 0x80], b"990000001008"));
    card.transmit(&with_data([0x00, 0xA4, 0x02, 0x0C], &[0x00, 0x01]));
    assert!(contains(&card.transmit(&[0x00, 0xB0, 0x00, 0x00, 0x00]), b"990000001008"));
    assert!(
        picture_of_number().iter().any(|byte| *byte != 0xFF) && picture_of_number().len() == 32
    );
}
