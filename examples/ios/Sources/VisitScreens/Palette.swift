import Foundation

/// A colour, `0xRRGGBB`.
public struct Colour: Hashable, Sendable {
    public let code: UInt32

    init(_ code: UInt32) { self.code = code }

    /// Red, green and blue, from 0 to 1.
    public var parts: (red: Double, green: Double, blue: Double) {
        let part = { (shift: UInt32) in Double(code >> shift & 0xFF) / 255 }
        return (part(16), part(8), part(0))
    }

    /// Contrast to another one, from 1 to 21 (WCAG 2.2).
    public func contrast(to other: Colour) -> Double {
        let (one, two) = (luminance, other.luminance)
        return (max(one, two) + 0.05) / (min(one, two) + 0.05)
    }

    private var luminance: Double {
        let linear = { (part: Double) in part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4) }
        return 0.2126 * linear(parts.red) + 0.7152 * linear(parts.green) + 0.0722 * linear(parts.blue)
    }
}

/// Every colour of the app.
public enum Palette {
    public static let paper = Colour(0xFFFFFF)
    public static let ink = Colour(0x1A1A1A)
    public static let first = Colour(0x003F87)
    public static let onFirst = Colour(0xFFFFFF)
    public static let other = Colour(0xEEF2F6)
    public static let edge = Colour(0x5A6672)
    public static let faded = Colour(0x4A545E)
    public static let good = Colour(0x0B5A2A)
    public static let goodPaper = Colour(0xEAF6EE)
    public static let care = Colour(0x8A1010)
    public static let carePaper = Colour(0xFDEEEE)
    public static let track = Colour(0xD5DCE3)

    /// Text, on what it stands on: 4.5 to 1 at least (WCAG 2.2, 1.4.3).
    public static let texts: [(Colour, Colour)] = [
        (ink, paper), (onFirst, first), (ink, other), (faded, other), (good, goodPaper), (care, carePaper),
        (care, paper),
    ]
    /// Shapes that mean something, on what lies around them: 3 to 1 at least (1.4.11).
    public static let shapes: [(Colour, Colour)] = [
        (first, paper), (edge, paper), (edge, other), (first, track), (good, paper), (care, paper),
    ]
}
