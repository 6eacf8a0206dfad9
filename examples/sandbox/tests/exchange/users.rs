//! The list of a facility's registered people.

use jiff::{SignedDuration, Timestamp};
use kaigotap_sandbox::{CareLevelCode, Config, FACILITY_ID, FilingStatus, Person, STAFF_ID};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};

use crate::device::Device;
use crate::gates::{INSURER, MANAGER, NUMBER, at, uuid};
use crate::other_evidence::{state, statement, text};
use crate::start::TemporaryFile;
use crate::support::{Answer, World, payload};

pub(crate) const READ: &str = "qualification:read";
pub(crate) const ELSEWHERE: &str = "1370000002";

/// Somebody with a number, a name and a date of birth of their own.
fn person(n: u8, name_kana: &str, birth_date: &str) -> Person {
    let mut person = Person::example(vec![vec![0x70, n]]);
    name_kana.clone_into(&mut person.name_kana);
    person.birth_date = birth_date.parse().unwrap();
    person.insured_number = format!("{n:010}");
    person
}

/// With these beside the example person, whom the virtual card is of.
async fn knowing(people: &[Person]) -> World {
    World::with(|config| config.people.extend_from_slice(people)).await
}

/// Registers somebody by the paper certificate.
pub(crate) async fn register(world: &World, device: &Device, person: &Person) -> Answer {
    register_at(world, device, person, (FACILITY_ID, STAFF_ID)).await
}

pub(crate) async fn register_at(
    world: &World,
    device: &Device,
    person: &Person,
    (facility, staff): (&str, &str),
) -> Answer {
    let mut claims = statement(world, device).await;
    claims["num"] = person.insured_number.clone().into();
    claims["kana"] = person.name_kana.clone().into();
    claims["dob"] = serde_json::to_value(&person.birth_date).unwrap();
    (claims["fac"], claims["act"]) = (facility.into(), staff.into());
    let answer = state(world, device, &claims, READ).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer
}

pub(crate) async fn ask(world: &World, device: &Device, path: &str, body: &Value) -> Answer {
    let content = ("application/json", body.to_string());
    device.call(world, ("POST", path), Some(&device.staff), content).await
}

pub(crate) async fn search(world: &World, device: &Device, terms: &Value) -> Answer {
    let found = ask(world, device, "/v1/users/search", terms).await;
    assert_eq!(found.status, 200, "{terms}: {}", found.json);
    found
}

pub(crate) fn users(found: &Answer) -> &[Value] {
    found.json["users"].as_array().unwrap()
}

fn numbers(found: &Answer) -> Vec<&str> {
    users(found).iter().map(|user| user["insured_number"].as_str().unwrap()).collect()
}

pub(crate) fn subject(granted: &Answer) -> Value {
    json!({ "subject": granted.json["honnin"]["sub"] })
}

pub(crate) async fn read(world: &World, device: &Device, token: &str) -> Answer {
    let nothing = ("text/plain", String::new());
    device.call(world, ("GET", "/v1/qualification"), Some(token), nothing).await
}

