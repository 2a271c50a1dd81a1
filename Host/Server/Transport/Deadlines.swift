import Kernel
import Synchronization

/// Ends what takes too long. One task looks once a second, so that a request costs no timer of its own.
final class Deadlines: Sendable {
    private struct State {
        var lastNumber: UInt64 = 0
        var open: [UInt64: (at: Tick, end: @Sendable () -> Void)] = [:]
    }

    private let state = Mutex(State())

    func add(seconds: Int64, _ end: @escaping @Sendable () -> Void) -> UInt64 {
        let at = MonotonicClock.now.advanced(byMilliseconds: seconds * 1_000)
        return state.withLock { state in
            state.lastNumber += 1
            state.open[state.lastNumber] = (at, end)
            return state.lastNumber
        }
    }

    func remove(_ number: UInt64) { state.withLock { $0.open[number] = nil } }

    func run() async {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let now = MonotonicClock.now
            let late = state.withLock { state in
                let late = state.open.filter { $0.value.at <= now }
                for number in late.keys { state.open[number] = nil }
                return late.values.map(\.end)
            }
            for end in late { end() }
        }
    }
}

/// A result that is awaited once, and decided by whoever comes first.
final class FirstOutcome<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case decided(Result<Value, any Error>)
        case over
    }

    private let state = Mutex(State.open)

    var isDecided: Bool {
        state.withLock {
            switch $0 {
            case .open, .awaited: false
            case .decided, .over: true
            }
        }
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Value, any Error>? = state.withLock {
                guard case .decided(let result) = $0 else {
                    $0 = .awaited(continuation)
                    return nil
                }
                $0 = .over
                return result
            }
            if let result { continuation.resume(with: result) }
        }
    }

    func decide(_ result: Result<Value, any Error>) {
        let waiting: CheckedContinuation<Value, any Error>? = state.withLock {
            switch $0 {
            case .open:
                $0 = .decided(result)
                return nil
            case .awaited(let continuation):
                $0 = .over
                return continuation
            case .decided, .over: return nil
            }
        }
        waiting?.resume(with: result)
    }
}
