import Crypto
import Kernel

/// A subject as stored.
struct SubjectRow {
    var id: SubjectID
    var tenant: String
    var createdAt: Instant
    var createdBy: String
    var alias: [UInt8]?
    var tag: [UInt8]?
    var erasure: SubjectErasure?
    var hasKey: Bool

    /// From ``SubjectSQL/columns``.
    init(_ row: inout SQLRow) {
        let subject = row.optionalSubject()
        if subject == nil { row.refuse() }
        id = subject ?? SubjectID(random: Array(repeating: 0, count: 16))
        tenant = row.text()
        createdAt = row.instant()
        createdBy = row.text()
        alias = row.optionalBlob()
        tag = row.optionalBlob()
        let at = row.optionalInstant(), by = row.optionalText(), reason = row.optionalText()
        let request = row.optionalText()
        if let at, let by, let reason {
            erasure = SubjectErasure(at: at, by: by, reason: reason, request: request)
        } else if at != nil || by != nil || reason != nil || request != nil {
            row.refuse()
        }
        hasKey = row.flag()
    }
}

extension SQLReading {
    func subjects() throws(JournalError) -> [SubjectRecord] {
        var records: [SubjectRecord] = []
        for row in try session.rows(SubjectSQL.all, [], { SubjectRow(&$0) }) { records.append(try opened(row)) }
        return records
    }

    func subject(_ id: SubjectID) throws(JournalError) -> SubjectRecord? {
        guard let row = try subjectRow(id) else { return nil }
        return try opened(row)
    }

    /// By what people call them. While keys are being exchanged it may stand under any of them.
    func subject(alias: String, tenant: String) throws(JournalError) -> SubjectRecord? {
        try keys.reload()
        for wrapping in keys.ring?.keys.reversed() ?? [] {
            let tag = SubjectKeys.tag(of: alias, tenant: tenant, with: wrapping)
            guard let row = try session.first(SubjectSQL.byTag, [.text(tenant), .blob(tag)], { SubjectRow(&$0) })
            else { continue }
            return try opened(row)
        }
        return nil
    }

    func subjectExtent(_ id: SubjectID) throws(JournalError) -> SubjectExtent {
        func count(_ sql: String) throws(JournalError) -> Int {
            try session.first(sql, [.blob(id.bytes)]) { $0.int() } ?? 0
        }
        var extent = SubjectExtent()
        extent.runs = try count(SubjectSQL.runCount)
        extent.steps = try count(SubjectSQL.stepCount)
        extent.events = try count(SubjectSQL.eventCount)
        extent.artifacts = try count(SubjectSQL.artifactCount)
        extent.approvals = try count(SubjectSQL.approvalCount)
        extent.messages = try count(SubjectSQL.messageCount)
        extent.letters = try count(SubjectSQL.letterCount)
        extent.state = try session.first(SubjectSQL.stateCount, [.text("%@\(id)")]) { $0.int() } ?? 0
        return extent
    }

    func runs(of subject: SubjectID, after number: Int64, limit: Int) throws(JournalError) -> [RunRecord] {
        let arguments: [SQLValue] = [.blob(subject.bytes), .integer(number), .int(max(0, limit))]
        return try opened(try session.rows(SubjectSQL.runs, arguments) { RunRow(&$0) })
    }

    func events(of run: RunID, after position: Int64, limit: Int) throws(JournalError) -> [EventRecord] {
        let arguments: [SQLValue] = [.run(run), .integer(position), .int(max(0, limit))]
        var records: [EventRecord] = []
        for row in try session.rows(SubjectSQL.eventsOf, arguments, { EventRow(&$0) }) {
            records.append(try record(row))
        }
        return records
    }

    func messages(about subject: SubjectID) throws(JournalError) -> [MessageRecord] {
        try opened(try session.rows(SubjectSQL.messagesOf, [.blob(subject.bytes)]) { MessageRecord(&$0) })
    }

    func approvals(of run: RunID) throws(JournalError) -> [ApprovalRecord] {
        try opened(try session.rows(ApprovalSQL.ofRun, [.run(run)]) { ApprovalRow(&$0).record })
    }

    func openAttempts(of subject: SubjectID) throws(JournalError) -> [String] {
        try session.rows(SubjectSQL.openAttempts, [.blob(subject.bytes)]) { $0.text() }
    }

