//! The cast: everybody who can be asked for by name.

use std::str::FromStr;

use crate::{
    BirthDate, Calendar, CardExpiry, CardKind, Date, Error, Issuer, Person, PinKind, Portrait, Sex,
    person::{Credential, Keys},
};

macro_rules! key {
    ($owner:literal, $use:literal) => {
        include_bytes!(concat!("../data/", $owner, "-", $use, ".p8"))
    };
}

/// The keys of a whole card.
macro_rules! keys {
    ($owner:literal) => {
        Keys {
            owner: $owner,
            authentication: key!($owner, "authentication"),
            signature: key!($owner, "signature"),
            input_support: key!($owner, "input-support"),
            face: key!($owner, "face"),
        }
    };
}

/// The keys that persons described in TOML have unless they name others.
pub(crate) const EXAMPLE_KEYS: Keys = keys!("example");

const fn born(year: u16, month: u8, day: u8) -> BirthDate {
    BirthDate { year, month, day }
}

const fn until(year: u16, month: u8, day: u8) -> CardExpiry {
    CardExpiry::On(Date { year, month, day })
}

impl Person {
    /// カイゴ　ハナコ, born 1941-05-03; PIN `1234`, signature password `ABC123`. The default.
    pub fn hanako() -> Self {
        Self {
            id: "hanako",
            name: "介護　花子",
            name_kana: "カイゴ　ハナコ",
            name_substitutes: None,
            birth_date: born(1941, 5, 3),
            printed_calendar: Calendar::Japanese,
            sex: Sex::Female,
            address: "架空県試験市見本町一丁目２－３",
            prefecture: "Kakuu-ken",
            municipality: "Shiken-shi",
            municipality_code: "99001",
            my_number: "990000001008",
            security_code: "0503",
            portrait: Portrait::Woman,
            card: CardKind::MyNumber,
            card_expiry: until(2035, 5, 3),
            signature_certificate: true,
            blocked: &[],
            issuer: Issuer::Test,
            common_name_prefix: "990101KTHANAKO",
            authentication: Credential { serial: 0x0041_0503, pin: "1234" },
            signature: Credential { serial: 0x0041_0504, pin: "ABC123" },
            input_support_pin: "2345",
            register_pin: "3456",
            keys: keys!("hanako"),
        }
    }

    /// カイゴ　タロウ, born 1938-11-23; PIN `5678`, signature password `TARO56`. His 個人番号 begins with zero.
    pub fn taro() -> Self {
        Self {
            id: "taro",
            name: "介護　太郎",
            name_kana: "カイゴ　タロウ",
            birth_date: born(1938, 11, 23),
            sex: Sex::Male,
            address: "架空県見本市例町４－５－６０１",
            municipality: "Mihon-shi",
            municipality_code: "99002",
            my_number: "012345678904",
            security_code: "1123",
            portrait: Portrait::Man,
            card_expiry: until(2034, 11, 23),
            common_name_prefix: "990102KTTARO00",
            authentication: Credential { serial: 0x0038_1123, pin: "5678" },
            signature: Credential { serial: 0x0038_1124, pin: "TARO56" },
            input_support_pin: "6789",
            register_pin: "7890",
            keys: keys!("taro"),
            ..Self::hanako()
        }
    }

    /// Somebody with a forged card in Hanako's name: her names, serials, PINs and text, but other keys, certified by
    /// authorities that bear the names of the true ones and are not them.
    pub fn foreign_issuer() -> Self {
        Self {
            id: "foreign-issuer",
            issuer: Issuer::Foreign,
            keys: keys!("foreign-issuer"),
            ..Self::hanako()
        }
    }

    /// A child of 令和, whose codes begin with zero: a card of five years without a certificate for signature.
    pub fn child() -> Self {
        Self {
            id: "child",
            name: "見本　結愛",
            name_kana: "ミホン　ユア",
            birth_date: born(2019, 10, 8),
            my_number: "990000002004",
            security_code: "0108",
            portrait: Portrait::Child,
            card_expiry: until(2030, 10, 8),
            signature_certificate: false,
            common_name_prefix: "990103KTCHILD0",
            authentication: Credential { serial: 0x0019_1008, pin: "1008" },
            signature: Credential { serial: 0x0019_1009, pin: "CHILD1" },
            keys: keys!("child"),
            ..Self::hanako()
        }
    }

