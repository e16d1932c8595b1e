// swift-tools-version:6.1
import PackageDescription

// One executable for each reader of foreign bytes. All are built with -sanitize=fuzzer, see Makefile.
let targets = ["deck", "expression", "csv", "compare", "checkpoint"]

let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "spicelearn", path: "..")],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        .target(
            name: "FuzzSupport",
            dependencies: ["CLibFuzzer", .product(name: "Netlist", package: "spicelearn")]),
    ]
        + targets.map { name in
            .executableTarget(
                name: name,
                dependencies: ["FuzzSupport"]
                    + ["Engines", "LearningRules", "LearningTasks", "Netlist"].map {
                        .product(name: $0, package: "spicelearn")
                    }
            )
        }
)
