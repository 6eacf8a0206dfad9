//! What the extensions of a certificate say (RFC 5280 §4.2).

use x509_parser::extensions::X509Extension;

use super::Malformed;
use super::der::{Element, Reader, single, tag};
use super::name;

/// An object identifier as it stands in DER.
pub(super) type Oid = Box<[u8]>;

/// More entries than this in one extension are not honest (CVE-2023-0464 grew a policy tree without bound).
const MOST: usize = 64;

/// anyPolicy (§4.2.1.4).
pub(super) const ANY_POLICY: &[u8] = b"\x55\x1D\x20\x00";

/// Purposes of extKeyUsage (§4.2.1.12, RFC 6960 §4.2.2.2, RFC 9336).
pub(super) mod purpose {
    pub(crate) const CLIENT_AUTHENTICATION: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x03\x02";
    pub(crate) const DOCUMENT_SIGNING: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x03\x24";
    pub(crate) const OCSP_SIGNING: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x03\x09";
}

/// The extensions of one certificate, as far as a verdict needs them.
#[derive(Default)]
pub(super) struct Extensions {
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended_key_usage: Option<Vec<Oid>>,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) policies: Option<Vec<Oid>>,
    /// Pairs of issuer's and subject's policy.
    pub(super) policy_mappings: Vec<(Oid, Oid)>,
    pub(super) require_explicit_policy: Option<u32>,
    pub(super) inhibit_policy_mapping: Option<u32>,
    pub(super) inhibit_any_policy: Option<u32>,
    pub(super) name_constraints: Option<NameConstraints>,
    pub(super) subject_key: Option<Vec<u8>>,
    pub(super) authority_key: Option<AuthorityKey>,
    /// Directory names in subjectAltName, DER.
    pub(super) alternative_names: Vec<Vec<u8>>,
    /// Whether subjectAltName is there, and critical.
    pub(super) alternative_names_critical: Option<bool>,
    /// Where the issuer lists revocations.
    pub(super) distribution_points: Vec<DistributionPoint>,
    /// id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1).
    pub(super) ocsp_no_check: bool,
    /// A critical extension that is not processed here.
    pub(super) unknown_critical: bool,
    /// An extension that RFC 5280 wants critical, or not critical, and is the other.
    pub(super) wrong_criticality: bool,
}

/// keyUsage (§4.2.1.3), bit 0 highest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyUsage(u16);

impl KeyUsage {
    pub(super) fn digital_signature(self) -> bool {
        self.0 & 0x8000 != 0
    }

    pub(super) fn non_repudiation(self) -> bool {
        self.0 & 0x4000 != 0
    }

    pub(super) fn sign_certificates(self) -> bool {
        self.0 & 0x0400 != 0
    }

    pub(super) fn sign_lists(self) -> bool {
        self.0 & 0x0200 != 0
    }
}

#[derive(Clone, Copy)]
pub(super) struct BasicConstraints {
    pub(super) critical: bool,
    pub(super) authority: bool,
    pub(super) path_length: Option<u32>,
}

/// Directory names only; whatever other form stands there is only noted (§4.2.1.10).
#[derive(Default)]
pub(super) struct NameConstraints {
    pub(super) permitted: Vec<Vec<u8>>,
    pub(super) excluded: Vec<Vec<u8>>,
    /// A form of name, or a minimum or maximum, that is not processed.
    pub(super) unsupported: bool,
}

/// authorityKeyIdentifier (§4.2.1.1).
#[derive(PartialEq, Eq)]
pub(super) struct AuthorityKey {
    pub(super) key: Option<Vec<u8>>,
    /// Names of the issuer's issuer that are directory names, DER, and the issuer's serial, as it stands.
    pub(super) issuer: Option<(Vec<Vec<u8>>, Vec<u8>)>,
}

/// One place where revocations are listed (§4.2.1.13).
#[derive(Clone, Default)]
pub(super) struct DistributionPoint {
    /// Its names: GeneralNames, or one relative to the list's issuer.
    pub(super) names: PointNames,
    /// Whether it lists some reasons only.
    pub(super) some_reasons: bool,
    /// Whether someone other than the certificate's issuer signs the list.
    pub(super) other_issuer: bool,
}

/// Names of a distribution point.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) enum PointNames {
    /// None.
    #[default]
    None,
    /// Full names: tag and contents of each GeneralName.
    Full(Vec<(u8, Vec<u8>)>),
    /// A relative name, contents of the SET, to be read below the issuer's name.
    Relative(Vec<u8>),
}

