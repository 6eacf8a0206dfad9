//! A path from a trust anchor to a leaf (RFC 5280 §6.1). It is given, not built: the leaf, at most two intermediates,
//! and an anchor that is found by name, key identifier and signature.

use jiff::Timestamp;

use super::extension::{KeyUsage, NameConstraints, purpose};
use super::name;
use super::reason::Reason;
use super::{Certificate, Malformed, Purpose, TrustAnchors};

/// Most intermediates in a path.
const MOST_INTERMEDIATES: usize = 2;

/// Certificates in the order in which they vouch.
pub(super) struct Path<'a> {
    /// The anchor, if one vouches.
    pub(super) anchor: Result<&'a Certificate, Reason>,

    /// The anchor's child first, the leaf last.
    pub(super) certificates: Vec<&'a Certificate>,
    /// Whether each issued the next, from the anchor down: names (§6.1.3 (a)(4)), key identifiers (§4.2.1.1, §4.2.1.2)
    /// and signatures (§6.1.3 (a)(1)).
    pub(super) chain: Result<(), Reason>,
}

impl<'a> Path<'a> {
    /// A path of a leaf, its intermediates (the leaf's issuer first) and whichever anchor signed the last of them.
    pub(super) fn new(
        leaf: &'a Certificate,
        intermediates: &'a [Certificate],
        anchors: &'a TrustAnchors,
        purpose: Option<Purpose>,
        at: Timestamp,
    ) -> Self {
        let mut certificates: Vec<_> =
            std::iter::once(leaf).chain(intermediates.iter().take(MOST_INTERMEDIATES)).collect();
        certificates.reverse();
        let anchor = match certificates.first() {
            _ if intermediates.len() > MOST_INTERMEDIATES => Err(Reason::PathTooLong),
            Some(top) => find_anchor(top, anchors, purpose, at),
            None => Err(Reason::AnchorUnknown),
        };
        // The anchor's own link was checked to find it; it is told last, so that a wrong order is told as that.
        let below = certificates.iter().zip(certificates.iter().skip(1));
        let chain = below
            .map(|(issuer, issued)| check_link(issuer, issued))
            .find(Result::is_err)
            .unwrap_or(anchor.map(drop));
        Self { anchor, certificates, chain }
    }

    fn leaf(&self) -> Option<&'a Certificate> {
        self.certificates.last().copied()
    }

    /// Everything that vouches: the anchor, if there is one, and the intermediates.
    pub(super) fn authorities(&self) -> impl Iterator<Item = &'a Certificate> {
        let below = self.certificates.len().saturating_sub(1);
        self.anchor.ok().into_iter().chain(self.certificates.iter().take(below).copied())
    }

    /// Issuer and issued, from the anchor down.
    pub(super) fn links(&self) -> impl Iterator<Item = (&'a Certificate, &'a Certificate)> {
        self.authorities()
            .zip(self.certificates.iter().skip(usize::from(self.anchor.is_err())).copied())
    }

    /// Only algorithms and keys that are accepted.
    pub(super) fn check_algorithms(&self) -> Result<(), Reason> {
        for certificate in &self.certificates {
            require(certificate.algorithm.is_some(), Reason::AlgorithmRefused)?;
        }
        for certificate in self.authorities().chain(self.leaf()) {
            require(certificate.public_key.is_strong(), Reason::KeyRefused)?;
        }
        Ok(())
    }

    /// §6.1.4 (o), §6.1.5 (f), and what §4.2 says on who must be critical.
    pub(super) fn check_extensions(&self) -> Result<(), Reason> {
        for certificate in self.authorities().chain(self.leaf()) {
            require(!certificate.extensions.unknown_critical, Reason::CriticalExtension)?;
        }
        for certificate in &self.certificates {
            require(!certificate.extensions.wrong_criticality, Reason::Criticality)?;
        }
        Ok(())
    }

    /// §6.1.3 (b) and (c), §6.1.4 (g), (k)–(n). The anchor's own constraints hold too (RFC 5937).
    pub(super) fn check_constraints(&self) -> Result<(), Reason> {
        let mut length_left = u32::MAX;
        let mut names: Vec<&NameConstraints> = Vec::new();
        for authority in self.authorities() {
            let is_anchor = self.anchor.is_ok_and(|anchor| std::ptr::eq(anchor, authority));
            let counts = !is_anchor && !authority.is_self_issued();
            if counts {
                check_names(authority, &names)?;
                length_left = length_left.checked_sub(1).ok_or(Reason::PathLength)?;
            }
            let extensions = &authority.extensions;
            let basic = extensions.basic_constraints.ok_or(Reason::NotAnAuthority)?;
            require(basic.authority && basic.critical, Reason::NotAnAuthority)?;
            let usage = extensions.key_usage.ok_or(Reason::AuthorityUsage)?;
            require(usage.sign_certificates(), Reason::AuthorityUsage)?;
            length_left = length_left.min(basic.path_length.unwrap_or(u32::MAX));
            if let Some(constraints) = &extensions.name_constraints {
                require(!constraints.unsupported, Reason::NameConstraintUnsupported)?;
                names.push(constraints);
            }
        }
        self.leaf().map_or(Ok(()), |leaf| check_names(leaf, &names))
    }

    /// Key usage and extended key usage of the leaf, and what the authorities may issue for.
    pub(super) fn check_usage(&self, purpose: Option<Purpose>) -> Result<(), Reason> {
        let Some(leaf) = self.leaf() else { return Ok(()) };
        let extensions = &leaf.extensions;
        let is_authority = extensions.basic_constraints.is_some_and(|basic| basic.authority)
            || extensions.key_usage.is_some_and(KeyUsage::sign_certificates);
        require(!is_authority, Reason::LeafIsAuthority)?;
        let Some(purpose) = purpose else { return Ok(()) };

        let usage = extensions.key_usage.ok_or(Reason::WrongUsage)?;
        // nonRepudiation is what tells a signature in a person's name from a proof of presence.
        let fits =
            usage.digital_signature() && usage.non_repudiation() == (purpose == Purpose::Signature);
        require(fits, Reason::WrongUsage)?;
        require(extends_to(leaf, purpose), Reason::WrongExtendedUsage)?;
        for authority in self.authorities() {
            require(extends_to(authority, purpose), Reason::AuthorityUsage)?;
        }
        Ok(())
    }

    /// §6.1.3 (a)(2). The leaf first: that it is over is what a person can be told.
    pub(super) fn check_validity(&self, at: Timestamp) -> Result<(), Reason> {
        if let Some(leaf) = self.leaf() {
            require(at >= leaf.not_before(), Reason::NotYetValid)?;
            require(at <= leaf.not_after(), Reason::Expired)?;
        }
        for authority in self.authorities() {
            require(at >= authority.not_before(), Reason::AuthorityNotYetValid)?;
            require(at <= authority.not_after(), Reason::AuthorityExpired)?;
        }
        Ok(())
    }
}

