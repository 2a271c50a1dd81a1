package import Kernel

/// What stays in the store of a run that moved to the archive.
package struct ArchivedRun: Hashable, Sendable {
    package var id: RunID
    package var number: Int64
    package var tenant: String
    package var task: TaskReference
    package var idempotencyKey: String?
    package var steps: Int
    /// Of a run whose content is nowhere any more.
    package static let expired = "expired"

    /// In the store's folder `archive`; or ``expired``.
    package var file: String
    /// Of the document in that file.
    package var digest: Digest
    package var at: Instant
}

/// A run with all that belongs to it, ready to move.
struct ArchivalRun: Sendable {
    var run: RunRecord
    /// Its rows as one JSON document; the same rows give the same bytes.
    var document: [UInt8]
    var contents: [(digest: Digest, bytes: [UInt8])]

    var digest: Digest { Digest.sha256(document) }
}

extension SQLReading {
    func archivedRun(_ id: RunID) throws(JournalError) -> ArchivedRun? {
        try session.first(ArchiveSQL.one, [.run(id)]) { ArchivedRun(&$0) }
    }

    func archivedRun(tenant: String, task: TaskReference, key: String) throws(JournalError) -> ArchivedRun? {
        let arguments: [SQLValue] = [.text(tenant), .text(task.department), .text(task.task), .text(key)]
        return try session.first(ArchiveSQL.byKey, arguments) { ArchivedRun(&$0) }
    }

    func retentionPolicy() throws(JournalError) -> RetentionPolicy {
        let rows = try session.rows(RetentionSQL.all) { row in
            let name = row.text()
            return (name, row.int())
        }
        var policy = RetentionPolicy.keepAll
        for (name, days) in rows {
            do throws(Failure) {
                try policy.set(try RetentionPolicy.dataClass(name), days: days)
            } catch {
                throw JournalError(.storage, "the stored retention policy is unreadable: \(error.message)")
            }
        }
        return policy
    }

    func archivalCandidates(before horizon: Instant, limit: Int) throws(JournalError) -> [RunID] {
        try session.rows(ArchiveSQL.candidates, [.instant(horizon), .instant(horizon), .int(limit)]) { $0.runID() }
    }

    func archival(of id: RunID) throws(JournalError) -> ArchivalRun? {
        guard let run = try run(id) else { return nil }
        var members: [String] = []
        for part in ArchiveSQL.parts {
            let columns = try session.rows(ArchiveSQL.tableColumns, [.text(part.table)]) { row in
                let name = row.text()
                return (name: name, type: row.text())
            }
            let sql = ArchiveSQL.document(columns, part)
            let rows = try session.rows(sql, [.run(id)]) { $0.text() }
            members.append(
                "\"\(part.name)\":" + (part.name == "run" ? rows.joined() : "[\(rows.joined(separator: ","))]"))
        }
        let schema = try SQLiteSchema.version(session)
        let document = Array("{\"schema\":\(schema),\(members.joined(separator: ","))}".utf8)
        let contents = try session.rows(ArchiveSQL.contents, [.run(id)]) { row in
            let digest = row.digest()
            return (digest: digest, bytes: row.blob())
        }
        return ArchivalRun(run: run, document: document, contents: contents)
    }
}

extension SQLTransaction {
    func retentionSet(_ dataClass: DataClass, days: Int?, by: String) throws(JournalError) {
        var policy = try retentionPolicy()
        do throws(Failure) {
            try policy.set(dataClass, days: days)
        } catch {
            throw JournalError(.invalid, error.message)
        }
        if let problem = policy.highRiskProblem, try setting(.highRisk) == "on" {
            throw JournalError(.invalid, problem)
        }
        if let days {
            try session.execute(RetentionSQL.set, [.text(dataClass.rawValue), .int(days)])
            try appendLeaf(AuditLeaves.retention(dataClass.rawValue, days: days, by: by))
        } else if try session.execute(RetentionSQL.remove, [.text(dataClass.rawValue)]) > 0 {
            try appendLeaf(AuditLeaves.removed("retention", "class", dataClass.rawValue, by: by))
        }
    }

