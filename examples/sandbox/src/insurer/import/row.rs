//! A row of an import file, and what can be wrong with it.

use csv::StringRecord;
use jiff::civil::Date;
use serde::de::DeserializeOwned;

use super::Subject;
use crate::insurer::{BurdenRatio, CareLevel, CareLevelCode, LimitCertificate, LimitStage, Person};

/// The columns, in their order; the first line names them. The first, `change`, is there in a file of changes only.
pub(super) const COLUMNS: [&str; 17] = [
    "change",
    "insurer_number",
    "insurer_name",
    "insured_number",
    "name_kana",
    "birth_date",
    "sex",
    "consent",
    "care_level",
    "care_from",
    "care_until",
    "burden_percent",
    "burden_from",
    "burden_until",
    "limit_stage",
    "limit_from",
    "limit_until",
];

/// What is wrong with a field. Of what stands in it, nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// The first line does not name the columns, or a line has not as many.
    Columns,
    /// Not UTF-8.
    Encoding,
    /// Not as many digits as it has to have.
    Digits,
    /// Nothing, where there has to be something.
    Empty,
    /// Not a name in full-width katakana; foreign names may have Latin letters.
    Kana,
    /// Not a date as in 2026-04-01, or for a birth in one of its forms.
    Date,
    /// Not one of the values that there are.
    Value,
    /// A period that ends before it begins.
    Period,
    /// Of things that go together, one alone.
    Apart,
    /// A row of an insurer for whom nothing is brought in.
    OtherInsurer,
    /// Not after the row before. Rows ascend by insurer and number, each person once.
    Order,
}

impl Flaw {
    /// Its name, which stays the same.
    pub fn code(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Encoding => "encoding",
            Self::Digits => "digits",
            Self::Empty => "empty",
            Self::Kana => "kana",
            Self::Date => "date",
            Self::Value => "value",
            Self::Period => "period",
            Self::Apart => "apart",
            Self::OtherInsurer => "other_insurer",
            Self::Order => "order",
        }
    }
}

/// What is wrong with a row: the column, and what.
pub(super) type Found = (&'static str, Flaw);

/// What a row wants.
pub(super) enum Row {
    Put(Box<Person>),
    Remove { insurer: String, number: String },
}

impl Row {
    /// Insurer and number.
    pub(super) fn key(&self) -> (&str, &str) {
        match self {
            Self::Put(person) => (&person.insurer_number, &person.insured_number),
            Self::Remove { insurer, number } => (insurer, number),
        }
    }

    /// Reads a row.
    pub(super) fn read(record: &StringRecord, subject: &Subject<'_>) -> Result<Self, Vec<Found>> {
        let columns = subject.kind.columns();
        if record.len() != columns.len() {
            return Err(vec![("", Flaw::Columns)]);
        }
        let mut fields = Fields { record, first: COLUMNS.len() - columns.len(), found: Vec::new() };
        let removes = fields.first == 0
            && fields.one("change", |said| match said {
                "put" => Ok(false),
                "remove" => Ok(true),
                _ => Err(Flaw::Value),
            })?;
        let insurer = fields.digits("insurer_number", 6);
        let number = fields.digits("insured_number", 10);
        if insurer.as_ref().is_some_and(|said| !subject.insurers.iter().any(|known| known == said))
        {
            fields.found.push(("insurer_number", Flaw::OtherInsurer));
        }
        if removes {
            return match (insurer, number) {
                (Some(insurer), Some(number)) if fields.found.is_empty() => {
                    Ok(Self::Remove { insurer, number })
                }
                _ => Err(fields.found),
            };
        }
        let insurer_name = fields.text("insurer_name", |_| true);
        let name_kana = fields.text("name_kana", is_kana);
        let birth_date = fields.may("birth_date", |said| said.parse().map_err(|_| Flaw::Date));
        let sex = fields.may("sex", coded);
        let consent = fields.may("consent", |said| match said {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Flaw::Value),
        });
        let care_level = fields.period(["care_level", "care_from", "care_until"], |said| {
            match coded::<CareLevelCode>(said)? {
                CareLevelCode::Other(_) => Err(Flaw::Value),
                code => Ok(code),
            }
        });
        let percent = |said: &str| said.parse().map_err(|_| Flaw::Value);
        let burden = fields.period(["burden_percent", "burden_from", "burden_until"], |said| {
            percent(said).and_then(|percent: u8| match percent {
                0 | 10 | 20 | 30 => Ok(percent),
                _ => Err(Flaw::Value),
            })
        });
        let limit =
            fields.period(["limit_stage", "limit_from", "limit_until"], |said| {
                match coded::<LimitStage>(said)? {
                    LimitStage::Other(_) => Err(Flaw::Value),
                    stage => Ok(stage),
                }
            });
        let person =
            (|| {
                Some(Person {
                    certificate_serials: Vec::new(),
                    name_kana: name_kana?,
                    birth_date: birth_date?,
                    sex: sex?,
                    insurer_number: insurer?,
                    insurer_name: insurer_name?,
                    insured_number: number?,
                    care_level: care_level.map(|(code, valid_from, valid_until)| CareLevel {
                        code,
                        valid_from,
                        valid_until,
                    }),
                    burden_ratio: burden.map(|(percent, valid_from, valid_until)| BurdenRatio {
                        percent,
                        valid_from,
                        valid_until,
                    }),
                    limit_certificate: limit.map(|(stage, valid_from, valid_until)| {
                        LimitCertificate { stage, valid_from, valid_until }
                    }),
                    benefit_limit: None,
                    care_manager: None,
                    information: Vec::new(),
                    medical: None,
                    health_insurance_use: true,
                    insurer_live: true,
                    insurer_connected: true,
                    consent: consent?,
                })
            })();
        match person {
            Some(person) if fields.found.is_empty() => Ok(Self::Put(Box::new(person))),
            _ => Err(fields.found),
        }
    }
}

