import Gateway
import Journal
import Kernel

/// One call of a client's to its end: the policy, the cache, then attempts along its route, each with a hold of its
/// own before it is sent, and with what it cost after.
struct CallExecution: Sendable {
    private let core: EngineCore
    private let request: ModelRequest
    private let origin: CallOrigin
    private let onText: (@Sendable (String) -> Void)?
    private var record: CallRecord

    init(
        _ request: ModelRequest, id: RunID, for origin: CallOrigin, core: EngineCore,
        onText: (@Sendable (String) -> Void)?
    ) {
        self.core = core
        self.request = request
        self.origin = origin
        self.onText = onText
        record = CallRecord(
            id: id, origin: origin, request: Digest.sha256(request.messages + request.options),
            startedAt: core.clock())
    }

    mutating func perform() async -> OpenCalls.Outcome {
        do throws(CallRefusal) {
            return .success(try await answer())
        } catch {
            return .failure(error)
        }
    }

    private enum Attempt {
        case answered(ModelAnswer)
        /// - Parameter isAskedAgain: the answer came, and the model is told what is wrong with it.
        case failed(ProviderError, isAskedAgain: Bool, wasShown: Bool)
    }

    private mutating func answer() async throws(CallRefusal) -> CallReceipt {
        let (request, masking) = try await guarded()
        let caller = Route.Caller(run: record.id.description, call: record.id.description)
        var routed = RoutedCall(
            request, gateway: core.gateway, caller: caller,
            scope: CacheScope(
                tenant: origin.tenant, clearance: masking.isEmpty ? sensitivity : .restricted,
                promptVersion: Self.promptVersion))
        var repairs = AnswerRepairs()
        while true {
            record.attempts += 1
            let first: PreparedCall
            switch try await next(&routed, repairs.messages.map(masking.hidden)) {
            case .send(let prepared): first = prepared
            case .cached(let reply): return try await cached(reply)
            }
            record.target = CallRecord.Target(provider: first.provider.name, model: first.call.model)
            try await reserve(first, choice: routed.choice(of: first))
            let hidden = repairs.messages.map(masking.hidden)
            let (call, attempt) = try await attempt(first, &routed, hidden, masking, &repairs)
            switch attempt {
            case .answered(let answer):
                routed.succeeded(
                    answer, reply: ModelReply.json(answer, provider: call.provider.name), at: core.clock())
                return try await settle(answer, of: call)
            case .failed(let error, let isAskedAgain, let wasShown):
                // The host is ending: the hold stays open, and the next one settles it by the answer.
                if error.standing == .kept {
                    throw CallRefusal(
                        .draining, Failure(.busy, "the host is ending; try again later"), cost: record.cost)
                }
                let delay = isAskedAgain ? routed.answeredBadly(error) : routed.failed(error)
                let isFinal = delay == nil || wasShown || Task.isCancelled || core.isDraining
                let failure = Failure(error.status, error.message)
                let end = FailedAttempt(error, of: call, at: core.gateway)
                try await close(end, of: call, last: isFinal ? failure : nil)
                guard !isFinal, let delay else {
                    throw CallRefusal(Self.reason(of: error), failure, cost: record.cost)
                }
                try? await Task.sleep(for: .milliseconds(delay))
            }
        }
    }

    /// Nobody's plugin asks here: answers are shared between calls of these endpoints.
    private static let promptVersion = "api/1"

    private var attemptName: String { ModelCalls.attempt(record.attempts, of: record.id) }

    private static func reason(of error: ProviderError) -> CallRefusal.Reason {
        if error.isForbidden { return .policy }
        if error.brokenAnswer != nil { return .brokenAnswer }
        return .provider(retryAfterMilliseconds: error.retryAfterMilliseconds)
    }

    // MARK: Sending

    private mutating func next(
        _ routed: inout RoutedCall, _ repair: [ChatMessage]
    ) async throws(CallRefusal) -> RoutedCall.Step {
        do {
            return try await routed.next(attempt: attemptName, at: core.clock(), repair: repair)
        } catch {
            record.attempts -= 1
            let isWait = [.busy, .deadline, .cancelled].contains(error.status)
            throw await ended(isWait ? .provider(retryAfterMilliseconds: nil) : .refused, error)
        }
    }

