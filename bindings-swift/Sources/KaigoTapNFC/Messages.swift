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
    /// The card was let go so that its holder could be asked something; the same card is wanted once more.
    public var holdOnceMore: String
    /// The last command was answered. Not that all went well: only the app knows that.
    public var takeAway: String

    /// Japanese.
    public static let japanese = Messages(
        hold: "マイナンバーカードをiPhoneの上部に当ててください。",
        keepStill: "読み取っています。カードを動かさないでください。",
        again: "カードが離れました。もう一度、同じカードを当ててください。",
        oneCard: "カードが2枚以上あります。1枚だけ当ててください。",
        otherCard: "マイナンバーカードではないようです。マイナンバーカードを当ててください。",
        holdOnceMore: "もう一度、同じカードをiPhoneの上部に当ててください。",
        takeAway: "カードの読み取りが終わりました。カードを離してください。"
    )

    /// English.
    public static let english = Messages(
        hold: "Hold the My Number Card to the top of the iPhone.",
        keepStill: "Reading. Keep the card still.",
        again: "The card moved away. Hold the same card to the iPhone again.",
        oneCard: "There is more than one card. Hold only one to the iPhone.",
        otherCard: "This does not seem to be a My Number Card. Hold the My Number Card to the iPhone.",
        holdOnceMore: "Hold the same card to the top of the iPhone once more.",
        takeAway: "The card was read. Take it away."
    )
}
