import Foundation

/// Prints one object with every number at full double precision and keys in alphabetical order.
///
/// - Throws: `Failure` if a number is not finite: JSON has no way to say it.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    do {
        var data = try encoder.encode(value)
        data.append(UInt8(ascii: "\n"))
        try StandardStreams.writeToOutput(Array(data))
    } catch is EncodingError {
        throw Failure("the result has a number that is not finite", status: ExitStatus.software)
    }
}
