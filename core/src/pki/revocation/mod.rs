//! Whether a certificate was revoked, from lists (CRL, RFC 5280 §5) and answers (OCSP, RFC 6960) that are handed in.
//!
//! Only registered verifiers may ask J-LIS (公的個人認証法 17条, 36条), so a phone has nothing to hand in and says
//! [`NotChecked`]. Nothing here asks anybody.

pub mod crl;
mod element;
pub mod ocsp;

use jiff::{SignedDuration, Timestamp};

use self::crl::Crl;
use super::Certificate;
use super::coded::coded;

/// How long an answer without nextUpdate counts unless a [`Demand`](super::Demand) says otherwise. By RFC 6960 §4.2.2.1
/// newer word can be had at any time, so it is only good for whoever asked just now; an hour is for queues and caches.
pub const GREATEST_AGE: SignedDuration = SignedDuration::from_hours(1);

/// What is known of a certificate's revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// It was not revoked then.
    #[non_exhaustive]
    Good {
        /// When that was so: thisUpdate.
        as_of: Timestamp,
        /// Who said so.
        source: Source,
        /// The number of the list, if it was one that has a number. Who keeps the greatest that was seen for an issuer and
        /// distribution point can demand it the next time
        /// ([`Demand::with_least_list_number`](super::Demand::with_least_list_number)): an older list may be in time and
        /// hide a revocation.
        number: Option<crl::Number>,
    },
    /// It was revoked.
    #[non_exhaustive]
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: RevocationReason,
        /// Who said so.
        source: Source,
    },
    /// Nothing is known.
    NotChecked {
        /// Why nothing is known.
        why: NotChecked,
    },
}

/// Where word of a revocation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A list (certificate revocation list).
    Crl,
    /// An answer of a responder.
    Ocsp,
}

coded! {
    /// Why a certificate was revoked (RFC 5280 §5.3.1).
    RevocationReason {
        Unspecified "unspecified" "Revoked, no reason given." "失効（理由の記載なし）。";
        KeyCompromise "key_compromise" "The key may be in other hands." "秘密鍵が漏えいした可能性があります。";
        CaCompromise "ca_compromise" "The issuer's key may be in other hands." "認証局の秘密鍵が漏えいした可能性があります。";
        AffiliationChanged "affiliation_changed" "What the certificate says has changed." "記載事項が変わりました。";
        Superseded "superseded" "A newer certificate replaced it." "新しい電子証明書に更新されました。";
        CessationOfOperation "cessation_of_operation" "It is not needed any more." "使われなくなりました。";
        CertificateHold "certificate_hold" "It is suspended." "一時停止されています。";
        PrivilegeWithdrawn "privilege_withdrawn" "A privilege was withdrawn." "資格が取り消されました。";
        AaCompromise "aa_compromise" "The key of an attribute authority may be in other hands." "属性認証局の秘密鍵が漏えいした可能性があります。";
    }
}

coded! {
    /// Why nothing is known of a revocation.
    NotChecked {
        NothingGiven "revocation_not_given" "No revocation list and no answer of a responder was given."
            "失効リストも失効応答も渡されていません。";

        ListFromAnother "crl_other_issuer" "The list is from another issuer or signed with another key."
            "失効リストの発行者または鍵が異なります。";
        ListSignature "crl_signature_invalid" "The list's signature is not its issuer's."
            "失効リストの署名が正しくありません。";
        ListIssuerUnfit "crl_issuer_unfit" "The issuer may not sign lists." "発行者は失効リストに署名できません。";
        ListOfAnotherPart "crl_other_partition" "The list is of another distribution point."
            "失効リストの配布点が異なります。";
        ListOfOthers "crl_other_kind" "The list is for another kind of certificate."
            "失効リストの対象が異なる種類の電子証明書です。";
        ListPartial "crl_partial" "The list is indirect or of some reasons only."
            "失効リストが間接、または一部の理由に限ったものです。";
        DeltaAlone "crl_delta_alone" "The list is a delta, and the list that it continues was not given."
            "差分の失効リストに対応する完全な失効リストが渡されていません。";
        ListCritical "crl_critical_extension" "The list has a critical extension that is not understood."
            "失効リストに解釈できない重要な拡張があります。";
        ListStale "crl_stale" "The list is too old." "失効リストが古すぎます。";
        ListSuperseded "crl_superseded" "A newer list was seen before." "より新しい失効リストが既に確認されています。";
        ListFromFuture "crl_not_yet" "The list is from the future." "失効リストの日時が未来です。";

        AnswerMissing "ocsp_no_answer" "The responder gave no answer on this certificate."
            "失効応答にこの電子証明書についての回答がありません。";
        AnswerTryLater "ocsp_try_later" "The responder asks to try later." "失効応答サーバーが混み合っています。";
        AnswerUnauthorized "ocsp_unauthorized" "The responder does not serve this client or certificate."
            "失効応答サーバーの利用が認められていません。";
        AnswerError "ocsp_error" "The responder could not answer." "失効応答サーバーが応答できませんでした。";
        AnswerSignature "ocsp_signature_invalid" "The answer's signature is not the responder's."
            "失効応答の署名が正しくありません。";
        AnswerResponder "ocsp_responder_unfit" "The answer is from nobody whom the issuer authorised."
            "失効応答サーバーは発行者から認められていません。";
        AnswerNonce "ocsp_nonce" "The answer is to another question." "失効応答が問い合わせと対応していません。";
        AnswerStale "ocsp_stale" "The answer is too old." "失効応答が古すぎます。";
        AnswerFromFuture "ocsp_not_yet" "The answer is from the future." "失効応答の日時が未来です。";
        AnswerCritical "ocsp_critical_extension" "The answer has a critical extension that is not understood."
            "失効応答に解釈できない重要な拡張があります。";
        AnswerUnknown "ocsp_unknown" "The responder does not know this certificate."
            "失効応答サーバーはこの電子証明書を把握していません。";
    }
}

