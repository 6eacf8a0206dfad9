//! Parts that lists and answers have in common, read and written.

use zeroize::Zeroizing;

use super::RevocationReason;
use crate::pki::der::{Element, Reader, tag};
use crate::pki::{Malformed, Serial};

/// More extensions in one place are not honest.
const MOST_EXTENSIONS: usize = 32;

/// One extension.
pub(super) struct Extension<'a> {
    pub(super) oid: &'a [u8],
    pub(super) critical: bool,
    pub(super) value: &'a [u8],
}

impl<'a> Extension<'a> {
    fn read(all: &mut Reader<'a>) -> Result<Self, Malformed> {
        let mut extension = all.sequence()?;
        let oid = extension.expect(tag::OID)?.value;
        let critical = extension.flag(tag::BOOLEAN)?;
        let value = extension.expect(tag::OCTET_STRING)?.value;
        extension.end()?;
        Ok(Self { oid, critical, value })
    }
}

/// Goes over the contents of an Extensions: at least one, none twice. Nothing is allocated.
pub(super) fn extensions<'a>(
    all: Reader<'a>,
    mut each: impl FnMut(&Extension<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut rest = all;
    for count in 0..MOST_EXTENSIONS {
        let extension = Extension::read(&mut rest)?;
        let mut earlier = all;
        for _ in 0..count {
            if Extension::read(&mut earlier)?.oid == extension.oid {
                return Err(Malformed("an extension twice"));
            }
        }
        each(&extension)?;
        if rest.is_empty() {
            return Ok(());
        }
    }
    Err(Malformed("too many extensions"))
}

/// A CRLReason (RFC 5280 §5.3.1); `None` for removeFromCRL, which is no reason.
pub(super) fn reason(element: &Element<'_>) -> Result<Option<RevocationReason>, Malformed> {
    use RevocationReason as R;
    Ok(Some(match element.value {
        [0] => R::Unspecified,
        [1] => R::KeyCompromise,
        [2] => R::CaCompromise,
        [3] => R::AffiliationChanged,
        [4] => R::Superseded,
        [5] => R::CessationOfOperation,
        [6] => R::CertificateHold,
        [8] => return Ok(None),
        [9] => R::PrivilegeWithdrawn,
        [10] => R::AaCompromise,
        _ => return Err(Malformed("a reason")),
    }))
}

/// The contents of the INTEGER that a serial number is.
pub(super) fn integer(serial: &Serial) -> Zeroizing<Vec<u8>> {
    let number = serial.as_bytes();
    let sign: &[u8] = if number.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
    Zeroizing::new([sign, number].concat())
}

/// An element of these contents, in DER.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let length = contents.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let length = length.get(zeros..).unwrap_or_default();
    let mut der = vec![tag];
    if contents.len() >= 0x80 {
        // At most eight bytes.
        der.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
    } else if length.is_empty() {
        der.push(0);
    }
    der.extend_from_slice(length);
    der.extend_from_slice(&contents);
    der
}
