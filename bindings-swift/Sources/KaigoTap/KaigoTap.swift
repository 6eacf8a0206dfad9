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
}
