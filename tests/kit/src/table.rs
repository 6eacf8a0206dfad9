//! What every replayer is given beside the transcripts, in any language: test secrets, authorities, anchors.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use kaigotap::pki::CardKey;
use kaigotap::pki::card_certificate::CardAuthorities;
use kaigotap_recorder::{hex, unhex};
use kaigotap_virtual_card::{Authority, CardVerifiableAuthority, Purpose};
use serde::{Deserialize, Serialize};

/// The table beside the transcripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Certificates of roots, base64, by name.
    pub anchors: BTreeMap<String, Vec<String>>,
    /// Authorities of card-verifiable certificates, by name.
    pub authorities: BTreeMap<String, Hierarchy>,
    /// What stands for a name in `<…>`, and for what was typed.
    pub secrets: BTreeMap<String, String>,
}

/// The two authorities of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hierarchy {
    /// Of 券面事項確認AP.
    pub face: Key,
    /// Of 券面事項入力補助AP.
    pub input_support: Key,
}

/// A key and its name, hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// 16 bytes.
    pub key_id: String,
    /// RSA modulus.
    pub modulus: String,
}

/// Stands for each PIN. None opens anything: a replayed card takes what the transcript says that it took.
const TYPED: [(&str, [&str; 3]); 5] = [
    // right, refused, new
    ("authentication", ["1111", "2222", "3333"]),
    ("signature", ["RIGHT1", "WRONG2", "NEWER3"]),
    ("input_support", ["1111", "2222", "3333"]),
    ("verification_number_b", ["11111111111111", "22222222222222", ""]),
    ("birth_date", ["111111", "222222", ""]),
];

/// Hanako's date of birth, as it opens her age record.
const REGISTERED: &str = "160503";

impl Table {
    /// The table as it is written down.
    pub fn of_virtual_cards() -> Self {
        let mut secrets = BTreeMap::new();
        for (pin, [right, refused, new]) in TYPED {
            let mut add = |fate: &str, typed: &str| {
                secrets.insert(format!("{pin}{fate}"), typed.to_owned());
            };
            add("", right);
            add("-refused", refused);
            add("-unsent", refused);
            add("-malformed", "?");
            if !new.is_empty() {
                add("-new", new);
                add("-new-other", refused);
            }
        }
        secrets.insert("birth_date-registered".to_owned(), REGISTERED.to_owned());
        let key = |authority: CardVerifiableAuthority| Key {
            key_id: hex(&authority.key_id()),
            modulus: hex(authority.modulus()),
        };
        let hierarchy = Hierarchy {
            face: key(CardVerifiableAuthority::face()),
            input_support: key(CardVerifiableAuthority::text()),
        };
        let root = Authority::test().root(Purpose::Authentication);
        Self {
            anchors: BTreeMap::from([("virtual".to_owned(), vec![Base64::encode_string(root)])]),
            authorities: BTreeMap::from([("virtual".to_owned(), hierarchy)]),
            secrets,
        }
    }

    /// As it stands in its file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a table is JSON") + "\n"
    }

    /// The secret of this name.
    pub fn secret(&self, name: &str) -> Result<&str, String> {
        self.secrets.get(name).map(String::as_str).ok_or(format!("no secret {name} in the table"))
    }

    /// The anchors of this name, DER.
    pub fn anchors(&self, name: &str) -> Result<Vec<Vec<u8>>, String> {
        let anchors = self.anchors.get(name).ok_or(format!("no anchors {name}"))?.iter();
        let decoded = anchors.map(|anchor| Base64::decode_vec(anchor)).collect::<Result<_, _>>();
        decoded.map_err(|_| "anchors that are not base64".to_owned())
    }

    /// The authorities of this name.
    pub fn authorities(&self, name: &str) -> Result<CardAuthorities, String> {
        match name {
            "production" => return Ok(CardAuthorities::production()),
            "jpki_test" => return Ok(CardAuthorities::jpki_test()),
            _ => {}
        }
        let hierarchy = self.authorities.get(name).ok_or(format!("no authorities {name}"))?;
        let read = |key: &Key| {
            let id = unhex(&key.key_id)?.try_into().ok()?;
            Some((id, CardKey::of_modulus(&unhex(&key.modulus)?)?))
        };
        let keys = read(&hierarchy.input_support).zip(read(&hierarchy.face));
        keys.map(|(text, face)| CardAuthorities::test(text, face)).ok_or("no keys".to_owned())
    }
}
