//! `kaigotap readers`

use serde_json::json;

use super::SIMULATOR;
use crate::report::{Report, Stop};

#[cfg(feature = "pcsc")]
pub(crate) fn run(report: Report) -> Result<(), Stop> {
    use kaigotap::link::pcsc::{Holds, readers};
    use kaigotap::message::Failure;

    let found = readers().map_err(Failure::from)?;
    let holds = |holds| match holds {
        Holds::Nothing => ("nothing", report.text("no card", "カードなし")),
        Holds::Card => ("card", report.text("a card", "カードあり")),
        Holds::BusyCard => (
            "busy_card",
            report.text("a card in use by another program", "ほかのソフトが使用中のカード"),
        ),
        Holds::MuteCard => {
            ("mute_card", report.text("something that does not answer", "応答しないカード"))
        }
    };
    for reader in &found {
        report.line(format!("{}  –  {}", reader.name, holds(reader.holds).1));
    }
    report.line(format!(
        "{SIMULATOR}  –  {}",
        report.text("a virtual card, always there", "仮想カード（常に利用可）")
    ));
    let readers: Vec<_> = found
        .iter()
        .map(|reader| json!({ "name": reader.name, "holds": holds(reader.holds).0 }))
        .collect();
    report.object(&json!({ "readers": readers, "simulator": SIMULATOR, "pcsc": true }));
    Ok(())
}

#[cfg(not(feature = "pcsc"))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as with a reader")]
pub(crate) fn run(report: Report) -> Result<(), Stop> {
    report.line(format!(
        "{SIMULATOR}  –  {}",
        report.text("a virtual card, always there", "仮想カード（常に利用可）")
    ));
    report.lines(report.text(
        "\nThis build has no support for real readers. To get it:\n  \
         Debian, Ubuntu:  apt-get install libpcsclite-dev pkg-config pcscd   (Windows and macOS: nothing)\n  \
         cargo run -p kaigotap-cli --features pcsc -- readers",
        "\nこのビルドは実物のリーダーに対応していません。対応するには：\n  \
         Debian、Ubuntu： apt-get install libpcsclite-dev pkg-config pcscd （Windows、macOSでは不要）\n  \
         cargo run -p kaigotap-cli --features pcsc -- readers",
    ));
    report.object(&json!({ "readers": [], "simulator": SIMULATOR, "pcsc": false }));
    Ok(())
}

#[cfg(not(feature = "pcsc"))]
pub(crate) fn not_built_in(named: Option<&str>) -> Stop {
    if let Some(named) = named.filter(|named| named.to_lowercase().starts_with("sim")) {
        return Stop::input(
            "reader_unknown",
            format!("There is no reader {named:?}."),
            "The virtual card is --reader simulator; see: kaigotap readers",
        )
        .about(named);
    }
    Stop::input(
        "pcsc_not_built_in",
        "This build has no support for real readers.",
        "Use --reader simulator, or see: kaigotap readers",
    )
}
