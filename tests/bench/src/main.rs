//! `cargo xtask bench card`: the same virtual card driven by KaigoTap and by other people's clients, in figures.

mod conversation;
mod count;
mod document;
mod goals;
mod holder;
mod host;
mod job;
mod peers;
mod pki;
mod platform;
mod versions;

use std::{
    fs,
    path::PathBuf,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use clap::{Parser, Subcommand};
use kaigotap_conformance::card::hanako;
use kaigotap_virtual_card::Meter;

use crate::{
    conversation::Conversation,
    count::{Split, Watched},
    host::Cost,
    job::{Job, Kind, Reader},
    peers::{Extent, Peer},
    platform::Platform,
};

/// The SDK beside other people's clients, in figures.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure, show, and write the document if nothing had to be skipped
    Card {
        /// Where the document goes
        #[arg(long)]
        write: Option<PathBuf>,
        /// Why there is no real pcscd here
        #[arg(long)]
        without_peers: Option<String>,
        /// Count no instructions
        #[arg(long)]
        without_valgrind: bool,
    },
    /// Certificates, lists and answers beside OpenSSL's library and myna-card
    Pki {
        /// Where the document goes
        #[arg(long)]
        write: Option<PathBuf>,
    },
    /// Replay a job, for valgrind
    #[command(hide = true)]
    Replay { job: Job, times: u64 },
    /// Do a job on a PC/SC reader
    #[cfg(feature = "pcsc")]
    #[command(hide = true)]
    Tap { job: Job, reader: String },
}

fn main() -> ExitCode {
    let platform = Platform::new();
    match Arguments::parse().command {
        Command::Card { write, without_peers, without_valgrind } => {
            let figures = measure(&platform, without_peers, !without_valgrind);
            println!("\n{}", document::tables(&figures));
            let missed = goals::missed_without_reason(&figures);
            for miss in &missed {
                println!("MISSED, and nobody knows why: {miss}");
            }
            if let (Some(file), None) = (write, &figures.without_peers) {
                if let Err(error) = fs::write(&file, document::document(&figures)) {
                    println!("{} cannot be written: {error}", file.display());
                    return ExitCode::FAILURE;
                }
                println!("Written: {}", file.display());
            }
            if !missed.is_empty() {
                return ExitCode::FAILURE;
            }
        }
        Command::Pki { write } => return pki::run(write),
        Command::Replay { job, times } => host::replay(job, &platform, times),
        #[cfg(feature = "pcsc")]
        Command::Tap { job, reader } => {
            let mut link = kaigotap::link::pcsc::PcscLink::new().on(reader);
            Conversation::of(job, &platform).play(&platform, &mut link);
        }
    }
    ExitCode::SUCCESS
}

/// Everything that was measured.
pub(crate) struct Figures {
    own: Vec<(Kind, Job, Reader, Split)>,
    peers: Vec<(Kind, Job, Peer, Meter)>,
    costs: Vec<(Job, Cost)>,
    without_peers: Option<String>,
}

impl Figures {
    fn own(&self, kind: Kind, job: Job, reader: Reader) -> Split {
        let found = self.own.iter().find(|(k, j, r, _)| (*k, *j, *r) == (kind, job, reader));
        found.map(|(.., split)| *split).expect("every job was done")
    }

    /// What a peer needed; `None` where it cannot, or was not asked.
    fn peer(&self, kind: Kind, job: Job, peer: Peer) -> Option<Meter> {
        let found = self.peers.iter().find(|(k, j, p, _)| (*k, *j, *p) == (kind, job, peer));
        found.map(|(.., count)| *count)
    }
}

fn measure(platform: &Platform, without_peers: Option<String>, with_valgrind: bool) -> Figures {
    let pairs: Vec<(Kind, Job)> =
        Kind::ALL.into_iter().flat_map(|kind| Job::ALL.map(|job| (kind, job))).collect();
    let own = pairs
        .iter()
        .flat_map(|&(kind, job)| Reader::ALL.map(|reader| (kind, job, reader)))
        .map(|(kind, job, reader)| {
            let mut card = hanako(kind.behaviour());
            let mut watched = Watched::new(&mut card, reader);
            Conversation::of(job, platform).play(platform, &mut watched);
            (kind, job, reader, watched.split(job))
        })
        .collect();
    println!("In process: {} jobs done.", pairs.len());

    // Before anything else makes this machine busy.
    let costs = Job::ALL.map(|job| (job, host::cost(job, platform, with_valgrind))).to_vec();
    println!("Host time: taken.");

    let mut figures = Figures { own, peers: Vec::new(), costs, without_peers };
    if let Some(why) = &figures.without_peers {
        println!("SKIPPED: other people's clients, because {why}");
    } else {
        over_a_reader(&figures, &pairs);
        figures.peers = beside(&pairs);
    }
    figures
}

/// Lets every peer do what it can.
fn beside(pairs: &[(Kind, Job)]) -> Vec<(Kind, Job, Peer, Meter)> {
    let asked: Vec<(Kind, Job, Peer)> = pairs
        .iter()
        .flat_map(|&(kind, job)| Peer::ALL.map(|peer| (kind, job, peer)))
        .filter(|&(kind, job, peer)| !matches!(peer.extent(job, kind), Extent::Nothing(_)))
        .collect();
    let counted = at_once(&asked, |&(kind, job, peer)| (kind, job, peer, peer.count(job, kind)));
    println!("Over pcscd: {} jobs done by other clients.", counted.len());
    counted
}

/// KaigoTap does the same over a real reader service as in process.
#[cfg(feature = "pcsc")]
fn over_a_reader(figures: &Figures, pairs: &[(Kind, Job)]) {
    use clap::ValueEnum;
    use kaigotap_conformance::{Pcscd, Slot, process::run};

    let counted = at_once(pairs, |&(kind, job)| {
        let pcscd = Pcscd::start();
        let card = pcscd.plug(Slot::First, hanako(kind.behaviour()));
        let mut command = pcscd.client(std::env::current_exe().expect("a program"));
        let name = job.to_possible_value().expect("a name");
        let _ = run(command.args(["tap", name.get_name(), &pcscd.reader(Slot::First)])).succeeded();
        (kind, job, card.take_out().meter())
    });
    for (kind, job, count) in counted {
        let in_process = figures.own(kind, job, Reader::Silent).whole();
        assert_eq!(count, in_process, "{job} on {kind}: the real reader makes a difference");
    }
    println!("Over pcscd: {} jobs done by KaigoTap, with the same counts.", pairs.len());
}

#[cfg(not(feature = "pcsc"))]
fn over_a_reader(_: &Figures, _: &[(Kind, Job)]) {
    println!("SKIPPED: KaigoTap over pcscd; built without the feature `pcsc`.");
}

/// Does work on several items at once: it mostly waits for readers to notice cards.
fn at_once<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    const WORKERS: usize = 8;
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(result);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}
