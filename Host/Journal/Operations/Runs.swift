import Kernel

extension SQLReading {
    func run(_ id: RunID) throws(JournalError) -> RunRecord? {
        guard let row = try runRow(id) else { return nil }
        return try opened(row)
    }

    func runRow(_ id: RunID) throws(JournalError) -> RunRow? {
        try session.first(RunSQL.byID, [.run(id)]) { RunRow(&$0) }
    }

    func runByIdempotencyKey(
        tenant: String, task: TaskReference, key: String
    ) throws(JournalError) -> RunRecord? {
        let arguments: [SQLValue] = [.text(tenant), .text(task.department), .text(task.task), .text(key)]
        return try opened(try session.rows(RunSQL.byKey, arguments) { RunRow(&$0) }).first
    }

    func runs(_ filter: RunFilter, before: Int64?, limit: Int) throws(JournalError) -> [RunRecord] {
        var conditions: [String] = [], arguments: [SQLValue] = []
        if !filter.states.isEmpty {
            let states = filter.states.map(\.rawValue).sorted().map(String.init).joined(separator: ", ")
            conditions.append("state IN (\(states))")
        }
        if let department = filter.department {
            conditions.append("department = ?")
            arguments.append(.text(department))
        }
        if let task = filter.task {
            conditions += ["department = ?", "task = ?"]
            arguments += [.text(task.department), .text(task.task)]
        }
        let scope = filter.scope.conditions(on: "run")
        conditions += scope.sql
        arguments += scope.arguments
        if filter.rootsOnly { conditions.append("parent IS NULL") }
        if let before {
            conditions.append("run_no < ?")
            arguments.append(.integer(before))
        }
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let rows = try session.rows(
            "SELECT \(RunSQL.columns) FROM run \(condition) ORDER BY run_no DESC LIMIT ?",
            arguments + [.int(max(0, limit))]
        ) { RunRow(&$0) }
        return try opened(rows)
    }

    func runCounts() throws(JournalError) -> [RunState: Int] {
        let counts = try session.rows(RunSQL.counts) { row in (row.raw(RunState.paused), row.int()) }
        return Dictionary(counts, uniquingKeysWith: +)
    }

    func children(of parent: RunID) throws(JournalError) -> [RunRecord] {
        try opened(try session.rows(RunSQL.children, [.run(parent)]) { RunRow(&$0) })
    }
}

extension SQLTransaction {
    func runInsert(_ run: NewRun) throws(JournalError) -> RunRecord { try runAdmit(run).run }

    func insert(_ run: NewRun, _ place: RunPlace) throws(JournalError) -> RunRecord {
        let order = run.scheduling
        let arguments: [SQLValue] = [
            .run(run.id), .text(run.tenant), .text(run.task.department), .text(run.task.task), .text(run.agent),
            .int(place.state.rawValue), .int(run.priority), .optional(run.idempotencyKey), .run(run.root),
            .optional(run.parent?.bytes), .optional(run.parentSequence.map(Int64.init)),
            .optional(run.caps.cost?.value), .optional(place.wakeAt), .instant(now),
            .blob(run.input), .optional(run.forkedFrom?.run.bytes),
            .optional(run.forkedFrom.map { Int64($0.step) }), .optional(run.user), .optional(run.caps.tokens),
            .optional(run.caps.steps.map(Int64.init)), .optional(run.caps.seconds.map(Int64.init)),
            .optional(run.correlation), .optional(run.cause?.position), .optional(run.cause.map { Int64($0.chain) }),
            .text(order.queue), .optional(order.key), .optional(order.startBy), .optional(order.deadline),
            .optional(place.state == .ready ? now : nil), .optional(order.retry?.json.serialized()),
            .optional(place.turn), .optional(place.burstAt), .optional(run.subject?.bytes),
            .flag(run.isReviewed),
        ]
        guard let row = try session.first(RunSQL.insert, arguments, { RunRow(&$0) }) else {
            throw try duplicate(of: run)
        }
        try appendLeaf(AuditLeaves.runAdmitted(row))
        let admitted = try opened(row)
        try tell(EventTopic.requested, admitted)
        if let budget = run.caps.cost { try budgetSet(.run(run.id), limit: budget) }
        noteReady(row.record)
        return try classify(run, admitted)
    }

    /// Nothing begins below a stopped node, paid or free.
    func checkNotStopped(_ payer: BudgetPayer) throws(JournalError) {
        guard try session.first(BudgetSQL.anyStop, [], { $0.flag() }) == true else { return }
        let nodes = payer.nodes, rows = try budgetRows(nodes)
        for node in nodes {
            if let stop = rows[node.description]?.stop, stop.isStopped { throw Self.stopped(node, stop) }
        }
    }

    private func duplicate(of run: NewRun) throws(JournalError) -> JournalError {
        try admitted(run) ?? JournalError(.duplicate(run.id), "run \(run.id) exists already")
    }

