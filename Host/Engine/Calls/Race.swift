import Gateway
import Kernel
import Synchronization

/// One attempt of a call and, when it stays silent for a while, a second one beside it; the first that says something,
/// or is done, goes on, and the other is cancelled. Both have a hold of their own.
///
/// The idea is that of hedged requests in Dean and Barroso, "The Tail at Scale", Communications of the ACM 56/2 (2013).
struct Race: Sendable {
    enum Side: Hashable, Sendable { case first, second }

    struct End: Sendable {
        var winner: Side
        var result: Result<ModelAnswer, ProviderError>
        /// What became of the other, where there was one.
        var loser: Result<ModelAnswer, ProviderError>?
    }

    private struct State {
        var winner: Side?
        var attempts: [Side: Task<Result<ModelAnswer, ProviderError>, Never>] = [:]
        var isCancelled = false
    }

    /// Shared by the two attempts, which are on threads of their own.
    private final class Track: Sendable {
        let state = Mutex(State())
        let signal: AsyncStream<Void>.Continuation

        init(_ signal: AsyncStream<Void>.Continuation) { self.signal = signal }

        /// True for the side that goes on, from its first word.
        func claims(_ side: Side) -> Bool {
            let (mine, other) = state.withLock { state in
                let isNew = state.winner == nil
                if isNew { state.winner = side }
                let other = isNew ? state.attempts[side == .first ? .second : .first] : nil
                return (state.winner == side, other)
            }
            signal.yield()
            other?.cancel()
            return mine
        }

        func add(_ side: Side, _ attempt: Task<Result<ModelAnswer, ProviderError>, Never>) {
            let isLate = state.withLock { state in
                state.attempts[side] = attempt
                return state.isCancelled || state.winner.map { $0 != side } ?? false
            }
            if isLate { attempt.cancel() }
        }

        func cancel() {
            let attempts = state.withLock { state in
                state.isCancelled = true
                return state.attempts
            }
            for attempt in attempts.values { attempt.cancel() }
        }
    }

    let gateway: Gateway
    let onText: @Sendable (String) -> Void

    /// - Parameters:
    ///   - delayMilliseconds: how long the first may be silent; nil: as long as it likes, alone.
    ///   - second: prepared and held when it comes to that; nil when it cannot be.
    func run(
        _ first: PreparedCall, delayMilliseconds: Int64?, second: () async -> PreparedCall?
    ) async -> End {
        guard let delayMilliseconds else { return End(winner: .first, result: await alone(first), loser: nil) }
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let track = Track(signal)
        return await withTaskCancellationHandler {
            let one = start(first, .first, on: track)
            guard await Self.isSilent(signals, for: delayMilliseconds), !Task.isCancelled, let call = await second()
            else { return End(winner: .first, result: await one.value, loser: nil) }
            let two = start(call, .second, on: track)
            let results: [Side: Result<ModelAnswer, ProviderError>] = [
                .first: await one.value, .second: await two.value,
            ]
            let winner = track.state.withLock { $0.winner } ?? .first
            let loser: Side = winner == .first ? .second : .first
            return End(winner: winner, result: results[winner] ?? .failure(Self.lost), loser: results[loser])
        } onCancel: {
            track.cancel()
        }
    }

    private func alone(_ call: PreparedCall) async -> Result<ModelAnswer, ProviderError> {
        do {
            return .success(try await gateway.perform(call, onChunk: onText))
        } catch {
            return .failure(error)
        }
    }

    private static let lost = ProviderError(.internal, "an attempt has no end", wasSent: true, isRetryable: false)

    private func start(
        _ call: PreparedCall, _ side: Side, on track: Track
    ) -> Task<Result<ModelAnswer, ProviderError>, Never> {
        let attempt = Task { await perform(call, side, on: track) }
        track.add(side, attempt)
        return attempt
    }

    private func perform(
        _ call: PreparedCall, _ side: Side, on track: Track
    ) async -> Result<ModelAnswer, ProviderError> {
        defer { track.signal.yield() }
        do {
            let answer = try await gateway.perform(call) { text in
                if track.claims(side) { onText(text) }
            }
            _ = track.claims(side)
            return .success(answer)
        } catch {
            return .failure(error)
        }
    }

    /// False as soon as the first attempt has said a word or ended.
    private static func isSilent(_ signals: AsyncStream<Void>, for milliseconds: Int64) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in signals { return false }
                return false
            }
            group.addTask { (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil }
            let isSilent = await group.next() ?? false
            group.cancelAll()
            return isSilent
        }
    }
}
