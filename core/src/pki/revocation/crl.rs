//! Certificate revocation lists (RFC 5280 §5, §6.3).
//!
//! A list can have a million entries. It is read once, strictly, and kept as the bytes it came in; a search walks over
//! them. Only complete lists of the certificate's own issuer are used: no indirect ones, no deltas, none of some reasons.

use std::ops::Range;
use std::sync::OnceLock;

use jiff::Timestamp;

use super::{NotChecked, Revocation, RevocationReason, Source, When};
use crate::pki::algorithm::SignatureAlgorithm;
use crate::pki::certificate::Fingerprint;
use crate::pki::der::{Element, Reader, single, tag};
use crate::pki::extension::{AuthorityKey, KeyUsage, PointNames};
use crate::pki::{Certificate, Malformed, name};

/// A certificate revocation list, version 2.
pub struct Crl {
    der: Vec<u8>,
    signed: Range<usize>,
    signature: Vec<u8>,
    algorithm: Option<SignatureAlgorithm>,
    issuer: Vec<u8>,
    this_update: Timestamp,
    next_update: Timestamp,
    entries: Range<usize>,
    authority_key: Option<AuthorityKey>,
    scope: Scope,
    /// A critical extension, of the list or of any entry, that is not processed here.
    unknown_critical: bool,
    /// Whose key was found to have signed it, so that a long list is hashed once.
    signer: OnceLock<Fingerprint>,
}

/// What a list is about: issuingDistributionPoint (§5.2.5), or everything.
#[derive(Default)]
struct Scope {
    point: PointNames,
    kind: Kind,
    partial: bool,
}

/// Of which certificates a list is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    All,
    Holders,
    Authorities,
    Attributes,
}

/// One entry of the list.
struct Entry<'a> {
    serial: &'a [u8],
    at: Element<'a>,
    extensions: Option<Element<'a>>,
}

impl Crl {
    /// Reads a list from DER; nothing may follow it. One pass, no copy of any entry. Refused is what breaks the form
    /// that RFC 5280 §5.1 prescribes: another version than 2, no nextUpdate, two different signature algorithms, an
    /// extension twice, an entry that takes something off a list that is complete.
    pub fn parse(der: impl Into<Vec<u8>>) -> Result<Self, Malformed> {
        let der = der.into();
        let mut list = single(&der, tag::SEQUENCE)?.contents();
        let signed = list.expect(tag::SEQUENCE)?;
        let outer = list.expect(tag::SEQUENCE)?;
        let signature = list.expect(tag::BIT_STRING)?.whole_bytes()?.to_vec();
        list.end()?;

        let mut fields = signed.contents();
        if fields.expect(tag::INTEGER)?.value != [1] {
            return Err(Malformed("not a list of version 2"));
        }
        if fields.expect(tag::SEQUENCE)?.raw != outer.raw {
            return Err(Malformed("two signature algorithms"));
        }
        let issuer = fields.expect(tag::SEQUENCE)?.raw;
        name::check(issuer)?;
        let this_update = fields.any()?.time()?;
        // §5.1.2.5: a conforming issuer says when the next one comes.
        let next_update = fields.any()?.time()?;
        let entries = fields.optional(tag::SEQUENCE)?.map_or(&[][..], |entries| entries.value);
        let extensions = fields.expect(tag::inside(0))?;
        fields.end()?;

        let mut unknown_critical = false;
        let mut rest = Reader::new(entries);
        while !rest.is_empty() {
            let entry = Entry::read(&mut rest)?;
            // Looked at now, so that no revocation is passed over later because its time cannot be read.
            entry.at.time()?;
            if let Some(extensions) = entry.extensions {
                let (reason, unknown) = entry_extensions(extensions)?;
                unknown_critical |= unknown;
                if reason == Some(REMOVED) {
                    return Err(Malformed("an entry removed from a complete list"));
                }
            }
        }
        let (authority_key, scope, unknown) = list_extensions(extensions)?;
        let within = |part: &[u8]| -> Range<usize> {
            let start = (part.as_ptr() as usize).saturating_sub(der.as_ptr() as usize);
            start..start.saturating_add(part.len())
        };
        Ok(Self {
            signed: within(signed.raw),
            signature,
            algorithm: SignatureAlgorithm::read(outer.contents())?,
            issuer: issuer.to_vec(),
            this_update,
            next_update,
            entries: if entries.is_empty() { 0..0 } else { within(entries) },
            authority_key,
            scope,
            unknown_critical: unknown_critical || unknown,
            signer: OnceLock::new(),
            der,
        })
    }

