import KaigoTap
import SampleSimulator
import Testing

@testable import VisitScreens

@Suite("a day without coverage", .timeLimit(.minutes(3)))
@MainActor
struct OfflineDays {
    @Test("fetched, visited without a network, waits, is sent, confirmed, and acknowledged")
    func day() async throws {
        let phone = try DayStand.Phone()
        let stand = DayStand(phone)
        #expect(stand.screen.name == .code && stand.actions == [.begin])
        #expect(await stand.begins())
        #expect(stand.screen.large == ["持ち出し": "ありません", "送信待ち": "0件"])
        #expect(!stand.actions.contains(.send) && !stand.actions.contains(.entries))
        #expect(await stand.fetches())
        #expect(try #/4枚（\d\d:\d\dまで）/#.wholeMatch(in: stand.screen.large["持ち出し"] ?? "") != nil)

        phone.covered.value = false
        #expect(await stand.visits())
        #expect(stand.screen.elements.first == .heading("送信待ち"))
        #expect(stand.said.contains("確認は完了しません") && stand.screen.notices == [Words.japanese.testCard])
        // Nothing of the platform, and nothing that says it is over.
        #expect(!stand.said.contains("要介護") && !stand.said.contains("確認できました"))
        stand.does(.home)
        #expect(await stand.comes { stand.screen.large["送信待ち"] == "1件" })
        #expect(stand.screen.large["持ち出し"]?.hasPrefix("3枚") == true)
        stand.does(.entries)
        #expect(stand.screen.large == ["介護 花子": "送信待ち"] && stand.actions == [.home])
        stand.does(.home)

        // Too early.
        stand.does(.send)
        #expect(await stand.sees(.entries))
        #expect(stand.said.contains("送信してください") && stand.screen.large["介護 花子"] == "送信待ち")
        stand.does(.home)
        phone.covered.value = true
        stand.does(.send)
        #expect(await stand.sees(.entries))
        #expect(stand.screen.large == ["介護 花子": "確認済み"] && stand.actions == [.acknowledge, .home])
        stand.does(.acknowledge)
        #expect(await stand.sees(.home))
        #expect(stand.screen.large["送信待ち"] == "0件")
        #expect(!stand.actions.contains(.send) && !stand.actions.contains(.entries))
    }

