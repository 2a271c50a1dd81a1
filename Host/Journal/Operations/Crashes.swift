import Kernel

extension SQLReading {
    func crashes(of department: String, limit: Int) throws(JournalError) -> [CrashRecord] {
        try session.rows(CrashSQL.ofDepartment, [.text(department), .int(max(0, limit))]) { CrashRecord(&$0) }
    }

    func quarantines() throws(JournalError) -> [Quarantine] {
        try session.rows(QuarantineSQL.all) { Quarantine(&$0) }
    }
}

extension SQLTransaction {
    func crashAppend(_ crash: CrashRecord) throws(JournalError) {
        let arguments: [SQLValue] = [
            .text(crash.department), .instant(crash.at), .text(crash.plugin), .text(crash.version),
            .digest(crash.build), .int(crash.generation), .text(crash.reason),
            .optional(crash.report.map { $0.json.serialized() }),
            .text(crash.suspects.map(\.description).joined(separator: " ")),
        ]
        try session.execute(CrashSQL.append, arguments)
        try session.execute(
            CrashSQL.trim,
            [.text(crash.department), .text(crash.department), .int(CrashRecord.keptPerDepartment)])
        try appendLeaf(AuditLeaves.crash(crash))
    }

    func quarantineSet(_ quarantine: Quarantine) throws(JournalError) {
        let arguments: [SQLValue] = [
            .text(quarantine.department), .digest(quarantine.build), .instant(quarantine.since),
            .text(quarantine.reason), .optional(quarantine.liftedAt), .optional(quarantine.liftedBy),
        ]
        for stored in try session.rows(QuarantineSQL.set, arguments, { Quarantine(&$0) }) {
            try appendLeaf(AuditLeaves.quarantine(stored))
        }
    }

    func quarantineLift(_ department: String, by: String) throws(JournalError) {
        let arguments: [SQLValue] = [.instant(now), .text(by), .text(department)]
        let lifted = try session.rows(QuarantineSQL.lift, arguments) { Quarantine(&$0) }
        guard !lifted.isEmpty else {
            throw JournalError(.notFound, "department \(department) is not quarantined")
        }
        for stored in lifted { try appendLeaf(AuditLeaves.quarantine(stored)) }
    }
}

extension CrashRecord {
    init(_ row: inout SQLRow) {
        let department = row.text(), at = row.instant(), plugin = row.text(), version = row.text()
        let build = row.digest(), generation = row.int(), reason = row.text(), report = row.optionalText()
        let document = report.flatMap { try? JSONParser.parse(Array($0.utf8)) }
        self.init(
            department: department, at: at, plugin: plugin, version: version, build: build, generation: generation,
            reason: reason, report: document.flatMap(CrashReport.init(json:)),
            suspects: row.text().split(separator: " ").compactMap { RunID(String($0)) })
    }
}

extension Quarantine {
    /// From ``QuarantineSQL/columns``.
    init(_ row: inout SQLRow) {
        self.init(
            department: row.text(), build: row.digest(), since: row.instant(), reason: row.text(),
            liftedAt: row.optionalInstant(), liftedBy: row.optionalText())
    }
}
