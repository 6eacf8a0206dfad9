import Foundation
import KaigoTap

/// A process that uses a store, as another user or to its own sudden end, and says what came of it.
///
/// `StoreTrial FOLDER USER recall`, or `StoreTrial FOLDER USER keep NAME CONTENT [STEP]`: USER is a number, or `-`; after
/// STEP it is killed.
@main
struct StoreTrial {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst() + ["", "", "", "", "", ""]
        let (folder, user, call) = (arguments[1], arguments[2], arguments[3])
        let (name, content, last) = (arguments[4], arguments[5], arguments[6])
        if let user = UInt32(user), setgid(user) != 0 || setuid(user) != 0 { return print("nobody") }
        do {
            let store = try FileStore(folder: URL(fileURLWithPath: folder)) { step in
                if step.rawValue == last { kill(getpid(), SIGKILL) }
            }
            if call == "keep" {
                try await store.keep(Entry(name: name, sealed: Data(content.utf8)))
                print("kept")
            } else {
                let entries = try await store.recall(store.list()).map { entry in
                    "\(entry.name)=\(String(decoding: entry.sealed, as: UTF8.self))"
                }
                print(entries.sorted().joined(separator: " "))
            }
        } catch {
            print(error)
        }
    }
}
