//! `kaigotap people`: who can be visited in trials.

use kaigotap_virtual_card::{CardKind, Person, PinKind, Sex, VirtualCard};
use serde_json::{Value, json};

use super::SIMULATOR;
use crate::dates;
use crate::report::{Report, Stop};

/// How a visit with card and PIN ends for each of the cast: the code, and why.
const ENDINGS: [(&str, &str, &str, &str); 20] = [
    (
        "hanako",
        VERIFIED,
        "care level 3, pays a tenth; the default",
        "要介護3、1割負担（指定しないときの人）",
    ),
    ("taro", VERIFIED, "support level 2, no limit certificate", "要支援2、負担限度額認定なし"),
    (
        "foreign-issuer",
        "certificate_untrusted",
        "a forged card in Hanako's name",
        "花子さんの名前の偽造カード",
    ),
    ("child", "person_not_found", "too young for care insurance", "子どもで、介護保険の対象外"),
    (
        "foreign-resident",
        VERIFIED,
        "care level 1; Western date on the card",
        "要介護1、カードの生年月日が西暦",
    ),
    (
        "rare-name",
        VERIFIED,
        "care level 5, pays 30 %; a name with rare characters",
        "要介護5、3割負担、珍しい漢字の名前",
    ),
    (
        "expiring",
        VERIFIED,
        "care level 2 for 20 more days, pays 20 %; the card ends soon",
        "要介護2（あと20日）、2割負担、カードの期限も近い",
    ),
    (
        "expired",
        "certificate_expired",
        "the card's certificate has expired",
        "電子証明書の期限切れ",
    ),
    ("revoked", "certificate_revoked", "a lost card", "紛失の届け出があるカード"),
    ("blocked", "pin_blocked", "every PIN is locked", "暗証番号がすべてロック中"),
    (
        "face-card",
        "pin_blocked",
        "a card for face authentication: it has no PIN",
        "「顔認証」のカード（暗証番号なし）",
    ),
    (
        "resident-card",
        "old_resident_card",
        "an old resident register card",
        "住民基本台帳カード（住基カード）",
    ),
    (
        "android",
        "phone_not_taken",
        "a phone instead of the card",
        "カードの代わりのスマートフォン（Android）",
    ),
    (
        "iphone",
        "certificate_not_issued",
        "a phone instead of the card",
        "カードの代わりのスマートフォン（iPhone）",
    ),
    ("other-country", "not_my_number_card", "another country's card", "外国の身分証"),
    (
        "no-consent",
        "consent_required",
        "no consent to sharing on record",
        "情報の共有に同意していない",
    ),
    (
        "not-connected",
        "insurer_not_connected",
        "the municipality has not started",
        "市区町村がまだつながっていない",
    ),
    (
        "not-registered",
        "health_insurance_use_not_registered",
        "not registered as insurance card",
        "マイナ保険証の利用登録をしていない",
    ),
    ("lapsed", VERIFIED, "the certification has run out", "要介護認定の期限切れ"),
    ("renewed", "certificate_renewed", "the old card of two", "更新する前の古いカード"),
];
const VERIFIED: &str = "verified";

pub(crate) fn run(report: Report) -> Result<(), Stop> {
    let mut people = Vec::new();
    for person in Person::all() {
        let told = Told::of(person)?;
        told.tell(report);
        people.push(told.object());
    }
    report.line("");
    report.line(report.text(
        "Nobody here exists. Try one: kaigotap visit --enrolment visit.json --reader simulator --person taro",
        "全員、架空の人物です。試し方：kaigotap visit --enrolment visit.json --reader simulator --person taro",
    ));
    report.object(&json!({ "people": people, "reader": SIMULATOR }));
    Ok(())
}

/// Somebody of the cast, and what their card opens with.
struct Told {
    person: Person,
    pins: Vec<(&'static str, &'static str, &'static str, String)>,
    code: &'static str,
    english: &'static str,
    japanese: &'static str,
}

impl Told {
    fn of(person: Person) -> Result<Self, Stop> {
        let plain = kaigotap_virtual_card::Behaviour::plain();
        let card = VirtualCard::new(person.clone(), plain).map_err(|error| {
            Stop::input("virtual_card_unusable", error.to_string(), "Choose another person.")
        })?;
        let applications = person.card.applications();
        let is_there = |kind: PinKind| {
            applications.contains(&kind.application())
                && (kind != PinKind::Signature || person.signature_certificate)
                && (kind == PinKind::FaceB || person.card != CardKind::FaceAuthentication)
                && card.tries_left(kind) > 0
        };
        let pins = [
            (PinKind::Authentication, "authentication", "PIN", "利用者証明用"),
            (PinKind::Signature, "signature", "signature", "署名用"),
            (PinKind::InputSupport, "input_support", "input support", "入力補助用"),
            (PinKind::FaceB, "verification_number_b", "printed number", "印刷の番号"),
        ];
        let pins = pins
            .into_iter()
            .filter(|(kind, ..)| is_there(*kind))
            .map(|(kind, key, english, japanese)| {
                (key, english, japanese, card.reference_data(kind).to_owned())
            })
            .collect();
        let ending = ENDINGS.iter().find(|(id, ..)| *id == person.id);
        let &(_, code, english, japanese) = ending.unwrap_or(&("", VERIFIED, "", ""));
        Ok(Self { person, pins, code, english, japanese })
    }

    fn tell(&self, r: Report) {
        let Self { person, pins, code, english, japanese } = self;
        let born = person.birth_date.to_string().parse();
        let born = born.map_or_else(
            |_| person.birth_date.to_string(),
            |date| dates::birth(date, dates::today(), r.language),
        );
        let outcome =
            if *code == VERIFIED { r.text("verified", "確認できます") } else { code };
        r.line("");
        r.line(format!("{}  {}（{}）  {born}", person.id, person.name, person.name_kana));
        r.line(format!(
            "  {}{outcome}{}{}",
            r.text("→ ", "→ "),
            r.text(": ", "："),
            r.text(english, japanese)
        ));
        let pins: Vec<_> = pins
            .iter()
            .map(|(_, english, japanese, value)| format!("{} {value}", r.text(english, japanese)))
            .collect();
        if !pins.is_empty() {
            r.line(format!("  {}", pins.join(r.text(", ", "、"))));
        }
    }

    fn object(&self) -> Value {
        let Self { person, pins, code, english, japanese } = self;
        let pins: serde_json::Map<_, _> =
            pins.iter().map(|(key, .., value)| ((*key).to_owned(), json!(value))).collect();
        json!({
            "id": person.id,
            "name": person.name,
            "name_kana": person.name_kana,
            "birth_date": person.birth_date.to_string(),
            "sex": match person.sex { Sex::Male => "male", Sex::Female => "female", Sex::NotApplicable => "not_applicable" },
            "pins": pins,
            "outcome": code,
            "note": { "en": english, "ja": japanese },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_an_ending() {
        let people: Vec<_> = Person::all().iter().map(|person| person.id).collect();
        let told: Vec<_> = ENDINGS.iter().map(|(id, ..)| *id).collect();
        assert_eq!(told, people);
    }
}
