//! The list of a facility's registered people, and the life of a registration.

use jiff::{SignedDuration, Timestamp};
use kaigotap_sandbox::{CareLevelCode, Config, FACILITY_ID, Person, STAFF_ID};
use serde_json::{Value, json};

use crate::device::Device;
use crate::other_evidence::{state, statement, text, with_card};
use crate::pki::SERIAL;
use crate::start::TemporaryFile;
use crate::support::{Answer, World, payload};

const READ: &str = "qualification:read";
const ELSEWHERE: &str = "1370000002";

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
async fn register(world: &World, device: &Device, person: &Person) -> Answer {
    register_at(world, device, person, (FACILITY_ID, STAFF_ID)).await
}

async fn register_at(
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

async fn ask(world: &World, device: &Device, path: &str, body: &Value) -> Answer {
    let content = ("application/json", body.to_string());
    device.call(world, ("POST", path), Some(&device.staff), content).await
}

async fn search(world: &World, device: &Device, terms: &Value) -> Answer {
    let found = ask(world, device, "/v1/users/search", terms).await;
    assert_eq!(found.status, 200, "{terms}: {}", found.json);
    found
}

fn users(found: &Answer) -> &[Value] {
    found.json["users"].as_array().unwrap()
}

fn numbers(found: &Answer) -> Vec<&str> {
    users(found).iter().map(|user| user["insured_number"].as_str().unwrap()).collect()
}

fn subject(granted: &Answer) -> Value {
    json!({ "subject": granted.json["honnin"]["sub"] })
}

async fn read(world: &World, device: &Device, token: &str) -> Answer {
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
async fn somebody_on_the_list_is_opened_at_another_device() {
    let world = World::new().await;
    let (one, two) = (Device::new(&world).await, Device::new(&world).await);
    let whom = subject(&with_card(&world, &one, READ).await);
    let opened = ask(&world, &two, "/v1/users/open", &whom).await;
    let handle = text(&opened, "registration").to_owned();
    let listed = search(&world, &two, &json!({})).await;
    assert_eq!(opened.json["valid_until"], users(&listed)[0]["valid_until"]);
    assert_eq!(users(&listed)[0]["method"], "card_pin");
    let visit = two.exchange(&world, "registration", &handle, READ).await;
    assert_eq!(visit.json["honnin"]["method"], "registered", "{}", visit.json);
    let entitlement = read(&world, &two, visit.access_token()).await;
    assert_eq!(entitlement.json["registered_until"], opened.json["valid_until"]);
    // With the card it is whom it was opened for.
    let hint = whom["subject"].as_str().unwrap();
    two.challenge(&world, "card_tap", Some(hint)).await;
    let elsewhere = one.exchange(&world, "registration", &handle, READ).await;
    assert_eq!(elsewhere.json["field"], "cnf", "{}", elsewhere.json);

    // Of many handles the oldest give way; the first device keeps its own.
    let own = ask(&world, &one, "/v1/users/open", &whom).await;
    let mut handles = vec![handle];
    for _ in 0..64 {
        let opened = ask(&world, &two, "/v1/users/open", &whom).await;
        handles.push(text(&opened, "registration").to_owned());
    }
    let mut good = 0;
    for handle in &handles {
        let visit = two.exchange(&world, "registration", handle, READ).await;
        good += usize::from(visit.status == 200);
    }
    assert_eq!((good, handles.len()), (64, 65));
    let last = two.exchange(&world, "registration", &handles[64], READ).await;
    assert_eq!(last.status, 200, "{}", last.json);
    let own = one.exchange(&world, "registration", text(&own, "registration"), READ).await;
    assert_eq!(own.status, 200, "{}", own.json);

    world.sandbox.kill_device(&two.id).await.unwrap();
    let killed = two.exchange(&world, "registration", &handles[64], READ).await;
    killed.refused(401, "device_revoked");
    for path in ["/v1/users/search", "/v1/users/open", "/v1/users/end"] {
        ask(&world, &two, path, &json!({})).await.refused(401, "device_revoked");
    }
    let unknown = json!({ "subject": "AAAA" });
    ask(&world, &one, "/v1/users/open", &unknown).await.refused(403, "registration_expired");
}

#[tokio::test]
async fn at_the_end_of_a_contract_all_that_the_facility_has_is_dead() {
    let world = World::new().await;
    let (one, two) = (Device::new(&world).await, Device::new(&world).await);
    let other = Device::of(&world, "nurse-11").await;
    let example = Person::example(vec![SERIAL.to_vec()]);
    let elsewhere = register_at(&world, &other, &example, (ELSEWHERE, "nurse-11")).await;
    let mut given = Vec::new();
    for device in [&one, &two] {
        let card = with_card(&world, device, READ).await;
        let opened = ask(&world, device, "/v1/users/open", &subject(&card)).await;
        let again = text(&opened, "registration").to_owned();
        let visit = device.exchange(&world, "registration", &again, READ).await;
        for token in [card.access_token(), visit.access_token()] {
            assert_eq!(read(&world, device, token).await.status, 200);
        }
        given.push((device, card, again, visit));
    }
    let whom = subject(&given[0].1);
    let ended = ask(&world, &two, "/v1/users/end", &whom).await;
    assert_eq!((ended.status, &ended.json["ended"]), (200, &json!(true)), "{}", ended.json);
    for (device, card, again, visit) in &given {
        for token in [card.access_token(), visit.access_token()] {
            read(&world, device, token).await.refused(401, "token_invalid");
        }
        for handle in [text(card, "registration"), again] {
            let refused = device.exchange(&world, "registration", handle, READ).await;
            refused.refused(403, "registration_expired");
        }
        let evidence =
            device.exchange(&world, "evidence", text(card, "evidence_token"), READ).await;
        evidence.refused(403, "reverify_required");
        for path in ["/v1/users/open", "/v1/users/end"] {
            let refused = ask(&world, device, path, &whom).await;
            refused.refused(403, "registration_expired");
        }
        assert!(users(&search(&world, device, &json!({})).await).is_empty());
    }
    // Elsewhere nothing has ended.
    assert_eq!(read(&world, &other, elsewhere.access_token()).await.status, 200);
    assert_eq!(users(&search(&world, &other, &json!({})).await).len(), 1);
    let records = world.sandbox.audit().after(0).await.unwrap();
    let ends = records.iter().filter(|record| record.what == "contract_end");
    let outcomes: Vec<_> =
        ends.map(|record| (record.outcome.as_str(), record.person.is_empty())).collect();
    assert_eq!(outcomes[0], ("ok", false));
    assert!(outcomes[1..].iter().all(|outcome| *outcome == ("registration_expired", true)));
    // A new contract begins with the person.
    let card = with_card(&world, &one, READ).await;
    assert_eq!(subject(&card), whom);
    assert_eq!(read(&world, &one, card.access_token()).await.status, 200);
    assert_eq!(users(&search(&world, &one, &json!({})).await).len(), 1);
}

#[tokio::test]
async fn the_receipt_of_a_claim_extends_a_registration() {
    let day = SignedDuration::from_hours(24);
    let lifetime = day * 30;
    let world = World::with(|config| config.registration_lifetime = lifetime.unsigned_abs()).await;
    let device = Device::new(&world).await;
    let example = Person::example(vec![SERIAL.to_vec()]);
    register(&world, &device, &example).await;
    let receipt = async |facility| {
        world.sandbox.receipt(facility, &example.insurer_number, &example.insured_number).await
    };
    world.sandbox.shift_clock(lifetime - day);
    let device = device.handed_to(&world, STAFF_ID).await;
    let due = search(&world, &device, &json!({})).await;
    assert!(
        users(&due)[0]["due"].as_array().unwrap().iter().any(|due| due["what"] == "registration")
    );
    let received = world.server_time().await;
    let until = receipt(FACILITY_ID).await.unwrap().unwrap();
    assert!(until >= received + lifetime, "{until}");
    assert_eq!(receipt(ELSEWHERE).await.unwrap(), None);
    assert_eq!(world.sandbox.receipt(FACILITY_ID, "990010", "9999999999").await.unwrap(), None);
    let listed = search(&world, &device, &json!({})).await;
    assert_eq!(users(&listed)[0]["valid_until"], json!(until));
    // Over is over, and is not listed, whether it has been removed or not.
    world.sandbox.shift_clock(lifetime);
    let device = device.handed_to(&world, STAFF_ID).await;
    assert!(users(&search(&world, &device, &json!({})).await).is_empty());
    assert_eq!(receipt(FACILITY_ID).await.unwrap(), None);
    let said = world.sandbox.audit().after(0).await.unwrap();
    let receipts = said.iter().filter(|record| record.what == "receipt");
    let outcomes: Vec<_> = receipts.map(|record| record.outcome.as_str()).collect();
    assert_eq!(outcomes, ["ok", "registration_expired", "registration_expired"]);
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

/// What is being given out when a contract ends is given out before, and is dead, or not at all.
#[tokio::test]
async fn nothing_slips_through_the_end_of_a_contract() {
    let world = World::new().await;
    let devices = [Device::new(&world).await, Device::new(&world).await];
    let mut given = 0;
    for _ in 0..5 {
        let cards = [
            with_card(&world, &devices[0], READ).await,
            with_card(&world, &devices[1], READ).await,
        ];
        let whom = subject(&cards[0]);
        let visits = async |index: usize, kind, member| {
            let shown = text(&cards[index], member);
            let mut given = Vec::new();
            // It ends with the contract.
            for _ in 0..200 {
                let visit = devices[index].exchange(&world, kind, shown, READ).await;
                if visit.status != 200 {
                    break;
                }
                given.push(visit);
            }
            given
        };
        let (registered, evidence, ended) = tokio::join!(
            visits(0, "registration", "registration"),
            visits(1, "evidence", "evidence_token"),
            async {
                let other = Device::new(&world).await;
                ask(&world, &other, "/v1/users/end", &whom).await
            },
        );
        assert_eq!(ended.status, 200, "{}", ended.json);
        for (device, visits) in devices.iter().zip([registered, evidence]) {
            assert!(visits.len() < 200, "it did not end");
            for visit in visits {
                read(&world, device, visit.access_token()).await.refused(401, "token_invalid");
                given += 1;
            }
        }
    }
    assert!(given > 0, "nothing happened at the same time");
}
