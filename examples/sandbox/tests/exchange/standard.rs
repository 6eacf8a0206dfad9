//! The functions in the shape of the national standard 1.0: of those whom a visit has registered, by their insured number.

use jiff::SignedDuration;
use kaigotap_sandbox::{Person, STAFF_ID, sandbox_password};
use serde_json::{Value, json};

use crate::gates::{At, MANAGER, at, uuid};
use crate::pki::SERIAL;
use crate::support::World;

const READS: [&str; 3] = ["certificates", "certification", "review-progress"];

/// Status and answer.
async fn ask(world: &World, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    let path = format!("/standard/1.0/{path}");
    let answer = world.call("POST", &path, &headers, body.to_string()).await.unwrap();
    (answer.status, answer.json)
}

/// What is wrong in the matter, which is told within HTTP 200.
async fn wrong(world: &World, path: &str, token: &str, body: &Value) -> String {
    let (status, said) = ask(world, path, Some(token), body).await;
    assert_eq!((status, &said["result"]), (200, &json!("error")), "{path} {said}");
    said["error"]["code"].as_str().unwrap().to_owned()
}

async fn right(world: &World, path: &str, token: &str, body: &Value) -> Value {
    let (status, said) = ask(world, path, Some(token), body).await;
    assert_eq!((status, &said["result"]), (200, &json!("ok")), "{path} {said}");
    said["data"].clone()
}

/// Access token and refresh token.
async fn sign_in(world: &World, staff: &str) -> (String, String) {
    let mut login = json!({ "user_id": staff, "password": sandbox_password(staff) });
    let (status, sent) = ask(world, "login", None, &login).await;
    assert_eq!((status, &sent["data"]["one_time_code"]), (200, &json!("sent")), "{sent}");
    login["one_time_code"] = world.sandbox.one_time_code(staff).await.unwrap().into();
    let (status, said) = ask(world, "login", None, &login).await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(said["data"]["access_expires_in"], 3_600);
    assert_eq!(said["data"]["refresh_expires_in"], 28_800);
    let token = |name: &str| said["data"][name].as_str().unwrap().to_owned();
    (token("access_token"), token("refresh_token"))
}

/// A visit: the person is confirmed with card and PIN and registered, and their numbers are read from the entitlement.
async fn visit(world: &World, at: &At) -> Value {
    let token = at.token(world, "qualification:read").await;
    let entitlement = at.get(world, "/v1/qualification", &token).await;
    assert_eq!(entitlement.status, 200, "{}", entitlement.json);
    json!({
        "insurer_number": entitlement.json["insurer"]["number"],
        "insured_number": entitlement.json["insured_number"],
    })
}

#[tokio::test]
async fn whoever_was_confirmed_at_a_visit_is_read_by_insured_number() {
    let world = World::new().await;
    let nurse = at(&world, STAFF_ID).await;
    let (access, _) = sign_in(&world, STAFF_ID).await;
    let whom = json!({ "insurer_number": "990010", "insured_number": "0001234567" });
    for path in READS {
        assert_eq!(wrong(&world, path, &access, &whom).await, "user_not_registered");
    }
    assert_eq!(right(&world, "users", &access, &json!({})).await["users"], json!([]));

    assert_eq!(visit(&world, &nurse).await, whom);
    let users = right(&world, "users", &access, &json!({})).await;
    assert_eq!(users["users"][0]["insured_number"], whom["insured_number"], "{users}");
    let told = right(&world, "certificates", &access, &whom).await;
    assert_eq!(told["insured_number"], whom["insured_number"], "{told}");
    assert!(told["periodic"]["care_level"].is_object(), "{told}");
    let told = right(&world, "certification", &access, &whom).await;
    assert!(told["records"][0].get("progress").is_none(), "{told}");
    let told = right(&world, "review-progress", &access, &whom).await;
    assert!(told["records"][0]["progress"].is_string(), "{told}");
    // Another facility's staff get nothing of it.
    let (other, _) = sign_in(&world, "nurse-11").await;
    assert_eq!(wrong(&world, "certificates", &other, &whom).await, "user_not_registered");
    let nobody = json!({ "insurer_number": "990010", "insured_number": "9999999999" });
    assert_eq!(wrong(&world, "certificates", &access, &nobody).await, "user_not_registered");
}

