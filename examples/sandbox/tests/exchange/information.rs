//! What is known of a person beside the entitlement, and who sees it: every cell of the sharing table through HTTP.

use jiff::civil::date;
use kaigotap_sandbox::{
    CareLevel, CareLevelCode, FacilityKind, Information, LifeItem, STAFF_ID, SurveyItem,
};
use serde_json::{Value, json};

use crate::gates::{At, INSURER, NUMBER, at};
use crate::support::{Answer, World};

const KINDS: [&str; 6] =
    ["certification", "survey", "doctor_opinion", "housing", "care_plan", "life"];
const SCOPES: &str =
    "certification:read survey:read doctor_opinion:read housing:read care_plan:read life:read";
const ELSEWHERE: &str = "1370000009";

/// One record of a kind, made by this facility where a facility makes such.
fn record(kind: &str, facility: &str, physician_agrees: Option<bool>) -> Information {
    let day = date(2026, 4, 1);
    let facility_id = facility.to_owned();
    match kind {
        "certification" => Information::Certification {
            applied_on: day,
            kind: "renewal".to_owned(),
            progress: "notified".to_owned(),
            level: Some(CareLevel {
                code: CareLevelCode::Care2,
                valid_from: day,
                valid_until: date(2027, 3, 31),
            }),
        },
        "survey" => Information::Survey {
            surveyed_on: day,
            items: vec![SurveyItem {
                no: "1-3".into(),
                name: "寝返り".into(),
                value: "できる".into(),
            }],
        },
        "doctor_opinion" => Information::DoctorOpinion {
            written_on: day,
            physician_facility: facility_id,
            text: "安定".to_owned(),
            physician_agrees,
        },
        "housing" => Information::Housing {
            kind: "modification".to_owned(),
            limit_yen: 200_000,
            items: Vec::new(),
        },
        "care_plan" => Information::CarePlan {
            table: 1,
            written_on: day,
            facility_id,
            text: "自宅で暮らす".to_owned(),
        },
        "life" => Information::Life {
            recorded_on: day,
            facility_id,
            items: vec![LifeItem { name: "BMI".to_owned(), value: "21.0".to_owned() }],
        },
        other => panic!("{other}"),
    }
}

async fn with(records: Vec<Information>) -> World {
    World::with_person(|person| person.information = records).await
}

async fn look(world: &World, at: &At, token: &str, kind: &str) -> Answer {
    at.get(world, &format!("/v1/information/{}", kind.replace('_', "-")), token).await
}

/// The cell of `tests/vectors/rules/sharing.csv`.
fn cell(kind: &str, column: &str) -> String {
    let table = include_str!("../../../../tests/vectors/rules/sharing.csv");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let at = rows[0].iter().position(|name| *name == column).unwrap();
    let row = rows.iter().find(|row| row[0] == kind).unwrap();
    row[at].to_owned()
}

/// The column of a facility that made a record, or did not.
fn column(kind: &str, facility: FacilityKind, made: bool) -> &'static str {
    let writes = matches!(facility, FacilityKind::HealthFacility | FacilityKind::MedicalFacility);
    match facility {
        FacilityKind::CareManagement | FacilityKind::PreventiveSupport => "care_management",
        FacilityKind::Medical if made => "medical_creator",
        FacilityKind::Medical => "medical_other",
        _ if made && (kind != "doctor_opinion" || writes) => "creator",
        _ => "other_facility",
    }
}

#[tokio::test]
async fn every_cell_of_the_table_is_kept() {
    let mut judged = 0;
    for made in [false, true] {
        let nurse = "1370000001";
        let maker = if made { nurse } else { ELSEWHERE };
        let world = with(KINDS.map(|kind| record(kind, maker, Some(true))).to_vec()).await;
        let at = at(&world, STAFF_ID).await;
        let token = at.token(&world, SCOPES).await;
        for facility in FacilityKind::ALL.into_iter().chain([FacilityKind::Other]) {
            assert!(world.sandbox.change_facility(nurse, facility).await.unwrap());
            for kind in KINDS {
                // What a municipality makes no facility has made.
                let made = made && !matches!(kind, "certification" | "survey" | "housing");
                let answer = look(&world, &at, &token, kind).await;
                if cell(kind, column(kind, facility, made)) == "none" {
                    answer.refused(403, "not_shared");
                } else {
                    assert_eq!(answer.status, 200, "{facility:?} {kind}: {}", answer.json);
                    assert_eq!(answer.json["kind"], kind);
                    assert_eq!(answer.json["records"].as_array().unwrap().len(), 1, "{kind}");
                }
                judged += 1;
            }
        }
    }
    assert_eq!(judged, 2 * 11 * KINDS.len());
}

