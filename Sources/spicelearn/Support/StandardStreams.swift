import ArgumentParser
import Foundation

/// Standard output and error, which may be closed, full, or a pipe that nobody reads.
enum StandardStreams {
    /// Opens what the parent closed, so that no file of ours takes its place, for reading, so that
    /// writing to it fails; and makes a reader that goes away, and a file that may not grow, an error
    /// instead of the end: a training is not to be lost because somebody stopped watching it.
    static func prepare() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDONLY)
        }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// - Throws: `Failure` with exit code 74; ends the process like any other filter where the reader
    ///   has gone away.
    static func writeToOutput(_ bytes: [UInt8]) throws(Failure) {
        let code = write(bytes, to: STDOUT_FILENO)
        if code == EPIPE {
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        }
        guard code == 0 else {
            throw Failure(
                "can't write standard output: \(String(cString: strerror(code)))",
                status: ExitStatus.inputOutput)
        }
    }

    /// Writes all bytes, and gives 0 or the error's number: EINTR where a signal came while a pipe was full.
    static func write(_ bytes: some Sequence<UInt8>, to descriptor: Int32) -> Int32 {
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        let wasInterrupted = Interruption.exitStatus != nil
        return Array(bytes).withUnsafeBytes { buffer in
            var rest = buffer
            while !rest.isEmpty {
                if !isFile {
                    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    if poll(&request, 1, 100) == 0 {
                        if !wasInterrupted, Interruption.exitStatus != nil { return EINTR }
                        continue
                    }
                }
                // A pipe that is ready takes this many bytes without waiting.
                let count = Foundation.write(
                    descriptor, rest.baseAddress,
                    isFile ? rest.count : min(rest.count, Int(PIPE_BUF)))
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return 0
        }
    }
}

/// Prints a line or several on standard output.
///
/// - Throws: `Failure` with exit code 74.
func printOutput(_ text: String) throws {
    try StandardStreams.writeToOutput(Array((text + "\n").utf8))
}

/// Prints a line or several on standard error, if anybody listens.
func printError(_ text: String) {
    _ = StandardStreams.write((text + "\n").utf8, to: STDERR_FILENO)
}

/// - Parameter users: what would write to standard output, and whether it was asked for.
/// - Throws: `ValidationError` for two of them.
func requireOneUser(ofStandardOutput users: [(name: String, isWanted: Bool)]) throws {
    let wanted = users.filter(\.isWanted).map(\.name)
    guard wanted.count > 1 else { return }
    throw ValidationError("\(wanted[0]) and \(wanted[1]) would both write to standard output")
}
