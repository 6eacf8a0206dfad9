// A stand-in for Apple's framework of this name, for systems that have none: the names and types that the sample app
// uses, and nothing behind them, so that its views are compiled here. It is in no product.

@_exported import Foundation
import UIKit

@MainActor @preconcurrency
public protocol View {
    associatedtype Body: View
    @ViewBuilder @MainActor @preconcurrency var body: Body { get }
}

extension Never: View {
    public var body: Never { fatalError() }
}

/// A view of the framework's own.
@MainActor @preconcurrency
public protocol Primitive: View where Body == Never {}

extension Primitive {
    public var body: Never { fatalError() }
}

public struct EmptyView: Primitive {
    nonisolated public init() {}
}

public struct Several<each Content: View>: Primitive {}

public struct Either<First: View, Second: View>: Primitive {}

extension Optional: View where Wrapped: View {
    public var body: Never { fatalError() }
}

@resultBuilder
public enum ViewBuilder {
    public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
    public static func buildBlock<each Content: View>(_: repeat each Content) -> Several<repeat each Content> {
        Several()
    }
    public static func buildBlock<Content: View>(_ content: Content) -> Content { content }
    public static func buildIf<Content: View>(_ content: Content?) -> Content? { content }
    public static func buildEither<First: View, Second: View>(first _: First) -> Either<First, Second> { Either() }
    public static func buildEither<First: View, Second: View>(second _: Second) -> Either<First, Second> { Either() }
}

// What is drawn.

public struct Text: Primitive, Equatable {
    public init(_: some StringProtocol) {}
    public init(_: Image) {}
    public func font(_: Font?) -> Text { self }
    public func foregroundStyle(_: Color) -> Text { self }
}

public struct Image: Primitive {
    public init(systemName _: String) {}
    public init(uiImage _: UIImage) {}
    public func resizable() -> Image { self }
}

public struct Button<Label: View>: Primitive {
    public init(action _: @escaping @MainActor () -> Void, @ViewBuilder label _: () -> Label) {}
}

extension Button where Label == Text {
    public init(_: some StringProtocol, action _: @escaping @MainActor () -> Void) {}
}

public struct TextField<Label: View>: Primitive {}

extension TextField where Label == Text {
    public init(_: some StringProtocol, text _: Binding<String>) {}
}

public struct ProgressView: Primitive {
    public init() {}
    public init<Value: BinaryFloatingPoint>(value _: Value?, total _: Value = 1) {}
}

public struct VStack<Content: View>: Primitive {
    public init(
        alignment _: HorizontalAlignment = .center, spacing _: CGFloat? = nil, @ViewBuilder content _: () -> Content
    ) {}
}

public struct HStack<Content: View>: Primitive {
    public init(
        alignment _: VerticalAlignment = .center, spacing _: CGFloat? = nil, @ViewBuilder content _: () -> Content
    ) {}
}

public struct ZStack<Content: View>: Primitive {
    public init(@ViewBuilder content _: () -> Content) {}
}

public struct Group<Content: View>: Primitive {
    public init(@ViewBuilder content _: () -> Content) {}
}

public struct ScrollView<Content: View>: Primitive {
    public init(@ViewBuilder content _: () -> Content) {}
}

public struct ForEach<Elements: RandomAccessCollection, ID: Hashable, Content: View>: Primitive {
    public init(
        _: Elements, id _: KeyPath<Elements.Element, ID>,
        @ViewBuilder content _: @escaping (Elements.Element) -> Content
    ) {}
}

public protocol Shape: Primitive {}

extension Shape {
    public func fill(_: Color) -> some View { EmptyView() }
}

public struct Rectangle: Shape {
    nonisolated public init() {}
}

public struct RoundedRectangle: Shape {
    nonisolated public init(cornerRadius _: CGFloat) {}
    public func strokeBorder(_: Color, lineWidth _: CGFloat = 1) -> some View { EmptyView() }
}

