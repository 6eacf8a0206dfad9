//! Which evidence opens what: one table.

/// A kind of evidence, as the token that comes of it names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Card and PIN (公的個人認証法 Art. 38).
    CardPin,
    /// A tap without PIN, after a first confirmation with card and PIN (Art. 38-4).
    CardTap,
    /// The paper certificate: insurer, number, name in kana, date of birth, sex (4情報).
    FourAttributes,
    /// A person registered at the facility, seen again without a card.
    Registered,
    /// Name, date of birth and sex, where a disaster is declared.
    Disaster,
}

/// What a purpose opens, and for how long it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    /// It does not.
    Closed,
    /// For the life of one access token.
    AtOnce,
    /// For 24 hours from the verification, too.
    ForADay,
}

use Opening::{AtOnce, Closed, ForADay};

/// The scope of the entitlement: of what is to be seen, the least.
pub(crate) const ENTITLEMENT_READ: &str = "qualification:read";

/// The scopes, with the purpose that each needs.
pub(crate) const NEEDS: [(&str, &str); 11] = [
    (ENTITLEMENT_READ, "view"),
    ("certification:read", "view"),
    ("survey:read", "view"),
    ("doctor_opinion:read", "view"),
    ("housing:read", "view"),
    ("care_plan:read", "view"),
    ("life:read", "view"),
    ("consent:read", "view"),
    ("registration:write", "register"),
    ("consent:write", "consent"),
    ("care_plan_notice:submit", "care_plan_notice"),
];

/// Whether these are purposes, none of them twice, and not none at all.
pub(crate) fn are_purposes(purposes: &[String]) -> bool {
    let known = |purpose: &String| NEEDS.iter().any(|(_, needed)| needed == purpose);
    let mut once = purposes.to_vec();
    once.sort();
    once.dedup();
    !purposes.is_empty() && purposes.iter().all(known) && once.len() == purposes.len()
}

/// One row: a method, its `kaigo.method`, `acr` and `amr` (RFC 8176), and what is to it the entitlement, what else is to be
/// seen, and each thing that is to be done.
struct Row {
    method: Method,
    name: &'static str,
    acr: &'static str,
    amr: &'static [&'static str],
    entitlement: Opening,
    views: Opening,
    register: Opening,
    consent: Opening,
    care_plan_notice: Opening,
}

const TABLE: [Row; 5] = [
    Row {
        method: Method::CardPin,
        name: "card_pin",
        acr: "urn:x-kaigo:acr:card-pin",
        amr: &["sc", "pin", "mfa", "x-visual"],
        entitlement: ForADay,
        views: ForADay,
        register: ForADay,
        consent: ForADay,
        care_plan_notice: ForADay,
    },
    Row {
        method: Method::CardTap,
        name: "card_tap",
        acr: "urn:x-kaigo:acr:card-tap",
        amr: &["sc", "x-visual"],
        entitlement: ForADay,
        views: ForADay,
        register: ForADay,
        consent: ForADay,
        care_plan_notice: ForADay,
    },
    // Typed attributes count at the moment of their use; only a card opens a day.
    Row {
        method: Method::FourAttributes,
        name: "four_attributes",
        acr: "urn:x-kaigo:acr:insurance-card",
        amr: &["kba", "x-document"],
        entitlement: AtOnce,
        views: AtOnce,
        register: AtOnce,
        consent: AtOnce,
        care_plan_notice: Closed,
    },
    Row {
        method: Method::Registered,
        name: "registered",
        acr: "urn:x-kaigo:acr:registered",
        amr: &[],
        entitlement: AtOnce,
        views: AtOnce,
        register: Closed,
        consent: Closed,
        care_plan_notice: Closed,
    },
    // A reduced set.
    Row {
        method: Method::Disaster,
        name: "disaster",
        acr: "urn:x-kaigo:acr:disaster",
        amr: &[],
        entitlement: AtOnce,
        views: Closed,
        register: Closed,
        consent: Closed,
        care_plan_notice: Closed,
    },
];

