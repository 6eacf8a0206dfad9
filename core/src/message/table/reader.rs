//! The reader, and the link to the card.

/// These rows, behind those before them.
macro_rules! reader {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

    ReaderServiceNotRunning "reader_service_not_running" Reader Same Nobody
        "The smart-card service of this computer is not running."
        "Plug in the card reader; if it is plugged in, start the service (on Linux: pcscd; on Windows: Smart Card). Then try again."
        "このパソコンのスマートカードサービスが動いていません。"
        "カードリーダーを接続してください。接続済みなら、パソコンを再起動して、もう一度お試しください（管理者の方へ：Linuxはpcscd、WindowsはSmart Cardを起動します）。";
    ReaderNotAllowed "reader_not_allowed" Reader None DeviceManager
        "This program is not allowed to use the card reader."
        "Ask whoever manages your devices to allow it (on Linux: polkit's rule for pcscd), or sign in at the computer itself."
        "このソフトはカードリーダーの使用を許可されていません。"
        "端末の管理者に許可を依頼するか（Linuxはpcscdのpolkit規則）、パソコンに直接ログインしてください。";
    NoReader "no_reader" Reader Same Nobody
        "No card reader was found."
        "Plug in a card reader and try again."
        "カードリーダーが見つかりません。"
        "カードリーダーを接続して、もう一度お試しください。";
    NoCard "no_card" Reader Same Nobody
        "There is no card on the reader."
        "Place the My Number Card on the reader and try again."
        "カードリーダーにカードがありません。"
        "マイナンバーカードをリーダーに置いて、もう一度お試しください。";
    CardNotSupported "card_not_supported" Reader Same Nobody
        "The reader holds a card that cannot be read."
        "Take it away, place the My Number Card on the reader, and try again."
        "リーダーのカードを読み取れません。"
        "カードを取り除き、マイナンバーカードを置いて、もう一度お試しください。";
    NoCardOnAnyReader "no_card_on_any_reader" Reader Same Nobody
        "None of the readers holds a card."
        "Place the My Number Card on one of the readers and try again."
        "どのカードリーダーにもカードがありません。"
        "いずれかのリーダーにマイナンバーカードを置いて、もう一度お試しください。";
    NoSupportedCardOnAnyReader "no_supported_card_on_any_reader" Reader Same Nobody
        "None of the cards on the readers is a My Number Card."
        "Place the My Number Card on one of the readers and try again."
        "リーダー上のカードはいずれもマイナンバーカードではありません。"
        "いずれかのリーダーにマイナンバーカードを置いて、もう一度お試しください。";
    SeveralCards "several_cards" Reader Same Nobody
        "More than one reader holds a card."
        "Leave one card, or choose the reader by its name, and try again."
        "複数のカードリーダーにカードがあります。"
        "カードを1枚だけにするか、リーダーの名前を指定して、もう一度お試しください。";
    ReaderNotFound "reader_not_found" Reader Same Nobody
        "There is no reader of this name."
        "List the readers, choose one of their names, and try again."
        "この名前のカードリーダーはありません。"
        "リーダーの一覧から名前を選び、もう一度お試しください。";
    ReaderBusy "reader_busy" Reader Same Nobody
        "Another program is using the card."
        "Close other programs that use the card and try again."
        "ほかのソフトがカードを使用しています。"
        "カードを使うほかのソフトを閉じて、もう一度お試しください。";
    NoCardInTime "no_card_in_time" Reader Same Nobody
        "No card was held to the reader in time."
        "Start again and hold the card to the reader."
        "時間内にカードがかざされませんでした。"
        "もう一度始めて、カードをかざしてください。";
    ReaderFailed "reader_failed" Reader Same Nobody
        "The card reader failed."
        "Unplug the reader, plug it in again, and try again."
        "カードリーダーでエラーが起きました。"
        "リーダーを接続し直して、もう一度お試しください。";
    CardRemoved "card_removed" Reader Same Nobody
        "The card was removed before it was done. That cost no PIN try."
        "Hold the card still until the end and try again."
        "読み取りの途中でカードが離れました。これによって暗証番号の残り回数は減っていません。"
        "終わるまでカードを動かさずに、もう一度お試しください。";
    CardRemovedDuringPin "card_removed_during_pin" Reader Same Nobody
        "The card was removed while it was checking the PIN, so it is not known whether a try was used."
        "Hold the card to the reader again: the tries left are read first."
        "暗証番号の確認中にカードが離れたため、回数が減ったかどうか分かりません。"
        "もう一度カードをかざしてください。まず残り回数を確認します。";

    } };
}
pub(super) use reader;
