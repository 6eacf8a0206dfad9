#if canImport(SwiftUI) && canImport(UIKit)
    import SwiftUI
    import VisitScreens

    /// Tells SwiftUI what the presenter shows.
    @MainActor
    public final class ScreenModel: ObservableObject {
        @Published private(set) var screen: Screen
        @Published private(set) var covered = false
        let words: Words
        private let presenter: OfflineDay

        public init(_ presenter: OfflineDay, words: Words) {
            self.presenter = presenter
            self.words = words
            screen = presenter.screen
            presenter.changed = { [weak self] in self?.look() }
        }

        func on(_ action: Action) { presenter.on(action) }

        func phase(_ phase: ScenePhase) {
            switch phase {
            case .active: presenter.phase(.active)
            case .background: presenter.phase(.background)
            default: presenter.phase(.inactive)
            }
        }

        private func look() { (screen, covered) = (presenter.screen, presenter.covered) }
    }
#endif