    /// - Returns: the attempt that went on, which may be one beside `call`.
    private mutating func attempt(
        _ call: PreparedCall, _ routed: inout RoutedCall, _ repair: [ChatMessage], _ masking: Masking,
        _ repairs: inout AnswerRepairs
    ) async throws(CallRefusal) -> (PreparedCall, Attempt) {
        // What is judged as a whole is shown as a whole: by the policy, or against a schema.
        let isHeld =
            onText == nil || core.settings.policy.judgesAnswers || call.call.options.responseSchema != nil
        let display = AnswerDisplay(masking, isHeld: isHeld) { [onText] text in onText?(text) }
        let (call, result) = try await send(call, &routed, repair, display)
        return (call, await judged(result, of: call, display, &repairs))
    }

    private func judged(
        _ result: Result<ModelAnswer, ProviderError>, of call: PreparedCall, _ display: AnswerDisplay,
        _ repairs: inout AnswerRepairs
    ) async -> Attempt {
        do throws(ProviderError) {
            var answer = try result.get()
            try await judge(answer, of: call)
            display.restore(&answer)
            if let broken = repairs.judge(&answer, of: call) {
                return .failed(broken, isAskedAgain: repairs.isPending, wasShown: display.hasShown)
            }
            // Of what was shown in part, the rest; else the receipt has it.
            if display.hasShown { display.finish(answer.text) }
            return .answered(answer)
        } catch {
            return .failed(error, isAskedAgain: false, wasShown: display.hasShown)
        }
    }

    /// One attempt and, where the route hedges, another beside it that is held before it is sent. The money of the one
    /// that does not go on is settled here.
    private mutating func send(
        _ call: PreparedCall, _ routed: inout RoutedCall, _ repair: [ChatMessage], _ display: AnswerDisplay
    ) async throws(CallRefusal) -> (PreparedCall, Result<ModelAnswer, ProviderError>) {
        var hedge: PreparedCall?
        var attempts = record.attempts
        let race = Race(gateway: core.gateway) { display.push($0) }
        let (core, record, origin) = (self.core, self.record, self.origin)
        let end = await race.run(call, delayMilliseconds: routed.hedgeDelayMilliseconds) {
            let name = ModelCalls.attempt(attempts + 1, of: record.id)
            guard let beside = await routed.besides(attempt: name, at: core.clock(), repair: repair) else { return nil }
            guard await Self.hold(beside, record, origin, core) else {
                routed.dropHedge()
                return nil
            }
            attempts += 1
            hedge = beside
            return beside
        }
        self.record.attempts = attempts
        guard let hedge, let loser = end.loser else { return (call, end.result) }
        let isHedge = end.winner == .second
        routed.raced(isHedge: isHedge, loser: loser)
        let (winner, other) = isHedge ? (hedge, call) : (call, hedge)
        self.record.target = CallRecord.Target(provider: winner.provider.name, model: winner.call.model)
        let loserEnd = FailedAttempt(unheard: loser, of: other, at: core.gateway)
        // What is kept for the next host is settled by it.
        if case .failure(let error) = loser, error.standing == .kept { return (winner, end.result) }
        try await close(loserEnd, of: other, last: nil)
        return (winner, end.result)
    }

    /// Without room for it there is no second attempt, and the first goes on.
    private static func hold(
        _ call: PreparedCall, _ record: CallRecord, _ origin: CallOrigin, _ core: EngineCore
    ) async -> Bool {
        guard call.needsIntent else { return true }
        let hold = reservation(for: call, record.id, origin)
        let fields: [String: JSONValue] = [
            "why": "hedge", "call": .string(record.id.description), "attempt": .string(hold.attempt),
        ]
        do {
            try await core.journal.write { transaction throws(JournalError) in
                try transaction.budgetReserve(hold)
                _ = try transaction.auditAppend(type: "model.routed", fields: fields)
            }
            return true
        } catch {
            return false
        }
    }

    // MARK: Money

    private static func reservation(for call: PreparedCall, _ id: RunID, _ origin: CallOrigin) -> Reservation {
        Reservation(
            attempt: call.call.attempt, run: id, path: origin.budgetPath, amount: call.upperBound,
            charge: call.charge(.call))
    }

