import KaigoTap
import Testing

@Test func versionIsThere() { #expect(version() == "0.1.0") }
