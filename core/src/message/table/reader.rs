//! The reader, and the link to the card.

/// These rows, behind those before them.
macro_rules! reader {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

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

    } };
}
pub(super) use reader;
