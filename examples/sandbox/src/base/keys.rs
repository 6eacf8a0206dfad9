//! Keys that live as long as the database, each made when it is first asked for.

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use super::database::Store;
use super::facility_authority::FacilityAuthority;
use super::failure::StartError;
use super::jws::{SigningKey, base64url};
use super::refusal::Refusal;

impl Store {
    /// The ES256 key of this name.
    pub(crate) async fn signing_key(&self, name: &str) -> Result<SigningKey, StartError> {
        let offered = SigningKey::generate().map_err(|_| StartError::Keys)?;
        let kept = self.secret(name, &offered).await?;
        SigningKey::from_pkcs8(&kept).map_err(|_| StartError::Keys)
    }

    /// The HMAC-SHA256 key of this name.
    pub(crate) async fn mac_key(&self, name: &str) -> Result<hmac::Key, StartError> {
        let offered: [u8; 32] = random().map_err(|_| StartError::Keys)?;
        let kept = self.secret(name, &offered).await?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &kept))
    }

    /// The authority for client certificates; made at `now`, in seconds since the epoch, if there is none yet.
    pub(crate) async fn facility_authority(
        &self,
        now: i64,
    ) -> Result<FacilityAuthority, StartError> {
        let made = FacilityAuthority::generate(now).map_err(|_| StartError::Keys)?;
        let offered =
            json!({ "certificate": base64url(&made.certificate), "key": base64url(&made.key) });
        let kept = self.secret("facility authority", offered.to_string().as_bytes()).await?;
        let kept: Value = serde_json::from_slice(&kept).map_err(|_| StartError::Keys)?;
        let part = |name| {
            let part = kept[name].as_str().map(Base64UrlUnpadded::decode_vec);
            part.and_then(Result::ok).ok_or(StartError::Keys)
        };
        Ok(FacilityAuthority { certificate: part("certificate")?, key: part("key")? })
    }

    /// Something that leaves the house and comes back, about a matter: nobody else can read it or make one.
    pub(crate) fn seal_text(&self, about: &str, text: &str) -> Result<String, Unspecified> {
        Ok(base64url(&self.vault().seal(about, text.as_bytes())?))
    }

    /// What was sealed about this matter.
    pub(crate) fn open_text(&self, about: &str, sealed: &str) -> Option<String> {
        let sealed = Base64UrlUnpadded::decode_vec(sealed).ok()?;
        String::from_utf8(self.vault().open(about, &sealed).ok()?).ok()
    }

    /// The secret of this name; the one offered if there is none yet.
    async fn secret(&self, name: &str, offered: &[u8]) -> Result<Vec<u8>, StartError> {
        let sealed = self.vault().seal(name, offered).map_err(|_| StartError::Keys)?;
        sqlx::query("INSERT INTO base_secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(sealed)
            .execute(self.pool())
            .await?;
        let kept: Vec<u8> = sqlx::query_scalar("SELECT value FROM base_secret WHERE name = $1")
            .bind(name)
            .fetch_one(self.pool())
            .await?;
        self.vault().open(name, &kept).map_err(|_| StartError::Keys)
    }
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Unspecified> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(bytes)
}

/// An identifier nobody can guess.
pub(crate) fn random_id() -> Result<String, Refusal> {
    Ok(base64url(&random::<16>()?))
}

/// The same as a UUID (RFC 9562 §5.4).
pub(crate) fn random_uuid() -> Result<String, Refusal> {
    let mut bytes = random::<16>()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
