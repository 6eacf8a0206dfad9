//! PINs and passwords.

/// These rows, behind those before them.
macro_rules! pin {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

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

    } };
}
pub(super) use pin;
