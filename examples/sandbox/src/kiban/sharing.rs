//! Who may see what: the kinds of information, the table of those who share them (介護保険部会 第123回 資料7, last slide), and
//! the gates before it.

use crate::base::refusal::Refusal;

/// A kind of information.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 要介護認定情報
    Certification,
    /// 認定調査票
    Survey,
    /// 主治医意見書
    DoctorOpinion,
    /// 住宅改修費・福祉用具購入費
    Housing,
    /// ケアプラン第1・2・3・6・7表
    CarePlan,
    /// LIFE
    Life,
}

/// What a cell of the table says of whoever sees a kind of information.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// They make it.
    Creator,
    /// They have it already.
    Shared,
    /// They have it from now on, with the person's consent.
    Consent,
    /// They do not have it.
    None,
}

/// Who looks, as far as the table tells them apart. What facilities get comes through the platform, and nothing does without
/// the person's consent; for them every cell but an empty one opens alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// Plans the person's care (居宅介護支援, 介護予防支援).
    Planner,
    /// Gives care, and writes 主治医意見書, too (老健, 介護医療院).
    CareWithPhysician,
    /// Gives care.
    Care,
    /// 医療機関
    Medical,
}

/// Whether the physician agreed to the sharing of what they wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Physician {
    Agreed,
    Refused,
    /// Nobody knows: it is not shared.
    Unknown,
}

/// How far an insurer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connection {
    NotConnected,
    /// Its data are there; the day from which it uses the platform has not come (初期セットアップ完了). They can be seen.
    SetUp,
    Live,
}

/// Somebody looks at something.
pub(crate) struct Viewing {
    pub(crate) kind: Kind,
    pub(crate) viewer: Viewer,
    /// They made it.
    pub(crate) creator: bool,
    pub(crate) consent: bool,
    pub(crate) physician: Physician,
    pub(crate) insurer: Connection,
}

/// The columns of the table.
pub(crate) const COLUMNS: [&str; 7] = [
    "user",
    "municipality",
    "care_management",
    "creator",
    "other_facility",
    "medical_creator",
    "medical_other",
];

use Share::{Consent, Creator, None as Not, Shared};

/// The table.
pub(crate) const TABLE: [(Kind, [Share; 7]); 6] = [
    (Kind::Certification, [Shared, Creator, Shared, Shared, Shared, Shared, Shared]),
    (Kind::Survey, [Not, Creator, Consent, Not, Not, Not, Not]),
    (Kind::DoctorOpinion, [Not, Shared, Consent, Creator, Not, Creator, Not]),
    (Kind::Housing, [Consent, Creator, Consent, Not, Not, Not, Not]),
    (Kind::CarePlan, [Shared, Consent, Creator, Shared, Shared, Consent, Consent]),
    (Kind::Life, [Consent, Consent, Consent, Creator, Consent, Consent, Consent]),
];

impl Kind {
    /// As tables and answers name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Certification => "certification",
            Self::Survey => "survey",
            Self::DoctorOpinion => "doctor_opinion",
            Self::Housing => "housing",
            Self::CarePlan => "care_plan",
            Self::Life => "life",
        }
    }

    /// The kind of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        TABLE.iter().map(|(kind, _)| *kind).find(|kind| kind.name() == name)
    }

    fn cell(self, column: &str) -> Share {
        let row = TABLE.iter().find(|(kind, _)| *kind == self).map(|(_, row)| row);
        let at = COLUMNS.iter().position(|known| *known == column);
        row.zip(at).and_then(|(row, at)| row.get(at)).copied().unwrap_or(Share::None)
    }
}

impl Viewer {
    /// What the table says to this viewer.
    fn share(self, kind: Kind, creator: bool) -> Share {
        kind.cell(match (self, creator) {
            (Self::Planner, _) => "care_management",
            (Self::Medical, true) => "medical_creator",
            (Self::Medical, false) => "medical_other",
            // Of those who give care only some write 主治医意見書.
            (Self::Care, true) if kind == Kind::DoctorOpinion => "other_facility",
            (Self::Care | Self::CareWithPhysician, true) => "creator",
            (Self::Care | Self::CareWithPhysician, false) => "other_facility",
        })
    }
}

/// Whether anything of a person is served.
pub(super) fn open(insurer: Connection, consent: bool) -> Result<(), Refusal> {
    match insurer {
        Connection::NotConnected => Err(Refusal::InsurerNotConnected),
        Connection::SetUp | Connection::Live if !consent => Err(Refusal::ConsentRequired),
        Connection::SetUp | Connection::Live => Ok(()),
    }
}

/// Whether somebody may look at something: insurer, consent, table, physician, in this order.
pub(crate) fn may_view(viewing: &Viewing) -> Result<(), Refusal> {
    open(viewing.insurer, viewing.consent)?;
    if viewing.viewer.share(viewing.kind, viewing.creator) == Share::None {
        return Err(Refusal::NotShared);
    }
    let agreed = viewing.physician == Physician::Agreed;
    if viewing.kind == Kind::DoctorOpinion && !agreed {
        return Err(Refusal::PhysicianConsentRequired);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_that_of_the_file() {
        let file = include_str!("../../../../tests/vectors/rules/sharing.csv");
        let mut lines = file.lines();
        let head: Vec<&str> = lines.next().unwrap().split(',').collect();
        assert_eq!((head[0], &head[1..]), ("kind", &COLUMNS[..]));
        let mut cells = 0;
        for line in lines {
            let line: Vec<&str> = line.split(',').collect();
            let kind = Kind::named(line[0]).unwrap();
            assert_eq!(line.len(), head.len());
            for (column, cell) in COLUMNS.iter().zip(&line[1..]) {
                let said = match *cell {
                    "creator" => Share::Creator,
                    "shared" => Share::Shared,
                    "consent" => Share::Consent,
                    "none" => Share::None,
                    other => panic!("{other}"),
                };
                assert_eq!(kind.cell(column), said, "{} {column}", line[0]);
                cells += 1;
            }
        }
        assert_eq!(cells, TABLE.len() * COLUMNS.len());
    }
}
