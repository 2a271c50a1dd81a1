import Gateway
import Journal
import Kernel
import Placement

extension RunExecution {
    /// A model call: upper bound, reservation and intent in one commit; then the provider; then the exact cost and
    /// the answer in one commit. A free and deterministic provider needs no durable intent: the same call again is
    /// the same call.
    func performModel(
        _ operation: OperationID, _ request: ModelRequest, _ onAmbiguous: AmbiguityPolicy, _ begun: StepRecord,
        _ isResumed: Bool
    ) async {
        var step = begun
        var repairs = AnswerRepairs()
        guard let (request, masking) = await guarded(operation, request, step) else {
            // The operator's word does not let it go on; what it was is paid all the same.
            if isResumed { _ = await settleLeftOver(of: step) }
            return
        }
        var routed = routedCall(request, step, isShared: masking.isEmpty)
        if isResumed {
            guard await takeUp(operation, request, masking, onAmbiguous, step, &repairs) else { return }
        }
        while true {
            let call: PreparedCall
            do {
                switch try await routed.next(
                    attempt: attemptName(step), at: core.clock(), repair: repairs.messages.map(masking.hidden))
                {
                case .send(let prepared): call = prepared
                case .cached(let reply):
                    await settleCached(operation, reply, step)
                    return
                }
            } catch {
                finish(operation, step, .failure(error))
                return
            }
            guard await reserve(operation, call, step, choice: routed.choice(of: call)) else { return }
            let display = display(masking, to: operation)
            let repair = repairs.messages.map(masking.hidden)
            guard let sent = await send(call, operation, &step, &routed, repair, display) else { return }
            let failure: ProviderError
            var isAskedAgain = false
            do {
                var answer = try await judged(try sent.result.get(), of: sent.call, display)
                guard let broken = repairs.judge(&answer, of: sent.call) else {
                    let reply = ModelReply.json(answer, provider: sent.call.provider.name)
                    routed.succeeded(answer, reply: reply, at: core.clock())
                    await settle(operation, sent.call, answer, reply, step)
                    return
                }
                (failure, isAskedAgain) = (broken, repairs.isPending)
            } catch {
                failure = error
            }
            // The host is stopping: the step and its hold stay open, and the next host takes the answer up.
            if failure.standing == .kept { return }
            let delay = isAskedAgain ? routed.answeredBadly(failure) : routed.failed(failure)
            let isLast = delay == nil || Task.isCancelled
            guard await closeAttempt(operation, sent.call, failure, step, isLast: isLast), !isLast else { return }
            try? await Task.sleep(for: .milliseconds(delay ?? 0))
            step.attempt += 1
        }
    }

    func attemptName(_ step: StepRecord) -> String { "\(run.id)/\(step.sequence)/\(step.attempt)" }

    /// True to go on with a new attempt.
    func decideAmbiguity(_ operation: OperationID, _ policy: AmbiguityPolicy, _ step: StepRecord) -> Bool {
        let text = "step \"\(step.name)\" was sent before a crash and its answer is unknown"
        switch policy {
        case .byKind, .retry: return true
        case .fail:
            finish(operation, step, .failure(Failure(.io, "\(text); the step asks to fail")))
            return false
        case .ask:
            stop(.paused(Failure(.io, "\(text); retry the run to send it again, or cancel it")))
            return false
        }
    }

    /// Beside what costs money, what a cap on tokens must count.
    private func needsIntent(_ call: PreparedCall) -> Bool { call.needsIntent || budgetPath.countsTokens }

    private func hold(for call: PreparedCall) -> Reservation {
        Reservation(
            attempt: call.call.attempt, run: run.id, path: budgetPath.nodes, amount: call.upperBound,
            tokens: budgetPath.countsTokens ? call.maximumTokens : nil, charge: call.charge(.run))
    }

    private func reserve(
        _ operation: OperationID, _ call: PreparedCall, _ step: StepRecord, choice: [String: JSONValue]?
    ) async -> Bool {
        guard needsIntent(call) else { return true }
        let hold = hold(for: call)
        do {
            try await commit { [self] transaction throws(JournalError) in
                try transaction.budgetReserve(hold)
                if let choice { try record(choice, of: hold.attempt, in: transaction) }
                return step
            }
            return true
        } catch {
            guard case .budget(_, let available, let final) = error.code else {
                refuse(operation, step, error)
                return false
            }
            var text = "\(error.message); the call could cost \(call.upperBound)"
            if call.upperBound > .zero, let tokens = call.largestOutputThatFits(available: available), tokens > 0 {
                text += "; at most \(tokens) output tokens would fit"
            }
            text += final ? " (budget_would_exceed)" : "; other calls hold the rest (budget_busy)"
            finish(operation, step, .failure(Failure(.budget, text)))
            return false
        }
    }

