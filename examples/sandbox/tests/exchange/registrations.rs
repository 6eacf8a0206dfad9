//! The life of a registration: opened at another device, extended by a claim, ended with the contract.

use jiff::SignedDuration;
use kaigotap_sandbox::{FACILITY_ID, Person, STAFF_ID};
use serde_json::json;

use crate::device::Device;
use crate::other_evidence::{text, with_card};
use crate::pki::SERIAL;
use crate::support::World;
use crate::users::{ELSEWHERE, READ, ask, read, register, register_at, search, subject, users};

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
