//! People who said no, or are others.

/// These rows, behind those before them.
macro_rules! person {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

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
    AnotherPerson "another_person" Person
        "This card is not of the person who was chosen ({differs})."
        "Look whose card this is; if it is the right one, choose the person anew."
        "選んだ方のカードではありません（相違：{differs}）。"
        "どなたのカードか確認してください。カードが正しければ、利用者を選び直してください。";

    } };
}
pub(super) use person;
