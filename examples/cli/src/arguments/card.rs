//! What can be typed about readers, cards and PINs.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use kaigotap_virtual_card::{Behaviour, Person};

#[derive(Args)]
pub(crate) struct CardOptions {
    /// How the virtual card behaves; parts joined by + (see `kaigotap virtual-card --help`)
    #[arg(long, default_value = "modern", value_name = "PROFILE")]
    pub(crate) profile: Behaviour,

    /// Whose virtual card: hanako, taro, child, foreign-resident, rare-name, expiring, expired, revoked, blocked,
    /// face-card, resident-card, android, iphone, other-country, foreign-issuer (a forgery); or a person of your own in
    /// a file that ends in .toml
    #[arg(long, default_value = "hanako", value_name = "PERSON", value_parser = person)]
    pub(crate) person: Person,
}

/// Someone of the cast, or described in a file.
pub(super) fn person(text: &str) -> Result<Person, String> {
    let is_file =
        std::path::Path::new(text).extension().is_some_and(|end| end.eq_ignore_ascii_case("toml"));
    if !is_file {
        return text.parse().map_err(|error: kaigotap_virtual_card::Error| error.to_string());
    }
    let description = std::fs::read_to_string(text).map_err(|error| error.to_string())?;
    Person::from_toml(&description).map_err(|error| error.to_string())
}

#[derive(Args)]
pub(crate) struct ReaderOptions {
    /// Reader by its name, or `simulator` for a virtual card in this process [default: the reader that holds a card]
    #[arg(long, value_name = "NAME")]
    pub(crate) reader: Option<String>,

    /// Seconds to wait for a card, also for one that slipped [default: 15 at a terminal, else 0]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=600))]
    pub(crate) wait: Option<u64>,

    #[command(flatten)]
    pub(crate) recording: Recording,

    #[command(flatten)]
    pub(crate) card: CardOptions,
}

#[derive(Args)]
pub(crate) struct Recording {
    /// Write the conversation to this file, so that tests can replay it. Never a PIN; of a real card nothing personal
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,

    /// Record a real card, too: of what it answers only lengths and status words are written down
    #[arg(long, requires = "record")]
    pub(crate) record_real_card: bool,
}

#[derive(Args)]
pub(crate) struct PinOptions {
    /// Read the PIN from this open file descriptor instead of asking for it: a line for each time it is
    /// asked, a new PIN after the old one. Never give a PIN as an argument or in the environment: both can be seen by
    /// others
    #[arg(long, value_name = "N")]
    pub(crate) pin_fd: Option<u32>,

    /// Go on even with one PIN try left: the holder is sure and agrees. A wrong PIN then locks it
    #[arg(long)]
    pub(crate) last_try: bool,
}

#[derive(Args)]
pub(crate) struct Card {
    #[command(subcommand)]
    pub(crate) question: CardQuestion,
}

#[derive(Subcommand)]
pub(crate) enum CardQuestion {
    /// What kind of card it is, PIN tries left, certificates. Needs no PIN and costs no try
    Status {
        #[command(flatten)]
        reader: ReaderOptions,
    },
    /// A certificate of the card. The one for signatures holds name and address, and needs its password
    Certificate {
        #[command(flatten)]
        reader: ReaderOptions,
        #[command(flatten)]
        pin: PinOptions,
        /// Which certificate
        #[arg(long, value_enum, default_value = "authentication")]
        purpose: Purpose,
        /// Write DER to this file instead of PEM to standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// The holder's name, address, birth date and sex, with their proof. Never the My Number
    Holder {
        #[command(flatten)]
        reader: ReaderOptions,
        #[command(flatten)]
        pin: PinOptions,
        /// What opens them
        #[arg(long, value_enum, default_value = "pin")]
        with: OpenWith,
        /// Whose signatures count [default: production, or virtual with the simulator]
        #[arg(long, value_enum)]
        trust: Option<Trust>,
    },
    /// The face of the card as its chip has it: photo and texts as pictures, with their proof. Opens with verification
    /// number B, the 14 digits made of what is printed: birth date (Japanese era, YYMMDD), year of expiry, 4-digit code
    Face {
        #[command(flatten)]
        reader: ReaderOptions,
        #[command(flatten)]
        pin: PinOptions,
        /// Write photo and pictures into this folder
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// Whose signatures count [default: production, or virtual with the simulator]
        #[arg(long, value_enum)]
        trust: Option<Trust>,
    },
    /// Change a PIN: the old one once, the new one twice. A locked PIN is unlocked by the town hall only
    ChangePin {
        #[command(flatten)]
        reader: ReaderOptions,
        #[command(flatten)]
        pin: PinOptions,
        /// Which PIN
        #[arg(value_enum)]
        which: ChangePin,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum OpenWith {
    /// The 4-digit input-support PIN
    Pin,
    /// Verification number B, the 14 digits from the card's face
    NumberB,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Trust {
    /// Real cards
    Production,
    /// Test cards that J-LIS lends to developers
    JpkiTest,
    /// The virtual cards of this project
    Virtual,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ChangePin {
    /// 利用者証明用, 4 digits
    Authentication,
    /// 署名用, 6 to 16 capital letters and digits
    Signature,
    /// 券面事項入力補助用, 4 digits
    InputSupport,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Purpose {
    /// 利用者証明用: free to read
    Authentication,
    /// 署名用: needs the signature password
    Signature,
}