    /// That the request's key was used before, in the archive too.
    func admitted(_ run: NewRun) throws(JournalError) -> JournalError? {
        guard let key = run.idempotencyKey else { return nil }
        if let existing = try runByIdempotencyKey(tenant: run.tenant, task: run.task, key: key) {
            return JournalError(
                .duplicate(existing.id), "run \(existing.id) was already admitted for the key '\(key)'")
        }
        guard let old = try archivedRun(tenant: run.tenant, task: run.task, key: key) else { return nil }
        return JournalError(.duplicate(old.id), "run \(old.id) had the key '\(key)' and is in the archive")
    }

    func runClaim(_ numbers: [Int64]) throws(JournalError) -> [RunRecord] {
        var claimed: [RunRecord] = []
        for number in numbers {
            claimed += try change(
                "started", RunSQL.claim, [.integer(host), .instant(now), .integer(number)])
        }
        return claimed
    }

    func runSetBuild(_ id: RunID, fence: Fence, build: Digest) throws(JournalError) {
        guard try fenced(id, fence).record.build != build else { return }
        try changeFenced("pinned", RunSQL.setBuild, [.digest(build)], id, fence)
    }

    func runSetWaiting(_ id: RunID, fence: Fence, waiting: Bool) throws(JournalError) {
        let run = try fenced(id, fence).record
        let target: RunState = waiting ? .waiting : .running
        guard run.state != target else { return }
        try allow(run, waiting ? .wait : .wake)
        try changeFenced(waiting ? "waiting" : "resumed", RunSQL.setState, [.int(target.rawValue)], id, fence)
    }

    func runFinish(_ id: RunID, fence: Fence, outcome: RunOutcome) throws(JournalError) -> RunRecord {
        let transition: RunTransition, output: [UInt8]?, failure: Failure?
        switch outcome {
        case .done(let bytes): (transition, output, failure) = (.complete, bytes, nil)
        case .failed(let reason): (transition, output, failure) = (.fail, nil, reason)
        case .cancelled(let reason): (transition, output, failure) = (.cancel, nil, reason)
        case .dead(let reason): (transition, output, failure) = (.bury, nil, reason)
        }
        let run = try fenced(id, fence).record
        try allow(run, transition)
        let arguments: [SQLValue] =
            [.int(outcome.state.rawValue), .optional(try sealed(output, of: run))]
            + SQLValue.failure(try sealed(failure, of: run)) + [.instant(now)]
        return try changeFenced("finished", RunSQL.finish, arguments, id, fence)
    }

    func runPause(_ id: RunID, fence: Fence, failure: Failure) throws(JournalError) {
        let run = try fenced(id, fence).record
        try allow(run, .pause)
        try changeFenced("paused", RunSQL.pause, SQLValue.failure(try sealed(failure, of: run)), id, fence)
    }

    func runRequeue(
        _ id: RunID, fence: Fence, crashed: Bool, reason: String
    ) throws(JournalError) -> RunRecord {
        try allow(try fenced(id, fence).record, .requeue)
        return try changeFenced(
            "requeued", RunSQL.requeue, [.flag(crashed), .instant(now)], id, fence, reason: reason)
    }

    func runAddCost(_ id: RunID, fence: Fence, cost: Nanodollars) throws(JournalError) {
        let run = try fenced(id, fence).record
        guard cost >= .zero, !run.cost.value.addingReportingOverflow(cost.value).overflow else {
            throw JournalError(.invalid, "a cost of \(cost) cannot be added to \(run.cost)")
        }
        guard cost > .zero else { return }
        try changeFenced("cost", RunSQL.addCost, [.money(cost)], id, fence)
    }

    func runRequestCancel(_ id: RunID, reason: String) throws(JournalError) -> [RunRecord] {
        guard try run(id) != nil else { throw JournalError(.notFound, "there is no run \(id)") }
        var onLane: [RunRecord] = []
        for number in try session.rows(RunSQL.openTree, [.run(id)], { $0.integer() }) {
            guard let known = try session.rows(RunSQL.byNumber, [.integer(number)], { RunRow(&$0) }).first else {
                continue
            }
            let failure = SQLValue.failure(try sealed(Failure(.cancelled, reason), of: known.record))
            let idle = try change(
                "cancel_requested", RunSQL.cancelIdle, failure + [.instant(now), .integer(number), .integer(host)],
                reason: reason)
            guard idle.isEmpty else { continue }
            let marked = try change(
                "cancel_requested", RunSQL.markCancelled, [.integer(number)], reason: reason)
            // Marked before: its owner is told again.
            onLane += marked.isEmpty ? [try opened(known)] : marked
        }
        return onLane
    }

    func runRetry(_ id: RunID) throws(JournalError) -> RunRecord {
        guard let run = try run(id) else { throw JournalError(.notFound, "there is no run \(id)") }
        try checkNotStopped(run.payer)
        guard run.content == .open else {
            throw JournalError(.denied, "the data of run \(id) is \(run.content.rawValue): it cannot be tried again")
        }
        guard let retried = try change("retried", RunSQL.retry, [.instant(now), .run(id)]).first else {
            throw JournalError(
                .invalid, "run \(id) is \(run.state.name); only failed, cancelled, dead and paused runs are retried")
        }
        return retried
    }