    /// When it was issued.
    pub fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// When the next one is issued at the latest.
    pub fn next_update(&self) -> Timestamp {
        self.next_update
    }

    /// What it says of a certificate. A revocation counts from the moment the list knows of it, also where the list says
    /// it began later: nothing good was said of the certificate in between.
    pub(super) fn on(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        when: When,
    ) -> Revocation {
        match self.usable(certificate, issuer, when) {
            Err(why) => Revocation::NotChecked { why },
            Ok(()) => match self.find(certificate) {
                Some((at, reason)) => Revocation::Revoked { at, reason, source: Source::Crl },
                None => Revocation::Good { as_of: self.this_update, source: Source::Crl },
            },
        }
    }

    /// §6.3.3 (b), (f), (g), in the order in which a reason helps most; the signature last, because it takes longest.
    fn usable(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        when: When,
    ) -> Result<(), NotChecked> {
        let require = |holds: bool, why: NotChecked| if holds { Ok(()) } else { Err(why) };
        require(name::same(&self.issuer, &issuer.subject), NotChecked::ListFromAnother)?;
        require(self.is_of_key(issuer), NotChecked::ListFromAnother)?;
        require(!self.scope.partial, NotChecked::ListPartial)?;
        require(!self.unknown_critical, NotChecked::ListCritical)?;
        let is_authority =
            certificate.extensions.basic_constraints.is_some_and(|basic| basic.authority);
        let about = match self.scope.kind {
            Kind::All => true,
            Kind::Holders => !is_authority,
            Kind::Authorities => is_authority,
            Kind::Attributes => false,
        };
        require(about, NotChecked::ListOfOthers)?;
        require(self.covers(certificate), NotChecked::ListOfAnotherPart)?;
        let may_sign = issuer.extensions.key_usage.is_some_and(KeyUsage::sign_lists);
        require(may_sign, NotChecked::ListIssuerUnfit)?;
        when.check(self.this_update, self.next_update).map_err(|early| {
            if early { NotChecked::ListFromFuture } else { NotChecked::ListStale }
        })?;
        require(self.is_signed_by(issuer), NotChecked::ListSignature)
    }

    /// Which of several authorities of one name: by key identifier, where the list has one (§5.2.1).
    fn is_of_key(&self, issuer: &Certificate) -> bool {
        let Some(said) = &self.authority_key else { return true };
        let key = said.key.is_none() || said.key == issuer.extensions.subject_key;
        let certificate = said.issuer.as_ref().is_none_or(|(names, serial)| {
            names.iter().any(|name| name::same(name, &issuer.issuer)) && issuer.serial.is(serial)
        });
        key && certificate
    }

    /// Whether this is the part of the issuer's lists in which a certificate would be (§6.3.3 (b)(2)(i)).
    fn covers(&self, certificate: &Certificate) -> bool {
        let list = full_names(&self.scope.point, &self.issuer);
        if list.is_empty() {
            return matches!(self.scope.point, PointNames::None);
        }
        let points = &certificate.extensions.distribution_points;
        let mut own = points.iter().filter(|point| !point.some_reasons && !point.other_issuer);
        own.any(|point| {
            let names = full_names(&point.names, &certificate.issuer);
            names.iter().any(|name| list.iter().any(|other| same_name(name, other)))
        })
    }

    fn is_signed_by(&self, issuer: &Certificate) -> bool {
        let fingerprint = issuer.fingerprint();
        if let Some(signer) = self.signer.get() {
            return *signer == fingerprint;
        }
        let signed = self.der.get(self.signed.clone()).unwrap_or_default();
        let holds = self.algorithm.is_some_and(|algorithm| {
            issuer.public_key.verifies(algorithm, signed, &self.signature)
        });
        if holds {
            let _ = self.signer.set(fingerprint);
        }
        holds
    }

