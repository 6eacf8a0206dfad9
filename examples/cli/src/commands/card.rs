//! `kaigotap card …`

use std::path::Path;

use base64ct::{Base64, Encoding};
use kaigotap::card::{self, Credential, PinKind};
use kaigotap::link::{NoHttp, run as drive};
use serde_json::json;

use super::card_link;
use crate::arguments::{Card, CardQuestion, PinOptions, Purpose, ReaderOptions};
use crate::report::{Report, Stop};
use crate::terminal::Terminal;

pub(crate) fn run(command: &Card, report: Report) -> Result<(), Stop> {
    match &command.question {
        CardQuestion::Status { reader } => status(reader, report),
        CardQuestion::Certificate { reader, pin, purpose, out } => {
            certificate(reader, pin, *purpose, out.as_deref(), report)
        }
    }
}

fn status(reader: &ReaderOptions, report: Report) -> Result<(), Stop> {
    let mut link = card_link(reader)?;
    let no_pin = PinOptions { pin_fd: None, last_try: false };
    let mut screen = Terminal::new(report, &no_pin, false)?;
    let status = drive(card::status(), &mut *link, &mut NoHttp, &mut screen)??;

    let pins = [
        (
            PinKind::Authentication,
            "authentication",
            report.text("Authentication PIN", "利用者証明用の暗証番号"),
        ),
        (PinKind::Signature, "signature", report.text("Signature password", "署名用パスワード")),
    ];
    report.line(report.text("My Number Card", "マイナンバーカード"));
    let mut object = json!({ "card": "my_number_card" });
    for (pin, key, name) in pins {
        let left = status.tries_left(pin);
        let told = match left {
            0 => report
                .text("locked; only the town hall unlocks it", "ロック中（市区町村の窓口で解除）")
                .to_owned(),
            left => {
                format!("{left}/{} {}", pin.max_tries(), report.text("tries left", "回まで入力可"))
            }
        };
        report.line(format!("  {name}: {told}"));
        object["pins"][key] = json!({ "tries_left": left, "locked": status.is_locked(pin) });
    }
    report.object(&object);
    Ok(())
}

fn certificate(
    reader: &ReaderOptions,
    pin: &PinOptions,
    purpose: Purpose,
    out: Option<&Path>,
    report: Report,
) -> Result<(), Stop> {
    let mut link = card_link(reader)?;
    // Progress would mix with the certificate on standard output.
    let quiet = Report { json: true, ..report };
    let mut screen = Terminal::new(quiet, pin, false)?;
    let credential = match purpose {
        Purpose::Authentication => Credential::Authentication,
        Purpose::Signature => Credential::Signature,
    };
    let der = drive(card::certificate(credential), &mut *link, &mut NoHttp, &mut screen)??;
    if let Some(file) = out {
        std::fs::write(file, &*der).map_err(|error| {
            Stop::input(
                "file_not_written",
                format!("{}: {error}", file.display()),
                "Choose another file.",
            )
        })?;
        report.line(format!(
            "{} {}",
            der.len(),
            report.text("bytes written", "バイトを書き込みました")
        ));
        report.object(&json!({ "bytes": der.len(), "file": file }));
        return Ok(());
    }
    let base64 = Base64::encode_string(&der);
    if report.json {
        report.object(&json!({ "bytes": der.len(), "der": base64 }));
        return Ok(());
    }
    println!("-----BEGIN CERTIFICATE-----");
    for line in base64.as_bytes().chunks(64) {
        println!("{}", String::from_utf8_lossy(line));
    }
    println!("-----END CERTIFICATE-----");
    Ok(())
}
