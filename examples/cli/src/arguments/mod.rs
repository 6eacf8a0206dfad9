//! What can be typed.

mod card;
mod certificate;
mod platform;
mod sandbox;

use std::net::SocketAddr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kaigotap::message::Language;

pub(crate) use card::{
    Card, CardOptions, CardQuestion, ChangePin, OpenWith, PinOptions, Purpose, ReaderOptions, Trust,
};
pub(crate) use certificate::{Certificate, CertificateQuestion, PurposeOrAny, Verify};
pub(crate) use platform::{Check, SignIn, SignOut, Visit};
pub(crate) use sandbox::{
    Kept, LogFormat, Sandbox, SandboxActivate, SandboxAudit, SandboxAuditQuestion, SandboxCommand,
    SandboxDevices, SandboxInit,
};

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
