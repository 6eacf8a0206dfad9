//! The conversations of a facility against a platform that does as it should, and against whatever else may be answered.

use std::time::Duration;

use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use rstest::rstest;
use serde_json::{Value, json};

use super::consent::read_consent;
use super::filing::{read_filing, read_filings};
use super::information::read_information;
use super::registration::{read_ended, read_open};
use super::users::read_users;
use super::*;
use crate::exchange::{
    AccessToken, Confirmation, Device, DeviceKey, Entropy, EvidenceToken, FacilityNumber,
    StaffToken, Subject, Use, unsigned,
};
use crate::flow::tests::play;
use crate::flow::{DeviceTime, Flow, HttpError, HttpResponse, Reply, Request, Way};
use crate::message::{Code, Failure};
use crate::platform::ServerAddress;

const NOW: &str = "2026-11-20T01:02:03Z";
const SERVER: &str = "https://platform.example";
const ID: &str = "0b8ee1f8-6a1f-4b39-9a3f-0d3f6a3f1c11";

/// A platform that gives one answer, and remembers what it was asked.
struct World {
    pair: EcdsaKeyPair,
    status: u16,
    answer: Value,
    /// How many of the first sendings get none.
    lost: usize,
    asked: Vec<(String, String, Value)>,
}

impl World {
    fn new(status: u16, answer: Value) -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        Self { pair, status, answer, lost: 0, asked: Vec::new() }
    }

    fn caller(&self) -> Caller {
        let facility = FacilityNumber::parse("1370000001").unwrap();
        let key = DeviceKey::new("device", self.pair.public_key().as_ref());
        let device = Device::new("S6BhdRkqt3aX0q7LcbnUVA", key, facility).unwrap();
        let token = unsigned("nurse-01", "1370000001", device.thumbprint());
        let token = StaffToken::parse(token, &device).unwrap();
        let server = ServerAddress::parse(SERVER).unwrap();
        Caller::new(server, SERVER, device, token, Entropy::new(&[7; 32])).unwrap()
    }

    fn play<T>(&mut self, flow: Flow<Result<T, Failure>>) -> Result<T, Failure> {
        play(flow, |request| match request {
            Request::Clock => {
                Reply::Clock(DeviceTime::new(NOW.parse().unwrap(), Duration::from_secs(7)))
            }
            Request::Sign(to_sign) => {
                let signature = self.pair.sign(&SystemRandom::new(), &to_sign.payload).unwrap();
                Reply::Sign(Ok(signature.as_ref().to_vec()))
            }
            Request::Send(request) => {
                let shown = request.headers.iter().find(|(name, _)| name == "authorization");
                let shown = shown.map_or_else(String::new, |(_, value)| value.to_string());
                let path = request.url.strip_prefix(SERVER).unwrap().to_owned();
                let body = serde_json::from_slice(&request.body).unwrap_or_else(|_| {
                    Value::from(String::from_utf8(request.body.to_vec()).unwrap())
                });
                self.asked.push((path, shown, body));
                if self.asked.len() <= self.lost {
                    return Reply::Send(Err(HttpError::NoAnswer));
                }
                Reply::Send(Ok(HttpResponse::new(
                    self.status,
                    self.answer.to_string().into_bytes(),
                )))
            }
            other => panic!("a question needs no {other:?}"),
        })
    }

    /// What was asked last: where, with the staff member's token or the person's, and what.
    fn last(&self) -> (&str, &str, &Value) {
        let (path, shown, body) = self.asked.last().unwrap();
        let whose = if shown == "DPoP of-a-visit" { "person" } else { "staff" };
        assert!(shown.starts_with("DPoP ") || path == "/v1/token", "{shown}");
        (path, whose, body)
    }
}

fn token() -> AccessToken {
    AccessToken::parse("of-a-visit").unwrap()
}

fn subject() -> Subject {
    Subject::parse("pairwise").unwrap()
}

fn users() -> Value {
    json!({
        "users": [{
            "subject": "pairwise", "name_kana": "カイゴ　ハナコ", "birth_date": "1941-05-00", "sex": "female",
            "insurer_number": "990001", "insured_number": "0001234567", "method": "card_pin",
            "verified_at": NOW, "valid_until": "2027-02-20T01:02:03Z", "changed": ["care_level", "address"],
            "due": [{"what": "certification", "until": "2026-12-31"}, {"what": "vehicle", "until": "2026-12-31"}],
            "more": 1
        }],
        "next": "bmV4dA", "as_of": NOW, "hidden": 1, "server_time": NOW
    })
}