#[tokio::test]
async fn a_list_is_searched_by_kana_and_date_of_birth() {
    let people = [
        person(1, "ヤマモト　ショウコ", "1941-05-03"),
        person(2, "ヤマモト　イチロウ", "1941-05-00"),
        person(3, "ヤマモリ　ショウコ", "1938-01-20"),
        person(4, "アカギ　ショウコ", "1941-05-03"),
        // Never registered.
        person(5, "ヤマモト　ジロウ", "1941-05-03"),
    ];
    let world = knowing(&people).await;
    let device = Device::new(&world).await;
    for person in &people[..4] {
        register(&world, &device, person).await;
    }
    for (terms, found) in [
        (json!({}), vec!["0000000004", "0000000002", "0000000001", "0000000003"]),
        (json!({ "kana": "ヤマモ" }), vec!["0000000002", "0000000001", "0000000003"]),
        // Small and large kana, spaces and middle dots are not told apart; a name is found by its beginning.
        (json!({ "kana": "ヤマモト シヨ" }), vec!["0000000001"]),
        (json!({ "kana": "ヤマ・モトショ" }), vec!["0000000001"]),
        (json!({ "kana": "ショウコ" }), vec![]),
        (json!({ "birth_date": "1941-05-03" }), vec!["0000000004", "0000000001"]),
        (json!({ "birth_date": "1941-05-00" }), vec!["0000000002"]),
        (json!({ "kana": "ヤ", "birth_date": "1941-05-03" }), vec!["0000000001"]),
        (json!({ "kana": "ヤ", "birth_date": "1999-05-03" }), vec![]),
    ] {
        let answer = search(&world, &device, &terms).await;
        assert_eq!(numbers(&answer), found, "{terms}");
        assert_eq!((&answer.json["next"], &answer.json["hidden"]), (&Value::Null, &json!(0)));
    }
    let answer = search(&world, &device, &json!({ "kana": "アカギ" })).await;
    let user = &users(&answer)[0];
    for (member, value) in [
        ("name_kana", json!("アカギ　ショウコ")),
        ("birth_date", json!("1941-05-03")),
        ("sex", json!("female")),
        ("insurer_number", json!("990010")),
        ("method", json!("four_attributes")),
        ("changed", json!([])),
    ] {
        assert_eq!(user[member], value);
    }
    assert_eq!(user.as_object().unwrap().len(), 11);
    let until: Timestamp = user["valid_until"].as_str().unwrap().parse().unwrap();
    let since: Timestamp = user["verified_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(until.duration_since(since), SignedDuration::from_hours(180 * 24));
    for terms in [
        json!({ "kana": "ア".repeat(101) }),
        json!({ "birth_date": "1941-13-00" }),
        json!({ "birth_date": "昭和16年5月3日" }),
        json!({ "limit": 0 }),
        json!({ "limit": 501 }),
        json!({ "after": "AAAA" }),
        json!({ "name": "ヤマモト" }),
    ] {
        ask(&world, &device, "/v1/users/search", &terms).await.refused(400, "request_malformed");
    }
}

#[tokio::test]
async fn a_list_is_read_to_its_end_while_people_come_and_go() {
    // Every third name is the same: subjects put them in order.
    let people: Vec<_> = (0..30)
        .map(|n| {
            let name = ["カトウ　ハナ", "サトウ　ハナ", "タナカ　ハナ"][usize::from(n % 3)];
            person(n, name, "1940-01-01")
        })
        .collect();
    let world = knowing(&people).await;
    let device = Device::new(&world).await;
    for person in &people[..24] {
        register(&world, &device, person).await;
    }
    let gone = register(&world, &device, &people[24]).await;
    let mut coming = people[25..].iter();
    let (mut seen, mut pages) = (Vec::new(), 0);
    let mut after = Value::Null;
    loop {
        let mut terms = json!({ "limit": 5 });
        if after.is_string() {
            terms["after"] = after;
        }
        let page = search(&world, &device, &terms).await;
        assert!(users(&page).len() <= 5);
        seen.extend(numbers(&page).into_iter().map(str::to_owned));
        pages += 1;
        after = page.json["next"].clone();
        if after.is_null() {
            break;
        }
        if pages == 2 {
            let ended = ask(&world, &device, "/v1/users/end", &subject(&gone)).await;
            assert_eq!(ended.status, 200, "{}", ended.json);
        }
        if let Some(person) = coming.next() {
            register(&world, &device, person).await;
        }
    }
    assert!((5..=6).contains(&pages), "{pages}");
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "somebody came twice");
    for person in &people[..24] {
        assert!(seen.contains(&person.insured_number), "{} is missing", person.insured_number);
    }
    // A page that ends where the list does has nothing after it.
    let all = search(&world, &device, &json!({ "limit": 29 })).await;
    assert_eq!((users(&all).len(), &all.json["next"]), (29, &Value::Null));
}

#[tokio::test]
async fn another_facility_sees_nothing_of_a_list() {
    let people = [person(1, "アカギ　ハナ", "1940-01-01"), person(2, "イトウ　ハナ", "1940-01-01")];
    let world = knowing(&people).await;
    let device = Device::new(&world).await;
    let first = register(&world, &device, &people[0]).await;
    register(&world, &device, &people[1]).await;
    let cursor = search(&world, &device, &json!({ "limit": 1 })).await.json["next"].clone();
    assert!(cursor.is_string() && !cursor.as_str().unwrap().is_empty());
    let other = Device::of(&world, "nurse-11").await;
    assert!(users(&search(&world, &other, &json!({})).await).is_empty());
    let on = json!({ "after": cursor });
    ask(&world, &other, "/v1/users/search", &on).await.refused(400, "request_malformed");
    assert_eq!(numbers(&search(&world, &device, &on).await), ["0000000002"]);
    for path in ["/v1/users/open", "/v1/users/end"] {
        let refused = ask(&world, &other, path, &subject(&first)).await;
        refused.refused(403, "registration_expired");
    }
    // There, the same person is somebody else.
    let there = register_at(&world, &other, &people[0], (ELSEWHERE, "nurse-11")).await;
    assert_ne!(subject(&there), subject(&first));
    assert_eq!(users(&search(&world, &other, &json!({})).await).len(), 1);
    let nobody = ("application/json", "{}".to_owned());
    let unsaid = device.call(&world, ("POST", "/v1/users/search"), None, nobody.clone()).await;
    unsaid.refused(401, "staff_token_invalid");
    let token = first.access_token();
    let wrong = device.call(&world, ("POST", "/v1/users/search"), Some(token), nobody).await;
    wrong.refused(401, "staff_token_invalid");
}

