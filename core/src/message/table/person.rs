//! People who said no, are others, or mistyped.

/// These rows, behind those before them.
macro_rules! person {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

    Cancelled "cancelled" Person Same Nobody
        "It was stopped by the person."
        "Start again when ready."
        "操作が中止されました。"
        "準備ができたら、もう一度始めてください。";
    FaceNotConfirmed "face_not_confirmed" Person Same Nobody
        "The platform has no face check for this visit that counts."
        "Look at the face and at the photo on the card again, or verify with the paper certificate."
        "お顔の確認が記録されていないか、時間が経ちすぎています。"
        "お顔とカードの写真をもう一度見比べるか、被保険者証で確認してください。";
    FaceDiffers "face_differs" Person None Facility
        "The face is another than on the photo of the card, so the card was not read."
        "See that the card is this person's own. If it is and the face differs, stop here and tell your facility."
        "お顔がカードの写真と違うため、カードは読み取っていません。"
        "ご本人のカードかどうか確かめてください。ご本人のカードでお顔が違う場合は、ここで止めて事業所に連絡してください。";
    AnotherPerson "another_person" Person None Nobody
        "This card is not of the person who was chosen ({differs})."
        "Look whose card this is; if it is the right one, choose the person anew."
        "選んだ方のカードではありません（相違：{differs}）。"
        "どなたのカードか確認してください。カードが正しければ、利用者を選び直してください。";
    ActivationCodeShort "activation_code_short" Person Same Nobody
        "The activation code is not complete."
        "Enter it again, all of its 26 letters and digits."
        "登録コードが途中までしか入力されていません。"
        "26文字すべてを、もう一度入力してください。";
    ActivationCodeLong "activation_code_long" Person Same Nobody
        "There is more than an activation code."
        "Enter it again: its 26 letters and digits, and nothing else."
        "登録コードより多くの文字が入力されています。"
        "26文字の英数字だけを、もう一度入力してください。";
    ActivationCodeUnreadable "activation_code_unreadable" Person Same Nobody
        "This has a character that no activation code has in this place."
        "Compare it with the code and enter it again; a code has digits and letters, and no U."
        "登録コードに使われない文字が含まれています。"
        "発行されたコードと見比べて、入力し直してください（英数字のみで、Uは使われません）。";

    } };
}
pub(super) use person;
