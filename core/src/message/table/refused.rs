//! What the platform understood and refused.

/// These rows, behind those before them.
macro_rules! refused {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

    ChallengeUsed "challenge_used" Refused
        "This confirmation was used before."
        "Start again."
        "この確認はすでに使用されています。"
        "最初からやり直してください。";
    ChallengeUnknown "challenge_unknown" Refused
        "The server does not know this confirmation."
        "Start again."
        "サーバーにこの確認の記録がありません。"
        "最初からやり直してください。";
    CertificateRevoked "certificate_revoked" Refused
        "The card's certificate has been revoked."
        "Verify with the paper certificate and ask the town hall."
        "カードの電子証明書は失効しています。"
        "被保険者証で確認し、市区町村の窓口に問い合わせてください。";
    StaffTokenInvalid "staff_token_invalid" Refused
        "Your sign-in is not valid any more."
        "Sign in again."
        "ログインの有効期限が切れています。"
        "もう一度ログインしてください。";
    FacilityMismatch "facility_mismatch" Refused
        "Your sign-in is for another facility."
        "Sign in for this facility."
        "別の事業所でログインしています。"
        "この事業所でログインし直してください。";
    HealthInsuranceUseNotRegistered "health_insurance_use_not_registered" Refused
        "The card is not registered for use as a health insurance card (My Number insurance card)."
        "Verify with the paper certificate; the holder can register the card."
        "このカードはマイナ保険証の利用登録がされていません。"
        "被保険者証で確認してください。利用登録はご本人が行えます。";
    PersonNotFound "person_not_found" Refused
        "The platform knows no insured person for this card."
        "Verify with the paper certificate, or ask the insurer."
        "このカードの方の介護保険の情報が見つかりません。"
        "被保険者証で確認するか、保険者に問い合わせてください。";
    InsurerNotConnected "insurer_not_connected" Refused
        "The person's municipality is not connected to the platform yet."
        "Verify with the paper certificate."
        "この方の市区町村はまだ介護情報基盤に接続していません。"
        "被保険者証で確認してください。";
    ConsentRequired "consent_required" Refused
        "The person's consent to sharing care information is not on record."
        "Ask the municipality about the consent; until then use the paper certificate."
        "介護情報の共有についての同意が登録されていません。"
        "同意については市区町村に確認し、それまでは被保険者証で確認してください。";
    Refused "refused" Refused
        "The platform refused the request."
        "Start again; if it happens again, tell your software's support."
        "介護情報基盤が要求を受け付けませんでした。"
        "最初からやり直してください。繰り返す場合はソフトのサポートに連絡してください。";

    } };
}
pub(super) use refused;
