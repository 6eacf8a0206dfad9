//! What must be trusted and is not: challenges and certificates.

/// These rows, behind those before them.
macro_rules! trust {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

    CardNotGenuine "card_not_genuine" Trust OtherWay Facility
        "What the card says of itself is not signed as it should be. It may be forged."
        "Do not accept this card; verify with the paper certificate, and tell your facility."
        "カードの情報が本物かどうかを確かめられません。偽造のおそれがあります。"
        "このカードは使わず、被保険者証で確認してください。あわせて、事業所に連絡してください。";
    ServerNotTrusted "server_not_trusted" Trust None Support
        "The secure connection to the server could not be trusted."
        "Do not go on over this network; tell your software's support."
        "サーバーとの安全な接続を確認できません。"
        "この通信環境では続けず、ソフトのサポートに連絡してください。";
    ServerNotSecure "server_not_secure" Trust None Support
        "The server's address is not secure (plain HTTP is for this machine only)."
        "Have your software's support set an address that begins with https."
        "サーバーのアドレスが安全ではありません（httpはこの端末の中だけで使えます）。"
        "ソフトのサポートに連絡し、httpsで始まるアドレスを設定してもらってください。";
    ChallengeUntrusted "challenge_untrusted" Trust None Support
        "What the server sent is not signed by the server that we know. The card was not touched."
        "Do not go on; tell your software's support."
        "通信相手が本物のサーバーかどうかを確かめられません。カードは読み取っていません。"
        "続けずに、ソフトのサポートに連絡してください。";
    ChallengeInvalid "challenge_invalid" Trust Same Support
        "What the server sent is not for this visit. The card was not touched."
        "Start again; if it happens again, tell your software's support."
        "サーバーから届いた内容が、この訪問のものではありません。カードは読み取っていません。"
        "最初からやり直してください。繰り返す場合はソフトのサポートに連絡してください。";
    SignInUntrusted "sign_in_untrusted" Trust Same Support
        "What came back from the sign-in is not the answer to it. Nobody is signed in."
        "Begin to sign in again; if it happens again, do not go on, and tell your software's support."
        "ログインの結果が、求めたものと一致しません。ログインはされていません。"
        "もう一度ログインを始めてください。繰り返す場合は続けずに、ソフトのサポートに連絡してください。";
    EnrolmentUntrusted "enrolment_untrusted" Trust None DeviceManager
        "What the platform says of this device's enrolment does not fit this device. Nothing was changed here."
        "Do not go on; tell whoever manages your devices."
        "端末の登録について介護情報基盤が答えた内容が、この端末と一致しません。端末の設定は変更していません。"
        "続けずに、端末の管理者に連絡してください。";
    ChallengeKeysReplaced "challenge_keys_replaced" Trust None DeviceManager
        "The platform no longer has any of the keys by which this device knows it."
        "Have the device enrolled anew by whoever manages your devices."
        "この端末が介護情報基盤を確かめるための鍵が、すべて使われなくなっています。"
        "端末の管理者に、端末の再登録を依頼してください。";
    CertificateMalformed "certificate_malformed" Trust OtherWay Nobody
        "The card's certificate cannot be read."
        "Verify with the paper certificate."
        "カードの電子証明書を読み取れません。"
        "被保険者証で確認してください。";
    CertificateUntrusted "certificate_untrusted" Trust OtherWay Facility
        "The card's certificate was not issued by a trusted authority."
        "Do not accept this card; verify with the paper certificate, and tell your facility."
        "カードの電子証明書が、正式な機関の発行したものではありません。"
        "このカードは使わず、被保険者証で確認してください。あわせて、事業所に連絡してください。";
    CertificateWrongPurpose "certificate_wrong_purpose" Trust OtherWay Nobody
        "The card's certificate is for another purpose."
        "Verify with the paper certificate."
        "カードの電子証明書の用途が違います。"
        "被保険者証で確認してください。";

    } };
}
pub(super) use trust;
