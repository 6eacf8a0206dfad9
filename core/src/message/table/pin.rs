//! PINs and passwords.

/// These rows, behind those before them.
macro_rules! pin {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

    PinMalformed "pin_malformed" Pin Same Nobody
        "The PIN has the wrong length or characters. It was not shown to the card; no try was used."
        "Enter the PIN again: 4 digits, or for the signature 6 to 16 capital letters and digits."
        "暗証番号の桁数か文字が正しくありません。カードには送っていないので、回数は減っていません。"
        "もう一度入力してください（数字4桁。署名用は英大文字と数字の6〜16文字）。";
    PinWrong "pin_wrong" Pin OtherWay Nobody
        "The PIN was wrong; {tries} are left before it locks."
        "Try again only if the holder is sure; else verify with the paper certificate."
        "暗証番号が違います。あと{tries}間違えると、ロックされて使えなくなります。"
        "ご本人が確実に思い出せたときだけ、もう一度お試しください。自信がなければ、被保険者証で確認してください。";
    PinLastTry "pin_last_try" Pin OtherWay Nobody
        "Only one try is left. A wrong PIN now would lock it, so the PIN was not asked for."
        "Verify with the paper certificate. Only if the holder is sure and agrees, try again and choose to go on."
        "入力できるのは、あと1回です。間違えるとロックされるため、暗証番号の入力を止めました。"
        "被保険者証で確認してください。ご本人が確実に覚えていて同意される場合だけ、もう一度始めて「続ける」を選んでください。";
    PinBlocked "pin_blocked" Pin OtherWay Municipality
        "The PIN of this card is locked. A card marked for face authentication (kao ninsho) never had one."
        "Verify with the paper certificate. Who needs the PIN has it reset at the town hall; some convenience stores do it for holders who know their other PIN."
        "このカードの暗証番号はロックされています。表に「顔認証」とあるカードには、もともと暗証番号がありません。"
        "被保険者証で確認してください。暗証番号の再設定は、市区町村の窓口でできます（もう一方の暗証番号が分かる方は、コンビニでできる場合もあります）。「顔認証」のカードなら、手続きはいりません。";
    PinUnusable "pin_unusable" Pin OtherWay Nobody
        "This card has no PIN that could be used, as a card for face authentication. No try was spent."
        "Verify with the paper certificate; there is nothing to be unlocked."
        "このカードでは暗証番号を使えません（「顔認証」のカードなど）。回数は減っていません。"
        "被保険者証で確認してください。ロックの解除などの手続きはいりません。";
    PinNotChanged "pin_not_changed" Pin Same Nobody
        "The card did not take the new PIN. The old one still holds."
        "Choose another PIN and try again."
        "新しい暗証番号を設定できませんでした。元の暗証番号のままです。"
        "別の暗証番号でもう一度お試しください。";
    PinChangeUnknown "pin_change_unknown" Pin None Nobody
        "The card was removed while it changed the PIN, so it is not known whether the old or the new one holds."
        "Use the new PIN the next time; if it is wrong, the old one still holds."
        "変更中にカードが離れたため、新旧どちらの暗証番号が有効か分かりません。"
        "次回は新しい暗証番号を入力してください。違う場合は元の暗証番号が有効です。";

    } };
}
pub(super) use pin;