#[test]
fn the_list_is_asked_for_in_the_body_and_read() {
    let mut world = World::new(200, users());
    let search = UserSearch::all()
        .named(&KanaName::parse("ｶｲｺﾞ").unwrap())
        .born("1941-05".parse().unwrap())
        .with_something_due()
        .after(Cursor::parse("b25l").unwrap())
        .at_most(20)
        .unwrap();
    let page = world.play(list_users(world.caller(), &search)).unwrap();
    let asked = json!({"kana": "カイゴ", "birth_date": "1941-05-00", "due": true, "after": "b25l", "limit": 20});
    assert_eq!(world.last(), ("/v1/users/search", "staff", &asked));
    let user = &page.users[0];
    assert_eq!((user.subject.as_str(), user.method.way()), ("pairwise", Some(Way::CardPin)));
    assert_eq!(user.birth_date.unwrap().to_string(), "1941-05");
    // What has no name here is kept.
    assert_eq!(
        user.changed.iter().map(Changed::code).collect::<Vec<_>>(),
        ["care_level", "address"]
    );
    assert_eq!((user.due[0].what.japanese(), user.due[1].what.code()), ("要介護認定", "vehicle"));
    assert_eq!((page.next.as_ref().unwrap().as_str(), page.hidden), ("bmV4dA", 1));
    let shown = format!("{page:?} {user:?} {:?} {search:?} {:?}", user.due[0], world.caller());
    assert_eq!(shown, "UserPage(..) User(..) Due(..) UserSearch(..) Caller(..)");
    let again: UserPage = serde_json::from_value(serde_json::to_value(&page).unwrap()).unwrap();
    assert_eq!(again, page);

    world.play(list_users(world.caller(), &UserSearch::all())).unwrap();
    assert_eq!(world.last().2, &json!({"limit": 100}));
    for count in [0, 501] {
        assert_eq!(UserSearch::all().at_most(count).unwrap_err().code(), Code::SetupInvalid);
    }
}

#[rstest]
#[case("/users/0/insured_number", json!("123"))]
#[case("/users/0/insurer_number", json!("99000x"))]
#[case("/users/0/subject", json!(""))]
#[case("/users/0/subject", json!("p".repeat(256)))]
#[case("/users/0/due/0/until", json!("2026-02-31"))]
#[case("/users/0/changed", json!(vec!["name"; 65]))]
#[case("/next", json!("n".repeat(1025)))]
#[case("/next", json!("\u{1b}[2J"))]
#[case("/as_of", json!("now"))]
#[case("/hidden", json!(-1))]
fn a_list_that_cannot_be_is_refused(#[case] place: &str, #[case] value: Value) {
    let mut said = users();
    *said.pointer_mut(place).unwrap() = value;
    assert_eq!(code(read_users(said.to_string().as_bytes())), Code::ServerAnswerInvalid);
}

#[test]
fn a_list_has_its_most() {
    let mut said = users();
    let one = said["users"][0].clone();
    said["users"] = vec![one.clone(); 500].into();
    assert_eq!(read_users(said.to_string().as_bytes()).unwrap().users.len(), 500);
    said["users"] = vec![one; 501].into();
    assert_eq!(code(read_users(said.to_string().as_bytes())), Code::ServerAnswerInvalid);
    let long = format!("{}{}", " ".repeat(1024 * 1024), users());
    assert_eq!(code(read_users(long.as_bytes())), Code::ServerAnswerInvalid);
}

