//! The card: not the right one, or not usable.

/// These rows, behind those before them.
macro_rules! card {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

    AnotherCard "another_card" Card Same Nobody
        "This is another card than the one this was begun with. Its PIN was not used."
        "Put one of the cards away and begin again with the face."
        "はじめにかざしたカードとは別のカードです。このカードの暗証番号は使っていません。"
        "どちらか1枚だけを手元に置き、お顔の確認からやり直してください。";
    NotMyNumberCard "not_my_number_card" Card OtherWay Nobody
        "This is not a My Number Card."
        "Ask for the My Number Card, or verify with the paper certificate."
        "このカードはマイナンバーカードではありません。"
        "マイナンバーカードを出していただくか、被保険者証で確認してください。";
    PhoneNotTaken "phone_not_taken" Card OtherWay Nobody
        "This is a phone with an electronic certificate, which is not taken here. No PIN was asked for."
        "Ask for the My Number Card of plastic, or verify with the paper certificate."
        "これはスマートフォンの電子証明書で、この確認には使えません。暗証番号は使っていません。"
        "マイナンバーカードの本体を出していただくか、被保険者証で確認してください。";
    OldResidentCard "old_resident_card" Card OtherWay Nobody
        "This is an old resident register card (juki card), which holds no certificate that counts any more."
        "Ask for the My Number Card, or verify with the paper certificate."
        "これは住民基本台帳カード（住基カード）で、いまは確認に使えません。"
        "マイナンバーカードを出していただくか、被保険者証で確認してください。";
    CardAnswerInvalid "card_answer_invalid" Card Same Nobody
        "The card gave an answer that was not expected."
        "Try again; if it happens again, verify with the paper certificate."
        "カードから想定外の応答がありました。"
        "もう一度お試しください。繰り返す場合は被保険者証で確認してください。";
    CardApplicationMissing "card_application_missing" Card OtherWay Nobody
        "This card or phone does not hold this kind of information."
        "Use the plastic My Number Card, or verify with the paper certificate."
        "このカード（またはスマートフォン）には、この情報が入っていません。"
        "マイナンバーカードの本体を使うか、被保険者証で確認してください。";
    CardDataMissing "card_data_missing" Card OtherWay Nobody
        "The card does not hold this information."
        "Verify with the paper certificate."
        "このカードには、この情報が入っていません。"
        "被保険者証で確認してください。";
    CardDataProtected "card_data_protected" Card OtherWay Nobody
        "The card does not give this information without a PIN."
        "Verify with the card of plastic and its PIN, or with the paper certificate."
        "この情報は、暗証番号がないと読み取れません。"
        "カードの本体と暗証番号、または被保険者証で確認してください。";
    CardRecordInvalid "card_record_invalid" Card Same Nobody
        "A record on the card is not of the form that it should have."
        "Try again; if it happens again, verify with the paper certificate."
        "カードに記録された情報の形式が正しくありません。"
        "もう一度お試しください。繰り返す場合は被保険者証で確認してください。";
    CertificateMissing "certificate_missing" Card OtherWay Municipality
        "The card does not hold this electronic certificate: none was issued, or it has lapsed."
        "Verify with the paper certificate; the town hall issues the electronic certificate."
        "このカードには電子証明書が入っていません（発行されていないか、失効しています）。"
        "被保険者証で確認してください。電子証明書は市区町村の窓口で発行できます。";
    CertificateExpired "certificate_expired" Card OtherWay Municipality
        "The card's certificate has expired."
        "Verify with the paper certificate; the certificate is renewed at the town hall."
        "カードの電子証明書の有効期限が切れています。"
        "被保険者証で確認してください。電子証明書は市区町村の窓口で更新できます。";
    CertificateNotYetValid "certificate_not_yet_valid" Card OtherWay Nobody
        "The card's certificate is not valid yet."
        "Check the date of this device, or verify with the paper certificate."
        "カードの電子証明書はまだ有効期間前です。"
        "端末の日付を確認するか、被保険者証で確認してください。";
    CertificateRenewed "certificate_renewed" Card OtherWay Nobody
        "The card's certificate was replaced by a newer one."
        "Ask for the new card, or verify with the paper certificate."
        "カードの電子証明書は新しいものに更新されています。"
        "新しいカードを提示してもらうか、被保険者証で確認してください。";

    } };
}
pub(super) use card;
