//! Certificate revocation lists (RFC 5280 §5, §6.3).
//!
//! Complete lists only, signed by the key that issued the certificates, as J-LIS publishes them: one for each
//! distribution point, which is a directory name per municipality. A list may have a million entries (about 40 MB): it
//! is gone over once when it is read, nothing is built from it, and a search goes over its bytes.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use jiff::Timestamp;

use super::element::{element, extensions, integer, reason};
use super::{NotChecked, Revocation, RevocationReason, Source, When, require};
use crate::pki::algorithm::{PublicKey, SignatureAlgorithm};
use crate::pki::der::{Reader, single, tag};
use crate::pki::extension::{AuthorityKey, KeyUsage, PointNames};
use crate::pki::{Certificate, Malformed, name};

/// Extensions of lists and entries: id-ce, 2.5.29.*
mod oid {
    pub(super) const ISSUER_ALTERNATIVE_NAME: &[u8] = b"\x55\x1D\x12";
    pub(super) const NUMBER: &[u8] = b"\x55\x1D\x14";
    pub(super) const REASON: &[u8] = b"\x55\x1D\x15";
    pub(super) const INVALIDITY_DATE: &[u8] = b"\x55\x1D\x18";
    pub(super) const DELTA_INDICATOR: &[u8] = b"\x55\x1D\x1B";
    pub(super) const ISSUING_DISTRIBUTION_POINT: &[u8] = b"\x55\x1D\x1C";
    pub(super) const CERTIFICATE_ISSUER: &[u8] = b"\x55\x1D\x1D";
    pub(super) const AUTHORITY_KEY_IDENTIFIER: &[u8] = b"\x55\x1D\x23";
}

/// A certificate revocation list. What it lists points to persons: `Debug` shows nothing of it.
///
/// It remembers the key that it was found to be signed with, so that a long list is hashed once.
pub struct Crl {
    der: Vec<u8>,
    /// Where tbsCertList stands.
    signed: Range<usize>,
    /// Where the entries stand.
    entries: Range<usize>,
    signature: Vec<u8>,
    /// `None` for one that is not accepted.
    algorithm: Option<SignatureAlgorithm>,
    issuer: Vec<u8>,
    authority_key: Option<AuthorityKey>,
    this_update: Timestamp,
    next_update: Timestamp,
    scope: Scope,
    remarks: Remarks,
    signed_with: OnceLock<PublicKey>,
}

/// For which certificates a list is: issuingDistributionPoint (§5.2.5), or all of the issuer's.
#[derive(Default)]
struct Scope {
    names: PointNames,
    users_only: bool,
    authorities_only: bool,
    attributes_only: bool,
}

/// Why a list cannot be used.
#[derive(Default)]
struct Remarks {
    /// It is indirect, a delta, or of some reasons only.
    partial: bool,
    /// It or an entry has a critical extension that is not processed here.
    critical: bool,
}

/// What an entry says.
struct Entry {
    date: Timestamp,
    reason: RevocationReason,
}

impl Crl {
    /// Reads one list from DER and keeps the bytes. Refused is what cannot be read in one way only or breaks the form
    /// that RFC 5280 §5.1 prescribes: another version than 2, no nextUpdate, an extension twice, two different
    /// signature algorithms, times in the wrong form, bytes left over; be it in one entry of a million.
    pub fn parse(der: Vec<u8>) -> Result<Self, Malformed> {
        let mut list = single(&der, tag::SEQUENCE)?.contents();
        let start = der.len().saturating_sub(list.rest().len());
        let signed = list.expect(tag::SEQUENCE)?;
        let end = der.len().saturating_sub(list.rest().len());
        let outer = list.expect(tag::SEQUENCE)?;
        let signature = list.expect(tag::BIT_STRING)?.whole_bytes()?.to_vec();
        list.end()?;

        let mut fields = signed.contents();
        if fields.expect(tag::INTEGER)?.value != [1] {
            return Err(Malformed("not version 2"));
        }
        // §5.1.1.2: the algorithm stands twice, once unsigned, and must agree to the byte.
        if fields.expect(tag::SEQUENCE)?.raw != outer.raw {
            return Err(Malformed("two signature algorithms"));
        }
        let issuer = fields.expect(tag::SEQUENCE)?.raw.to_vec();
        name::check(&issuer)?;
        let this_update = fields.any()?.time()?;
        // §5.1.2.5: required, though ASN.1 has it optional.
        let next_update = fields.any()?.time()?;
        // §5.1.2.6 wants no list rather than an empty one; they say the same.
        let entries = fields.optional(tag::SEQUENCE)?.map_or(&[][..], |entries| entries.value);
        let entries_end = end.saturating_sub(fields.rest().len());
        let own_extensions = fields.optional(tag::inside(0))?;
        fields.end()?;

        let mut remarks = Remarks::default();
        let (mut scope, mut authority_key) = (Scope::default(), None);
        if let Some(tagged) = own_extensions {
            let all = single(tagged.value, tag::SEQUENCE)?.contents();
            extensions(all, |extension| {
                match extension.oid {
                    oid::AUTHORITY_KEY_IDENTIFIER => {
                        let identifier = single(extension.value, tag::SEQUENCE)?;
                        authority_key = Some(AuthorityKey::read(identifier.contents())?);
                    }
                    oid::ISSUING_DISTRIBUTION_POINT => {
                        scope = Scope::read(extension.value, &mut remarks)?;
                    }
                    oid::DELTA_INDICATOR => remarks.partial = true,
                    // Critical it must not be (§5.2.3), so then it is as good as unknown.
                    oid::NUMBER if !extension.critical => {
                        single(extension.value, tag::INTEGER)?.integer()?;
                    }
                    // Another name of the issuer changes nothing.
                    oid::ISSUER_ALTERNATIVE_NAME => {}
                    _ => remarks.critical |= extension.critical,
                }
                Ok(())
            })?;
        }
        let mut reader = Reader::new(entries);
        while !reader.is_empty() {
            Entry::read(&mut reader, &mut remarks)?;
        }

        Ok(Self {
            signed: start..end,
            entries: entries_end.saturating_sub(entries.len())..entries_end,
            signature,
            algorithm: SignatureAlgorithm::read(outer.contents())?,
            issuer,
            authority_key,
            this_update,
            next_update,
            scope,
            remarks,
            signed_with: OnceLock::new(),
            der,
        })
    }

