//! Kinds of facility (事業所の種別), as far as rules tell them apart.

use super::code::open_code;

open_code! {
    /// Kinds of facility.
    FacilityKind {
        /// 訪問看護
        HomeNursing "home_nursing" "home-visit nursing" "訪問看護",
        /// 訪問介護
        HomeCare "home_care" "home-visit care" "訪問介護",
        /// 通所介護・通所リハビリテーション
        DayCare "day_care" "day care" "通所",
        /// 居宅介護支援
        CareManagement "care_management" "care management" "居宅介護支援",
        /// 介護予防支援（地域包括支援センター）
        PreventiveSupport "preventive_support" "preventive support" "介護予防支援",
        /// 介護老人福祉施設（特別養護老人ホーム）
        Facility "facility" "nursing home" "施設",
        /// 介護老人保健施設
        HealthFacility "health_facility" "health facility" "老健",
        /// 介護医療院
        MedicalFacility "medical_facility" "integrated medical facility" "介護医療院",
        /// 居住系: 特定施設、グループホーム
        Residential "residential" "residential care" "居住系",
        /// 医療機関
        Medical "medical" "medical institution" "医療機関",
    }
}
