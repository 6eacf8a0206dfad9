import KaigoTap
import Testing

@testable import VisitScreens

@Suite("presenter", .timeLimit(.minutes(1)))
@MainActor
struct Presenting {
    @Test("every screen of a visit, in its order")
    func order() async {
        let gate = Box(-1)
        let stages: [Stage] = [.challenge, .awaitCard, .readCard, .exchange, .entitlement]
        let stand = Stand { _, screen, progress in
            #expect(await screen.confirmFace() == .match)
            for (number, stage) in stages.enumerated() {
                progress.yield(Stand.at(stage, 1, of: 4))
                while gate.value < number { try await Task.sleep(for: .milliseconds(1)) }
            }
            return Stand.verified()
        }
        #expect(stand.screen.name == .home && stand.choices.map(\.text) == ["介護 花子", "福祉 太郎"])
        stand.does(.choose(Stand.hanako))
        #expect(stand.screen.name == .wait)
        #expect(await stand.sees(.face))
        #expect(stand.said.contains("介護 花子"))
        stand.does(.faceMatches)
        for (number, words) in ["接続", "iPhoneの上部に当てて", "25パーセント", "証明", "資格"].enumerated() {
            #expect(await stand.comes { stand.said.contains(words) }, "\(words)")
            gate.value = number
        }
        #expect(await stand.sees(.result))
        #expect(
            stand.screen.large == [
                "お名前": "カイゴ　ハナコ", "生年月日": "1941年5月3日", "要介護度": "要介護3", "負担割合": "1割",
            ])
        #expect(stand.said.contains("2027年3月31日"))
        stand.does(.home)
        #expect(stand.screen.name == .home)
    }

    @Test("somebody without a care level is told so")
    func noLevel() async {
        let stand = Stand { _, _, _ in Stand.verified(level: nil) }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.result))
        #expect(stand.screen.large["要介護度"] == "認定の記録がありません")
    }

    @Test("the pad says how many digits, how many tries, and why it asks again")
    func pad() async {
        let (entered, why) = (Box<Int?>(nil), Box(WhyPin.first))
        let stand = Stand { _, screen, _ in
            let pin = await screen.enterPin(.authentication, triesLeft: 2, why: why.value)
            entered.value = pin?.count
            throw Stand.lost
        }
        for (reason, words) in [
            (WhyPin.first, nil), (.wrong, "暗証番号が違います。"),
            (.malformed, "数字4桁で入力してください。回数は減っていません。"),
            (.cardRemoved, "確認の途中でカードが離れました。もう一度入力してください。"),
            (.triesGone, "以前に暗証番号の間違いがあり、残りの回数が減っています。今の入力はまだ使っていません。"),
        ] {
            why.value = reason
            stand.does(.choose(Stand.hanako))
            #expect(await stand.sees(.pin))
            #expect(stand.said.contains("あと2回") && stand.screen.notices == (words.map { [$0] } ?? []))
            stand.does(.stop)
        }
        #expect(await stand.comes { entered.value == nil })
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.pin))
        stand.types(9, 7)
        #expect(stand.said.contains("4桁のうち2桁を入力しました"))
        stand.does(.enter)
        #expect(stand.screen.name == .pin && !stand.choices.contains { $0.action == .enter })
        stand.does(.erase)
        stand.types(5, 5, 5, 5, 5)
        #expect(stand.said.contains("4桁のうち4桁を入力しました"))
        stand.does(.enter)
        #expect(await stand.sees(.failure))
        #expect(entered.value == 4)
    }

    @Test("a PIN is in no text, whoever looks")
    func hidden() async {
        let kept = Box<Pin?>(nil)
        let stand = Stand { _, screen, _ in
            kept.value = await screen.enterPin(.authentication, triesLeft: 3, why: .first)
            throw Stand.lost
        }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.pin))
        let empty = stand.screen
        // Which digits they are changes nothing that can be seen of the presenter, its screen or a key.
        let seen = [[9, 7, 5, 8], [1, 2, 3, 4]].map { digits in
            let keys = digits.compactMap(Digit.init).map(Action.digit)
            for key in keys { stand.does(key) }
            var (dumped, texts) = ("", Texts())
            for value: Any in [stand.presenter, stand.screen] + keys {
                dump(value, to: &dumped)
                texts.look(at: value)
                texts.look(at: "\(value)")
            }
            for _ in digits { stand.does(.erase) }
            return texts.found + [dumped]
        }
        #expect(seen[0].count > 10, "nobody looked")
        #expect(seen[0] == seen[1])
        #expect(stand.screen == empty)
        stand.types(9, 7, 5, 8)
        stand.presenter.phase(.background)
        #expect(await stand.comes { !stand.presenter.busy })
        #expect(kept.value == nil)
    }

    @Test("another secret than the visit's PIN is not asked for on this pad")
    func otherPin() async {
        let stand = Stand { _, screen, _ in
            #expect(await screen.enterPin(.signature, triesLeft: 5, why: .first) == nil)
            throw Stand.lost
        }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.failure))
    }

    @Test("a card is asked for in other words after a question in between, and after it slipped")
    func taps() async {
        let seen = Box(0)
        let stand = Stand { _, screen, progress in
            // Nothing goes on before the last thing was seen, however slow whoever looks is.
            let looked: @Sendable (Int) async throws -> Void = { number in
                while seen.value < number { try await Task.sleep(for: .milliseconds(1)) }
            }
            // First the PIN; then the card, which is let go for another question.
            _ = await screen.enterPin(.authentication, triesLeft: nil, why: .first)
            progress.yield(Stand.at(.awaitCard))
            try await looked(1)
            progress.yield(Stand.at(.readCard))
            _ = await screen.enterPin(.authentication, triesLeft: 2, why: .triesGone)
            progress.yield(Stand.at(.awaitCard))
            try await looked(2)
            progress.yield(Stand.at(.readCard))
            progress.yield(Stand.at(.awaitCard))
            try await looked(3)
            throw Stand.lost
        }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.pin))
        #expect(!stand.said.contains("使えなくなります"))
        stand.types(1, 2, 3, 4)
        stand.does(.enter)
        #expect(await stand.sees(.hold))
        #expect(!stand.said.contains("もう一度"))
        seen.value = 1
        #expect(await stand.comes { stand.said.contains("あと2回") })
        stand.types(1, 2, 3, 4)
        stand.does(.enter)
        #expect(await stand.comes { stand.said.contains("入力が終わりました") })
        seen.value = 2
        #expect(await stand.comes { stand.screen.notices.first?.contains("カードが離れました") == true })
        stand.does(.stop)
    }

    @Test("what was said before a question does not hide it")
    func late() async {
        let stand = Stand { _, screen, progress in
            async let asked = screen.confirmLastTry(.authentication, why: .first)
            try await Task.sleep(for: .milliseconds(50))
            progress.yield(Stand.at(.readCard))
            _ = await asked
            throw Stand.lost
        }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.last))
        try? await Task.sleep(for: .milliseconds(150))
        #expect(stand.screen.name == .last)
        stand.does(.tryLast)
        #expect(await stand.sees(.failure))
    }

    @Test("stopping, and leaving the app, end a visit wherever it is", arguments: Stand.ofVisits, [true, false])
    func stops(at name: Screen.Name, leaves: Bool) async {
        let (began, ended, answers) = (Box(name == .home), Box(name == .home), Box<[Bool]>([]))
        let stand = Stand { _, screen, progress in
            began.value = true
            defer { ended.value = true }
            switch name {
            case .face: answers.value = [await screen.confirmFace() == nil]
            case .pin: answers.value = [await screen.enterPin(.authentication, triesLeft: 3, why: .first) == nil]
            case .last: answers.value = [await screen.confirmLastTry(.authentication, why: .first) == false]
            case .ways: answers.value = [await screen.chooseWay(after: Stand.locked, ways: VisitPresenter.ways) == nil]
            case .certificate:
                answers.value = [
                    await screen.enterAttributes(.fourAttributes, fault: nil, prefilled: Stand.known) == nil
                ]
            case .birth: answers.value = [await screen.confirmBirthDate(Stand.born) == nil]
            case .printed:
                answers.value = [await screen.enterPrintedFields(triesLeft: 10, why: .first, fault: nil) == nil]
            case .photo: answers.value = [await screen.confirmPhoto(Stand.portrait) == nil]
            case .hold: progress.yield(Stand.at(.awaitCard))
            case .still: progress.yield(Stand.at(.readCard))
            case .wait: progress.yield(Stand.at(.exchange))
            case .result, .home: return Stand.verified()
            case .failure, .waits, .code, .entries: throw Stand.lost
            }
            try await Task.sleep(for: .seconds(20))
            // Too late to be shown.
            return Stand.verified()
        }
        if name != .home { stand.does(.choose(Stand.hanako)) }
        #expect(await stand.comes { began.value && stand.screen.name == name })
        if leaves { stand.presenter.phase(.background) } else { stand.does(.stop) }
        #expect(stand.screen.name == .home && !stand.presenter.busy)
        #expect(await stand.comes { ended.value })
        #expect(!answers.value.contains(false))
        try? await Task.sleep(for: .milliseconds(20))
        #expect(stand.screen.name == .home)
    }

    @Test("a visit that does not hear of its end shows nothing, and the next one waits for it")
    func deaf() async {
        let log = Box<[String]>([])
        let stand = Stand { visitor, screen, _ in
            log.value.append("begins \(visitor.name)")
            await Task { try? await Task.sleep(for: .milliseconds(300)) }.value
            #expect(await screen.confirmFace() == nil || visitor == Stand.taro)
            log.value.append("ends \(visitor.name)")
            return Stand.verified()
        }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.comes { log.value.count == 1 })
        stand.does(.stop, .choose(Stand.taro))
        #expect(stand.screen.name == .wait)
        #expect(await stand.sees(.face))
        #expect(log.value == ["begins 介護 花子", "ends 介護 花子", "begins 福祉 太郎"])
        #expect(stand.said.contains("福祉 太郎"))
        stand.does(.stop)
    }

    @Test("what shows a person is covered while the app is put aside, and the reading sheet covers nothing of it")
    func covered() async {
        let looked = Box(false)
        let stand = Stand { _, screen, progress in
            progress.yield(Stand.at(.awaitCard))
            while !looked.value { try await Task.sleep(for: .milliseconds(1)) }
            _ = await screen.enterPin(.authentication, triesLeft: 3, why: .first)
            return Stand.verified()
        }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.hold))
        stand.presenter.phase(.inactive)
        #expect(!stand.presenter.covered && stand.presenter.busy)
        looked.value = true
        #expect(await stand.sees(.pin))
        #expect(stand.presenter.covered)
        stand.presenter.phase(.active)
        #expect(!stand.presenter.covered && stand.screen.name == .pin)
        stand.types(1, 2, 3, 4)
        stand.does(.enter)
        #expect(await stand.sees(.result))
        stand.presenter.phase(.inactive)
        #expect(stand.presenter.covered && stand.screen.name == .result)
        stand.presenter.phase(.background)
        #expect(stand.presenter.covered && stand.screen.name == .home)
    }

    @Test("a failure offers another try with the same person")
    func again() async {
        let visited = Box<[Visitor]>([])
        let stand = Stand { visitor, _, _ in
            visited.value.append(visitor)
            throw Stand.lost
        }
        stand.does(.choose(Stand.taro))
        #expect(await stand.sees(.failure))
        stand.does(.again)
        #expect(await stand.sees(.failure))
        #expect(visited.value == [Stand.taro, Stand.taro])
        stand.does(.home, .again)
        #expect(stand.screen.name == .home && !stand.presenter.busy)
    }

    @Test("what the app itself throws is a failure, too, and is not shown")
    func broken() async {
        struct NoAnchors: Error {}
        let stand = Stand { _, _, _ in throw NoAnchors() }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.failure))
        #expect(!stand.said.contains("Anchors") && stand.choices.map(\.action) == [.home])
    }

    @Test("fingers are faster than screens")
    func fingers() async {
        let visits = Box(0)
        let stand = Stand { _, screen, _ in
            visits.value += 1
            _ = await screen.confirmFace()
            _ = await screen.confirmLastTry(.authentication, why: .first)
            throw Stand.lost
        }
        stand.does(.choose(Stand.hanako), .choose(Stand.taro), .enter, .erase, .tryLast, .again, .home)
        #expect(await stand.sees(.face))
        stand.does(.faceMatches, .faceDiffers, .faceMatches, .home)
        #expect(await stand.sees(.last))
        #expect(visits.value == 1)
        stand.does(.stop)
    }

    @Test("a phone that reads no cards says so before anybody begins")
    func noReader() async {
        let stand = Stand(reader: .absent) { _, _, _ in throw Stand.lost }
        stand.does(.choose(Stand.hanako))
        #expect(stand.screen.name == .home && !stand.presenter.busy && stand.choices.isEmpty)
        #expect(stand.screen.notices.count == 1)
    }
}

/// Every text within a value, however deep.
struct Texts {
    private(set) var found: [String] = []

    mutating func look(at value: Any, depth: Int = 0) {
        if let text = value as? String { found.append(text) }
        if let character = value as? Character { found.append(String(character)) }
        if let bytes = value as? [UInt8] { found.append(String(decoding: bytes, as: UTF8.self)) }
        guard depth < 12 else { return }
        for child in Mirror(reflecting: value).children { look(at: child.value, depth: depth + 1) }
    }
}
