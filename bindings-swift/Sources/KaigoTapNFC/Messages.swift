/// What the system's reading sheet says. Give your own for other words or languages.
public struct Messages: Sendable {
    /// Before the first tap.
    public var hold: String
    /// While the card is read.
    public var keepStill: String
    /// The card went away too early.
    public var again: String
    /// Several cards at once.
    public var oneCard: String
    /// What is there is no card of this kind.
    public var otherCard: String
    /// The sheet makes room for a question; the card is wanted once more after it.
    public var question: String
    /// After that question.
    public var holdOnceMore: String
    /// The last command was answered. Not that all went well: only the app knows that.
    public var takeAway: String

    /// Japanese.
    public static let japanese = Messages(
        hold: "マイナンバーカードをiPhoneの上部に当ててください。",
        keepStill: "読み取っています。カードを動かさないでください。",
        again: "カードが離れました。もう一度当ててください。",
        oneCard: "カードが2枚以上あります。1枚だけ当ててください。",
        otherCard: "マイナンバーカードではないようです。マイナンバーカードを当ててください。",
        question: "カードを離して、画面の質問に答えてください。",
        holdOnceMore: "もう一度カードをiPhoneの上部に当ててください。",
        takeAway: "カードの読み取りが終わりました。カードを離してください。"
    )

    /// English.
    public static let english = Messages(
        hold: "Hold the My Number Card to the top of the iPhone.",
        keepStill: "Reading. Keep the card still.",
        again: "The card moved away. Hold it to the iPhone again.",
        oneCard: "There is more than one card. Hold only one to the iPhone.",
        otherCard: "This does not seem to be a My Number Card. Hold the My Number Card to the iPhone.",
        question: "Take the card away and answer the question on the screen.",
        holdOnceMore: "Hold the card to the top of the iPhone once more.",
        takeAway: "The card was read. Take it away."
    )
}
