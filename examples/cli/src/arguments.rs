//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kaigotap::message::Language;
use kaigotap::pki::revocation::crl::Number;
use kaigotap_recorder::unhex;
use kaigotap_sandbox::Anchor;
use kaigotap_virtual_card::{Behaviour, Person};

/// Tap a My Number Card (マイナンバーカード), know who this is and which nursing care they are entitled to.
#[derive(Parser)]
#[command(
    name = "kaigotap",
    version,
    after_help = "Try first:  kaigotap demo\n\n\
        Exit codes: 0 done; 1 the conversation failed, with a stable code; 2 the input cannot be used.\n\
        Logs: KAIGOTAP_LOG=debug (never a PIN, certificate, serial number or name)."
)]
pub(crate) struct Arguments {
    /// Language of what people read
    #[arg(long, global = true, value_enum, default_value = "en")]
    pub(crate) lang: Lang,

    /// One JSON object on standard output instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Lang {
    /// English
    En,
    /// Japanese
    Ja,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::English,
            Lang::Ja => Self::Japanese,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// A whole home visit on this machine: virtual card, sandbox platform, no hardware, no set-up
    Demo(Demo),
    /// The card readers and what is on them
    Readers,
    /// Ask a card
    Card(Card),
    /// Judge a certificate, or show what it says; on this machine, asking nobody
    Certificate(Certificate),
    /// Sign in as a staff member, in the system's browser; the enrolment keeps the token
    SignIn(SignIn),
    /// Sign out, on every device
    SignOut(SignOut),
    /// A visit against a server: face, card with PIN, token, entitlement
    Visit(Visit),
    /// Try this machine: its store, its key and its clocks, as conversations use them
    Check(Check),
    /// Run the sandbox platform, to develop against
    Sandbox(Sandbox),
    /// Put a virtual My Number Card into the virtual reader (vpcd) of a real pcscd
    VirtualCard(VirtualCard),
}

#[derive(Args)]
pub(crate) struct Demo {
    /// How the person is verified
    #[arg(long, value_enum, default_value = "pin")]
    pub(crate) method: Method,

    #[command(flatten)]
    pub(crate) card: CardOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// Face by eye, then card with PIN
    Pin,
    /// Face by eye, then a tap without PIN: from the second visit on
    Tap,
}

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
fn person(text: &str) -> Result<Person, String> {
    let is_file =
        std::path::Path::new(text).extension().is_some_and(|end| end.eq_ignore_ascii_case("toml"));
    if !is_file {
        return text.parse().map_err(|error: kaigotap_virtual_card::Error| error.to_string());
    }
    let description = std::fs::read_to_string(text).map_err(|error| error.to_string())?;
    Person::from_toml(&description).map_err(|error| error.to_string())
}

#[derive(Args)]
pub(crate) struct SignIn {
    /// What `kaigotap sandbox --enrolment` or an enrolment wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,

    /// Type the password anew, even if somebody is still signed in with the browser: for a shared device
    #[arg(long)]
    pub(crate) again: bool,

    /// Only say the address; open no browser
    #[arg(long)]
    pub(crate) no_browser: bool,

    /// Seconds to wait for the browser to come back
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) wait: u64,

    /// What the token is to be for (RFC 8707), for an issuer that has tokens for others, too
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) resource: Option<String>,

    /// Trust only servers under this authority's certificate (PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct SignOut {
    /// What `kaigotap sandbox --enrolment` or an enrolment wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,

    /// Trust only servers under this authority's certificate (PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,
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

#[derive(Args)]
pub(crate) struct Certificate {
    #[command(subcommand)]
    pub(crate) question: CertificateQuestion,
}

