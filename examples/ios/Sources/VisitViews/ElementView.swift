#if canImport(SwiftUI) && canImport(UIKit)
    import SwiftUI
    import UIKit
    import VisitScreens

    /// One thing on a screen.
    struct ElementView: View {
        let element: Element
        let on: (Action) -> Void

        var body: some View {
            switch element {
            case .heading(let text):
                Text(text).font(.title.bold()).foregroundStyle(Palette.ink.colour)
                    .accessibilityAddTraits(.isHeader)
            case .text(let text):
                Text(text).font(.title3).foregroundStyle(Palette.ink.colour)
            case .notice(let text, let tone):
                NoticeView(text: text, tone: tone)
            case .large(let label, let text):
                VStack(alignment: .leading, spacing: 4) {
                    Text(label).font(.title3)
                    Text(text).font(.largeTitle.bold())
                }
                .foregroundStyle(Palette.ink.colour)
                .accessibilityElement(children: .ignore)
                .accessibilityLabel(element.spoken)
            case .choice(let choice):
                ChoiceView(choice: choice, on: on)
            case .dots(let entered, let all, let spoken):
                Text(String(repeating: "●", count: entered) + String(repeating: "○", count: all - entered))
                    .font(.largeTitle).foregroundStyle(Palette.ink.colour)
                    .frame(maxWidth: .infinity)
                    .accessibilityLabel(spoken)
            case .keypad(let spoken, let erase, let full):
                Keypad(spoken: spoken, erase: erase, full: full, on: on)
            case .bar(let percent, let spoken):
                BarView(percent: percent, spoken: spoken)
            case .field(let field):
                FieldView(field: field, on: on)
            case .portrait(let portrait, let spoken, let missing):
                PortraitView(portrait: portrait, spoken: spoken, missing: missing)
            }
        }
    }

    /// What must not be overlooked.
    private struct NoticeView: View {
        let text: String
        let tone: Tone

        private var ink: Colour { tone == .good ? Palette.good : Palette.care }
        private var paper: Colour { tone == .good ? Palette.goodPaper : Palette.carePaper }

        var body: some View {
            Text(text).font(.title2.bold()).foregroundStyle(ink.colour)
                .padding(16)
                .frame(maxWidth: .infinity, alignment: .leading)
                .background(Box(fill: paper, edge: ink))
        }
    }

    /// A button, as wide as the screen.
    private struct ChoiceView: View {
        let choice: Choice
        let on: (Action) -> Void

        var body: some View {
            Button {
                on(choice.action)
            } label: {
                Text(choice.text).font(.title2).multilineTextAlignment(.center)
                    .foregroundStyle((choice.first ? Palette.onFirst : Palette.ink).colour)
                    .padding(16)
                    .frame(maxWidth: .infinity, minHeight: 64)
                    .background(
                        choice.first
                            ? Box(fill: Palette.first, edge: Palette.first)
                            : Box(fill: Palette.other, edge: Palette.edge))
            }
            .buttonStyle(.plain)
            .accessibilityLabel(choice.spoken)
        }
    }

    /// A field, with its label above it. What was typed lives in the presenter alone.
    private struct FieldView: View {
        let field: Field
        let on: (Action) -> Void

        var body: some View {
            VStack(alignment: .leading, spacing: 4) {
                Text(field.label).font(.title3).foregroundStyle(Palette.ink.colour).accessibilityHidden(true)
                if let fault = field.fault {
                    Text(fault).font(.title3.bold()).foregroundStyle(Palette.care.colour).accessibilityHidden(true)
                }
                TextField("", text: Binding(get: { field.entered.text }, set: { on(.type(field.name, Entered($0))) }))
                    .font(.title2).foregroundStyle(Palette.ink.colour)
                    .keyboardType(field.digits ? .numberPad : .default)
                    .autocorrectionDisabled()
                    .padding(16)
                    .frame(maxWidth: .infinity, minHeight: 64)
                    .background(
                        Box(fill: Palette.paper, edge: field.fault == nil ? Palette.edge : Palette.care)
                    )
                    .accessibilityLabel(field.spoken)
            }
        }
    }

    /// The photo in the card's chip, as wide as the screen.
    private struct PortraitView: View {
        let portrait: Portrait
        let spoken: String
        let missing: String

        var body: some View {
            if let image = UIImage(data: portrait.file) {
                Image(uiImage: image).resizable().scaledToFit()
                    .frame(maxWidth: .infinity)
                    .accessibilityLabel(spoken)
            } else {
                NoticeView(text: missing, tone: .care)
            }
        }
    }

    /// How far it is.
    private struct BarView: View {
        let percent: Int?
        let spoken: String

        var body: some View {
            Group {
                if let percent {
                    ProgressView(value: Double(percent), total: 100)
                } else {
                    ProgressView().progressViewStyle(.circular).controlSize(.large)
                }
            }
            .tint(Palette.first.colour)
            .frame(maxWidth: .infinity, minHeight: 48)
            .accessibilityElement(children: .ignore)
            .accessibilityLabel(spoken)
            .accessibilityAddTraits(.updatesFrequently)
        }
    }

    /// What lies under a button or a notice.
    struct Box: View {
        let fill: Colour
        let edge: Colour

        var body: some View {
            RoundedRectangle(cornerRadius: 12).fill(fill.colour)
                .overlay(RoundedRectangle(cornerRadius: 12).strokeBorder(edge.colour, lineWidth: 2))
        }
    }
#endif
