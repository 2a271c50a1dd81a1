import Kernel

extension SQLReading {
    func runClass(_ run: RunID) throws(JournalError) -> RunClassRecord? {
        try session.first(ClassSQL.one, [.run(run)]) { RunClassRecord(&$0) }
    }

    func legalHolds() throws(JournalError) -> [LegalHold] {
        try session.rows(HoldSQL.all) { HoldRow(&$0).hold }
    }

    func legalHolds(over run: RunID) throws(JournalError) -> [LegalHold] {
        try session.rows(HoldSQL.overRun, [.run(run)]) { HoldRow(&$0).hold }
    }

    func legalHolds(overSubject subject: SubjectID) throws(JournalError) -> [LegalHold] {
        try session.rows(HoldSQL.overSubject, [.blob(subject.bytes), .text(subject.description)]) { HoldRow(&$0).hold }
    }

    func setting(_ name: HostSetting) throws(JournalError) -> String? {
        try session.first(SettingSQL.one, [.text(name.rawValue)]) { $0.text() }
    }

    func settings() throws(JournalError) -> [HostSetting: String] {
        let rows = try session.rows(SettingSQL.all) { row in
            let name = HostSetting(rawValue: row.text())
            if name == nil { row.refuse() }
            return (name ?? .highRisk, row.text())
        }
        return Dictionary(rows, uniquingKeysWith: { $1 })
    }

    /// Runs of class restricted whose time is over.
    func expiredRuns(before horizon: Instant, limit: Int) throws(JournalError) -> [RunID] {
        try session.rows(ClassSQL.expired, [.instant(horizon), .int(limit)]) { $0.runID() }
    }

    /// Files of the archive that something in them keeps.
    func heldArchiveFiles() throws(JournalError) -> Set<String> {
        Set(try session.rows(HoldSQL.heldFiles) { $0.text() })
    }
}

// MARK: Classes

extension SQLTransaction {
    /// Writes down the class of a run that is being admitted, where it is not the usual one.
    func classify(_ run: NewRun, _ admitted: RunRecord) throws(JournalError) -> RunRecord {
        let found = run.classification
        guard found.sensitivity != .usual else { return admitted }
        try write(
            RunClassRecord(
                run: run.id, sensitivity: found.sensitivity, before: .usual, reasons: found.reasons, at: now))
        var classified = admitted
        classified.sensitivity = found.sensitivity
        return classified
    }

    /// Of a run that is to be admitted: never below that of the run it belongs to or was copied from.
    func classification(of run: NewRun) throws(JournalError) -> Classification {
        var found = run.classification
        for (origin, reason) in [(run.parent, "parent"), (run.forkedFrom?.run, "fork")] {
            guard let origin, let known = try runClass(origin) else { continue }
            found.raise(to: known.sensitivity, because: reason)
        }
        return found
    }

    func runRaise(_ run: RunID, to sensitivity: Sensitivity, because reason: String) throws(JournalError) {
        guard let current = try self.run(run), current.sensitivity < sensitivity else { return }
        let known = try runClass(run)?.reasons ?? []
        let record = RunClassRecord(
            run: run, sensitivity: sensitivity, before: current.sensitivity,
            reasons: (known + [reason]).suffix(Classification.maximumReasons), at: now)
        try write(record)
        try tell(record, of: current)
    }

    func runClassify(
        _ run: RunID, as sensitivity: Sensitivity, by: String, because reason: String
    ) throws(JournalError) -> RunClassRecord {
        guard let current = try self.run(run) else { throw JournalError(.notFound, "there is no run \(run)") }
        guard !reason.isEmpty, reason.utf8.count <= RunClassRecord.maximumNoteBytes else {
            throw JournalError(
                .invalid, "say why, in 1 to \(RunClassRecord.maximumNoteBytes) bytes: it is for the record")
        }
        let record = RunClassRecord(
            run: run, sensitivity: sensitivity, before: current.sensitivity, reasons: ["person"], decidedBy: by,
            note: reason, at: now)
        try write(record)
        try tell(record, of: current)
        return record
    }

    private func write(_ record: RunClassRecord) throws(JournalError) {
        try session.execute(
            ClassSQL.set,
            [
                .run(record.run), .text(record.sensitivity.rawValue), .text(record.before.rawValue),
                .text(JSONValue.array(record.reasons.map { .string($0) }).serialized()), .optional(record.decidedBy),
                .optional(record.note), .instant(record.at),
            ])
        try appendLeaf(AuditLeaves.runClass(record))
    }

    private func tell(_ record: RunClassRecord, of run: RunRecord) throws(JournalError) {
        var body: [String: JSONValue] = [
            "class": .string(record.sensitivity.rawValue), "before": .string(record.before.rawValue),
            "reasons": .array(record.reasons.map { .string($0) }),
        ]
        body["by"] = record.decidedBy.map { .string($0) }
        _ = try eventAppend(
            NewEvent(topic: EventTopic.classified, run: run.id, root: run.root, body: .object(body)))
    }
}

