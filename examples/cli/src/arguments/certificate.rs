//! What can be typed about certificates.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use kaigotap::pki::revocation::crl::Number;
use kaigotap_recorder::unhex;

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
