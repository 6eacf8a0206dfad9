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

/// What is known of a certificate's revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// It was not revoked then.
    Good {
        /// When that was so: thisUpdate.
        as_of: Timestamp,
        /// Who said so.
        source: Source,
    },
    /// It was revoked.
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
        ListPartial "crl_partial" "The list is indirect, a delta, or of some reasons only."
            "失効リストが間接・差分・一部の理由に限ったものです。";
        ListCritical "crl_critical_extension" "The list has a critical extension that is not understood."
            "失効リストに解釈できない重要な拡張があります。";
        ListStale "crl_stale" "The list is too old." "失効リストが古すぎます。";
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

/// When something has to be fresh.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    /// Now, as the verdict has it.
    pub(super) at: Timestamp,
    /// How far two clocks may differ.
    pub(super) tolerance: SignedDuration,
}

impl When {
    /// Whether now is before this time, with all tolerance.
    fn is_before(self, time: Timestamp) -> bool {
        time.duration_since(self.at) > self.tolerance
    }

    /// Whether now is after this time, with all tolerance.
    fn is_after(self, time: Timestamp) -> bool {
        self.at.duration_since(time) > self.tolerance
    }
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

    /// What this says of a certificate and the issuer that was found for it. Word of a revocation counts before anything
    /// else, then that a responder does not know the certificate, then that it is good (the newest), then whatever came
    /// nearest to an answer.
    pub(super) fn on(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: Timestamp,
    ) -> Revocation {
        let when = When { at, tolerance: self.tolerance };
        let answer = self.ocsp.map(|(answer, asked)| answer.on(certificate, issuer, asked, when));
        let lists = self.crls.iter().map(|list| list.on(certificate, issuer, when));
        let nothing = Revocation::NotChecked { why: NotChecked::NothingGiven };
        lists.chain(answer).max_by_key(|found| found.weight()).unwrap_or(nothing)
    }
}

impl Revocation {
    /// Of several, the heaviest counts.
    fn weight(self) -> (u8, Timestamp) {
        match self {
            Self::Revoked { .. } => (5, Timestamp::MIN),
            // Somebody who ought to know it has never issued it.
            Self::NotChecked { why: NotChecked::AnswerUnknown } => (4, Timestamp::MIN),
            Self::Good { as_of, .. } => (3, as_of),
            Self::NotChecked { why } => (why.rank(), Timestamp::MIN),
        }
    }
}

impl NotChecked {
    /// How near this came to an answer.
    fn rank(self) -> u8 {
        match self {
            Self::NothingGiven
            | Self::ListFromAnother
            | Self::ListOfAnotherPart
            | Self::ListOfOthers
            | Self::AnswerMissing => 1,
            _ => 2,
        }
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
