//! How a municipality brings its insured persons in: everybody at first (初期セットアップ), then what changes from day to day.
//!
//! A file is looked through before anything of it is written, and read row by row, so that memory stays the same however long
//! it is. What was written is noted with it: an import that was stopped goes on where it was, and one that was done is done.

mod row;

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use ring::digest::{Context, SHA256};
use sqlx::Row as _;

pub use row::Flaw;
use row::{COLUMNS, Row};

use super::{Insurer, day_of, record};
use crate::base::database::Result as Stored;
use crate::kiban::Brought;

/// So many rows are written at once or not at all.
const AT_ONCE: usize = 2_000;
/// So many findings are told; all are counted.
const TOLD: usize = 1_000;
/// Go-live is so many days after the set-up, during which everything is visible already.
const UNTIL_LIVE: i32 = 7;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// Everybody: whoever is not in it is nobody's any more.
    Full,
    /// What has changed: rows to be put and rows to be removed.
    Changes,
}

impl ImportKind {
    fn columns(self) -> &'static [&'static str] {
        let first = usize::from(self == Self::Full);
        COLUMNS.get(first..).unwrap_or_default()
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Changes => "changes",
        }
    }
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFinding {
    /// Its line as a table shows it: the one with the names of the columns is 1.
    pub row: u64,
    /// The column, or empty if it is the row as a whole.
    pub field: &'static str,
    /// What.
    pub flaw: Flaw,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportProgress {
    /// So many rows were looked at.
    Checked(u64),
    /// So many rows of so many are written.
    Written(u64, u64),
}

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows in the file, without the names of the columns.
    pub rows: u64,
    /// What is wrong with it: the first thousand. If there is any, nothing was written.
    pub findings: Vec<ImportFinding>,
    /// How many there are in all.
    pub found: u64,
    /// The rows with which it went on, if it had been stopped before.
    pub resumed_at: Option<u64>,
    /// This file was the last one, and had been brought in as a whole: nothing was to be done.
    pub was_done: bool,
    /// How many persons are nobody's any more.
    pub removed: u64,
    /// When the insurer's set-up was complete (初期セットアップ完了): from then on its data are visible.
    pub set_up_at: Option<Timestamp>,
    /// The first day that is published for its use (利用開始日).
    pub live_on: Option<Date>,
}

/// Why an import came to no end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    File(#[from] io::Error),
    /// The file is another than the one that was looked through.
    #[error("the file was changed meanwhile")]
    FileChanged,
    /// Another process imports the same.
    #[error("another process imports it now")]
    Elsewhere,
    /// Changes, and nobody whom they could be about.
    #[error("there is no full set yet for the changes")]
    NotSetUp,
    /// Changes, while another import of these insurers was stopped in its middle.
    #[error("another import was stopped in its middle: bring it to its end first, or a full set")]
    Unfinished,
    /// The database does not do its part.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
}

/// What is brought in.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    Path(&'a Path),
    /// A file that nobody else has.
    Unnamed(&'a File),
}

impl Source<'_> {
    /// From its beginning.
    fn open(self) -> io::Result<BufReader<File>> {
        let file = match self {
            Self::Path(path) => File::open(path)?,
            Self::Unnamed(file) => {
                let mut file = file.try_clone()?;
                file.rewind()?;
                file
            }
        };
        Ok(BufReader::new(file))
    }
}

/// For whom a file is, and what it holds.
pub(super) struct Subject<'a> {
    kind: ImportKind,
    /// One number; a union (広域連合) that has no number of its own has those of its members.
    insurers: &'a [String],
}

/// An import on record.
struct Noted {
    generation: i64,
    done: u64,
}

/// What a look at the whole file brought.
struct Checked {
    digest: Vec<u8>,
    rows: u64,
    findings: Vec<ImportFinding>,
    found: u64,
}

/// A file from its first row on.
struct Reading<R> {
    rows: csv::Reader<R>,
    before: (String, String),
    record: StringRecord,
}

impl<R: Read> Reading<R> {
    /// The file, if its first line names the columns.
    fn begin(source: R, kind: ImportKind) -> Result<Option<Self>, ImportError> {
        let mut rows = ReaderBuilder::new().has_headers(true).flexible(true).from_reader(source);
        let named = match rows.headers() {
            Ok(names) => names.iter().eq(kind.columns().iter().copied()),
            Err(error) => read_on(error)?,
        };
        Ok(named.then(|| Self { rows, before: Default::default(), record: StringRecord::new() }))
    }

    /// The next row, or what is wrong with it; `None` at the end.
    fn next(
        &mut self,
        subject: &Subject<'_>,
    ) -> Result<Option<Result<Row, Vec<row::Found>>>, ImportError> {
        match self.rows.read_record(&mut self.record) {
            Ok(false) => return Ok(None),
            Ok(true) => {}
            Err(error) => {
                read_on(error)?;
                return Ok(Some(Err(vec![("", Flaw::Encoding)])));
            }
        }
        let mut read = Row::read(&self.record, subject);
        if let Ok(row) = &read {
            let (insurer, number) = row.key();
            let before = (self.before.0.as_str(), self.before.1.as_str());
            if (insurer, number) <= before {
                read = Err(vec![("insured_number", Flaw::Order)]);
            } else {
                self.before = (insurer.to_owned(), number.to_owned());
            }
        }
        Ok(Some(read))
    }
}