#[tokio::test]
async fn an_opinion_is_shared_when_its_physician_has_agreed() {
    for (agrees, opens) in [(Some(true), true), (Some(false), false), (None, false)] {
        let records = vec![record("doctor_opinion", ELSEWHERE, agrees), record("survey", "", None)];
        let world = with(records).await;
        let manager = at(&world, "manager-21").await;
        let token = manager.token(&world, SCOPES).await;
        let answer = look(&world, &manager, &token, "doctor_opinion").await;
        if opens {
            assert_eq!(answer.status, 200, "{agrees:?} {}", answer.json);
            assert!(answer.json["records"][0].get("physician_agrees").is_none());
        } else {
            answer.refused(403, "physician_consent_required");
        }
        // It is about nothing else.
        assert_eq!(look(&world, &manager, &token, "survey").await.status, 200);
        // Of those who may not see it nobody is told of the physician.
        let helper = at(&world, "helper-41").await;
        let token = helper.token(&world, SCOPES).await;
        look(&world, &helper, &token, "doctor_opinion").await.refused(403, "not_shared");
    }
    // Of two, the one that may be seen.
    let records = [Some(true), None].map(|agrees| record("doctor_opinion", ELSEWHERE, agrees));
    let world = with(records.to_vec()).await;
    let manager = at(&world, "manager-21").await;
    let token = manager.token(&world, SCOPES).await;
    let answer = look(&world, &manager, &token, "doctor_opinion").await;
    assert_eq!(answer.json["records"].as_array().unwrap().len(), 1, "{}", answer.json);
}

#[tokio::test]
async fn an_insurer_that_is_set_up_shows_its_data_before_it_goes_live() {
    for (connected, live, refusal) in [
        (true, true, None),
        (true, false, None),
        (false, false, Some("insurer_not_connected")),
        (false, true, Some("insurer_not_connected")),
    ] {
        let world = World::with_person(|person| {
            (person.insurer_connected, person.insurer_live) = (connected, live);
        })
        .await;
        let nurse = at(&world, STAFF_ID).await;
        let token = nurse.token(&world, "qualification:read care_plan:read").await;
        for path in ["/v1/qualification", "/v1/information/care-plan"] {
            let answer = nurse.get(&world, path, &token).await;
            match refusal {
                None => assert_eq!(answer.status, 200, "{path}: {}", answer.json),
                Some(code) => answer.refused(409, code),
            }
        }
    }
}

#[tokio::test]
async fn without_consent_nothing_of_any_kind_is_served() {
    let world = World::new().await;
    let manager = at(&world, "manager-21").await;
    let token = manager.token(&world, SCOPES).await;
    for kind in KINDS {
        assert_eq!(look(&world, &manager, &token, kind).await.status, 200, "{kind}");
    }
    assert!(world.sandbox.withdraw_consent(INSURER, NUMBER).await.unwrap());
    for kind in KINDS {
        look(&world, &manager, &token, kind).await.refused(403, "consent_required");
    }
    // Whoever may not see a kind is not told more.
    let helper = at(&world, "helper-41").await;
    let token = helper.token(&world, SCOPES).await;
    look(&world, &helper, &token, "survey").await.refused(403, "consent_required");
}

#[tokio::test]
async fn each_kind_has_its_scope_and_an_answer_where_there_is_nothing() {
    let world = with(Vec::new()).await;
    let manager = at(&world, "manager-21").await;
    for kind in KINDS {
        let token = manager.token(&world, &format!("{kind}:read")).await;
        for other in KINDS {
            let answer = look(&world, &manager, &token, other).await;
            if kind == other {
                assert_eq!((answer.status, &answer.json["records"]), (200, &json!([])));
            } else {
                answer.refused(403, "scope_missing");
            }
        }
    }
    let token = manager.token(&world, SCOPES).await;
    for path in ["doctor_opinion", "certificate", "%00"] {
        let path = format!("/v1/information/{path}");
        manager.get(&world, &path, &token).await.refused(400, "request_malformed");
    }
    // That there is nothing is not told to whoever might not see it.
    let helper = at(&world, "helper-41").await;
    let token = helper.token(&world, SCOPES).await;
    look(&world, &helper, &token, "housing").await.refused(403, "not_shared");
}

