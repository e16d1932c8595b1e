// swift-tools-version:6.1
import PackageDescription

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "spicelearn", path: "..")],
    targets: [.target(name: "Measuring")]
        + ["step-cost", "engine-steps", "large-lattices", "soak", "worker-speed"].map { name in
            .executableTarget(
                name: name,
                dependencies: ["Measuring"]
                    + [
                        "Engines", "Generators", "LearningRules", "LearningTasks", "LinearAlgebra",
                        "Netlist", "NgspiceBridge", "SelfLearning", "Theory",
                    ].map {
                        .product(name: $0, package: "spicelearn")
                    })
        }
)