#[derive(Subcommand)]
pub(crate) enum CertificateQuestion {
    /// Judge a certificate: path, purpose, policy, validity, and revocation if there is evidence
    #[command(after_help = concat!(
        "Files are PEM or DER. Without --anchor the roots of J-LIS count, all generations; with one that J-LIS does not\n",
        "publish the verdict is under TEST anchors, and says so.\n\n",
        "With --crl or --ocsp it judges as a server must: rejected unless that evidence is authentic and fresh and says\n",
        "that nothing in the path is revoked. Without, it judges as a phone can: revocation is not checked.\n\n",
        "Exit codes: 0 accepted; 1 rejected, with the reason; 2 the input cannot be used.\n",
        "The verdict as JSON (--json) is described in docs/certificate.md.",
    ))]
    Verify(Verify),
    /// Show what a certificate says, without judging it. Nothing personal unless asked
    Show {
        /// The certificate, PEM or DER
        leaf: PathBuf,
        /// Also what points to a person: subject, serial number, municipality, birthday, name and address
        #[arg(long)]
        show_personal: bool,
    },
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The certificate
    pub(crate) leaf: PathBuf,

    /// Whom to trust; may be given several times [default: the roots of J-LIS]
    #[arg(long = "anchor", value_name = "FILE")]
    pub(crate) anchors: Vec<PathBuf>,

    /// A certificate between leaf and anchor, the leaf's issuer first; at most two
    #[arg(long = "intermediate", value_name = "FILE")]
    pub(crate) intermediates: Vec<PathBuf>,

    /// A revocation list; may be given several times
    #[arg(long = "crl", value_name = "FILE")]
    pub(crate) lists: Vec<PathBuf>,

    /// A responder's answer (DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) ocsp: Option<PathBuf>,

    /// How old lists and answers may be at most, such as 24h, whatever they say themselves [default: as they say; 1h
    /// for an answer that does not say until when it holds]
    #[arg(long, value_name = "DURATION")]
    pub(crate) greatest_age: Option<jiff::SignedDuration>,

    /// The least number of a revocation list that counts, as `--json` shows it: the greatest that was seen of this
    /// issuer and distribution point
    #[arg(long, value_name = "HEX", value_parser = list_number)]
    pub(crate) least_list_number: Option<Number>,

    /// What it has to be for
    #[arg(long, value_enum, default_value = "authentication")]
    pub(crate) purpose: PurposeOrAny,

    /// The policy it has to have been issued under; may be given several times [default: that of the purpose]
    #[arg(long = "policy", value_name = "OID")]
    pub(crate) policies: Vec<String>,

    /// The time to judge at, such as 2026-11-20T00:00:00Z [default: now]
    #[arg(long, value_name = "RFC3339")]
    pub(crate) at: Option<jiff::Timestamp>,
}

/// The number of a list, as it is shown.
fn list_number(shown: &str) -> Result<Number, &'static str> {
    let bytes = unhex(shown).filter(|bytes| !bytes.is_empty());
    bytes.and_then(|bytes| Number::from_bytes(&bytes)).ok_or("not 1 to 20 bytes in hexadecimal")
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PurposeOrAny {
    /// 利用者証明用
    Authentication,
    /// 署名用
    Signature,
    /// Whatever it is for, under whatever policy
    Any,
}

#[derive(Args)]
pub(crate) struct Visit {
    /// What this device learnt when it was enrolled; `kaigotap sandbox --enrolment FILE` writes one
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,

    /// Base address of the server, if it is not the enrolment's
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,

    /// Trust this authority for the server, and no other (PEM or DER) [default: those of the system]
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,

    /// How the person is verified
    #[arg(long, value_enum, default_value = "pin")]
    pub(crate) method: Method,

    /// Who the person is: a visit with PIN writes this file, and one by tap needs it [default: the enrolment's file
    /// with .registration behind its name]
    #[arg(long, value_name = "FILE")]
    pub(crate) registration: Option<PathBuf>,

    /// The nurse has compared the face with the photo on the card and says that they match
    #[arg(long)]
    pub(crate) face_confirmed: bool,

    #[command(flatten)]
    pub(crate) reader: ReaderOptions,

    #[command(flatten)]
    pub(crate) pin: PinOptions,
}

#[derive(Args)]
#[command(after_help = concat!(
    "An entry is kept, replaced and forgotten again; a key is made if there is none, and signs; nothing else in the\n",
    "folder is changed. Folder, entries and key are readable by you only; a folder that others can look into is refused.\n\n",
    "Exit codes: 0 all is well; 1 something is not, with a stable code; 2 the input cannot be used.",
))]
pub(crate) struct Check {
    /// Where this device keeps its entries and its key; made if it is not there [default: a folder for this trial only]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) store: Option<PathBuf>,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    pub(crate) command: Option<SandboxCommand>,

    /// Serve TLS as this folder says, which `kaigotap sandbox init FOLDER` made
    #[arg(long, value_name = "FOLDER")]
    pub(crate) directory: Option<PathBuf>,

    /// Address to listen on; without --directory this machine only, because it is plain HTTP. Port 0 takes a free one
    /// [default: 127.0.0.1:8443, or as the folder says]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,

    /// Where to keep the data: memory, sqlite:FILE, or postgres://… (with --database-key) [default: memory, or as the
    /// folder says]
    #[arg(long, value_name = "DATABASE")]
    pub(crate) database: Option<String>,

    /// The file with the key that opens the keys in a PostgreSQL database; made, readable by you only, if it is not there
    #[arg(long, value_name = "FILE", requires = "database")]
    pub(crate) database_key: Option<PathBuf>,

