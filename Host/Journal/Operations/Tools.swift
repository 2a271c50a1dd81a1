import Kernel

extension SQLReading {
    func toolBindings() throws(JournalError) -> [ToolBindingRecord] {
        try session.rows(ToolSQL.all) { ToolRow(&$0) }.filter(\.isBound).map(\.record)
    }
}

extension SQLTransaction {
    func toolBind(_ binding: ToolBindingRecord) throws(JournalError) {
        let arguments: [SQLValue] = [
            .text(binding.name), .text(binding.path), .digest(binding.digest), .text(binding.signature),
            .text(binding.summary), .flag(binding.hasSideEffects), .flag(binding.followsUpgrades),
            .integer(binding.timeoutMilliseconds), .instant(binding.boundAt),
        ]
        try session.execute(ToolSQL.upsert, arguments)
        try appendLeaf(AuditLeaves.tool(binding, isBound: true))
    }

    func toolUnbind(_ name: String) throws(JournalError) {
        guard let row = try session.first(ToolSQL.unbind, [.text(name)], { ToolRow(&$0) }) else {
            throw JournalError(.notFound, "no tool is bound as \(name)")
        }
        try appendLeaf(AuditLeaves.tool(row.record, isBound: false))
    }
}

/// From ``ToolSQL/columns``.
struct ToolRow {
    let record: ToolBindingRecord
    let isBound: Bool

    init(_ row: inout SQLRow) {
        let name = row.text()
        isBound = row.flag()
        record = ToolBindingRecord(
            name: name, path: row.text(), digest: row.digest(), signature: row.text(), summary: row.text(),
            hasSideEffects: row.flag(), followsUpgrades: row.flag(), timeoutMilliseconds: row.integer(),
            boundAt: row.instant())
    }
}