impl Method {
    fn row(self) -> &'static Row {
        // Every method has its row: a test counts them.
        TABLE.iter().find(|row| row.method == self).unwrap_or(&TABLE[TABLE.len() - 1])
    }

    /// As claims and answers name it.
    pub(crate) fn name(self) -> &'static str {
        self.row().name
    }

    /// The method of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.method)
    }

    pub(crate) fn acr(self) -> &'static str {
        self.row().acr
    }

    pub(crate) fn amr(self) -> &'static [&'static str] {
        self.row().amr
    }

    /// Whether what it proves counts for a day: only a card's does.
    pub(crate) fn lasts_a_day(self) -> bool {
        NEEDS.iter().any(|(scope, _)| self.opens(scope) == ForADay)
    }

    /// What a scope is to this method.
    pub(crate) fn opens(self, scope: &str) -> Opening {
        let row = self.row();
        match needed(scope) {
            Some("view") if scope == ENTITLEMENT_READ => row.entitlement,
            Some("view") => row.views,
            Some("register") => row.register,
            Some("consent") => row.consent,
            Some("care_plan_notice") => row.care_plan_notice,
            _ => Closed,
        }
    }
}

/// The purpose that a scope needs.
pub(crate) fn needed(scope: &str) -> Option<&'static str> {
    NEEDS.iter().find(|(known, _)| *known == scope).map(|(_, purpose)| *purpose)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules, as they are written for people. A day: 24 hours; once: for one access token; -: not at all.
    const RULES: &str = "
        scope                   | card_pin | card_tap | four_attributes | registered | disaster
        qualification:read      | day      | day      | once            | once       | once
        certification:read      | day      | day      | once            | once       | -
        survey:read             | day      | day      | once            | once       | -
        doctor_opinion:read     | day      | day      | once            | once       | -
        housing:read            | day      | day      | once            | once       | -
        care_plan:read          | day      | day      | once            | once       | -
        life:read               | day      | day      | once            | once       | -
        consent:read            | day      | day      | once            | once       | -
        registration:write      | day      | day      | once            | -          | -
        consent:write           | day      | day      | once            | -          | -
        care_plan_notice:submit | day      | day      | -               | -          | -
    ";
    /// How a token names each of them.
    const NAMES: &str = "
        card_pin        | card-pin       | sc pin mfa x-visual
        card_tap        | card-tap       | sc x-visual
        four_attributes | insurance-card | kba x-document
        registered      | registered     |
        disaster        | disaster       |
    ";

    fn table(text: &'static str) -> Vec<Vec<&'static str>> {
        let rows = text.lines().map(str::trim).filter(|line| !line.is_empty());
        rows.map(|row| row.split('|').map(str::trim).collect()).collect()
    }

    #[test]
    fn every_cell_is_that_of_the_rules() {
        let rules = table(RULES);
        let scopes: Vec<&str> = rules[1..].iter().map(|row| row[0]).collect();
        assert_eq!(scopes, NEEDS.map(|(scope, _)| scope));
        let mut checked = 0;
        for (column, name) in rules[0].iter().enumerate().skip(1) {
            let method = Method::named(name).unwrap();
            let mut lasts = false;
            for row in &rules[1..] {
                let opening = match row[column] {
                    "day" => ForADay,
                    "once" => AtOnce,
                    _ => Closed,
                };
                assert_eq!(method.opens(row[0]), opening, "{name} {}", row[0]);
                lasts |= opening == ForADay;
                checked += 1;
            }
            assert_eq!(method.lasts_a_day(), lasts, "{name}");
        }
        assert_eq!(checked, TABLE.len() * NEEDS.len());
        assert_eq!(Method::CardPin.opens("openid"), Closed);
        assert_eq!((needed("consent:write"), needed("openid")), (Some("consent"), None));
    }

    #[test]
    fn every_name_is_that_of_the_rules() {
        let names = table(NAMES);
        for row in &names {
            let method = Method::named(row[0]).unwrap();
            assert_eq!(method.name(), row[0]);
            assert_eq!(method.acr(), format!("urn:x-kaigo:acr:{}", row[1]));
            assert_eq!(method.amr(), row[2].split_whitespace().collect::<Vec<_>>());
        }
        assert_eq!(names.len(), TABLE.len());
    }
}
