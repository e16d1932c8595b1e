import CLibFuzzer
import Foundation

/// What every target calls: libFuzzer's loop around one test of bytes.
///
/// ```swift
/// @main enum Lines {
///     static func main() { Fuzzing.run { Fuzzing.test($0, $1, Lines.test) } }
///
///     static func test(_ bytes: [UInt8]) { require(join(split(bytes)) == bytes, "lines are lost") }
/// }
/// ```
public enum Fuzzing {
    /// A test as libFuzzer calls it: with the bytes' start and their count.
    public typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

    /// Runs the test over the corpora and options of the command line, as libFuzzer reads them.
    public static func run(_ callback: Callback) -> Never {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>! = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, callback))
    }

    public static func test(
        _ start: UnsafePointer<UInt8>?, _ count: Int, _ body: ([UInt8]) -> Void
    ) -> CInt {
        body(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
    }
}

/// Ends the process, which libFuzzer takes for a finding, unless what is promised holds.
public func require(_ holds: Bool, _ message: @autoclosure () -> String) {
    if !holds { fatalError(message()) }
}
