//! What it costs to bring a municipality's insured persons in: the second part of `docs/benchmarks/visit.md`.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Args;
use kaigotap_sandbox::{Database, ImportDesk, ImportKind};
use serde::{Deserialize, Serialize};

use crate::Result;

const INSURER: &str = "990099";
const COLUMNS: &str = "insurer_number,insurer_name,insured_number,name_kana,birth_date,sex,consent,\
    care_level,care_from,care_until,burden_percent,burden_from,burden_until,\
    limit_stage,limit_from,limit_until";

/// One file, brought in by a process of its own, so that its memory can be told.
#[derive(Args)]
pub(crate) struct Bring {
    #[arg(long)]
    database: PathBuf,
    #[arg(long)]
    file: PathBuf,
    #[arg(long)]
    changes: bool,
}

/// What a process used.
#[derive(Serialize, Deserialize)]
struct Used {
    rows: u64,
    seconds: f64,
    /// At its most.
    resident_kb: u64,
}

/// Brings a file in, and tells on standard output what it took.
pub(crate) fn bring(arguments: &Bring) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let kind = if arguments.changes { ImportKind::Changes } else { ImportKind::Full };
    let database = Database::File(arguments.database.clone());
    let began = Instant::now();
    let told = runtime.block_on(async {
        let desk = ImportDesk::open(&database).await?;
        let insurers = [INSURER.to_owned()];
        desk.import(&arguments.file, kind, &insurers, &mut |_| {})
            .await
            .map_err(crate::Failed::from)
    })?;
    if told.found > 0 {
        return Err(format!("{:?}", told.findings).into());
    }
    let seconds = began.elapsed().as_secs_f64();
    let used = Used { rows: told.rows, seconds, resident_kb: most_resident()? };
    println!("{}", serde_json::to_string(&used)?);
    Ok(())
}

/// The most memory that this process had, from `/proc`.
fn most_resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?;
    Ok(kilobytes.parse()?)
}

/// Measures: a tenth, everybody, and a day's changes; printed as a part of a document.
pub(crate) fn measure(persons: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    let tenth = written(&at("tenth.csv"), false, 1, persons / 10)?;
    let small = brought(&at("small"), &tenth, false)?;
    let whole = written(&at("whole.csv"), false, 1, persons)?;
    let full = brought(&at("platform"), &whole, false)?;
    let again = brought(&at("platform"), &whole, false)?;
    // Spread over all of them, as a day's changes are.
    let day = written(&at("day.csv"), true, persons / 10_000, persons)?;
    let changes = brought(&at("platform"), &day, true)?;
    let size = fs::metadata(at("platform"))?.len();

    println!("## Bringing insured persons in\n");
    println!(
        "`kaigotap sandbox import`'s own work ([import.md](../import.md)), each file in a process of its own, into an SQLite file: \
         looked\nthrough as a whole, then written two thousand rows at a time. Figures are measured and vary.\n"
    );
    println!("| | rows | seconds | rows a second | resident, at most |");
    println!("|---|---:|---:|---:|---:|");
    for (name, used) in [
        ("a tenth of it", &small),
        ("everybody (初期セットアップ)", &full),
        ("the same file once more", &again),
        ("a day's changes", &changes),
    ] {
        let rows = f64::from(u32::try_from(used.rows).unwrap_or(u32::MAX));
        println!(
            "| {name} | {} | {:.1} | {:.0} | {} MB |",
            used.rows,
            used.seconds,
            rows / used.seconds,
            used.resident_kb / 1024
        );
    }
    println!("\nThe database has {} bytes for each person then.", size / persons.max(1));
    Ok(())
}

/// A file with every n-th person.
fn written(file: &Path, changes: bool, step: u64, until: u64) -> Result<PathBuf> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "{}{COLUMNS}", if changes { "change," } else { "" })?;
    let families = ["サトウ", "スズキ", "タカハシ", "タナカ", "イトウ", "ワタナベ", "ヤマモト"];
    let given = ["ハナコ", "タロウ", "キヨ", "イサム", "フミ", "シゲル", "トミ", "ヨシオ", "ミツ"];
    for n in (step..=until).step_by(usize::try_from(step)?) {
        let at = usize::try_from(n)?;
        let (family, given) = (families[at % families.len()], given[at / 7 % given.len()]);
        let (year, month, day) = (1_920 + n % 40, 1 + n / 40 % 12, 1 + n / 480 % 28);
        let sex = if n.is_multiple_of(2) { "female" } else { "male" };
        writeln!(
            out,
            "{}{INSURER},見本市,{n:010},{family}　{given},{year}-{month:02}-{day:02},{sex},yes,\
             care_{},2026-04-01,2027-03-31,10,2026-08-01,2027-07-31,,,",
            if changes { "put," } else { "" },
            1 + n % 5
        )?;
    }
    out.flush()?;
    Ok(file.to_owned())
}

fn brought(database: &Path, file: &Path, changes: bool) -> Result<Used> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bring").arg("--database").arg(database).arg("--file").arg(file);
    if changes {
        command.arg("--changes");
    }
    let output = command.stderr(Stdio::inherit()).output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}
