//! What the documents plan or discuss, and what they leave open, with the value that it has here.

use std::time::Duration;

use super::config::Config;
use crate::sts::{
    ANSWER_KEPT, LONGEST_DISASTER, LONGEST_HOURS, TOKEN_KEPT, UNUSED_KEPT, USED_KEPT,
};
use crate::web_service::{DAY, DUE_WITHIN_DAYS, STORAGE};

/// How far a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyStatus {
    /// A document states it, and leaves something open that has a value here.
    Fixed,
    /// A document says that it will be so.
    Planned,
    /// A document asks whether it should be so.
    Discussed,
}

impl PolicyStatus {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Planned => "planned",
            Self::Discussed => "discussed",
        }
    }

    /// In Japanese.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Fixed => "決定（細部は未定）",
            Self::Planned => "予定",
            Self::Discussed => "検討中",
        }
    }
}

/// A rule that is not settled in every part, and what is done about it here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its number, as in `docs/rules.md`.
    pub rule: &'static str,
    /// How far it is.
    pub status: PolicyStatus,
    /// Where it stands, as `docs/rules.md` names the documents.
    pub source: &'static str,
    /// What it is about, in English.
    pub english: &'static str,
    /// The same in Japanese.
    pub japanese: &'static str,
    /// What holds here, in English.
    pub here_english: String,
    /// The same in Japanese.
    pub here_japanese: String,
}

type Said = (&'static str, &'static str);

fn policy(
    (rule, status, source): (&'static str, PolicyStatus, &'static str),
    (english, japanese): Said,
    (here_english, here_japanese): (impl Into<String>, impl Into<String>),
) -> Policy {
    let (here_english, here_japanese) = (here_english.into(), here_japanese.into());
    Policy { rule, status, source, english, japanese, here_english, here_japanese }
}

