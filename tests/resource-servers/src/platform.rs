//! What a server trusts, made for one run: the platform's keys, authorities, certificates, and two devices.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::jwks;
use crate::keys::{Key, sha256};

pub(crate) const ISSUER: &str = "https://platform.example";
pub(crate) const AUDIENCE: &str = "https://platform.example/";
/// By which clients call a server, wherever it listens.
pub(crate) const ADDRESS: &str = "https://care.example";

/// A device with its key and its facility's client certificate.
pub(crate) struct Device {
    pub(crate) key: Key,
    pub(crate) certificate: Certificate,
    certificate_key: KeyPair,
}

pub(crate) struct Platform {
    pub(crate) tokens: Key,
    /// The one whose token it is.
    pub(crate) device: Device,
    /// Who would like to use it.
    pub(crate) thief: Device,
    /// The authority of the servers' own certificates.
    pub(crate) servers: CertificateDer<'static>,
    files: TempDir,
    jwks: String,
}

impl Platform {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let tokens = Key::new()?;
        let mut jwk = tokens.jwk();
        for (name, value) in [("kid", &*tokens.thumbprint()), ("use", "sig"), ("alg", "ES256")] {
            jwk[name] = value.into();
        }
        let (servers, clients) = (authority("servers")?, authority("clients")?);
        let mut own = CertificateParams::new(["localhost".to_owned()])?;
        own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let own_key = KeyPair::generate()?;
        let own = own.signed_by(&own_key, &servers)?;
        let files = tempfile::tempdir()?;
        for (name, text) in [
            ("server.pem", pem("CERTIFICATE", own.der())),
            ("server.key", pem("PRIVATE KEY", &own_key.serialize_der())),
            ("clients.pem", pem("CERTIFICATE", clients.der())),
        ] {
            fs::write(files.path().join(name), text)?;
        }
        Ok(Self {
            device: device("device", &clients)?,
            thief: device("thief", &clients)?,
            servers: servers.der().clone(),
            jwks: jwks::serve(json!({ "keys": [jwk] }).to_string())?,
            tokens,
            files,
        })
    }

    /// What a server is told.
    pub(crate) fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let file = |name: &str| self.files.path().join(name);
        vec![
            ("ISSUER", ISSUER.into()),
            ("AUDIENCE", AUDIENCE.into()),
            ("ADDRESS", ADDRESS.into()),
            ("JWKS", PathBuf::from(&self.jwks)),
            ("CERTIFICATE", file("server.pem")),
            ("KEY", file("server.key")),
            ("CLIENT_CA", file("clients.pem")),
        ]
    }

    /// What the header of a token says.
    pub(crate) fn header(&self) -> Value {
        json!({ "typ": "at+jwt", "alg": "ES256", "kid": self.tokens.thumbprint() })
    }

    /// What a token says that the device was given now.
    pub(crate) fn claims(&self, now: i64) -> Value {
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "pairwise", "client_id": "device",
            "jti": "token", "iat": now, "exp": now + 900, "auth_time": now,
            "acr": "urn:x-kaigo:acr:card-pin", "amr": ["sc", "pin", "mfa", "x-visual"],
            "act": { "sub": "staff", "fac": "1370000001", "role": "nurse" },
            "cnf": { "jkt": self.device.key.thumbprint() },
            "scope": "qualification:read",
            "kaigo": { "fac": "1370000001", "method": "card_pin", "verified_at": now,
                "fresh_until": now + 86_400, "offline": false, "disaster": false },
        })
    }
}

impl Device {
    /// Thumbprint of its certificate (RFC 8705 §3.1).
    pub(crate) fn certificate_thumbprint(&self) -> String {
        sha256(self.certificate.der())
    }

    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(self.certificate_key.serialize_der().into())
    }
}

fn device(name: &str, authority: &CertifiedIssuer<'_, KeyPair>) -> Result<Device, Box<dyn Error>> {
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, name);
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate_key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&certificate_key, authority)?;
    Ok(Device { key: Key::new()?, certificate, certificate_key })
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, Box<dyn Error>> {
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, name);
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    Ok(CertifiedIssuer::self_signed(root, KeyPair::generate()?)?)
}

fn pem(label: &str, der: &[u8]) -> String {
    pem::encode(&pem::Pem::new(label, der))
}
