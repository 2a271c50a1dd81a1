import Kernel

/// A step as stored, with the fence it was last written under.
struct StepRow {
    var record: StepRecord
    var fence: Fence
    /// Its name and shape, of a run about somebody: ``StepHead``.
    var sealed: [UInt8]?

    /// From ``StepSQL/columns``.
    init(_ row: inout SQLRow) {
        let sequence = row.int(), kind = row.raw(EffectKind.step), name = row.text(), occurrence = row.int()
        let shape = row.digest(), state = row.raw(StepState.intended), attempt = row.int()
        fence = Fence(row.integer())
        let reference = row.optionalText(), cost = row.money(), startedAt = row.instant()
        let finishedAt = row.optionalInstant(), failure = row.failure()
        let result = Self.result(&row)
        let request = row.optionalInteger().map { RecordedRequest(byteCount: Int($0), encoded: nil) }
        sealed = row.optionalBlob()
        record = StepRecord(
            sequence: sequence, kind: kind, name: name, occurrence: occurrence, shape: shape, request: request,
            state: state, attempt: attempt, result: result, failure: failure, reference: reference, cost: cost,
            startedAt: startedAt, finishedAt: finishedAt)
    }

    private static func result(_ row: inout SQLRow) -> EffectResult? {
        let value = row.optionalInteger(), text = row.optionalText(), cost = row.optionalInteger()
        let usage = TokenUsage(
            input: row.optionalInteger(), cachedRead: row.optionalInteger(), cacheWrite: row.optionalInteger(),
            cacheWriteOneHour: row.optionalInteger(), output: row.optionalInteger(),
            reasoning: row.optionalInteger(), cost: Nanodollars(cost ?? 0))
        let data = row.optionalBlob()
        guard let value else { return nil }
        return EffectResult(
            value: UInt64(bitPattern: value), data: data ?? [], text: text ?? "", usage: cost == nil ? nil : usage)
    }
}

extension SQLValue {
    /// The ten columns of a result; the unsigned value is stored by its bits.
    fileprivate static func result(_ result: EffectResult?) -> [SQLValue] {
        let usage = result?.usage
        return [
            .optional(result.map { Int64(bitPattern: $0.value) }), .optional(result?.text),
            .optional(usage?.cost.value), .optional(usage?.input), .optional(usage?.cachedRead),
            .optional(usage?.cacheWrite), .optional(usage?.cacheWriteOneHour), .optional(usage?.output),
            .optional(usage?.reasoning), .optional(result?.data),
        ]
    }
}

extension SQLReading {
    func steps(of run: RunID) throws(JournalError) -> [StepRecord] {
        let rows = try session.rows(StepSQL.ofRun, [.run(run)]) { StepRow(&$0) }
        let seal = rows.contains { $0.sealed != nil } ? try seal(ofRun: run) : nil
        var steps: [StepRecord] = []
        for row in rows { steps.append(try opened(row, run: run, seal)) }
        return steps
    }

    func recording(of id: RunID) throws(JournalError) -> RunRecording? {
        guard let run = try run(id) else { return nil }
        let requests = try session.rows(StepSQL.requestsOfRun, [.run(id)]) { ($0.int(), $0.blob()) }
        let kept = Dictionary(requests, uniquingKeysWith: { $1 }), seal = try seal(ofRun: id)
        var steps: [StepRecord] = []
        for row in try session.rows(StepSQL.ofRun, [.run(id)], { StepRow(&$0) }) {
            steps.append(try opened(row, run: id, seal, request: kept[row.record.sequence]))
        }
        let agent = try agent(of: run)
        return RunRecording(run: run, steps: steps, configuration: agent?.configuration ?? Array("{}".utf8))
    }
}

extension SQLTransaction {
    func stepInsert(_ step: StepRecord, run: RunID, fence: Fence) throws(JournalError) {
        let (step, head) = try sealed(step, of: run)
        var arguments: [SQLValue] = [
            .int(step.sequence), .int(step.kind.rawValue), .text(step.name), .int(step.occurrence),
            .digest(step.shape), .int(step.state.rawValue), .int(step.attempt), .optional(step.reference),
            .money(step.cost), .instant(step.startedAt), .optional(step.finishedAt),
        ]
        arguments += SQLValue.failure(step.failure) + SQLValue.result(step.result)
        arguments += [
            .optional(step.request.map { Int64($0.byteCount) }), .optional(step.request?.encoded), .optional(head),
            .run(run), .integer(fence.value),
        ]
        guard try session.execute(StepSQL.insert, arguments) == 1 else {
            _ = try fenced(run, fence)
            throw JournalError(.duplicate(run), "run \(run) already has a step \(step.sequence)")
        }
        try appendLeaf(AuditLeaves.step(step, run: run, fence: fence, call: step.charge, sealed: head))
    }

    func stepUpdate(_ step: StepRecord, run: RunID, fence: Fence) throws(JournalError) {
        let (step, _) = try sealed(step, of: run)
        var arguments: [SQLValue] = [
            .int(step.state.rawValue), .int(step.attempt), .integer(fence.value), .optional(step.reference),
            .money(step.cost), .optional(step.finishedAt),
        ]
        arguments += SQLValue.failure(step.failure) + SQLValue.result(step.result)
        arguments += [.int(step.sequence), .run(run), .integer(fence.value)]
        guard let stored = try session.first(StepSQL.update, arguments, { StepRow(&$0) }) else {
            _ = try fenced(run, fence)
            throw try cannotUpdate(step, run)
        }
        try appendLeaf(
            AuditLeaves.step(stored.record, run: run, fence: stored.fence, call: step.charge, sealed: stored.sealed))
    }

    private func cannotUpdate(_ step: StepRecord, _ run: RunID) throws(JournalError) -> JournalError {
        let state = try session.first(StepSQL.state, [.run(run), .int(step.sequence)]) { $0.integer() }
        guard let state else {
            return JournalError(.notFound, "run \(run) has no step \(step.sequence)")
        }
        return JournalError(
            .conflict(current: UInt64(state)), "step \(step.sequence) of run \(run) is done: its result is final")
    }
}