    private mutating func reserve(
        _ call: PreparedCall, choice: [String: JSONValue]?
    ) async throws(CallRefusal) {
        guard call.needsIntent else { return }
        let hold = Self.reservation(for: call, record.id, origin)
        var leaf = choice
        leaf?["call"] = .string(record.id.description)
        leaf?["attempt"] = .string(attemptName)
        do {
            try await core.journal.write { [leaf] transaction throws(JournalError) in
                try transaction.budgetReserve(hold)
                if let leaf { _ = try transaction.auditAppend(type: "model.routed", fields: leaf) }
            }
        } catch {
            record.attempts -= 1
            guard case .budget(_, let available, let final) = error.code else { throw storage(error) }
            let largest = call.largestOutputThatFits(available: available).flatMap { $0 > 0 ? $0 : nil }
            var text = "\(error.message); the call could cost \(call.upperBound)"
            if let largest { text += "; at most \(largest) output tokens would fit" }
            throw await ended(.budget(final: final, largestOutput: largest), Failure(.budget, text))
        }
    }

    private mutating func settle(
        _ answer: ModelAnswer, of call: PreparedCall
    ) async throws(CallRefusal) -> CallReceipt {
        let price = core.gateway.cost(of: answer, for: call)
        record.cost = record.cost + price
        let attempt = call.needsIntent ? call.call.attempt : nil, used = call.usage(of: answer)
        let receipt = try await finish(answer) { transaction throws(JournalError) in
            if let attempt { _ = try transaction.budgetSettle(attempt, actual: price, usage: used) }
        }
        if let attempt { core.gateway.forget(attempt) }
        return receipt
    }

    /// Ends the money side of a failed attempt, and with the last one the call.
    private mutating func close(
        _ end: FailedAttempt, of call: PreparedCall, last: Failure?
    ) async throws(CallRefusal) {
        record.cost = record.cost + end.cost(of: call)
        let attempt = call.needsIntent ? call.call.attempt : nil
        guard attempt != nil || last != nil else { return }
        do {
            try await core.journal.write { [record] transaction throws(JournalError) in
                if let attempt { try end.close(attempt, in: transaction) }
                if let last { try record.append(.failed(last), to: transaction) }
            }
        } catch {
            throw storage(error)
        }
        if let attempt { core.gateway.forget(attempt) }
    }

    // MARK: Ends

    /// What was paid for by an earlier call: judged anew, since the policy may have changed.
    private mutating func cached(_ reply: [UInt8]) async throws(CallRefusal) -> CallReceipt {
        guard let (answer, provider) = ModelReply.answer(reply) else {
            throw CallRefusal(.refused, Failure(.internal, "the cached answer cannot be read"))
        }
        record.attempts -= 1
        record.isCached = true
        record.target = CallRecord.Target(provider: provider, model: answer.model)
        if let refused = try await forbidden(answer) { throw CallRefusal(.policy, refused, cost: record.cost) }
        return try await finish(answer) { [origin] transaction throws(JournalError) in
            // Nothing is held that the kill switch would refuse.
            for node in origin.budgetPath {
                guard let stop = try transaction.budget(node)?.stop, stop.isStopped else { continue }
                throw JournalError(
                    .budget(node: node, available: .zero, final: true),
                    "\(node) was stopped by \(stop.by): \(stop.reason)")
            }
        }
    }

    private func finish(
        _ answer: ModelAnswer, with money: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Void
    ) async throws(CallRefusal) -> CallReceipt {
        var usage = answer.usage
        usage.cost = record.cost
        let said = ModelReply.json(answer, provider: record.target?.provider ?? "")
        let end = CallRecord.End.answered(
            Digest.sha256(answer.toolCalls.isEmpty ? Array(answer.text.utf8) : said.bytes),
            finishReason: answer.finishReason, usage)
        let left: Nanodollars?
        do {
            left = try await core.journal.write { [record, origin] transaction throws(JournalError) in
                try money(transaction)
                try record.append(end, to: transaction)
                return try Self.budgetLeft(on: origin.budgetPath, in: transaction)
            }
        } catch {
            if case .budget(_, _, let final) = error.code {
                throw CallRefusal(.budget(final: final, largestOutput: nil), Failure(.budget, error.message))
            }
            throw storage(error)
        }
        return CallReceipt(
            id: record.id, provider: record.target?.provider ?? "", model: answer.model, text: answer.text,
            toolCalls: answer.toolCalls, finishReason: answer.finishReason, usage: usage, budgetLeft: left,
            isCached: record.isCached)
    }

