import Kernel

/// A run as stored, with the one column that is the journal's own business.
struct RunRow {
    var record: RunRecord
    /// The incarnation of the host that runs it.
    var owner: Int64?
    /// When the first of a burst came that starts as one with this run.
    var burstAt: Instant?

    /// From ``RunSQL/columns``.
    init(_ row: inout SQLRow) {
        let number = row.integer(), id = row.runID(), tenant = row.text(), department = row.text(), task = row.text()
        let agent = row.text(), state = row.raw(RunState.paused), fence = Fence(row.integer()), priority = row.int()
        let attempt = row.int(), crashCount = row.int()
        owner = row.optionalInteger()
        let build = row.optionalDigest(), key = row.optionalText(), root = row.runID(), parent = row.optionalRunID()
        let parentSequence = row.optionalInteger().map(Int.init)
        let budget = row.optionalInteger().map(Nanodollars.init(_:)), cost = row.money(), cancel = row.flag()
        let wakeAt = row.optionalInstant(), createdAt = row.instant(), startedAt = row.optionalInstant()
        let finishedAt = row.optionalInstant(), failure = row.failure(), input = row.blob()
        let forkedFrom = row.optionalRunID(), forkedStep = row.optionalInteger()
        if (forkedFrom == nil) != (forkedStep == nil) { row.refuse() }
        let user = row.optionalText()
        let caps = RunCaps(
            cost: budget, tokens: row.optionalInteger(), steps: row.optionalInteger().map(Int.init),
            seconds: row.optionalInteger().map(Int.init))
        let correlation = row.optionalText(), cause = row.optionalInteger(), chain = row.optionalInteger()
        if (cause == nil) != (chain == nil) { row.refuse() }
        record = RunRecord(
            number: number, id: id, tenant: tenant, task: TaskReference(department: department, task: task),
            agent: agent, state: state, fence: fence, priority: priority, attempt: attempt, crashCount: crashCount,
            input: input, output: row.optionalBlob(), failure: failure, build: build, idempotencyKey: key,
            root: root, parent: parent, parentSequence: parentSequence, caps: caps, user: user, cost: cost,
            cancelRequested: cancel, wakeAt: wakeAt, createdAt: createdAt, startedAt: startedAt,
            finishedAt: finishedAt,
            forkedFrom: forkedFrom.map { ForkOrigin(run: $0, step: Int(forkedStep ?? 0)) },
            correlation: correlation, cause: cause.map { EventCause(position: $0, chain: Int(chain ?? 1)) })
        readScheduling(&row)
    }

    private mutating func readScheduling(_ row: inout SQLRow) {
        record.scheduling.queue = row.text()
        record.scheduling.key = row.optionalText()
        record.scheduling.startBy = row.optionalInstant()
        record.scheduling.deadline = row.optionalInstant()
        record.readyAt = row.optionalInstant()
        if let text = row.optionalText() {
            record.scheduling.retry = (try? JSONParser.parse(text)).flatMap { try? RunRetryRule(json: $0) }
            if record.scheduling.retry == nil { row.refuse() }
        }
        if let text = row.optionalText() {
            record.retries = try? JSONParser.parse(text)
            if record.retries == nil { row.refuse() }
        }
        record.turn = row.optionalInteger()
        burstAt = row.optionalInstant()
        if let text = row.optionalText() {
            record.sensitivity = Sensitivity(rawValue: text) ?? .restricted
            if Sensitivity(rawValue: text) == nil { row.refuse() }
        }
        record.subject = row.optionalSubject()
        record.isReviewed = row.flag()
    }
}

extension SQLRow {
    /// Two columns: status and message.
    mutating func failure() -> Failure? {
        let status = optionalInteger(), message = optionalText()
        guard let status else { return nil }
        return Failure(Status(rawValue: Int32(truncatingIfNeeded: status)), message ?? "")
    }
}

extension SQLValue {
    /// The two columns that ``SQLRow/failure()`` reads.
    static func failure(_ failure: Failure?) -> [SQLValue] {
        [.optional(failure.map { Int64($0.status.rawValue) }), .optional(failure?.message)]
    }
}