    /// What it says of a certificate, in the order of what costs least: a list of another part is not hashed.
    ///
    /// A list that is not fresh says nothing, not even of a revocation, which may have been lifted since. One that is
    /// fresh says of each entry that it is revoked, even where its date has not come: §5.3 knows no entry that does not
    /// hold yet.
    pub(super) fn on(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        when: When,
    ) -> Revocation {
        self.judge(certificate, issuer, when).unwrap_or_else(|why| Revocation::NotChecked { why })
    }

    fn judge(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        when: When,
    ) -> Result<Revocation, NotChecked> {
        require(self.is_from(issuer), NotChecked::ListFromAnother)?;
        require(self.scope.has_kind(certificate), NotChecked::ListOfOthers)?;
        require(self.scope.has_point(certificate, &self.issuer), NotChecked::ListOfAnotherPart)?;
        require(!self.remarks.partial, NotChecked::ListPartial)?;
        require(!self.remarks.critical, NotChecked::ListCritical)?;
        require(!when.is_before(self.this_update), NotChecked::ListFromFuture)?;
        require(!when.is_after(self.next_update), NotChecked::ListStale)?;
        // §6.3.3 (f).
        let may_sign = issuer.extensions.key_usage.is_some_and(KeyUsage::sign_lists);
        require(may_sign, NotChecked::ListIssuerUnfit)?;
        require(self.is_signed_with(&issuer.public_key), NotChecked::ListSignature)?;
        // It was read before, whole.
        let found =
            self.find(&integer(certificate.serial())).map_err(|_| NotChecked::ListPartial)?;
        let (source, as_of) = (Source::Crl, self.this_update);
        Ok(found.map_or(Revocation::Good { as_of, source }, |entry| Revocation::Revoked {
            at: entry.date,
            reason: entry.reason,
            source,
        }))
    }

    /// Whether it names this certificate as its issuer. Authorities of several generations have one name: then the key
    /// identifier tells them apart (§5.2.1), and in the end the signature.
    fn is_from(&self, issuer: &Certificate) -> bool {
        let Some(said) = &self.authority_key else {
            return name::same(&self.issuer, &issuer.subject);
        };
        name::same(&self.issuer, &issuer.subject)
            && said
                .key
                .as_ref()
                .is_none_or(|key| issuer.extensions.subject_key.as_ref() == Some(key))
            && said.issuer.as_ref().is_none_or(|(names, serial)| {
                names.iter().any(|name| name::same(name, &issuer.issuer))
                    && *integer(&issuer.serial) == *serial
            })
    }

    fn is_signed_with(&self, key: &PublicKey) -> bool {
        if self.signed_with.get() == Some(key) {
            return true;
        }
        let signed = self.der.get(self.signed.clone()).unwrap_or_default();
        let holds = self
            .algorithm
            .is_some_and(|algorithm| key.verifies(algorithm, signed, &self.signature));
        if holds {
            // Another key may stand there that holds too; then this one is tried again each time.
            drop(self.signed_with.set(key.clone()));
        }
        holds
    }