    /// The end of a call that goes no further after attempts that failed; one that was never sent leaves no record.
    private func ended(_ reason: CallRefusal.Reason, _ failure: Failure) async -> CallRefusal {
        if record.attempts > 0 {
            do {
                try await core.journal.write { [record] transaction throws(JournalError) in
                    try record.append(.failed(failure), to: transaction)
                }
            } catch {
                return storage(error)
            }
        }
        return CallRefusal(reason, failure, cost: record.cost)
    }

    private func storage(_ error: JournalError) -> CallRefusal {
        CallRefusal(.storage, Failure(.io, error.message), cost: record.cost)
    }

    private static func budgetLeft(
        on path: [BudgetNode], in journal: any JournalReading
    ) throws(JournalError) -> Nanodollars? {
        var least: Nanodollars?
        for node in path {
            guard let left = try journal.budget(node)?.available else { continue }
            least = min(least ?? left, left)
        }
        return least.map { max(.zero, $0) }
    }
}

// MARK: The operator's policy

extension CallExecution {
    /// The request that goes out, and what was taken out of it.
    private func guarded() async throws(CallRefusal) -> (request: ModelRequest, masking: Masking) {
        if let refused = uncleared() { throw CallRefusal(.policy, refused) }
        // What is no JSON is refused by the gateway.
        guard !core.settings.policy.rules(at: .modelRequest).isEmpty,
            let messages = try? JSONParser.parse(request.messages)
        else { return (request, Masking()) }
        let decision = try await decide(
            .modelRequest, models: core.gateway.targets(of: request.model), texts: messages.texts)
        if let refusal = decision.refusal { throw CallRefusal(.policy, Failure(.denied, refusal)) }
        return decision.masked(request, messages: messages)
    }

    /// Before anyone sees the answer. What it asks a tool to do is done by the client, so it is judged here.
    private func judge(_ answer: ModelAnswer, of call: PreparedCall) async throws(ProviderError) {
        let refused: Failure?
        do throws(CallRefusal) {
            refused = try await forbidden(answer)
        } catch {
            // What cannot be decided does not pass.
            refused = error.failure
        }
        guard let refused else { return }
        var error = ProviderError(
            refused.status, refused.message, wasSent: true, usage: answer.usage, isRetryable: false)
        error.brokenAnswer = answer
        error.isForbidden = true
        throw error
    }

    /// Of what the call says, by the rules for requests.
    private var sensitivity: Sensitivity {
        core.settings.policy.classification.raise(
            .usual, by: request.messages, at: .request, department: origin.department)?.sensitivity ?? .usual
    }

    private func uncleared() -> Failure? {
        let providers = core.settings.policy.classification.providers, current = sensitivity
        for model in core.gateway.targets(of: request.model) {
            let provider = String(model.prefix { $0 != "/" })
            guard providers.clearance(of: provider) < current else { continue }
            return Failure(
                .denied, "the call's data is \(current.rawValue), for which provider \(provider) is not cleared")
        }
        return nil
    }

    private func forbidden(_ answer: ModelAnswer) async throws(CallRefusal) -> Failure? {
        guard !core.settings.policy.rules(at: .modelAnswer).isEmpty, let target = record.target else { return nil }
        let decision = try await decide(
            .modelAnswer, models: ["\(target.provider)/\(target.model)"],
            texts: [answer.text] + answer.toolCalls.map(\.arguments))
        return decision.refusal.map { Failure(.denied, $0) }
    }

    private func decide(
        _ place: GuardPolicy.Place, models: [String], texts: [String]
    ) async throws(CallRefusal) -> GuardDecision {
        let policy = core.settings.policy
        // A call has read nothing, unless all that comes in counts.
        let decision = policy.decide(
            GuardSubject(
                place: place, tenant: origin.tenant, department: origin.department,
                isTainted: policy.taint.sources.contains(.input), texts: texts),
            models: models)
        guard !decision.matches.isEmpty else { return decision }
        let id = record.id
        do {
            try await core.journal.write { transaction throws(JournalError) in
                try decision.append(at: place, subject: ("call", id), root: id, to: transaction)
            }
        } catch {
            throw storage(error)
        }
        return decision
    }
}