/// What is not UTF-8 is a finding; what cannot be read at all ends it.
fn read_on(error: csv::Error) -> Result<bool, ImportError> {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Err(error.into()),
        _ => Ok(false),
    }
}

/// Reads, and digests what it reads.
struct Digesting<'a, R> {
    source: R,
    digest: &'a mut Context,
}

impl<R: Read> Read for Digesting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.digest.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Looks through the whole file.
fn check(
    file: Source<'_>,
    subject: &Subject<'_>,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<Checked, ImportError> {
    let mut digest = Context::new(&SHA256);
    digest.update(subject.kind.code().as_bytes());
    digest.update(subject.insurers.join(",").as_bytes());
    let mut checked = Checked { digest: Vec::new(), rows: 0, findings: Vec::new(), found: 0 };
    let source = Digesting { source: file.open()?, digest: &mut digest };
    match Reading::begin(source, subject.kind)? {
        None => checked.note(1, &[("", Flaw::Columns)]),
        Some(mut reading) => {
            while let Some(row) = reading.next(subject)? {
                checked.rows += 1;
                if let Err(found) = row {
                    checked.note(checked.rows + 1, &found);
                }
                if checked.rows.is_multiple_of(10_000) {
                    progress(ImportProgress::Checked(checked.rows));
                }
            }
        }
    }
    checked.digest = digest.finish().as_ref().to_vec();
    Ok(checked)
}

impl Checked {
    fn note(&mut self, row: u64, found: &[row::Found]) {
        for &(field, flaw) in found {
            self.found += 1;
            if self.findings.len() < TOLD {
                self.findings.push(ImportFinding { row, field, flaw });
            }
        }
    }
}

impl Insurer {
    /// Brings a file in.
    pub(crate) async fn bring(
        &self,
        file: Source<'_>,
        kind: ImportKind,
        insurers: &[String],
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> Result<ImportReport, ImportError> {
        let subject = Subject { kind, insurers };
        let checked = check(file, &subject, progress)?;
        let mut report = ImportReport {
            rows: checked.rows,
            findings: checked.findings,
            found: checked.found,
            resumed_at: None,
            was_done: false,
            removed: 0,
            set_up_at: None,
            live_on: None,
        };
        if report.found > 0 {
            return Ok(report);
        }
        let Some(noted) = self.begin(&subject, &checked.digest).await? else {
            report.was_done = true;
            self.tell_set_up(insurers, &mut report).await?;
            return Ok(report);
        };
        report.resumed_at = (noted.done > 0).then_some(noted.done);
        let first = self.set_up(insurers).await?.is_none();
        report.removed = self.write(file, &subject, &noted, report.rows, !first, progress).await?;
        report.removed += self.end(&subject, &noted, first).await?;
        self.tell_set_up(insurers, &mut report).await?;
        Ok(report)
    }

    /// Notes that an import begins or goes on; `None` if it is over already and nothing came after it.
    async fn begin(
        &self,
        subject: &Subject<'_>,
        digest: &[u8],
    ) -> Result<Option<Noted>, ImportError> {
        let whose = subject.insurers.join(",");
        let mut transaction = self.base.store.begin_alone().await?;
        let last = sqlx::query(
            "SELECT number, digest, done, finished_at FROM insurer_import WHERE insurers = $1 \
             ORDER BY number DESC LIMIT 1",
        )
        .bind(&whose)
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(last) = last {
            let same = last.try_get::<Vec<u8>, _>("digest")? == digest;
            let over = last.try_get::<Option<i64>, _>("finished_at")?.is_some();
            match (same, over) {
                (true, true) => return Ok(None),
                (true, false) => {
                    let done = last.try_get::<i64, _>("done")?;
                    return Ok(Some(Noted {
                        generation: last.try_get("number")?,
                        done: u64::try_from(done).unwrap_or(0),
                    }));
                }
                (false, false) if subject.kind == ImportKind::Changes => {
                    return Err(ImportError::Unfinished);
                }
                (false, _) => {}
            }
        } else if subject.kind == ImportKind::Changes {
            return Err(ImportError::NotSetUp);
        }
        let number: i64 = sqlx::query_scalar(
            "INSERT INTO insurer_import (insurers, kind, digest, done, started_at) \
             VALUES ($1, $2, $3, 0, $4) RETURNING number",
        )
        .bind(&whose)
        .bind(subject.kind.code())
        .bind(digest)
        .bind(self.base.now())
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Some(Noted { generation: number, done: 0 }))
    }