#[tokio::test]
async fn nobody_is_listed_of_whom_nothing_is_served() {
    let mut people = [
        person(1, "アカギ　ハナ", "1940-01-01"),
        person(2, "イトウ　ハナ", "1940-01-01"),
        person(3, "ウエダ　ハナ", "1940-01-01"),
    ];
    people[0].consent = false;
    people[1].insurer_connected = false;
    let world = knowing(&people).await;
    let device = Device::new(&world).await;
    for person in &people {
        register(&world, &device, person).await;
    }
    let found = search(&world, &device, &json!({})).await;
    assert_eq!((numbers(&found), &found.json["hidden"]), (vec!["0000000003"], &json!(2)));
    // They may fill a page, which is not the last for that.
    let found = search(&world, &device, &json!({ "limit": 2 })).await;
    assert!(users(&found).is_empty() && found.json["next"].is_string());
    let rest = json!({ "after": found.json["next"] });
    assert_eq!(numbers(&search(&world, &device, &rest).await), ["0000000003"]);
}

#[tokio::test]
async fn what_runs_out_is_found_and_what_has_changed_is_told() {
    let file = TemporaryFile::new("users");
    let (database, _) = crate::audit::database(&file).await;
    let world = async |people: &[Person]| {
        let change = |config: &mut Config| {
            config.database = database.clone();
            config.people = people.to_vec();
        };
        World::with(change).await
    };
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9))).date();
    let in_days = |days: i64| today.checked_add(SignedDuration::from_hours(24 * days)).unwrap();
    let mut people =
        [person(1, "アカギ　ハナ", "1940-01-01"), person(2, "イトウ　ハナ", "1940-01-01")];
    for person in &mut people {
        person.care_level.as_mut().unwrap().valid_until = in_days(61);
        person.burden_ratio.as_mut().unwrap().valid_until = in_days(400);
        person.limit_certificate = None;
    }
    people[1].care_level.as_mut().unwrap().valid_until = in_days(60);
    let before = world(&people).await;
    let device = Device::new(&before).await;
    let mut granted = Vec::new();
    for person in &people {
        let answer = register(&before, &device, person).await;
        let entitlement = read(&before, &device, answer.access_token()).await;
        assert_eq!(entitlement.json["changed"], json!([]), "there was nothing to compare it with");
        granted.push(answer);
    }
    let due = json!([{ "what": "certification", "until": in_days(60) }]);
    let found = search(&before, &device, &json!({ "due": true })).await;
    assert_eq!((numbers(&found), &users(&found)[0]["due"]), (vec!["0000000002"], &due));
    assert_eq!(numbers(&search(&before, &device, &json!({ "due": false })).await).len(), 2);
    let entitlement = read(&before, &device, granted[1].access_token()).await;
    assert_eq!(entitlement.json["due"], due);
    let until = payload(granted[1].access_token())["kaigo"]["reg_until"].as_i64().unwrap();
    let until = Timestamp::from_second(until).unwrap();
    assert_eq!(entitlement.json["registered_until"], json!(until));
    before.sandbox.stop().await;

    // The insurer has news: a level, and a name by which the person is found from now on.
    people[0].care_level.as_mut().unwrap().code = CareLevelCode::Care5;
    people[0].name_kana = "ワダ　ハナ".to_owned();
    let after = world(&people).await;
    let device = Device::new(&after).await;
    let found = search(&after, &device, &json!({})).await;
    assert_eq!(numbers(&found), ["0000000002", "0000000001"]);
    assert_eq!(users(&found)[1]["changed"], json!(["care_level", "name"]));
    assert_eq!(users(&found)[0]["changed"], json!([]));
    assert_eq!(numbers(&search(&after, &device, &json!({ "kana": "ワダ" })).await), ["0000000001"]);
    assert!(users(&search(&after, &device, &json!({ "kana": "アカギ" })).await).is_empty());
    let opened = ask(&after, &device, "/v1/users/open", &subject(&granted[0])).await;
    let visit =
        async || device.exchange(&after, "registration", text(&opened, "registration"), READ).await;
    let (first, second) = (visit().await, visit().await);
    // Read again with the same token, it is the same answer: the first may have been lost.
    for _ in 0..2 {
        let entitlement = read(&after, &device, first.access_token()).await;
        assert_eq!(entitlement.json["changed"], json!(["care_level", "name"]));
    }
    let entitlement = read(&after, &device, second.access_token()).await;
    assert_eq!(entitlement.json["changed"], json!([]));
    assert_eq!(users(&search(&after, &device, &json!({})).await)[1]["changed"], json!([]));
    after.sandbox.stop().await;
}

