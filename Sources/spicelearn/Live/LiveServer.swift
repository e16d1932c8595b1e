import Dispatch
import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// A page on this machine alone, with news of it: `/`, `/report.json`, and `/events`, which tells each time that
/// there is something new.
///
/// It answers requests to the names `127.0.0.1` and `localhost` only, so that no other site's name that leads here
/// gives a page of that site what this one says; and reading is all that it can be asked for.
final class LiveServer: Sendable {
    /// What is shown.
    struct Content: Sendable {
        let page: Data
        let json: Data
    }

    private struct State {
        var content: Content
        var version = 0
        /// How often this version was read.
        var reads = 0
        var isOver = false
        var listeners: [UUID: AsyncStream<Event>.Continuation] = [:]
    }

    fileprivate enum Event: Sendable {
        case news(Int)
        case end
    }

    let port: UInt16
    private let server: HTTPServer
    private let state: Mutex<State>

    /// Starts to serve, at a port that is free.
    ///
    /// - Parameter port: which; 0 for any.
    /// - Throws: `Failure` where there is none.
    init(_ content: Content, port: UInt16) throws(Failure) {
        guard let address = try? sockaddr_in.inet(ip4: "127.0.0.1", port: port) else {
            throw Failure("--live: this machine has no 127.0.0.1", status: ExitStatus.software)
        }
        let server = HTTPServer(address: address, logger: .disabled)
        self.server = server
        state = Mutex(State(content: content))
        let found = Self.waiting { () async -> UInt16? in
            let listening = Task { try await server.waitUntilListening(timeout: 5) }
            Task.detached {
                try? await server.run()
                // Where the port is taken, nothing will listen.
                listening.cancel()
            }
            _ = await listening.result
            guard case .ip4(_, let port)? = await server.listeningAddress else { return nil }
            return port
        }
        guard let found = found ?? nil else {
            throw Failure(
                "--live: no page can be served at port \(port) of this machine: is it taken?",
                status: ExitStatus.usage)
        }
        self.port = found
        Self.waiting { [self] in
            await server.appendRoute("GET *") { [weak self] request in
                self?.answer(request) ?? HTTPResponse(statusCode: .serviceUnavailable)
            }
        }
    }

    var address: String { "http://127.0.0.1:\(port)/" }

    /// Whether a page waits for news.
    var hasListeners: Bool { state.withLock { !$0.listeners.isEmpty } }

    /// Shows something else, and tells every page.
    func publish(_ content: Content) {
        let (version, listeners) = state.withLock { state in
            state.content = content
            state.version += 1
            state.reads = 0
            return (state.version, Array(state.listeners.values))
        }
        for listener in listeners { listener.yield(.news(version)) }
    }

    /// Tells every page that nothing more comes, and ends.
    ///
    /// - Parameter seconds: at most, for pages to read what was published last.
    func end(within seconds: Double) {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end,
            state.withLock({ $0.reads < $0.listeners.count })
        {
            usleep(10_000)
        }
        let listeners = state.withLock { state in
            state.isOver = true
            return Array(state.listeners.values)
        }
        for listener in listeners {
            listener.yield(.end)
            listener.finish()
        }
        Self.waiting { [server] in await server.stop(timeout: listeners.isEmpty ? 0 : 1) }
    }

    // MARK: Requests

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        guard Self.hosts(at: port).contains(request.headers[.host] ?? "") else {
            return HTTPResponse(
                statusCode: .forbidden,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: Data("This page is at \(address)\n".utf8))
        }
        let isNumbers = request.path == "/report.json"
        let content = state.withLock { state in
            if isNumbers { state.reads += 1 }
            return state.content
        }
        switch request.path {
        case "/": return Self.response("text/html; charset=utf-8", content.page)
        case "/report.json": return Self.response("application/json", content.json)
        case "/events":
            var headers = Self.headers("text/event-stream")
            headers[.connection] = "close"
            return HTTPResponse(
                statusCode: .ok, headers: headers,
                body: HTTPBodySequence(from: EventBytes(events: events())))
        default: return HTTPResponse(statusCode: .notFound)
        }
    }

    /// The names of this machine with a port, which clients leave out where it is 80.
    static func hosts(at port: UInt16) -> [String] {
        ["127.0.0.1", "localhost"].flatMap { port == 80 ? [$0, "\($0):80"] : ["\($0):\(port)"] }
    }

    private static func headers(_ type: String) -> HTTPHeaders {
        [
            .contentType: type, .cacheControl: "no-store",
            HTTPHeader("X-Content-Type-Options"): "nosniff",
            HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
        ]
    }

    private static func response(_ type: String, _ body: Data) -> HTTPResponse {
        HTTPResponse(statusCode: .ok, headers: headers(type), body: body)
    }

    private func events() -> AsyncStream<Event> {
        let id = UUID()
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingNewest(2))
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) }
        }
        let (isOver, version) = state.withLock { state in
            if !state.isOver { state.listeners[id] = continuation }
            return (state.isOver, state.version)
        }
        // The page may have been read before the last news.
        continuation.yield(.news(version))
        if isOver {
            continuation.yield(.end)
            continuation.finish()
        }
        return stream
    }

    /// Waits for what runs elsewhere: a training is no asynchronous function.
    @discardableResult
    private static func waiting<Value: Sendable>(
        for work: @escaping @Sendable () async -> Value
    ) -> Value? {
        let done = DispatchSemaphore(value: 0)
        let result = Mutex<Value?>(nil)
        Task.detached {
            let value = await work()
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        return result.withLock { $0 }
    }
}

/// Events as a stream of bytes, one part for each.
private struct EventBytes: AsyncBufferedSequence {
    typealias Element = UInt8

    let events: AsyncStream<LiveServer.Event>

    struct AsyncIterator: AsyncBufferedIteratorProtocol {
        var events: AsyncStream<LiveServer.Event>.AsyncIterator
        private var rest: ArraySlice<UInt8> = []

        init(_ events: AsyncStream<LiveServer.Event>.AsyncIterator) { self.events = events }

        mutating func nextBuffer(suggested count: Int) async throws -> ArraySlice<UInt8>? {
            if rest.isEmpty {
                switch await events.next() {
                case .news(let version)?: rest = ArraySlice("data: \(version)\n\n".utf8)
                case .end?: rest = ArraySlice("event: end\ndata: end\n\n".utf8)
                case nil: return nil
                }
            }
            let part = rest.prefix(count)
            rest = rest.dropFirst(count)
            return part
        }

        mutating func next() async throws -> UInt8? {
            try await nextBuffer(suggested: 1)?.first
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(events.makeAsyncIterator()) }
}
