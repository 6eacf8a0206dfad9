//! A sandbox with TLS, and OpenSSL's client in front of it.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use jiff::Timestamp;
use kaigotap_sandbox::{Config, Limits, Material, Sandbox};
use rcgen::{KeyPair, PublicKeyData};

/// A sandbox, and what its clients need, as files.
pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    pub(crate) material: Material,
    folder: tempfile::TempDir,
}

/// A certificate and its key, both in DER.
pub(crate) struct Client {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

pub(crate) fn material() -> Material {
    Material::generate(&["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap()
}

/// A device of a facility.
pub(crate) fn client(material: &Material) -> Client {
    let key = KeyPair::generate().unwrap();
    let now = Timestamp::now().as_second();
    let certificate =
        material.facility_authority.issue(key.der_bytes(), "device", "1370000001", now).unwrap();
    Client { certificate, key: key.serialize_der() }
}

/// Impatient, so that a test that goes wrong is over soon.
pub(crate) fn limits() -> Limits {
    let soon = Duration::from_secs(2);
    Limits { connections: 16, header: soon, body: soon }
}

impl Scene {
    pub(crate) async fn new(material: Material) -> Self {
        Self::with(material, |_| {}).await
    }

    pub(crate) async fn with(material: Material, change: impl FnOnce(&mut Config)) -> Self {
        let mut config =
            Config { tls: Some(material.tls.clone()), limits: limits(), ..Config::default() };
        change(&mut config);
        let sandbox = Sandbox::start(config).await.unwrap();
        Self { sandbox, material, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.sandbox.url().strip_prefix("https://").unwrap().parse().unwrap()
    }

    /// What OpenSSL's client says when it asks for the keys: the answer, or why there is none.
    pub(crate) async fn ask(&self, client: Option<&Client>, options: &[&str]) -> String {
        let mut command = Command::new("openssl");
        let authority = self.pem("authority", "CERTIFICATE", &self.material.authority);
        command.args(["s_client", "-ign_eof", "-verify_return_error", "-CAfile"]);
        command.arg(authority).args(["-connect", &self.address().to_string()]).args(options);
        if let Some(client) = client {
            command.arg("-cert").arg(self.pem("client", "CERTIFICATE", &client.certificate));
            command.arg("-key").arg(self.pem("key", "PRIVATE KEY", &client.key));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let said = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            let request = "GET /.well-known/jwks.json HTTP/1.1\r\n\
                Host: 127.0.0.1\r\nConnection: close\r\n\r\n";
            // It may have been sent away already.
            let _ = child.stdin.take().unwrap().write_all(request.as_bytes());
            let output = child.wait_with_output().unwrap();
            [output.stdout, output.stderr].concat()
        });
        let said = tokio::time::timeout(Duration::from_secs(30), said).await.unwrap().unwrap();
        String::from_utf8_lossy(&said).into_owned()
    }

    fn pem(&self, name: &str, label: &str, der: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        let text = Base64::encode_string(der);
        let text = format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            lines(&text).join("\n")
        );
        fs::write(&path, text).unwrap();
        path
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect()
}