/// What is handed in to learn of revocations. The default is nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    crls: &'a [Crl],
    ocsp: Option<(&'a ocsp::Response, Option<&'a ocsp::Request>)>,
    tolerance: SignedDuration,
}

/// How fresh word of a revocation has to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Freshness {
    /// Now, as the verdict has it.
    pub(super) at: Timestamp,
    /// How far two clocks may differ.
    pub(super) tolerance: SignedDuration,
    /// How old it may be, whatever it says itself.
    pub(super) greatest_age: Option<SignedDuration>,
    /// The number that a list must have at least.
    pub(super) least_number: Option<crl::Number>,
}

impl Freshness {
    /// Whether now is before this time, with all tolerance.
    fn is_before(self, time: Timestamp) -> bool {
        time.duration_since(self.at) > self.tolerance
    }

    /// Whether word of one time, with an end or without, is over, with all tolerance.
    fn is_over(self, this_update: Timestamp, next_update: Option<Timestamp>) -> bool {
        let is_older = |time: Timestamp, age: SignedDuration| {
            self.at.duration_since(time) > age.saturating_add(self.tolerance)
        };
        let unless_said = next_update.is_none().then_some(GREATEST_AGE);
        next_update.is_some_and(|end| is_older(end, SignedDuration::ZERO))
            || self.greatest_age.or(unless_said).is_some_and(|age| is_older(this_update, age))
    }
}

/// What one list or answer says.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) word: Revocation,
    /// Of which time that is, if it says so.
    pub(super) of: Timestamp,
}

fn require(holds: bool, why: NotChecked) -> Result<(), NotChecked> {
    if holds { Ok(()) } else { Err(why) }
}

impl<'a> Evidence<'a> {
    /// Nothing, as on a phone.
    pub fn none() -> Self {
        Self::default()
    }

    /// With lists; the one that covers a certificate is found by its issuer, key and distribution point.
    #[must_use]
    pub fn with_crls(self, crls: &'a [Crl]) -> Self {
        Self { crls, ..self }
    }

    /// With a responder's answer, and the question if its nonce is to be compared.
    #[must_use]
    pub fn with_ocsp(self, answer: &'a ocsp::Response, asked: Option<&'a ocsp::Request>) -> Self {
        Self { ocsp: Some((answer, asked)), ..self }
    }

    /// With what two clocks may differ, negative for nothing; zero if not said.
    #[must_use]
    pub fn with_tolerance(self, tolerance: SignedDuration) -> Self {
        Self { tolerance: tolerance.max(SignedDuration::ZERO), ..self }
    }

    /// What this says of a certificate and the issuer that was found for it; `others` are certificates of that issuer's
    /// name above it in the same path.
    ///
    /// Word of a revocation counts before anything else, then that a responder does not know the certificate, then that
    /// something on it cannot be used, then that it is good (the newest), then whatever came nearest to an answer. What is
    /// too old does not count beside word of the same time or newer, which replaces it.
    pub(super) fn on(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        others: &[&Certificate],
        wanted: Freshness,
    ) -> Revocation {
        let wanted = Freshness { tolerance: self.tolerance, ..wanted };
        let (deltas, complete): (Vec<&Crl>, Vec<&Crl>) =
            self.crls.iter().partition(|list| list.is_delta());
        let lists =
            complete.iter().map(|list| list.on(certificate, issuer, others, &deltas, wanted));
        let alone = deltas
            .iter()
            .filter_map(|delta| delta.on_its_own(certificate, issuer, others, &complete, &deltas));
        let answer = self.ocsp.map(|(answer, asked)| answer.on(certificate, issuer, asked, wanted));
        let said: Vec<Said> = lists.chain(alone).chain(answer).collect();
        let good = said.iter().filter_map(|said| match said.word {
            Revocation::Good { as_of, .. } => Some(as_of),
            _ => None,
        });
        let newest = good.max();
        let counts = |said: &&Said| !(said.word.is_too_old() && Some(said.of) <= newest);
        let words = said.iter().filter(counts).map(|said| said.word);
        let nothing = Revocation::NotChecked { why: NotChecked::NothingGiven };
        words.max_by_key(|word| word.weight()).unwrap_or(nothing)
    }
}

impl Revocation {
    /// Of several, the heaviest counts.
    fn weight(self) -> (u8, Timestamp) {
        match self {
            Self::Revoked { .. } => (5, Timestamp::MIN),
            // Somebody who ought to know it has never issued it.
            Self::NotChecked { why: NotChecked::AnswerUnknown } => (4, Timestamp::MIN),
            Self::NotChecked { why } if why.is_of_the_certificate() => (3, Timestamp::MIN),
            Self::Good { as_of, .. } => (2, as_of),
            Self::NotChecked { .. } => (1, Timestamp::MIN),
        }
    }

    fn is_too_old(self) -> bool {
        use NotChecked as N;
        matches!(self, Self::NotChecked { why: N::ListStale | N::ListSuperseded | N::AnswerStale })
    }
}

impl NotChecked {
    /// Whether this is of evidence on the certificate itself, or may be: then what it says is missed.
    fn is_of_the_certificate(self) -> bool {
        !matches!(
            self,
            Self::NothingGiven
                | Self::ListFromAnother
                | Self::ListOfAnotherPart
                | Self::ListOfOthers
                | Self::AnswerMissing
        )
    }
}

impl Source {
    /// As it stands in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Crl => "crl",
            Self::Ocsp => "ocsp",
        }
    }
}

#[cfg(test)]
mod tests;