    /// The entry of a serial number; of several the earliest.
    fn find(&self, serial: &[u8]) -> Result<Option<Entry>, Malformed> {
        let entries = self.der.get(self.entries.clone()).ok_or(Malformed("cut short"))?;
        let mut entries = Reader::new(entries);
        let mut found: Option<Entry> = None;
        while !entries.is_empty() {
            let here = entries;
            if entries.sequence()?.expect(tag::INTEGER)?.value == serial {
                let entry = Entry::read(&mut { here }, &mut Remarks::default())?;
                if found.as_ref().is_none_or(|earlier| entry.date < earlier.date) {
                    found = Some(entry);
                }
            }
        }
        Ok(found)
    }
}

impl Scope {
    /// Reads an issuingDistributionPoint.
    fn read(value: &[u8], remarks: &mut Remarks) -> Result<Self, Malformed> {
        let mut point = single(value, tag::SEQUENCE)?.contents();
        if point.is_empty() {
            return Err(Malformed("a distribution point that says nothing"));
        }
        let names = point.optional(tag::inside(0))?;
        let names = names.map(|names| PointNames::read(names.contents())).transpose()?;
        let users_only = point.flag(tag::context(1))?;
        let authorities_only = point.flag(tag::context(2))?;
        remarks.partial |= point.optional(tag::context(3))?.is_some();
        remarks.partial |= point.flag(tag::context(4))?;
        let attributes_only = point.flag(tag::context(5))?;
        point.end()?;
        if [users_only, authorities_only, attributes_only].iter().filter(|only| **only).count() > 1
        {
            return Err(Malformed("a list of several kinds only"));
        }
        let names = names.unwrap_or_default();
        Ok(Self { names, users_only, authorities_only, attributes_only })
    }

    /// §6.3.3 (b)(2)(ii)–(iv).
    fn has_kind(&self, certificate: &Certificate) -> bool {
        let basic = certificate.extensions.basic_constraints;
        let is_authority = basic.is_some_and(|basic| basic.authority);
        match (self.users_only, self.authorities_only, self.attributes_only) {
            (false, false, false) => true,
            (true, false, false) => !is_authority,
            (false, true, false) => is_authority,
            _ => false,
        }
    }

    /// §6.3.3 (b)(2)(i): whether the list has a name that one of the certificate's distribution points has. Points of
    /// another issuer or of some reasons do not count: such lists are not used here.
    fn has_point(&self, certificate: &Certificate, issuer: &[u8]) -> bool {
        if matches!(self.names, PointNames::None) {
            return true;
        }
        let listed = general_names(&self.names, issuer);
        let points = certificate.extensions.distribution_points.iter();
        points
            .filter(|point| !point.some_reasons && !point.other_issuer)
            .flat_map(|point| general_names(&point.names, &certificate.issuer))
            .any(|name| listed.iter().any(|listed| is_same(listed, &name)))
    }
}

const DIRECTORY_NAME: u8 = tag::inside(4);
const URI: u8 = tag::context(6);

/// The names of a distribution point in full; a relative one is one more relative name below the issuer's (§4.2.1.13).
fn general_names(names: &PointNames, issuer: &[u8]) -> Vec<(u8, Vec<u8>)> {
    match names {
        PointNames::None => Vec::new(),
        PointNames::Full(names) => names.clone(),
        PointNames::Relative(relative) => {
            let above = single(issuer, tag::SEQUENCE).map_or(&[][..], |name| name.value);
            let relative = element(tag::SET, &[relative]);
            vec![(DIRECTORY_NAME, element(tag::SEQUENCE, &[above, &relative]))]
        }
    }
}

fn is_same((form, one): &(u8, Vec<u8>), (other_form, other): &(u8, Vec<u8>)) -> bool {
    form == other_form
        && match *form {
            DIRECTORY_NAME => name::same(one, other),
            URI => one == other,
            _ => false,
        }
}

impl Entry {
    fn read(entries: &mut Reader<'_>, remarks: &mut Remarks) -> Result<Self, Malformed> {
        let mut entry = entries.sequence()?;
        entry.expect(tag::INTEGER)?.integer()?;
        let date = entry.any()?.time()?;
        let mut found = RevocationReason::Unspecified;
        if let Some(all) = entry.optional(tag::SEQUENCE)? {
            extensions(all.contents(), |extension| {
                match extension.oid {
                    oid::REASON => match reason(&single(extension.value, tag::ENUMERATED)?)? {
                        Some(reason) => found = reason,
                        // §5.3.1: only a delta takes an entry away.
                        None => remarks.partial = true,
                    },
                    oid::INVALIDITY_DATE => {
                        single(extension.value, tag::GENERALIZED_TIME)?.generalized_time()?;
                    }
                    // §5.3.3: only an indirect list has entries of others.
                    oid::CERTIFICATE_ISSUER => remarks.partial = true,
                    _ => remarks.critical |= extension.critical,
                }
                Ok(())
            })?;
        }
        entry.end()?;
        Ok(Self { date, reason: found })
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Crl(..)")
    }
}
