//! Other people's clients, as programs of their own on a real `pcscd`.

use std::{fmt, fs, process::Command};

use kaigotap_conformance::{
    Pcscd, Slot, build,
    card::{hanako, write_authorities},
    openssl,
    process::run,
};

use kaigotap_virtual_card::Meter;

use crate::{
    holder::{B, PIN, TEXT_PIN},
    job::{Job, Kind},
};

/// A client that nobody here wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    MynaCard,
    Jpki,
    /// As it is installed: it tries its drivers one after the other.
    OpenSc,
    /// Told which driver to use.
    OpenScJpki,
}

impl Peer {
    pub(crate) const ALL: [Self; 4] = [Self::MynaCard, Self::Jpki, Self::OpenSc, Self::OpenScJpki];

    /// How much of a job it does.
    pub(crate) fn extent(self, job: Job, kind: Kind) -> Extent {
        match (self, job) {
            (Self::MynaCard, Job::Sign) if kind == Kind::Plain => Extent::Nothing(
                "`myna-card` names the signing key by its short identifier only, which a plain card does not take.",
            ),
            (Self::Jpki, Job::Status) => {
                Extent::Part("`jpki` asks for four of the six PINs, and not for the kind of card.")
            }
            (Self::Jpki, Job::Holder) => Extent::Part(
                "`jpki` reads the attributes only: no record that proves them, no challenge.",
            ),
            (Self::Jpki, Job::Face) => {
                Extent::Part("`jpki` reads the face record only: no certificate, no challenge.")
            }
            (Self::OpenSc | Self::OpenScJpki, Job::Status) => Extent::Part(
                "`pkcs15-tool --dump`: OpenSC knows the JPKI application only, so two of the six PINs; it also reads both CA certificates.",
            ),
            (Self::OpenSc | Self::OpenScJpki, Job::Holder | Job::Face) => {
                Extent::Nothing("OpenSC knows the JPKI application only.")
            }
            _ => Extent::Whole,
        }
    }

    /// Lets it do a job on a fresh card; panics when it fails.
    pub(crate) fn count(self, job: Job, kind: Kind) -> Meter {
        let pcscd = Pcscd::start();
        let card = pcscd.plug(Slot::First, hanako(kind.behaviour()));
        write_authorities(pcscd.directory());
        let file = |name| pcscd.directory().join(name);
        fs::write(file("hash"), openssl::sha256(b"message")).expect("a file");
        fs::write(file("input"), openssl::digest_info(b"message")).expect("a file");
        for mut command in self.commands(job, &pcscd) {
            let _ = run(&mut command).succeeded();
        }
        card.take_out().meter()
    }

    fn commands(self, job: Job, pcscd: &Pcscd) -> Vec<Command> {
        match self {
            Self::MynaCard => {
                let mut command = pcscd.client(build::example("myna-card"));
                command.arg(pcscd.reader(Slot::First)).args(match job {
                    Job::Status => vec!["status"],
                    Job::Certificate => vec!["certificate", "certificate"],
                    Job::Sign => vec!["sign", PIN, "input", "certificate", "signature"],
                    Job::Holder => vec!["holder", "pin", TEXT_PIN, "text"],
                    Job::Face => vec!["face", B, "face"],
                });
                vec![command]
            }
            Self::Jpki => {
                let mut command = pcscd.client(build::example("jpki"));
                command.args(match job {
                    Job::Status => vec!["status"],
                    Job::Certificate => vec!["certificate", "certificate"],
                    Job::Sign => vec!["sign", PIN, "input", "certificate", "signature"],
                    Job::Holder => vec!["holder", TEXT_PIN],
                    Job::Face => vec!["face", B],
                });
                vec![command]
            }
            Self::OpenSc => open_sc(job, pcscd),
            Self::OpenScJpki => {
                let mut commands = open_sc(job, pcscd);
                for command in &mut commands {
                    command.env("OPENSC_DRIVER", "jpki");
                }
                commands
            }
        }
    }
}

/// Its tools with the fewest commands for the job.
fn open_sc(job: Job, pcscd: &Pcscd) -> Vec<Command> {
    let tool = |name, arguments: &str| {
        let mut command = pcscd.client(name);
        command.args(arguments.split_whitespace());
        command
    };
    let certificate = || tool("pkcs15-tool", "--read-certificate 1");
    match job {
        Job::Status => vec![tool("pkcs15-tool", "--dump")],
        Job::Certificate => vec![certificate()],
        Job::Sign => {
            let sign = format!(
                "--sign --key 1 --pin {PIN} --pkcs1 --sha-256 --raw --input hash --output signature"
            );
            vec![certificate(), tool("pkcs15-crypt", &sign)]
        }
        Job::Holder | Job::Face => Vec::new(),
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MynaCard => "myna-card",
            Self::Jpki => "jpki",
            Self::OpenSc => "OpenSC",
            Self::OpenScJpki => "OpenSC, jpki driver",
        })
    }
}

/// How much of a job a client does, and what it leaves out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Extent {
    Whole,
    Part(&'static str),
    Nothing(&'static str),
}
