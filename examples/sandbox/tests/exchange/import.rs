//! Insured persons whom a municipality brings in: everybody, then changes, with what is wrong, and what was stopped.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use kaigotap_sandbox::{
    Database, ImportDesk, ImportError, ImportFlaw, ImportKind, ImportProgress, ImportReport,
};

use crate::device::Device;
use crate::other_evidence::{state, statement};
use crate::support::World;
use crate::users::search;

pub(crate) const FULL: &str = "insurer_number,insurer_name,insured_number,name_kana,birth_date,sex,consent,\
    care_level,care_from,care_until,burden_percent,burden_from,burden_until,\
    limit_stage,limit_from,limit_until\n";
pub(crate) const INSURER: &str = "990077";

/// The n-th person's row.
pub(crate) fn row(insurer: &str, n: u64) -> String {
    format!(
        "{insurer},架空市,{n:010},カイゴ　ハナコ,1941-05-03,female,yes,\
         care_3,2026-04-01,2027-03-31,10,2026-08-01,2027-07-31,,,\n"
    )
}

pub(crate) fn everybody(count: u64) -> String {
    let rows: String = (1..=count).map(|n| row(INSURER, n)).collect();
    format!("{FULL}{rows}")
}

struct Municipality {
    folder: tempfile::TempDir,
    desk: ImportDesk,
}

impl Municipality {
    /// Beside a platform whose database others can open, too.
    async fn beside() -> (World, Self) {
        let folder = tempfile::tempdir().unwrap();
        let database = match crate::postgres::database().await {
            Database::Memory => Database::File(folder.path().join("platform")),
            server => server,
        };
        let world = World::with(|config| config.database = database.clone()).await;
        let desk = ImportDesk::open(&database).await.unwrap();
        (world, Self { folder, desk })
    }

    fn file(&self, text: &[u8]) -> PathBuf {
        let file = self.folder.path().join("insured.csv");
        fs::write(&file, text).unwrap();
        file
    }

    async fn bring(&self, kind: ImportKind, text: &str) -> Result<ImportReport, ImportError> {
        let insurers = [INSURER.to_owned()];
        self.desk.import(&self.file(text.as_bytes()), kind, &insurers, &mut |_| {}).await
    }
}

/// Whether somebody of that number can be confirmed by the paper certificate.
pub(crate) async fn known(world: &World, device: &Device, insurer: &str, n: u64) -> bool {
    let mut said = statement(world, device).await;
    said["ins"] = insurer.into();
    said["num"] = format!("{n:010}").into();
    let answer = state(world, device, &said, "qualification:read").await;
    if answer.status != 200 {
        answer.refused(404, "person_not_found");
    }
    answer.status == 200
}

#[tokio::test]
async fn everybody_is_brought_in_and_then_what_changes() {
    let (world, municipality) = Municipality::beside().await;
    let device = Device::new(&world).await;
    let early = municipality.bring(ImportKind::Changes, &format!("change,{FULL}")).await;
    assert!(matches!(early, Err(ImportError::NotSetUp)), "{early:?}");

    let told = municipality.bring(ImportKind::Full, &everybody(250)).await.unwrap();
    assert_eq!((told.rows, told.found, told.removed), (250, 0, 0), "{told:?}");
    let set_up = told.set_up_at.unwrap();
    let live = told.live_on.unwrap();
    let day = set_up.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9))).date();
    assert_eq!(day.until(live).unwrap().get_days(), 7);
    // What is there can be seen from the set-up on.
    for n in [1, 100, 101, 250] {
        assert!(known(&world, &device, INSURER, n).await, "{n}");
    }
    assert!(!known(&world, &device, INSURER, 251).await);

    // Once more changes nothing.
    let again = municipality.bring(ImportKind::Full, &everybody(250)).await.unwrap();
    assert!(again.was_done && again.set_up_at == told.set_up_at);

    let changes = format!(
        "change,{FULL}remove,{INSURER},,0000000100,,,,,,,,,,,,,\nput,{}",
        row(INSURER, 251)
    );
    let told = municipality.bring(ImportKind::Changes, &changes).await.unwrap();
    assert_eq!((told.rows, told.removed), (2, 1), "{told:?}");
    assert!(!known(&world, &device, INSURER, 100).await);
    assert!(known(&world, &device, INSURER, 251).await);

    // After a full set, whoever is not in it is nobody's.
    let told = municipality.bring(ImportKind::Full, &everybody(200)).await.unwrap();
    assert_eq!((told.rows, told.removed), (200, 51), "{told:?}");
    assert!(!known(&world, &device, INSURER, 251).await);
    assert!(known(&world, &device, INSURER, 100).await);
}

