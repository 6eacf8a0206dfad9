import Foundation

extension Data {
    /// These bytes in a place that is filled with zeros when the last holder lets go of it. Where they lay before are
    /// zeros at once, for everybody who shares them; but `Data` keeps up to 14 bytes within itself, and those it copies
    /// as it likes. With a margin of 15 bytes before them it does not; they begin at that index then.
    package func moved(behind margin: Int = 0) -> Data {
        guard !isEmpty else { return self }
        let place = UnsafeMutableRawBufferPointer.allocate(byteCount: margin + count, alignment: 1)
        place.initializeMemory(as: UInt8.self, repeating: 0)
        withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: place[margin...]).copyMemory(from: bytes)
            UnsafeMutableRawBufferPointer(mutating: bytes).wipe()
        }
        let moved = Data(
            bytesNoCopy: place.baseAddress!, count: place.count,
            deallocator: .custom { base, count in
                let place = UnsafeMutableRawBufferPointer(start: base, count: count)
                place.wipe()
                place.deallocate()
            })
        return margin == 0 ? moved : moved.dropFirst(margin)
    }

    /// Fills them with zeros where they lie, for everybody who shares them.
    package func wipe() {
        withUnsafeBytes { UnsafeMutableRawBufferPointer(mutating: $0).wipe() }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Zeros, byte by byte: not `memset` on what is about to be freed, which a compiler may leave out.
    func wipe() {
        for index in indices { storeBytes(of: 0, toByteOffset: index, as: UInt8.self) }
        withExtendedLifetime(self) {}
    }
}
