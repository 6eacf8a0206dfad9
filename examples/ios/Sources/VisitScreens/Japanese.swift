import KaigoTap

extension Words {
    /// 日本語.
    public static let japanese = Words(
        language: .japanese,
        choosePerson: "訪問する方を選んでください",
        noReader: "このiPhoneではカードを読み取れません。iPhone 7以降でお試しください。",
        faceTitle: "お顔の確認",
        faceHow: { "\($0)さんのカードの写真と、目の前の方のお顔を見比べてください。" },
        faceMatches: "写真と同じ方です",
        faceDiffers: "写真と違う方です",
        stop: "やめる",
        holdTitle: "カードをかざす",
        hold: "マイナンバーカードを、iPhoneの上部に当ててください。",
        holdOnceMore: "入力が終わりました。もう一度、同じカードをiPhoneの上部に当ててください。",
        holdAgain: "カードが離れました。もう一度、同じカードをiPhoneの上部に当ててください。",
        stillTitle: "動かさないでください",
        still: "カードを読み取っています。終わるまで、そのままお待ちください。",
        reading: "読み取り中",
        percent: { "\($0)パーセント" },
        waitTitle: "お待ちください",
        waiting: {
            switch $0 {
            case .challenge: "サーバーに接続しています。"
            case .exchange: "カードの証明を確かめています。カードを離してもかまいません。"
            case .entitlement: "介護保険の資格を調べています。"
            default: "準備しています。"
            }
        },
        pinTitle: "暗証番号（4桁）",
        pinHow: "ご本人が入力してください。カードは、入力のあとでiPhoneに当てます。",
        tries: { "あと\($0)回まちがえると、使えなくなります。" },
        why: {
            switch $0 {
            case .first: nil
            case .malformed: "数字4桁で入力してください。回数は減っていません。"
            case .wrong: "暗証番号が違います。"
            case .cardRemoved: "確認の途中でカードが離れました。もう一度入力してください。"
            case .triesGone: "以前に暗証番号の間違いがあり、残りの回数が減っています。今の入力はまだ使っていません。"
            }
        },
        dots: { "\($1)桁のうち\($0)桁を入力しました" },
        keypad: "数字のボタン",
        erase: "1文字消す",
        enter: "決定",
        lastTitle: "残り1回です",
        lastWarning: "次に間違えると、暗証番号がロックされます。市区町村の窓口などで、再設定の手続きが必要になります。",
        lastStop: "入力しないで終わる",
        lastGo: "承知して入力する",
        doneTitle: "確認できました",
        person: "お名前",
        testCard: "試験用のカードです。実在の方の確認にはなりません。",
        birthDate: "生年月日",
        unknown: "不明",
        careLevel: "要介護度",
        noCareLevel: "認定の記録がありません",
        until: "有効期限",
        burden: "負担割合",
        share: { $0 % 10 == 0 ? "\($0 / 10)割" : "\($0)パーセント" },
        date: {
            // Of some dates no more than the year, or year and month, is known.
            let parts = $0.split(separator: "-").compactMap { Int($0) }
            return zip(parts, ["年", "月", "日"]).map { "\($0)\($1)" }.joined()
        },
        stoppedTitle: "中止しました",
        failedTitle: "確認できませんでした",
        next: "次にすること",
        again: "もう一度",
        home: "はじめに戻る",
        code: { "お問い合わせ番号：\($0)" },
        broken: "アプリで問題が起きました。はじめからやり直してください。",
        covered: "訪問の確認"
    )
}
