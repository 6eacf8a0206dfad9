//! One module a command.

pub(crate) mod card;
pub(crate) mod care;
pub(crate) mod certificate;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod device;
pub(crate) mod enrol;
pub(crate) mod journal;
mod offline_visit;
pub(crate) mod own;
pub(crate) mod people;
mod practice;
pub(crate) mod readers;
pub(crate) mod sandbox;
pub(crate) mod sign_in;
pub(crate) mod tickets;
pub(crate) mod virtual_card;
pub(crate) mod visit;

use std::io::IsTerminal;
use std::time::Duration;

use kaigotap::flow::Flow;
use kaigotap::link::{CardLink, Drivers, run as drive};
use kaigotap::message::Failure;
use kaigotap_recorder::{About, Card, Recorded, Recorder, Recording};
use kaigotap_virtual_card::VirtualCard;

use crate::arguments::{CardOptions, ReaderOptions};
use crate::interrupt::Held;
use crate::private_file;
use crate::report::{Report, Stop, say};

/// The name of the reader that is none.
pub(crate) const SIMULATOR: &str = "simulator";

/// `kaigotap` alone.
pub(crate) fn welcome(report: Report) {
    say(&report.with_flag(
        report.text(
            "KaigoTap: tap a My Number Card, know who this is and which nursing care they are entitled to.\n\n\
             Try first:\n  \
             kaigotap demo                                  a whole home visit; no hardware, no set-up\n  \
             kaigotap card status --reader simulator        what a card tells without a PIN\n  \
             kaigotap readers                               your card readers\n\n\
             Then, in two terminals:\n  \
             kaigotap sandbox --enrolment visit.json        a care platform to develop against\n  \
             kaigotap visit --enrolment visit.json --reader simulator\n\n\
             kaigotap people                                who can be visited in trials, with their PINs\n\
             kaigotap enrol --help                          a device of your own, and who signs in on it\n\
             kaigotap --help lists everything; --lang ja speaks Japanese.",
            "KaigoTap：マイナンバーカードをかざして、ご本人と介護保険の受給内容を確認します。\n\n\
             まず試す：\n  \
             kaigotap demo                                  訪問の全体を実演（機器も設定も不要）\n  \
             kaigotap card status --reader simulator        暗証番号なしで分かること\n  \
             kaigotap readers                               カードリーダーの一覧\n\n\
             次に、画面を2つ開いて：\n  \
             kaigotap sandbox --enrolment visit.json        開発用の模擬基盤\n  \
             kaigotap visit --enrolment visit.json --reader simulator\n\n\
             kaigotap people                                練習用の人物と暗証番号の一覧\n\
             kaigotap enrol --help                          この端末を登録し、職員がログインするには\n\
             kaigotap --help で、すべてのコマンドを表示します。",
        ),
    ));
}

/// A virtual card as chosen.
fn virtual_card(options: &CardOptions) -> Result<VirtualCard, Stop> {
    VirtualCard::new(options.person.clone(), options.profile.clone()).map_err(|error| {
        Stop::input("virtual_card_unusable", error.to_string(), "Choose another person or profile.")
    })
}

/// Whose card the chosen reader holds, as a transcript says it.
fn whose(options: &ReaderOptions) -> Card {
    match options.reader.as_deref() {
        Some(SIMULATOR) => Card::Virtual {
            person: options.card.person.id.to_owned(),
            profile: options.card.profile.to_string(),
        },
        _ => Card::Real,
    }
}

/// A recorder, if the conversation is to be recorded, and may be.
fn recorder(options: &ReaderOptions, about: About) -> Result<Option<Recorder>, Stop> {
    let recording = &options.recording;
    if recording.record.is_some() && about.card == Some(Card::Real) && !recording.record_real_card {
        return Err(Stop::input(
            "recording_refused",
            "Only the simulator is recorded.",
            "Give --reader simulator, or --record-real-card for a recording without the card's data.",
        ));
    }
    Ok(recording.record.as_ref().map(|_| Recorder::new(about)))
}

/// Runs a flow to its end, and writes it down if that is wanted.
fn converse<T: Recorded>(
    flow: Flow<Result<T, Failure>>,
    drivers: &mut Drivers<'_>,
    recording: (Option<Recorder>, &ReaderOptions),
) -> Result<T, Stop> {
    let (Some(mut recorder), Some(file)) = (recording.0, &recording.1.recording.record) else {
        return Ok(drive(flow, drivers)??);
    };
    let outcome = drive(flow, &mut Recording::new(drivers, &mut recorder))?;
    private_file::write(file, recorder.finish(&outcome).as_bytes())?;
    Ok(outcome?)
}

/// The link to the reader that was chosen.
fn card_link(options: &ReaderOptions, report: Report) -> Result<Held, Stop> {
    let patience = if std::io::stdin().is_terminal() { 15 } else { 0 };
    let wait = Duration::from_secs(options.wait.unwrap_or(patience));
    Ok(Held::new(match options.reader.as_deref() {
        Some(SIMULATOR) => Box::new(virtual_card(&options.card)?),
        named => real_reader(named, wait, report)?,
    }))
}

#[cfg(feature = "pcsc")]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as without a reader")]
fn real_reader(
    named: Option<&str>,
    wait: Duration,
    report: Report,
) -> Result<Box<dyn CardLink + Send>, Stop> {
    let link = kaigotap::link::pcsc::PcscLink::new()
        .waiting(wait)
        .recognising(kaigotap::card::recognition())
        .until(report.listen());
    Ok(Box::new(match named {
        Some(name) => link.on(name),
        None => link,
    }))
}

#[cfg(not(feature = "pcsc"))]
fn real_reader(
    named: Option<&str>,
    _: Duration,
    _: Report,
) -> Result<Box<dyn CardLink + Send>, Stop> {
    Err(readers::not_built_in(named))
}
