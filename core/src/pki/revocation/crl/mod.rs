//! Certificate revocation lists (RFC 5280 §5, §6.3).
//!
//! Signed by the authority that issued the certificates, as J-LIS publishes them: one list for each distribution point,
//! which is a directory name per municipality. The key is the one that issued, or another of the same authority in the
//! same path, after a roll-over. A complete list counts together with the deltas that continue it (§5.2.4); indirect
//! lists and lists of some reasons are not used.
//!
//! A list may have a million entries (about 40 MB): it is gone over once when it is read, nothing is built from it, and a
//! search goes over its bytes.

mod delta;

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use jiff::Timestamp;

use super::element::{element, extensions, integer, reason};
use super::{Freshness, NotChecked, Revocation, RevocationReason, Said, Source, require};
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
    pub(super) this_update: Timestamp,
    next_update: Timestamp,
    number: Option<Number>,
    /// Of a delta: the number of the list that it continues.
    base: Option<Number>,
    scope: Scope,
    remarks: Remarks,
    signed_with: OnceLock<PublicKey>,
}

/// The number of a list (cRLNumber, §5.2.3): the greater, the newer, among lists of one issuer and scope. `Display` is
/// hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number([u8; Number::BYTES]);

/// For which certificates a list is: issuingDistributionPoint (§5.2.5), or all of the issuer's.
#[derive(Default, PartialEq, Eq)]
struct Scope {
    names: PointNames,
    users_only: bool,
    authorities_only: bool,
    attributes_only: bool,
}

/// Why a list cannot be used.
#[derive(Default)]
struct Remarks {
    /// It is indirect or of some reasons only.
    partial: bool,
    /// It or an entry has a critical extension that is not processed here.
    critical: bool,
}

/// What an entry says.
struct Entry {
    date: Timestamp,
    /// `None`: it is on the list no more (removeFromCRL, §5.3.1).
    reason: Option<RevocationReason>,
}

impl Number {
    /// Longer ones must not be used (§5.2.3).
    const BYTES: usize = 20;

    /// The number that these bytes are, big-endian; `None` if it has more than 20 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
        let bytes = bytes.get(start..)?;
        let mut number = [0; Self::BYTES];
        number.get_mut(Self::BYTES.checked_sub(bytes.len())?..)?.copy_from_slice(bytes);
        Some(Self(number))
    }

    /// Its 20 bytes, big-endian.
    pub fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Reads an INTEGER that is not negative.
    fn read(value: &[u8]) -> Result<Self, Malformed> {
        let number = single(value, tag::INTEGER)?.integer()?;
        let is_negative = number.first().is_some_and(|byte| *byte >= 0x80);
        let number = (!is_negative).then(|| Self::from_bytes(number)).flatten();
        number.ok_or(Malformed("the number of a list"))
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({self})")
    }
}

