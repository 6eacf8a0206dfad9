import Foundation
import Testing

@testable import KaigoTap

@Suite("what is wiped", .timeLimit(.minutes(1)))
struct Wiping {
    @Test("a PIN, after use and when it is dropped half-typed")
    func pins() {
        let pin = Pin(ascii: "1234".utf8)
        pin.removeLast()
        #expect(pin.count == 3 && pin.append(0x34))
        pin.wipe()
        #expect(pin.count == 0)
        let long = Pin(ascii: [UInt8](repeating: 0x39, count: 100))
        #expect(long.count == Pin.longest && !long.append(0x39))
    }

    @Test("a command: where it lay are zeros, also for those who share it")
    func commands() {
        let bytes = [UInt8](1...40)
        let command = Data(bytes)
        let shared = command
        let moved = command.moved()
        #expect(moved == Data(bytes))
        #expect(shared == Data(count: 40))
        #expect(Data().moved().isEmpty && Data([1]).moved() == Data([1]))
    }
}