    /// Since when and why a certificate is revoked. The first entry counts; a serial number stands there once.
    fn find(&self, certificate: &Certificate) -> Option<(Timestamp, RevocationReason)> {
        let mut rest = Reader::new(self.der.get(self.entries.clone()).unwrap_or_default());
        while !rest.is_empty() {
            // That all of them can be read was seen when the list was.
            let entry = Entry::read(&mut rest).ok()?;
            if certificate.serial.is(entry.serial) {
                let reason = entry.extensions.and_then(|e| entry_extensions(e).ok()?.0);
                let reason = reason.and_then(RevocationReason::of_number);
                // Whoever stands there is revoked, whatever else can be read.
                let at = entry.at.time().unwrap_or(self.this_update);
                return Some((at, reason.unwrap_or(RevocationReason::Unspecified)));
            }
        }
        None
    }
}

impl<'a> Entry<'a> {
    #[inline]
    fn read(entries: &mut Reader<'a>) -> Result<Self, Malformed> {
        let mut entry = entries.sequence()?;
        let serial = entry.expect(tag::INTEGER)?.integer()?;
        let at = entry.any()?;
        if !matches!(at.tag, tag::UTC_TIME | tag::GENERALIZED_TIME) {
            return Err(Malformed("a time"));
        }
        let extensions = entry.optional(tag::SEQUENCE)?;
        entry.end()?;
        Ok(Self { serial, at, extensions })
    }
}

/// removeFromCRL, which only a delta can say.
const REMOVED: u8 = 8;

/// The reason given in an entry's extensions (§5.3), and whether one of them is critical and not understood.
fn entry_extensions(extensions: Element<'_>) -> Result<(Option<u8>, bool), Malformed> {
    let mut reason = None;
    let mut unknown_critical = false;
    each_extension(extensions.contents(), |oid, critical, value| {
        match oid {
            // reasonCode
            b"\x55\x1D\x15" => match single(value, tag::ENUMERATED)?.value {
                [number @ (0..=6 | 8..=10)] => reason = Some(*number),
                _ => return Err(Malformed("a reason")),
            },
            // invalidityDate
            b"\x55\x1D\x18" => drop(single(value, tag::GENERALIZED_TIME)?.generalized_time()?),
            _ => unknown_critical |= critical,
        }
        Ok(())
    })?;
    Ok((reason, unknown_critical))
}

fn list_extensions(tagged: Element<'_>) -> Result<(Option<AuthorityKey>, Scope, bool), Malformed> {
    let mut authority_key = None;
    let mut scope = Scope::default();
    let mut unknown_critical = false;
    let extensions = single(tagged.value, tag::SEQUENCE)?;
    each_extension(extensions.contents(), |oid, critical, value| {
        let sequence = || single(value, tag::SEQUENCE).map(|element| element.contents());
        match oid {
            b"\x55\x1D\x23" => authority_key = Some(AuthorityKey::read(sequence()?)?),
            // issuingDistributionPoint; the indirect and the partial are not used.
            b"\x55\x1D\x1C" => {
                let partial = scope.partial;
                scope = Scope::read(sequence()?)?;
                scope.partial |= partial;
            }
            // cRLNumber, which must not be critical (§5.2.3)
            b"\x55\x1D\x14" if !critical => drop(single(value, tag::INTEGER)?.integer()?),
            // deltaCRLIndicator
            b"\x55\x1D\x1B" => scope.partial = true,
            _ => unknown_critical |= critical,
        }
        Ok(())
    })?;
    Ok((authority_key, scope, unknown_critical))
}

impl Scope {
    fn read(mut point: Reader<'_>) -> Result<Self, Malformed> {
        let names = point.optional(tag::inside(0))?;
        let holders_only = point.flag(tag::context(1))?;
        let authorities_only = point.flag(tag::context(2))?;
        let some_reasons = point.optional(tag::context(3))?.is_some();
        let indirect = point.flag(tag::context(4))?;
        let attributes_only = point.flag(tag::context(5))?;
        point.end()?;
        let kind = match (holders_only, authorities_only, attributes_only) {
            (false, false, false) => Kind::All,
            (true, false, false) => Kind::Holders,
            (false, true, false) => Kind::Authorities,
            (false, false, true) => Kind::Attributes,
            _ => return Err(Malformed("a list of nothing")),
        };
        let names = names.map(|names| PointNames::read(names.contents())).transpose()?;
        Ok(Self { point: names.unwrap_or_default(), kind, partial: some_reasons || indirect })
    }
}

