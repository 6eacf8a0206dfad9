import Foundation

extension Data {
    /// These bytes in a place that is filled with zeros when the last holder lets go of it. Where they lay before are
    /// zeros at once, for everybody who shares them; but `Data` keeps up to 14 bytes within itself, and those it copies
    /// as it likes.
    func moved() -> Data {
        guard !isEmpty else { return self }
        let place = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        withUnsafeBytes { bytes in
            place.copyMemory(from: bytes)
            UnsafeMutableRawBufferPointer(mutating: bytes).wipe()
        }
        return Data(
            bytesNoCopy: place.baseAddress!, count: count,
            deallocator: .custom { base, count in
                let place = UnsafeMutableRawBufferPointer(start: base, count: count)
                place.wipe()
                place.deallocate()
            })
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Zeros, byte by byte: not `memset` on what is about to be freed, which a compiler may leave out.
    func wipe() {
        for index in indices { storeBytes(of: 0, toByteOffset: index, as: UInt8.self) }
        withExtendedLifetime(self) {}
    }
}