impl Policy {
    /// All of them, as a sandbox of this configuration keeps them.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub fn all(config: &Config) -> Vec<Self> {
        use PolicyStatus::{Discussed, Fixed, Planned};
        let registration = config.registration_lifetime;
        let kept = [UNUSED_KEPT, USED_KEPT, TOKEN_KEPT, ANSWER_KEPT].map(of_seconds);
        let [unused, used, token, answer] = kept;
        let tickets = match config.offline_tickets {
            0 => "no tickets".to_owned(),
            1 => "1 ticket".to_owned(),
            most => format!("{most} tickets"),
        };
        vec![
            policy(
                ("R03", Discussed, "A K1009"),
                ("A way without PIN", "暗証番号を使わない確認方法"),
                (
                    "A tap counts after a first confirmation with card and PIN; at a first visit there is no card without PIN.",
                    "カードと暗証番号による初回の確認の後は、かざすだけで確認できます。初回は暗証番号が必要です。",
                ),
            ),
            policy(
                ("R05", Planned, "B35"),
                (
                    "Phones read cards, from April 2026",
                    "スマートフォンでの読み取り（令和8年4月から）",
                ),
                (
                    "Always; nothing depends on the date.",
                    "常に使えます（日付による制限はありません）。",
                ),
            ),
            policy(
                ("R06", Fixed, "B31"),
                (
                    "How long a confirmation registers a person for a facility",
                    "利用者登録の有効期間（「一定期間」）",
                ),
                (
                    format!("{} at first, and from each claim on.", english(registration)),
                    format!(
                        "確認から{}。レセプトの受付のたびに、そこから{}。",
                        japanese(registration),
                        japanese(registration)
                    ),
                ),
            ),
            policy(
                ("R07", Fixed, "B31"),
                (
                    "Whether the last second of the 24 hours counts",
                    "「24時間以内」の最後の1秒を含むか",
                ),
                (
                    format!("It does: up to and with {DAY} seconds."),
                    format!("含みます（{DAY}秒まで）。"),
                ),
            ),
            policy(
                ("R10", Fixed, "B32"),
                (
                    "Which facilities take consent in the municipality's stead",
                    "包括同意を代行取得できる「等」の範囲",
                ),
                (
                    "care_management, facility, health_facility, medical_facility, residential; until the person's next application.",
                    "居宅介護支援、施設（特養）、老健、介護医療院、居住系。次の認定申請まで。",
                ),
            ),
            policy(
                ("R14", Discussed, "A 2-2"),
                (
                    "When nothing can be viewed any more after the end of a contract",
                    "契約終了後に閲覧できなくなる時期",
                ),
                (
                    "At once: registration, handles, evidence and access tokens of the facility.",
                    "直ちに（利用者登録、端末ごとの登録情報、確認の記録、アクセス権のすべて）。",
                ),
            ),
            policy(
                ("R15", Discussed, "D5"),
                ("The second visit and later ones", "2回目以降の確認の簡素化"),
                (
                    "From the list of registered people, without card, to view; or by a tap.",
                    "利用者一覧から、カードなしで閲覧できます。かざすだけの確認もできます。",
                ),
            ),
            policy(
                ("R20", Discussed, "D7"),
                ("The rules for disasters", "災害時の特例"),
                (
                    format!(
                        "Off, unless two of the staff declare it, for named facilities and at most {}; entitlement only.",
                        english(LONGEST_DISASTER)
                    ),
                    format!(
                        "通常は無効。職員2名の宣言により、指定した事業所で最長{}。被保険者証の情報だけを閲覧できます。",
                        japanese(LONGEST_DISASTER)
                    ),
                ),
            ),
            policy(
                ("R21", Discussed, "A K1016"),
                ("Proxies and relatives far away", "代理人・遠方の家族"),
                ("Not confirmed.", "確認の対象にしていません。"),
            ),
            policy(
                ("R22", Discussed, "A K1004"),
                (
                    "Rights for each kind of information, and a watch on who looks",
                    "情報の種類ごとの権限と閲覧の監視",
                ),
                (
                    "A scope for each kind, judged by kind of facility and creator; every look at it is on record.",
                    "種類ごとに権限を分け、事業所の種類と作成者で判定します。閲覧はすべて記録します。",
                ),
            ),
            policy(
                ("R26", Discussed, "A K1103"),
                (
                    "訪問看護 between medical and care insurance",
                    "訪問看護の医療保険と介護保険の切り替え",
                ),
                (
                    "A visit is for care insurance unless it says medical, which 訪問看護 may; what was proved counts for both.",
                    "特に指定がなければ介護保険。医療保険は訪問看護だけが指定できます。本人確認はどちらにも有効です。",
                ),
            ),
            policy(
                ("R27", Discussed, "A K1101"),
                ("Other certificates in one look", "医療・障害・公費などの証の一覧表示"),
                (
                    "None of its own; a kind that is added is told by its code.",
                    "対象外です。追加された種類は、番号のまま表示されます。",
                ),
            ),
            policy(
                ("R33", Discussed, "A K1007"),
                ("How long data are kept", "情報の保存期間"),
                (
                    format!(
                        "People's data as they were brought in; a challenge {} after its end, or {} once used, and as long what came of a \
                         visit without coverage; a token's record {}; an answer {}; what happened for good.",
                        english(unused),
                        english(used),
                        english(token),
                        english(answer)
                    ),
                    format!(
                        "利用者の情報は取り込んだとおり。確認要求は期限後{}（使用後は{}。圏外での確認の結果も同じ）、アクセス権の記録は{}、回答は{}。監査記録は消しません。",
                        japanese(unused),
                        japanese(used),
                        japanese(token),
                        japanese(answer)
                    ),
                ),
            ),
            policy(
                ("R34", Discussed, "D5"),
                ("What is stable and what changes, apart", "変わらない情報と変わる情報の分離"),
                (
                    "Level, ratio and limits stand under `periodic`, with the time as of which they hold.",
                    "要介護度・負担割合・負担限度額などを分け、その時点を添えます。",
                ),
            ),
            policy(
                ("R35", Discussed, "A 3-3"),
                ("What runs out", "認定有効期間などの期限の知らせ"),
                (
                    format!("Named from {DUE_WITHIN_DAYS} days before."),
                    format!("{DUE_WITHIN_DAYS}日前から知らせます。"),
                ),
            ),
            policy(
                ("R36", Discussed, "A K1004"),
                ("What of the platform may be stored on a device", "端末への保存の可否"),
                (
                    format!(
                        "Nothing: the entitlement says storage \"{STORAGE}\", every answer no-store. For visits without coverage \
                         {tickets} a device ({LONGEST_HOURS} hours at most), which name nobody; what was confirmed with them waits \
                         there until it is sent."
                    ),
                    format!(
                        "不可（受給内容に storage \"{STORAGE}\"、すべての回答に no-store を付けます）。圏外用の持ち出しは1台に{}枚\
                         （{LONGEST_HOURS}時間まで、氏名等なし）。それで行った確認は、送信まで端末に残ります。",
                        config.offline_tickets
                    ),
                ),
            ),
            policy(
                ("R38", Discussed, "D5"),
                ("Paper certificates that were lost", "被保険者証の紛失"),
                (
                    "The card does without; without either nothing but the insurer helps.",
                    "カードで確認できます。どちらもないときは保険者に問い合わせます。",
                ),
            ),
        ]
    }
}

