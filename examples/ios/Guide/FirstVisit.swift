#if canImport(SwiftUI)
    import KaigoTap
    import KaigoTapNFC
    import SwiftUI

    /// The shortest app: a button, the reading sheet, and who it is.
    struct FirstVisit: View {
        @State private var result = ""
        /// Yours: asks for the PIN, and compares the face.
        let screen: any VisitScreen
        /// What the device was given when it was enrolled.
        let environment: @Sendable () -> KaigoTap.Environment
        let plan: Plan

        var body: some View {
            VStack(spacing: 24) {
                Text(result).font(.largeTitle)
                Button("カードを読み取る") { Task { result = await visit() } }.font(.title)
            }
        }

        func visit() async -> String {
            ""
        }
    }
#endif
