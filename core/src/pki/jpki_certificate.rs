//! What a certificate of JPKI (公的個人認証サービス) tells beyond RFC 5280.
//!
//! Read from certificates of test cards and from published roots; where a meaning is inferred, it says so.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use x509_parser::prelude::{
    DistributionPointName, FromDer, GeneralName, ParsedExtension, X509Certificate, X509Name,
};
use zeroize::Zeroizing;

use super::anchors::{dotted, policy};
use super::{Certificate, Origin, Purpose, TrustAnchors};
use crate::date::PartialDate;

/// The municipality that issued a card (市区町村コード): five digits. It says where its holder lived then, so `Debug`
/// shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Municipality(Zeroizing<String>);

impl Municipality {
    /// The five digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Municipality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Municipality(..)")
    }
}

impl Certificate {
    /// The certificate policies it asserts, dotted.
    pub fn policies(&self) -> impl Iterator<Item = String> {
        self.extensions.policies.iter().flatten().map(|oid| dotted(oid))
    }

    /// Whose card it is on and what it is for, by its policy: those of real cards are published by J-LIS, those of test
    /// cards were read from test cards. `None` for another certificate.
    pub fn origin_and_purpose(&self) -> Option<(Origin, Purpose)> {
        let origins = [Origin::Production, Origin::Test];
        let all = origins.into_iter().flat_map(|origin| {
            [Purpose::Authentication, Purpose::Signature].map(|purpose| (origin, purpose))
        });
        let policies = self.extensions.policies.as_deref().unwrap_or_default();
        let mut fitting = all.filter(|(origin, purpose)| {
            policies.iter().any(|oid| **oid == *policy(*origin, *purpose))
        });
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// The birthday at whose end, in Japan, it ends: a holder's certificate is valid to the fifth birthday after its
    /// issue, or to the end of the card if that is earlier. `None` if it does not end with a day in Japan.
    pub fn ends_with(&self) -> Option<Date> {
        let japan = TimeZone::fixed(Offset::constant(9));
        let end = japan.to_datetime(self.not_after());
        (end.time() == jiff::civil::time(23, 59, 59, 0)).then(|| end.date())
    }

    /// Whether a date of birth has the month and day with which it ends, as far as they are known; on the 29th of February
    /// born is as good as on the days around it. `None` if there is nothing to compare. `Some(false)` is either another
    /// person or a certificate that ends with its card, as where a stay is limited: something to ask about, and no proof.
    pub fn ends_on_birthday(&self, birth: PartialDate) -> Option<bool> {
        let end = self.ends_with()?;
        let is = |known: Option<i8>, of_end: i8| known.is_none_or(|known| known == of_end);
        match (birth.month(), birth.day()) {
            (None, None) => None,
            (Some(2), Some(29)) => Some(matches!((end.month(), end.day()), (2, 28 | 29) | (3, 1))),
            (month, day) => Some(is(month, end.month()) && is(day, end.day())),
        }
    }

    /// Who issued the card: digits 15 to 19 of the common name for authentication, 20 to 24 of the one for signatures
    /// (inferred from test cards).
    pub fn municipality(&self) -> Option<Municipality> {
        let (_, subject) = X509Name::from_der(&self.subject).ok()?;
        let name = subject.iter_common_name().next()?.as_str().ok()?;
        let digits = match name.len() {
            23 => name.get(14..19)?,
            28 => name.get(19..24)?,
            _ => return None,
        };
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| Municipality(Zeroizing::new(digits.to_owned())))
    }

    /// The subject as text. Personal.
    pub fn subject(&self) -> Zeroizing<String> {
        Zeroizing::new(text(&self.subject))
    }

    /// The issuer as text. All generations of an authority have the same.
    pub fn issuer(&self) -> String {
        text(&self.issuer)
    }

    /// Where its revocation is listed: directory names as text, or addresses. The directory name of a card's holds the
    /// municipality, so it is personal.
    pub fn distribution_points(&self) -> Vec<String> {
        let Ok((_, x509)) = X509Certificate::from_der(self.der()) else { return Vec::new() };
        let mut found = Vec::new();
        for extension in x509.extensions() {
            let ParsedExtension::CRLDistributionPoints(points) = extension.parsed_extension()
            else {
                continue;
            };
            for point in &points.points {
                let Some(DistributionPointName::FullName(names)) = &point.distribution_point else {
                    continue;
                };
                found.extend(names.iter().filter_map(|name| match name {
                    GeneralName::DirectoryName(name) => Some(name.to_string()),
                    GeneralName::URI(address) => Some((*address).to_owned()),
                    _ => None,
                }));
            }
        }
        found
    }

    /// Where its responder is (authorityInfoAccess). Only registered verifiers may ask.
    pub fn responder(&self) -> Option<String> {
        let (_, x509) = X509Certificate::from_der(self.der()).ok()?;
        x509.extensions().iter().find_map(|extension| {
            let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
                return None;
            };
            access.accessdescs.iter().find_map(|description| match &description.access_location {
                GeneralName::URI(address)
                    if description.access_method.to_id_string() == "1.3.6.1.5.5.7.48.1" =>
                {
                    Some((*address).to_owned())
                }
                _ => None,
            })
        })
    }
}

impl TrustAnchors {
    /// Which generation of these anchors says by its key identifier that it issued a certificate: 1 for the first of its
    /// purpose. No signature is verified for that.
    pub fn generation_of(&self, certificate: &Certificate) -> Option<usize> {
        let said = certificate.extensions.authority_key.as_ref()?.key.as_ref()?;
        [Purpose::Authentication, Purpose::Signature].into_iter().find_map(|purpose| {
            let mut anchors = self.of(Some(purpose));
            let at = anchors.position(|a| a.extensions.subject_key.as_ref() == Some(said))?;
            at.checked_add(1)
        })
    }
}

fn text(name: &[u8]) -> String {
    X509Name::from_der(name).map_or_else(|_| String::new(), |(_, name)| name.to_string())
}
