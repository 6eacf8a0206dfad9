//! People who said no, or are others.

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

    } };
}
pub(super) use person;