/// The fields of a row, and what was found of them so far.
struct Fields<'a> {
    record: &'a StringRecord,
    /// Which of all columns is the file's first.
    first: usize,
    found: Vec<Found>,
}

impl Fields<'_> {
    fn said(&self, column: &str) -> &str {
        let at = COLUMNS.iter().position(|known| *known == column);
        at.and_then(|at| self.record.get(at.checked_sub(self.first)?)).unwrap_or_default()
    }

    /// A field without which the rest cannot be read.
    fn one<T>(
        &self,
        column: &'static str,
        read: impl Fn(&str) -> Result<T, Flaw>,
    ) -> Result<T, Vec<Found>> {
        read(self.said(column)).map_err(|flaw| vec![(column, flaw)])
    }

    /// A field; what is wrong with it is noted.
    fn may<T>(
        &mut self,
        column: &'static str,
        read: impl Fn(&str) -> Result<T, Flaw>,
    ) -> Option<T> {
        let read = read(self.said(column));
        read.map_err(|flaw| self.found.push((column, flaw))).ok()
    }

    fn digits(&mut self, column: &'static str, count: usize) -> Option<String> {
        self.may(column, |said| {
            let digits = said.len() == count && said.bytes().all(|byte| byte.is_ascii_digit());
            if digits { Ok(said.to_owned()) } else { Err(Flaw::Digits) }
        })
    }

    fn text(&mut self, column: &'static str, fits: impl Fn(&str) -> bool) -> Option<String> {
        self.may(column, |said| match said {
            "" => Err(Flaw::Empty),
            said if fits(said) => Ok(said.to_owned()),
            _ => Err(Flaw::Kana),
        })
    }

    /// Three fields that are there together, or not at all: something, its first and its last day.
    fn period<T>(
        &mut self,
        columns: [&'static str; 3],
        read: impl Fn(&str) -> Result<T, Flaw>,
    ) -> Option<(T, Date, Date)> {
        if columns.iter().all(|column| self.said(column).is_empty()) {
            return None;
        }
        if let Some(missing) = columns.iter().find(|column| self.said(column).is_empty()) {
            self.found.push((missing, Flaw::Apart));
            return None;
        }
        let [what, from, until] = columns;
        let day = |said: &str| {
            let well_formed = said.len() == 10;
            said.parse().ok().filter(|_| well_formed).ok_or(Flaw::Date)
        };
        let what = self.may(what, read);
        let (first, last): (Option<Date>, Option<Date>) =
            (self.may(from, day), self.may(until, day));
        let (first, last) = first.zip(last)?;
        if last < first {
            self.found.push((until, Flaw::Period));
            return None;
        }
        what.map(|what| (what, first, last))
    }
}

/// A value that has a name in JSON, too.
fn coded<T: DeserializeOwned>(said: &str) -> Result<T, Flaw> {
    serde_json::from_value(said.into()).map_err(|_| Flaw::Value)
}

fn is_kana(said: &str) -> bool {
    said.chars().count() <= 100
        && said.chars().all(|letter| {
            matches!(letter, 'ァ'..='ヺ' | 'ー' | '・' | '　' | ' ' | '-' | '\'' | '.')
                || letter.is_ascii_alphabetic()
        })
}
