//! What of a person's entitlement runs out soon, and what of it is watched for changes.

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::insurer::day_of;
use crate::sts::Item;

/// How many days before its end something is due, its last day included.
pub(crate) const DAYS: i64 = 60;

/// What has a last day: its code, and where it is in the record.
const ENDING: [(&str, &str); 3] = [
    ("certification", "/periodic/care_level"),
    ("burden_ratio", "/periodic/burden_ratio"),
    ("limit_certificate", "/periodic/limit_certificate"),
];

/// What changes: its code, and where it is in the record.
const CHANGING: [(&str, &str); 7] = [
    ("care_level", "/periodic/care_level"),
    ("burden_ratio", "/periodic/burden_ratio"),
    ("limit_certificate", "/periodic/limit_certificate"),
    ("benefit_limit", "/periodic/benefit_limit"),
    ("care_manager", "/care_manager"),
    ("name", "/person/name_kana"),
    ("insurer", "/insurer"),
];

/// What ends within sixty days, or is over: of the record, and the registration that lasts until then (seconds since the
/// epoch). Each with its last day, as it is in Japan.
pub(super) fn due(record: &Value, registered_until: Option<i64>, now: i64) -> Vec<Value> {
    let soon = day_of(now).saturating_add(DAYS.days());
    let of_record = ENDING.iter().filter_map(|(code, at)| {
        let until = record.pointer(at)?.get("valid_until")?.as_str()?;
        Some((*code, until.parse().ok()?))
    });
    // Its last second is the one before it ends.
    let registration =
        registered_until.map(|until| ("registration", day_of(until.saturating_sub(1))));
    of_record
        .chain(registration)
        .filter(|(_, until): &(_, Date)| *until <= soon)
        .map(|(what, until)| json!({ "what": what, "until": until }))
        .collect()
}

/// What is on file of all that changes.
pub(super) fn items(record: &Value) -> Vec<Item> {
    let on_file = |at| record.pointer(at).unwrap_or(&Value::Null).to_string();
    CHANGING.iter().map(|(code, at)| (*code, on_file(at))).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn seconds(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn sixty_days_before_its_last_day_something_is_due() {
        let record = json!({ "periodic": {
            "care_level": { "code": "care_3", "valid_until": "2027-03-31" },
            "burden_ratio": null,
            "limit_certificate": { "stage": "4", "valid_until": "2026-07-31" },
        } });
        let codes = |at: &str, until| {
            let due = due(&record, until, seconds(at));
            let code = |due: &Value| due["what"].as_str().unwrap().to_owned();
            due.iter().map(code).collect::<Vec<_>>()
        };
        // The 60th day before it begins in Japan nine hours earlier.
        assert_eq!(codes("2027-01-29T14:59:59Z", None), ["limit_certificate"]);
        let both = ["certification", "limit_certificate"];
        assert_eq!(codes("2027-01-29T15:00:00Z", None), both);
        assert_eq!(codes("2027-05-01T00:00:00Z", None), both);
        // A registration that ends with a day has that day as its last.
        let until = seconds("2026-05-31T15:00:00Z");
        assert_eq!(codes("2026-03-31T14:59:59Z", Some(until)), [] as [&str; 0]);
        assert_eq!(codes("2026-03-31T15:00:00Z", Some(until)), ["registration"]);
        let last = due(&record, Some(until), seconds("2026-06-02T00:00:00Z"));
        assert_eq!(last[0], json!({ "what": "limit_certificate", "until": "2026-07-31" }));
        assert_eq!(last[1], json!({ "what": "registration", "until": "2026-05-31" }));
    }

    #[test]
    fn what_is_not_on_file_is_an_item_too() {
        let nothing = items(&json!({}));
        assert_eq!(nothing.len(), CHANGING.len());
        assert!(nothing.iter().all(|(_, on_file)| on_file == "null"));
        assert_eq!(
            items(&json!({ "person": { "name_kana": "ア" } }))[5],
            ("name", "\"ア\"".into())
        );
    }
}
