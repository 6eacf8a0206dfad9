//! `kaigotap visit --offline`: what is proved is kept until it can be sent.

use std::path::Path;

use kaigotap::exchange::{Entropy, Way};
use kaigotap::link::{Drivers, NoHttp, run as drive};
use kaigotap::visit::{self, Plan, Waits};
use serde_json::json;

use super::{SIMULATOR, card_link};
use crate::arguments::Visit;
use crate::dates;
use crate::enrolment::{Enrolment, keys_of, seed};
use crate::journal::{self, DeviceJournal};
use crate::report::{Report, Stop};
use crate::terminal::Terminal;

pub(super) fn run(
    (command, file): (&Visit, &Path),
    enrolment: &Enrolment,
    plan: Plan,
    report: Report,
) -> Result<(), Stop> {
    let mut journal = DeviceJournal::open(file)?;
    let mut card = card_link(&command.reader, report)?;
    let mut screen = Terminal::new(report, &command.pin, command.face_confirmed)?;
    let is_virtual = command.virtual_card || command.reader.reader.as_deref() == Some(SIMULATOR);
    let environment = enrolment.offline(is_virtual, journal.key()?, Entropy::new(&*seed()?))?;
    let plan =
        if screen.is_person() || screen.is_program() { plan.offering(Way::ALL) } else { plan };
    let flow = visit::start_offline(plan, environment, &command.label)?;
    let mut keys = keys_of(file)?;
    let mut http = NoHttp;
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen)
        .with_key(&mut keys)
        .with_store(&mut journal.store);
    let waits = drive(flow, &mut drivers)?.map_err(Stop::from);
    let waits = screen.explain(waits)?;
    journal.marked(waits.mark)?;
    journal::tell(&waits.findings, report);
    tell(&waits, file, !command.also_for.is_empty(), report);
    Ok(())
}

fn tell(waits: &Waits, file: &Path, for_more: bool, r: Report) {
    let until = dates::moment(waits.expires, r.language);
    r.line("");
    r.line(r.text(
        "  Waits to be sent. The person is not confirmed yet, and nothing of the platform is known here.",
        "  送信待ち：確認はまだ完了していません（介護情報基盤の情報は表示されません）。",
    ));
    r.line(r.either(
        || format!("  Send it by {until}:"),
        || format!("  {until} までに送信してください："),
    ));
    r.line(format!("  kaigotap journal send --enrolment {}", file.display()));
    if for_more {
        r.line(r.either(
            || format!("  Then: kaigotap journal note --visit {} --enrolment {}", waits.number, file.display()),
            || {
                let (number, file) = (waits.number, file.display());
                format!("  同意や届出を付けるには：kaigotap journal note --visit {number} --enrolment {file}")
            },
        ));
    }
    if waits.clock_set {
        r.line(r.text(
            "  The date of this computer was changed since the tickets were fetched: set it right. The visit is not affected.",
            "  持ち出しの取得後に、このパソコンの日時が変えられています。正しく直してください（この確認への影響はありません）。",
        ));
    }
    r.line("");
    r.object(&json!({
        "outcome": "waiting",
        "number": waits.number,
        "id": waits.id,
        "method": waits.way,
        "claimed_at": waits.claimed_at,
        "expires": waits.expires,
        "clock_set": waits.clock_set,
        "findings": journal::found(&waits.findings),
    }));
}
