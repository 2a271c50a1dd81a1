import Gateway
import Journal
package import Kernel
import Synchronization

/// Model calls that belong to no run: those of the OpenAI- and Anthropic-compatible endpoints. The same budgets, prices
/// and records as a run's calls, in two commits: the hold before the call is sent, and what it cost with its event and
/// leaf after the answer.
package final class ModelCalls: Sendable {
    private let core: EngineCore
    private let open = OpenCalls()

    init(core: EngineCore) { self.core = core }

    var openCount: Int { open.count }

    /// Lets no call in any more and waits for those under way.
    func close() async { await open.close() }

    package func newID() -> RunID { core.newRunID() }

    /// One call to its end, whatever becomes of who asked: an answer that is paid is settled by what the provider
    /// bills. Cancelling the task ends it at once, at its upper bound where it was sent.
    ///
    /// - Parameters:
    ///   - id: names the call in the ledger and the audit log; each call has its own.
    ///   - onText: gets pieces of the answer as they come, on any thread; must not block. Once it got one, a failure
    ///     is not tried again.
    package func perform(
        _ request: ModelRequest, id: RunID, for origin: CallOrigin, onText: (@Sendable (String) -> Void)? = nil
    ) async throws(CallRefusal) -> CallReceipt {
        guard !core.isDraining, open.enter() else {
            throw CallRefusal(.draining, Failure(.busy, "the host is ending; try again later"))
        }
        defer { open.leave() }
        return try await attempts(request, id, origin, onText)
    }

    // Answers from a cache and the checks of guardrails belong here: before the hold, and after the answer.
    private func attempts(
        _ request: ModelRequest, _ id: RunID, _ origin: CallOrigin, _ onText: (@Sendable (String) -> Void)?
    ) async throws(CallRefusal) -> CallReceipt {
        let startedAt = core.clock()
        let digest = Digest.sha256(request.messages + request.options)
        var cost = Nanodollars.zero
        var number = 1
        while true {
            let attempt = Self.attempt(number, of: id)
            let call = try prepare(request, attempt, cost)
            try await reserve(call, attempt, id, origin, cost)
            var record = CallRecord(
                id: id, origin: origin, provider: call.provider.name, model: call.call.model, request: digest,
                startedAt: startedAt, attempts: number)
            let wasHeard = onText == nil ? nil : Heard()
            let outcome = await send(call, wasHeard, onText)
            switch outcome {
            case .success(let answer):
                let price = core.gateway.cost(of: answer, for: call)
                record.cost = cost + price
                return try await settle(answer, call, attempt, price, record)
            // The host is ending: the hold stays open, and the next one settles it by the answer.
            case .failure(let error) where error.standing == .kept:
                throw CallRefusal(.draining, Failure(.busy, "the host is ending; try again later"), cost: cost)
            case .failure(let error):
                let end = FailedAttempt(error, of: call, at: core.gateway)
                cost = cost + end.cost(of: call)
                record.cost = cost
                let delay = Backoff.modelCalls.delayMilliseconds(
                    afterAttempt: number, random: UInt64.random(in: .min ... .max))
                let isFinal = !error.isRetryable || wasHeard?.value == true || Task.isCancelled || core.isDraining
                let failure = Failure(error.status, error.message)
                try await close(end, call, attempt, isFinal || delay == nil ? (record, failure) : nil)
                guard !isFinal, let delay else {
                    throw CallRefusal(
                        .provider(retryAfterMilliseconds: error.retryAfterMilliseconds), failure, cost: cost)
                }
                try? await Task.sleep(for: .milliseconds(delay))
                number += 1
            }
        }
    }

    private func prepare(
        _ request: ModelRequest, _ attempt: String, _ cost: Nanodollars
    ) throws(CallRefusal) -> PreparedCall {
        do {
            return try core.gateway.prepare(request, attempt: attempt, at: core.clock())
        } catch {
            throw CallRefusal(.refused, error, cost: cost)
        }
    }

    private func reserve(
        _ call: PreparedCall, _ attempt: String, _ id: RunID, _ origin: CallOrigin, _ cost: Nanodollars
    ) async throws(CallRefusal) {
        guard call.needsIntent else { return }
        let hold = Reservation(
            attempt: attempt, run: id, path: origin.budgetPath, amount: call.upperBound, charge: call.charge(.call))
        do {
            try await core.journal.write { transaction throws(JournalError) in try transaction.budgetReserve(hold) }
        } catch {
            guard case .budget(_, let available, let final) = error.code else {
                throw CallRefusal(.storage, Failure(.io, error.message), cost: cost)
            }
            let largest = call.largestOutputThatFits(available: available).flatMap { $0 > 0 ? $0 : nil }
            var text = "\(error.message); the call could cost \(call.upperBound)"
            if let largest { text += "; at most \(largest) output tokens would fit" }
            throw CallRefusal(
                .budget(final: final, largestOutput: largest), Failure(.budget, text), cost: cost)
        }
    }

    /// Whether the caller got a piece of the answer.
    private final class Heard: Sendable {
        private let flag = Atomic(false)
        var value: Bool { flag.load(ordering: .acquiring) }
        func note() { flag.store(true, ordering: .releasing) }
    }

    private func send(
        _ call: PreparedCall, _ heard: Heard?, _ onText: (@Sendable (String) -> Void)?
    ) async -> Result<ModelAnswer, ProviderError> {
        do {
            let answer = try await core.gateway.perform(call) { text in
                heard?.note()
                onText?(text)
            }
            return .success(answer)
        } catch {
            return .failure(error)
        }
    }

    private func settle(
        _ answer: ModelAnswer, _ call: PreparedCall, _ attempt: String, _ price: Nanodollars, _ record: CallRecord
    ) async throws(CallRefusal) -> CallReceipt {
        var usage = answer.usage
        usage.cost = record.cost
        let end = CallRecord.End.answered(
            text: Digest.sha256(answer.text.utf8), finishReason: answer.finishReason, usage)
        let isHeld = call.needsIntent, used = call.usage(of: answer)
        let path = record.origin.budgetPath
        let left: Nanodollars?
        do {
            left = try await core.journal.write { transaction throws(JournalError) in
                if isHeld { _ = try transaction.budgetSettle(attempt, actual: price, usage: used) }
                try record.append(end, to: transaction)
                return try Self.budgetLeft(on: path, in: transaction)
            }
            core.gateway.forget(attempt)
        } catch {
            throw CallRefusal(.storage, Failure(.io, error.message), cost: record.cost)
        }
        return CallReceipt(
            id: record.id, provider: record.provider, model: answer.model, text: answer.text,
            finishReason: answer.finishReason, usage: usage, budgetLeft: left)
    }

    /// Ends the money side of a failed attempt, and with the last one the call.
    private func close(
        _ end: FailedAttempt, _ call: PreparedCall, _ attempt: String, _ last: (CallRecord, Failure)?
    ) async throws(CallRefusal) {
        let isHeld = call.needsIntent
        guard isHeld || last != nil else { return }
        do {
            try await core.journal.write { transaction throws(JournalError) in
                if isHeld { try end.close(attempt, in: transaction) }
                if let (record, failure) = last { try record.append(.failed(failure), to: transaction) }
            }
            core.gateway.forget(attempt)
        } catch {
            throw CallRefusal(.storage, Failure(.io, error.message))
        }
    }

    private static func budgetLeft(
        on path: [BudgetNode], in journal: any JournalReading
    ) throws(JournalError) -> Nanodollars? {
        var least: Nanodollars?
        for node in path {
            guard let budget = try journal.budget(node), let limit = budget.limit else { continue }
            let left = max(.zero, limit - budget.held - budget.spent)
            least = least.map { min($0, left) } ?? left
        }
        return least
    }
}

extension ModelCalls {
    static let attemptPrefix = "api/"

    private static func attempt(_ number: Int, of id: RunID) -> String { "\(attemptPrefix)\(id)/\(number)" }
}
