#if canImport(SwiftUI) && canImport(UIKit) && canImport(CoreNFC)
    import CoreNFC
    import KaigoTapNFC
    import SwiftUI
    import VisitScreens
    import VisitViews

    /// Ties everything together. What it decides is in `OfflineDay` and `VisitPresenter`, what it needs from outside in `Enrolment`.
    @main
    struct NurseApp: App {
        @StateObject private var model: ScreenModel

        init() {
            // For whoever builds it: names each line that Info.plist lacks.
            do { try NFCSetup.check() } catch { print(error) }
            // Japanese, but where somebody has chosen English for this app.
            let words = Bundle.main.preferredLocalizations.first == "en" ? Words.english : .japanese
            let presenter = OfflineDay(
                visitors: Enrolment.visitors, words: words,
                reader: NFCTagReaderSession.readingAvailable ? .ready : .absent, kit: Enrolment.kit(words))
            _model = StateObject(wrappedValue: ScreenModel(presenter, words: words))
        }

        var body: some Scene {
            WindowGroup { ScreenView(model) }
        }
    }
#endif
