//! The audit log: what is in it, and that nothing can be done to it unseen.

use Flaw::{Altered, CutOff, HeadForged, Missing, OutOfPlace};
use kaigotap_sandbox::{Anchor, AuditLog, AuditReport, Database, FACILITY_ID, Flaw, STAFF_ID};
use sqlx::{AnyConnection, Connection};

use crate::pki::leaf;
use crate::start::TemporaryFile;
use crate::support::{World, assert_with};

/// A database that can be looked into from outside, and how.
pub(crate) async fn database(file: &TemporaryFile) -> (Database, String) {
    if let Database::Postgres { url, key_file } = crate::postgres::database().await {
        return (Database::Postgres { url: url.clone(), key_file }, url);
    }
    let url = format!("sqlite://{}", file.path().display());
    (Database::File(file.path().to_owned()), url)
}

/// Somebody who can write the database, and has not the key.
struct Intruder(AnyConnection);

impl Intruder {
    async fn at(url: &str) -> Self {
        Self(AnyConnection::connect(url).await.unwrap())
    }

    async fn does(&mut self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.0).await.unwrap();
    }
}

async fn looked(log: &AuditLog, anchor: Option<&Anchor>) -> Vec<(u64, Flaw)> {
    let report = log.verify(anchor).await.unwrap();
    report.findings.iter().map(|finding| (finding.sequence, finding.flaw)).collect()
}

#[tokio::test]
async fn what_happened_is_on_record_and_nobody_is_named() {
    let world = World::new().await;
    let assertion = world.assertion().await;
    assert_eq!(world.exchange(&assertion).await.status, 200);
    // A re-send is nothing that happened.
    assert_eq!(world.exchange(&assertion).await.status, 200);
    let challenge = world.challenge().await;
    let mut claims = world.claims(&challenge);
    claims["fac"] = "1370000002".into();
    world.exchange(&assert_with(&leaf(), &claims)).await.refused(400, "binding_mismatch");
    // Another assertion for a challenge that is used up.
    claims["jti"] = "00000000-0000-4000-8000-000000000000".into();
    world.exchange(&assert_with(&leaf(), &claims)).await.refused(400, "challenge_used");

    let records = world.sandbox.audit().after(0).await.unwrap();
    let said: Vec<_> = records
        .iter()
        .map(|record| (record.what.as_str(), record.outcome.as_str(), record.note.as_str()))
        .collect();
    let face = "face match printed_photo";
    assert_eq!(
        said,
        [
            ("start", "ok", ""),
            ("device_enrolled", "ok", ""),
            ("challenge", "ok", face),
            ("exchange", "ok", face),
            ("challenge", "ok", face),
            ("exchange", "binding_mismatch", face),
            ("replay", "challenge_used", ""),
        ]
    );
    // The same for the same, and of nobody known it is not there.
    assert!(records[2..].iter().all(|record| record.staff == records[2].staff));
    assert!(records[1..].iter().all(|record| record.device == records[1].device));
    assert!(records[2].staff != records[2].facility && records[0].staff.is_empty());
    assert!(!records[1].device.is_empty() && records[1].device != records[2].staff);
    assert!(!records[3].person.is_empty() && records[5].person.is_empty());
    let text = format!("{records:?}");
    for name in [STAFF_ID, FACILITY_ID, "5f0c1d3e", "eyJ"] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    // Nobody who has another key could make the same digest.
    let other = World::new().await;
    other.challenge().await;
    let others = other.sandbox.audit().after(2).await.unwrap();
    // (On PostgreSQL these tests share one key file, but each database has a key of its own.)
    assert_ne!(others[0].staff, records[2].staff);
}

