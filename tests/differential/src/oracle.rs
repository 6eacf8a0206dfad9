//! OpenSSL, as a process that judges one case a line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64ct::Encoding;

use crate::chain::Case;
use crate::keys::Key;

/// The process.
pub(crate) struct Oracle {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// What it says it is.
    pub(crate) version: String,
    /// Where its program lies.
    _folder: tempfile::TempDir,
}

impl Oracle {
    /// Compiles and starts it.
    pub(crate) fn start() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let (source, program) = (folder.path().join("oracle.c"), folder.path().join("oracle"));
        std::fs::write(&source, include_str!("../oracle.c")).map_err(|error| error.to_string())?;
        let compiler = Command::new("cc")
            .args(["-O1", "-Wall", "-Werror", "-o"])
            .args([&program, &source])
            .arg("-lcrypto")
            .status();
        if !compiler.is_ok_and(|status| status.success()) {
            return Err(
                "the oracle needs a C compiler and OpenSSL (Debian: gcc, libssl-dev)".into()
            );
        }
        let mut process = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let input = process.stdin.take();
        let output = process.stdout.take().ok_or("no output")?;
        let mut output = BufReader::new(output);
        let version = line(&mut output)?;
        Ok(Self { process, input, output, version, _folder: folder })
    }

    /// What OpenSSL says: nothing against it, or its reason.
    pub(crate) fn judge(&mut self, case: &Encoded) -> Result<Option<String>, String> {
        let input = self.input.as_mut().ok_or("stopped")?;
        input
            .write_all(case.line().as_bytes())
            .and_then(|()| input.flush())
            .map_err(|error| error.to_string())?;
        let said = line(&mut self.output)?;
        Ok(said.strip_prefix("no ").map(str::to_owned))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // At the end of its input it ends.
        self.input.take();
        let _ = self.process.wait();
    }
}

fn line(output: &mut BufReader<ChildStdout>) -> Result<String, String> {
    let mut line = String::new();
    match output.read_line(&mut line) {
        Ok(1..) => Ok(line.trim_end().to_owned()),
        _ => Err("the oracle ended".into()),
    }
}

/// A case as bytes.
pub(crate) struct Encoded {
    pub(crate) leaf: Vec<u8>,
    pub(crate) intermediates: Vec<Vec<u8>>,
    pub(crate) anchors: Vec<Vec<u8>>,
    pub(crate) lists: Vec<Vec<u8>>,
    pub(crate) answer: Option<Vec<u8>>,
    pub(crate) nonce: Option<[u8; 32]>,
    pub(crate) purpose: &'static str,
    pub(crate) policies: Vec<String>,
    pub(crate) at: i64,
}

impl Encoded {
    pub(crate) fn of(case: &Case, keys: &[Key]) -> Self {
        let mut path: Vec<_> = case.path.iter().map(|draft| draft.der(keys)).collect();
        let leaf = path.remove(0);
        Self {
            leaf,
            intermediates: path,
            anchors: case.anchors.iter().map(|draft| draft.der(keys)).collect(),
            lists: case.lists.iter().map(|list| list.der(keys)).collect(),
            answer: case.answer.as_ref().map(|answer| answer.der(keys)),
            nonce: case.answer.as_ref().and_then(|answer| answer.asked),
            purpose: case.purpose,
            policies: case.policies.clone(),
            at: case.at,
        }
    }

    /// Writes it into a folder for OpenSSL's own commands, and says which command to begin with.
    pub(crate) fn write(&self, folder: &Path) -> std::io::Result<String> {
        std::fs::create_dir_all(folder)?;
        let write = |name: &str, label: &str, ders: &[Vec<u8>]| {
            let blocks: Vec<_> = ders.iter().map(|der| pem(label, der)).collect();
            std::fs::write(folder.join(name), blocks.concat())
        };
        write("leaf.pem", "CERTIFICATE", std::slice::from_ref(&self.leaf))?;
        write("intermediates.pem", "CERTIFICATE", &self.intermediates)?;
        write("anchors.pem", "CERTIFICATE", &self.anchors)?;
        write("lists.pem", "X509 CRL", &self.lists)?;
        if let Some(answer) = &self.answer {
            std::fs::write(folder.join("answer.der"), answer)?;
        }
        let mut command = format!(
            "openssl verify -x509_strict -policy_check -auth_level 2 -attime {} -CAfile anchors.pem",
            self.at
        );
        if !self.intermediates.is_empty() {
            command += " -untrusted intermediates.pem";
        }
        if self.purpose == "authentication" {
            command += " -purpose sslclient";
        }
        for policy in &self.policies {
            command += " -explicit_policy -policy ";
            command += policy;
        }
        match (self.lists.is_empty(), self.intermediates.is_empty()) {
            (true, _) => {}
            (false, true) => command += " -crl_check -CRLfile lists.pem",
            (false, false) => command += " -crl_check_all -CRLfile lists.pem",
        }
        Ok(format!("cd {} && {command} leaf.pem", folder.display()))
    }

    /// As the oracle reads it.
    pub(crate) fn line(&self) -> String {
        let all = |many: &[Vec<u8>]| match many {
            [] => "-".to_owned(),
            many => many.iter().map(|one| hex(one)).collect::<Vec<_>>().join(","),
        };
        let fields = [
            self.at.to_string(),
            self.purpose.to_owned(),
            if self.policies.is_empty() { "-".to_owned() } else { self.policies.join(",") },
            hex(&self.leaf),
            all(&self.intermediates),
            all(&self.anchors),
            all(&self.lists),
            self.answer.as_deref().map_or_else(|| "-".to_owned(), hex),
            self.nonce.map_or_else(|| "-".to_owned(), |nonce| hex(&nonce)),
        ];
        fields.join(" ") + "\n"
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64ct::Base64::encode_string(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0F])
        .map(|digit| HEX[usize::from(digit)])
        .collect()
}

const HEX: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
