use std::path::{Path, PathBuf};

use kaigotap_sandbox::{Config, Database, Enrolment, Failure, Person, STAFF_ID, Sandbox};

use der::asn1::OctetString;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use sqlx::migrate::{Migration, MigrationType, Migrator};

use crate::pki::{SERIAL, anchor, extension, leaf, leaf_with, replace};
use crate::support::{World, challenge_request};

/// A file that is gone afterwards, with what SQLite puts beside it.
pub(crate) struct TemporaryFile(PathBuf);

impl TemporaryFile {
    pub(crate) fn new(name: &str) -> Self {
        let file = format!("kaigotap-sandbox-{}-{name}.db", std::process::id());
        Self(std::env::temp_dir().join(file))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", ".key"] {
            let mut path = self.0.clone().into_os_string();
            path.push(suffix);
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Writes a file that only its owner can read.
fn private(path: &Path, content: &[u8]) {
    std::fs::write(path, content).unwrap();
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(path, mode).unwrap();
    }
}

async fn code(config: Config) -> &'static str {
    Sandbox::start(config).await.unwrap_err().code()
}

#[tokio::test]
async fn each_reason_not_to_start_has_its_code() {
    let world = World::new().await;
    let listen = world.sandbox.url().strip_prefix("http://").unwrap().parse().unwrap();
    assert_eq!(code(Config { listen, ..Config::default() }).await, "address_in_use");
    let listen = "0.0.0.0:0".parse().unwrap();
    assert_eq!(code(Config { listen, ..Config::default() }).await, "not_loopback");
    let listen = "192.0.2.1:0".parse().unwrap();
    let config = Config { listen, allow_beyond_loopback: true, ..Config::default() };
    assert_eq!(code(config).await, "address_unavailable");
    let database = Database::File("/nowhere/at/all.db".into());
    assert_eq!(code(Config { database, ..Config::default() }).await, "database_unavailable");
    let key_id = SubjectKeyIdentifier(OctetString::new([7; 20]).unwrap());
    let not_a_ca = leaf_with(|tbs| replace(tbs, extension(false, &key_id)));
    let anchors = vec![anchor(), not_a_ca];
    assert_eq!(code(Config { anchors, ..Config::default() }).await, "anchor_unusable");
    let policies = vec!["one".into()];
    assert_eq!(code(Config { policies, ..Config::default() }).await, "policy_malformed");

    let person = || Person::example(vec![SERIAL.to_vec()]);
    let mut wrong = vec![person(); 3];
    wrong[0].insurer_number = "99".into();
    wrong[1].insured_number = "12345678９０".into();
    wrong[2].burden_ratio.as_mut().unwrap().percent = 15;
    for person in wrong {
        let people = vec![person];
        assert_eq!(code(Config { people, ..Config::default() }).await, "person_malformed");
    }
    let other = Person { insured_number: "0000000002".into(), ..person() };
    for people in [vec![person(), person()], vec![person(), other]] {
        let config = Config { anchors: vec![anchor()], people, ..Config::default() };
        assert_eq!(code(config).await, "person_malformed");
    }
}

#[tokio::test]
async fn somebody_elses_database_is_left_alone() {
    let file = TemporaryFile::new("foreign");
    private(file.path(), b"not a database, but a letter to a friend");
    let database = Database::File(file.path().to_owned());
    assert_eq!(code(Config { database, ..Config::default() }).await, "database_unavailable");
    assert!(std::fs::read(file.path()).unwrap().ends_with(b"friend"));
}

/// The first form of each room's tables, in the order in which they are made.
const FIRST: [(&str, &str); 6] = [
    ("base", include_str!("../../src/base/migrations/sqlite/0001_secret.sql")),
    ("jlis", include_str!("../../src/jlis/migrations/sqlite/0001_register.sql")),
    ("kiban", include_str!("../../src/kiban/migrations/sqlite/0001_insured.sql")),
    ("pmh", include_str!("../../src/pmh/migrations/sqlite/0001_identifier.sql")),
    ("qualification", include_str!("../../src/qualification/migrations/sqlite/0001_link.sql")),
    ("sts", include_str!("../../src/sts/migrations/sqlite/0001_first.sql")),
];