impl Extensions {
    pub(super) fn read(all: &[X509Extension<'_>]) -> Result<Self, Malformed> {
        let mut found = Self::default();
        for (index, extension) in all.iter().enumerate() {
            if all.iter().take(index).any(|earlier| earlier.oid == extension.oid) {
                return Err(Malformed("an extension twice"));
            }
            found.read_one(extension.oid.as_bytes(), extension.critical, extension.value)?;
        }
        Ok(found)
    }

    fn read_one(&mut self, oid: &[u8], critical: bool, value: &[u8]) -> Result<(), Malformed> {
        let sequence = || single(value, tag::SEQUENCE).map(|element| element.contents());
        // Where RFC 5280 says MUST of its being critical.
        let mut must_be = |wanted: bool| self.wrong_criticality |= critical != wanted;
        match oid {
            // id-ce: 2.5.29.*
            b"\x55\x1D\x0F" => {
                self.key_usage = Some(KeyUsage(single(value, tag::BIT_STRING)?.named_bits()?));
            }
            b"\x55\x1D\x25" => {
                let purposes =
                    list(sequence()?, |reader| Ok(reader.expect(tag::OID)?.value.into()))?;
                self.extended_key_usage = Some(purposes);
            }
            b"\x55\x1D\x13" => {
                self.basic_constraints = Some(basic_constraints(sequence()?, critical)?);
            }
            b"\x55\x1D\x20" => self.policies = Some(policies(sequence()?)?),
            b"\x55\x1D\x21" => {
                self.policy_mappings = list(sequence()?, |reader| {
                    let mut pair = reader.sequence()?;
                    let mapping =
                        (pair.expect(tag::OID)?.value.into(), pair.expect(tag::OID)?.value.into());
                    pair.end()?;
                    Ok(mapping)
                })?;
            }
            b"\x55\x1D\x24" => {
                must_be(true);
                let mut constraints = sequence()?;
                let mut skip = |n| -> Result<Option<u32>, Malformed> {
                    constraints.optional(tag::context(n))?.map(|number| number.small()).transpose()
                };
                self.require_explicit_policy = skip(0)?;
                self.inhibit_policy_mapping = skip(1)?;
                constraints.end()?;
                if self.require_explicit_policy.is_none() && self.inhibit_policy_mapping.is_none() {
                    return Err(Malformed("policy constraints that say nothing"));
                }
            }
            b"\x55\x1D\x36" => {
                must_be(true);
                self.inhibit_any_policy = Some(single(value, tag::INTEGER)?.small()?);
            }
            b"\x55\x1D\x1E" => {
                must_be(true);
                self.name_constraints = Some(name_constraints(sequence()?)?);
            }
            b"\x55\x1D\x0E" => {
                must_be(false);
                self.subject_key = Some(single(value, tag::OCTET_STRING)?.value.to_vec());
            }
            b"\x55\x1D\x23" => {
                must_be(false);
                self.authority_key = Some(AuthorityKey::read(sequence()?)?);
            }
            b"\x55\x1D\x11" => {
                self.alternative_names_critical = Some(critical);
                for (form, name) in general_names(sequence()?)? {
                    if form == tag::inside(4) {
                        self.alternative_names.push(name);
                    }
                }
            }
            b"\x55\x1D\x1F" => {
                self.distribution_points =
                    list(sequence()?, |reader| DistributionPoint::read(reader.sequence()?))?;
            }
            // id-pkix-ocsp-nocheck: 1.3.6.1.5.5.7.48.1.5
            b"\x2B\x06\x01\x05\x05\x07\x30\x01\x05" => {
                single(value, tag::NULL)?;
                self.ocsp_no_check = true;
            }
            // issuerAltName and authorityInfoAccess are no part of a verdict, but must be readable.
            b"\x55\x1D\x12" => drop(general_names(sequence()?)?),
            b"\x2B\x06\x01\x05\x05\x07\x01\x01" => {
                must_be(false);
                sequence()?;
            }
            _ => self.unknown_critical |= critical,
        }
        Ok(())
    }
}

fn basic_constraints(
    mut constraints: Reader<'_>,
    critical: bool,
) -> Result<BasicConstraints, Malformed> {
    let authority = constraints.flag(tag::BOOLEAN)?;
    let path_length =
        constraints.optional(tag::INTEGER)?.map(|length| length.small()).transpose()?;
    constraints.end()?;
    if path_length.is_some() && !authority {
        return Err(Malformed("a path length of no authority"));
    }
    Ok(BasicConstraints { critical, authority, path_length })
}

fn policies(policies: Reader<'_>) -> Result<Vec<Oid>, Malformed> {
    let found: Vec<Oid> = list(policies, |reader| {
        let mut policy = reader.sequence()?;
        let oid = policy.expect(tag::OID)?.value.into();
        // Qualifiers inform people (§4.2.1.4); nothing here depends on them.
        if let Some(qualifiers) = policy.optional(tag::SEQUENCE)? {
            list(qualifiers.contents(), |reader| reader.sequence().map(drop))?;
        }
        policy.end()?;
        Ok(oid)
    })?;
    let twice =
        found.iter().enumerate().any(|(n, policy)| found.iter().take(n).any(|p| p == policy));
    if twice { Err(Malformed("a policy twice")) } else { Ok(found) }
}

fn name_constraints(mut constraints: Reader<'_>) -> Result<NameConstraints, Malformed> {
    let mut found = NameConstraints::default();
    let permitted = constraints.optional(tag::inside(0))?;
    let excluded = constraints.optional(tag::inside(1))?;
    constraints.end()?;
    if permitted.is_none() && excluded.is_none() {
        return Err(Malformed("name constraints that say nothing"));
    }
    for (subtrees, names) in [(permitted, &mut found.permitted), (excluded, &mut found.excluded)] {
        let Some(subtrees) = subtrees else { continue };
        let read = list(subtrees.contents(), |reader| {
            let mut subtree = reader.sequence()?;
            let (form, name) = general_name(&subtree.any()?)?;
            // DER leaves out the minimum of 0; any other, and any maximum, must not be used.
            Ok((form == tag::inside(4) && subtree.is_empty()).then_some(name))
        })?;
        for name in read {
            match name {
                Some(name) => names.push(name),
                None => found.unsupported = true,
            }
        }
    }
    Ok(found)
}

impl AuthorityKey {
    pub(super) fn read(mut identifier: Reader<'_>) -> Result<Self, Malformed> {
        let key = identifier.optional(tag::context(0))?.map(|key| key.value.to_vec());
        let issuer = identifier.optional(tag::inside(1))?;
        let serial = identifier.optional(tag::context(2))?;
        identifier.end()?;
        let issuer = match (issuer, serial) {
            (None, None) => None,
            (Some(issuer), Some(serial)) => {
                let names = general_names(issuer.contents())?;
                let directory = names.into_iter().filter(|(form, _)| *form == tag::inside(4));
                Some((directory.map(|(_, name)| name).collect(), serial.integer()?.to_vec()))
            }
            // §4.2.1.1: both or none.
            _ => return Err(Malformed("authority key identifier")),
        };
        Ok(Self { key, issuer })
    }
}

impl DistributionPoint {
    /// Reads the contents of a DistributionPoint.
    fn read(mut point: Reader<'_>) -> Result<Self, Malformed> {
        let names = point.optional(tag::inside(0))?;
        let some_reasons = point.optional(tag::context(1))?.is_some();
        let other_issuer = point.optional(tag::inside(2))?.is_some();
        point.end()?;
        let names = names.map(|names| PointNames::read(names.contents())).transpose()?;
        Ok(Self { names: names.unwrap_or_default(), some_reasons, other_issuer })
    }
}

impl PointNames {
    /// Reads the contents of a DistributionPointName.
    pub(super) fn read(mut names: Reader<'_>) -> Result<Self, Malformed> {
        let read = match names.any()? {
            element if element.tag == tag::inside(0) => {
                Self::Full(general_names(element.contents())?)
            }
            element if element.tag == tag::inside(1) => Self::Relative(element.value.to_vec()),
            _ => return Err(Malformed("a distribution point")),
        };
        names.end()?;
        Ok(read)
    }
}

/// GeneralNames: tag and contents of each; of a directory name the Name itself.
pub(super) fn general_names(names: Reader<'_>) -> Result<Vec<(u8, Vec<u8>)>, Malformed> {
    list(names, |reader| general_name(&reader.any()?))
}

fn general_name(name: &Element<'_>) -> Result<(u8, Vec<u8>), Malformed> {
    match name.tag {
        // directoryName: the CHOICE inside makes the tag explicit.
        0xA4 => name::check(name.value)?,
        // rfc822Name, dNSName, uniformResourceIdentifier.
        0x81 | 0x82 | 0x86 if name.value.is_ascii() => {}
        // otherName, x400Address, ediPartyName, iPAddress, registeredID.
        0xA0 | 0xA3 | 0xA5 | 0x87 | 0x88 => {}
        _ => return Err(Malformed("a general name")),
    }
    Ok((name.tag, name.value.to_vec()))
}

/// One or more of something.
fn list<'a, T>(
    mut reader: Reader<'a>,
    mut one: impl FnMut(&mut Reader<'a>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let mut all = Vec::new();
    loop {
        all.push(one(&mut reader)?);
        if reader.is_empty() {
            return Ok(all);
        }
        if all.len() >= MOST {
            return Err(Malformed("a list too long"));
        }
    }
}