#[tokio::test]
async fn what_is_wrong_is_told_by_row_and_field_and_nothing_is_written() {
    let (world, municipality) = Municipality::beside().await;
    let device = Device::new(&world).await;
    let good = row(INSURER, 1);
    for (from, to, field, flaw) in [
        ("0000000001", "000000001", "insured_number", ImportFlaw::Digits),
        ("990077", "990078", "insurer_number", ImportFlaw::OtherInsurer),
        ("架空市", "", "insurer_name", ImportFlaw::Empty),
        ("カイゴ　ハナコ", "介護花子", "name_kana", ImportFlaw::Kana),
        ("1941-05-03", "1941-13-03", "birth_date", ImportFlaw::Date),
        ("female", "other", "sex", ImportFlaw::Value),
        (",yes,", ",perhaps,", "consent", ImportFlaw::Value),
        ("care_3", "care_9", "care_level", ImportFlaw::Value),
        ("2027-03-31", "2026-03-31", "care_until", ImportFlaw::Period),
        ("2026-04-01", "", "care_from", ImportFlaw::Apart),
        ("2026-04-01", "2026-4-1", "care_from", ImportFlaw::Date),
        (",10,", ",15,", "burden_percent", ImportFlaw::Value),
        (",,,", ",1,2026-08-01,", "limit_until", ImportFlaw::Apart),
        (",,,", ",,", "", ImportFlaw::Columns),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        let mut file = FULL.to_owned();
        let _ = write!(file, "{bad}{}", row(INSURER, 2));
        let told = municipality.bring(ImportKind::Full, &file).await.unwrap();
        let [found] = &told.findings[..] else { panic!("{to}: {told:?}") };
        assert_eq!((found.row, found.field, found.flaw), (2, field, flaw), "{to}");
        assert_eq!((told.found, told.set_up_at), (1, None));
    }
    let twice = format!("{FULL}{}{good}", row(INSURER, 1));
    let told = municipality.bring(ImportKind::Full, &twice).await.unwrap();
    assert_eq!((told.findings[0].row, told.findings[0].flaw), (3, ImportFlaw::Order));
    let unnamed = municipality.bring(ImportKind::Full, &good).await.unwrap();
    assert_eq!((unnamed.findings[0].row, unnamed.findings[0].flaw), (1, ImportFlaw::Columns));
    let mut bytes = everybody(1).into_bytes();
    bytes.truncate(bytes.len() - 1);
    bytes.extend([0xff, b'\n']);
    let file = municipality.file(&bytes);
    let insurers = [INSURER.to_owned()];
    let told = municipality.desk.import(&file, ImportKind::Full, &insurers, &mut |_| {}).await;
    assert_eq!(told.unwrap().findings[0].flaw, ImportFlaw::Encoding);
    assert!(!known(&world, &device, INSURER, 2).await);
}