    func stateEntries(of subject: SubjectID) throws(JournalError) -> [SubjectStateEntry] {
        let rows = try session.rows(SubjectSQL.stateOf, [.text("%@\(subject)")]) { row in
            let tenant = row.text(), department = row.text(), agent = row.text()
            return (
                scope: StateScope(tenant: tenant, department: department, agent: agent), key: row.text(),
                revision: row.integer(), value: row.blob()
            )
        }
        var entries: [SubjectStateEntry] = []
        for row in rows {
            let agent = String(row.scope.agent.dropLast(subject.description.utf8.count + 1))
            let scope = StateScope(
                tenant: row.scope.tenant, department: row.scope.department, agent: agent, subject: subject)
            let drawer = try StateDrawer(scope, self)
            entries.append(
                SubjectStateEntry(
                    scope: scope, key: try drawer.opened(key: row.key),
                    value: try drawer.opened(row.value, row.key, row.revision), revision: row.revision))
        }
        return entries
    }

    func subjectRow(_ id: SubjectID) throws(JournalError) -> SubjectRow? {
        try session.first(SubjectSQL.one, [.blob(id.bytes)]) { SubjectRow(&$0) }
    }

    func opened(_ row: SubjectRow) throws(JournalError) -> SubjectRecord {
        let seal = try seal(of: row.id)
        var record = SubjectRecord(
            id: row.id, tenant: row.tenant, createdAt: row.createdAt, createdBy: row.createdBy, alias: nil,
            erasure: row.erasure, key: .open)
        switch seal.key {
        case .open: break
        case .erased: record.key = .erased
        case .locked: record.key = .locked
        }
        guard let alias = row.alias else { return record }
        switch seal.open(alias, Self.aliasPlace) {
        case .success(let plain): record.alias = String(decoding: plain, as: UTF8.self)
        case .failure(let failure): record.key = failure.state
        }
        return record
    }

    static var aliasPlace: SealPlace { SealPlace("subject", "alias") }
}

extension SQLTransaction {
    static let maximumAliasBytes = 400

    /// - Parameter wrapping: the current one; files are not made inside a transaction.
    func subjectAdd(
        _ id: SubjectID, tenant: String, alias: String?, by: String, wrapping: SubjectKeys.WrappingKey
    ) throws(JournalError) -> SubjectRecord {
        guard Name.isValid(tenant) else { throw JournalError(.invalid, "\"\(tenant)\" is no name of a tenant") }
        guard by != SubjectSQL.classification || id == .classified(tenant: tenant) else {
            throw JournalError(.invalid, "\"\(by)\" is who makes the subjects of classes: sign with another name")
        }
        if let alias {
            guard (1...Self.maximumAliasBytes).contains(alias.utf8.count) else {
                throw JournalError(.invalid, "an alias has 1 to \(Self.maximumAliasBytes) bytes")
            }
            if let known = try subject(alias: alias, tenant: tenant) {
                throw JournalError(.conflict(current: 1), "\(known.id) has this alias already")
            }
        }
        let key = SymmetricKey(size: .bits256)
        let seal = SubjectSeal(subject: id, tenant: tenant, key: .open(key))
        let sealedAlias = try alias.map { alias throws(JournalError) in
            try seal.seal(Array(alias.utf8), Self.aliasPlace)
        }
        let tag = alias.map { SubjectKeys.tag(of: $0, tenant: tenant, with: wrapping) }
        let arguments: [SQLValue] = [
            .blob(id.bytes), .text(tenant), .instant(now), .text(by), .optional(sealedAlias), .optional(tag),
        ]
        guard try session.execute(SubjectSQL.insert, arguments) == 1 else {
            throw JournalError(.conflict(current: 1), "there is a subject \(id) already")
        }
        let wrapped = try SubjectKeys.wrap(key, of: id, tenant: tenant, with: wrapping)
        try session.execute(SubjectSQL.insertKey, [.blob(id.bytes), .text(wrapping.id), .blob(wrapped)])
        keys.noteSubjects(true)
        return try logged(id, "added")
    }

