//! A sandbox that plays an authority, a folder of files for OpenSSL, and an HTTP client of a few lines.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use der::Encode;
use kaigotap_sandbox::{
    Application, CertificatePurpose, Config, Revocation, RevocationReason, Sandbox,
};
use rsa::traits::PublicKeyParts;
use serde_json::Value;
use x509_cert::der::Decode;

use crate::pki::{anchor, authority, key_info, pki};

pub(crate) struct House {
    pub(crate) sandbox: Sandbox,
    folder: PathBuf,
}

/// What a server said: status, headers in small letters, body.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// The holder's key.
pub(crate) fn holder() -> Vec<u8> {
    let key = pki().holder.to_public_key();
    key_info(key.n(), key.e()).to_der().unwrap()
}

pub(crate) fn application(municipality: &str) -> Application {
    Application::authentication(&holder(), "Kakuu-to", municipality).unwrap()
}

pub(crate) fn serial(certificate: &[u8]) -> Vec<u8> {
    let read = x509_cert::Certificate::from_der(certificate).unwrap();
    read.tbs_certificate.serial_number.as_bytes().to_vec()
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mut config = Config {
            authorities: vec![authority()],
            database: crate::postgres::database().await,
            ..Config::default()
        };
        change(&mut config);
        let sandbox = Sandbox::start(config).await.unwrap();
        let name = format!("jlis-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let house = Self { sandbox, folder };
        house.certificate("root.pem", &anchor());
        house
    }

    pub(crate) async fn issue(&self, municipality: &str) -> Vec<u8> {
        self.sandbox.issue(&application(municipality)).await.unwrap()
    }

    pub(crate) async fn revoke(&self, certificate: &[u8], reason: RevocationReason) {
        let revocation = Revocation { reason, invalid_since: None };
        let purpose = CertificatePurpose::Authentication;
        self.sandbox.revoke_as(purpose, &serial(certificate), revocation).await.unwrap();
    }

    /// Runs `openssl` with these words in the folder; gives whether it succeeded, and all it said.
    pub(crate) fn openssl(&self, words: &str) -> (bool, String) {
        let output = Command::new("openssl")
            .args(words.split_whitespace())
            .current_dir(&self.folder)
            .output()
            .expect("the command `openssl` (3.0 or later) is needed for this test");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// The same, which must succeed and say all of this.
    #[track_caller]
    pub(crate) fn says(&self, words: &str, expected: &[&str]) {
        let (succeeded, said) = self.openssl(words);
        assert!(succeeded, "openssl {words}\n{said}");
        for expected in expected {
            assert!(said.contains(expected), "openssl {words}\n{said}\nlacks {expected}");
        }
    }

    /// The same, which must fail and say this.
    #[track_caller]
    pub(crate) fn refuses(&self, words: &str, expected: &str) {
        let (succeeded, said) = self.openssl(words);
        assert!(!succeeded && said.contains(expected), "openssl {words}\n{said}");
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.join(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).unwrap()
    }

    /// A certificate as a PEM file.
    pub(crate) fn certificate(&self, name: &str, der: &[u8]) {
        self.file("of.der", der);
        self.says(&format!("x509 -inform DER -in of.der -out {name}"), &[]);
    }

    pub(crate) fn get(&self, path: &str) -> Said {
        self.send("GET", path, "text/plain", &[])
    }

    pub(crate) fn send(&self, method: &str, path: &str, media_type: &str, body: &[u8]) -> Said {
        let host = self.sandbox.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Said { status, head, body: answer[end + 4..].to_vec() }
    }

    pub(crate) fn index(&self) -> Vec<Value> {
        let said = self.get("/jlis");
        assert_eq!(said.status, 200);
        let index: Value = serde_json::from_slice(&said.body).unwrap();
        index["authorities"].as_array().unwrap().clone()
    }

    /// The path of something that the index names.
    pub(crate) fn path(&self, url: &Value) -> String {
        url.as_str().unwrap().strip_prefix(self.sandbox.url()).unwrap().to_owned()
    }

    /// Fetches a municipality's list of the authority at this place of the index, as a DER and a PEM file.
    pub(crate) fn fetch_list(&self, authority: usize, municipality: &str, name: &str) {
        let index = self.index();
        let lists = index[authority]["lists"].as_array().unwrap();
        let cn = format!("CN={municipality} CRLDP");
        let list = lists.iter().find(|list| list["name"].as_str().unwrap().contains(&cn));
        let said = self.get(&self.path(&list.expect("a list of this municipality")["url"]));
        assert_eq!(said.status, 200);
        assert!(said.head.contains("content-type: application/pkix-crl"));
        self.file(&format!("{name}.der"), &said.body);
        self.says(&format!("crl -inform DER -in {name}.der -out {name}.pem"), &[]);
    }

    /// The number on a list that was fetched.
    pub(crate) fn number(&self, name: &str) -> u64 {
        let (_, said) = self.openssl(&format!("crl -in {name}.pem -noout -crlnumber"));
        let number = said.trim().strip_prefix("crlNumber=").unwrap().trim_start_matches("0x");
        u64::from_str_radix(number, 16).unwrap()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
