// The library itself is in Rust; SwiftPM wants a source file.