#[tokio::test]
async fn records_come_as_they_are_written_down_the_latest_first() {
    let world = World::new().await;
    let manager = at(&world, "manager-21").await;
    let token = manager.token(&world, SCOPES).await;
    let records = async |kind| look(&world, &manager, &token, kind).await.json["records"].clone();
    let certified = records("certification").await;
    let days: Vec<&Value> =
        certified.as_array().unwrap().iter().map(|record| &record["applied_on"]).collect();
    assert!(days.len() > 1 && days[0].as_str() > days[1].as_str(), "{certified}");
    assert_eq!(
        (&certified[0]["kind"], &certified[0]["progress"]),
        (&json!("renewal"), &json!("notified"))
    );
    let housing = records("housing").await;
    for record in housing.as_array().unwrap() {
        let yen = |member: &str| record[member].as_u64().unwrap();
        assert_eq!(yen("spent_yen") + yen("left_yen"), yen("limit_yen"), "{record}");
        assert_eq!(record["items"][0]["yen"], record["spent_yen"]);
    }
    let plans = records("care_plan").await;
    assert_eq!(plans[0]["facility_id"], "1370000003");
    let token = manager.token(&world, "qualification:read").await;
    let person = manager.get(&world, "/v1/qualification", &token).await;
    assert_eq!(person.json["care_manager"]["name"], "架空居宅介護支援事業所");
    assert!(person.json["periodic"].as_object().unwrap().contains_key("benefit_limit"));
}

/// Ten years of a person, a month two tables: in parts, each once, the latest first, and not one that is not shared.
#[tokio::test]
async fn ten_years_are_read_in_parts() {
    let months = (2016_i16..2026).flat_map(|year| (1_i8..=12).map(move |month| (year, month)));
    let tables = months.flat_map(|(year, month)| {
        [6, 7].map(|table| Information::CarePlan {
            table,
            written_on: date(year, month, 1),
            facility_id: "1370000003".to_owned(),
            text: "自宅で暮らす".to_owned(),
        })
    });
    let world = with(tables.collect()).await;
    let manager = at(&world, "manager-21").await;
    let token = manager.token(&world, SCOPES).await;
    let part = async |place: &Value| {
        let behind = place.as_str().map(|place| format!("?after={place}")).unwrap_or_default();
        manager.get(&world, &format!("/v1/information/care-plan{behind}"), &token).await
    };
    let (mut all, mut counts, mut place) = (Vec::new(), Vec::new(), Value::Null);
    loop {
        let told = part(&place).await.json;
        counts.push(told["records"].as_array().unwrap().len());
        all.extend(told["records"].as_array().unwrap().clone());
        place = told["next"].clone();
        if place.is_null() {
            break;
        }
    }
    assert_eq!((counts.as_slice(), all.len()), (&[100, 100, 40][..], 240));
    let days: Vec<&str> = all.iter().map(|one| one["written_on"].as_str().unwrap()).collect();
    assert!(days.is_sorted_by(|one, other| one >= other), "{days:?}");
    let each = all.iter().map(|one| (one["written_on"].to_string(), one["table"].to_string()));
    assert_eq!(each.collect::<std::collections::BTreeSet<_>>().len(), 240);

    // A place is that of this person's plans at this facility, and nobody makes one up.
    let next = part(&Value::Null).await.json["next"].clone();
    part(&"2026-01-01%203".into()).await.refused(400, "request_malformed");
    let elsewhere = format!("/v1/information/life?after={}", next.as_str().unwrap());
    manager.get(&world, &elsewhere, &token).await.refused(400, "request_malformed");
    let nurse = at(&world, STAFF_ID).await;
    let path = format!("/v1/information/care-plan?after={}", next.as_str().unwrap());
    let token = nurse.token(&world, SCOPES).await;
    nurse.get(&world, &path, &token).await.refused(400, "request_malformed");
}

/// Who looked at what is on record, refused or not, and nobody is named.
#[tokio::test]
async fn every_look_is_on_record() {
    let world = World::new().await;
    let helper = at(&world, "helper-41").await;
    let token = helper.token(&world, SCOPES).await;
    assert_eq!(look(&world, &helper, &token, "life").await.status, 200);
    look(&world, &helper, &token, "survey").await.refused(403, "not_shared");
    let records = world.sandbox.audit().after(0).await.unwrap();
    let looks: Vec<_> = records
        .iter()
        .filter(|record| record.what == "view")
        .map(|record| (record.note.as_str(), record.outcome.as_str()))
        .collect();
    assert_eq!(looks, [("life", "ok"), ("survey", "not_shared")]);
    let last = records.last().unwrap();
    let named = [&last.person, &last.staff, &last.facility, &last.device];
    assert!(
        named.iter().all(|who| !who.is_empty() && !who.contains("helper") && !who.contains("137"))
    );
}