#[tokio::test]
async fn a_log_that_was_tampered_with_is_found_out_and_where() {
    let file = TemporaryFile::new("audit");
    let (database, url) = database(&file).await;
    let world = World::with(|config| config.database = database.clone()).await;
    for _ in 0..7 {
        world.challenge().await;
    }
    let log = AuditLog::open(&database).await.unwrap();
    let AuditReport { records, anchor, findings } = log.verify(None).await.unwrap();
    assert_eq!((records, findings), (9, vec![]));
    let anchor: Anchor = anchor.unwrap().to_string().parse().unwrap();
    assert_eq!(looked(&log, Some(&anchor)).await, []);

    let mut intruder = Intruder::at(&url).await;
    intruder.does("CREATE TABLE copy AS SELECT * FROM audit_record").await;
    intruder.does("CREATE TABLE head AS SELECT * FROM audit_head").await;
    let restored = "DELETE FROM audit_record; INSERT INTO audit_record SELECT * FROM copy; DELETE FROM audit_head; \
         INSERT INTO audit_head SELECT * FROM head";
    let cases: [(&str, &[(u64, Flaw)]); 9] = [
        ("UPDATE audit_record SET outcome = 'x' WHERE sequence = 3", &[(3, Altered)]),
        ("UPDATE audit_record SET at = at + 1 WHERE sequence = 9", &[(9, Altered)]),
        ("UPDATE audit_record SET note = 'x', what = 'y' WHERE sequence = 4", &[(4, Altered)]),
        // What one member loses, the next one gains.
        (
            "UPDATE audit_record SET outcome = 'o', note = 'kface match printed_photo' WHERE sequence = 4",
            &[(4, Altered)],
        ),
        ("DELETE FROM audit_record WHERE sequence IN (4, 5)", &[(4, Missing)]),
        ("DELETE FROM audit_record WHERE sequence > 6", &[(9, CutOff)]),
        (
            "DELETE FROM audit_record WHERE sequence > 6; UPDATE audit_head SET sequence = 6, \
             hash = (SELECT hash FROM audit_record WHERE sequence = 6)",
            &[(6, HeadForged)],
        ),
        (
            "UPDATE audit_record SET sequence = 100 WHERE sequence = 4; \
             UPDATE audit_record SET sequence = 4 WHERE sequence = 5; \
             UPDATE audit_record SET sequence = 5 WHERE sequence = 100",
            &[(4, OutOfPlace), (5, OutOfPlace), (6, OutOfPlace)],
        ),
        (
            "UPDATE audit_record SET hash = (SELECT hash FROM copy WHERE sequence = 2) WHERE sequence = 3",
            &[(3, Altered), (4, OutOfPlace)],
        ),
    ];
    for (deed, expected) in cases {
        intruder.does(deed).await;
        assert_eq!(looked(&log, None).await, expected, "{deed}");
        intruder.does(restored).await;
        assert_eq!(looked(&log, Some(&anchor)).await, []);
    }

    // A whole database of yesterday holds; an anchor of today tells.
    world.challenge().await;
    let today = log.verify(None).await.unwrap().anchor.unwrap();
    intruder.does(restored).await;
    assert_eq!(looked(&log, None).await, []);
    assert_eq!(looked(&log, Some(&today)).await, [(10, Flaw::NotAnchored)]);
    // Written on from there, it is as long, and still another one.
    world.challenge().await;
    world.sandbox.audit().verify(None).await.unwrap();
    let other = format!("10:{}", "A".repeat(43)).parse().unwrap();
    assert_eq!(looked(&log, Some(&other)).await, [(10, Flaw::NotAnchored)]);
    for text in ["", "10", "x:AAAA", "10:AAAA", "10:*"] {
        assert!(text.parse::<Anchor>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn many_processes_keep_one_chain() {
    let file = TemporaryFile::new("chain");
    let (database, _) = database(&file).await;
    let world = async || World::with(|config| config.database = database.clone()).await;
    let (one, two) = (world().await, world().await);
    let ask = async |world: &World| {
        for _ in 0..20 {
            world.challenge().await;
        }
    };
    tokio::join!(ask(&one), ask(&one), ask(&two), ask(&two));
    let log = AuditLog::open(&database).await.unwrap();
    let report = log.verify(None).await.unwrap();
    assert_eq!((report.records, report.findings), (84, vec![]));
}

#[tokio::test]
async fn what_is_not_kept_is_not_on_record() {
    let world = World::new().await;
    let before = world.sandbox.audit().after(0).await.unwrap().len();
    // Without a staff member nothing is worth a record: anybody could fill the disk.
    for assertion in ["x", &world.assertion().await] {
        let mut form = world.form(assertion);
        form.iter_mut()
            .filter(|(name, _)| *name == "actor_token")
            .for_each(|(_, value)| value.clear());
        assert_ne!(world.send_form(&form).await.unwrap().status, 200);
    }
    let records = world.sandbox.audit().after(0).await.unwrap();
    assert_eq!(records.len(), before + 1);
}
