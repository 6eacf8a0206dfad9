// swift-tools-version:6.0
import PackageDescription

let package = Package(
    name: "KaigoTapSample",
    defaultLocalization: "ja",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "VisitViews", targets: ["VisitViews"])],
    dependencies: [.package(path: "../../bindings-swift")],
    targets: [
        // Everything that is decided: runs and is tested anywhere.
        .target(name: "VisitScreens", dependencies: [.product(name: "KaigoTap", package: "bindings-swift")]),
        // Everything that is drawn: wants SwiftUI.
        .target(
            name: "VisitViews",
            dependencies: ["VisitScreens", .product(name: "KaigoTapNFC", package: "bindings-swift")]),
        .target(
            name: "Guide",
            dependencies: [.product(name: "KaigoTapNFC", package: "bindings-swift")], path: "Guide"),
        // The cards and the platform of the package's own tests; a link to their folder, under a name of its own.
        .target(
            name: "SampleSimulator", dependencies: [.product(name: "KaigoTap", package: "bindings-swift")],
            path: "Tests/Simulator"),
        .testTarget(name: "VisitScreensTests", dependencies: ["VisitScreens", "VisitViews", "SampleSimulator"]),
    ],
    swiftLanguageModes: [.v6]
)
