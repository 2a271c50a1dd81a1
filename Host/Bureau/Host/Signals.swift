import Dispatch
import Glibc

enum Signals {
    /// Yields at SIGINT and SIGTERM, which then no longer end the process by themselves.
    static func interrupts() -> AsyncStream<Int32> { stream(of: [SIGINT, SIGTERM]) }

    /// Yields at SIGHUP, which then no longer ends the process: what stands in files is read again.
    static func hangups() -> AsyncStream<Void> {
        AsyncStream { continuation in
            let signals = Task {
                for await _ in stream(of: [SIGHUP]) { continuation.yield() }
            }
            continuation.onTermination = { _ in signals.cancel() }
        }
    }

    private static func stream(of numbers: [Int32]) -> AsyncStream<Int32> {
        AsyncStream { continuation in
            let sources = Sources(
                numbers.map { number in
                    signal(number, SIG_IGN)
                    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                    source.setEventHandler { continuation.yield(number) }
                    source.resume()
                    return source
                })
            // A source lives as long as someone holds it.
            continuation.onTermination = { _ in sources.cancel() }
        }
    }

    // Immutable, and dispatch objects may be used from any thread.
    private final class Sources: @unchecked Sendable {
        private let sources: [any DispatchSourceSignal]
        init(_ sources: [any DispatchSourceSignal]) { self.sources = sources }
        func cancel() { sources.forEach { $0.cancel() } }
    }
}
