import Synchronization

/// Streams a model's text to a plugin as far as the plugin has given credit. Text beyond the credit is kept and
/// joined, so nothing is lost and memory is bounded by the answer.
final class ChunkGate: Sendable {
    private struct State {
        var credit: UInt64
        var kept = ""
    }

    private let state: Mutex<State>
    private let send: @Sendable (String) -> Void

    init(credit: UInt64, send: @escaping @Sendable (String) -> Void) {
        state = Mutex(State(credit: credit))
        self.send = send
    }

    func offer(_ text: String) {
        let out = state.withLock { state -> String? in
            state.kept += text
            return Self.take(&state)
        }
        if let out { send(out) }
    }

    func grant(_ chunks: UInt64) {
        let out = state.withLock { state -> String? in
            state.credit = state.credit.addingReportingOverflow(chunks).overflow ? .max : state.credit + chunks
            return Self.take(&state)
        }
        if let out { send(out) }
    }

    private static func take(_ state: inout State) -> String? {
        guard state.credit > 0, !state.kept.isEmpty else { return nil }
        state.credit -= 1
        defer { state.kept = "" }
        return state.kept
    }
}
