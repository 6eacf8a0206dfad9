import Foundation
import KaigoTap
import Simulator

/// What the boundary between Swift and the library costs, as tab-separated lines: name, value, unit.
///
/// - `process_ms`, `empty_process_ms`: from the start of a process to the first step of a conversation, and to its `main`,
///   with the library loaded either way.
/// - `cold_start_ms`: the first step of a process, within it.
/// - `visit_us`, `calls`, `step_us`: a whole PIN visit, replayed from a transcript: the time within the library's calls
///   alone, their number, and that of one on average.
/// - `progress_us`, `refused_us`: the cheapest call there is, and one that is refused by an error.
///
/// Medians of many.
@main
struct FfiCost {
    static func main() throws {
        if CommandLine.arguments.contains("--first-step") { return try firstStep() }
        if CommandLine.arguments.contains("--nothing") { return say("ready") }
        try coldStart(runs: 30)
        try wholeVisit(runs: 300)
        try oneCall(runs: 100_000)
    }

    /// In a process of its own: the first step of a conversation, and how long it took from the beginning of `main`.
    private static func firstStep() throws {
        let clock = ContinuousClock()
        let took = try clock.measure { _ = try cardStatus().start() }
        say("\(microseconds(took))")
    }

    private static func coldStart(runs: Int) throws {
        var (first, inside, nothing): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<runs {
            let (took, said) = try child("--first-step")
            first.append(took)
            inside.append(Double(said) ?? .nan)
            nothing.append(try child("--nothing").took)
        }
        row("process_ms", median(first) / 1_000, "ms")
        row("empty_process_ms", median(nothing) / 1_000, "ms")
        row("cold_start_ms", median(inside) / 1_000, "ms")
    }

    /// How long a process takes, in microseconds, until it says a line.
    private static func child(_ argument: String) throws -> (took: Double, said: String) {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = [argument]
        process.standardOutput = pipe
        let clock = ContinuousClock()
        let began = clock.now
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        let took = microseconds(clock.now - began)
        process.waitUntilExit()
        return (took, said.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// A visit with PIN, replayed: the time within the library's calls alone, its work included.
    private static func wholeVisit(runs: Int) throws {
        let table = try Table.read()
        let path = Table.transcripts.appendingPathComponent("visit-modern.jsonl")
        let replay = try Replay(String(contentsOf: path, encoding: .utf8), table)
        var (visits, count): ([Double], Int) = ([], 0)
        for _ in 0..<runs {
            let timed = Timed(try replay.begin())
            guard try replay.run(timed) == ["done"] else { throw Differs("the visit failed") }
            visits.append(microseconds(timed.spent))
            count = timed.calls
        }
        row("visit_us", median(visits), "us")
        row("calls", Double(count), "calls")
        row("step_us", median(visits) / Double(count), "us")
    }

    /// Calls that do almost nothing in the library: what is left is the boundary.
    private static func oneCall(runs: Int) throws {
        let status = cardStatus()
        _ = try status.start()
        let clock = ContinuousClock()
        var (simple, thrown): ([Double], [Double]) = ([], [])
        for _ in 0..<100 {
            let all = try clock.measure { for _ in 0..<(runs / 100) { _ = try status.progress() } }
            simple.append(microseconds(all) / Double(runs / 100))
            let errors = clock.measure { for _ in 0..<(runs / 100) { _ = try? status.resume(reply: .disconnected) } }
            thrown.append(microseconds(errors) / Double(runs / 100))
        }
        row("progress_us", median(simple), "us")
        row("refused_us", median(thrown), "us")
    }

    private static func row(_ name: String, _ value: Double, _ unit: String) {
        print("\(name)\t\(String(format: "%.2f", value))\t\(unit)")
    }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}

/// A conversation whose calls are timed.
private final class Timed: Replayable {
    private let talk: any Replayable
    private let clock = ContinuousClock()
    private(set) var spent = Duration.zero
    private(set) var calls = 0

    init(_ talk: any Replayable) { self.talk = talk }

    private func time(_ call: () throws -> Step) rethrows -> Step {
        let began = clock.now
        let step = try call()
        spent += clock.now - began
        calls += 1
        return step
    }

    func askForPins(timing: PinTiming) throws { try talk.askForPins(timing: timing) }
    func start() throws -> Step { try time { try talk.start() } }
    func resume(reply: Reply) throws -> Step { try time { try talk.resume(reply: reply) } }
    func enterPin(pin: Data) throws -> Step { try time { try talk.enterPin(pin: pin) } }
    func enterNewPin(first: Data, second: Data) throws -> Step {
        try time { try talk.enterNewPin(first: first, second: second) }
    }
}

private func microseconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) * 1e6 + Double(attoseconds) / 1e12
}

private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}