    /// What stands in the way of an erasure: the one place that is asked before a key goes. Nil: nothing.
    func erasureObstacle(_ subject: SubjectID) throws(JournalError) -> String? {
        let holds = try legalHolds(overSubject: subject)
        guard !holds.isEmpty else { return nil }
        return "held by \(holds.map { "\"\($0.name)\"" }.joined(separator: ", ")); release first (bureau hold release)"
    }

    /// The key goes, and with it the data; open work about the subject ends.
    func subjectErase(_ id: SubjectID, _ erasure: SubjectErasure) throws(JournalError) -> SubjectErasureReport {
        guard let row = try subjectRow(id) else { throw JournalError(.notFound, "there is no subject \(id)") }
        if row.erasure != nil, !row.hasKey {
            return SubjectErasureReport(
                subject: try opened(row), extent: try subjectExtent(id), cancelled: [], running: [],
                list: keys.files.erased)
        }
        if let obstacle = try erasureObstacle(id) {
            throw JournalError(.denied, "\(id) cannot be erased: \(obstacle)")
        }
        for word in [erasure.reason, erasure.request].compactMap({ $0 }) where !SubjectErasure.isPlain(word) {
            throw JournalError(
                .invalid,
                "reason and request stay in the audit log for ever: up to 120 letters, digits and \" .,:/#_()-\", and "
                    + "nothing that says who it was")
        }
        let open = try session.rows(SubjectSQL.openRuns, [.blob(id.bytes)]) { $0.runID() }
        var running: [RunRecord] = []
        for run in open { running += try runRequestCancel(run, reason: "its subject was erased") }
        for number in try session.rows(SubjectSQL.openMessages, [.blob(id.bytes)], { $0.integer() }) {
            try messageBury(number, reason: "its subject was erased")
        }
        let extent = try subjectExtent(id)
        let key: [SQLValue] = [.blob(id.bytes)]
        // First over what is there: a page that is only marked as free would keep it.
        try session.execute(SubjectSQL.blankKey, key)
        try session.execute(SubjectSQL.removeKey, key)
        try session.execute(SubjectSQL.blankAlias, key)
        try session.execute(
            SubjectSQL.erase,
            [.instant(erasure.at), .text(erasure.by), .text(erasure.reason), .optional(erasure.request)] + key)
        let runningIDs = Set(running.map(\.id))
        return SubjectErasureReport(
            subject: try logged(id, "erased", extent), extent: extent,
            cancelled: open.filter { !runningIDs.contains($0) }, running: running, list: keys.files.erased)
    }

    /// All keys that another one wraps, in one commit; the data stays as it is.
    func subjectRewrap(to wrapping: SubjectKeys.WrappingKey, _ ring: SubjectKeys.Ring) throws(JournalError) -> Int {
        let rows = try session.rows(SubjectSQL.keysOfOthers, [.text(wrapping.id)]) { row in
            (row.optionalSubject(), row.text(), row.blob())
        }
        for (subject, id, wrapped) in rows {
            guard let subject, let record = try subjectRow(subject) else { continue }
            guard let old = ring[id],
                let key = SubjectKeys.unwrap(wrapped, of: subject, tenant: record.tenant, with: old)
            else {
                throw JournalError(.denied, "the key of \(subject) cannot be opened with \(id): nothing was changed")
            }
            let fresh = try SubjectKeys.wrap(key, of: subject, tenant: record.tenant, with: wrapping)
            try session.execute(SubjectSQL.setKey, [.text(wrapping.id), .blob(fresh), .blob(subject.bytes)])
            guard let alias = record.alias else { continue }
            let seal = SubjectSeal(subject: subject, tenant: record.tenant, key: .open(key))
            guard case .success(let plain) = seal.open(alias, Self.aliasPlace) else { continue }
            let tag = SubjectKeys.tag(
                of: String(decoding: plain, as: UTF8.self), tenant: record.tenant, with: wrapping)
            try session.execute(SubjectSQL.setTag, [.blob(tag), .blob(subject.bytes)])
            _ = try logged(subject, "retagged")
        }
        try appendLeaf(AuditLeaves.subjectKeysRotated(to: wrapping.id, count: rows.count))
        return rows.count
    }

    /// An older copy of the store still had them.
    func subjectsErase(again entries: [ErasureEntry]) throws(JournalError) -> [RunRecord] {
        var running: [RunRecord] = []
        for entry in entries {
            guard let row = try subjectRow(entry.subject), row.hasKey || row.erasure == nil else { continue }
            let erasure = SubjectErasure(
                at: entry.at, by: "list of the erased", reason: "erased before this copy of the store was put back",
                request: entry.request)
            running += try subjectErase(entry.subject, erasure).running
        }
        return running
    }

    private func logged(
        _ id: SubjectID, _ change: String, _ extent: SubjectExtent? = nil
    ) throws(JournalError) -> SubjectRecord {
        guard let row = try subjectRow(id) else { throw JournalError(.storage, "the store kept no subject \(id)") }
        try appendLeaf(AuditLeaves.subject(row, change, extent))
        return try opened(row)
    }
}
