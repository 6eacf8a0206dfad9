// swift-tools-version:6.0
import Foundation
import PackageDescription

// On Apple's systems the library comes as an XCFramework, which README.md says how to make. Elsewhere, that is in tests,
// it is the shared library that `cargo build` made, in the folder `lib`.
#if os(Linux)
    let library: Target = .target(
        name: "KaigoTapFFI",
        linkerSettings: [
            .unsafeFlags(["-L", "\(Context.packageDirectory)/lib"]),
            .unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "\(Context.packageDirectory)/lib"]),
            .linkedLibrary("kaigotap_ffi"),
        ]
    )
    // Stand-ins for Apple's frameworks, so that what uses them is compiled and tested here. They are in no product.
    let standIns: [Target] = [
        .target(name: "CoreNFC", path: "Tests/CoreNFC"), .target(name: "CryptoKit", path: "Tests/CryptoKit"),
        .target(name: "Security", path: "Tests/Security"),
    ]
    let core: [Target.Dependency] = ["KaigoTapCore", "CryptoKit", "Security"]
    let nfc: [Target.Dependency] = ["KaigoTap", "CoreNFC"]
#else
    let library: Target = .binaryTarget(name: "KaigoTapFFI", path: "KaigoTapFFI.xcframework")
    let standIns: [Target] = []
    let core: [Target.Dependency] = ["KaigoTapCore"]
    let nfc: [Target.Dependency] = ["KaigoTap"]
#endif

let package = Package(
    name: "KaigoTap",
    defaultLocalization: "ja",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "KaigoTap", targets: ["KaigoTap"]),
        .library(name: "KaigoTapNFC", targets: ["KaigoTapNFC"]),
    ],
    targets: [
        library,
        // Generated. In language mode 5, because compilers of version 6 fail on what UniFFI generates.
        .target(
            name: "KaigoTapCore",
            dependencies: ["KaigoTapFFI"],
            swiftSettings: [.swiftLanguageMode(.v5)]
        ),
        .target(
            name: "KaigoTap",
            dependencies: core,
            resources: [.copy("PrivacyInfo.xcprivacy")]
        ),
        .target(name: "KaigoTapNFC", dependencies: nfc),
        // Cards and the platform of this repository, for tests and for the two programs; in no product, either.
        .target(name: "Simulator", dependencies: ["KaigoTap"], path: "Tests/Simulator"),
        .testTarget(name: "KaigoTapTests", dependencies: ["KaigoTapNFC", "Simulator"] + nfc + core),
        // Writes into a store, and can be killed while it does.
        .executableTarget(name: "StoreTrial", dependencies: ["KaigoTap"], path: "Tests/StoreTrial"),
        // Makes visits without a network, and can be killed at each write.
        .executableTarget(name: "FieldTrial", dependencies: ["KaigoTap", "Simulator"], path: "Tests/FieldTrial"),
        .executableTarget(
            name: "SmallestProgram", dependencies: ["KaigoTap", "Simulator"], path: "Tests/SmallestProgram"),
        .executableTarget(name: "FfiCost", dependencies: ["KaigoTap", "Simulator"], path: "Tests/FfiCost"),
    ] + standIns,
    swiftLanguageModes: [.v6]
)
