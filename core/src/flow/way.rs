//! The ways of verifying a person, and lists of them.

use std::fmt;

/// A way of verifying a person (本人確認の方法).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Way {
    /// Face by eye, then card with PIN (公的個人認証法 Art. 38).
    CardPin,
    /// Face by eye, then a tap without PIN (かざし利用, 公的個人認証法 Art. 38-4): for who was verified with card and PIN
    /// before.
    CardTap,
    /// Face by eye, beside the photo that the chip of the card holds and that opens with what is printed on the card
    /// (照合番号B); then what stands on the paper certificate, as for [`FourAttributes`](Self::FourAttributes). No PIN of the
    /// holder, and no electronic certificate: it shows no revocation.
    FaceCheck,
    /// The paper certificate (被保険者証), of which the nurse types what stands on it: insurer and insured number, name in
    /// kana, date of birth, sex (4情報).
    FourAttributes,
    /// Seen again without a card: for who is registered with the facility (利用者登録). It opens less than a card does.
    Registered,
    /// Name, date of birth and sex, where the rules for disasters are in force (災害時の特例). It opens less than a card
    /// does.
    Disaster,
}

impl Way {
    /// All ways: what proves most and asks least of people first.
    pub const ALL: [Self; 6] = [
        Self::CardTap,
        Self::CardPin,
        Self::Registered,
        Self::FaceCheck,
        Self::FourAttributes,
        Self::Disaster,
    ];

    /// As it stands in JSON and logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::CardPin => "card_pin",
            Self::CardTap => "card_tap",
            Self::FaceCheck => "face_check",
            Self::FourAttributes => "four_attributes",
            Self::Registered => "registered",
            Self::Disaster => "disaster",
        }
    }

    /// The way of this code.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }

    /// Whether a card is looked at, and before it the photo that is printed on it.
    pub fn uses_card(self) -> bool {
        matches!(self, Self::CardPin | Self::CardTap | Self::FaceCheck)
    }

    /// The verification that the platform is asked for: what a face check opens, the paper certificate opens, and the
    /// photo is said to be what the nurse compared with.
    pub(crate) fn verification(self) -> Self {
        match self {
            Self::FaceCheck => Self::FourAttributes,
            other => other,
        }
    }
}

/// Some of the ways, each once, the best first.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Ways([Option<Way>; Way::ALL.len()]);

impl Ways {
    /// None of them.
    pub const NONE: Self = Self([None; Way::ALL.len()]);

    /// The first, if there is one: what a screen makes its large button.
    pub fn first(self) -> Option<Way> {
        self.iter().next()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.first().is_none()
    }

    /// Whether this one is among them.
    pub fn contains(self, way: Way) -> bool {
        self.iter().any(|one| one == way)
    }

    /// All of them, the best first.
    pub fn iter(self) -> impl Iterator<Item = Way> {
        self.0.into_iter().flatten()
    }
}

impl FromIterator<Way> for Ways {
    /// In this order; one that comes a second time stays where it came first.
    fn from_iter<I: IntoIterator<Item = Way>>(ways: I) -> Self {
        let mut taken = Self::NONE;
        for way in ways {
            if !taken.contains(way)
                && let Some(place) = taken.0.iter_mut().find(|place| place.is_none())
            {
                *place = Some(way);
            }
        }
        taken
    }
}

impl fmt::Debug for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_stands_once_in_a_list_and_is_known_by_its_code() {
        let ways: Ways = [Way::Disaster, Way::CardPin, Way::Disaster].into_iter().collect();
        assert_eq!(format!("{ways:?}"), "[Disaster, CardPin]");
        assert_eq!((ways.first(), ways.contains(Way::CardTap)), (Some(Way::Disaster), false));
        assert!(Ways::NONE.is_empty() && !ways.is_empty());
        let all: Ways = Way::ALL.into_iter().chain(Way::ALL).collect();
        assert!(all.iter().eq(Way::ALL));
        for way in Way::ALL {
            assert_eq!(Way::named(way.code()), Some(way));
            assert_eq!(serde_json::to_value(way).unwrap(), way.code());
        }
        assert_eq!(Way::named("pin"), None);
    }
}