fn require(holds: bool, reason: Reason) -> Result<(), Reason> {
    if holds { Ok(()) } else { Err(reason) }
}

/// By name, then key identifier, then signature. All generations of an authority have one name, and one key may stand
/// in several certificates: then one that is valid at the time is taken.
fn find_anchor<'a>(
    top: &Certificate,
    anchors: &'a TrustAnchors,
    purpose: Option<Purpose>,
    at: Timestamp,
) -> Result<&'a Certificate, Reason> {
    let mut best = Err(Reason::AnchorUnknown);
    for anchor in anchors.of(purpose) {
        match check_link(anchor, top) {
            Ok(()) if anchor.validity.contains(&at) => return Ok(anchor),
            Ok(()) if best.is_err() => best = Ok(anchor),
            Err(reason) if best.is_err_and(|known| nearer(reason) > nearer(known)) => {
                best = Err(reason);
            }
            _ => {}
        }
    }
    best.map_err(|reason| match reason {
        Reason::IssuerMismatch => Reason::AnchorUnknown,
        Reason::KeyIdMismatch => Reason::AnchorOfAnotherKey,
        other => other,
    })
}

/// How near an anchor came that does not fit.
fn nearer(reason: Reason) -> u8 {
    match reason {
        Reason::AnchorUnknown | Reason::IssuerMismatch => 0,
        Reason::KeyIdMismatch => 1,
        Reason::KeyIdMissing => 2,
        _ => 3,
    }
}

/// Whether one certificate issued another.
pub(super) fn check_link(issuer: &Certificate, child: &Certificate) -> Result<(), Reason> {
    require(name::same(&issuer.subject, &child.issuer), Reason::IssuerMismatch)?;
    let key = issuer.extensions.subject_key.as_ref().ok_or(Reason::KeyIdMissing)?;
    let said = child.extensions.authority_key.as_ref().ok_or(Reason::KeyIdMissing)?;
    let said_key = said.key.as_ref().ok_or(Reason::KeyIdMissing)?;
    require(said_key == key, Reason::KeyIdMismatch)?;
    if let Some((names, serial)) = &said.issuer {
        let same_name = names.iter().any(|name| name::same(name, &issuer.issuer));
        let same_serial = issuer.serial.is(serial);
        require(same_name && same_serial, Reason::KeyIdMismatch)?;
    }
    require(child.algorithm.is_some(), Reason::AlgorithmRefused)?;
    require(issuer.public_key.is_strong(), Reason::KeyRefused)?;
    require(issuer.signed(child), Reason::SignatureInvalid)
}

/// §6.1.3 (b) and (c) for one certificate: its subject, unless empty, and every directory name in subjectAltName.
fn check_names(certificate: &Certificate, constraints: &[&NameConstraints]) -> Result<(), Reason> {
    let subject = Some(certificate.subject.as_slice()).filter(|name| !name::is_empty(name));
    let others = certificate.extensions.alternative_names.iter().map(Vec::as_slice);
    for name in subject.into_iter().chain(others) {
        let below = |bases: &[Vec<u8>]| -> Result<bool, Malformed> {
            bases.iter().try_fold(false, |found, base| Ok(found || name::within(name, base)?))
        };
        for constraint in constraints {
            let permitted =
                constraint.permitted.is_empty() || below(&constraint.permitted) == Ok(true);
            let excluded = below(&constraint.excluded) != Ok(false);
            require(permitted && !excluded, Reason::NameNotPermitted)?;
        }
    }
    Ok(())
}

/// Whether extKeyUsage, where there is one, has this purpose. RFC 5280 §4.2.1.12 says so of leaves; of authorities it is
/// what everybody does. anyExtendedKeyUsage is not enough, which §4.2.1.12 leaves to the application. A signature in a
/// person's name is document signing (RFC 9336); JPKI leaves the extension out.
fn extends_to(certificate: &Certificate, purpose: Purpose) -> bool {
    let wanted = match purpose {
        Purpose::Authentication => purpose::CLIENT_AUTHENTICATION,
        Purpose::Signature => purpose::DOCUMENT_SIGNING,
    };
    certificate
        .extensions
        .extended_key_usage
        .as_ref()
        .is_none_or(|purposes| purposes.iter().any(|purpose| **purpose == *wanted))
}
