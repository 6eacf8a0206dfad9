//! What a facility does beside the visit, over the boundary: what is asked, and what comes of each answer.

mod common;

use common::{Outside, code, enrolled, visit};
use kaigotap_ffi::{
    Conversation, Environment, FilingKind, HttpResponse, InformationKind, InformationRecords,
    InsuranceDomain, KaigoTapError, Language, Notice, Outcome, Plan, Reply, Request, Step, Use,
    UserSearch, confirm, consent_on_record, end_contract, entitlement, file_notice, information,
    list_filings, list_users, open_user, reopen, take_consent,
};
use kaigotap_sandbox::world::World;
use serde_json::{Value, json};
use std::sync::Arc;

const NOW: &str = "2026-11-20T01:02:03Z";
const NOW_MS: u64 = 1_795_136_523_000;
const ID: &str = "0b8ee1f8-6a1f-4b39-9a3f-0d3f6a3f1c11";

/// Plays a conversation against this answer; the path and body of what was sent, and what came of it.
fn told(
    begun: Result<Arc<Conversation>, KaigoTapError>,
    status: u16,
    answer: &Value,
) -> (String, String, Step) {
    let (conversation, mut outside) = (begun.unwrap(), Outside::of("modern", &[]));
    let mut sent = (String::new(), String::new());
    let mut step = conversation.start().unwrap();
    loop {
        step = match step {
            Step::Need { request: Request::Send { request } } => {
                let path = request.url.splitn(4, '/').last().unwrap().to_owned();
                sent = (path, String::from_utf8(request.body).unwrap());
                let body = answer.to_string().into_bytes();
                let response = HttpResponse { status, headers: Vec::new(), body };
                conversation.resume(Reply::Received { response }).unwrap()
            }
            Step::Need { request } => outside.answer(&conversation, request).unwrap(),
            ended => return (sent.0, sent.1, ended),
        }
    }
}

fn done(step: Step) -> Outcome {
    match step {
        Step::Done { outcome } => outcome,
        other => panic!("{other:?}"),
    }
}

fn environment(world: &World) -> impl Fn() -> Environment + use<> {
    let (_, environment) = enrolled(world);
    move || environment.clone()
}

fn token() -> String {
    "of-a-visit".to_owned()
}

