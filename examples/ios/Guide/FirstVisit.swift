#if canImport(SwiftUI) && canImport(CoreNFC)
    import KaigoTap
    import KaigoTapNFC
    import SwiftUI

    /// The shortest app: a button, the system's reading sheet, and what came of it. `Bedside` is the app's own screen,
    /// which compares the face and asks for the PIN.
    struct FirstVisit<Bedside: VisitScreen>: View {
        let bedside: Bedside
        let plan: Plan
        /// For each visit a new one: it holds fresh entropy.
        let environment: () -> KaigoTap.Environment
        @State var result = ""

        var body: some View {
            VStack {
                Text(result).font(.largeTitle)
                Button("カードを読み取る") { Task { await visit() } }.font(.title)
            }
        }

        func visit() async {
            do {
                let drivers = Drivers(card: try NFCCardLink(messages: .japanese), keys: SecureEnclaveKeys())
                let verified = try await drivers.visit(plan, environment: environment(), screen: bedside)
                result = verified.entitlement.careLevel?.text(language: .japanese) ?? "要介護認定なし"
            } catch let error as KaigoTapError {
                let failure = error.failure
                result = failure.message(language: .japanese) + "\n" + failure.nextAction(language: .japanese)
            } catch {
                // NFCSetupError: it names each line that Info.plist lacks.
                result = "\(error)"
            }
        }
    }
#endif
