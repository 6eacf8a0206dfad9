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
            case .keep: "端末に保存しています。"
            case .sendWaiting: "送信待ちの訪問を送信しています。"
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
        covered: "訪問の確認",
        ways: .japanese,
        field: .japanese
    )
}

extension WayWords {
    static let japanese = WayWords(
        title: "次の方法を選ぶ",
        notOpened: "カードに印刷された内容では、カードの中の写真を開けませんでした。",
        which: "次の方法を選んでください。",
        way: {
            switch $0 {
            case .cardTap: "カードをかざす（暗証番号なし）"
            case .cardPin: "カードと暗証番号"
            case .registered: "登録ずみの利用者として見る（カードなし）"
            case .faceCheck: "カードの中の写真と、被保険者証（暗証番号なし）"
            case .fourAttributes: "被保険者証を見て入力する"
            case .disaster: "災害時の取り扱い"
            }
        },
        paper: "どれも使わず、紙に控えて終わる",
        toNote: "紙に控えておくこと",
        certificateTitle: "被保険者証の入力",
        certificateHow: "被保険者証を見て入力してください。",
        disasterHow: "番号が分からないときは、2つとも空のままでかまいません。",
        attribute: {
            switch $0 {
            case .insurerNumber: "保険者番号（数字6桁）"
            case .insuredNumber: "被保険者番号（数字10桁）"
            case .nameKana: "お名前（カタカナ）"
            case .birthDate: "生年月日（例：昭和16年5月3日）"
            case .sex: "性別（男・女）"
            }
        },
        sex: { ["male": "男", "female": "女"][$0] ?? $0 },
        printedTitle: "カードに印刷された数字",
        printedHow: "カードの表を見て入力してください。ご本人の暗証番号ではありません。",
        printed: {
            switch $0 {
            case .birthDate: "生年月日（数字6桁、例：昭和16年5月3日は160503）"
            case .expiryYear: "有効期限の年（西暦4桁）"
            case .securityCode: "セキュリティコード（写真の横の数字4桁）"
            }
        },
        whyPrinted: {
            switch $0 {
            case .first: nil
            case .malformed: "入力を確かめてください。回数は減っていません。"
            case .wrong: "カードに印刷された内容と違います。"
            case .cardRemoved: "確認の途中でカードが離れました。もう一度お試しください。"
            case .triesGone: "以前に間違いがあり、残りの回数が減っています。今の入力はまだ使っていません。"
            }
        },
        lastWarning: "次に間違えると、カードの中の写真を開けなくなります。市区町村の窓口で手続きが必要になります。",
        faulty: {
            switch $0 {
            case .empty: "入力されていません。"
            case .length: "桁数が違います。"
            case .characters: "使えない文字があります。"
            case .noSuchDate: "この日付はありません。"
            case .ambiguous: "年がはっきりしません。元号から入力してください。"
            case .future: "まだ来ていない日付です。"
            case .notRight: "確かめた日付が違いました。もう一度入力してください。"
            }
        },
        goOn: "この内容で進む",
        birthTitle: "生年月日の確認",
        born: { _, japanese, age in japanese + (age.map { "（\($0)歳）" } ?? "") },
        right: "被保険者証のとおりです",
        notRight: "違います。入力し直す",
        photoTitle: "写真とお顔の確認",
        photoHow: "下の写真を、カードに印刷された写真、目の前の方のお顔と見比べてください。",
        photoSpoken: "カードの中の写真",
        photoMissing: "写真を表示できません。「やめる」を押してください。"
    )
}

extension FieldWords {
    static let japanese = FieldWords(
        tickets: "持ち出し",
        held: { "\($0)枚（\($1)まで）" },
        noTickets: "ありません",
        waiting: "送信待ち",
        visits: { "\($0)件" },
        othersWaiting: { "ほかの職員の送信待ちが、\($0)件あります。いっしょに送信されます。" },
        fetch: "持ち出しを取得する",
        send: "送信する",
        entries: "自分の記録を見る",
        lock: "ロックする",
        noNetwork: "電波が届きません。持ち出しを使って確認し、あとで送信します。もう一度、お顔の確認から始めます。",
        waits: "この端末に保存しました。送信するまで、確認は完了しません。電波の届く場所で送信してください。",
        sendBy: "送信の期限",
        clockSet: "端末の日時が変えられています。正しい日時に直してください。",
        state: {
            switch $0 {
            case .waiting: "送信待ち"
            case .confirmed: "確認済み"
            case .refused: "受け付けられませんでした"
            case .expired: "期限切れ"
            }
        },
        expired: "期限までに送信されませんでした。もう一度、この方の確認をしてください。",
        read: "読みました（結果の出た記録を消す）",
        later: { "あと\($0)分ほど待ってから、もう一度送信してください。" },
        nothing: "記録はありません。",
        lockedTitle: "ロック中",
        lockedHow: "勤務の始めに決めたコードを入力してください。",
        chooseTitle: "コードを決める",
        chooseHow: "ロックの解除に使う、6桁から12桁の数字を決めて入力してください。",
        againHow: "確認のため、同じコードをもう一度入力してください。",
        differs: "2回の入力が違いました。はじめから入力してください。",
        dots: { "\($0)桁を入力しました" },
        begin: "ログインして勤務を始める"
    )
}
