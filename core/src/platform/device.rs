//! This device, as the platform has known it since its enrolment.

use std::fmt;

use zeroize::Zeroizing;

use super::key::PublicKey;
use super::{FacilityNumber, jws};
use crate::flow::{DeviceSignature, Talk};
use crate::message::{Code, Failure};

/// A key of the device, and what its signatures are verified with.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceKey {
    /// The name under which the device keeps it.
    pub name: String,
    /// The public key: an uncompressed point on P-256, 65 bytes (SEC 1 §2.3.3).
    pub public: Vec<u8>,
}

impl DeviceKey {
    /// A key of this name.
    pub fn new(name: impl Into<String>, public: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), public: public.into() }
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

/// A key of this device whose public half was checked: it signs by [`Request::Sign`](crate::flow::Request::Sign), and what
/// it signed is verified before it is used.
#[derive(Clone)]
pub(crate) struct Signer {
    name: String,
    pub(crate) public: PublicKey,
}

impl Signer {
    /// Takes a key; `setup_invalid` where it has no name or is no point on P-256.
    pub(crate) fn parse(key: DeviceKey) -> Result<Self, Failure> {
        let DeviceKey { name, public } = key;
        let named = (1..=128).contains(&name.len());
        match PublicKey::of_point(&public) {
            Some(public) if named => Ok(Self { name, public }),
            _ => Err(Failure::new(Code::SetupInvalid).with_detail("device key")),
        }
    }

    /// The key, as the host knows it.
    pub(crate) fn key(&self) -> DeviceKey {
        DeviceKey::new(self.name.as_str(), self.public.point)
    }

    /// Has the key sign bytes that this library composed. Never while a PIN is open on a card.
    pub(crate) async fn sign(
        &self,
        talk: &Talk,
        message: Vec<u8>,
    ) -> Result<DeviceSignature, Failure> {
        let signature = talk.sign(&self.name, message.clone()).await?;
        if self.public.verifies(&message, &signature) {
            Ok(signature)
        } else {
            Err(Failure::new(Code::DeviceKeyFailed).with_detail("another key has signed"))
        }
    }

    /// Has the key sign what is to be a JWS (RFC 7515 §5.1), and joins both.
    pub(crate) async fn jws(
        &self,
        talk: &Talk,
        input: Zeroizing<String>,
    ) -> Result<String, Failure> {
        let signature = self.sign(talk, input.as_bytes().to_vec()).await?;
        Ok([&*input, ".", &jws::base64url(&signature)].concat())
    }
}

/// This device as the platform knows it: a client of the token service, with a key that never leaves its store, working for
/// one facility. What its enrolment gave it.
#[derive(Clone)]
pub struct Device {
    client_id: String,
    facility: FacilityNumber,
    signer: Signer,
    thumbprint: String,
}

impl Device {
    /// The device that was enrolled under this name (`device_id`, up to 128 of the characters that RFC 3986 §2.3 calls
    /// unreserved) with this key, for this facility. `setup_invalid` where one of them cannot be.
    pub fn new(
        client_id: impl Into<String>,
        key: DeviceKey,
        facility: FacilityNumber,
    ) -> Result<Self, Failure> {
        let client_id = client_id.into();
        let unreserved = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
        if !(1..=128).contains(&client_id.len()) || !client_id.bytes().all(unreserved) {
            return Err(Failure::new(Code::SetupInvalid).with_detail("device id"));
        }
        let signer = Signer::parse(key)?;
        let thumbprint = signer.public.thumbprint();
        Ok(Self { client_id, facility, signer, thumbprint })
    }

    /// What the platform calls it (`client_id`, RFC 6749 §2.2).
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The facility that it works for.
    pub fn facility(&self) -> &FacilityNumber {
        &self.facility
    }

    /// Its key.
    pub fn key(&self) -> DeviceKey {
        self.signer.key()
    }

    /// The thumbprint of its key (RFC 7638): the `jkt` of everything that is bound to it (RFC 9449 §6.1).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    pub(crate) fn signer(&self) -> &Signer {
        &self.signer
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Device(..)")
    }
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::*;

    #[test]
    fn a_device_is_parsed_before_anything_is_done_with_it() {
        let decode = |part| Base64UrlUnpadded::decode_vec(part).unwrap();
        let x = decode("l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs");
        let y = decode("9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA");
        let point = [&[0x04], x.as_slice(), y.as_slice()].concat();
        let facility = || FacilityNumber::parse("1370000001").unwrap();
        let device = |id: &str, name: &str, point: &[u8]| {
            Device::new(id, DeviceKey::new(name, point), facility())
        };
        let good = device("S6BhdRkqt3aX0q7LcbnUVA", "device", &point).unwrap();
        assert_eq!(good.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        assert_eq!(format!("{good:?}"), "Device(..)");
        let mut beside = point.clone();
        beside[64] ^= 1;
        for (id, name, point, why) in [
            ("", "device", &point, "device id"),
            ("a b", "device", &point, "device id"),
            ("a&b", "device", &point, "device id"),
            ("a", "", &point, "device key"),
            ("a", "device", &beside, "device key"),
            ("a", "device", &vec![], "device key"),
        ] {
            let failure = device(id, name, point).unwrap_err();
            assert_eq!((failure.code(), &*failure.detail()), (Code::SetupInvalid, why));
        }
    }
}
