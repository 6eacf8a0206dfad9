//! Why a certificate is not accepted.

use super::coded::coded;
use crate::message::{Code, Failure};

coded! {
    /// Why a certificate is not accepted: one stable code for every rule that can fail.
    Reason {
        AlgorithmRefused "algorithm_refused"
            "Signed with an algorithm that is not accepted."
            "使用できない署名アルゴリズムです。";
        KeyRefused "key_refused"
            "A key is too weak or of a kind that is not accepted."
            "鍵が弱いか、使用できない種類です。";

        PathTooLong "path_too_long"
            "More than two intermediate certificates were given."
            "中間証明書が2枚を超えています。";
        AnchorUnknown "anchor_unknown"
            "No trust anchor has the name of the issuer."
            "発行者の名前を持つトラストアンカーがありません。";
        AnchorOfAnotherKey "anchor_of_another_key"
            "A trust anchor has the name of the issuer, but another key: another generation, or an impostor."
            "発行者と同じ名前のトラストアンカーはありますが、鍵が異なります（別の世代または偽物）。";
        IssuerMismatch "issuer_mismatch"
            "A certificate was not issued by the one that follows it."
            "証明書の順序または発行者が一致しません。";
        KeyIdMissing "key_id_missing"
            "A certificate does not say which key signed it, or an authority not which key it has."
            "鍵識別子がありません。";
        KeyIdMismatch "key_id_mismatch"
            "A certificate says that another key of its issuer signed it."
            "鍵識別子が発行者の鍵と一致しません。";
        SignatureInvalid "signature_invalid"
            "A signature is not its issuer's."
            "署名が正しくありません。";

        CriticalExtension "critical_extension"
            "A critical extension is not understood."
            "解釈できない重要な拡張があります。";
        Criticality "criticality"
            "An extension is critical that must not be, or is not and must be."
            "拡張の重要度の指定が正しくありません。";

        NotAnAuthority "not_an_authority"
            "A certificate in the path is not an authority's."
            "経路中の証明書が認証局のものではありません。";
        AuthorityUsage "authority_usage"
            "An authority in the path may not sign certificates, or not for this purpose."
            "経路中の認証局はこの証明書を発行できません。";
        PathLength "path_length"
            "An authority allows fewer authorities below it."
            "経路の長さの制限を超えています。";
        NameNotPermitted "name_not_permitted"
            "An authority may not issue under this name."
            "認証局の名前制約に違反しています。";
        NameConstraintUnsupported "name_constraint_unsupported"
            "An authority is bound to names of a form that is not processed."
            "処理できない形式の名前制約があります。";

        WrongUsage "wrong_usage"
            "Its key is for another use."
            "鍵の用途が異なります。";
        WrongExtendedUsage "wrong_extended_usage"
            "It is for another extended use."
            "拡張鍵用途が異なります。";
        LeafIsAuthority "leaf_is_authority"
            "It is an authority's certificate, not a person's."
            "個人のものではなく認証局の証明書です。";

        WrongPolicy "wrong_policy"
            "It was not issued under the policy that is required."
            "必要な証明書ポリシーで発行されていません。";
        MappingOfAnyPolicy "mapping_of_any_policy"
            "An authority maps any policy, which is not allowed."
            "許されないポリシーマッピングがあります。";

        NotYetValid "not_yet_valid"
            "Not valid yet."
            "まだ有効期間前です。";
        Expired "expired"
            "Expired."
            "有効期限が切れています。";
        AuthorityNotYetValid "authority_not_yet_valid"
            "An authority in the path is not valid yet."
            "経路中の認証局がまだ有効期間前です。";
        AuthorityExpired "authority_expired"
            "An authority in the path has expired."
            "経路中の認証局の有効期限が切れています。";

        Revoked "revoked"
            "Revoked."
            "失効しています。";
        AuthorityRevoked "authority_revoked"
            "An authority in the path was revoked."
            "経路中の認証局が失効しています。";
        RevocationUnknown "revocation_unknown"
            "It is not known whether it was revoked."
            "失効しているかどうか確認できません。";
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        let code = match reason {
            Reason::WrongUsage
            | Reason::WrongExtendedUsage
            | Reason::LeafIsAuthority
            | Reason::WrongPolicy => Code::CertificateWrongPurpose,
            Reason::NotYetValid => Code::CertificateNotYetValid,
            Reason::Expired => Code::CertificateExpired,
            Reason::Revoked => Code::CertificateRevoked,
            Reason::RevocationUnknown => Code::CertificateStatusUnknown,
            _ => Code::CertificateUntrusted,
        };
        Self::new(code).with_detail(reason.code())
    }
}