    /// Removes a run that is in the archive, unless it is another than was written there: somebody may have tried it
    /// again meanwhile.
    func runArchive(_ archived: ArchivalRun, file: String, before horizon: Instant) throws(JournalError) -> Bool {
        let id = archived.run.id
        guard let current = try archival(of: id), current.digest == archived.digest, current.run.state.isTerminal,
            let finished = current.run.finishedAt, finished < horizon, current.run.sensitivity != .restricted,
            try legalHolds(over: id).isEmpty
        else { return false }
        try takeOut(current, file: file)
        return true
    }

    /// Removes a restricted run with all its content, for good: no archive has it.
    func runExpireContent(_ id: RunID, before horizon: Instant) throws(JournalError) -> Bool {
        guard let current = try archival(of: id), current.run.state.isTerminal, current.run.createdAt < horizon,
            current.run.sensitivity == .restricted, try legalHolds(over: id).isEmpty
        else { return false }
        try takeOut(current, file: ArchivedRun.expired)
        return true
    }

    /// All rows of a run but the trace that it was there.
    private func takeOut(_ current: ArchivalRun, file: String) throws(JournalError) {
        let id = current.run.id
        let number = SQLValue.integer(current.run.number)
        let steps = try session.first(ArchiveSQL.stepCount, [number]) { $0.int() } ?? 0
        // First of all: what is in the archive may leave the tables that only grow.
        let stub = ArchivedRun(
            id: id, number: current.run.number, tenant: current.run.tenant, task: current.run.task,
            idempotencyKey: current.run.idempotencyKey, steps: steps, file: file, digest: current.digest, at: now)
        try insert(stub)
        for (step, acts) in try session.rows(ArchiveSQL.approvalSteps, [.run(id)], { ($0.int(), $0.int()) }) {
            try appendLeaf(AuditLeaves.approvalArchived(run: id, step: step, acts: acts))
        }
        let artifacts = try session.rows(ArchiveSQL.artifactNames, [.run(id)]) { row in
            let name = row.text()
            return (name: name, digest: row.digest())
        }
        try session.execute(ArchiveSQL.removeArtifacts, [number])
        for artifact in artifacts { try appendLeaf(AuditLeaves.artifactArchived(run: id, name: artifact.name)) }
        for digest in Set(artifacts.map(\.digest)).sorted(by: { $0.hex < $1.hex }) {
            if try session.execute(ArchiveSQL.removeContent, [.digest(digest)]) > 0 {
                try appendLeaf(AuditLeaves.contentArchived(digest))
            }
        }
        for statement in [
            ArchiveSQL.removeActs, ArchiveSQL.removeApprovals, ArchiveSQL.removePin, ClassSQL.remove,
        ] {
            try session.execute(statement, [.run(id)])
        }
        for statement in [ArchiveSQL.removeSteps, ArchiveSQL.removeRun] { try session.execute(statement, [number]) }
        try appendLeaf(AuditLeaves.runArchived(stub))
    }

    private func insert(_ stub: ArchivedRun) throws(JournalError) {
        try session.execute(
            ArchiveSQL.insert,
            [
                .run(stub.id), .integer(stub.number), .text(stub.tenant), .text(stub.task.department),
                .text(stub.task.task), .optional(stub.idempotencyKey), .int(stub.steps), .text(stub.file),
                .digest(stub.digest), .instant(stub.at),
            ])
    }

    /// Returns how many rows went.
    func trim(_ dataClass: DataClass, before horizon: Instant, limit: Int) throws(JournalError) -> Int {
        switch dataClass {
        case .webhookAttempts: try session.execute(RetentionSQL.trimAttempts, [.instant(horizon), .int(limit)])
        case .crashes: try session.execute(RetentionSQL.trimCrashes, [.instant(horizon), .int(limit)])
        case .runs, .archives, .restrictedRuns: 0
        }
    }
}

extension ArchivedRun {
    /// From ``ArchiveSQL/columns``.
    init(_ row: inout SQLRow) {
        let id = row.runID(), number = row.integer(), tenant = row.text(), department = row.text(), task = row.text()
        self.init(
            id: id, number: number, tenant: tenant, task: TaskReference(department: department, task: task),
            idempotencyKey: row.optionalText(), steps: row.int(), file: row.text(), digest: row.digest(),
            at: row.instant())
    }
}