    /// A foreign resident, on whose card the year of birth is Western. What her 照合番号B begins with is unknown: see
    /// [`Trait::CodesAsPrinted`](crate::Trait::CodesAsPrinted).
    pub fn foreign_resident() -> Self {
        Self {
            id: "foreign-resident",
            name: "ＭＩＨＯＮ　ＭＡＲＩＡ",
            name_kana: "ミホン　マリア",
            birth_date: born(1979, 2, 28),
            printed_calendar: Calendar::Western,
            my_number: "990000003001",
            security_code: "0228",
            card_expiry: until(2031, 3, 31),
            common_name_prefix: "990104KTMARIA0",
            authentication: Credential { serial: 0x0079_0228, pin: "0228" },
            signature: Credential { serial: 0x0079_0229, pin: "MARIA28" },
            keys: keys!("foreign-resident"),
            ..Self::hanako()
        }
    }

    /// A name with a character outside the basic plane, and one that the card cannot write and replaces.
    pub fn rare_name() -> Self {
        Self {
            id: "rare-name",
            name: "𠮷田　●子",
            name_kana: "ヨシダ　ルリコ",
            name_substitutes: Some("00010"),
            birth_date: born(1950, 1, 31),
            my_number: "990000004007",
            security_code: "0131",
            card_expiry: until(2035, 1, 31),
            common_name_prefix: "990105KTRUBY00",
            authentication: Credential { serial: 0x0050_0131, pin: "0131" },
            signature: Credential { serial: 0x0050_0132, pin: "RUBY0131" },
            keys: keys!("rare-name"),
            ..Self::hanako()
        }
    }

    /// A card that is about to end: 414 days after the issue, which is in 14 days unless a test says otherwise.
    pub fn expiring() -> Self {
        Self {
            id: "expiring",
            name: "見本　秋男",
            name_kana: "ミホン　アキオ",
            birth_date: born(1945, 9, 15),
            my_number: "990000005003",
            security_code: "0915",
            card_expiry: CardExpiry::DaysAfterIssue(414),
            common_name_prefix: "990106KTAKIO00",
            authentication: Credential { serial: 0x0045_0915, pin: "0915" },
            signature: Credential { serial: 0x0045_0916, pin: "AKIO0915" },
            keys: keys!("expiring"),
            ..Self::taro()
        }
    }

    /// A card that ended 370 days after the issue, which is 30 days ago unless a test says otherwise.
    pub fn expired() -> Self {
        Self {
            id: "expired",
            name: "見本　冬子",
            name_kana: "ミホン　フユコ",
            birth_date: born(1936, 12, 1),
            my_number: "990000006000",
            security_code: "1201",
            card_expiry: CardExpiry::DaysAfterIssue(370),
            common_name_prefix: "990107KTFUYUKO",
            authentication: Credential { serial: 0x0036_1201, pin: "1201" },
            signature: Credential { serial: 0x0036_1202, pin: "FUYU1201" },
            keys: keys!("expired"),
            ..Self::hanako()
        }
    }

    /// A lost card. Nothing on it says so: whoever plays the authority revokes serial `470707` for authentication and
    /// `470708` for signature (hexadecimal).
    pub fn revoked() -> Self {
        Self {
            id: "revoked",
            name: "見本　夏彦",
            name_kana: "ミホン　ナツヒコ",
            birth_date: born(1947, 7, 7),
            my_number: "990000007006",
            security_code: "0707",
            card_expiry: until(2034, 7, 7),
            common_name_prefix: "990108KTNATSU0",
            authentication: Credential { serial: 0x0047_0707, pin: "0707" },
            signature: Credential { serial: 0x0047_0708, pin: "NATSU77" },
            keys: keys!("revoked"),
            ..Self::taro()
        }
    }

    /// Everything she would have to remember is blocked; the printed codes still work.
    pub fn blocked() -> Self {
        Self {
            id: "blocked",
            name: "見本　春江",
            name_kana: "ミホン　ハルエ",
            birth_date: born(1939, 4, 4),
            my_number: "990000008002",
            security_code: "0404",
            card_expiry: until(2035, 4, 4),
            blocked: &[
                PinKind::Authentication,
                PinKind::Signature,
                PinKind::InputSupport,
                PinKind::Common,
                PinKind::ResidentRegister,
            ],
            common_name_prefix: "990109KTHARUE0",
            authentication: Credential { serial: 0x0039_0404, pin: "0404" },
            signature: Credential { serial: 0x0039_0405, pin: "HARUE44" },
            keys: keys!("blocked"),
            ..Self::hanako()
        }
    }

