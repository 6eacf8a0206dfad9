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
                return error as? LinkError
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
                return Data([0x6F, 0x00])
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

        @Test("what is open on the card is closed before the sheet, at every end", arguments: [false, true])
        func farewell(pending: Bool) async throws {
            let phone = ScriptedPhone()
            let card = ScriptedTag.card { command in
                if command[1] == 0x2A { try await Task.sleep(for: .seconds(60)) }
                phone.hear(command == cardDeselection()[0] ? "first" : command.hex)
                return Data([0x6A, 0x82])
            }
            phone.add(.tags([card]))
            phone.add(.nothing)
            let link = try phone.link()
            _ = try await link.connect(.first)
            async let answer = reason {
                if pending { _ = try await link.transmit(Data([0x80, 0x2A, 0x00, 0x80, 0x01, 0x08, 0x00])) }
            }
            if pending { try await Task.sleep(for: .milliseconds(100)) }
            await link.disconnect()
            #expect(await answer == (pending ? .lost : nil))
            let closed = ["first"] + cardDeselection().dropFirst().map(\.hex)
            #expect(phone.heard == ["hold", "begin", "still"] + closed + (pending ? [] : ["take away", "invalidate"]))
            phone.losePatience()
            try await phone.wait(for: "invalidate")
            #expect(phone.heard.count == (pending ? 7 : 8))
        }

        @Test("a card that does not answer its farewell is not waited for")
        func silentFarewell() async throws {
            let silent = ScriptedTag.card { _ in
                try await Task.sleep(for: .seconds(60))
                return Data([0x6F, 0x00])
            }
            let phone = ScriptedPhone(.tags([silent]), .tags([ScriptedTag.good]))
            let link = try phone.link()
            _ = try await link.connect(.first)
            async let gone: Void = link.disconnect()
            try await phone.waitForPatience()
            #expect(phone.heard == ["hold", "begin", "still"])
            phone.losePatience()
            await gone
            #expect(phone.heard == ["hold", "begin", "still", "take away", "invalidate"])
            _ = try await link.connect(.first)
            #expect(try await link.transmit(Data(count: 4)) == Data([0x90, 0x00]))
        }

        @Test("a sheet that is closed during the farewell ends it")
        func closedFarewell() async throws {
            let silent = ScriptedTag.card { _ in
                try await Task.sleep(for: .seconds(60))
                return Data([0x6F, 0x00])
            }
            let phone = ScriptedPhone(.tags([silent]))
            let link = try phone.link()
            _ = try await link.connect(.first)
            async let gone: Void = link.disconnect()
            try await phone.waitForPatience()
            phone.end(.readerSessionInvalidationErrorUserCanceled)
            await gone
            #expect(phone.heard == ["hold", "begin", "still"])
        }

        @Test("nothing of a command is left where it lay once the card has answered")
        func wiped() async throws {
            let apdus = Apdus()
            let phone = ScriptedPhone(.tags([apdus.card]))
            let link = try phone.link()
            _ = try await link.connect(.first)
            let header = Data([0x00, 0x20, 0x00, 0x80, 0x04])
            let place = Data(count: 20) + header + Data("1234".utf8)
            // Shorter ones `Data` keeps within itself, unless they are a piece of a longer one.
            let command = place.suffix(9)
            #expect(try await link.transmit(command) == Data([0x90, 0x00]))
            #expect(apdus.seen == Data("1234".utf8))
            #expect(apdus.last?.data == Data(count: 4))
            #expect(command == header + Data(count: 4))
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
        @Test("a visit: the PIN first, then one tap does everything")
        func visit() async throws {
            let reader = VirtualReader()
            let phone = ScriptedPhone(.tags([ScriptedTag.card(of: reader)]))
            let (link, people) = (try phone.link(), People("1234"))
            let trap = Trap(link, people: people) { _, _, kind in
                // The sheet would cover the app.
                if kind == .ask { #expect(phone.heard.isEmpty) }
            }
            _ = try await Sandbox.visit().run(card: trap, http: trap, screen: trap)
            #expect(people.asked == ["face", "authentication - first"])
            #expect(people.allWiped && phone.sheets == 1 && trap.connects == 1)
            #expect(phone.heard == ["hold", "begin", "still", "take away", "invalidate"])
            #expect(reader.sent.filter(\.presents).count == 1)
        }

        @Test("with two tries left it takes two taps, and the holder is told in between")
        func triesGone() async throws {
            let reader = VirtualReader("authentication-tries:2")
            let card = ScriptedTag.card(of: reader)
            let phone = ScriptedPhone(.tags([card]), .tags([card]))
            let (link, people) = (try phone.link(), People("1234", "1234"))
            let trap = Trap(link, people: people) { _, _, kind in
                // No tap is under way while somebody types, and the first has shown the card nothing.
                if kind == .ask { #expect(phone.heard.isEmpty || phone.heard.last == "invalidate") }
                if kind == .ask { #expect(reader.sent.filter(\.presents).isEmpty) }
            }
            _ = try await Sandbox.visit().run(card: trap, http: trap, screen: trap)
            #expect(people.asked == ["face", "authentication - first", "authentication 2 triesGone"])
            #expect(people.allWiped && phone.sheets == 2)
            #expect(phone.heard.filter { $0 == "hold" || $0 == "once more" } == ["hold", "once more"])
            #expect(reader.sent.filter(\.presents).count == 1)
        }

        @Test("a sheet that is closed instead of the second tap is a person who stops")
        func closedInBetween() async throws {
            let phone = ScriptedPhone(
                .tags([ScriptedTag.card(of: VirtualReader("authentication-tries:2"))]),
                .end(.readerSessionInvalidationErrorUserCanceled))
            let (link, people) = (try phone.link(), People("1234", "1234"))
            let visit = try Sandbox.visit()
            #expect(await code { _ = try await visit.run(card: link, screen: people) } == "cancelled")
            #expect(people.allWiped && phone.sheets == 2)
        }

        @Test("a malformed PIN is asked for again before the card is wanted")
        func malformed() async throws {
            let phone = ScriptedPhone(.tags([ScriptedTag.card(of: VirtualReader())]))
            let (link, people) = (try phone.link(), People("12", "1234"))
            _ = try await Sandbox.visit().run(card: link, screen: people)
            #expect(people.asked == ["face", "authentication - first", "authentication - malformed"])
            #expect(phone.sheets == 1)
        }

        @Test("a wrong PIN takes a second tap")
        func wrong() async throws {
            let card = ScriptedTag.card(of: VirtualReader())
            let phone = ScriptedPhone(.tags([card]), .tags([card]))
            let (link, people) = (try phone.link(), People("9999", "1234"))
            _ = try await Sandbox.visit().run(card: link, screen: people)
            #expect(people.asked == ["face", "authentication - first", "authentication 2 wrong"])
            #expect(phone.sheets == 2)
        }

        @Test("a PIN that was typed for one card is shown to no other, nor in another conversation")
        func notElsewhere() async throws {
            let other = VirtualReader(person: "taro")
            let phone = ScriptedPhone(
                .end(.readerSessionInvalidationErrorUserCanceled),
                .tags([ScriptedTag.card(of: VirtualReader("authentication-tries:2"))]),
                .tags([ScriptedTag.card(of: other)]))
            let (link, people) = (try phone.link(), People("1234", "1234", "1234"))
            let first = try Sandbox.visit()
            #expect(await code { _ = try await first.run(card: link, screen: people) } == "cancelled")
            let second = try Sandbox.visit()
            #expect(await code { _ = try await second.run(card: link, screen: people) } == "another_card")
            #expect(
                people.asked == [
                    "face", "authentication - first", "face", "authentication - first",
                    "authentication 2 triesGone",
                ])
            // Not even its counter was asked for.
            #expect(!other.sent.isEmpty && other.sent.allSatisfy { $0[1] != 0x20 })
            #expect(people.allWiped)
        }

        @Test("a PIN that is typed after the conversation was cancelled is wiped, and no sheet is shown")
        func typedTooLate() async throws {
            let phone = ScriptedPhone(.tags([ScriptedTag.card(of: VirtualReader())]))
            let (link, people) = (try phone.link(), People("1234"))
            let typing = Trap(link, people: people) { trap, _, kind in
                guard kind == .ask, !trap.steps.dropFirst().isEmpty else { return }
                trap.cancel()
                // The screen does not care, and answers all the same.
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { continuation.resume() }
                }
            }
            let visit = try Sandbox.visit()
            #expect(try await typing.cancellable { _ = try await visit.run(card: link, screen: typing) } == "cancelled")
            try await Task.sleep(for: .milliseconds(500))
            #expect(people.allWiped)
            #expect(phone.heard == [])
        }

        @Test("a visit that is cancelled after the PIN was accepted leaves no card that signs")
        func cancelledOpen() async throws {
            let reader = VirtualReader()
            let phone = ScriptedPhone(.tags([ScriptedTag.card(of: reader)]))
            let link = try phone.link()
            let trap = Trap(link) { trap, _, kind in
                if kind == .transmit, reader.sent.last?.presents == true { trap.cancel() }
            }
            #expect(try await trap.cancellableVisit() == "cancelled")
            #expect(reader.sent.suffix(3) == cardDeselection()[...])
            // The card keeps its power all the time.
            let info = Data([0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01])
            let digest = info + Data([0x05, 0x00, 0x04, 0x20]) + Data(count: 32)
            _ = try await reader.transmit(cardDeselection()[0])
            _ = try await reader.transmit(Data([0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x17]))
            let sign = Data([0x80, 0x2A, 0x00, 0x80, UInt8(digest.count)]) + digest + Data([0x00])
            #expect(try await reader.transmit(sign) == Data([0x69, 0x82]))
        }

        @Test("a last try: the holder is asked with the card away, and it takes two taps")
        func lastTry() async throws {
            let card = ScriptedTag.card(of: VirtualReader("authentication-tries:1"))
            let phone = ScriptedPhone(.tags([card]), .tags([card]))
            let (link, people) = (try phone.link(), People("1234", "1234", consents: true))
            _ = try await Sandbox.visit().run(card: link, screen: people)
            #expect(people.asked.contains("last try authentication"))
            #expect(phone.sheets == 2)
        }

        @Test("a PIN is changed, and a face is read, in one tap each")
        func others() async throws {
            let card = ScriptedTag.card(of: VirtualReader())
            let phone = ScriptedPhone(.tags([card]))
            let (link, people) = (try phone.link(), People("1234", new: ("4711", "4711")))
            try await link.drivers.changePin(.authentication, screen: people)
            #expect(people.asked == ["authentication - first", "new authentication first"])
            #expect(people.allWiped && phone.sheets == 1)
            let other = ScriptedPhone(.tags([card]))
            let camera = try other.link()
            let face = try await camera.drivers.face(
                printed: People(printed: [.hanako]), authorities: #require(Readings.authorities))
            #expect(face.birthDate == "1941-05-03" && other.sheets == 1)
        }

        @Test("a person who closes the sheet is no error to alert anybody with")
        func closed() async throws {
            let phone = ScriptedPhone(.end(.readerSessionInvalidationErrorUserCanceled))
            let link = try phone.link()
            do {
                _ = try await link.drivers.cardStatus()
                Issue.record("not cancelled")
            } catch {
                #expect(error.failure.code == "cancelled" && error.failure.kind == .person)
            }
        }
    }

    /// A card that keeps what the framework was given.
    final class Apdus: NFCISO7816Tag, @unchecked Sendable {
        private let lock = NSLock()
        private var held: (apdu: NFCISO7816APDU, data: Data)?

        var card: ScriptedTag.Held { ScriptedTag.Held(value: .iso7816(self)) }
        var last: NFCISO7816APDU? { lock.withLock { held?.apdu } }
        /// A copy of the last data, as the card saw them.
        var seen: Data? { lock.withLock { held?.data } }

        func sendCommand(
            apdu: NFCISO7816APDU, completionHandler: @escaping @Sendable (Data, UInt8, UInt8, (any Error)?) -> Void
        ) {
            lock.withLock { held = (apdu, Data(Array(apdu.data ?? Data()))) }
            completionHandler(Data(), 0x90, 0x00, nil)
        }
    }

    extension Data {
        var hex: String { map { String(format: "%02X", $0) }.joined() }
        /// Whether it is a VERIFY with a PIN; one without asks for the tries.
        var presents: Bool { self[1] == 0x20 && count > 5 }
    }
#endif
