import Foundation
@_exported import KaigoTapCore

/// Where a conversation stands. Foundation has a `Progress` of its own; this name is never ambiguous.
public typealias ConversationProgress = KaigoTapCore.Progress

extension KaigoTapError {
    /// What went wrong: its stable code, its texts for the nurse, and the tries that are left.
    public var failure: Failure {
        switch self {
        case .Failed(let failure): failure
        }
    }

    init(_ fault: HostFault) {
        self = .Failed(failure: KaigoTapCore.failure(fault: fault))
    }

    /// What only a fault of this library can bring: another outcome than was asked for, or an error without a name.
    static var internalFault: KaigoTapError {
        .Failed(
            failure: Failure(
                kind: .software, code: "internal_error", triesLeft: nil, waitSeconds: nil,
                differences: Differences(name: false, birthDate: false, sex: false), debug: ""))
    }
}

extension Environment {
    /// What the device of this enrolment knows and trusts, for the staff member of this token, who has signed in on it.
    public init(_ enrolment: Enrolment, staffToken: String, anchors: TrustAnchors = .production) {
        self.init(
            server: enrolment.server, issuer: enrolment.issuer, challengeKeys: enrolment.challengeKeys,
            device: enrolment.device, staffToken: staffToken, anchors: anchors, entropy: freshEntropy())
    }
}

/// 32 bytes of the system's secure randomness: for ``Environment/entropy``, fresh for each visit, and for challenges.
public func freshEntropy() -> Data {
    var system = SystemRandomNumberGenerator()
    return Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &system) })
}
