// A stand-in for Apple's framework of this name; see the one for SwiftUI beside it.

import Foundation

public enum UIKeyboardType: Sendable { case `default`, numberPad }

public final class UIImage {
    public init?(data _: Data) {}
}

/// What apps tell VoiceOver.
public enum UIAccessibility {
    public struct Notification: Sendable {
        public static let announcement = Notification()
    }

    @MainActor
    public static func post(notification _: Notification, argument _: Any?) {}
}