    /// Sends one attempt and, where the route hedges, another beside it that is held before it is sent. The money of
    /// the one that does not go on is settled here.
    ///
    /// - Parameter step: gets the number of the newest attempt.
    /// - Returns: nil when the run must stop.
    private func send(
        _ call: PreparedCall, _ operation: OperationID, _ step: inout StepRecord, _ routed: inout RoutedCall,
        _ repair: [ChatMessage], _ display: AnswerDisplay
    ) async -> (call: PreparedCall, result: Result<ModelAnswer, ProviderError>)? {
        var hedge: PreparedCall?
        let race = Race(gateway: core.gateway) { display.push($0) }
        let end = await race.run(call, delayMilliseconds: routed.hedgeDelayMilliseconds) {
            var next = step
            next.attempt += 1
            guard let beside = await routed.besides(attempt: attemptName(next), at: core.clock(), repair: repair) else {
                return nil
            }
            guard await holdBeside(beside, next) else {
                routed.dropHedge()
                return nil
            }
            (hedge, step) = (beside, next)
            return beside
        }
        guard let hedge, let loser = end.loser else { return (call, end.result) }
        let isHedge = end.winner == .second
        routed.raced(isHedge: isHedge, loser: loser)
        guard await closeLoser(isHedge ? call : hedge, loser) else { return nil }
        return (isHedge ? hedge : call, end.result)
    }

    /// Without room for it there is no second attempt, and the first goes on.
    private func holdBeside(_ call: PreparedCall, _ step: StepRecord) async -> Bool {
        guard needsIntent(call) else { return true }
        let hold = hold(for: call)
        let fields: [String: JSONValue] = ["why": "hedge"]
        do {
            try await commit { [self] transaction throws(JournalError) in
                try transaction.budgetReserve(hold)
                try record(fields, of: hold.attempt, in: transaction)
                return step
            }
            return true
        } catch {
            return false
        }
    }

    private func closeLoser(_ call: PreparedCall, _ result: Result<ModelAnswer, ProviderError>) async -> Bool {
        guard needsIntent(call) else { return true }
        // Its answer is kept for the next host, which settles it.
        if case .failure(let error) = result, error.standing == .kept { return true }
        let end = FailedAttempt(unheard: result, of: call, at: core.gateway)
        let (id, fence, attempt) = (run.id, run.fence, call.call.attempt)
        do {
            try await commit { transaction throws(JournalError) in
                try end.close(attempt, in: transaction)
                if case .billed(let cost, _) = end, cost > .zero {
                    try transaction.runAddCost(id, fence: fence, cost: cost)
                }
                return nil
            }
        } catch {
            stop(after: error)
            return false
        }
        core.gateway.forget(attempt)
        return true
    }

    /// An answer that the policy lets through, with what was taken out of its request.
    func judged(
        _ answer: ModelAnswer, of call: PreparedCall, _ display: AnswerDisplay
    ) async throws(ProviderError) -> ModelAnswer {
        var answer = answer
        if let refused = await refusal(ofAnswer: answer.text, model: "\(call.provider.name)/\(call.call.model)") {
            throw ProviderError(
                refused.status, refused.message, wasSent: true, usage: answer.usage, isRetryable: false)
        }
        display.restore(&answer)
        display.finish(answer.text)
        return answer
    }

    func settle(
        _ operation: OperationID, _ call: PreparedCall, _ answer: ModelAnswer, _ reply: JSONValue, _ step: StepRecord
    ) async {
        var usage = answer.usage
        usage.cost = core.gateway.cost(of: answer, for: call)
        var answered = step
        answered.reference = answer.reference
        answered.charge = call.charge(.run)
        let attempt = call.call.attempt
        let result = EffectResult(data: reply.bytes, usage: usage)
        let cost = usage.cost
        let (id, fence) = (run.id, run.fence)
        let isHeld = needsIntent(call), used = call.usage(of: answer)
        let isCommitted = await settle(operation, answered) { transaction throws(JournalError) in
            if isHeld { _ = try transaction.budgetSettle(attempt, actual: cost, usage: used) }
            if cost > .zero { try transaction.runAddCost(id, fence: fence, cost: cost) }
            return .success(result)
        }
        if isCommitted { core.gateway.forget(attempt) }
    }

    /// Ends the money side of a failed attempt, and with the last one the step. False when the run must stop.
    func closeAttempt(
        _ operation: OperationID, _ call: PreparedCall, _ error: ProviderError, _ step: StepRecord, isLast: Bool
    ) async -> Bool {
        let attempt = call.call.attempt
        let end = FailedAttempt(error, of: call, at: core.gateway)
        let (id, fence) = (run.id, run.fence)
        let failure = StepFailure(
            Failure(Task.isCancelled ? .cancelled : error.status, "\(call.provider.name): \(error.message)"))
        let isHeld = needsIntent(call)
        var step = step
        step.charge = call.charge(.run)
        do {
            let changed = try await commit { [self, step] transaction throws(JournalError) in
                if isHeld {
                    try end.close(attempt, in: transaction)
                    if case .billed(let cost, _) = end, cost > .zero {
                        try transaction.runAddCost(id, fence: fence, cost: cost)
                    }
                }
                return isLast && !isStopping ? ended(step, .failure(failure)) : step
            }
            core.gateway.forget(attempt)
            if let changed, changed.state == .failed { announce(operation, changed) }
            return true
        } catch {
            stop(after: error)
            return false
        }
    }
}
