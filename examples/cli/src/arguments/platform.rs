//! What can be typed by somebody whose device is enrolled at a platform.

use std::path::PathBuf;

use clap::Args;

use super::{Method, PinOptions, ReaderOptions};

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