    /// 顔認証マイナンバーカード: see [`CardKind::FaceAuthentication`].
    pub fn face_card() -> Self {
        Self {
            id: "face-card",
            name: "見本　千鶴",
            name_kana: "ミホン　チヅル",
            birth_date: born(1930, 8, 20),
            my_number: "990000009009",
            security_code: "0820",
            card: CardKind::FaceAuthentication,
            card_expiry: until(2035, 8, 20),
            signature_certificate: false,
            common_name_prefix: "990110KTCHIZU0",
            authentication: Credential { serial: 0x0030_0820, pin: "0820" },
            signature: Credential { serial: 0x0030_0821, pin: "CHIZU820" },
            keys: keys!("face-card"),
            ..Self::hanako()
        }
    }

    /// 住民基本台帳カード, ended long ago: see [`CardKind::ResidentCard`].
    pub fn resident_card() -> Self {
        Self {
            id: "resident-card",
            name: "見本　一郎",
            name_kana: "ミホン　イチロウ",
            birth_date: born(1935, 6, 10),
            card: CardKind::ResidentCard,
            card_expiry: CardExpiry::DaysAfterIssue(370),
            common_name_prefix: "990111KTICHIRO",
            signature: Credential { serial: 0x0035_0610, pin: "ICHI0610" },
            keys: Keys {
                owner: "resident-card",
                signature: key!("resident-card", "signature"),
                ..EXAMPLE_KEYS
            },
            ..Self::taro()
        }
    }

    /// The certificates of a younger person in an Android phone: see [`CardKind::Android`].
    pub fn android() -> Self {
        Self {
            id: "android",
            name: "見本　健",
            name_kana: "ミホン　ケン",
            birth_date: born(1968, 3, 3),
            card: CardKind::Android,
            card_expiry: until(2034, 3, 3),
            common_name_prefix: "990112KTANDROI",
            authentication: Credential { serial: 0x0068_0303, pin: "0303" },
            signature: Credential { serial: 0x0068_0304, pin: "KEN0303" },
            keys: Keys {
                owner: "android",
                authentication: key!("android", "authentication"),
                signature: key!("android", "signature"),
                ..EXAMPLE_KEYS
            },
            ..Self::taro()
        }
    }

    /// The certificates of a younger person in an iPhone: see [`CardKind::Iphone`].
    pub fn iphone() -> Self {
        Self {
            id: "iphone",
            name: "見本　恵",
            name_kana: "ミホン　メグミ",
            birth_date: born(1972, 12, 24),
            card: CardKind::Iphone,
            card_expiry: until(2034, 12, 24),
            common_name_prefix: "990113KTIPHONE",
            authentication: Credential { serial: 0x0072_1224, pin: "1224" },
            signature: Credential { serial: 0x0072_1225, pin: "MEGUMI24" },
            keys: Keys {
                owner: "iphone",
                authentication: key!("iphone", "authentication"),
                signature: key!("iphone", "signature"),
                ..EXAMPLE_KEYS
            },
            ..Self::hanako()
        }
    }

    /// Another country's card: see [`CardKind::OtherCountry`]. It says nothing about its holder.
    pub fn other_country() -> Self {
        Self {
            id: "other-country",
            name: "ＭＵＳＴＥＲＭＡＮＮ　ＥＲＩＫＡ",
            name_kana: "ムスターマン　エリカ",
            birth_date: born(1964, 8, 12),
            card: CardKind::OtherCountry,
            keys: EXAMPLE_KEYS,
            ..Self::hanako()
        }
    }

    /// Somebody whose consent to sharing care information is not on record.
    pub fn no_consent() -> Self {
        Self {
            id: "no-consent",
            name: "見本　静子",
            name_kana: "ミホン　シズコ",
            birth_date: born(1943, 2, 11),
            my_number: "990000010008",
            security_code: "0211",
            card_expiry: until(2034, 2, 11),
            common_name_prefix: "990114KTSHIZU0",
            authentication: Credential { serial: 0x0043_0211, pin: "0211" },
            signature: Credential { serial: 0x0043_0212, pin: "SHIZU211" },
            keys: keys!("no-consent"),
            ..Self::hanako()
        }
    }

    /// Somebody whose municipality does not use the platform yet.
    pub fn not_connected() -> Self {
        Self {
            id: "not-connected",
            name: "見本　正",
            name_kana: "ミホン　タダシ",
            birth_date: born(1940, 10, 10),
            my_number: "990000011005",
            security_code: "1010",
            card_expiry: until(2034, 10, 10),
            common_name_prefix: "990115KTTADASH",
            authentication: Credential { serial: 0x0040_1010, pin: "1010" },
            signature: Credential { serial: 0x0040_1011, pin: "TADA1010" },
            keys: keys!("not-connected"),
            ..Self::taro()
        }
    }