/// The names of a distribution point in full: tag and contents of each.
fn full_names(names: &PointNames, issuer: &[u8]) -> Vec<(u8, Vec<u8>)> {
    match names {
        PointNames::None => Vec::new(),
        PointNames::Full(names) => names.clone(),
        PointNames::Relative(relative) => {
            name::below(issuer, relative).map(|name| (tag::inside(4), name)).into_iter().collect()
        }
    }
}

fn same_name(one: &(u8, Vec<u8>), other: &(u8, Vec<u8>)) -> bool {
    match (one, other) {
        ((0xA4, one), (0xA4, other)) => name::same(one, other),
        (one, other) => one == other,
    }
}

/// Each extension: its type, whether it is critical, its value. None may be there twice.
pub(super) fn each_extension<'a>(
    mut extensions: Reader<'a>,
    mut each: impl FnMut(&'a [u8], bool, &'a [u8]) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let all = extensions;
    while !extensions.is_empty() {
        let mut extension = extensions.sequence()?;
        let oid = extension.expect(tag::OID)?.value;
        let critical = extension.flag(tag::BOOLEAN)?;
        let value = extension.expect(tag::OCTET_STRING)?.value;
        extension.end()?;
        // There are few, so those before are read again rather than kept.
        let mut before = all;
        let offset = before.rest().len().saturating_sub(extensions.rest().len());
        if earlier(&mut before, oid, offset)? {
            return Err(Malformed("an extension twice"));
        }
        each(oid, critical, value)?;
    }
    Ok(())
}

/// Whether an extension of this type was read before, of those that end before this offset.
fn earlier(all: &mut Reader<'_>, oid: &[u8], offset: usize) -> Result<bool, Malformed> {
    let whole = all.rest().len();
    let mut times = 0_u8;
    while whole.saturating_sub(all.rest().len()) < offset {
        times = times.saturating_add(u8::from(all.sequence()?.expect(tag::OID)?.value == oid));
    }
    Ok(times > 1)
}

impl RevocationReason {
    /// CRLReason (§5.3.1).
    pub(super) fn of_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Unspecified,
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AaCompromise,
            _ => return None,
        })
    }
}

impl std::fmt::Debug for Crl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crl")
            .field("this_update", &self.this_update)
            .field("next_update", &self.next_update)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::pki::der::write;

    /// An unsigned list with one entry, whose time is given.
    fn list(tag: u8, revoked_at: &[u8]) -> Vec<u8> {
        let sequence = |parts: &[&[u8]]| write(tag::SEQUENCE, &parts.concat());
        let now = write(tag::UTC_TIME, b"260101000000Z");
        let algorithm = sequence(&[&write(tag::OID, b"\x2A\x86\x48\xCE\x3D\x04\x03\x02")]);
        let entry = sequence(&[&write(tag::INTEGER, &[7]), &write(tag, revoked_at)]);
        let number = sequence(&[&write(tag::OID, b"\x55\x1D\x14"), &[4, 3, 2, 1, 9]]);
        let signed = sequence(&[
            &write(tag::INTEGER, &[1]),
            &algorithm,
            &sequence(&[]),
            &now,
            &now,
            &sequence(&[&entry]),
            &write(tag::inside(0), &sequence(&[&number])),
        ]);
        sequence(&[&signed, &algorithm, &write(tag::BIT_STRING, &[0, 1])])
    }

    #[rstest]
    #[case::as_it_should_be(tag::UTC_TIME, b"251231235959Z", true)]
    #[case::from_2050_on(tag::GENERALIZED_TIME, b"20500101000000Z", true)]
    #[case::before_2050(tag::GENERALIZED_TIME, b"20251231235959Z", false)]
    #[case::without_seconds(tag::UTC_TIME, b"2512312359Z", false)]
    #[case::no_such_day(tag::UTC_TIME, b"250230000000Z", false)]
    fn no_entry_is_passed_over_because_its_time_cannot_be_read(
        #[case] tag: u8,
        #[case] at: &[u8],
        #[case] readable: bool,
    ) {
        assert_eq!(Crl::parse(list(tag, at)).is_ok(), readable);
    }
}