#[tokio::test]
async fn a_consent_that_is_withdrawn_stops_it() {
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    let whom = visit(&world, &manager).await;
    let (access, _) = sign_in(&world, MANAGER).await;
    let plan = json!({ "id": uuid(1), "receiver": "1370000001", "tables": [{ "table": 1, "text": "計画" }],
        "insurer_number": whom["insurer_number"], "insured_number": whom["insured_number"] });
    right(&world, "care-plans/send", &access, &plan).await;
    for path in ["certificates", "certification", "review-progress", "housing"] {
        right(&world, path, &access, &whom).await;
    }
    let [insurer, number] =
        ["insurer_number", "insured_number"].map(|name| whom[name].as_str().unwrap());
    assert!(world.sandbox.withdraw_consent(insurer, number).await.unwrap());
    for path in ["certificates", "certification", "review-progress", "housing"] {
        assert_eq!(wrong(&world, path, &access, &whom).await, "consent_required");
    }
    assert_eq!(wrong(&world, "care-plans/send", &access, &plan).await, "consent_required");
    for (path, list) in [("users", "users"), ("care-plans/sent", "care_plans")] {
        assert_eq!(right(&world, path, &access, &json!({})).await[list], json!([]), "{path}");
    }
    // And who is over at the facility is none of its users.
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    let whom = visit(&world, &manager).await;
    let (access, _) = sign_in(&world, MANAGER).await;
    let listed = manager.post(&world, "/v1/users/search", &manager.device.staff, &json!({})).await;
    let end = json!({ "subject": listed.json["users"][0]["subject"] });
    manager.post(&world, "/v1/users/end", &manager.device.staff, &end).await;
    assert_eq!(wrong(&world, "certificates", &access, &whom).await, "user_not_registered");
}

#[tokio::test]
async fn what_may_be_called_is_a_matter_of_service_type_and_job() {
    let world = World::new().await;
    let whom = visit(&world, &at(&world, STAFF_ID).await).await;
    let (nurse, _) = sign_in(&world, STAFF_ID).await;
    let (keeper, _) = sign_in(&world, "admin-01").await;
    right(&world, "certificates", &keeper, &whom).await;
    for path in ["certification", "review-progress", "housing"] {
        assert_eq!(wrong(&world, path, &keeper, &whom).await, "not_permitted");
    }
    assert_eq!(wrong(&world, "housing", &nurse, &whom).await, "not_permitted");
    let page = json!({});
    assert_eq!(wrong(&world, "care-plans/sent", &keeper, &page).await, "not_permitted");
}

#[tokio::test]
async fn a_plan_goes_to_one_office_and_once() {
    let world = World::new().await;
    let whom = visit(&world, &at(&world, MANAGER).await).await;
    let (manager, _) = sign_in(&world, MANAGER).await;
    let (nurse, _) = sign_in(&world, STAFF_ID).await;
    let plan = |id: u32, receiver: &str, text: &str| {
        json!({ "id": uuid(id), "receiver": receiver, "tables": [{ "table": 6, "text": text }],
            "insurer_number": whom["insurer_number"], "insured_number": whom["insured_number"] })
    };
    let first =
        right(&world, "care-plans/send", &manager, &plan(1, "1370000001", "訪問看護")).await;
    let again =
        right(&world, "care-plans/send", &manager, &plan(1, "1370000001", "訪問看護")).await;
    assert_eq!(first, again);
    let other = plan(1, "1370000001", "別の計画");
    assert_eq!(wrong(&world, "care-plans/send", &manager, &other).await, "plan_conflict");
    let nowhere = plan(2, "1379999999", "訪問看護");
    assert_eq!(wrong(&world, "care-plans/send", &manager, &nowhere).await, "receiver_unknown");
    right(&world, "care-plans/send", &manager, &plan(3, "1370000001", "変更")).await;
    let page = right(&world, "care-plans/received", &nurse, &json!({ "limit": 1 })).await;
    assert_eq!(page["care_plans"][0]["id"], uuid(3), "{page}");
    let rest = json!({ "limit": 1, "after": page["next"] });
    let rest = right(&world, "care-plans/received", &nurse, &rest).await;
    assert_eq!((&rest["care_plans"][0], &rest["next"]), (&first, &Value::Null));
    let sent = right(&world, "care-plans/sent", &manager, &json!({})).await;
    assert_eq!(sent["care_plans"].as_array().unwrap().len(), 2);
    let none = right(&world, "care-plans/sent", &nurse, &json!({})).await;
    assert_eq!(none["care_plans"], json!([]));
    // Not of a person who is no user of the sender.
    assert_eq!(
        wrong(&world, "care-plans/send", &nurse, &plan(4, "1370000003", "実績")).await,
        "user_not_registered"
    );
}