#[tokio::test]
async fn an_import_that_is_stopped_goes_on_where_it_was() {
    let (world, municipality) = Municipality::beside().await;
    let device = Device::new(&world).await;
    let file = municipality.file(everybody(9_000).as_bytes());
    let insurers = [INSURER.to_owned()];
    // Stopped like a process that is killed: between two of its steps, and not asked.
    let mut stopped = Box::pin(async {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let mut sender = Some(sender);
        let mut progress = |now| {
            if matches!(now, ImportProgress::Written(4_000, 9_000)) {
                let _ = sender.take().map(|sender| sender.send(()));
            }
        };
        let import = municipality.desk.import(&file, ImportKind::Full, &insurers, &mut progress);
        tokio::select! {
            biased;
            _ = receiver => None,
            told = import => Some(told),
        }
    });
    assert!(stopped.as_mut().await.is_none());
    drop(stopped);
    // Nothing of it can be seen, and nothing may be changed, before it is whole.
    let mut said = statement(&world, &device).await;
    said["ins"] = INSURER.into();
    said["num"] = "0000000001".into();
    let token = state(&world, &device, &said, "qualification:read").await;
    let nothing = ("", String::new());
    let path = ("GET", "/v1/qualification");
    let view = device.call(&world, path, Some(token.access_token()), nothing).await;
    view.refused(409, "insurer_not_connected");
    let change = format!("change,{FULL}put,{}", row(INSURER, 9_001));
    let refused = municipality.bring(ImportKind::Changes, &change).await;
    assert!(matches!(refused, Err(ImportError::Unfinished)), "{refused:?}");

    let told = municipality.bring(ImportKind::Full, &everybody(9_000)).await.unwrap();
    let resumed = told.resumed_at.unwrap();
    assert!((4_000..9_000).contains(&resumed), "{resumed}");
    for n in [1, 4_000, 4_001, 9_000] {
        assert!(known(&world, &device, INSURER, n).await, "{n}");
    }
}

#[tokio::test]
async fn a_union_brings_in_those_of_its_members() {
    let (world, municipality) = Municipality::beside().await;
    let device = Device::new(&world).await;
    let members = ["990077", "990078"].map(str::to_owned);
    let rows = |insurer: &str| (1..=3).map(|n| row(insurer, n)).collect::<String>();
    let file = municipality.file(format!("{FULL}{}{}", rows("990077"), rows("990078")).as_bytes());
    let told = municipality.desk.import(&file, ImportKind::Full, &members, &mut |_| {}).await;
    assert_eq!(told.unwrap().rows, 6);
    for insurer in &members {
        assert!(known(&world, &device, insurer, 3).await, "{insurer}");
    }
}

#[tokio::test]
async fn who_was_brought_in_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::File(folder.path().join("platform"));
    let world = World::with(|config| config.database = database.clone()).await;
    let desk = ImportDesk::open(&database).await.unwrap();
    let municipality = Municipality { folder: tempfile::tempdir().unwrap(), desk };
    municipality.bring(ImportKind::Full, &everybody(3)).await.unwrap();
    world.sandbox.stop().await;
    let world = World::with(|config| config.database = database.clone()).await;
    let device = Device::new(&world).await;
    assert!(known(&world, &device, INSURER, 3).await);
}

#[tokio::test]
async fn the_list_of_a_facility_follows_what_is_brought_in() {
    let (world, municipality) = Municipality::beside().await;
    let device = Device::new(&world).await;
    municipality.bring(ImportKind::Full, &everybody(2)).await.unwrap();
    assert!(known(&world, &device, INSURER, 1).await);
    let married = row(INSURER, 1).replace("カイゴ　ハナコ", "サトウ　ハナコ");
    let changes = format!("change,{FULL}put,{married}");
    municipality.bring(ImportKind::Changes, &changes).await.unwrap();
    let found = search(&world, &device, &serde_json::json!({ "kana": "サトウ" })).await;
    assert_eq!(found.json["users"][0]["name_kana"], "サトウ　ハナコ", "{}", found.json);
    let before = search(&world, &device, &serde_json::json!({ "kana": "カイゴ" })).await;
    assert_eq!(before.json["users"], serde_json::json!([]));
}
