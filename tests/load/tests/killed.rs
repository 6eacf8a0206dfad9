//! Servers that are killed under load, for a minute.

use std::process::Command;

#[test]
fn nothing_that_was_confirmed_is_lost() {
    if !std::path::Path::new("/usr/lib/postgresql").exists() {
        println!("SKIPPED: servers were not killed under load, because there is no PostgreSQL");
        return;
    }
    let done = Command::new(env!("CARGO_BIN_EXE_kaigotap-load")).arg("endure").output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    println!("{said}");
    let why = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}{why}");
}