// How it is drawn.

public struct Color: Hashable, Sendable {
    public enum RGBColorSpace: Sendable { case sRGB, displayP3 }
    public init(_: RGBColorSpace = .sRGB, red _: Double, green _: Double, blue _: Double, opacity _: Double = 1) {}
}

public struct Font: Hashable, Sendable {
    public enum TextStyle: Sendable { case largeTitle, title, title2, title3, body }
    public static let largeTitle = Font()
    public static let title = Font()
    public static let title2 = Font()
    public static let title3 = Font()
    public func bold() -> Font { self }
}

public enum HorizontalAlignment: Sendable { case leading, center, trailing }
public enum VerticalAlignment: Sendable { case top, center, bottom }
public enum Alignment: Sendable { case leading, center, trailing }
public enum TextAlignment: Sendable { case leading, center, trailing }
public enum ColorScheme: Sendable { case light, dark }
public enum ControlSize: Sendable { case regular, large }
public struct PlainButtonStyle: Sendable { public static let plain = PlainButtonStyle() }
public struct CircularProgressViewStyle: Sendable { public static let circular = CircularProgressViewStyle() }

public struct AccessibilityTraits: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let isHeader = AccessibilityTraits(rawValue: 1)
    public static let isKeyboardKey = AccessibilityTraits(rawValue: 2)
    public static let updatesFrequently = AccessibilityTraits(rawValue: 4)
}

public struct AccessibilityChildBehavior: Sendable {
    public static let ignore = AccessibilityChildBehavior()
    public static let contain = AccessibilityChildBehavior()
}

extension View {
    public func font(_: Font?) -> some View { EmptyView() }
    public func foregroundStyle(_: Color) -> some View { EmptyView() }
    public func keyboardType(_: UIKeyboardType) -> some View { EmptyView() }
    public func autocorrectionDisabled(_: Bool = true) -> some View { EmptyView() }
    public func scaledToFit() -> some View { EmptyView() }
    public func tint(_: Color?) -> some View { EmptyView() }
    public func multilineTextAlignment(_: TextAlignment) -> some View { EmptyView() }
    public func padding(_: CGFloat) -> some View { EmptyView() }
    public func frame(
        minWidth _: CGFloat? = nil, maxWidth _: CGFloat? = nil, minHeight _: CGFloat? = nil,
        alignment _: Alignment = .center
    ) -> some View { EmptyView() }
    public func background<Back: View>(_: Back) -> some View { EmptyView() }
    public func overlay<Front: View>(_: Front) -> some View { EmptyView() }
    public func hidden() -> some View { EmptyView() }
    public func disabled(_: Bool) -> some View { EmptyView() }
    public func id(_: some Hashable) -> some View { EmptyView() }
    public func ignoresSafeArea() -> some View { EmptyView() }
    public func privacySensitive(_: Bool = true) -> some View { EmptyView() }
    public func preferredColorScheme(_: ColorScheme?) -> some View { EmptyView() }
    public func controlSize(_: ControlSize) -> some View { EmptyView() }
    public func buttonStyle(_: PlainButtonStyle) -> some View { EmptyView() }
    public func progressViewStyle(_: CircularProgressViewStyle) -> some View { EmptyView() }
    public func onChange<V: Equatable>(of _: V, perform _: @escaping (V) -> Void) -> some View { EmptyView() }
    public func accessibilityLabel(_: some StringProtocol) -> some View { EmptyView() }
    public func accessibilityHidden(_: Bool) -> some View { EmptyView() }
    public func accessibilityElement(children _: AccessibilityChildBehavior = .ignore) -> some View { EmptyView() }
    public func accessibilityAddTraits(_: AccessibilityTraits) -> some View { EmptyView() }
    public func accessibilityFocused<Value: Hashable>(
        _: AccessibilityFocusState<Value>.Binding, equals _: Value
    ) -> some View { EmptyView() }
}
