// A stand-in for Apple's framework of this name, for systems that have none: the names, types and rules that the adapter
// uses, and nothing behind them. Tests derive a session and a tag that do what a test wants. It is in no product.

import Dispatch
import Foundation

/// Why a session or a command failed.
public struct NFCReaderError: Error {
    public enum Code: Int, Sendable {
        case readerErrorUnsupportedFeature = 1
        case readerErrorSecurityViolation = 2
        case readerErrorInvalidParameter = 3
        case readerErrorInvalidParameterLength = 4
        case readerErrorParameterOutOfBound = 5
        case readerErrorRadioDisabled = 6
        case readerTransceiveErrorTagConnectionLost = 100
        case readerTransceiveErrorRetryExceeded = 101
        case readerTransceiveErrorTagResponseError = 102
        case readerTransceiveErrorSessionInvalidated = 103
        case readerTransceiveErrorTagNotConnected = 104
        case readerTransceiveErrorPacketTooLong = 105
        case readerSessionInvalidationErrorUserCanceled = 200
        case readerSessionInvalidationErrorSessionTimeout = 201
        case readerSessionInvalidationErrorSessionTerminatedUnexpectedly = 202
        case readerSessionInvalidationErrorSystemIsBusy = 203
        case readerSessionInvalidationErrorFirstNDEFTagRead = 204
    }

    public let code: Code

    public init(_ code: Code) { self.code = code }
}

/// A command.
open class NFCISO7816APDU: NSObject {
    public let instructionClass: UInt8
    public let instructionCode: UInt8
    public let p1Parameter: UInt8
    public let p2Parameter: UInt8
    public let data: Data?
    public let expectedResponseLength: Int

    public init(
        instructionClass: UInt8, instructionCode: UInt8, p1Parameter: UInt8, p2Parameter: UInt8, data: Data,
        expectedResponseLength: Int
    ) {
        self.instructionClass = instructionClass
        self.instructionCode = instructionCode
        self.p1Parameter = p1Parameter
        self.p2Parameter = p2Parameter
        self.data = data
        self.expectedResponseLength = expectedResponseLength
    }
}

/// A tag that speaks ISO/IEC 7816-4.
public protocol NFCISO7816Tag: AnyObject {
    func sendCommand(
        apdu: NFCISO7816APDU, completionHandler: @escaping @Sendable (Data, UInt8, UInt8, (any Error)?) -> Void)
}

/// A tag that does not.
public protocol NFCMiFareTag: AnyObject {}

/// Any tag.
public enum NFCTag {
    case iso7816(any NFCISO7816Tag)
    case miFare(any NFCMiFareTag)
}

/// Hears a session.
public protocol NFCTagReaderSessionDelegate: NSObjectProtocol {
    func tagReaderSessionDidBecomeActive(_ session: NFCTagReaderSession)
    func tagReaderSession(_ session: NFCTagReaderSession, didInvalidateWithError error: any Error)
    func tagReaderSession(_ session: NFCTagReaderSession, didDetect tags: [NFCTag])
}

/// Any session.
open class NFCReaderSession: NSObject {
    open class var readingAvailable: Bool { true }
    open var alertMessage = ""
    open func begin() {}
    open func invalidate() {}
    open func invalidate(errorMessage _: String) {}
}

/// A session that looks for tags.
open class NFCTagReaderSession: NFCReaderSession {
    public struct PollingOption: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        public static let iso14443 = PollingOption(rawValue: 1)
    }

    public private(set) weak var delegate: (any NFCTagReaderSessionDelegate)?
    public let sessionQueue: DispatchQueue

    public init?(
        pollingOption _: PollingOption, delegate: any NFCTagReaderSessionDelegate, queue: DispatchQueue? = nil
    ) {
        self.delegate = delegate
        sessionQueue = queue ?? .main
    }

    open func restartPolling() {}
    open func connect(to _: NFCTag, completionHandler _: @escaping @Sendable ((any Error)?) -> Void) {}
}