#[test]
fn a_registration_is_opened_and_ended() {
    let mut world = World::new(200, json!({"registration": "handle", "valid_until": NOW}));
    let open = world.play(open_user(world.caller(), &subject())).unwrap();
    assert_eq!(world.last(), ("/v1/users/open", "staff", &json!({"subject": "pairwise"})));
    assert_eq!((open.handle.secret(), open.valid_until.to_string().as_str()), ("handle", NOW));
    assert!(!format!("{open:?}").contains("handle\""));
    assert_eq!(
        code(read_open(br#"{"registration": "a b", "valid_until": "2026-11-20T01:02:03Z"}"#)),
        Code::ServerAnswerInvalid
    );

    let mut world = World::new(200, json!({"ended": true}));
    world.play(end_contract(world.caller(), &subject())).unwrap();
    assert_eq!(world.last(), ("/v1/users/end", "staff", &json!({"subject": "pairwise"})));
    assert_eq!(code(read_ended(br#"{"ended": false}"#)), Code::ServerAnswerInvalid);
    // Whether it was ended is not known: nothing is sent twice.
    let mut world = World::new(200, json!({"ended": true}));
    world.lost = 1;
    let lost = world.play(end_contract(world.caller(), &subject()));
    assert_eq!((code(lost), world.asked.len()), (Code::ServerNoAnswer, 1));
}

fn consent_record() -> Value {
    json!({
        "state": "given", "given_at": NOW, "taken_by": "facility", "withdrawn_at": null,
        "may_take": {"allowed": false, "why": "consent_by_municipality", "until": "2027-03-31"}, "server_time": NOW
    })
}

#[test]
fn consent_is_shown_and_taken() {
    let mut world = World::new(200, consent_record());
    let on_record = world.play(consent(world.caller(), token())).unwrap();
    assert_eq!(world.last(), ("/v1/consent", "person", &json!("")));
    assert_eq!(
        (on_record.state.clone(), on_record.taken_by.clone()),
        (ConsentState::Given, Some(ConsentTaker::Facility))
    );
    assert_eq!(on_record.may_take.why, Some(Code::ConsentByMunicipality));
    let again: Consent = serde_json::from_value(serde_json::to_value(&on_record).unwrap()).unwrap();
    assert_eq!((again, format!("{on_record:?}").as_str()), (on_record, "Consent(..)"));
    let other = consent_record().to_string().replace("consent_by_municipality", "of_another_time");
    assert_eq!(read_consent(other.as_bytes()).unwrap().may_take.why, Some(Code::Refused));

    // A second sending says the same, and 200 is as good as 201.
    for status in [200, 201] {
        let mut world = World::new(status, consent_record());
        world.lost = 1;
        let assent = Assent { explained: true, agreed: true };
        world.play(take_consent(world.caller(), token(), assent)).unwrap();
        let (path, whose, said) = world.last();
        assert_eq!((path, whose), ("/v1/consent", "person"));
        assert_eq!((&said["explained"], &said["agreed"]), (&json!(true), &json!(true)));
        assert!(FilingId::parse(said["id"].as_str().unwrap()).is_ok());
        assert_eq!((world.asked.len(), &world.asked[0].2), (2, said));
    }
    for (explained, agreed) in [(true, false), (false, true), (false, false)] {
        let mut world = World::new(201, consent_record());
        let taken = world.play(take_consent(world.caller(), token(), Assent { explained, agreed }));
        assert_eq!((code(taken), world.asked.len()), (Code::AssentMissing, 0));
    }
}

fn filing() -> Value {
    json!({
        "id": ID, "kind": "care_plan", "start_on": "2026-12-01", "replaces": null, "status": "received",
        "received_at": NOW, "reason": null, "server_time": NOW
    })
}

fn notice(assent: bool) -> Notice {
    let start = "2026-12-01".parse().unwrap();
    Notice::new(FilingId::parse(ID).unwrap(), FilingKind::CarePlan, start, assent)
}

#[test]
fn a_notice_is_filed_once_however_often_it_is_sent() {
    let mut world = World::new(201, filing());
    world.lost = 2;
    let earlier = FilingId::fresh(Entropy::new(&[1; 32]));
    let filed =
        world.play(file_notice(world.caller(), token(), notice(true).replacing(earlier.clone())));
    assert_eq!(filed.unwrap().status.japanese(), "受付済み");
    let said = json!({"id": ID, "kind": "care_plan", "start_on": "2026-12-01", "assent": true, "replaces": earlier.as_str()});
    assert_eq!(world.asked.len(), 3);
    assert!(world.asked.iter().all(|(path, _, body)| path == "/v1/filings" && *body == said));
    let mut world = World::new(201, filing());
    let filed = world.play(file_notice(world.caller(), token(), notice(false)));
    assert_eq!((code(filed), world.asked.len()), (Code::AssentMissing, 0));
    assert_eq!(format!("{:?}", notice(true)), "Notice(..)");
}

#[rstest]
#[case("id", json!("5f0c0000-6a1f-4b39-9a3f-0d3f6a3f1c11"))]
#[case("id", json!("x"))]
#[case("kind", json!("preventive_care_plan"))]
#[case("start_on", json!("2026-12-02"))]
#[case("replaces", json!("x"))]
#[case("reason", json!("r".repeat(17_000)))]
fn an_answer_about_another_notice_is_none(#[case] member: &str, #[case] value: Value) {
    let mut said = filing();
    said[member] = value;
    let mut world = World::new(201, said);
    let filed = world.play(file_notice(world.caller(), token(), notice(true)));
    assert_eq!(code(filed), Code::ServerAnswerInvalid);
}

#[test]
fn what_was_filed_is_listed() {
    let mut returned = filing();
    returned["status"] = json!("returned");
    returned["reason"] = json!("起算日が違います");
    let mut world = World::new(200, json!({"filings": [filing(), returned], "next": null}));
    let cursor = Cursor::parse("b25l").unwrap();
    let page = world.play(list_filings(world.caller(), Some(&cursor), Some(2))).unwrap();
    assert_eq!(
        world.last(),
        ("/v1/filings/search", "staff", &json!({"after": "b25l", "limit": 2}))
    );
    assert_eq!((page.filings.len(), page.filings[1].status.clone()), (2, FilingStatus::Returned));
    assert_eq!(format!("{page:?} {:?}", page.filings[0]), "FilingPage(..) Filing(..)");
    assert_eq!(code(world.play(list_filings(world.caller(), None, Some(0)))), Code::SetupInvalid);
    let many = json!({"filings": vec![filing(); 501]}).to_string();
    assert_eq!(code(read_filings(many.as_bytes())), Code::ServerAnswerInvalid);
    assert!(read_filing(filing().to_string().as_bytes()).is_ok());
}

/// One good record of each kind.
fn records(kind: &InformationKind) -> Value {
    match kind {
        InformationKind::Certification => json!([
            {"applied_on": "2026-10-01", "kind": "renewal", "progress": "surveyed"},
            {"applied_on": "2025-03", "kind": "new", "progress": "notified", "care_level": "care_3",
             "valid_from": "2025-04-01", "valid_until": "2027-03-31"}]),
        InformationKind::Survey => {
            json!([{"surveyed_on": "2026-10-10", "items": [{"no": "1-1", "name": "麻痺", "value": "ない"}]}])
        }
        InformationKind::DoctorOpinion => {
            json!([{"written_on": "2026-10-12", "physician_facility": "見本医院", "text": "安定"}])
        }
        InformationKind::Housing => {
            json!([{"kind": "modification", "spent_yen": 80_000, "limit_yen": 200_000, "left_yen": 120_000,
            "items": [{"on": "2026-05-01", "what": "手すり", "yen": 80_000}]}])
        }
        InformationKind::CarePlan => {
            json!([{"table": 1, "written_on": "2026-04-01", "facility_id": "1370000003", "text": "自宅で"}])
        }
        _ => {
            json!([{"recorded_on": "2026-09-01", "facility_id": "1370000001", "items": [{"name": "BI", "value": "85"}]}])
        }
    }
}

#[test]
fn every_kind_of_information_is_asked_for_at_its_place_and_read() {
    let mut paths = Vec::new();
    for kind in InformationKind::ALL {
        let mut world = World::new(
            200,
            json!({"kind": kind, "as_of": NOW, "records": records(kind), "more": 1}),
        );
        let told = world.play(information(world.caller(), token(), kind.clone(), None)).unwrap();
        let (path, whose, _) = world.last();
        assert_eq!(whose, "person");
        paths.push(path.to_owned());
        assert_eq!(format!("{told:?} {:?}", told.records), "Information(..) Records(..)");
        let again = serde_json::to_value(&told).unwrap();
        assert_eq!(again["kind"], kind.code());
        assert_eq!(read_information(again.to_string().as_bytes(), kind).unwrap(), told);
        assert!(!told.records.is_empty());
        let none = json!({"kind": kind, "as_of": NOW, "records": []}).to_string();
        assert!(read_information(none.as_bytes(), kind).unwrap().records.is_empty());
        let many =
            json!({"kind": kind, "as_of": NOW, "records": vec![records(kind)[0].clone(); 2001]});
        assert_eq!(
            code(read_information(many.to_string().as_bytes(), kind)),
            Code::ServerAnswerInvalid
        );
    }
    assert_eq!(
        paths.join(" ").replace("/v1/information/", ""),
        "certification survey doctor-opinion housing care-plan life"
    );
    let kind = InformationKind::Life;
    let other = json!({"kind": "survey", "as_of": NOW, "records": []}).to_string();
    assert_eq!(code(read_information(other.as_bytes(), &kind)), Code::ServerAnswerInvalid);
    let items = vec![json!({"name": "n", "value": "v"}); 2001];
    let record = json!({"recorded_on": "2026", "facility_id": "1", "items": items});
    let many = json!({"kind": "life", "as_of": NOW, "records": [record]}).to_string();
    assert_eq!(code(read_information(many.as_bytes(), &kind)), Code::ServerAnswerInvalid);
    let mut world = World::new(200, json!({}));
    let odd: InformationKind = serde_json::from_value(json!("medical")).unwrap();
    assert_eq!(
        code(world.play(information(world.caller(), token(), odd, None))),
        Code::SetupInvalid
    );
}

/// Earlier records are asked for behind the path, and the proof does not speak of that.
#[test]
fn information_goes_on_where_an_earlier_part_ended() {
    let kind = InformationKind::Survey;
    let part = json!({"kind": kind, "as_of": NOW, "records": [], "next": "a+b/c="});
    let told = read_information(part.to_string().as_bytes(), &kind).unwrap();
    let next = told.next.unwrap();
    let mut world = World::new(200, part);
    world.play(information(world.caller(), token(), kind, Some(&next))).unwrap();
    let (path, ..) = world.last();
    assert_eq!(path, "/v1/information/survey?after=a%2Bb%2Fc%3D");
}

#[test]
fn a_refusal_is_told_by_its_name() {
    for name in
        ["not_shared", "consent_required", "physician_consent_required", "reverify_required"]
    {
        let mut world = World::new(
            403,
            json!({"error": "access_denied", "kaigo_error": name, "server_time": NOW}),
        );
        let kind = InformationKind::DoctorOpinion;
        assert_eq!(
            code(world.play(information(world.caller(), token(), kind, None))).as_str(),
            name
        );
    }
}

fn granted(method: &str) -> Value {
    json!({
        "access_token": "another", "token_type": "DPoP", "expires_in": 900,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "honnin": {"method": method, "verified_at": NOW, "fresh_until": "2026-11-21T01:02:03Z", "sub": "pairwise"}
    })
}

#[test]
fn what_a_visit_left_opens_the_platform_again() {
    let mut world = World::new(200, granted("card_tap"));
    let evidence = EvidenceToken::parse("evidence").unwrap();
    let uses = [Use::View, Use::Consent, Use::CarePlanNotice];
    let opened: Confirmation =
        world.play(reopen(world.caller(), evidence, uses, [InformationKind::Housing])).unwrap();
    assert_eq!((opened.way, opened.opens), (Way::CardTap, uses.to_vec()));
    let said = world.asked[0].2.as_str().unwrap();
    for part in [
        "subject_token=evidence&",
        "subject_token_type=urn%3Ax-kaigo%3Atoken-type%3Aevidence&",
        "&scope=qualification%3Aread+consent%3Awrite+care_plan_notice%3Asubmit+housing%3Aread+consent%3Aread&",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(AccessToken::parse("a b").is_err() && EvidenceToken::parse("").is_err());
}

fn code<T>(outcome: Result<T, Failure>) -> Code {
    outcome.err().unwrap().code()
}

/// All that is read here.
fn read_all(body: &[u8]) {
    let _ = read_users(body);
    let _ = read_open(body);
    let _ = read_ended(body);
    let _ = read_consent(body);
    let _ = read_filing(body);
    let _ = read_filings(body);
    for kind in InformationKind::ALL {
        let _ = read_information(body, kind);
    }
}

proptest! {
    /// Whatever is answered, reading it comes to an end.
    #[test]
    fn any_answer_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        read_all(&bytes);
    }

    /// So does whatever differs from a good answer in one place.
    #[test]
    fn a_good_answer_with_something_else_in_it_is_read_or_refused(
        which in 0..9_usize, at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let kinds = InformationKind::ALL;
        let good = match which {
            0 => users(),
            1 => consent_record(),
            2 => json!({"filings": [filing()]}),
            _ => json!({"kind": kinds[which - 3], "as_of": NOW, "records": records(&kinds[which - 3])}),
        };
        let mut bytes = good.to_string().into_bytes();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        read_all(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        read_all(&bytes);
    }
}
