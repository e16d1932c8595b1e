import Foundation

/// A program did not print a number, or has not ended well.
public struct NoNumber: Error {}

/// The number with which a program's output begins.
///
/// Programs that measure ngspice do so in processes of their own, as it is slower in one that ever had a
/// second thread.
public func number(_ program: String, _ arguments: [String]) throws -> Double {
    try numbers(program, arguments, atOnce: 1)[0]
}

/// The numbers of several that run at the same time.
public func numbers(
    _ program: String, _ arguments: [String], atOnce count: Int
) throws -> [Double] {
    let running = try (0..<count).map { _ in
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        return (process, pipe)
    }
    return try running.map { process, pipe in
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let word = text.split { $0 == " " || $0 == "\n" }.first
        guard process.terminationStatus == 0, let value = word.flatMap({ Double($0) }) else {
            throw NoNumber()
        }
        return value
    }
}

public func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
