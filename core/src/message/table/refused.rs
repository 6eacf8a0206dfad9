//! What the platform understood and refused.

/// These rows, behind those before them.
macro_rules! refused {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

    ChallengeUsed "challenge_used" Refused Same Nobody
        "This confirmation was used before."
        "Start again."
        "この確認はすでに使用されています。"
        "最初からやり直してください。";
    ChallengeUnknown "challenge_unknown" Refused Same Nobody
        "The server does not know this confirmation."
        "Start again."
        "サーバーにこの確認の記録がありません。"
        "最初からやり直してください。";
    CertificateRevoked "certificate_revoked" Refused OtherWay Municipality
        "The card's certificate has been revoked."
        "Verify with the paper certificate and ask the town hall."
        "カードの電子証明書は失効しています。"
        "被保険者証で確認し、市区町村の窓口に問い合わせてください。";
    CertificateNotIssued "certificate_not_issued" Refused OtherWay Nobody
        "The card's certificate is not among those that can be used here; that of a phone may be one."
        "Verify with the My Number Card of plastic, or with the paper certificate."
        "この電子証明書は、ここで使えるものの中にありません（スマートフォンの電子証明書など）。"
        "マイナンバーカードの本体、または被保険者証で確認してください。";
    StaffTokenInvalid "staff_token_invalid" Refused Same Nobody
        "Your sign-in is not valid any more."
        "Sign in again."
        "ログインの有効期限が切れています。"
        "もう一度ログインしてください。";
    FacilityMismatch "facility_mismatch" Refused Same Nobody
        "Your sign-in is for another facility."
        "Sign in again, for this facility."
        "別の事業所でログインしています。"
        "この事業所でログインし直してください。";
    HealthInsuranceUseNotRegistered "health_insurance_use_not_registered" Refused OtherWay Nobody
        "The card is not registered for use as a health insurance card (My Number insurance card)."
        "Verify with the paper certificate; the holder can register the card."
        "このカードはマイナ保険証の利用登録がされていません。"
        "被保険者証で確認してください。利用登録はご本人が行えます。";
    PersonNotFound "person_not_found" Refused OtherWay Insurer
        "The platform knows no insured person who is this one."
        "Verify with the paper certificate, or look at it again; or ask the insurer."
        "介護保険の記録に、この方が見つかりません。"
        "被保険者証を確かめるか、保険者（市区町村の介護保険の窓口）に問い合わせてください。";
    InsurerNotConnected "insurer_not_connected" Refused OtherWay Nobody
        "The person's municipality is not connected to the platform yet."
        "Verify with the paper certificate."
        "この方の市区町村は、まだ介護情報基盤につながっていません。"
        "被保険者証で確認してください。";
    ConsentRequired "consent_required" Refused OtherWay Municipality
        "The person's consent to sharing care information is not on record."
        "Ask at the town hall about the consent; until then use the paper certificate."
        "介護の情報を共有する同意が、まだ登録されていません。"
        "同意については市区町村に確認し、それまでは被保険者証で確認してください。";
    StaffSignedOut "staff_signed_out" Refused Same Nobody
        "You have signed out since."
        "Sign in again."
        "すでにログアウトしています。"
        "もう一度ログインしてください。";
    SignInRefused "sign_in_refused" Refused Same Nobody
        "The sign-in was cancelled, or the account may not be used on this device."
        "Sign in again, with an account of the facility that this device works for."
        "ログインが取り消されたか、このアカウントはこの端末では使えません。"
        "この端末の事業所のアカウントで、ログインし直してください。";
    SignInExpired "sign_in_expired" Refused Same Nobody
        "The sign-in took too long, or was used already."
        "Begin to sign in again."
        "ログインに時間がかかりすぎたか、すでに使われています。"
        "もう一度ログインを始めてください。";
    ClientUnknown "client_unknown" Refused None DeviceManager
        "The platform does not know this device."
        "Have the device enrolled anew by whoever manages your devices."
        "この端末は介護情報基盤に登録されていません。"
        "端末の管理者に、端末の再登録を依頼してください。";
    DeviceRevoked "device_revoked" Refused None DeviceManager
        "This device was taken off your facility's list."
        "Ask whoever manages your devices; until then use another device."
        "この端末は事業所の端末一覧から外されています。"
        "端末の管理者に確認し、それまでは別の端末を使ってください。";
    ActivationCodeInvalid "activation_code_invalid" Refused Same DeviceManager
        "The activation code is not right, was used before, or has run out."
        "Have a new code made by whoever manages your devices, and enter it again within 15 minutes."
        "登録コードが正しくないか、使用済み、または期限切れです。"
        "端末の管理者に新しいコードを発行してもらい、15分以内に入力し直してください。";
    DeviceKeyKnown "device_key_known" Refused None DeviceManager
        "The key of this device is enrolled already."
        "Ask whoever manages your devices to have the device's old enrolment removed."
        "この端末の鍵はすでに登録されています。"
        "端末の管理者に、以前の登録の削除を依頼してください。";
    ClientCertificateRequired "client_certificate_required" Refused None Support
        "The platform asks for your facility's certificate, and this software showed none."
        "Tell your software's support."
        "事業所の証明書が必要ですが、ソフトが提示していません。"
        "ソフトのサポートに連絡してください。";
    EvidenceNotSupported "evidence_not_supported" Refused OtherWay Nobody
        "The platform does not take this kind of proof."
        "Verify with the card and its PIN, or with the paper certificate."
        "この確認方法は受け付けられていません。"
        "カードと暗証番号、または被保険者証で確認してください。";
    EvidenceTooWeak "evidence_too_weak" Refused OtherWay Nobody
        "This way of verification does not open what was asked for."
        "Verify with the card and its PIN."
        "この確認方法では、求められた操作はできません。"
        "カードと暗証番号で確認してください。";
    ReverifyRequired "reverify_required" Refused OtherWay Nobody
        "The last verification was too long ago for this."
        "Verify again with the card."
        "前回の確認から時間が経っているため、この操作はできません。"
        "カードでもう一度確認してください。";
    FirstPinRequired "first_pin_required" Refused OtherWay Nobody
        "This person has not been verified here with card and PIN yet."
        "Verify with the card and its PIN this time; from then on a tap is enough."
        "この方はまだ、カードと暗証番号での確認が済んでいません。"
        "今回はカードと暗証番号で確認してください。次回からはカードをかざすだけで確認できます。";
    DobMismatch "dob_mismatch" Refused OtherWay Nobody
        "The date of birth on the card is not the one on file."
        "Look whose card this is; verify with the card and its PIN, or with the paper certificate."
        "カードの生年月日が、登録されている生年月日と一致しません。"
        "どなたのカードか確かめ、カードと暗証番号、または被保険者証で確認してください。";
    RegistrationExpired "registration_expired" Refused OtherWay Nobody
        "The time for which this person was registered at your facility is over."
        "Verify with the card, or with the paper certificate."
        "この方の利用者登録の有効期間が過ぎています。"
        "カードまたは被保険者証で確認してください。";
    DisasterNotActive "disaster_not_active" Refused OtherWay Nobody
        "The rules for disasters are not in force for this place and time."
        "Verify with the card, or with the paper certificate."
        "災害時の取り扱いは、この地域では現在有効ではありません。"
        "カードまたは被保険者証で確認してください。";
    Replayed "replayed" Refused Same DeviceManager
        "This confirmation was sent by another device before."
        "Start again; if it happens again, tell whoever manages your devices."
        "この確認は、すでに別の端末から送信されています。"
        "最初からやり直してください。繰り返す場合は端末の管理者に連絡してください。";
    FacilityKindNotAllowed "facility_kind_not_allowed" Refused None Municipality
        "A facility of this kind may not do this."
        "Ask the town hall, or the care manager, to do it."
        "この種類の事業所では、この手続きはできません。"
        "市区町村の窓口、または担当のケアマネジャーに依頼してください。";
    ConsentByMunicipality "consent_by_municipality" Refused None Municipality
        "The person has applied for certification since, so the municipality takes the consent, on the form."
        "Ask at the town hall about the consent."
        "要介護認定の申請が出ているため、同意は市区町村が申請書で受け取ります。"
        "同意については市区町村の窓口に確認してください。";
    AssentMissing "assent_missing" Refused Same Nobody
        "That the person agrees was not confirmed."
        "Explain it to the person, and begin again once they agree."
        "ご本人の同意が確認されていません。"
        "ご本人に説明し、同意をいただいてからやり直してください。";
    FilingConflict "filing_conflict" Refused None Nobody
        "There is another notice of this kind for this day already, or this one was sent with other content before."
        "Look at the list of notices; to change one, file a correction of it."
        "同じ届出がすでに提出されているか、前に送った内容と異なります。"
        "届出の一覧を確認し、直すときは訂正として提出してください。";
    NotShared "not_shared" Refused None Nobody
        "This information is not shared with facilities of this kind."
        "Ask the care manager for what you need of it."
        "この情報は、この種類の事業所には共有されません。"
        "必要な内容は、担当のケアマネジャーに確認してください。";
    PhysicianConsentRequired "physician_consent_required" Refused None Insurer
        "The physician's consent to sharing the opinion is not on record."
        "Ask the insurer or the physician for what you need of it."
        "主治医意見書を共有することへの医師の同意が、登録されていません。"
        "必要な内容は、保険者（市区町村の介護保険の窓口）または主治医に確認してください。";
    TicketLimit "ticket_limit" Refused None Nobody
        "This device has as many tickets for visits without coverage as it may have."
        "Use the tickets that are there, or return some of them first."
        "この端末の持ち出し（圏外での確認に使うもの）は、すでに上限の枚数です。"
        "今あるものを使うか、先に返却してください。";
    OfflineNotAllowed "offline_not_allowed" Refused None Nobody
        "The platform does not allow visits without coverage."
        "Verify where there is coverage."
        "圏外での確認は認められていません。"
        "電波の届くところで確認してください。";
    TicketUnknown "ticket_unknown" Refused Same Nobody
        "The platform does not know the ticket with which this visit was made."
        "Verify the person again, where there is coverage."
        "この確認に使った持ち出しの記録が、サーバーにありません。"
        "電波の届くところで、もう一度確認してください。";
    TicketUsed "ticket_used" Refused Same Nobody
        "The ticket with which this visit was made was used for another before."
        "Verify the person again, where there is coverage."
        "この確認に使った持ち出しは、すでに別の確認に使われています。"
        "電波の届くところで、もう一度確認してください。";
    TicketExpired "ticket_expired" Refused Same Nobody
        "This visit was sent after the time of its ticket was over."
        "Verify the person again, where there is coverage."
        "持ち出しの期限が過ぎてから送信されました。"
        "電波の届くところで、もう一度確認してください。";
    OfflineVisitMissing "offline_visit_missing" Refused Same Nobody
        "The visit to which this belongs has not been confirmed."
        "Send the visit first; if it was refused, verify the person again."
        "もとになる確認が、まだ済んでいないか、受け付けられていません。"
        "先に確認の記録を送信し、受け付けられなかったときは、もう一度確認してください。";
    Refused "refused" Refused Same Support
        "The platform refused the request."
        "Start again; if it happens again, tell your software's support."
        "介護情報基盤が要求を受け付けませんでした。"
        "最初からやり直してください。繰り返す場合はソフトのサポートに連絡してください。";

    } };
}
pub(super) use refused;
