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

/// The scopes, with the purpose that each needs.
pub(crate) const NEEDS: [(&str, &str); 5] = [
    ("qualification:read", "view"),
    ("certification:read", "view"),
    ("registration:write", "register"),
    ("consent:write", "consent"),
    ("care_plan_notice:submit", "care_plan_notice"),
];

/// One row: a method, its `kaigo.method`, `acr` and `amr` (RFC 8176), and what each scope of [`NEEDS`] is to it.
struct Row {
    method: Method,
    name: &'static str,
    acr: &'static str,
    amr: &'static [&'static str],
    opens: [Opening; 5],
}

const TABLE: [Row; 5] = [
    Row {
        method: Method::CardPin,
        name: "card_pin",
        acr: "urn:x-kaigo:acr:card-pin",
        amr: &["sc", "pin", "mfa", "x-visual"],
        opens: [ForADay, ForADay, ForADay, ForADay, ForADay],
    },
    Row {
        method: Method::CardTap,
        name: "card_tap",
        acr: "urn:x-kaigo:acr:card-tap",
        amr: &["sc", "x-visual"],
        opens: [ForADay, ForADay, ForADay, ForADay, ForADay],
    },
    // Typed attributes count at the moment of their use; only a card opens a day.
    Row {
        method: Method::FourAttributes,
        name: "four_attributes",
        acr: "urn:x-kaigo:acr:insurance-card",
        amr: &["kba", "x-document"],
        opens: [AtOnce, AtOnce, AtOnce, AtOnce, Closed],
    },
    Row {
        method: Method::Registered,
        name: "registered",
        acr: "urn:x-kaigo:acr:registered",
        amr: &[],
        opens: [AtOnce, AtOnce, Closed, Closed, Closed],
    },
    // A reduced set.
    Row {
        method: Method::Disaster,
        name: "disaster",
        acr: "urn:x-kaigo:acr:disaster",
        amr: &[],
        opens: [AtOnce, Closed, Closed, Closed, Closed],
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
        self.row().opens.contains(&ForADay)
    }

    /// What a scope is to this method.
    pub(crate) fn opens(self, scope: &str) -> Opening {
        let at = NEEDS.iter().position(|(known, _)| *known == scope);
        at.map_or(Closed, |at| self.row().opens[at])
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
        method          | acr            | amr                   | qualification:read | certification:read | registration:write | consent:write | care_plan_notice:submit
        card_pin        | card-pin       | sc pin mfa x-visual   | day                | day                | day                | day           | day
        card_tap        | card-tap       | sc x-visual           | day                | day                | day                | day           | day
        four_attributes | insurance-card | kba x-document        | once               | once               | once               | once          | -
        registered      | registered     |                       | once               | once               | -                  | -             | -
        disaster        | disaster       |                       | once               | -                  | -                  | -             | -
    ";

    #[test]
    fn every_cell_is_that_of_the_rules() {
        let mut rows = RULES.lines().map(str::trim).filter(|line| !line.is_empty());
        let cells = |row: &'static str| row.split('|').map(str::trim).collect::<Vec<_>>();
        let head = cells(rows.next().unwrap());
        assert_eq!(head[3..], NEEDS.map(|(scope, _)| scope));
        let mut checked = 0;
        for row in rows.by_ref() {
            let row = cells(row);
            let method = Method::named(row[0]).unwrap();
            assert_eq!(method.name(), row[0]);
            assert_eq!(method.acr(), format!("urn:x-kaigo:acr:{}", row[1]));
            assert_eq!(method.amr(), row[2].split_whitespace().collect::<Vec<_>>());
            for (scope, cell) in head[3..].iter().zip(&row[3..]) {
                let opening = match *cell {
                    "day" => ForADay,
                    "once" => AtOnce,
                    _ => Closed,
                };
                assert_eq!(method.opens(scope), opening, "{} {scope}", row[0]);
                checked += 1;
            }
            assert_eq!(method.lasts_a_day(), row[3..].contains(&"day"));
        }
        assert_eq!(checked, TABLE.len() * NEEDS.len());
        assert_eq!(Method::CardPin.opens("openid"), Closed);
        assert_eq!((needed("consent:write"), needed("openid")), (Some("consent"), None));
    }
}