#[test]
fn what_the_facility_asks_by_itself() {
    let world = World::start().unwrap();
    let here = environment(&world);
    let users = json!({ "users": [{
        "subject": "pairwise", "name_kana": "カイゴ　ハナコ", "birth_date": "1941-05-00", "sex": "female",
        "insurer_number": "990001", "insured_number": "0001234567", "method": "card_pin", "verified_at": NOW,
        "valid_until": NOW, "changed": ["name"], "due": [{"what": "certification", "until": "2026-12-31"}]
    }], "next": "bmV4dA", "as_of": NOW, "hidden": 2 });
    let search =
        UserSearch {
            name_begins: Some("かいご".into()), limit: Some(5), ..UserSearch::default()
        };
    let (path, body, step) = told(list_users(here(), search.clone()), 200, &users);
    assert_eq!((&*path, &*body), ("v1/users/search", r#"{"kana":"カイゴ","limit":5}"#));
    let Outcome::Users { page } = done(step) else { panic!("a page") };
    let user = &page.users[0];
    assert_eq!((page.hidden, page.as_of_ms, page.next.as_deref()), (2, NOW_MS, Some("bmV4dA")));
    assert_eq!((&*user.subject, user.birth_date.as_deref()), ("pairwise", Some("1941-05")));
    assert_eq!((&*user.changed[0].japanese, &*user.due[0].what.english), ("氏名", "certification"));
    let shown = format!("{search} {page} {user:?} {}", user.due[0].what);
    assert_eq!(shown, "UserSearch(..) UserPage(..) User(..) Term(..)");

    let open = json!({"registration": "handle", "valid_until": NOW});
    let (path, body, step) = told(open_user(here(), "pairwise".into()), 200, &open);
    assert_eq!((&*path, &*body), ("v1/users/open", r#"{"subject":"pairwise"}"#));
    let Outcome::Opened { registration } = done(step) else { panic!("a registration") };
    assert_eq!((&*registration.registration, registration.valid_until_ms), ("handle", NOW_MS));
    let (path, _, step) =
        told(end_contract(here(), "pairwise".into()), 200, &json!({"ended": true}));
    assert!(path == "v1/users/end" && matches!(done(step), Outcome::ContractEnded));

    let filings = json!({ "filings": [{
        "id": ID, "kind": "care_plan", "start_on": "2026-12-01", "replaces": null, "status": "returned",
        "received_at": NOW, "reason": "起算日"
    }], "next": null });
    let (path, body, step) = told(list_filings(here(), Some("b25l".into()), None), 200, &filings);
    assert_eq!((&*path, &*body), ("v1/filings/search", r#"{"after":"b25l","limit":100}"#));
    let Outcome::Filings { page } = done(step) else { panic!("a page") };
    assert_eq!(
        (&*page.filings[0].status.japanese, page.filings[0].reason.as_deref()),
        ("差し戻し", Some("起算日"))
    );

    for spoilt in [
        list_users(here(), UserSearch { limit: Some(0), ..UserSearch::default() }),
        list_users(
            here(),
            UserSearch { birth_date: Some("1941-13".into()), ..UserSearch::default() },
        ),
        list_users(
            here(),
            UserSearch { name_begins: Some("花子".into()), ..UserSearch::default() },
        ),
        list_users(here(), UserSearch { after: Some(String::new()), ..UserSearch::default() }),
        open_user(here(), String::new()),
        list_filings(here(), Some("a b".into()), None),
        entitlement(here(), "a b".into()),
        reopen(here(), "evidence".into(), Vec::new(), Vec::new(), None),
    ] {
        assert_eq!(code(spoilt.map(|_| ())), "setup_invalid");
    }
    world.stop();
}

#[test]
fn what_is_about_a_person() {
    let world = World::start().unwrap();
    let here = environment(&world);
    let record = json!({
        "state": "none", "given_at": null, "taken_by": null, "withdrawn_at": null,
        "may_take": {"allowed": false, "why": "facility_kind_not_allowed", "until": null}
    });
    let (path, _, step) = told(consent_on_record(here(), token()), 200, &record);
    let Outcome::ConsentTold { consent } = done(step) else { panic!("a consent") };
    assert_eq!((&*path, &*consent.state.code, consent.may_take), ("v1/consent", "none", false));
    let why = consent.why_not.unwrap();
    assert!(!why.message(Language::Japanese).is_empty() && why.code == "facility_kind_not_allowed");
    let (path, body, _) = told(take_consent(here(), token(), true, true), 201, &record);
    assert!(path == "v1/consent" && body.ends_with(r#""explained":true,"agreed":true}"#), "{body}");
    // Without agreement nothing is sent.
    let (path, _, step) = told(take_consent(here(), token(), true, false), 201, &record);
    assert!(
        path.is_empty()
            && matches!(&step, Step::Failed { failure } if failure.code == "assent_missing")
    );

    let survey = json!({"kind": "survey", "as_of": NOW, "records":
        [{"surveyed_on": "2026-10-10", "items": [{"no": "1-1", "name": "麻痺", "value": "ない"}]}]});
    let (path, _, step) =
        told(information(here(), token(), InformationKind::Survey, None), 200, &survey);
    assert_eq!(path, "v1/information/survey");
    let outcome = done(step);
    assert_eq!(format!("{outcome}"), "InformationTold(..)");
    let Outcome::InformationTold { information: told_of } = outcome else { panic!("information") };
    let InformationRecords::Survey { records } = told_of.records else { panic!("a survey") };
    assert_eq!(records[0].items[0].no.as_deref(), Some("1-1"));

    let filing = json!({"id": ID, "kind": "care_plan", "start_on": "2026-12-01", "replaces": null,
        "status": "received", "received_at": NOW, "reason": null});
    let notice = |start: &str| Notice {
        id: ID.to_owned(),
        kind: FilingKind::CarePlan,
        start_on: start.to_owned(),
        assent: true,
        replaces: None,
    };
    let (path, _, step) = told(file_notice(here(), token(), notice("2026-12-01")), 201, &filing);
    let Outcome::Filed { filing } = done(step) else { panic!("a filing") };
    assert_eq!(
        (&*path, &*filing.status.code, filing.received_at_ms),
        ("v1/filings", "received", NOW_MS)
    );
    assert_eq!(code(file_notice(here(), token(), notice("2026-12")).map(|_| ())), "setup_invalid");
    world.stop();
}

/// A visit with a card leaves what opens the platform again; the same without asking who this is.
#[test]
fn what_a_visit_left_opens_the_platform_again() {
    let world = World::start().unwrap();
    let (plan, here) = enrolled(&world);
    let uses = vec![Use::View, Use::Consent, Use::CarePlanNotice];
    let plan = Plan { uses: uses.clone(), ..plan };
    let mut outside = Outside::of("modern", &["1234"]);
    let outcome = outside.play(&confirm(plan, here.clone()).unwrap()).unwrap();
    let Outcome::Confirmed { confirmation, face_confirmed_at_ms, trust } = outcome else {
        panic!("{outcome}");
    };
    assert_eq!((&*confirmation.method, &confirmation.opens), ("card_pin", &uses));
    assert!(face_confirmed_at_ms.is_some() && trust.is_some());

    let fresh = |entropy: u8| Environment { entropy: vec![entropy; 32], ..here.clone() };
    let told = entitlement(fresh(1), confirmation.access_token).unwrap();
    let Ok(Outcome::Entitled { entitlement: told }) = outside.play(&told) else { panic!("nobody") };
    let evidence = confirmation.evidence_token.clone().unwrap();
    let again = reopen(fresh(2), evidence, vec![Use::View], Vec::new(), None).unwrap();
    let Ok(Outcome::Reopened { confirmation: again }) = outside.play(&again) else {
        panic!("not opened");
    };
    assert_eq!(
        (&again.subject, again.verified_at_ms),
        (&confirmation.subject, confirmation.verified_at_ms)
    );
    let once_more = entitlement(fresh(3), again.access_token).unwrap();
    let Ok(Outcome::Entitled { entitlement: once_more }) = outside.play(&once_more) else {
        panic!("nobody");
    };
    assert!(told.person == once_more.person && once_more.medical.is_none());
    // The next day is for the other insurance, and nobody taps for it.
    let evidence = confirmation.evidence_token.unwrap();
    let medical = Some(InsuranceDomain::Medical);
    let other = reopen(fresh(4), evidence, vec![Use::View], Vec::new(), medical).unwrap();
    let Ok(Outcome::Reopened { confirmation: other }) = outside.play(&other) else {
        panic!("not opened");
    };
    assert_eq!((other.insurance_domain, &other.subject), (medical, &confirmation.subject));
    let told = entitlement(fresh(5), other.access_token).unwrap();
    let Ok(Outcome::Entitled { entitlement: told }) = outside.play(&told) else { panic!("nobody") };
    assert_eq!(told.medical.unwrap().insurer_number.len(), 8);
    world.stop();
}

/// A visit for what visits were for until now says what its token opens.
#[test]
fn a_visit_opens_what_it_is_for() {
    let world = World::start().unwrap();
    let outcome = Outside::of("modern", &["1234"]).play(&visit(&world));
    let Ok(Outcome::Visit { verified }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(verified.opens, [Use::View]);
    world.stop();
}
