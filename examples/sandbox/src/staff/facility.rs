//! The facilities: which there are, and of which kind each is.

use super::roster::FACILITY_ID;
use crate::base::database::{Result as Stored, Store};

/// The kind of a facility (サービス種類), as far as the platform asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FacilityKind {
    /// 訪問看護
    HomeNursing,
    /// 訪問介護
    HomeCare,
    /// 通所
    DayCare,
    /// 居宅介護支援
    CareManagement,
    /// 介護予防支援（地域包括支援センター）
    PreventiveSupport,
    /// 施設（介護老人福祉施設）
    Facility,
    /// 介護老人保健施設
    HealthFacility,
    /// 介護医療院
    MedicalFacility,
    /// 居住系（特定施設入居者生活介護、認知症対応型共同生活介護）
    Residential,
    /// 医療機関
    Medical,
    /// A kind that is not known here: it may do nothing for which a kind is asked.
    Other,
}

impl FacilityKind {
    /// All that are known here.
    pub const ALL: [Self; 10] = [
        Self::HomeNursing,
        Self::HomeCare,
        Self::DayCare,
        Self::CareManagement,
        Self::PreventiveSupport,
        Self::Facility,
        Self::HealthFacility,
        Self::MedicalFacility,
        Self::Residential,
        Self::Medical,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::HomeNursing => "home_nursing",
            Self::HomeCare => "home_care",
            Self::DayCare => "day_care",
            Self::CareManagement => "care_management",
            Self::PreventiveSupport => "preventive_support",
            Self::Facility => "facility",
            Self::HealthFacility => "health_facility",
            Self::MedicalFacility => "medical_facility",
            Self::Residential => "residential",
            Self::Medical => "medical",
            Self::Other => "other",
        }
    }

    /// The kind of this code.
    pub fn of(code: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.code() == code).unwrap_or(Self::Other)
    }
}

/// A facility that every sandbox knows.
struct Seed {
    id: &'static str,
    kind: FacilityKind,
    name: &'static str,
}

/// All of them; nobody's numbers.
const SEEDS: [Seed; 6] = [
    Seed {
        id: FACILITY_ID, kind: FacilityKind::HomeNursing, name: "架空訪問看護ステーション"
    },
    Seed {
        id: "1370000002", kind: FacilityKind::HomeNursing, name: "模擬訪問看護ステーション"
    },
    Seed {
        id: "1370000003", kind: FacilityKind::CareManagement, name: "架空居宅介護支援事業所"
    },
    Seed {
        id: "1370000004", kind: FacilityKind::HealthFacility, name: "架空介護老人保健施設"
    },
    Seed { id: "1370000005", kind: FacilityKind::HomeCare, name: "架空訪問介護事業所" },
    Seed {
        id: "1370000006",
        kind: FacilityKind::PreventiveSupport,
        name: "架空地域包括支援センター",
    },
];

/// The facilities in the database.
pub(super) struct Facilities<'a>(pub(super) &'a Store);

impl Facilities<'_> {
    /// Enters those that every sandbox knows, unless they are there.
    pub(super) async fn seed(&self) -> Stored<()> {
        for seed in &SEEDS {
            sqlx::query(
                "INSERT INTO staff_facility (id, kind, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(seed.id)
            .bind(seed.kind.code())
            .bind(seed.name)
            .execute(self.0.pool())
            .await?;
        }
        Ok(())
    }

    /// What a facility is called.
    pub(super) async fn name(&self, id: &str) -> Stored<Option<String>> {
        sqlx::query_scalar("SELECT name FROM staff_facility WHERE id = $1")
            .bind(id)
            .fetch_optional(self.0.pool())
            .await
    }

    /// Of which kind a facility is.
    pub(super) async fn kind(&self, id: &str) -> Stored<Option<FacilityKind>> {
        let kind: Option<String> =
            sqlx::query_scalar("SELECT kind FROM staff_facility WHERE id = $1")
                .bind(id)
                .fetch_optional(self.0.pool())
                .await?;
        Ok(kind.map(|kind| FacilityKind::of(&kind)))
    }

    /// Has a facility be of this kind from now on. `false` if there is none.
    pub(super) async fn change(&self, id: &str, kind: FacilityKind) -> Stored<bool> {
        let changed = sqlx::query("UPDATE staff_facility SET kind = $2 WHERE id = $1")
            .bind(id)
            .bind(kind.code())
            .execute(self.0.pool())
            .await?;
        Ok(changed.rows_affected() == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_code_and_a_stranger_is_of_none() {
        for kind in FacilityKind::ALL {
            assert_eq!(FacilityKind::of(kind.code()), kind);
        }
        assert_eq!(FacilityKind::of("of_another_time"), FacilityKind::Other);
        assert!(!FacilityKind::ALL.contains(&FacilityKind::Other));
    }
}