fn of_seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

/// Days, hours or whatever it is whole in.
fn parted(time: Duration) -> (u64, usize) {
    let seconds = time.as_secs();
    let units = [86_400, 3_600, 60, 1];
    let at = units.iter().position(|unit| seconds.is_multiple_of(*unit)).unwrap_or(3);
    (seconds / units[at], at)
}

fn english(time: Duration) -> String {
    let (count, at) = parted(time);
    let unit = ["day", "hour", "minute", "second"][at];
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

fn japanese(time: Duration) -> String {
    let (count, at) = parted(time);
    format!("{count}{}", ["日間", "時間", "分間", "秒間"][at])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_rule_that_is_planned_or_discussed_has_its_value_here() {
        let document = include_str!("../../../../docs/rules.md");
        let rows = document.lines().filter(|line| line.starts_with("| R"));
        let rows: BTreeMap<&str, (&str, &str)> = rows
            .map(|row| {
                let cells: Vec<&str> = row.split('|').map(str::trim).collect();
                (cells[1], (cells[2], cells[4]))
            })
            .collect();
        assert_eq!(rows.len(), 38);
        let policies = Policy::all(&Config::default());
        for policy in &policies {
            assert_eq!(rows[policy.rule], (policy.status.code(), policy.source), "{}", policy.rule);
            assert!(policy.here_english.is_ascii() || policy.rule == "R26", "{}", policy.rule);
            assert!(!policy.japanese.is_ascii() && !policy.here_japanese.is_ascii());
        }
        for (rule, (status, _)) in rows {
            let open = matches!(status, "planned" | "discussed");
            let told = policies.iter().filter(|policy| policy.rule == rule).count();
            assert!(told == 1 || (!open && told == 0), "{rule}");
        }
    }

    #[test]
    fn a_value_is_that_of_the_configuration() {
        let told = |lifetime| {
            let config = Config { registration_lifetime: lifetime, ..Config::default() };
            let policies = Policy::all(&config);
            let policy = policies.into_iter().find(|policy| policy.rule == "R06").unwrap();
            (policy.here_english, policy.here_japanese)
        };
        let (english, japanese) = told(Duration::from_hours(180 * 24));
        assert!(english.starts_with("180 days") && japanese.contains("180日間"), "{english}");
        assert!(told(Duration::from_hours(30)).0.starts_with("30 hours"));
        assert!(told(Duration::from_hours(24)).0.starts_with("1 day "));
    }
}