    @Test("without a ticket a visit without a network is what it always was")
    func noTicket() async throws {
        let phone = try DayStand.Phone()
        let stand = DayStand(phone)
        #expect(await stand.begins())
        phone.covered.value = false
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.face))
        stand.does(.faceMatches)
        #expect(await stand.sees(.failure))
        #expect(stand.said.contains("server_unreachable"))
        stand.does(.home)
        #expect(await stand.sees(.home))
        // A sign-in and what else wants the platform ends as plainly.
        stand.does(.fetch)
        #expect(await stand.sees(.failure))
        stand.does(.home)
        #expect(await stand.sees(.home))
    }

    @Test("who is refused is told why, and it can be acknowledged")
    func refused() async throws {
        let phone = try DayStand.Phone("locked")
        let stand = DayStand(phone)
        #expect(await stand.begins())
        #expect(await stand.fetches())
        phone.covered.value = false
        #expect(await stand.reachesPin())
        stand.types("1234")
        stand.does(.enter)
        #expect(await stand.sees(.ways))
        stand.does(.way(.fourAttributes))
        #expect(await stand.sees(.certificate))
        let nobody: [Attribute: String] = [
            .insurerNumber: "990010", .insuredNumber: "0009999999", .nameKana: "カイゴ　ハナコ", .birthDate: "昭和16年5月3日",
            .sex: "女",
        ]
        for (attribute, text) in nobody { stand.does(.type(.certificate(attribute), Entered(text))) }
        stand.does(.enter)
        #expect(await stand.sees(.birth))
        stand.does(.right)
        #expect(await stand.sees(.waits))
        stand.does(.home)
        #expect(await stand.comes { stand.actions.contains(.send) })
        phone.covered.value = true
        stand.does(.send)
        #expect(await stand.sees(.entries))
        #expect(stand.screen.large == ["介護 花子": "受け付けられませんでした"])
        let refused = Stand.failure("person_not_found", .refused)
        #expect(stand.screen.notices == [refused.message(language: .japanese)])
        #expect(stand.said.contains(refused.nextAction(language: .japanese)))
        #expect(stand.actions == [.acknowledge, .home])
        stand.does(.acknowledge)
        #expect(await stand.sees(.home))
        #expect(!stand.actions.contains(.entries))
    }

    @Test("a phone that was put back to an earlier day is told, and who used it signs in anew")
    func putBack() async throws {
        let phone = try DayStand.Phone()
        let stand = DayStand(phone)
        #expect(await stand.begins())
        let backup = try phone.backedUp()
        #expect(await stand.fetches())
        stand.does(.lock)
        stand.unlocks()
        #expect(await stand.sees(.home))
        #expect(stand.screen.notices.isEmpty)
        stand.does(.lock)
        // The phone is locked when a code is judged after it.
        stand.unlocks("000000")
        #expect(await stand.comes { !stand.screen.notices.isEmpty })
        try phone.restore(backup)
        stand.unlocks()
        let signedOut = Stand.failure("staff_signed_out", .refused)
        #expect(await stand.comes { stand.screen.notices == [signedOut.message(language: .japanese)] })
        #expect(await stand.begins())
        let rolledBack = Stand.failure("journal_rolled_back", .device)
        #expect(stand.screen.notices == [rolledBack.message(language: .japanese)])
        #expect(stand.screen.large["持ち出し"] == "ありません")
    }

    @Test("locked when idle and when left; a wrong code, then the right one")
    func locks() async throws {
        let phone = try DayStand.Phone()
        let stand = DayStand(phone)
        #expect(await stand.begins())
        #expect(await stand.fetches())
        stand.idle.value = true
        #expect(await stand.sees(.code))
        stand.idle.value = false
        #expect(stand.said.contains("ロック中") && !stand.said.contains("花子") && !stand.said.contains("持ち出し"))
        // Nothing but the code leads on.
        stand.does(.home, .choose(Stand.hanako), .fetch, .send, .entries, .acknowledge, .enter)
        #expect(stand.screen.name == .code)
        stand.unlocks("135790")
        #expect(await stand.comes { !stand.screen.notices.isEmpty })
        #expect(stand.screen.name == .code && stand.screen.notices[0].contains("あと4回"))
        stand.unlocks()
        #expect(await stand.sees(.home))
        #expect(stand.screen.large["持ち出し"]?.hasPrefix("4枚") == true)

        // In the middle of a visit, which ends.
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.face))
        stand.day.phase(.background)
        #expect(stand.screen.name == .code)
        stand.day.phase(.active)
        stand.unlocks()
        #expect(await stand.sees(.home))
        #expect(stand.screen.large["持ち出し"]?.hasPrefix("4枚") == true)
        stand.does(.lock)
        #expect(stand.screen.name == .code)
    }

    @Test("a code that was right opens nothing when the app is left before it is judged")
    func leftUnlocking() async throws {
        let phone = try DayStand.Phone()
        let stand = DayStand(phone)
        #expect(await stand.begins())
        stand.does(.lock)
        let seen = Box<[Screen.Name]>([])
        stand.day.changed = { seen.value.append(stand.screen.name) }
        stand.unlocks()
        stand.day.phase(.background)
        #expect(stand.screen.name == .code)
        stand.day.phase(.active)
        // One code is judged after the other. The first one may count as a wrong one: it was not compared to the end.
        stand.unlocks("000000")
        #expect(await stand.comes { stand.said.contains("コードが違います") })
        #expect(!seen.value.contains(.home))
        stand.unlocks()
        #expect(await stand.sees(.home))
    }

    @Test("locking that takes its time does not lock what was unlocked after it")
    func slowLock() async throws {
        let phone = try DayStand.Phone()
        let stand = DayStand(phone)
        #expect(await stand.begins())
        phone.gate.value = .closed
        stand.does(.lock)
        #expect(await stand.comes { phone.gate.value == .held })
        stand.unlocks()
        // However short this is: where nothing overtakes, nothing fails.
        for _ in 0..<100 where !phone.overtaken.value { try await Task.sleep(for: .milliseconds(5)) }
        #expect(!phone.overtaken.value)
        phone.gate.value = .open
        #expect(await stand.sees(.home))
    }

    @Test("who signs in during another one's shift begins their own")
    func takesOver() async throws {
        let phone = try DayStand.Phone()
        let first = DayStand(phone)
        #expect(await first.begins())
        await first.handsOver()
        // They know the code, and are somebody else to the platform.
        for action in [Action.fetch, .choose(Stand.hanako)] {
            let second = DayStand(phone, "nurse-02")
            second.unlocks()
            #expect(await second.sees(.home))
            second.does(action)
            #expect(await second.comes { second.said.contains("コードを決める") })
            // And who goes no further has not signed in.
            await second.handsOver()
            #expect(second.screen.name == .code && second.actions == [.begin])
        }
    }

    @Test("an app that was killed is locked, and the code opens it without a network")
    func killed() async throws {
        let phone = try DayStand.Phone()
        let before = DayStand(phone)
        #expect(await before.begins())
        #expect(await before.fetches())
        phone.covered.value = false
        let after = DayStand(phone)
        #expect(after.screen.name == .code)
        after.unlocks()
        #expect(await after.sees(.home))
        #expect(await after.visits())
    }

    @Test("five wrong codes end the shift and its tickets, and what waits is there for whoever signs in")
    func wiped() async throws {
        let phone = try DayStand.Phone()
        let stand = DayStand(phone)
        #expect(await stand.begins())
        #expect(await stand.fetches())
        phone.covered.value = false
        #expect(await stand.visits())
        stand.does(.home)
        #expect(await stand.comes { stand.screen.large["送信待ち"] == "1件" })
        stand.does(.lock)
        for left in ["あと4回", "あと3回", "あと2回", "あと1回", "消去しました"] {
            stand.unlocks("000000")
            #expect(await stand.comes { stand.said.contains(left) }, "\(left)")
        }
        // The right one is none any more.
        stand.unlocks()
        let signedOut = Stand.failure("staff_signed_out", .refused)
        #expect(await stand.comes { stand.screen.notices == [signedOut.message(language: .japanese)] })
        phone.covered.value = true
        #expect(await stand.begins("112233"))
        #expect(stand.screen.large == ["持ち出し": "ありません", "送信待ち": "1件"])
    }

    @Test("another nurse sees nothing of the first one's, and sends it")
    func another() async throws {
        let phone = try DayStand.Phone()
        let first = DayStand(phone)
        #expect(await first.begins())
        #expect(await first.fetches())
        phone.covered.value = false
        #expect(await first.visits())
        first.does(.home)
        #expect(await first.comes { first.screen.large["送信待ち"] == "1件" })
        await first.handsOver()

        phone.covered.value = true
        let second = DayStand(phone, "nurse-02")
        #expect(await second.begins("998877"))
        #expect(second.screen.large == ["持ち出し": "ありません", "送信待ち": "0件"])
        #expect(second.said.contains("ほかの職員の送信待ちが、1件") && !second.actions.contains(.entries))
        second.does(.send)
        #expect(await second.sees(.entries))
        #expect(second.screen.large.isEmpty && second.said.contains("記録はありません"))
        second.does(.home)
        await second.handsOver()

        // The first one's code is none any more; a sign-in is, and tells what came of it.
        first.unlocks()
        #expect(await first.comes { !first.screen.notices.isEmpty })
        #expect(first.screen.name == .code)
        #expect(await first.begins())
        first.does(.entries)
        #expect(first.screen.large == ["介護 花子": "確認済み"])
    }

    @Test("a code is entered twice, and shows nothing of itself")
    func codes() async throws {
        let stand = DayStand(try DayStand.Phone())
        stand.does(.begin)
        #expect(await stand.comes { stand.said.contains("コードを決める") })
        let empty = stand.screen
        stand.types("12345")
        #expect(!stand.actions.contains(.enter))
        stand.does(.enter)
        #expect(stand.said.contains("5桁を入力しました"))
        stand.types("6")
        stand.does(.enter)
        #expect(stand.said.contains("もう一度入力"))
        stand.types("654321")
        stand.does(.enter)
        #expect(stand.screen.notices == ["2回の入力が違いました。はじめから入力してください。"])
        let seen = ["975813", "246802"].map { digits in
            stand.types(digits)
            var (dumped, texts) = ("", Texts())
            for value: Any in [stand.day, stand.screen] {
                dump(value, to: &dumped)
                texts.look(at: value)
            }
            for _ in digits { stand.does(.erase) }
            return texts.found + [dumped]
        }
        #expect(seen[0].count > 10 && seen[0] == seen[1])
        #expect(stand.screen == empty)
        // Who leaves before the end has not signed in.
        stand.day.phase(.background)
        #expect(stand.screen.name == .code && stand.actions == [.begin])
    }
}
