import ArgumentParser
import Foundation
import Netlist

/// `spicelearn serve`: a circuit that stays loaded, for programs that train it by rules of their own.
struct ServeCommand: ParsableCommand, EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer requests about a deck: states, updates, gradients, new values.",
        discussion: """
            One JSON object a line: requests on standard input, answers on standard output. The circuit \
            stays loaded in one engine. The first line out tells of the deck; a request that can't be \
            carried out is answered by an error, and ends nothing. The end of input, or quit, is the end. \
            docs/serve.md has every request; the package in Python/ speaks it.

              echo '{"do": "update", "rule": "al"}' | spicelearn serve deck.cir
              {"id": 1, "do": "set", "values": {"R1": 1200}}
              {"id": 2, "do": "update", "inputs": [[1]], "targets": [[0.2, 0.3]]}
              {"id": 3, "do": "write", "path": "trained.cir"}
            """)

    @Argument(help: "The netlist.", completion: .deck)
    var netlist: String

    @OptionGroup(title: LearningOptions.title) var learning: LearningOptions

    @OptionGroup(title: EngineOptions.title) var engine: EngineOptions

    func validate() throws {
        guard netlist != "-" else {
            throw ValidationError("standard input has the requests: give the netlist as a file")
        }
    }

    func run() throws {
        let deck = try LearningDeck(path: netlist, options: learning, needsTargets: false)
        try deck.requireGoals()
        _ = try deck.withEngine(engine.setup.for(.training)) { [netlist] session in
            try Self.serve(CircuitService(deck, from: netlist, in: session))
        }
    }

    private static func serve(_ service: CircuitService) throws {
        var greeting = JSONLine()
        service.describe(&greeting, isGreeting: true)
        try StandardStreams.writeToOutput(greeting.line)
        var lines = RequestLines()
        let decoder = JSONDecoder()
        while let line = try lines.next() {
            let (answer, isLast) = answer(to: line, by: service, decoder)
            try StandardStreams.writeToOutput(answer)
            if isLast { return }
        }
    }

    /// - Returns: the line, and whether the caller wants no more.
    private static func answer(
        to line: RequestLines.Line, by service: CircuitService, _ decoder: JSONDecoder
    ) -> (line: [UInt8], isLast: Bool) {
        var id: [UInt8]?
        func begin(isBinary: Bool = false, isGood: Bool) -> JSONLine {
            var line = JSONLine(isBinary: isBinary)
            line.add("id", raw: id ?? Array("null".utf8))
            line.add("ok", isGood)
            return line
        }
        do {
            guard case .text(let text) = line else {
                throw ServeError(
                    .json, "a line is longer than \(InputLimits.textBytes >> 20) MiB")
            }
            let data = Data(text)
            let request: ServeRequest
            do {
                request = try decoder.decode(ServeRequest.self, from: data)
            } catch {
                guard let found = try? decoder.decode(ServeRequestID.self, from: data) else {
                    throw ServeError(.json, "this line is no JSON object")
                }
                id = found.id?.json
                throw error
            }
            id = request.id
            var answer = begin(isBinary: request.isBinary, isGood: true)
            try service.answer(request, &answer)
            return (answer.line, request.verb == .quit)
        } catch {
            var answer = begin(isGood: false)
            answer.add("error", ServeError(error).json)
            return (answer.line, false)
        }
    }
}
