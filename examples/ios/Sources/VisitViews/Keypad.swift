#if canImport(SwiftUI) && canImport(UIKit)
    import SwiftUI
    import VisitScreens

    /// 1 to 9, then 0 and the key that erases, always in their places: hands know them.
    struct Keypad: View {
        let spoken: String
        let erase: String
        let full: Bool
        let on: (Action) -> Void

        static let rows: [[Int?]] = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [nil, 0, nil]]
        @ScaledMetric(relativeTo: .title) var height: CGFloat = 64

        var body: some View {
            VStack(spacing: 8) {
                ForEach(Self.rows.indices, id: \.self) { row in
                    HStack(spacing: 8) {
                        ForEach(Self.rows[row].indices, id: \.self) { column in
                            key(Self.rows[row][column], erases: row == 3 && column == 2)
                        }
                    }
                }
            }
            .accessibilityElement(children: .contain)
            .accessibilityLabel(spoken)
        }

        @ViewBuilder
        private func key(_ value: Int?, erases: Bool) -> some View {
            if let value, let digit = Digit(value) {
                button(Text(String(value)), .digit(digit), faded: full)
                    .disabled(full)
                    .accessibilityAddTraits(.isKeyboardKey)
            } else if erases {
                button(Text(Image(systemName: "delete.left")), .erase, faded: false).accessibilityLabel(erase)
            } else {
                Rectangle().hidden().accessibilityHidden(true)
            }
        }

        private func button(_ label: Text, _ action: Action, faded: Bool) -> some View {
            Button {
                on(action)
            } label: {
                label.font(.title.bold())
                    .foregroundStyle((faded ? Palette.faded : Palette.ink).colour)
                    .frame(maxWidth: .infinity, minHeight: height)
                    .background(Box(fill: Palette.other, edge: Palette.edge))
            }
            .buttonStyle(.plain)
        }
    }
#endif