    /// Writes what is not written yet; how many persons were removed by it.
    async fn write(
        &self,
        file: Source<'_>,
        subject: &Subject<'_>,
        noted: &Noted,
        rows: u64,
        connected: bool,
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> Result<u64, ImportError> {
        let source = file.open()?;
        let mut reading = Reading::begin(source, subject.kind)?.ok_or(ImportError::FileChanged)?;
        let (mut at, mut done, mut removed) = (0, noted.done, 0);
        let mut put = Vec::with_capacity(AT_ONCE);
        let mut gone = Vec::new();
        loop {
            let next = reading.next(subject)?;
            let ended = next.is_none();
            if let Some(row) = next {
                let row = row.map_err(|_| ImportError::FileChanged)?;
                at += 1;
                // Written before.
                if at <= noted.done {
                    continue;
                }
                let (insurer, number) = row.key();
                let link_number = self.qualification.link_number(insurer, number);
                match row {
                    Row::Put(person) => put.push((link_number, person)),
                    Row::Remove { .. } => gone.push(link_number),
                }
            }
            if at > done && (ended || at - done >= AT_ONCE as u64) {
                removed += self.write_some(noted, (done, at), &put, &gone, connected).await?;
                done = at;
                put.clear();
                gone.clear();
                progress(ImportProgress::Written(done, rows));
            }
            if ended {
                break;
            }
        }
        if done == rows { Ok(removed) } else { Err(ImportError::FileChanged) }
    }

    /// Writes some rows, and that they are written.
    async fn write_some(
        &self,
        noted: &Noted,
        (from, to): (u64, u64),
        put: &[(String, Box<super::Person>)],
        gone: &[String],
        connected: bool,
    ) -> Result<u64, ImportError> {
        let number = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        let mut transaction = self.base.store.begin().await?;
        let step =
            sqlx::query("UPDATE insurer_import SET done = $3 WHERE number = $1 AND done = $2")
                .bind(noted.generation)
                .bind(number(from))
                .bind(number(to))
                .execute(&mut *transaction)
                .await?;
        if step.rows_affected() != 1 {
            return Err(ImportError::Elsewhere);
        }
        let links: Vec<_> = put.iter().map(|(link_number, _)| link_number.as_str()).collect();
        self.qualification.enter(&mut transaction, &links).await?;
        let pmh_ids = self.pmh.assign_all(&mut transaction, &links).await?;
        let people = put.iter().zip(pmh_ids).map(|((_, person), pmh_id)| Brought {
            pmh_id,
            insurer: person.insurer_number.clone(),
            consent: person.consent,
            record: record(person),
        });
        let people: Vec<_> = people.collect();
        self.kiban.bring(&mut transaction, &people, noted.generation, connected).await?;
        let mut removed = 0;
        for link_number in gone {
            if let Some(pmh_id) = self.pmh.identifier_in(&mut transaction, link_number).await? {
                removed += self.kiban.remove(&mut transaction, &pmh_id).await?;
            }
        }
        transaction.commit().await?;
        Ok(removed)
    }

    /// Ends an import: after a full set, whoever was not in it is nobody's any more, and the insurer is there.
    async fn end(
        &self,
        subject: &Subject<'_>,
        noted: &Noted,
        first: bool,
    ) -> Result<u64, ImportError> {
        let now = self.base.now();
        let mut removed = 0;
        let mut transaction = self.base.store.begin_alone().await?;
        if subject.kind == ImportKind::Full {
            let live_on = day_of(now).saturating_add(UNTIL_LIVE.days());
            for insurer in subject.insurers {
                let kiban = &self.kiban;
                removed += kiban.remove_others(&mut transaction, insurer, noted.generation).await?;
                if first {
                    kiban.connect(&mut transaction, insurer).await?;
                }
                sqlx::query(
                    "INSERT INTO insurer_setup (insurer_number, set_up_at, live_on) \
                     VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                )
                .bind(insurer)
                .bind(now)
                .bind(live_on.to_string())
                .execute(&mut *transaction)
                .await?;
            }
        }
        self.kiban.settle_consents(&mut transaction, noted.generation, now).await?;
        // Who plans somebody's care is said by facilities, and is not in a municipality's file.
        self.follow_accepted(&mut transaction).await?;
        sqlx::query("UPDATE insurer_import SET finished_at = $2 WHERE number = $1")
            .bind(noted.generation)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(removed)
    }

    /// When all of these were set up, and their go-live; `None` if one is not.
    async fn set_up(&self, insurers: &[String]) -> Stored<Option<(i64, String)>> {
        let mut latest = None;
        for insurer in insurers {
            let set_up: Option<(i64, String)> = sqlx::query_as(
                "SELECT set_up_at, live_on FROM insurer_setup WHERE insurer_number = $1",
            )
            .bind(insurer)
            .fetch_optional(self.base.store.pool())
            .await?;
            match set_up {
                Some(set_up) => latest = latest.max(Some(set_up)),
                None => return Ok(None),
            }
        }
        Ok(latest)
    }

    async fn tell_set_up(&self, insurers: &[String], report: &mut ImportReport) -> Stored<()> {
        if let Some((at, live_on)) = self.set_up(insurers).await? {
            report.set_up_at = Timestamp::from_second(at).ok();
            report.live_on = live_on.parse().ok();
        }
        Ok(())
    }
}
