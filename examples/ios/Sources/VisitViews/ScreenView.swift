#if canImport(SwiftUI) && canImport(UIKit)
    import SwiftUI
    import UIKit
    import VisitScreens

    /// The one view. Text grows with the size that somebody has set, wraps, and scrolls where it does not fit.
    public struct ScreenView: View {
        @ObservedObject private var model: ScreenModel
        @Environment(\.scenePhase) private var phase
        @AccessibilityFocusState private var heading: Screen.Name?

        public init(_ model: ScreenModel) {
            self.model = model
            _heading = AccessibilityFocusState()
        }

        public var body: some View {
            ZStack {
                Rectangle().fill(Palette.paper.colour).ignoresSafeArea()
                if model.covered {
                    // What the system keeps a picture of while the app is put aside.
                    Text(model.words.covered).font(.title.bold()).foregroundStyle(Palette.ink.colour)
                } else {
                    ScrollView {
                        VStack(alignment: .leading, spacing: 16) {
                            ForEach(Array(model.screen.elements.enumerated()), id: \.offset) { place, element in
                                if place == 0 {
                                    ElementView(element: element, on: model.on)
                                        .accessibilityFocused($heading, equals: model.screen.name)
                                } else {
                                    ElementView(element: element, on: model.on)
                                }
                            }
                        }
                        .padding(20)
                        .frame(maxWidth: .infinity, alignment: .leading)
                    }
                    // Another screen begins at its top; one that only changes stays where it was.
                    .id(model.screen.name)
                    .privacySensitive()
                }
            }
            .preferredColorScheme(.light)
            .onChange(of: model.screen.name) { name in heading = name }
            .onChange(of: model.screen.news) { news in
                if let news { UIAccessibility.post(notification: .announcement, argument: news) }
            }
            .onChange(of: phase) { phase in model.phase(phase) }
        }
    }

    extension Colour {
        /// As SwiftUI wants it.
        var colour: Color { Color(.sRGB, red: parts.red, green: parts.green, blue: parts.blue) }
    }
#endif
