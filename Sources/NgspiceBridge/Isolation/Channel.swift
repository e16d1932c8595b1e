#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why nothing more comes through a channel.
enum ChannelError: Error {
    /// The other end is closed.
    case closed
    /// Nothing moved for so many seconds.
    case stalled(Double)
    case malformed
}

/// One end of a socket on which frames are sent.
final class Channel {
    private let descriptor: Int32
    /// Seconds without any progress after which the other end is given up; nil to wait for ever.
    var limit: Double?

    private var input: UnsafeMutableBufferPointer<UInt64>
    /// Bytes of the input that were given out as frames, and that were received.
    private var start = 0
    private var end = 0

    /// - Parameter descriptor: of a socket, which is closed with the channel.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        input = .allocate(capacity: 1 << 15)
        input.initialize(repeating: 0)
        #if canImport(Darwin)
            var on: Int32 = 1
            setsockopt(
                descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    deinit {
        input.deallocate()
        close(descriptor)
    }

    func send(_ words: [UInt64]) throws(ChannelError) {
        // Not to be ended by writing to a process that has ended, nor held up by one that is.
        #if canImport(Darwin)
            let flags = MSG_DONTWAIT
        #else
            let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        #endif
        try words.withUnsafeBufferPointer { words throws(ChannelError) in
            var rest = UnsafeRawBufferPointer(words)[...]
            while !rest.isEmpty {
                #if canImport(Darwin)
                    let count = Darwin.send(
                        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count,
                        flags)
                #else
                    let count = Glibc.send(
                        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count,
                        flags)
                #endif
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    try wait(for: POLLOUT)
                } else if errno != EINTR {
                    throw .closed
                }
            }
        }
    }

    /// The next frame, whose words are overwritten by the one after it.
    func receive() throws(ChannelError) -> (kind: FrameKind, words: UnsafeBufferPointer<UInt64>) {
        try fill(2)
        let first = start / 8
        guard let kind = FrameKind(rawValue: input[first]), input[first + 1] < 1 << 40 else {
            throw .malformed
        }
        let count = Int(input[first + 1])
        try fill(2 + count)
        let begin = start / 8 + 2
        start += 8 * (2 + count)
        return (kind, UnsafeBufferPointer(rebasing: input[begin..<begin + count]))
    }

    /// Waits until so many words have come.
    private func fill(_ words: Int) throws(ChannelError) {
        if start > 0, 8 * words > 8 * input.count - start || start == end {
            let bytes = UnsafeMutableRawBufferPointer(input)
            bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            (start, end) = (0, end - start)
        }
        if words > input.count {
            let larger = UnsafeMutableBufferPointer<UInt64>.allocate(
                capacity: max(words, 2 * input.count))
            larger.initialize(repeating: 0)
            _ = larger.update(fromContentsOf: input)
            input.deallocate()
            input = larger
        }
        let bytes = UnsafeMutableRawBufferPointer(input)
        while end - start < 8 * words {
            try wait(for: POLLIN)
            let count = read(
                descriptor, UnsafeMutableRawBufferPointer(rebasing: bytes[end...]).baseAddress,
                bytes.count - end)
            if count > 0 {
                end += count
            } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                throw .closed
            }
        }
    }

    private func wait(for events: Int32) throws(ChannelError) {
        let milliseconds = limit.map { Int32(min($0 * 1000, 2e9).rounded(.up)) } ?? -1
        var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let count = poll(&request, 1, milliseconds)
            if count > 0 { return }
            if count == 0 { throw .stalled(limit ?? 0) }
            if errno != EINTR && errno != EAGAIN { throw .closed }
        }
    }
}

extension Channel {
    /// The next frame, which has to be of this kind.
    ///
    /// - Throws: `NgspiceError` in its place; `ChannelError`.
    func answer(_ expected: FrameKind) throws -> WireReader {
        let (kind, words) = try receive()
        guard kind == expected else { throw try Self.failure(kind, words) }
        return WireReader(words)
    }

    static func failure(
        _ kind: FrameKind, _ words: UnsafeBufferPointer<UInt64>
    ) throws -> any Error {
        guard kind == .failed else { return ChannelError.malformed }
        var reader = WireReader(words)
        return try reader.error()
    }
}
