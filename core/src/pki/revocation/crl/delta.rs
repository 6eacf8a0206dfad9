//! Lists that have only what changed since another list (RFC 5280 §5.2.4).
//!
//! A delta counts with the complete list that it continues, or not at all.

use jiff::Timestamp;

use super::Crl;
use crate::pki::revocation::{NotChecked, Revocation, Said};
use crate::pki::{Certificate, name};

impl Crl {
    /// Whether it has only what changed since another list (§5.2.4).
    pub(in crate::pki::revocation) fn is_delta(&self) -> bool {
        self.base.is_some()
    }

    /// The deltas that continue this list, one after the other (§5.2.4): each begins with a list that is there, and has a
    /// greater number.
    pub(super) fn continued_by<'d>(&self, deltas: &[&'d Self]) -> Vec<&'d Self> {
        let mut number = self.number;
        let all = deltas.iter().copied().filter(|delta| self.is_continued_in(delta));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|delta| delta.number);
        all.retain(|delta| {
            let follows = number.is_some() && delta.base <= number && delta.number > number;
            number = if follows { delta.number } else { number };
            follows
        });
        all
    }

    /// §6.3.3 (c): whether another list has the same issuer, scope and authority key identifier.
    fn is_continued_in(&self, delta: &Self) -> bool {
        name::same(&self.issuer, &delta.issuer)
            && self.scope == delta.scope
            && self.authority_key == delta.authority_key
    }

    /// What a delta says that none of these complete lists is continued by: nothing, and that is told. `None` if it is not
    /// about the certificate, or if one of them counts with it or is as new.
    pub(in crate::pki::revocation) fn on_its_own(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        others: &[&Certificate],
        complete: &[&Self],
        deltas: &[&Self],
    ) -> Option<Said> {
        let signers = std::iter::once(issuer).chain(others.iter().copied());
        self.signers(certificate, signers).ok()?;
        let counts = complete.iter().filter(|list| list.is_continued_in(self)).any(|list| {
            let newest = list.continued_by(deltas).last().map_or(list.number, |last| last.number);
            self.number.is_some() && newest >= self.number
        });
        let why = self.check_form().err().unwrap_or(NotChecked::DeltaAlone);
        // Whatever it would change is not known, however old it is.
        (!counts).then_some(Said { word: Revocation::NotChecked { why }, of: Timestamp::MAX })
    }
}
