import Kernel

extension SQLReading {
    func grants(department: String?) throws(JournalError) -> [GrantRecord] {
        if let department {
            return try session.rows(GrantSQL.ofDepartment, [.text(department)]) { GrantRecord(&$0) }
        }
        return try session.rows(GrantSQL.all) { GrantRecord(&$0) }
    }
}

extension SQLTransaction {
    func grantAppend(_ grant: Grant, isRevoked: Bool) throws(JournalError) -> GrantRecord {
        let arguments: [SQLValue] = [
            .instant(now), .flag(isRevoked), .text(grant.department), .text(grant.plugin),
            .text(grant.asked.json.serialized()), .text(grant.granted.json.serialized()),
            .text(grant.origin.rawValue), .text(grant.by),
        ]
        guard let record = try session.first(GrantSQL.append, arguments, { GrantRecord(&$0) }) else {
            throw JournalError(.storage, "the store kept no grant of department \(grant.department)")
        }
        try appendLeaf(AuditLeaves.grant(record))
        return record
    }
}

extension GrantRecord {
    /// From ``GrantSQL/columns``.
    init(_ row: inout SQLRow) {
        let number = row.integer(), at = row.instant(), isRevoked = row.flag()
        let department = row.text(), plugin = row.text(), asked = row.wants(), granted = row.wants()
        let origin = row.origin()
        self.init(
            number: number, at: at, isRevoked: isRevoked,
            grant: Grant(
                department: department, plugin: plugin, asked: asked, granted: granted, origin: origin,
                by: row.text()))
    }
}