// MARK: Holds and settings

extension SQLTransaction {
    private static var maximumHolds: Int { 10_000 }

    func holdPlace(_ hold: LegalHold) throws(JournalError) {
        guard Name.isValid(hold.name) else {
            throw JournalError(
                .invalid, "\"\(hold.name)\" is no name for a hold: use lower-case letters, digits, '.', '_' and '-'")
        }
        guard !hold.reason.isEmpty, hold.reason.utf8.count <= LegalHold.maximumReasonBytes else {
            throw JournalError(.invalid, "say why, in 1 to \(LegalHold.maximumReasonBytes) bytes: it is for the record")
        }
        guard try session.first(HoldSQL.one, [.text(hold.name)], { HoldRow(&$0) }) == nil else {
            throw JournalError(.conflict(current: 1), "there is a hold \"\(hold.name)\" already")
        }
        guard try session.first(HoldSQL.count, [], { $0.int() }) ?? 0 < Self.maximumHolds else {
            throw JournalError(.invalid, "there are \(Self.maximumHolds) holds, which is the limit; release one")
        }
        var root: RunID?
        if case .run(let run) = hold.target {
            root = try self.run(run)?.root
            if root == nil { root = try archivedRun(run)?.id }
            guard root != nil else { throw JournalError(.notFound, "there is no run \(run)") }
        }
        try session.execute(
            HoldSQL.set,
            [
                .text(hold.name), .text(hold.target.kind), .text(hold.target.value), .optional(root?.bytes),
                .text(hold.reason), .text(hold.by), .instant(hold.at),
            ])
        try appendLeaf(AuditLeaves.hold(hold, root: root))
    }

    func holdRelease(_ name: String, by: String, because reason: String) throws(JournalError) {
        guard let row = try session.first(HoldSQL.one, [.text(name)], { HoldRow(&$0) }) else {
            throw JournalError(.notFound, "there is no hold \"\(name)\"")
        }
        guard !reason.isEmpty, reason.utf8.count <= LegalHold.maximumReasonBytes else {
            throw JournalError(.invalid, "say why, in 1 to \(LegalHold.maximumReasonBytes) bytes: it is for the record")
        }
        try session.execute(HoldSQL.remove, [.text(name)])
        try appendLeaf(AuditLeaves.holdReleased(row.hold, by: by, because: reason))
    }

    func settingSet(_ setting: HostSetting, to value: String?, by: String) throws(JournalError) {
        guard let value else {
            if try session.execute(SettingSQL.remove, [.text(setting.rawValue)]) > 0 {
                try appendLeaf(AuditLeaves.removed("setting", "setting", setting.rawValue, by: by))
            }
            return
        }
        if let problem = setting.problem(value) { throw JournalError(.invalid, problem) }
        if setting == .highRisk, value == "on", let problem = try retentionPolicy().highRiskProblem {
            throw JournalError(.invalid, problem + ": set retention of archives first")
        }
        try session.execute(SettingSQL.set, [.text(setting.rawValue), .text(value)])
        try appendLeaf(AuditLeaves.setting(setting.rawValue, value, by: by))
    }
}

// MARK: Rows

/// A hold as stored, with the tree that it keeps.
struct HoldRow {
    var hold: LegalHold
    var root: RunID?

    /// From ``HoldSQL/columns``.
    init(_ row: inout SQLRow) {
        let name = row.text(), kind = row.text(), value = row.text()
        root = row.optionalRunID()
        let target = LegalHold.Target("\(kind):\(value)")
        if target == nil || (root != nil) != (kind == "run") { row.refuse() }
        hold = LegalHold(
            name: name, target: target ?? .tenant(value), reason: row.text(), by: row.text(), at: row.instant())
    }
}

extension RunClassRecord {
    /// From ``ClassSQL/columns``.
    init(_ row: inout SQLRow) {
        let run = row.runID(), sensitivity = row.sensitivity(), before = row.sensitivity()
        let reasons = (try? JSONParser.parse(row.text()))?.arrayValue?.map(\.stringValue)
        if reasons.map({ $0.contains(nil) }) ?? true { row.refuse() }
        self.init(
            run: run, sensitivity: sensitivity, before: before, reasons: (reasons ?? []).compactMap(\.self),
            decidedBy: row.optionalText(), note: row.optionalText(), at: row.instant())
    }
}

extension SQLRow {
    mutating func sensitivity() -> Sensitivity {
        guard let known = Sensitivity(rawValue: text()) else {
            refuse()
            return .restricted
        }
        return known
    }
}
