#if os(Linux)
    import CoreNFC
    import Foundation
    import KaigoTap
    import Simulator
    import Testing

    @testable import KaigoTapNFC

    @Suite("the iPhone's reader", .timeLimit(.minutes(2)))
    struct Nfc {
        /// The reason that a call throws.
        func reason(_ call: () async throws -> Void) async -> LinkError? {
            do {
                try await call()
                return nil
            } catch {
                return (error as? CardLinkError)?.reason
            }
        }

        @Test("one sheet for one tap: the last words after the last command only")
        func oneTap() async throws {
            let phone = ScriptedPhone(.tags([ScriptedTag.good]))
            let link = try phone.link()
            #expect(try await link.connect(.first) == .short)
            #expect(try await link.transmit(Data([0x00, 0xA4, 0x04, 0x0C])) == Data([0x90, 0x00]))
            #expect(phone.heard == ["hold", "begin", "still"])
            await link.disconnect()
            #expect(phone.heard == ["hold", "begin", "still", "take away", "invalidate"])
            await link.disconnect()
            #expect(await reason { _ = try await link.transmit(Data(count: 4)) } == .lost)
            #expect(phone.heard.count == 5)
        }

        @Test("several cards, other cards and cards that slip while they connect are asked for again")
        func wrongCards() async throws {
            let phone = ScriptedPhone(
                .tags([ScriptedTag.good, ScriptedTag.good]), .tags([ScriptedTag.mifare]), .tags([ScriptedTag.good]),
                .tags([ScriptedTag.good]), refusals: 1)
            let link = try phone.link()
            _ = try await link.connect(.first)
            #expect(
                phone.heard == [
                    "hold", "begin", "one", "restart", "other", "restart", "again", "restart", "still",
                ])
        }

        @Test("a card that slips is looked for on the same sheet")
        func slips() async throws {
            let lost = ScriptedTag.card { _ in throw NFCReaderError(.readerTransceiveErrorTagConnectionLost) }
            let phone = ScriptedPhone(.tags([lost]), .tags([ScriptedTag.good]))
            let link = try phone.link()
            _ = try await link.connect(.first)
            #expect(await reason { _ = try await link.transmit(Data(count: 4)) } == .lost)
            await link.disconnect()
            _ = try await link.connect(.again)
            #expect(phone.heard == ["hold", "begin", "still", "again", "restart", "still"])
            #expect(try await link.transmit(Data(count: 4)) == Data([0x90, 0x00]))
            // The card came again in time: what was to close the sheet does nothing any more.
            phone.losePatience()
            #expect(try await link.transmit(Data(count: 4)) == Data([0x90, 0x00]))
            #expect(phone.heard.count == 6)
            await link.disconnect()
            #expect(phone.heard.suffix(2) == ["take away", "invalidate"])
        }

        @Test("a card that has slipped and is not wanted again")
        func slipsForGood() async throws {
            let lost = ScriptedTag.card { _ in throw NFCReaderError(.readerTransceiveErrorTagResponseError) }
            let phone = ScriptedPhone(.tags([lost]))
            let link = try phone.link()
            _ = try await link.connect(.first)
            _ = await reason { _ = try await link.transmit(Data(count: 4)) }
            await link.disconnect()
            #expect(!phone.heard.contains("invalidate"))
            phone.losePatience()
            try await phone.wait(for: "invalidate")
            #expect(phone.heard == ["hold", "begin", "still", "invalidate"])
        }

        @Test(
            "why a sheet ended",
            arguments: [
                (NFCReaderError.Code.readerSessionInvalidationErrorUserCanceled, LinkError.cancelled),
                (.readerSessionInvalidationErrorSessionTimeout, .timedOut),
                (.readerSessionInvalidationErrorSystemIsBusy, .busy),
                (.readerErrorUnsupportedFeature, .noReader), (.readerErrorRadioDisabled, .noReader),
                (.readerErrorSecurityViolation, .readerFailed),
                (.readerSessionInvalidationErrorSessionTerminatedUnexpectedly, .readerFailed),
            ])
        func ends(code: NFCReaderError.Code, expected: LinkError) async throws {
            let phone = ScriptedPhone(.end(code))
            let link = try phone.link()
            #expect(await reason { _ = try await link.connect(.first) } == expected)
            // It stays so for this conversation, without a second sheet, and is forgotten in the next one.
            #expect(await reason { _ = try await link.connect(.again) } == expected)
            #expect(await reason { _ = try await link.transmit(Data(count: 4)) } == expected)
            await link.disconnect()
            #expect(phone.heard == ["hold", "begin"])
            let named = link.setupError?.description.contains("entitlements: com.apple.developer.nfc") ?? false
            #expect(named == (code == .readerErrorSecurityViolation))
        }

        @Test("the sheet is closed while the card answers, or between two commands")
        func closedInTheMiddle() async throws {
            let slow = ScriptedTag.card { _ in
                try await Task.sleep(for: .seconds(60))
                return Data()
            }
            let phone = ScriptedPhone(.tags([slow]))
            let link = try phone.link()
            _ = try await link.connect(.first)
            async let answer = reason { _ = try await link.transmit(Data(count: 4)) }
            try await Task.sleep(for: .milliseconds(50))
            phone.end(.readerSessionInvalidationErrorUserCanceled)
            #expect(await answer == .cancelled)
            #expect(await reason { _ = try await link.transmit(Data(count: 4)) } == .cancelled)
            #expect(await reason { _ = try await link.connect(.again) } == .cancelled)
        }

        @Test("whoever stops waiting gets an answer at once, and what comes late is dropped")
        func stops() async throws {
            let phone = ScriptedPhone(.nothing)
            let link = try phone.link()
            async let card = reason { _ = try await link.connect(.first) }
            try await phone.wait(for: "begin")
            await link.disconnect()
            #expect(await card == .cancelled)
            #expect(phone.heard == ["hold", "begin", "invalidate"])
            // The answer to a command that nobody waits for comes while the next one is awaited.
            let late = ScriptedTag.card { command in
                try await Task.sleep(for: .milliseconds(command[1] == 0x20 ? 300 : 600))
                return Data([command[1], 0x90, 0x00])
            }
            let second = ScriptedPhone(.tags([late]), .tags([late]))
            let other = try second.link()
            _ = try await other.connect(.first)
            async let answer = reason { _ = try await other.transmit(Data([0x00, 0x20, 0x00, 0x80])) }
            try await Task.sleep(for: .milliseconds(50))
            await other.disconnect()
            #expect(await answer == .lost)
            _ = try await other.connect(.again)
            #expect(try await other.transmit(Data([0x00, 0xB0, 0x00, 0x00])).first == 0xB0)
        }

        @Test("no reader, and what an app lacks, by its name")
        func setup() async throws {
            let none = try ScriptedPhone().link(available: false)
            #expect(await reason { _ = try await none.connect(.first) } == .noReader)
            var info = ScriptedPhone.info
            info["NFCReaderUsageDescription"] = nil
            info[NFCSetup.applicationsKey] = NFCSetup.applications.dropLast().map { $0.lowercased() }
            do {
                _ = try ScriptedPhone().link(info)
                Issue.record("nothing is missing")
            } catch let error as NFCSetupError {
                #expect(
                    error.missing == [
                        "Info.plist: A0000001510000 in \(NFCSetup.applicationsKey)",
                        "Info.plist: NFCReaderUsageDescription",
                    ])
            }
            #expect(throws: NFCSetupError.self) { try NFCSetup.check([:]) }
            let unlisted = ScriptedTag.card { _ in throw NFCReaderError(.readerErrorSecurityViolation) }
            let phone = ScriptedPhone(.tags([unlisted]))
            let link = try phone.link()
            _ = try await link.connect(.first)
            let select = Data([0x00, 0xA4, 0x04, 0x0C, 0x03, 0xD3, 0x92, 0x10])
            #expect(await reason { _ = try await link.transmit(select) } == .readerFailed)
            #expect(link.setupError?.missing == ["Info.plist: D39210 in \(NFCSetup.applicationsKey)"])
        }

        @Test("commands in the framework's words")
        func commands() throws {
            let short = { (bytes: [UInt8]) in NFCISO7816APDU.short(Data(bytes)) }
            #expect(short([0, 0x20, 0, 0x80])?.expectedResponseLength == -1)
            #expect(short([0, 0x20, 0, 0x80])?.data == Data())
            #expect(short([0, 0xB0, 0, 0, 0])?.expectedResponseLength == 256)
            #expect(short([0, 0xB0, 0, 0, 7])?.expectedResponseLength == 7)
            #expect(short([0, 0x20, 0, 0x80, 2, 8, 9])?.data == Data([8, 9]))
            #expect(short([0, 0x20, 0, 0x80, 2, 8, 9])?.expectedResponseLength == -1)
            #expect(short([0x80, 0x2A, 0, 0x80, 1, 8, 0])?.expectedResponseLength == 256)
            for wrong: [UInt8] in [
                [], [0, 1, 2], [0, 0xB0, 0x8A, 0, 0, 0, 0], [0, 1, 2, 3, 2, 8], [0, 1, 2, 3, 1, 8, 0, 0],
            ] {
                #expect(short(wrong) == nil)
            }
        }
    }

    @Suite("conversations on an iPhone", .timeLimit(.minutes(2)))
    struct NfcConversations {
        @Test("a visit: the sheet makes room for the PIN, and the card comes once more")
        func visit() async throws {
            let (first, second) = (VirtualReader(), VirtualReader())
            let phone = ScriptedPhone(.tags([ScriptedTag.card(of: first)]), .tags([ScriptedTag.card(of: second)]))
            let (link, people) = (try phone.link(), People("1234"))
            _ = try await Sandbox.visit().run(card: link, screen: NFCScreen(people, link: link))
            #expect(people.asked == ["face", "authentication 3 first"])
            #expect(people.allWiped)
            #expect(
                phone.heard == [
                    "hold", "begin", "still", "question", "invalidate", "once more", "begin", "still", "take away",
                    "invalidate",
                ])
            // Without a PIN there was nothing for the first tap to be shown.
            #expect(first.sent.allSatisfy { $0[1] != 0x20 || $0.count == 4 })
        }

        @Test("a malformed PIN is asked for again before the card is wanted")
        func malformed() async throws {
            let readers = [VirtualReader(), VirtualReader()]
            let phone = ScriptedPhone(
                .tags([ScriptedTag.card(of: readers[0])]), .tags([ScriptedTag.card(of: readers[1])]))
            let (link, people) = (try phone.link(), People("12", "1234"))
            _ = try await Sandbox.visit().run(card: link, screen: NFCScreen(people, link: link))
            #expect(people.asked == ["face", "authentication 3 first", "authentication 3 malformed"])
            #expect(phone.heard.filter { $0 == "begin" }.count == 2)
        }

        @Test("a wrong PIN takes a third tap")
        func wrong() async throws {
            let reader = VirtualReader()
            let card = ScriptedTag.card(of: reader)
            let phone = ScriptedPhone(.tags([card]), .tags([card]), .tags([card]))
            let (link, people) = (try phone.link(), People("9999", "1234"))
            _ = try await Sandbox.visit().run(card: link, screen: NFCScreen(people, link: link))
            #expect(people.asked == ["face", "authentication 3 first", "authentication 2 wrong"])
        }

        @Test("a PIN that was typed for one conversation is not used in another, nor for another number of tries")
        func notElsewhere() async throws {
            let reader = VirtualReader()
            let card = ScriptedTag.card(of: reader)
            let phone = ScriptedPhone(
                .tags([card]), .end(.readerSessionInvalidationErrorUserCanceled), .tags([card]),
                .tags([ScriptedTag.card(of: VirtualReader("authentication-tries:2"))]), .nothing)
            let (link, people) = (try phone.link(), People("1234", "1234"))
            let screen = NFCScreen(people, link: link)
            let first = try Sandbox.visit()
            let closed = await code { _ = try await first.run(card: link, screen: screen) }
            #expect(closed == "cancelled")
            #expect(link.sheet.answersKept == 0)
            let second = try Sandbox.visit()
            #expect(await code { _ = try await second.run(card: link, screen: screen) } == "card_removed_during_pin 2")
            #expect(
                people.asked == [
                    "face", "authentication 3 first", "face", "authentication 3 first", "authentication 2 cardRemoved",
                ])
            #expect(people.allWiped)
        }

        @Test("a PIN that is typed after the conversation was cancelled is not kept")
        func typedTooLate() async throws {
            let phone = ScriptedPhone(.tags([ScriptedTag.card(of: VirtualReader())]))
            let link = try phone.link()
            let typing = Trap(link, people: People("1234")) { trap, _, kind in
                guard kind == .ask, !trap.steps.dropFirst().isEmpty else { return }
                trap.cancel()
                // The screen does not care, and answers all the same.
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { continuation.resume() }
                }
            }
            let visit = try Sandbox.visit()
            let screen = NFCScreen(typing, link: link)
            #expect(try await typing.cancellable { _ = try await visit.run(card: link, screen: screen) } == "cancelled")
            try await Task.sleep(for: .milliseconds(500))
            #expect(link.sheet.answersKept == 0)
            #expect(phone.heard == ["hold", "begin", "still", "question", "invalidate"])
        }

        @Test("a last try, with what the holder agreed to")
        func lastTry() async throws {
            let reader = VirtualReader("authentication-tries:1")
            let card = ScriptedTag.card(of: reader)
            let phone = ScriptedPhone(.tags([card]), .tags([card]))
            let (link, people) = (try phone.link(), People("1234", consents: true))
            _ = try await Sandbox.visit().run(card: link, screen: NFCScreen(people, link: link))
            #expect(people.asked == ["face", "last try authentication", "authentication 1 first"])
        }

        @Test("a PIN is changed, and a face is read, in two taps")
        func others() async throws {
            let reader = VirtualReader()
            let card = ScriptedTag.card(of: reader)
            let phone = ScriptedPhone(.tags([card]), .tags([card]), .tags([card]))
            let (link, people) = (try phone.link(), People("1234", new: ("4711", "4711")))
            try await link.changePin(.authentication, screen: NFCScreen(people, link: link))
            #expect(people.asked == ["new authentication first", "authentication 3 first"])
            #expect(people.allWiped)
            let other = ScriptedPhone(.tags([card]), .tags([card]))
            let camera = try other.link()
            let face = try await camera.face(
                printed: NFCScreen(People(printed: [.hanako]), link: camera),
                authorities: #require(Readings.authorities))
            #expect(face.birthDate == "1941-05-03")
        }

        @Test("a person who closes the sheet is no error to alert anybody with")
        func closed() async throws {
            let phone = ScriptedPhone(.end(.readerSessionInvalidationErrorUserCanceled))
            let link = try phone.link()
            do {
                _ = try await link.cardStatus()
                Issue.record("not cancelled")
            } catch {
                #expect(error.failure.code == "cancelled" && error.failure.kind == .person)
            }
        }
    }
#endif
