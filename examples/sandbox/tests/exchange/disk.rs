//! What lies on a disk, and who can read it.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use jiff::SignedDuration;
use kaigotap_sandbox::{Config, Database, Sandbox, StartError};

use crate::start::TemporaryFile;
use crate::support::World;

fn beside(file: &TemporaryFile, suffix: &str) -> PathBuf {
    let mut path = file.path().to_owned().into_os_string();
    path.push(suffix);
    path.into()
}

fn mode(path: &PathBuf) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn on(file: &TemporaryFile) -> World {
    let database = Database::File(file.path().to_owned());
    World::with(|config| config.database = database).await
}

async fn refused(file: &TemporaryFile) -> StartError {
    let database = Database::File(file.path().to_owned());
    Sandbox::start(Config { database, ..Config::default() }).await.unwrap_err()
}

#[tokio::test]
async fn a_database_is_its_owners_alone() {
    let file = TemporaryFile::new("mode");
    let world = on(&file).await;
    world.exchange(&world.assertion().await).await;
    for suffix in ["", "-wal", "-shm", ".key"] {
        assert_eq!(mode(&beside(&file, suffix)), 0o600, "{suffix}");
    }
    world.sandbox.stop().await;

    for (suffix, mode) in [("", 0o640), (".key", 0o604)] {
        let path = beside(&file, suffix);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = refused(&file).await;
        assert_eq!(error.code(), "database_exposed");
        assert!(error.to_string().contains(path.to_str().unwrap()));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    on(&file).await.sandbox.stop().await;
}

#[tokio::test]
async fn nobody_is_led_elsewhere_by_a_link() {
    for suffix in ["", ".key"] {
        let (file, target) = (TemporaryFile::new("link"), TemporaryFile::new("target"));
        fs::write(target.path(), b"").unwrap();
        fs::set_permissions(target.path(), fs::Permissions::from_mode(0o600)).unwrap();
        symlink(target.path(), beside(&file, suffix)).unwrap();
        assert_eq!(refused(&file).await.code(), "database_exposed", "{suffix}");
        assert_eq!(fs::read(target.path()).unwrap(), b"");
        // Nor by one that leads nowhere yet.
        fs::remove_file(target.path()).unwrap();
        assert_eq!(refused(&file).await.code(), "database_exposed", "{suffix}");
        assert!(!target.path().exists());
    }
}

#[tokio::test]
async fn a_copy_of_the_database_opens_nothing() {
    let (file, copy) = (TemporaryFile::new("original"), TemporaryFile::new("copy"));
    let world = on(&file).await;
    let answer = world.exchange(&world.assertion().await).await;
    let holds = |needle: &[u8]| {
        // In this order: what is written back meanwhile is seen in the second at the latest.
        ["-wal", ""].iter().any(|suffix| {
            let bytes = fs::read(beside(&file, suffix)).unwrap_or_default();
            bytes.windows(needle.len()).any(|window| window == needle)
        })
    };
    // No token, not even while the answer is kept, and no key: PKCS#8 for P-256 begins like this.
    let jti = crate::support::payload(answer.access_token())["jti"].as_str().unwrap().to_owned();
    assert!(holds(jti.as_bytes()));
    let key = [0x02, 1, 0, 0x30, 0x13, 6, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1];
    assert!(!holds(b"eyJ") && !holds(&key));
    world.sandbox.shift_clock(SignedDuration::from_secs(330));
    world.sandbox.sweep().await.unwrap();
    assert_eq!(fs::metadata(beside(&file, "-wal")).unwrap().len(), 0);
    assert!(!holds(b"eyJ") && !holds(&key));
    world.sandbox.stop().await;

    fs::copy(file.path(), copy.path()).unwrap();
    assert_eq!(refused(&copy).await.code(), "keys_unavailable");
}