#[tokio::test]
async fn a_database_of_the_first_form_is_taken_over() {
    let file = TemporaryFile::new("first");
    private(file.path(), b"");
    let path = format!("sqlite:{}", file.path().display());
    let database = sqlx::SqlitePool::connect(&path).await.unwrap();
    for (room, sql) in FIRST {
        let sql = sqlx::SqlSafeStr::into_sql_str(sql);
        let first = Migration::new(1, room.into(), MigrationType::Simple, sql, false);
        let mut migrator = Migrator::with_migrations(vec![first]);
        migrator.dangerous_set_table_name(format!("{room}_migrations"));
        migrator.run(&database).await.unwrap();
    }
    let index = "SELECT count(*) FROM sqlite_schema WHERE name = 'sts_challenge_open'";
    let second = async || sqlx::query_scalar::<_, i64>(index).fetch_one(&database).await.unwrap();
    assert_eq!(second().await, 0);
    for _ in 0..2 {
        let database = Database::File(file.path().to_owned());
        let world = World::with(|config| config.database = database).await;
        assert_eq!(world.exchange_leaf(&leaf()).await.status, 200);
        world.sandbox.stop().await;
        assert_eq!(second().await, 1);
    }
    // A form that this version does not know.
    let newer = "UPDATE sts_migrations SET version = 9 WHERE version = 2";
    sqlx::query(newer).execute(&database).await.unwrap();
    database.close().await;
    let database = Database::File(file.path().to_owned());
    assert_eq!(code(Config { database, ..Config::default() }).await, "database_unavailable");
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let file = TemporaryFile::new("other");
    private(file.path(), b"");
    let path = format!("sqlite:{}", file.path().display());
    let database = sqlx::SqlitePool::connect(&path).await.unwrap();
    sqlx::raw_sql("CREATE TABLE secret (name TEXT)").execute(&database).await.unwrap();
    database.close().await;
    let before = std::fs::read(file.path()).unwrap();
    let database = Database::File(file.path().to_owned());
    assert_eq!(code(Config { database, ..Config::default() }).await, "database_unavailable");
    assert!(std::fs::read(file.path()).unwrap() == before);
}

#[tokio::test]
async fn a_database_file_keeps_keys_and_spent_challenges() {
    let file = TemporaryFile::new("restart");
    let database = Database::File(file.path().to_owned());
    let world = World::with(|config| config.database = database.clone()).await;
    let pinned = world.sandbox.challenge_keys();
    let assertion = world.assertion().await;
    let first = world.exchange(&assertion).await;
    let listen = world.sandbox.url().strip_prefix("http://").unwrap().parse().unwrap();
    let World { sandbox, device, staff } = world;
    sandbox.stop().await;

    let mut world = World::with(|config| {
        config.listen = listen;
        config.database = database.clone();
    })
    .await;
    assert_eq!(world.sandbox.challenge_keys(), pinned);
    (world.device, world.staff) = (device, staff);
    assert_eq!(world.exchange(&assertion).await.access_token(), first.access_token());
    assert_eq!(world.entitlement(first.access_token()).await.status, 200);
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 1);

    // At another address it is another issuer, though the keys are the same.
    let mut elsewhere = World::with(|config| config.database = database).await;
    elsewhere.staff.clone_from(&world.staff);
    std::mem::swap(&mut elsewhere.device, &mut world.device);
    elsewhere.ask_challenge(&challenge_request()).await.refused(401, "staff_token_invalid");
    elsewhere.entitlement(first.access_token()).await.refused(401, "token_invalid");
    elsewhere.sandbox.stop().await;

    // Nothing in the file names the certificate or could be sent again, but for what its issuer has to know.
    world.sandbox.stop().await;
    let path = file.path().to_str().unwrap();
    let database = sqlx::SqlitePool::connect(path).await.unwrap();
    let issuers = "DELETE FROM jlis_certificate; DELETE FROM jlis_list; VACUUM";
    sqlx::raw_sql(issuers).execute(&database).await.unwrap();
    database.close().await;
    let bytes = std::fs::read(file.path()).unwrap();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"verified"));
    assert!(!holds(&SERIAL) && !holds(assertion.as_bytes()) && !holds(&leaf()[200..264]));
}

#[tokio::test]
async fn stopping_frees_the_address() {
    let world = World::new().await;
    let listen = world.sandbox.url().strip_prefix("http://").unwrap().parse().unwrap();
    world.sandbox.stop().await;
    let again = Sandbox::start(Config { listen, ..Config::default() }).await.unwrap();
    let jwk = world.device.jwk();
    assert!(matches!(again.enrol("nobody", &jwk).await, Err(Failure::UnknownStaff)));
    assert!(matches!(again.enrol(STAFF_ID, &serde_json::json!({})).await, Err(Failure::Device)));
    drop(again);
}

#[tokio::test]
async fn an_enrolment_goes_through_a_file_and_hides_its_token() {
    let world = World::new().await;
    let enrolment = world.sandbox.enrol(STAFF_ID, &world.device.jwk()).await.unwrap();
    let text = serde_json::to_string(&enrolment).unwrap();
    let read: Enrolment = serde_json::from_str(&text).unwrap();
    assert_eq!(read.staff_token, enrolment.staff_token);
    assert!(read.sandbox && read.server == read.issuer);
    assert!(!format!("{enrolment:?}").contains(&enrolment.staff_token));
}
