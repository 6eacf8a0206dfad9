import Foundation
import KaigoTap
import SampleSimulator
import Testing

@testable import VisitScreens

@Suite("other ways", .timeLimit(.minutes(2)))
@MainActor
struct OtherWays {
    private static let right: [Attribute: String] = [
        .insurerNumber: "990010", .insuredNumber: "0001234567", .nameKana: "カイゴ　ハナコ", .birthDate: "昭和16年5月3日",
        .sex: "女",
    ]

    private func types(_ stand: Stand) {
        for (attribute, text) in Self.right { stand.types(text, .certificate(attribute)) }
    }

    @Test("a locked PIN leads to the choice, and paper to the result, with a card and a platform")
    func paper() async {
        let stand = Stand { visitor, screen, progress in
            try await Sandbox.visit(person: visitor.chosen, offers: VisitPresenter.ways)
                .run(card: VirtualReader("locked", pinTiming: .beforeTap), screen: screen, progress: progress)
        }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.face))
        stand.does(.faceMatches)
        #expect(await stand.sees(.pin))
        stand.types(1, 2, 3, 4)
        stand.does(.enter)
        #expect(await stand.sees(.ways))
        #expect(stand.screen.notices == [Stand.locked.message(language: .japanese)])
        #expect(stand.screen.large["次にすること"] == Stand.locked.nextAction(language: .japanese))
        #expect(stand.choices.map(\.first) == stand.choices.indices.map { $0 == 0 })
        #expect(stand.choices.last?.text == "どれも使わず、紙に控えて終わる")
        #expect(stand.choices.contains { $0.action == .way(.fourAttributes) })
        // Nobody may choose what is not offered.
        stand.does(.way(.cardPin))
        #expect(stand.screen.name == .ways)
        stand.does(.way(.fourAttributes))
        #expect(await stand.sees(.certificate))
        types(stand)
        stand.types("99001", .certificate(.insurerNumber))
        stand.does(.enter)
        // The fault is told, in words and at its field, and the rest stands there still.
        #expect(await stand.comes { !stand.screen.notices.isEmpty })
        #expect(stand.screen.notices == ["保険者番号（数字6桁）: 桁数が違います。"])
        #expect(stand.screen.fields.map(\.fault) == ["桁数が違います。", nil, nil, nil, nil])
        #expect(stand.screen.fields.map(\.entered.text) == ["99001", "0001234567", "カイゴ　ハナコ", "昭和16年5月3日", "女"])
        stand.types("990010", .certificate(.insurerNumber))
        stand.does(.enter)
        #expect(await stand.sees(.birth))
        #expect(stand.screen.large["生年月日"]?.hasPrefix("昭和16年5月3日（") == true && stand.said.contains("歳）"))
        stand.does(.notRight)
        #expect(await stand.sees(.certificate))
        #expect(stand.screen.fields.map { $0.fault != nil } == [false, false, false, true, false])
        #expect(stand.screen.fields.first?.entered.text == "990010")
        stand.does(.enter)
        #expect(await stand.sees(.birth))
        stand.does(.right)
        #expect(stand.presenter.form == nil)
        #expect(await stand.sees(.result))
        #expect(stand.screen.large["お名前"] == "カイゴ　ハナコ")
    }

    @Test("none of the ways ends the visit with what failed")
    func none() async {
        let stand = Stand { _, screen, _ in
            #expect(await screen.chooseWay(after: Stand.locked, ways: [.faceCheck, .fourAttributes]) == nil)
            throw KaigoTapError.Failed(failure: Stand.locked)
        }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.ways))
        #expect(stand.choices.map(\.action) == [.way(.faceCheck), .way(.fourAttributes), .paper])
        stand.does(.paper)
        #expect(await stand.sees(.failure))
        #expect(stand.said.contains("pin_blocked"))
        let note = Stand.locked.toNote(language: .japanese).joined(separator: "\n")
        #expect(!note.isEmpty && stand.screen.large["紙に控えておくこと"] == note)
    }

    @Test("what the card told stands in its fields; what was typed is gone after stopping, and shown by nothing")
    func gone() async {
        let stand = Stand { _, screen, _ in
            _ = await screen.enterAttributes(.faceCheck, fault: nil, prefilled: Stand.known)
            throw Stand.lost
        }
        for leaves in [true, false] {
            stand.does(.choose(Stand.hanako))
            #expect(await stand.sees(.certificate))
            #expect(stand.screen.fields.map(\.entered.text) == ["", "", "", "1941-05-03", "女"])
            types(stand)
            #expect(stand.presenter.form?.attributes.insuredNumber == "0001234567")
            var shown = ""
            dump(stand.presenter, to: &shown)
            dump(stand.screen, to: &shown)
            #expect(shown.contains("被保険者番号") && !shown.contains("0001234567"))
            if leaves { stand.presenter.phase(.background) } else { stand.does(.stop) }
            #expect(stand.screen.name == .home && stand.presenter.form == nil)
            stand.presenter.phase(.active)
        }
    }

    @Test("what is printed on the card has three fields; the photo is shown, and judged")
    func photo() async {
        let (typed, seen) = (Box<[PrintedFields?]>([]), Box<FaceCheck?>(nil))
        let stand = Stand { _, screen, _ in
            typed.value.append(await screen.enterPrintedFields(triesLeft: 10, why: .first, fault: nil))
            let fault = PrintedFault(field: .securityCode, faulty: .length)
            typed.value.append(await screen.enterPrintedFields(triesLeft: 10, why: .first, fault: fault))
            seen.value = await screen.confirmPhoto(Stand.portrait)
            throw Stand.lost
        }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.printed))
        #expect(stand.screen.fields.count == 3 && stand.screen.fields.allSatisfy(\.digits))
        #expect(stand.said.contains("あと10回"))
        stand.types("160503", .printed(.birthDate))
        stand.types("2035", .printed(.expiryYear))
        stand.types("050", .printed(.securityCode))
        stand.does(.enter)
        #expect(await stand.comes { !stand.screen.notices.isEmpty })
        #expect(stand.screen.fields.map(\.fault) == [nil, nil, "桁数が違います。"])
        #expect(stand.screen.fields.map(\.entered.text) == ["160503", "2035", "050"])
        stand.types("0503", .printed(.securityCode))
        stand.does(.enter)
        #expect(await stand.sees(.photo))
        #expect(typed.value.last == PrintedFields(birthDate: "160503", expiryYear: "2035", securityCode: "0503"))
        #expect(stand.presenter.form == nil && stand.screen.elements.contains { $0.spoken == "カードの中の写真" })
        stand.does(.faceMatches)
        #expect(await stand.sees(.failure))
        #expect(seen.value == .match)
    }

    @Test("where what is printed on the card did not open it, nobody is told of a PIN")
    func notOpened() async {
        let stand = Stand { _, screen, _ in
            _ = await screen.enterPrintedFields(triesLeft: 1, why: .first, fault: nil)
            _ = await screen.confirmLastTry(.verificationNumberB, why: .wrong)
            _ = await screen.chooseWay(after: Stand.locked, ways: [.fourAttributes])
            _ = await screen.chooseWay(after: Stand.locked, ways: [.fourAttributes])
            throw Stand.lost
        }
        stand.does(.choose(Stand.hanako))
        #expect(await stand.sees(.printed))
        stand.does(.enter)
        #expect(await stand.sees(.last))
        #expect(!stand.said.contains("暗証番号"))
        stand.does(.tryLast)
        #expect(await stand.sees(.ways))
        #expect(stand.screen.notices == [Words.japanese.ways.notOpened])
        stand.does(.way(.fourAttributes))
        #expect(await stand.comes { stand.screen.notices == [Stand.locked.message(language: .japanese)] })
        stand.does(.stop)
    }
}
