//! OpenSSL's word on a signature.

use std::{fs, process::Command};

use crate::process::run;

/// Whether the certificate's key made this signature over the message: RSASSA-PKCS1-v1_5 with SHA-256.
pub fn verifies(certificate: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let path = |name| directory.path().join(name);
    for (name, bytes) in
        [("certificate", certificate), ("message", message), ("signature", signature)]
    {
        fs::write(path(name), bytes).unwrap();
    }
    let _ = run(Command::new("openssl")
        .args(["x509", "-inform", "DER", "-pubkey", "-noout", "-in"])
        .arg(path("certificate"))
        .arg("-out")
        .arg(path("key")))
    .succeeded();
    let said = run(Command::new("openssl")
        .args(["dgst", "-sha256", "-verify"])
        .arg(path("key"))
        .arg("-signature")
        .arg(path("signature"))
        .arg(path("message")));
    said.status.success() && said.text().trim() == "Verified OK"
}

/// SHA-256 of a message.
pub fn sha256(message: &[u8]) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("message");
    fs::write(&path, message).unwrap();
    run(Command::new("openssl").args(["dgst", "-sha256", "-binary"]).arg(path)).succeeded().stdout
}

/// DigestInfo of a message's SHA-256 (RFC 8017, 9.2, note 1).
pub fn digest_info(message: &[u8]) -> Vec<u8> {
    const SHA256: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    [&SHA256[..], &sha256(message)].concat()
}
