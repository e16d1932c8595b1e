// swift-tools-version:6.1
import PackageDescription

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "spicelearn", path: "..")],
    targets: [
        .executableTarget(
            name: "step-cost",
            dependencies: [
                .product(name: "Netlist", package: "spicelearn"),
                .product(name: "NgspiceBridge", package: "spicelearn"),
                .product(name: "LearningRules", package: "spicelearn"),
            ])
    ]
)