    func runRecover(limit: Int) throws(JournalError) -> Int {
        let arguments: [SQLValue] = [.instant(now), .integer(host), .int(limit)]
        return try change("requeued", RunSQL.recover, arguments, reason: "host restarted").count
    }

    /// No fence: a bill may be corrected long after the run has ended.
    func runCorrectCost(_ id: RunID, by difference: Nanodollars) throws(JournalError) {
        try change("corrected", RunSQL.correctCost, [.money(difference), .run(id)])
    }

    func runsOpen(below node: BudgetNode) throws(JournalError) -> [RunID] {
        let conditions: [(column: String, value: SQLValue)] =
            switch node {
            case .organisation: []
            case .tenant(let tenant): [("tenant", .text(tenant))]
            case .department(let tenant, let name): [("tenant", .text(tenant)), ("department", .text(name))]
            case .agent(let tenant, let department, let name):
                [("tenant", .text(tenant)), ("department", .text(department)), ("agent", .text(name))]
            case .user(let tenant, let name): [("tenant", .text(tenant)), ("user", .text(name))]
            case .run(let id): [("run_id", .run(id))]
            }
        return try session.rows(RunSQL.open(conditions.map(\.column)), conditions.map(\.value)) { $0.runID() }
    }

    // MARK: Helpers

    /// The open run that still carries `fence`.
    func fenced(_ id: RunID, _ fence: Fence) throws(JournalError) -> RunRow {
        guard let row = try runRow(id) else { throw JournalError(.notFound, "there is no run \(id)") }
        guard row.record.fence == fence, !row.record.state.isTerminal else { throw Self.movedOn(id, fence) }
        return row
    }

    static func movedOn(_ id: RunID, _ fence: Fence) -> JournalError {
        JournalError(.fenced, "run \(id) no longer carries fence \(fence): this execution is stale")
    }

    func allow(_ run: RunRecord, _ transition: RunTransition) throws(JournalError) {
        guard run.state.applying(transition) != nil else {
            throw JournalError(.invalid, "run \(run.id) is \(run.state.name): \(transition) is not possible")
        }
    }

    @discardableResult
    func changeFenced(
        _ name: String, _ sql: String, _ arguments: [SQLValue], _ id: RunID, _ fence: Fence, reason: String? = nil
    ) throws(JournalError) -> RunRecord {
        let arguments = arguments + [.run(id), .integer(fence.value)]
        guard let run = try change(name, sql, arguments, reason: reason).first else { throw Self.movedOn(id, fence) }
        return run
    }

    /// Runs an update that returns the changed runs, and appends a leaf and, where its state is another, an event for
    /// each.
    @discardableResult
    func change(
        _ name: String, _ sql: String, _ arguments: [SQLValue], reason: String? = nil
    ) throws(JournalError) -> [RunRecord] {
        let rows = try session.rows(sql, arguments) { RunRow(&$0) }
        let records = try opened(rows)
        for (row, record) in zip(rows, records) {
            try appendLeaf(AuditLeaves.runChanged(name, row, reason: logged(reason, of: row.record)))
            if let topic = Self.topic(of: name, row.record.state) { try tell(topic, record, reason: reason) }
            noteReady(row.record)
            if row.record.state.isTerminal, let key = row.record.scheduling.key {
                try releaseTurn(tenant: row.record.tenant, key)
            }
        }
        return records
    }

    private static func topic(of change: String, _ state: RunState) -> String? {
        switch change {
        case "started": EventTopic.started
        case "due", "waiting", "resumed", "finished", "paused", "requeued", "retried", "delayed", "expired":
            EventTopic.state(state)
        case "cancel_requested" where state == .cancelled: EventTopic.state(state)
        default: nil
        }
    }

    private func tell(_ topic: String, _ run: RunRecord, reason: String? = nil) throws(JournalError) {
        var body: [String: JSONValue] = [
            "task": .string(run.task.description), "state": .string(run.state.name),
            "attempt": .integer(Int64(run.attempt)),
        ]
        if run.state.isTerminal { body["cost_nanodollars"] = .integer(run.cost.value) }
        if let failure = run.failure {
            body["status"] = .string(failure.status.name)
            body["message"] = .string(failure.message)
        }
        if let reason { body["reason"] = .string(reason) }
        if let parent = run.parent { body["parent"] = .string(parent.description) }
        if topic == EventTopic.requested, let origin = run.forkedFrom {
            body["forked_from"] = .string(origin.run.description)
            body["step"] = .integer(Int64(origin.step))
        }
        _ = try eventAppend(NewEvent(topic: topic, run: run.id, root: run.root, body: .object(body)))
    }
}
