import ArgumentParser

@main
struct Spicelearn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "spicelearn")
}
