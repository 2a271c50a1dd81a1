import Kernel

extension SQLReading {
    func installs() throws(JournalError) -> [InstallRecord] {
        try session.rows(InstallSQL.all) { InstallRecord(&$0) }
    }

    func publishers() throws(JournalError) -> [PublisherRecord] {
        try session.rows(PublisherSQL.all) { PublisherRecord(&$0) }
    }
}

extension SQLTransaction {
    func installAppend(_ record: InstallRecord) throws(JournalError) -> InstallRecord {
        let arguments: [SQLValue] = [
            .instant(now), .text(record.action.rawValue), .text(record.department), .text(record.plugin),
            .text(record.version), .digest(record.library), .digest(record.package),
            record.signer.map { .text($0) } ?? .null, .text(record.by),
        ]
        guard let stored = try session.first(InstallSQL.append, arguments, { InstallRecord(&$0) }) else {
            throw JournalError(.storage, "the store kept no record of plugin \(record.plugin)")
        }
        try appendLeaf(AuditLeaves.install(stored))
        return stored
    }

    func publisherAppend(_ record: PublisherRecord) throws(JournalError) -> PublisherRecord {
        let arguments: [SQLValue] = [
            .instant(now), .flag(record.isTrusted), .text(record.key), record.plugin.map { .text($0) } ?? .null,
            .text(record.by),
        ]
        guard let stored = try session.first(PublisherSQL.append, arguments, { PublisherRecord(&$0) }) else {
            throw JournalError(.storage, "the store kept no record of key \(record.key)")
        }
        try appendLeaf(AuditLeaves.publisher(stored))
        return stored
    }
}

extension InstallRecord {
    /// From ``InstallSQL/columns``.
    init(_ row: inout SQLRow) {
        let number = row.integer(), at = row.instant(), action = row.action()
        let department = row.text(), plugin = row.text(), version = row.text()
        let library = row.digest(), package = row.digest(), signer = row.optionalText()
        self.init(
            number: number, at: at, action: action, department: department, plugin: plugin, version: version,
            library: library, package: package, signer: signer, by: row.text())
    }
}

extension PublisherRecord {
    /// From ``PublisherSQL/columns``.
    init(_ row: inout SQLRow) {
        let number = row.integer(), at = row.instant(), isTrusted = row.flag(), key = row.text()
        let plugin = row.optionalText()
        self.init(number: number, at: at, isTrusted: isTrusted, key: key, plugin: plugin, by: row.text())
    }
}
