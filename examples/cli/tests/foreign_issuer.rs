//! Staff sign in at an OpenID provider that nobody here wrote, as a facility may have one of its own, and visit with its
//! tokens. `cargo xtask test` installs it and runs this; by hand: `npm ci` in `tests/oidc`, then with `--ignored`.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use kaigotap::flow::EntryName;
use kaigotap::link::device_key::FileKeys;
use kaigotap_sandbox::world::{World, config};
use kaigotap_sandbox::{Config, STAFF_ID, StaffIssuer, StaffIssuerKeys};
use serde_json::{Value, json};
use support::{Browser, SigningIn};

/// The provider, which ends with its input.
struct Provider {
    process: Child,
    input: ChildStdin,
    said: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Provider {
    fn start() -> (Self, Value) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oidc");
        let mut process = Command::new("node")
            .arg("server.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node");
        let input = process.stdin.take().unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let about = said.next().expect("npm ci in tests/oidc").unwrap();
        (Self { process, input, said }, serde_json::from_str(&about).unwrap())
    }

    fn know(&mut self, client: &Value) {
        writeln!(self.input, "{client}").unwrap();
        assert!(self.said.next().unwrap().unwrap().contains("ready"));
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A device that is enrolled at the sandbox, whose staff sign in elsewhere.
struct Device {
    file: PathBuf,
    id: String,
    jwk: Value,
}

fn enrol(folder: &Path, world: &World, staff_issuer: &str) -> Device {
    let file = folder.join("enrolment.json");
    let mut keys = FileKeys::open(&folder.join("enrolment.json.keys")).unwrap();
    let point = keys.public_key(&EntryName::parse("device").unwrap()).unwrap();
    let part = |range| Base64UrlUnpadded::encode_string(&point[range]);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": part(1..33), "y": part(33..65) });
    let given = world.wait(world.sandbox().enrol(STAFF_ID, &jwk)).unwrap();
    let id = serde_json::to_value(&given).unwrap()["device_id"].as_str().unwrap().to_owned();
    let roots: Vec<_> = world.roots().iter().map(|der| Base64::encode_string(der)).collect();
    let enrolment = json!({
        "server": given.server, "issuer": given.issuer, "staff_issuer": staff_issuer,
        "challenge_keys": given.challenge_keys, "device_id": id, "device_key": jwk,
        "facility_id": given.facility_id, "staff_token": given.staff_token, "test_anchors": roots,
    });
    std::fs::write(&file, enrolment.to_string()).unwrap();
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&file, mode).unwrap();
    }
    Device { file, id, jwk }
}

fn visit(enrolment: &str) -> Value {
    let arguments = [
        "visit",
        "--json",
        "--enrolment",
        enrolment,
        "--reader",
        "simulator",
        "--face-confirmed",
        "--pin-fd",
        "0",
    ];
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kaigotap"));
    let output = command.args(arguments).write_stdin("1234\n").output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

#[test]
#[ignore = "needs `npm ci` in tests/oidc"]
fn a_visit_with_a_foreign_providers_token() {
    let folder = tempfile::tempdir().unwrap();
    let (mut provider, about) = Provider::start();
    let text = |name: &str| about[name].as_str().unwrap().to_owned();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = listener.local_addr().unwrap();
    drop(listener);
    let known = StaffIssuer {
        issuer: text("issuer"),
        audience: format!("http://{listen}"),
        member_claim: "sub".to_owned(),
        keys: StaffIssuerKeys::At(text("jwks_uri")),
    };
    let set_up = Config { listen, staff_issuers: vec![known], ..Config::default() };
    let world = World::start_with(config(set_up, &[])).unwrap();
    let resource = world.sandbox().issuer().to_owned();
    let device = enrol(folder.path(), &world, &text("issuer"));
    let client = |account: &str| json!({ "client_id": device.id, "jwk": device.jwk, "resource": resource, "account": account });
    provider.know(&client("nurse-02"));

    let enrolment = device.file.to_str().unwrap();
    let (mut process, address) = SigningIn::begin(enrolment, &["--resource", &resource]);
    let end = Browser::default().open(&address);
    assert_eq!(end.status, 200, "{}", end.text);
    let (status, told) = process.finish();
    assert!(status.success(), "{told}");
    assert_eq!((&told["staff_id"], &told["name"]), (&"nurse-02".into(), &"看護 葵".into()));
    assert_eq!(visit(enrolment)["outcome"], "verified");

    // Signed in anew, with the browser that is known there.
    let (mut process, address) = SigningIn::begin(enrolment, &["--again", "--resource", &resource]);
    Browser::default().open(&address);
    assert_eq!(process.finish().1["outcome"], "signed_in");
    // It keeps no book about tokens that are JWTs, and says that it cannot revoke them.
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kaigotap"));
    let out = command.args(["sign-out", "--json", "--enrolment", enrolment]).output().unwrap();
    let told: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(told["code"], "sign_in_unsupported", "{told}");
}