#[tokio::test]
async fn whoever_is_registered_nowhere_reads_all_the_same() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let mut claims = statement(&world, &device).await;
    claims["pur"] = json!(["view"]);
    let granted = state(&world, &device, &claims, READ).await;
    let entitlement = read(&world, &device, granted.access_token()).await;
    assert_eq!(entitlement.status, 200, "{}", entitlement.json);
    let said = &entitlement.json;
    assert_eq!((&said["changed"], &said["registered_until"]), (&json!([]), &Value::Null));
    assert!(users(&search(&world, &device, &json!({})).await).is_empty());
}

/// Each page is as large as it was asked for, and those who are due are found among all of them, for the price of a look at a
/// thousand a page.
#[tokio::test]
async fn a_long_list_is_read_in_few_pages() {
    let file = TemporaryFile::new("long");
    let (database, url) = crate::audit::database(&file).await;
    let ends: jiff::civil::Date = "2098-03-31".parse().unwrap();
    let soon = Timestamp::now().to_string()[..10].parse().unwrap();
    let people: Vec<_> = (0_u32..1200)
        .map(|n| {
            let mut person = person(0, "カイゴ　ハナコ", "1941-05-03");
            person.certificate_serials = vec![n.to_be_bytes().to_vec()];
            person.insured_number = format!("{n:010}");
            let level = person.care_level.as_mut().unwrap();
            level.valid_until = if n % 300 == 299 { soon } else { ends };
            person.burden_ratio.as_mut().unwrap().valid_until = ends;
            person.limit_certificate = None;
            person
        })
        .collect();
    let start = async || {
        let change = |config: &mut Config| {
            config.database = database.clone();
            config.people.clone_from(&people);
        };
        World::with(change).await
    };
    start().await.sandbox.stop().await;
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let registered = "INSERT INTO sts_registration (facility_id, subject, pmh_id, verified_at, valid_until) \
                      SELECT '1370000001', pmh_id, pmh_id, 0, 4000000000 FROM kiban_insured";
    sqlx::raw_sql(registered).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let world = start().await;
    let device = Device::new(&world).await;
    for (terms, pages, users_in_all) in [
        (json!({ "kana": "カイゴ", "limit": 500 }), 3, 1200),
        (json!({ "birth_date": "1941-05-03", "limit": 500 }), 3, 1200),
        (json!({ "due": true, "limit": 500 }), 2, 4),
    ] {
        let (mut seen, mut read) = (std::collections::BTreeSet::new(), 0);
        let mut asked = terms.clone();
        loop {
            let page = search(&world, &device, &asked).await;
            read += 1;
            for user in users(&page) {
                assert!(seen.insert(user["insured_number"].as_str().unwrap().to_owned()));
            }
            if page.json["next"].is_null() {
                break;
            }
            asked["after"] = page.json["next"].clone();
        }
        assert_eq!((read, seen.len()), (pages, users_in_all), "{terms}");
    }
    world.sandbox.stop().await;
}

/// What the municipality and another facility do is on the list at the next look.
#[tokio::test]
async fn a_list_follows_what_others_do() {
    let world = World::new().await;
    let (nurse, manager) = (at(&world, STAFF_ID).await, at(&world, MANAGER).await);
    let token = nurse.token(&world, READ).await;
    assert_eq!(read(&world, &nurse.device, &token).await.status, 200);
    let notice = json!({
        "id": uuid(1), "kind": "care_plan", "start_on": "2026-12-01", "assent": true, "replaces": null
    });
    let submit = manager.token(&world, "care_plan_notice:submit").await;
    assert_eq!(manager.post(&world, "/v1/filings", &submit, &notice).await.status, 201);
    assert!(world.sandbox.judge_filing(&uuid(1), FilingStatus::Accepted, None).await.unwrap());
    let changed =
        search(&world, &nurse.device, &json!({})).await.json["users"][0]["changed"].clone();
    assert_eq!(changed, json!(["care_manager"]));

    assert!(world.sandbox.withdraw_consent(INSURER, NUMBER).await.unwrap());
    let hidden = search(&world, &nurse.device, &json!({ "kana": "カイゴ" })).await;
    assert_eq!((users(&hidden).len(), &hidden.json["hidden"]), (0, &json!(1)));
    assert!(!hidden.json.to_string().contains("カイゴ"));
    assert!(world.sandbox.take_consent(INSURER, NUMBER).await.unwrap());
    assert_eq!(numbers(&search(&world, &nurse.device, &json!({})).await), [NUMBER]);
}
