//! A device enrols itself from the command line, follows its platform, and changes its key.

mod support;

use std::path::Path;

use kaigotap_sandbox::world::World;
use serde_json::Value;
use support::{Browser, SigningIn};

fn kaigotap(arguments: &[&str], input: &str) -> Value {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kaigotap"));
    let output = command.arg("--json").args(arguments).write_stdin(input).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

fn code(world: &World) -> String {
    world.wait(world.sandbox().activate("1370000001", "ward 3")).unwrap().code
}

/// Enrols the device of this file.
fn enrol(world: &World, file: &str, code: &str, more: &[&str]) -> Value {
    let to = ["enrol", "--server", world.sandbox().url(), "--enrolment", file, "--code-fd", "0"];
    kaigotap(&[&to[..], more].concat(), code)
}

fn sign_in(file: &str) -> Value {
    let (mut process, address) = SigningIn::begin(file, &[]);
    let mut browser = Browser::default();
    let page = browser.open(&address);
    browser.submit(&page, &[("staff_id", "nurse-01"), ("password", "sandbox-nurse-01")]);
    process.finish().1
}

fn visit(file: &str) -> Value {
    let visit = ["visit", "--enrolment", file, "--reader", "simulator", "--face-confirmed"];
    kaigotap(&[&visit[..], &["--pin-fd", "0"]].concat(), "1234\n")
}

fn device(question: &str, file: &str) -> Value {
    kaigotap(&["device", question, "--enrolment", file], "")
}

#[test]
fn a_device_enrols_signs_in_visits_and_changes_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("device.json").to_str().unwrap().to_owned();
    let world = World::start().unwrap();
    let told = enrol(&world, &file, &code(&world).to_lowercase(), &[]);
    assert_eq!(
        (&told["outcome"], &told["label"]),
        (&"enrolled".into(), &"ward 3".into()),
        "{told}"
    );
    assert_eq!((&told["facility_id"], &told["staff_id"]), (&"1370000001".into(), &Value::Null));
    assert!(told["certificate_until"].is_string() && told["challenge_keys"][1].is_string());
    private(Path::new(&file));
    assert_eq!(visit(&file)["code"], "not_signed_in");
    assert_eq!(device("refresh", &file)["code"], "not_signed_in");

    let signed_in = sign_in(&file);
    assert_eq!(
        (&signed_in["outcome"], &signed_in["staff_id"]),
        (&"signed_in".into(), &"nurse-01".into())
    );
    let shown = device("show", &file);
    assert_eq!(shown["token"]["bound_to"], told["key"]);
    assert_eq!((&shown["token"], &shown["staff_id"]), (&signed_in["token"], &"nurse-01".into()));
    assert_eq!(shown["token"]["audience"], world.sandbox().issuer());
    assert_eq!(shown["token"]["lifetime_seconds"], 3600);
    assert!(!shown.to_string().contains("eyJ") && !signed_in.to_string().contains("eyJ"));
    private(Path::new(&file));
    assert_eq!(visit(&file)["outcome"], "verified");

    world.wait(world.sandbox().roll_keys()).unwrap();
    let refreshed = device("refresh", &file);
    assert_eq!(refreshed["outcome"], "refreshed", "{refreshed}");
    assert_eq!(refreshed["challenge_keys"][0], told["challenge_keys"][1]);
    assert_eq!(visit(&file)["outcome"], "verified");

    let rolled = device("roll-over", &file);
    assert_eq!(
        (&rolled["outcome"], &rolled["staff_id"]),
        (&"rolled_over".into(), &Value::Null),
        "{rolled}"
    );
    assert!(rolled["key"] != told["key"] && rolled["device_id"] == told["device_id"]);
    assert_eq!(sign_in(&file)["token"]["bound_to"], rolled["key"]);
    assert_eq!(visit(&file)["outcome"], "verified");
}

#[test]
fn an_enrolment_that_is_there_stays_and_a_code_that_is_none_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("device.json").to_str().unwrap().to_owned();
    let world = World::start().unwrap();
    for (typed, expected) in [
        ("", "activation_code_short"),
        ("7ZZZ-0123-4567-89AB-CDEF-GHJK-M", "activation_code_short"),
        ("7ZZZ-0123-4567-89AB-CDEF-GHJK-MNN", "activation_code_long"),
        ("7ZZZ-0123-4567-89AB-CDEF-GHJK-MU", "activation_code_unreadable"),
        ("7ZZZ-0123-4567-89AB-CDEF-GHJK-MN", "activation_code_invalid"),
    ] {
        assert_eq!(enrol(&world, &file, typed, &[])["code"], expected, "{typed}");
        assert!(!Path::new(&file).exists());
    }
    let first = enrol(&world, &file, &code(&world), &[]);
    let before = std::fs::read(&file).unwrap();
    assert_eq!(enrol(&world, &file, &code(&world), &[])["code"], "enrolment_exists");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let second = enrol(&world, &file, &code(&world), &["--force"]);
    assert_eq!(second["outcome"], "enrolled", "{second}");
    assert!(second["key"] != first["key"] && second["device_id"] != first["device_id"]);
    // Nobody is at a terminal, and the platform is called otherwise.
    let other = folder.path().join("other.json").to_str().unwrap().to_owned();
    let to = ["enrol", "--server", world.sandbox().url(), "--enrolment", &other];
    assert_eq!(kaigotap(&to, "")["code"], "no_activation_code");
    let elsewhere = enrol(&world, &other, &code(&world), &["--issuer", "https://other.example"]);
    assert_eq!(
        (&elsewhere["code"], &elsewhere["detail"]),
        (&"enrolment_untrusted".into(), &"another platform".into())
    );
}

/// Whether only its owner can read it.
fn private(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    #[cfg(not(unix))]
    let _ = file;
}
