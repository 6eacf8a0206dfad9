//! What a part of a long list costs: the second part of `docs/benchmarks/visit.md`.

use std::time::{Duration, Instant};

use jiff::ToSpan;
use jiff::civil::date;
use kaigotap_sandbox::world::{self, World};
use kaigotap_sandbox::{Config, Database, Information, Person, STAFF_ID};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};

use crate::Result;
use crate::card::Card;
use crate::connection::Answer;
use crate::device::{Device, Key};

/// Users of a facility, and years of somebody's records.
const SIZES: [(u32, i16); 3] = [(100, 1), (1_000, 3), (10_000, 10)];
/// How often each part is read; the middle of them is told.
const TIMES: usize = 41;

/// Measures, and prints a part of a document.
pub(crate) fn measure() -> Result<()> {
    println!("## Long lists\n");
    println!(
        "A part of a facility's list has a hundred users, a part of a person's care plans a hundred tables of the two that are made \
         each\nmonth. Milliseconds are the middle of {TIMES} requests over one connection without TLS, signatures of the device's key \
         on both sides\nincluded; they are measured, and their likeness from row to row is the point.\n"
    );
    println!(
        "| users | first part | last part | by name | years | latest plans | bytes | earliest plans |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (users, years) in SIZES {
        let parts = look(users, years)?;
        let [first, last, named, latest, earliest] = parts.each_ref().map(Part::milliseconds);
        println!(
            "| {users} | {first:.2} ms | {last:.2} ms | {named:.2} ms | {years} | {latest:.2} ms | {} | {earliest:.2} ms |",
            parts[3].bytes
        );
    }
    println!();
    Ok(())
}

/// What reading one part took.
struct Part {
    taken: Vec<Duration>,
    bytes: usize,
}

impl Part {
    fn milliseconds(&self) -> f64 {
        let mut taken = self.taken.clone();
        taken.sort();
        taken.get(taken.len() / 2).map_or(0.0, Duration::as_secs_f64) * 1000.0
    }
}

fn look(users: u32, years: i16) -> Result<[Part; 5]> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("platform");
    let mut config = world::config(Config::default(), &[]);
    config.database = Database::File(file.clone());
    if let Some(hanako) = config.people.first_mut() {
        hanako.information = plans(years);
    }
    config.people.extend((0..users).map(somebody));
    World::start_with(config.clone())?.stop();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(register(&format!("sqlite:{}", file.display())))?;
    // The names by which a list is ordered are taken at a start.
    let world = World::start_with(config)?;
    let key = Key::generate()?;
    let enrolment = world.wait(world.sandbox().enrol(STAFF_ID, &key.jwk()))?;
    let address = world.sandbox().url().trim_start_matches("http://").parse()?;
    let parts = runtime.block_on(async {
        let enrolment = serde_json::to_value(enrolment)?;
        let mut device = Device::connect(key, &enrolment, address, None, Card::hanako()?).await?;
        read(&mut device).await
    });
    world.stop();
    parts
}

async fn read(device: &mut Device) -> Result<[Part; 5]> {
    let all = json!({ "limit": 100 });
    let named = json!({ "limit": 100, "kana": "ミホン　ハチ" });
    let end = last(device, &all).await?;
    let mut parts = Vec::new();
    for search in [&all, &end, &named] {
        parts.push(timed(async |device: &mut Device| device.users(search).await, device).await?);
    }
    let Ok(assertion) = device.challenged().await? else { return Err("no challenge".into()) };
    let granted = device.submit(&assertion).await?;
    let token = granted.json["access_token"].as_str().ok_or("no token")?.to_owned();
    let plans = "/v1/information/care-plan";
    let (mut earliest, mut at) = (plans.to_owned(), plans.to_owned());
    loop {
        let answer = fine(device.read(&at, &token).await?)?;
        earliest.clone_from(&at);
        let Some(next) = answer.json["next"].as_str() else { break };
        at = format!("{plans}?after={next}");
    }
    for path in [plans, &earliest] {
        let asked = async |device: &mut Device| device.read(path, &token).await;
        parts.push(timed(asked, device).await?);
    }
    parts.try_into().map_err(|_| "a part is missing".into())
}

/// The search for the last part of a list.
async fn last(device: &mut Device, search: &Value) -> Result<Value> {
    let mut search = search.clone();
    loop {
        let answer = fine(device.users(&search).await?)?;
        if answer.json["next"].is_null() {
            return Ok(search);
        }
        search["after"] = answer.json["next"].clone();
    }
}

async fn timed(
    ask: impl AsyncFn(&mut Device) -> Result<Answer>,
    device: &mut Device,
) -> Result<Part> {
    let (mut taken, mut bytes) = (Vec::new(), 0);
    for _ in 0..TIMES {
        let began = Instant::now();
        bytes = fine(ask(device).await?)?.bytes;
        taken.push(began.elapsed());
    }
    Ok(Part { taken, bytes })
}

fn fine(answer: Answer) -> Result<Answer> {
    match answer.status {
        200 => Ok(answer),
        status => Err(format!("{status}: {}", answer.json["kaigo_error"]).into()),
    }
}

/// Has everybody be a user of the nurse's facility.
async fn register(url: &str) -> Result<()> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await?;
    let registered = "INSERT INTO sts_registration (facility_id, subject, pmh_id, verified_at, valid_until) \
                      SELECT '1370000001', pmh_id, pmh_id, 0, 4000000000 FROM kiban_insured";
    sqlx::raw_sql(registered).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

fn somebody(n: u32) -> Person {
    let given =
        ["ハナコ", "タロウ", "キヨ", "イサム", "フミ", "シゲル", "トミ", "ヨシオ", "ハチロウ"];
    let at = usize::try_from(n).unwrap_or_default();
    let mut person = Person::example(vec![(0x7100_0000 + n).to_be_bytes().to_vec()]);
    person.name_kana = format!("ミホン　{}", given[at % given.len()]);
    person.insured_number = format!("7{n:09}");
    person.information = Vec::new();
    person
}

/// Two tables of a care plan each month.
fn plans(years: i16) -> Vec<Information> {
    let first = date(2026 - years, 11, 1);
    let months = (0..i32::from(years) * 12).map(|month| first.saturating_add(month.months()));
    let tables = months.flat_map(|written_on| {
        [6, 7].map(|table| Information::CarePlan {
            table,
            written_on,
            facility_id: "1370000003".to_owned(),
            text: "訪問看護　週２回、通所介護　週１回".to_owned(),
        })
    });
    tables.collect()
}
