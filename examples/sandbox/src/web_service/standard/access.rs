//! What may be called, by the facility's type of service and the user's job.

use crate::staff::Member;

/// The table: of the national one (annex 4) only that there is one is known here.
const TABLE: &str = include_str!("access.csv");

/// Whether somebody may call a function, by the name of its column.
pub(super) fn allows(member: &Member, function: &str) -> bool {
    let mut rows = TABLE.lines().map(|line| line.split(','));
    let at = rows.next().and_then(|mut head| head.position(|name| name == function));
    let Some(at) = at else { return false };
    rows.filter_map(|mut row| {
        let is = row.next()? == member.facility_kind.code() && row.next()? == member.role.code();
        if is { row.nth(at.checked_sub(2)?) } else { None }
    })
    .any(|cell| cell == "yes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::{FacilityKind, Role};

    #[test]
    fn every_kind_of_facility_and_every_job_has_its_row() {
        let member = |facility_kind, role| Member {
            id: String::new(),
            facility_id: String::new(),
            facility_kind,
            role,
            name: String::new(),
        };
        for kind in FacilityKind::ALL {
            for role in [Role::Nurse, Role::Admin] {
                let member = member(kind, role);
                assert!(allows(&member, "users") && !allows(&member, "nothing"), "{kind:?}");
                assert!(!allows(&member, "service_type") && !allows(&member, "job"));
                let plans =
                    matches!(kind, FacilityKind::CareManagement | FacilityKind::PreventiveSupport);
                assert_eq!(allows(&member, "housing"), plans && role == Role::Nurse, "{kind:?}");
            }
        }
        assert!(!allows(&member(FacilityKind::Other, Role::Nurse), "users"));
        assert_eq!(TABLE.lines().count(), 1 + 2 * FacilityKind::ALL.len());
        let full = |line: &str| line.split(',').count() == 9;
        assert!(TABLE.lines().all(full));
    }
}