    /// Somebody whose card is not registered for use as a health insurance card.
    pub fn not_registered() -> Self {
        Self {
            id: "not-registered",
            name: "見本　文子",
            name_kana: "ミホン　フミコ",
            birth_date: born(1946, 6, 1),
            my_number: "990000012001",
            security_code: "0601",
            card_expiry: until(2034, 6, 1),
            common_name_prefix: "990116KTFUMIKO",
            authentication: Credential { serial: 0x0046_0601, pin: "0601" },
            signature: Credential { serial: 0x0046_0602, pin: "FUMI0601" },
            keys: keys!("not-registered"),
            ..Self::hanako()
        }
    }

    /// Somebody whose certification of care has run out.
    pub fn lapsed() -> Self {
        Self {
            id: "lapsed",
            name: "見本　勝",
            name_kana: "ミホン　マサル",
            birth_date: born(1937, 9, 2),
            my_number: "990000013007",
            security_code: "0902",
            card_expiry: until(2034, 9, 2),
            common_name_prefix: "990117KTMASARU",
            authentication: Credential { serial: 0x0037_0902, pin: "0902" },
            signature: Credential { serial: 0x0037_0903, pin: "MASA0902" },
            keys: keys!("lapsed"),
            ..Self::taro()
        }
    }

    /// The card that somebody had before theirs was renewed: for the authority to renew.
    pub fn renewed() -> Self {
        Self {
            id: "renewed",
            name: "見本　雪",
            name_kana: "ミホン　ユキ",
            birth_date: born(1944, 1, 24),
            my_number: "990000014003",
            security_code: "0124",
            card_expiry: until(2034, 1, 24),
            common_name_prefix: "990118KTYUKI00",
            authentication: Credential { serial: 0x0044_0124, pin: "0124" },
            signature: Credential { serial: 0x0044_0125, pin: "YUKI0124" },
            keys: keys!("renewed"),
            ..Self::hanako()
        }
    }

    /// Everybody, the default first.
    pub fn all() -> Vec<Self> {
        vec![
            Self::hanako(),
            Self::taro(),
            Self::foreign_issuer(),
            Self::child(),
            Self::foreign_resident(),
            Self::rare_name(),
            Self::expiring(),
            Self::expired(),
            Self::revoked(),
            Self::blocked(),
            Self::face_card(),
            Self::resident_card(),
            Self::android(),
            Self::iphone(),
            Self::other_country(),
            Self::no_consent(),
            Self::not_connected(),
            Self::not_registered(),
            Self::lapsed(),
            Self::renewed(),
        ]
    }

    /// The keys of one of them, or the `example` ones.
    pub(crate) fn keys_of(owner: &str) -> Option<Keys> {
        let all = Self::all().into_iter().map(|person| person.keys);
        all.chain([EXAMPLE_KEYS]).find(|keys| keys.owner == owner)
    }

    /// Their ids, for messages.
    pub(crate) fn known() -> String {
        Self::all().iter().map(|person| person.id).collect::<Vec<_>>().join(", ")
    }
}

impl FromStr for Person {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        Self::all()
            .into_iter()
            .find(|person| person.id == id)
            .ok_or_else(|| Error::UnknownPerson(id.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Purpose;

    #[test]
    fn nobody_shares_a_key_that_they_use() {
        let mut used = Vec::new();
        for person in Person::all() {
            let applications = person.card.applications();
            let jpki = applications.contains(&crate::Application::Jpki);
            let face = applications.contains(&crate::Application::Face);
            let old = person.card == CardKind::ResidentCard;
            used.extend((jpki && !old).then_some(person.keys.authentication));
            used.extend(jpki.then_some(person.keys.signature));
            used.extend(face.then_some(person.keys.input_support));
            used.extend(face.then_some(person.keys.face));
        }
        assert_eq!(used.iter().collect::<BTreeSet<_>>().len(), used.len());
    }

    #[test]
    fn everybody_has_other_names_numbers_and_serials() {
        let all = Person::all();
        // The forger's card differs from Hanako's in its keys alone.
        let true_ones: Vec<_> = all.iter().filter(|person| person.issuer == Issuer::Test).collect();
        let count = |values: Vec<String>| BTreeSet::from_iter(values).len();
        let names = true_ones.iter().map(|person| person.name.to_owned()).collect();
        assert_eq!(count(names), true_ones.len());
        let cards: Vec<_> = true_ones
            .iter()
            .filter(|person| person.card.applications().contains(&crate::Application::Face))
            .collect();
        assert_eq!(
            count(cards.iter().map(|person| person.my_number.to_owned()).collect()),
            cards.len()
        );
        for purpose in Purpose::ALL {
            let serials = cards.iter().map(|person| person.serial(purpose).to_string());
            assert_eq!(count(serials.collect()), cards.len());
        }
    }
}
