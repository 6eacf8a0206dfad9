//! The one table.

use super::{FailureKind, Language};

macro_rules! codes {
    ($($name:ident $code:literal $kind:ident
        $en:literal $en_next:literal
        $ja:literal $ja_next:literal;)*) => {
        /// The stable code of a failure. Codes are never reused or renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $code, "`: ", $en, " ", $en_next)] $name,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As it stands in logs and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The code of this name.
            pub fn named(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            pub(super) fn kind(self) -> FailureKind {
                match self { $(Self::$name => FailureKind::$kind,)* }
            }

            pub(super) fn message(self, language: Language) -> &'static str {
                match (self, language) { $(
                    (Self::$name, Language::English) => $en,
                    (Self::$name, Language::Japanese) => $ja,
                )* }
            }

            pub(super) fn next_action(self, language: Language) -> &'static str {
                match (self, language) { $(
                    (Self::$name, Language::English) => $en_next,
                    (Self::$name, Language::Japanese) => $ja_next,
                )* }
            }
        }
    };
}

codes! {
    // The reader and the link.
    ReaderServiceNotRunning "reader_service_not_running" Reader
        "The smart-card service of this computer is not running."
        "Plug in the card reader; if it is plugged in, start the service (on Linux: pcscd; on Windows: Smart Card). Then try again."
        "このパソコンのスマートカードサービスが動いていません。"
        "カードリーダーを接続してください。接続済みなら、サービスを起動して（Linuxはpcscd、WindowsはSmart Card）、もう一度お試しください。";
    ReaderNotAllowed "reader_not_allowed" Reader
        "This program is not allowed to use the card reader."
        "Ask whoever runs this computer to allow it (on Linux: polkit's rule for pcscd), or sign in at the computer itself."
        "このソフトはカードリーダーの使用を許可されていません。"
        "パソコンの管理者に許可を依頼するか（Linuxはpcscdのpolkit規則）、パソコンに直接ログインしてください。";
    NoReader "no_reader" Reader
        "No card reader was found."
        "Plug in a card reader and try again."
        "カードリーダーが見つかりません。"
        "カードリーダーを接続して、もう一度お試しください。";
    NoCard "no_card" Reader
        "There is no card on the reader."
        "Place the My Number Card on the reader and try again."
        "カードリーダーにカードがありません。"
        "マイナンバーカードをリーダーに置いて、もう一度お試しください。";
    CardNotSupported "card_not_supported" Reader
        "The reader holds a card that cannot be read."
        "Take it away, place the My Number Card on the reader, and try again."
        "リーダーのカードを読み取れません。"
        "カードを取り除き、マイナンバーカードを置いて、もう一度お試しください。";
    NoCardOnAnyReader "no_card_on_any_reader" Reader
        "None of the readers holds a card."
        "Place the My Number Card on one of the readers and try again."
        "どのカードリーダーにもカードがありません。"
        "いずれかのリーダーにマイナンバーカードを置いて、もう一度お試しください。";
    NoSupportedCardOnAnyReader "no_supported_card_on_any_reader" Reader
        "None of the cards on the readers is a My Number Card."
        "Place the My Number Card on one of the readers and try again."
        "リーダー上のカードはいずれもマイナンバーカードではありません。"
        "いずれかのリーダーにマイナンバーカードを置いて、もう一度お試しください。";
    SeveralCards "several_cards" Reader
        "More than one reader holds a card."
        "Leave one card, or choose the reader by its name."
        "複数のカードリーダーにカードがあります。"
        "カードを1枚だけにするか、リーダーの名前を指定してください。";
    ReaderNotFound "reader_not_found" Reader
        "There is no reader of this name."
        "List the readers and choose one of their names."
        "この名前のカードリーダーはありません。"
        "リーダーの一覧を確認し、名前を選び直してください。";
    ReaderBusy "reader_busy" Reader
        "Another program is using the card."
        "Close other programs that use the card and try again."
        "ほかのソフトがカードを使用しています。"
        "カードを使うほかのソフトを閉じて、もう一度お試しください。";
    NoCardInTime "no_card_in_time" Reader
        "No card was held to the reader in time."
        "Start again and hold the card to the reader."
        "時間内にカードがかざされませんでした。"
        "もう一度始めて、カードをかざしてください。";
    ReaderFailed "reader_failed" Reader
        "The card reader failed."
        "Unplug the reader, plug it in again, and try again."
        "カードリーダーでエラーが起きました。"
        "リーダーを接続し直して、もう一度お試しください。";
    CardRemoved "card_removed" Reader
        "The card was removed before it was done. That cost no PIN try."
        "Hold the card still until the end and try again."
        "読み取りの途中でカードが離れました。これによって暗証番号の残り回数は減っていません。"
        "終わるまでカードを動かさずに、もう一度お試しください。";
    CardRemovedDuringPin "card_removed_during_pin" Reader
        "The card was removed while it was checking the PIN, so it is not known whether a try was used."
        "Hold the card to the reader again: the tries left are read first."
        "暗証番号の確認中にカードが離れたため、回数が減ったかどうか分かりません。"
        "もう一度カードをかざしてください。まず残り回数を確認します。";

    // The card.
    NotMyNumberCard "not_my_number_card" Card
        "This is not a My Number Card."
        "Ask for the My Number Card, or verify with the paper certificate."
        "このカードはマイナンバーカードではありません。"
        "マイナンバーカードを出していただくか、被保険者証で確認してください。";
    CardAnswerInvalid "card_answer_invalid" Card
        "The card gave an answer that was not expected."
        "Try again; if it happens again, verify with the paper certificate."
        "カードから想定外の応答がありました。"
        "もう一度お試しください。繰り返す場合は被保険者証で確認してください。";
    CardApplicationMissing "card_application_missing" Card
        "This card or phone does not hold this kind of information."
        "Use the plastic My Number Card, or verify with the paper certificate."
        "このカード（またはスマートフォン）には、この情報が入っていません。"
        "マイナンバーカードの本体を使うか、被保険者証で確認してください。";
    CardDataMissing "card_data_missing" Card
        "The card does not hold this information."
        "Verify with the paper certificate."
        "このカードには、この情報が入っていません。"
        "被保険者証で確認してください。";
    CardDataProtected "card_data_protected" Card
        "The card does not give this information without a PIN."
        "Ask for it with the PIN, or verify with the paper certificate."
        "この情報は暗証番号がないと読み取れません。"
        "暗証番号を使って読み取るか、被保険者証で確認してください。";
    CardRecordInvalid "card_record_invalid" Card
        "A record on the card is not of the form that it should have."
        "Try again; if it happens again, verify with the paper certificate."
        "カードに記録された情報の形式が正しくありません。"
        "もう一度お試しください。繰り返す場合は被保険者証で確認してください。";
    CardNotGenuine "card_not_genuine" Trust
        "What the card says of itself is not signed as it should be. It may be forged."
        "Do not accept this card; verify with the paper certificate."
        "カードの情報の署名を確認できません。偽造のおそれがあります。"
        "このカードは使わず、被保険者証で確認してください。";
    CertificateMissing "certificate_missing" Card
        "The card does not hold this electronic certificate."
        "Verify with the paper certificate; the town hall issues the electronic certificate."
        "このカードには電子証明書が入っていません。"
        "被保険者証で確認してください。電子証明書は市区町村の窓口で発行できます。";

    // The PIN.
    PinMalformed "pin_malformed" Pin
        "The PIN has the wrong length or characters. It was not shown to the card; no try was used."
        "Enter the PIN again: 4 digits, or for the signature 6 to 16 capital letters and digits."
        "暗証番号の桁数か文字が正しくありません。カードには送っていないので、回数は減っていません。"
        "もう一度入力してください（数字4桁。署名用は英大文字と数字の6〜16文字）。";
    PinWrong "pin_wrong" Pin
        "The PIN was wrong; {tries} are left before it locks."
        "Ask the holder to think again before another try, or verify with the paper certificate."
        "暗証番号が違います。残り{tries}間違えるとロックされます。"
        "ご本人によく思い出していただくか、被保険者証で確認してください。";
    PinLastTry "pin_last_try" Pin
        "Only one try is left. A wrong PIN now would lock it, so the PIN was not asked for."
        "Verify with the paper certificate, or go on only if the holder is sure and agrees."
        "残り1回です。次に間違えるとロックされるため、暗証番号の入力を止めました。"
        "被保険者証で確認するか、ご本人が確実に覚えていて同意される場合だけ続けてください。";
    PinBlocked "pin_blocked" Pin
        "The PIN of this card is locked."
        "Verify with the paper certificate; the holder can have the PIN reset at the town hall."
        "このカードの暗証番号はロックされています。"
        "被保険者証で確認してください。ロックは市区町村の窓口で解除できます。";

    PinUnusable "pin_unusable" Pin
        "This card has no PIN that could be used. No try was spent."
        "Go on without a PIN: confirm the face and read the card's photo, or verify with the paper certificate."
        "このカードでは暗証番号を使えません（顔認証マイナンバーカードなど）。回数は減っていません。"
        "暗証番号のいらない方法（お顔とカードの写真の確認）か、被保険者証で確認してください。";
    PinNotChanged "pin_not_changed" Pin
        "The card did not take the new PIN. The old one still holds."
        "Choose another PIN and try again."
        "新しい暗証番号を設定できませんでした。元の暗証番号のままです。"
        "別の暗証番号でもう一度お試しください。";
    PinChangeUnknown "pin_change_unknown" Pin
        "The card was removed while it changed the PIN, so it is not known whether the old or the new one holds."
        "Use the new PIN the next time; if it is wrong, the old one still holds."
        "変更中にカードが離れたため、新旧どちらの暗証番号が有効か分かりません。"
        "次回は新しい暗証番号を入力してください。違う場合は元の暗証番号が有効です。";
    // People.
    Cancelled "cancelled" Person
        "It was stopped by the person."
        "Start again when ready."
        "操作が中止されました。"
        "準備ができたら、もう一度始めてください。";
    FaceNotConfirmed "face_not_confirmed" Person
        "The face was not confirmed, so the card was not read."
        "Confirm the face against the photo on the card, or verify with the paper certificate."
        "お顔の確認ができていないため、カードは読み取っていません。"
        "カードの写真とお顔を見比べて確認するか、被保険者証で確認してください。";

    // The network and the server.
    ServerUnreachable "server_unreachable" Server
        "The server cannot be reached."
        "Check the network and try again."
        "サーバーに接続できません。"
        "通信状況を確認して、もう一度お試しください。";
    ServerNoAnswer "server_no_answer" Server
        "The server did not answer. It may have received the request."
        "Check the network and start again."
        "サーバーから応答がありません。要求は届いている可能性があります。"
        "通信状況を確認して、最初からやり直してください。";
    ServerFailed "server_failed" Server
        "The server had a fault of its own."
        "Wait a little and start again."
        "サーバー側で障害が起きました。"
        "しばらく待ってから、最初からやり直してください。";
    ServerAnswerInvalid "server_answer_invalid" Server
        "The server gave an answer that cannot be used."
        "Start again; if it happens again, tell your software's support."
        "サーバーの応答を利用できません。"
        "最初からやり直してください。繰り返す場合はソフトのサポートに連絡してください。";
    ServerNotTrusted "server_not_trusted" Trust
        "The secure connection to the server could not be trusted."
        "Do not go on over this network; tell your software's support."
        "サーバーとの安全な接続を確認できません。"
        "この通信環境では続けず、ソフトのサポートに連絡してください。";
    ServerNotSecure "server_not_secure" Trust
        "The server's address is not secure (plain HTTP is for this machine only)."
        "Set an address that begins with https."
        "サーバーのアドレスが安全ではありません（httpはこの端末の中だけで使えます）。"
        "httpsで始まるアドレスを設定してください。";

    // The challenge.
    ChallengeUntrusted "challenge_untrusted" Trust
        "The server's challenge is not signed by the server we know. The card was not touched."
        "Do not go on; tell your software's support."
        "サーバーからの要求の署名を確認できません。カードは読み取っていません。"
        "続けずに、ソフトのサポートに連絡してください。";
    ChallengeInvalid "challenge_invalid" Trust
        "The server's challenge is not for this visit. The card was not touched."
        "Start again; if it happens again, tell your software's support."
        "サーバーからの要求がこの訪問のものではありません。カードは読み取っていません。"
        "最初からやり直してください。繰り返す場合はソフトのサポートに連絡してください。";
    ChallengeExpired "challenge_expired" Server
        "The time for this confirmation has run out."
        "Start again."
        "確認の有効時間が過ぎました。"
        "最初からやり直してください。";
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
    ClockOff "clock_off" Software
        "The clock of this device differs from the server's by more than five minutes."
        "Set the device's date and time to automatic and start again."
        "この端末の時計がサーバーと5分以上ずれています。"
        "端末の日付と時刻を自動設定にして、最初からやり直してください。";

    // The certificate.
    CertificateMalformed "certificate_malformed" Trust
        "The card's certificate cannot be read."
        "Verify with the paper certificate."
        "カードの電子証明書を解釈できません。"
        "被保険者証で確認してください。";
    CertificateUntrusted "certificate_untrusted" Trust
        "The card's certificate was not issued by a trusted authority."
        "Do not accept this card; verify with the paper certificate."
        "カードの電子証明書の発行者を信頼できません。"
        "このカードは使わず、被保険者証で確認してください。";
    CertificateWrongPurpose "certificate_wrong_purpose" Trust
        "The card's certificate is for another purpose."
        "Verify with the paper certificate."
        "カードの電子証明書の用途が違います。"
        "被保険者証で確認してください。";
    CertificateExpired "certificate_expired" Card
        "The card's certificate has expired."
        "Verify with the paper certificate; the certificate is renewed at the town hall."
        "カードの電子証明書の有効期限が切れています。"
        "被保険者証で確認してください。電子証明書は市区町村の窓口で更新できます。";
    CertificateNotYetValid "certificate_not_yet_valid" Card
        "The card's certificate is not valid yet."
        "Check the date of this device, or verify with the paper certificate."
        "カードの電子証明書はまだ有効期間前です。"
        "端末の日付を確認するか、被保険者証で確認してください。";
    CertificateRevoked "certificate_revoked" Refused
        "The card's certificate has been revoked."
        "Verify with the paper certificate and ask the town hall."
        "カードの電子証明書は失効しています。"
        "被保険者証で確認し、市区町村の窓口に問い合わせてください。";
    CertificateRenewed "certificate_renewed" Card
        "The card's certificate was replaced by a newer one."
        "Ask for the new card, or verify with the paper certificate."
        "カードの電子証明書は新しいものに更新されています。"
        "新しいカードを提示してもらうか、被保険者証で確認してください。";

    CertificateStatusUnknown "certificate_status_unknown" Server
        "It cannot be found out now whether the card's certificate was revoked."
        "Try again later; until then verify with the paper certificate."
        "カードの電子証明書が失効していないかどうか、いまは確認できません。"
        "時間をおいてもう一度お試しいただくか、被保険者証で確認してください。";

    // What the platform refuses.
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

    // Software.
    SetupInvalid "setup_invalid" Software
        "The software is not set up correctly."
        "Tell your software's support."
        "ソフトの設定が正しくありません。"
        "ソフトのサポートに連絡してください。";
    DeviceClockInvalid "device_clock_invalid" Device
        "The clock of this device that nobody sets went backwards."
        "Tell your software's support."
        "この端末の内部時計が逆に進みました。"
        "ソフトのサポートに連絡してください。";
    StoreFull "store_full" Device
        "This device has no room left, so nothing could be kept. What was kept before is still there."
        "Make room on the device and try again."
        "端末の空き容量がなく、保存できませんでした。保存済みの内容は残っています。"
        "端末の空き容量を増やして、もう一度お試しください。";
    StoreDenied "store_denied" Device
        "This device does not allow the software to keep anything."
        "Unlock the device and try again; if it happens again, tell your software's support."
        "端末がこのソフトに保存を許可していません。"
        "端末のロックを解除して、もう一度お試しください。繰り返す場合はソフトのサポートに連絡してください。";
    StoreMissing "store_missing" Device
        "The place where the software keeps what must not be lost is not there."
        "Tell your software's support."
        "ソフトが情報を保存する場所がありません。"
        "ソフトのサポートに連絡してください。";
    StoreFailed "store_failed" Device
        "This device could not keep or bring back what must not be lost."
        "Try again; if it happens again, tell your software's support."
        "端末で情報の保存または読み出しができませんでした。"
        "もう一度お試しください。繰り返す場合はソフトのサポートに連絡してください。";
    DeviceKeyGone "device_key_gone" Device
        "This device no longer has the key with which it was enrolled."
        "Have the device enrolled again by whoever manages your devices."
        "この端末の登録に使われた鍵がなくなっています。"
        "端末の管理者に、端末の再登録を依頼してください。";
    DeviceKeyLocked "device_key_locked" Device
        "The device is locked, so its key cannot be used."
        "Unlock the device and try again."
        "端末がロックされているため、端末の鍵を使えません。"
        "端末のロックを解除して、もう一度お試しください。";
    DeviceKeyRefused "device_key_refused" Device
        "The use of the device's key was not allowed."
        "Try again and allow it with your face, your finger or the device's code."
        "端末の鍵の使用が許可されませんでした。"
        "もう一度試し、顔・指紋・端末のパスコードで許可してください。";
    DeviceKeyFailed "device_key_failed" Device
        "The device's key could not be used."
        "Restart the device and try again; if it happens again, tell your software's support."
        "端末の鍵を使えませんでした。"
        "端末を再起動して、もう一度お試しください。繰り返す場合はソフトのサポートに連絡してください。";
    FlowNotStarted "flow_not_started" Software
        "The software answered a conversation that it had not started."
        "Tell your software's support."
        "ソフトが、開始していない処理に応答しました。"
        "ソフトのサポートに連絡してください。";
    FlowAlreadyStarted "flow_already_started" Software
        "The software started the same conversation twice."
        "Tell your software's support."
        "ソフトが、同じ処理を二度開始しました。"
        "ソフトのサポートに連絡してください。";
    FlowFinished "flow_finished" Software
        "This conversation is over."
        "Start a new one."
        "この処理はすでに終わっています。"
        "最初からやり直してください。";
    FlowWrongReply "flow_wrong_reply" Software
        "The software gave another kind of answer than it was asked for."
        "Tell your software's support."
        "ソフトが、求められたものと異なる種類の応答をしました。"
        "ソフトのサポートに連絡してください。";
    FlowInUse "flow_in_use" Software
        "The software used one conversation in two places at once."
        "Tell your software's support."
        "ソフトが、一つの処理を同時に二か所で使いました。"
        "ソフトのサポートに連絡してください。";
    AppFailed "app_failed" Software
        "The software failed while it showed a question. The card was let go as usual."
        "Start again; if it happens again, tell your software's support."
        "質問の表示中にソフトでエラーが起きました。カードの処理は通常どおり終了しています。"
        "最初からやり直してください。繰り返す場合はソフトのサポートに連絡してください。";
    InternalError "internal_error" Software
        "There was a fault inside the reading software. This conversation cannot go on."
        "Start again; if it happens again, tell your software's support."
        "読み取りソフトの内部でエラーが起きました。この処理は続けられません。"
        "最初からやり直してください。繰り返す場合はソフトのサポートに連絡してください。";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