#[tokio::test]
async fn an_access_token_lasts_an_hour_and_is_renewed_for_eight() {
    let world = World::new().await;
    let (access, refresh) = sign_in(&world, STAFF_ID).await;
    let renewal = json!({ "refresh_token": refresh });
    let users = async |token: &str| ask(&world, "users", Some(token), &json!({})).await.0;
    assert_eq!(users(&access).await, 200);
    world.sandbox.shift_clock(SignedDuration::from_secs(3_601));
    assert_eq!(users(&access).await, 401);
    let second = right(&world, "refresh", "", &renewal).await;
    let second = second["access_token"].as_str().unwrap();
    assert_eq!((users(second).await, users(&access).await), (200, 401));
    world.sandbox.shift_clock(SignedDuration::from_secs(28_801));
    let (status, said) = ask(&world, "refresh", None, &renewal).await;
    assert_eq!((status, &said["error"]["code"]), (401, &json!("not_signed_in")), "{said}");
    assert_eq!(users(&refresh).await, 401);
    let log = crate::support::log();
    assert!(![&access, &refresh].iter().any(|token| log.contains(token.as_str())));
}

#[tokio::test]
async fn who_is_wrong_time_after_time_is_locked_out_for_a_time() {
    let world = World::new().await;
    let login = |password: &str, code: Option<&str>| {
        let mut login = json!({ "user_id": STAFF_ID, "password": password });
        if let Some(code) = code {
            login["one_time_code"] = code.into();
        }
        login
    };
    let right = sandbox_password(STAFF_ID);
    let tried = async |login: &Value| ask(&world, "login", None, login).await.0;
    // A code by itself is nothing, and a password is not let in without one.
    assert_eq!(tried(&login(&right, Some("000000"))).await, 401);
    assert_eq!(tried(&login(&right, None)).await, 200);
    let code = world.sandbox.one_time_code(STAFF_ID).await.unwrap().unwrap();
    let other = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(tried(&login(&right, Some(other))).await, 401);
    }
    for code in [None, Some(&*code)] {
        assert_eq!(tried(&login(&right, code)).await, 403);
    }
    world.sandbox.shift_clock(SignedDuration::from_secs(15 * 60 + 1));
    assert_eq!(tried(&login(&right, None)).await, 200);
    let code = world.sandbox.one_time_code(STAFF_ID).await.unwrap().unwrap();
    assert_eq!(tried(&login(&right, Some(&code))).await, 200);
    // It counts once.
    assert_eq!(tried(&login(&right, Some(&code))).await, 401);
    for _ in 0..5 {
        assert_eq!(tried(&login("wrong", None)).await, 401);
    }
    assert_eq!(tried(&login(&right, None)).await, 403);
}

#[tokio::test]
async fn what_is_no_fault_of_the_matter_is_told_by_the_status() {
    let world = World::with_person(|person: &mut Person| {
        person.certificate_serials = vec![SERIAL.to_vec()];
        person.insurer_connected = true;
    })
    .await;
    let (access, _) = sign_in(&world, STAFF_ID).await;
    assert_eq!(ask(&world, "certificates", None, &json!({})).await.0, 401);
    assert_eq!(ask(&world, "certificates", Some("guessed"), &json!({})).await.0, 401);
    assert_eq!(ask(&world, "certificates", Some(&access), &json!({ "more": 1 })).await.0, 400);
    assert_eq!(ask(&world, "login", None, &json!([])).await.0, 400);
    let nobody = json!({ "user_id": "nurse\0", "password": "x" });
    assert_eq!(ask(&world, "login", None, &nobody).await.0, 400);
    let plan = json!({ "id": uuid(1), "receiver": "13\0", "tables": [{ "table": 1, "text": "" }],
        "insurer_number": "990010", "insured_number": "0001234567" });
    assert_eq!(ask(&world, "care-plans/send", Some(&access), &plan).await.0, 400);
    for path in ["filings", "consent", "life"] {
        let (status, said) = ask(&world, path, Some(&access), &json!({})).await;
        assert_eq!((status, &said["error"]["code"]), (404, &json!("not_found")), "{said}");
    }
    let answer = world.call("POST", "/standard/2.0/users", &[], String::new()).await.unwrap();
    assert_eq!(answer.status, 404);
}
