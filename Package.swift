// swift-tools-version:6.1
import PackageDescription

// The header is found through pkg-config on macOS only. On Linux it lies in the default include
// path, and pkg-config would also link the library: NgspiceBridge opens it at run time instead, so
// that an image which ngspice declared dead can be closed and opened afresh.
#if os(macOS)
    let ngspicePkgConfig: String? = "ngspice"
#else
    let ngspicePkgConfig: String? = nil
#endif

let package = Package(
    name: "spicelearn",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Devices", targets: ["Devices"]),
        .library(name: "Netlist", targets: ["Netlist"]),
        .library(name: "NgspiceBridge", targets: ["NgspiceBridge"]),
        .library(name: "LearningTasks", targets: ["LearningTasks"]),
        .library(name: "Engines", targets: ["Engines"]),
        .library(name: "LearningRules", targets: ["LearningRules"]),
        .library(name: "Theory", targets: ["Theory"]),
        .library(name: "SelfLearning", targets: ["SelfLearning"]),
        .library(name: "Generators", targets: ["Generators"]),
        .library(name: "LinearAlgebra", targets: ["LinearAlgebra"]),
        .library(name: "NonlinearSolver", targets: ["NonlinearSolver"]),
        .library(name: "Studies", targets: ["Studies"]),
        .library(name: "Reports", targets: ["Reports"]),
        .executable(name: "spicelearn", targets: ["spicelearn"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // Serves the page of `train --live` on this machine: small, and without dependencies of its own.
        .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
    ],
    targets: [
        .systemLibrary(
            name: "CNgspice", pkgConfig: ngspicePkgConfig,
            providers: [.apt(["libngspice0-dev"]), .brew(["libngspice"])]),
        // Both are opened at run time, when they are first needed: BLAS takes hundreds of megabytes of addresses.
        .target(name: "CLAPACK"),
        .target(name: "CSuiteSparse"),
        // No pkg-config file in Debian 12: the module map names the libraries.
        .systemLibrary(
            name: "CSUNDIALS", providers: [.apt(["libsundials-dev"]), .brew(["sundials"])]),
        .target(name: "CSystem"),
        // For programs alone: a shared library can't hold it.
        .target(name: "CStart"),
        .target(name: "Devices"),
        .target(name: "Figures"),
        .target(name: "Netlist"),
        .target(name: "NgspiceBridge", dependencies: ["Netlist", "CNgspice", "CSystem"]),
        .target(name: "SundialsBridge", dependencies: ["CSUNDIALS"]),
        .target(name: "LinearAlgebra", dependencies: ["CLAPACK", "CSuiteSparse"]),
        .target(name: "NonlinearSolver", dependencies: ["Devices", "LinearAlgebra", "Netlist"]),
        .target(
            name: "LearningTasks",
            dependencies: ["Devices", "Netlist", "NonlinearSolver"]),
        .target(
            name: "Engines",
            dependencies: [
                "Devices", "LearningTasks", "LinearAlgebra", "Netlist", "NgspiceBridge",
                "NonlinearSolver",
            ]),
        .target(
            name: "LearningRules",
            dependencies: [
                "Engines", "LearningTasks", "LinearAlgebra", "Netlist", "NgspiceBridge",
                "SundialsBridge",
            ]),
        .target(
            name: "Theory",
            dependencies: ["Engines", "LearningRules", "LearningTasks", "LinearAlgebra", "Netlist"]),
        .target(
            name: "SelfLearning",
            dependencies: [
                "Engines", "LearningRules", "LearningTasks", "Netlist", "NgspiceBridge",
            ]),
        .target(
            name: "Generators",
            dependencies: ["Engines", "LearningTasks", "Netlist", "NgspiceBridge"]),
        .target(
            name: "Studies",
            dependencies: [
                "Engines", "Figures", "Generators", "LearningRules", "LearningTasks", "Netlist",
                "NgspiceBridge", "Theory",
            ]),
        // In the code, since `make install` puts no bundle of resources beside the program.
        .target(
            name: "Reports",
            dependencies: [
                "Engines", "Figures", "LearningRules", "LearningTasks", "Netlist", "Theory",
            ],
            resources: [
                "page.html", "page.css", "format.js", "elements.js", "tables.js", "curves.js",
                "network.js", "sections.js", "live.js",
            ].map { .embedInCode("Page/\($0)") }),
        .executableTarget(
            name: "spicelearn",
            dependencies: [
                "CStart", "CSystem", "Engines", "Figures", "Generators", "LearningRules",
                "LearningTasks",
                "LinearAlgebra", "Netlist", "NgspiceBridge", "Reports", "SelfLearning", "Studies",
                "SundialsBridge", "Theory",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ]),
        .testTarget(name: "DevicesTests", dependencies: ["Devices", "Netlist", "NgspiceBridge"]),
        .testTarget(name: "FiguresTests", dependencies: ["Figures"]),
        .testTarget(name: "NetlistTests", dependencies: ["Netlist"]),
        .testTarget(name: "NgspiceBridgeTests", dependencies: ["Netlist", "NgspiceBridge"]),
        .testTarget(name: "SundialsBridgeTests", dependencies: ["SundialsBridge"]),
        .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "CLAPACK"]),
        // All that a target imports: what stands for it only indirectly is not built again with it.
        .testTarget(
            name: "LearningRulesTests",
            dependencies: [
                "Engines", "Generators", "LearningRules", "LearningTasks", "LinearAlgebra",
                "Netlist", "NgspiceBridge", "SelfLearning", "Theory",
            ]),
        .testTarget(
            name: "StudiesTests",
            dependencies: [
                "Engines", "Figures", "Generators", "LearningRules", "LearningTasks", "Netlist",
                "NgspiceBridge", "Studies", "Theory",
            ]),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "Engines", "Figures", "LearningRules", "LearningTasks", "Netlist", "Reports",
            ]),
        .testTarget(
            name: "spicelearnTests",
            dependencies: [
                "Engines", "Generators", "LearningRules", "LearningTasks", "Netlist",
                "NgspiceBridge", "SelfLearning", "Theory", "spicelearn",
            ],
            exclude: ["BadInput", "Malicious", "Language", "CompiledModels", "Dialects"]),
    ]
)
