//! The authority of `kaigotap sandbox`, asked by OpenSSL's command line from another process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use kaigotap_virtual_card::{Person, Purpose};
use serde_json::Value;

/// A sandbox in a process of its own, and a folder; both end with this.
struct House {
    sandbox: Child,
    authority: String,
    folder: PathBuf,
}

impl House {
    fn new() -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("authority-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut sandbox = Command::new(env!("CARGO_BIN_EXE_kaigotap"))
            .args(["sandbox", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(sandbox.stdout.take().unwrap()).lines();
        let line = lines.find_map(|line| {
            let line = line.unwrap();
            line.starts_with("Its certificate authority").then_some(line)
        });
        let authority = line.unwrap().split_whitespace().last().unwrap().to_owned();
        // The rest is read, so that the sandbox never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { sandbox, authority, folder }
    }

    fn fetch(&self, url: &Value, name: &str) {
        std::fs::write(self.folder.join(name), get(url.as_str().unwrap())).unwrap();
    }

    fn openssl(&self, words: &str) -> String {
        let output = Command::new("openssl")
            .args(words.split_whitespace())
            .current_dir(&self.folder)
            .output()
            .expect("the command `openssl` (3.0 or later) is needed for this test");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }
}

fn get(url: &str) -> Vec<u8> {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{url}");
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    answer.split_off(end + 4)
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.sandbox.kill();
        let _ = self.sandbox.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn lists_and_answers_can_be_had_from_outside() {
    let house = House::new();
    let index: Value = serde_json::from_slice(&get(&house.authority)).unwrap();
    let authorities = index["authorities"].as_array().unwrap();
    assert_eq!(authorities.len(), 2);
    let person = |id: &str| Person::all().into_iter().find(|person| person.id == id).unwrap();
    let (hanako, revoked) = (person("hanako"), person("revoked"));
    for (authority, purpose) in authorities.iter().zip(Purpose::ALL) {
        house.fetch(&authority["root"], "root.der");
        house.openssl("x509 -inform DER -in root.der -out root.pem");
        let lists = authority["lists"].as_array().unwrap();
        for list in lists {
            house.fetch(&list["url"], "list.der");
            let said =
                house.openssl("crl -inform DER -in list.der -CAfile root.pem -verify -noout");
            assert!(said.contains("verify OK"), "{said}");
        }
        let said = house.openssl(&format!(
            "ocsp -issuer root.pem -CAfile root.pem -url {} -serial {} -serial {} -serial 1",
            authority["ocsp"].as_str().unwrap(),
            hanako.serial(purpose),
            revoked.serial(purpose),
        ));
        assert!(said.contains("Response verify OK"), "{said}");
        for (serial, status) in
            [(hanako.serial(purpose), "good"), (revoked.serial(purpose), "revoked"), (1, "unknown")]
        {
            assert!(said.contains(&format!("{serial}: {status}")), "{purpose:?}: {said}");
        }
    }
}