    /// Tell whether it lives (/health/live), whether it can serve (/health/ready) and what it counts (/metrics, for
    /// Prometheus) on this address of this machine
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) admin: Option<SocketAddr>,

    /// How the log is written, to standard error: text, or one JSON object a line, at level info and above unless
    /// KAIGOTAP_LOG says otherwise. Nobody is named in it
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,

    /// Know this person of your own, too (a file that ends in .toml); may be given several times
    #[arg(long = "person", value_name = "FILE", value_parser = person)]
    pub(crate) guests: Vec<Person>,

    /// Write a device's enrolment for `kaigotap visit` to this file (it holds a staff token; readable by you only)
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Subcommand)]
pub(crate) enum SandboxCommand {
    /// Make a folder with all that a sandbox with TLS needs: certificates, keys, configuration
    Init(SandboxInit),
    /// Get a code with which one device of a facility can enrol, as text and as a QR code
    Activate(SandboxActivate),
    /// The devices that are enrolled, and the end of one
    #[command(subcommand)]
    Devices(SandboxDevices),
    /// What happened in a sandbox, and whether the record of it was tampered with
    Audit(SandboxAudit),
}

#[derive(Args)]
pub(crate) struct SandboxInit {
    /// The folder; new, or empty. Readable by you only
    pub(crate) folder: PathBuf,

    /// A name by which other machines call it; the first is its own. May be given several times [default: localhost]
    #[arg(long = "name", value_name = "HOST", value_parser = host)]
    pub(crate) names: Vec<String>,

    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8443", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
}

/// A name in small letters that needs no quoting anywhere.
fn host(text: &str) -> Result<String, &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if !text.is_empty() && text.bytes().all(is_plain) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("a name of letters, digits, hyphens and dots, or an IPv4 address")
    }
}

#[derive(Args)]
pub(crate) struct SandboxAudit {
    #[command(subcommand)]
    pub(crate) question: SandboxAuditQuestion,
}

#[derive(Subcommand)]
pub(crate) enum SandboxAuditQuestion {
    /// Go through the whole chain: what was changed, removed, moved or cut off is found, and where
    #[command(
        after_help = "Exit codes: 0 the chain holds; 1 it does not; 2 the input cannot be used."
    )]
    Verify {
        #[command(flatten)]
        store: Kept,
        /// The end of an earlier time, as it was printed then: what was there must still be there
        #[arg(long, value_name = "ANCHOR")]
        anchor: Option<Anchor>,
    },
    /// Show the records, the oldest first. Nobody is named: digests are the same for the same
    List {
        #[command(flatten)]
        store: Kept,
        /// Only those after this one
        #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
        after: u64,
    },
}

#[derive(Args)]
pub(crate) struct SandboxActivate {
    /// The facility whose device it will be
    #[arg(long, default_value = kaigotap_sandbox::FACILITY_ID, value_name = "NUMBER")]
    pub(crate) facility: String,

    /// What people call the device
    #[arg(long, default_value = "sandbox", value_name = "TEXT")]
    pub(crate) label: String,

    /// Draw the QR code into this file, too
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) store: Kept,
}

#[derive(Subcommand)]
pub(crate) enum SandboxDevices {
    /// Show them all, the oldest first
    List {
        #[command(flatten)]
        store: Kept,
    },
    /// End one, which is lost or stolen: whatever it has is refused from now on
    Kill {
        /// Its name, as the list shows it
        device: String,

        #[command(flatten)]
        store: Kept,
    },
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Kept {
    /// The folder of the sandbox
    #[arg(long, value_name = "FOLDER", conflicts_with = "database")]
    pub(crate) directory: Option<PathBuf>,

    /// Its database: sqlite:FILE, or postgres://… (with --database-key)
    #[arg(long, value_name = "DATABASE")]
    pub(crate) database: Option<String>,

    /// The file with the key that opens the keys in a PostgreSQL database
    #[arg(long, value_name = "FILE", requires = "database")]
    pub(crate) database_key: Option<PathBuf>,
}

#[derive(Args)]
#[command(after_help = format!(
    "Profiles: {}, such as plain+torn-after:3.\n\nTest PINs: hanako 1234 / ABC123, taro 5678 / TARO56.",
    kaigotap_virtual_card::Behaviour::GRAMMAR
))]
pub(crate) struct VirtualCard {
    /// Where the virtual reader listens; this machine only
    #[arg(long, default_value = "127.0.0.1:35963", value_name = "ADDRESS")]
    pub(crate) vpcd: SocketAddr,

    #[command(flatten)]
    pub(crate) card: CardOptions,
}
