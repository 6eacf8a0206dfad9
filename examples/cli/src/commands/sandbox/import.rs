//! `kaigotap sandbox import`

use std::io::{IsTerminal, Write};

use kaigotap_sandbox::{
    ImportDesk, ImportError, ImportFlaw, ImportKind, ImportProgress, ImportReport,
};
use serde_json::json;

use crate::arguments::SandboxImport;
use crate::dates;
use crate::report::{Report, Stop};

pub(super) fn run(command: &SandboxImport, report: Report) -> Result<(), Stop> {
    let runtime = super::runtime()?;
    let database = super::kept(&command.store)?;
    let desk = runtime.block_on(ImportDesk::open(&database)).map_err(|error| {
        Stop::input(error.code(), error.to_string(), "Give the database of a sandbox.")
    })?;
    let kind = if command.changes { ImportKind::Changes } else { ImportKind::Full };
    let mut insurers = command.insurers.clone();
    insurers.sort();
    insurers.dedup();
    let shown = std::io::stderr().is_terminal();
    let mut progress = |now: ImportProgress| {
        if shown {
            let (what, rows) = match now {
                ImportProgress::Checked(rows) => (report.text("checked", "確認"), rows),
                ImportProgress::Written(rows, _) => (report.text("written", "登録"), rows),
            };
            let of = match now {
                ImportProgress::Written(_, all) => format!(" / {all}"),
                ImportProgress::Checked(_) => String::new(),
            };
            let _ = write!(std::io::stderr(), "\r{what} {rows}{of}   ");
        }
    };
    let told = runtime.block_on(desk.import(&command.file, kind, &insurers, &mut progress));
    if shown {
        let _ = writeln!(std::io::stderr());
    }
    let told = told.map_err(failed)?;
    say(&told, report);
    let findings: Vec<_> = told
        .findings
        .iter()
        .map(|found| json!({ "row": found.row, "field": found.field, "flaw": found.flaw.code() }))
        .collect();
    report.object(&json!({
        "imported": told.found == 0, "rows": told.rows, "found": told.found, "findings": findings,
        "resumed_at": told.resumed_at, "was_done": told.was_done, "removed": told.removed,
        "set_up_at": told.set_up_at, "live_on": told.live_on,
    }));
    if told.found == 0 { Ok(()) } else { Err(Stop::No) }
}

fn say(told: &ImportReport, report: Report) {
    for found in &told.findings {
        let (row, what) = (found.row.to_string(), sentence(found.flaw, report));
        let field = if found.field.is_empty() {
            report.text("as a whole", "行全体")
        } else {
            found.field
        };
        let form = report.text("row #, @: ", "#行目 @：");
        report.line(format!("{}{what}", form.replace('#', &row).replace('@', field)));
    }
    if told.found > 0 {
        report.line(format!(
            "{} {}",
            told.found,
            report.text(
                "fields are wrong; nothing was written. Mend the file and bring it in again.",
                "か所に誤りがあり、何も登録していません。ファイルを直して、もう一度実行してください。"
            )
        ));
        return;
    }
    if told.was_done {
        report.line(report.text(
            "This file was brought in before, and nothing since.",
            "このファイルは登録済みです（その後の変更はありません）。",
        ));
    } else {
        if let Some(at) = told.resumed_at {
            let went_on = report.text("Went on after row", "前回の続きから再開：済みの行数");
            report.line(format!("{went_on} {at}"));
        }
        let (rows, removed) = (report.text("rows,", "行、"), report.text("removed.", "名を削除"));
        report.line(format!("{} {rows} {} {removed}", told.rows, told.removed));
    }
    if let (Some(at), Some(live)) = (told.set_up_at, told.live_on) {
        let (at, live) = (dates::moment(at, report.language), dates::day(live, report.language));
        report.line(format!("{} {at}", report.text("Set up:", "初期セットアップ完了：")));
        report.line(format!("{} {live}", report.text("Published go-live:", "利用開始日：")));
    }
}

fn sentence(flaw: ImportFlaw, report: Report) -> &'static str {
    match flaw {
        ImportFlaw::Columns => report.text(
            "the columns are not those of the first line, or of docs/import.md",
            "項目の数か並びが違います",
        ),
        ImportFlaw::Encoding => report.text("not UTF-8", "文字コードがUTF-8ではありません"),
        ImportFlaw::Digits => report.text("not as many digits as it has", "数字の桁数が違います"),
        ImportFlaw::Empty => report.text("nothing stands here", "空欄です"),
        ImportFlaw::Kana => {
            report.text("not a name in full-width katakana", "全角カタカナの氏名ではありません")
        }
        ImportFlaw::Date => {
            report.text("not a date as in 2026-04-01", "日付の形が違います（例：2026-04-01）")
        }
        ImportFlaw::Value => report.text("not one of the values", "使えない値です"),
        ImportFlaw::Period => report.text("ends before it begins", "終了日が開始日より前です"),
        ImportFlaw::Apart => {
            report.text("missing, where the others of it are there", "組になる項目が欠けています")
        }
        ImportFlaw::OtherInsurer => {
            report.text("of an insurer who was not named", "指定していない保険者の行です")
        }
        ImportFlaw::Order => report.text(
            "not after the row before: rows ascend, each person once",
            "前の行より後の番号ではありません（番号順、1人1行）",
        ),
        _ => report.text("wrong", "誤りがあります"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: ImportError) -> Stop {
    let (code, next_action) = match &error {
        ImportError::File(_) => ("file_not_read", "Check the file."),
        ImportError::FileChanged => ("file_changed", "Bring it in again when nobody writes to it."),
        ImportError::Elsewhere => ("import_elsewhere", "Wait for it to end."),
        ImportError::NotSetUp => ("not_set_up", "Bring everybody in first, without --changes."),
        ImportError::Unfinished => (
            "import_unfinished",
            "Bring the same file in once more, or everybody, without --changes.",
        ),
        _ => ("database_unavailable", "See that the database can be used, and try again."),
    };
    Stop::input(code, error.to_string(), next_action)
}
