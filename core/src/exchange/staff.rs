//! The staff member, as their own token names them.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Device, FacilityNumber, StaffId};
use crate::message::{Code, Failure};
use crate::platform::{is_token, jws};

/// The staff member's own access token, and whom it is about. Never shown.
///
/// What it says is read, not verified: its issuer's signature is for the platform, which verifies it at each use. It is
/// read so that a visit can be for nobody else than the token's staff member.
pub struct StaffToken {
    token: Zeroizing<String>,
    member: StaffId,
    facility: FacilityNumber,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    fac: Option<String>,
    cnf: Confirmed,
}

#[derive(Deserialize)]
struct Confirmed {
    jkt: String,
}

impl StaffToken {
    /// Takes the token that the staff member's sign-in gave on this device: a JWT with `sub`, `cnf.jkt` (RFC 9449 §6.1) and,
    /// where its issuer knows facilities, `fac` (事業所番号). `setup_invalid` where it is none, or is bound to another key or for another facility than
    /// this device.
    pub fn parse(token: impl Into<String>, device: &Device) -> Result<Self, Failure> {
        let token = Zeroizing::new(token.into());
        let invalid = |why| Failure::new(Code::SetupInvalid).with_detail(why);
        let claims = is_token(&token)
            .then(|| jws::split(&token))
            .flatten()
            .and_then(|parts| jws::object::<Claims>(&parts.payload))
            .ok_or_else(|| invalid("staff token"))?;
        let Claims { sub, fac, cnf } = claims;
        let member = StaffId::parse(sub).map_err(|_| invalid("staff token"))?;
        let facility = device.facility().clone();
        if cnf.jkt != device.thumbprint() {
            return Err(invalid("staff token of another device"));
        }
        if fac.is_some_and(|fac| fac != facility.as_str()) {
            return Err(invalid("staff token of another facility"));
        }
        Ok(Self { token, member, facility })
    }

    /// Who this is.
    pub fn member(&self) -> &StaffId {
        &self.member
    }

    /// For which facility they have signed in.
    pub fn facility(&self) -> &FacilityNumber {
        &self.facility
    }

    /// The token itself, for whoever keeps it for a visit. Never log it.
    pub fn secret(&self) -> &str {
        &self.token
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.token
    }
}

impl fmt::Debug for StaffToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaffToken(..)")
    }
}

/// A token of this form that nobody has signed.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn unsigned(member: &str, facility: &str, thumbprint: &str) -> String {
    let claims = serde_json::json!({"sub": member, "fac": facility, "cnf": {"jkt": thumbprint}});
    let header = serde_json::json!({"typ": "at+jwt", "alg": "ES256"});
    [jws::signing_input(&header, &claims).unwrap_or_default(), ".c2ln".to_owned()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::tests::device;

    #[test]
    fn a_visit_is_for_the_tokens_own_staff_member_on_the_device_of_their_sign_in() {
        let device = device();
        let jkt = device.thumbprint();
        let parse = |token: &str| StaffToken::parse(token, &device);
        let token = parse(&unsigned("nurse-01", "1370000001", jkt)).unwrap();
        assert_eq!(token.member().as_str(), "nurse-01");
        assert_eq!(token.facility().as_str(), "1370000001");
        assert_eq!(format!("{token:?}"), "StaffToken(..)");
        let bearer = jws::signing_input(&"", &serde_json::json!({"sub": "a"})).unwrap();
        for (token, why) in [
            (unsigned("nurse-01", "1370000001", "other"), "staff token of another device"),
            (unsigned("nurse-01", "1370000002", jkt), "staff token of another facility"),
            (unsigned("a b", "1370000001", jkt), "staff token"),
            (unsigned("nurse-01", "137", jkt), "staff token of another facility"),
            (format!("{bearer}.c2ln"), "staff token"),
            ("opaque".to_owned(), "staff token"),
            ("a\r\nx: y".to_owned(), "staff token"),
        ] {
            let failure = parse(&token).unwrap_err();
            assert_eq!((failure.code(), &*failure.detail()), (Code::SetupInvalid, why));
        }
    }
}