impl fmt::Display for Number {
    /// Hexadecimal, lower case, whole bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zeros =
            self.0.iter().take(Self::BYTES.saturating_sub(1)).take_while(|byte| **byte == 0);
        self.0.iter().skip(zeros.count()).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
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
        let (mut number, mut base) = (None, None);
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
                    // Critical it must be (§5.2.4); a delta it is in any case.
                    oid::DELTA_INDICATOR => base = Some(Number::read(extension.value)?),
                    // Critical it must not be (§5.2.3), so then it is as good as unknown.
                    oid::NUMBER if !extension.critical => {
                        number = Some(Number::read(extension.value)?);
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
            let entry = Entry::read(&mut reader, &mut remarks)?;
            // §5.3.1: only a delta takes an entry away.
            remarks.partial |= entry.reason.is_none() && base.is_none();
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
            number,
            base,
            scope,
            remarks,
            signed_with: OnceLock::new(),
            der,
        })
    }

    /// What a complete list and the deltas that continue it say of a certificate, in the order of what costs least: a list
    /// of another part is not hashed. `others` are certificates of the issuer's name above it in the same path.
    ///
    /// A list that is not fresh says nothing, not even of a revocation, which may have been lifted since. One that is
    /// fresh says of each entry that it is revoked, even where its date has not come: §5.3 knows no entry that does not
    /// hold yet.
    pub(super) fn on(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        others: &[&Certificate],
        deltas: &[&Self],
        wanted: Freshness,
    ) -> Said {
        let deltas = self.continued_by(deltas);
        let newest = deltas.last().copied().unwrap_or(self);
        let signers = std::iter::once(issuer).chain(others.iter().copied());
        let word = self
            .judge(certificate, signers, &deltas, wanted)
            .unwrap_or_else(|why| Revocation::NotChecked { why });
        Said { word, of: newest.this_update }
    }

    fn judge<'c>(
        &self,
        certificate: &Certificate,
        signers: impl Iterator<Item = &'c Certificate>,
        deltas: &[&Self],
        wanted: Freshness,
    ) -> Result<Revocation, NotChecked> {
        let signers = self.signers(certificate, signers)?;
        let newest = deltas.last().copied().unwrap_or(self);
        for list in std::iter::once(self).chain(deltas.iter().copied()) {
            list.check_form()?;
            require(!wanted.is_before(list.this_update), NotChecked::ListFromFuture)?;
        }
        // §6.3.3 (a): a delta that is in time makes up for a complete list that is not.
        let is_over = wanted.is_over(newest.this_update, Some(newest.next_update));
        require(!is_over, NotChecked::ListStale)?;
        let is_new_enough = wanted.least_number.is_none_or(|least| newest.number >= Some(least));
        require(is_new_enough, NotChecked::ListSuperseded)?;
        // §6.3.3 (f)–(h).
        let may_sign =
            |signer: &&&Certificate| signer.extensions.key_usage.is_some_and(KeyUsage::sign_lists);
        let mut may_sign = signers.iter().filter(may_sign).peekable();
        require(may_sign.peek().is_some(), NotChecked::ListIssuerUnfit)?;
        let signer = may_sign.find(|signer| self.is_signed_with(&signer.public_key));
        let signer = signer.ok_or(NotChecked::ListSignature)?;
        let hold = deltas.iter().all(|delta| delta.is_signed_with(&signer.public_key));
        require(hold, NotChecked::ListSignature)?;

        // §6.3.3 (i)–(k): the newest word counts. All were read before, whole.
        let serial = integer(certificate.serial());
        let (source, as_of, number) = (Source::Crl, newest.this_update, newest.number);
        for list in deltas.iter().rev().copied().chain([self]) {
            match list.find(&serial).map_err(|_| NotChecked::ListPartial)? {
                None => {}
                Some(Entry { reason: None, .. }) => break,
                Some(Entry { date: at, reason: Some(reason) }) => {
                    return Ok(Revocation::Revoked { at, reason, source });
                }
            }
        }
        Ok(Revocation::Good { as_of, source, number })
    }

    /// Whose list it can be, and that it is about this certificate.
    fn signers<'c>(
        &self,
        certificate: &Certificate,
        signers: impl Iterator<Item = &'c Certificate>,
    ) -> Result<Vec<&'c Certificate>, NotChecked> {
        let signers: Vec<_> = signers.filter(|signer| self.is_from(signer)).collect();
        require(!signers.is_empty(), NotChecked::ListFromAnother)?;
        require(self.scope.has_kind(certificate), NotChecked::ListOfOthers)?;
        require(self.scope.has_point(certificate, &self.issuer), NotChecked::ListOfAnotherPart)?;
        Ok(signers)
    }

    fn check_form(&self) -> Result<(), NotChecked> {
        require(!self.remarks.partial, NotChecked::ListPartial)?;
        require(!self.remarks.critical, NotChecked::ListCritical)
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

    /// The entry of a serial number; of several the earliest that revokes.
    fn find(&self, serial: &[u8]) -> Result<Option<Entry>, Malformed> {
        let entries = self.der.get(self.entries.clone()).ok_or(Malformed("cut short"))?;
        let mut entries = Reader::new(entries);
        let mut found: Option<Entry> = None;
        while !entries.is_empty() {
            let here = entries;
            if entries.sequence()?.expect(tag::INTEGER)?.value == serial {
                let entry = Entry::read(&mut { here }, &mut Remarks::default())?;
                let counts = |earlier: &Entry| {
                    entry.reason.is_some()
                        && (earlier.reason.is_none() || entry.date < earlier.date)
                };
                if found.as_ref().is_none_or(counts) {
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
        let mut found = Some(RevocationReason::Unspecified);
        if let Some(all) = entry.optional(tag::SEQUENCE)? {
            extensions(all.contents(), |extension| {
                match extension.oid {
                    oid::REASON => found = reason(&single(extension.value, tag::ENUMERATED)?)?,
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
