use jiff::SignedDuration;
use kaigotap_sandbox::{Person, Unusual};
use serde_json::{Value, json};

use crate::pki::SERIAL;
use crate::support::{World, base64url, payload};

#[tokio::test]
async fn the_person_decides_what_is_open() {
    let world = World::with_person(|person| person.health_insurance_use = false).await;
    let answer = world.exchange(&world.assertion().await).await;
    answer.refused(403, "health_insurance_use_not_registered");

    let world = World::with_person(|person| person.certificate_serials = vec![vec![1]]).await;
    world.exchange(&world.assertion().await).await.refused(404, "person_not_found");

    let world = World::with_person(|person| {
        person.insurer_connected = false;
        person.consent = false;
    })
    .await;
    let answer = world.exchange(&world.assertion().await).await;
    world.entitlement(answer.access_token()).await.refused(409, "insurer_not_connected");

    let world = World::with_person(|person| person.consent = false).await;
    let answer = world.exchange(&world.assertion().await).await;
    world.entitlement(answer.access_token()).await.refused(403, "consent_required");
}

#[tokio::test]
async fn what_is_unusual_is_given_as_it_is() {
    for what in Unusual::ALL {
        let world = World::with(|config| {
            config.people = vec![Person::unusual(what, vec![SERIAL.to_vec()])];
        })
        .await;
        let answer = world.exchange(&world.assertion().await).await;
        let entitlement = world.entitlement(answer.access_token()).await;
        let (pointer, expected) = match what {
            Unusual::CareLevel => ("/periodic/care_level/code", json!("pending")),
            Unusual::Programme => ("/periodic/care_level/code", json!("program_target")),
            Unusual::LimitStage => ("/periodic/limit_certificate/stage", json!("4")),
            Unusual::NothingToPay => ("/periodic/burden_ratio/percent", json!(0)),
            Unusual::BirthDay => ("/person/birth_date", json!("1941-05-00")),
            Unusual::BirthMonth => ("/person/birth_date", json!("1941-00-00")),
            Unusual::BirthYearOnly => ("/person/birth_date", json!("1941")),
            Unusual::NoBirthDate => ("/person/birth_date", Value::Null),
            _ => unreachable!("a new one: say what is given"),
        };
        assert_eq!(entitlement.status, 200, "{}", entitlement.json);
        assert_eq!(entitlement.json.pointer(pointer), Some(&expected));
    }
    // All of them fit into one sandbox.
    let everybody = (1..).zip(Unusual::ALL).map(|(n, what)| Person::unusual(what, vec![vec![n]]));
    World::with(|config| config.people = everybody.collect()).await;
}

#[tokio::test]
async fn a_token_opens_what_it_says_while_it_lasts() {
    let world = World::new().await;
    let other = World::new().await;
    let good = world.exchange(&world.assertion().await).await.access_token().to_owned();
    let foreign = other.exchange(&other.assertion().await).await.access_token().to_owned();
    let challenge = world.challenge().await;
    let (head, rest) = good.split_once('.').unwrap();
    let (said, signature) = rest.split_once('.').unwrap();
    let none = base64url(br#"{"alg":"none","typ":"at+jwt"}"#);
    let mut more = payload(&good);
    more["exp"] = 9_999_999_999_u64.into();
    let longer = base64url(more.to_string().as_bytes());
    let bad = [
        "x",
        "",
        &foreign,
        &world.staff,
        &challenge,
        &format!("{none}.{said}."),
        &format!("{head}.{longer}.{signature}"),
        &format!("{good}="),
        &format!("{head}.{said}.{}", base64url(&[0; 64])),
    ];
    for token in bad {
        world.entitlement(token).await.refused(401, "token_invalid");
    }
    let unsaid = world.call("GET", "/v1/qualification", &[], String::new()).await.unwrap();
    unsaid.refused(401, "token_invalid");

    let mut form = world.form(&world.assertion().await);
    form[7].1 = "certification:read".into();
    let narrow = world.send_form(&form).await.unwrap();
    world.entitlement(narrow.access_token()).await.refused(403, "scope_missing");

    world.sandbox.shift_clock(SignedDuration::from_secs(890));
    assert_eq!(world.entitlement(&good).await.status, 200);
    world.sandbox.shift_clock(SignedDuration::from_secs(10));
    world.entitlement(&good).await.refused(401, "token_expired");
}
