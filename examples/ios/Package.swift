// swift-tools-version:6.0
import PackageDescription

let nfc = Target.Dependency.product(name: "KaigoTapNFC", package: "bindings-swift")

// Stand-ins for Apple's frameworks, so that the views and the app are compiled here, too. They are in no product. On
// Apple's systems the app is made by Xcode, of the folder `App`.
#if os(Linux)
    let standIns: [Target] = [
        .target(name: "SwiftUI", dependencies: ["UIKit"], path: "Tests/SwiftUI"),
        .target(name: "UIKit", path: "Tests/UIKit"),
        .executableTarget(
            name: "NurseApp", dependencies: ["VisitViews", nfc], path: "App",
            exclude: ["Info.plist", "KaigoTapSample.entitlements", "en.lproj"]),
    ]
    let frameworks: [Target.Dependency] = ["SwiftUI", "UIKit"]
#else
    let standIns: [Target] = []
    let frameworks: [Target.Dependency] = []
#endif

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
        .target(name: "VisitViews", dependencies: ["VisitScreens", nfc] + frameworks),
        .target(name: "Guide", dependencies: [nfc] + frameworks, path: "Guide"),
        // The cards and the platform of the package's own tests; a link to their folder, under a name of its own.
        .target(
            name: "SampleSimulator", dependencies: [.product(name: "KaigoTap", package: "bindings-swift")],
            path: "Tests/Simulator"),
        .testTarget(name: "VisitScreensTests", dependencies: ["VisitScreens", "SampleSimulator", nfc]),
    ] + standIns,
    swiftLanguageModes: [.v6]
)
