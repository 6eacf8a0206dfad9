//! `kaigotap virtual-card`

use kaigotap_virtual_card::plug::{self, PlugError, StopFlag, Unplugged};
use serde_json::json;

use super::virtual_card;
use crate::arguments::VirtualCard;
use crate::interrupt;
use crate::report::{Report, Stop};

pub(crate) fn run(command: &VirtualCard, report: Report) -> Result<(), Stop> {
    let mut card = virtual_card(&command.card)?;
    let stop = StopFlag::default();
    let asked = stop.clone();
    interrupt::then(move || asked.stop());
    report.line(format!(
        "{} {} ({}) → {}",
        report.text("Virtual card of", "仮想カード："),
        card.person().id,
        card.behaviour(),
        command.vpcd
    ));
    report.line(report.text("Ctrl-C pulls it.", "Ctrl-Cで取り外します。"));
    let unplugged = plug::run(&mut card, command.vpcd, &stop).map_err(|error| {
        let (code, next_action) = match error {
            PlugError::NotLoopback(_) => ("not_loopback", "Give an address of this machine."),
            PlugError::NothingListening(_) => (
                "no_virtual_reader",
                "Start pcscd with the virtual reader (Debian: vsmartcard-vpcd, pcscd).",
            ),
            _ => ("virtual_reader_lost", "Start it again."),
        };
        Stop::input(code, error.to_string(), next_action)
    })?;
    let meter = card.meter();
    report.line(format!(
        "{}: {} {}, {} → {} ←",
        match unplugged {
            Unplugged::Torn => report.text("Torn away", "途中で離れました"),
            Unplugged::Stopped => report.text("Pulled", "取り外しました"),
        },
        meter.commands,
        report.text("commands, bytes", "コマンド、バイト"),
        meter.bytes_to_card,
        meter.bytes_from_card
    ));
    report.object(&json!({
        "unplugged": match unplugged { Unplugged::Torn => "torn", Unplugged::Stopped => "stopped" },
        "apdus": meter.commands,
        "bytes_to_card": meter.bytes_to_card,
        "bytes_from_card": meter.bytes_from_card,
        "verify_attempts": meter.verify_attempts,
    }));
    Ok(())
}
