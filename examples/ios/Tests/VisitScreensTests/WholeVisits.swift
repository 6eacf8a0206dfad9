import Foundation
import KaigoTap
import SampleSimulator
import Testing

@testable import VisitScreens

@Suite("whole visits", .timeLimit(.minutes(2)))
@MainActor
struct WholeVisits {
    /// The library itself, a virtual card, and the platform in a process of its own.
    private func stand(_ reader: VirtualReader, _ words: Words = .japanese) -> Stand {
        Stand(words) { visitor, screen, progress in
            try await Sandbox.visit(person: visitor.chosen).run(card: reader, screen: screen, progress: progress)
        }
    }

    @Test("from the list to the result, with a card and a platform")
    func visit() async throws {
        let reader = VirtualReader(pinTiming: .beforeTap)
        let stand = stand(reader)
        let seen = Box<[Screen.Name]>([])
        stand.presenter.changed = { seen.value.append(stand.screen.name) }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.face))
        #expect(reader.taps.connects == 0)
        stand.does(.faceMatches)
        #expect(await stand.sees(.pin))
        // The card was not asked yet.
        #expect(!stand.said.contains("使えなくなります") && reader.taps.connects == 0)
        stand.types(1, 2, 3, 4)
        stand.does(.enter)
        #expect(await stand.sees(.result))
        #expect(stand.screen.large["お名前"] == "カイゴ　ハナコ")
        #expect(stand.screen.notices.last == Words.japanese.testCard)
        #expect(stand.screen.large["生年月日"] == "1941年5月3日")
        #expect(stand.screen.large["要介護度"]?.hasPrefix("要介護") == true)
        #expect(reader.taps == (1, 1))
        for name: Screen.Name in [.wait, .face, .hold, .still, .pin, .result] {
            #expect(seen.value.contains(name), "\(name)")
        }
        stand.does(.home)
        #expect(stand.screen.name == .home)
    }

    @Test("a wrong PIN, then the right one; in English")
    func wrong() async {
        let stand = stand(VirtualReader(pinTiming: .beforeTap), .english)
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.face))
        stand.does(.faceMatches)
        #expect(await stand.sees(.pin))
        stand.types(9, 9, 9, 9)
        stand.does(.enter)
        #expect(await stand.comes { stand.said.contains("2 tries are left.") })
        #expect(stand.screen.notices == ["That PIN is wrong."])
        stand.types(1, 2, 3, 4)
        stand.does(.enter)
        #expect(await stand.sees(.result))
        #expect(stand.screen.elements.first == .heading("Confirmed"))
    }

    @Test("the last try: stopping leaves it, going on uses it", arguments: [true, false])
    func lastTry(goes: Bool) async {
        let stand = stand(VirtualReader("authentication-tries:1", pinTiming: .beforeTap))
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.face))
        stand.does(.faceMatches)
        #expect(await stand.sees(.pin))
        stand.types(1, 2, 3, 4)
        stand.does(.enter)
        // What was typed was not shown to the card.
        #expect(await stand.sees(.last))
        #expect(stand.choices.filter(\.first).map(\.action) == [.stop])
        stand.does(goes ? .tryLast : .stop)
        guard goes else { return #expect(stand.screen.name == .home) }
        #expect(await stand.sees(.pin))
        stand.types(1, 2, 3, 4)
        stand.does(.enter)
        #expect(await stand.sees(.result))
    }

    @Test("a locked card, and a face that differs, end with what to do now", arguments: [true, false])
    func ends(locked: Bool) async {
        let reader = VirtualReader("locked", pinTiming: .beforeTap)
        let stand = stand(reader)
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.face))
        stand.does(locked ? .faceMatches : .faceDiffers)
        if locked {
            #expect(await stand.sees(.pin))
            stand.types(1, 2, 3, 4)
            stand.does(.enter)
        }
        #expect(await stand.sees(.failure))
        let code = locked ? "pin_blocked" : "face_differs"
        #expect(stand.said.contains(code))
        let next = Stand.failure(code, locked ? .pin : .person).nextAction(language: .japanese)
        #expect(stand.screen.large["次にすること"] == next)
        #expect(reader.taps == (locked ? (1, 1) : (0, 0)))
    }

    @Test("leaving the app lets the card go, and the next visit begins afterwards")
    func leaves() async {
        // With the PIN asked for while the card is there.
        let reader = VirtualReader()
        let stand = stand(reader)
        for _ in 0..<2 {
            stand.does(.choose(Stand.hanako))
            #expect(await stand.sees(.face))
            stand.does(.faceMatches)
            #expect(await stand.sees(.pin))
            stand.types(1, 2)
            stand.presenter.phase(.background)
            #expect(stand.screen.name == .home && !stand.presenter.busy)
            #expect(await stand.comes { reader.taps.connects == reader.taps.disconnects })
            stand.presenter.phase(.active)
        }
        #expect(reader.taps == (2, 2))
    }

    @Test("another person's card shows nothing of that person")
    func other() async {
        let stand = stand(VirtualReader(pinTiming: .beforeTap))
        stand.does(.choose(Stand.taro))
        #expect(await stand.sees(.face))
        stand.does(.faceMatches)
        #expect(await stand.sees(.pin))
        stand.types(1, 2, 3, 4)
        stand.does(.enter)
        #expect(await stand.sees(.failure))
        #expect(stand.said.contains("選んだ方のカードではありません（相違：氏名・生年月日）"))
        #expect(!stand.said.contains("ハナコ") && !stand.said.contains("1941"))
    }
}
