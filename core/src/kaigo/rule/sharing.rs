//! Who may see what (介護保険部会 第123回 資料7, last slide), as one table.

use crate::kaigo::{FacilityKind, InformationKind};

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Viewer {
    /// The person (利用者).
    User,
    /// Their municipality (市区町村).
    Municipality,
    /// Who writes care plans (居宅介護支援事業所、介護予防支援).
    CareManagement,
    /// The care facility that made it (介護事業所、作成者).
    Creator,
    /// Another care facility.
    OtherFacility,
    /// The medical institution that made it (医療機関、作成者).
    MedicalCreator,
    /// Another medical institution.
    OtherMedical,
}

impl Viewer {
    /// All, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::User,
        Self::Municipality,
        Self::CareManagement,
        Self::Creator,
        Self::OtherFacility,
        Self::MedicalCreator,
        Self::OtherMedical,
    ];

    /// What a facility is to a kind of information, that it made or not. 主治医意見書 is made by 老健 and 介護医療院 only, beside
    /// medical institutions. A kind that is not known is another facility.
    pub fn of(facility: &FacilityKind, kind: &InformationKind, creator: bool) -> Self {
        use FacilityKind::{
            CareManagement, HealthFacility, Medical, MedicalFacility, PreventiveSupport,
        };

        let writes_opinions = matches!(facility, HealthFacility | MedicalFacility);
        match facility {
            CareManagement | PreventiveSupport => Self::CareManagement,
            Medical if creator => Self::MedicalCreator,
            Medical => Self::OtherMedical,
            _ if *kind == InformationKind::DoctorOpinion && !writes_opinions => Self::OtherFacility,
            _ if creator => Self::Creator,
            _ => Self::OtherFacility,
        }
    }
}

/// What the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cell {
    /// Makes it (★).
    Creator,
    /// Sees it already, and on the platform (○).
    Shared,
    /// Sees it from now on, in principle with the person's consent (◎).
    Consent,
    /// Does not see it.
    None,
}

/// One row, in the order of [`Viewer::ALL`].
type Row = (InformationKind, [Cell; 7]);

static TABLE: [Row; 6] = {
    use Cell::{Consent, Creator, None, Shared};

    [
        (InformationKind::Certification, [Shared, Creator, Shared, Shared, Shared, Shared, Shared]),
        (InformationKind::Survey, [None, Creator, Consent, None, None, None, None]),
        (InformationKind::DoctorOpinion, [None, Shared, Consent, Creator, None, Creator, None]),
        (InformationKind::Housing, [Consent, Creator, Consent, None, None, None, None]),
        (InformationKind::CarePlan, [Shared, Consent, Creator, Shared, Shared, Consent, Consent]),
        (InformationKind::Life, [Consent, Consent, Consent, Creator, Consent, Consent, Consent]),
    ]
};

/// What the table says of a kind and who looks at it; nothing of a kind that has no name here.
pub fn cell(kind: &InformationKind, viewer: Viewer) -> Cell {
    let row = TABLE.iter().find(|(known, _)| known == kind);
    let viewers = Viewer::ALL.iter().position(|one| *one == viewer);
    row.zip(viewers).and_then(|((_, cells), at)| cells.get(at).copied()).unwrap_or(Cell::None)
}
