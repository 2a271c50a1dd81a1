import Kernel

extension SQLReading {
    func agents(department: String?) throws(JournalError) -> [AgentRecord] {
        if let department {
            return try session.rows(AgentSQL.ofDepartment, [.text(department)]) { AgentRecord(&$0) }
        }
        return try session.rows(AgentSQL.all) { AgentRecord(&$0) }
    }

    func departments() throws(JournalError) -> [DepartmentRecord] {
        try session.rows(DepartmentSQL.all) { DepartmentRecord(&$0) }
    }
}

extension SQLTransaction {
    func agentUpsert(_ agent: AgentRecord) throws(JournalError) {
        let arguments: [SQLValue] = [
            .text(agent.name), .text(agent.department), .blob(agent.configuration), .instant(agent.createdAt),
        ]
        for stored in try session.rows(AgentSQL.upsert, arguments, { AgentRecord(&$0) }) {
            try appendLeaf(AuditLeaves.agent(stored))
        }
    }

    func departmentUpsert(_ department: DepartmentRecord) throws(JournalError) {
        let arguments: [SQLValue] = [
            .text(department.name), .flag(department.enabled), .text(department.placement),
        ]
        try session.execute(DepartmentSQL.upsert, arguments)
        try appendLeaf(AuditLeaves.department(department))
    }

    func messageAppend(_ message: NewMessage) throws(JournalError) {
        let arguments: [SQLValue] = [
            .instant(now), .text(message.tenant), .text(message.department), .text(message.type),
            .text(message.key), .blob(message.payload),
        ]
        // A key that is taken is the same message, sent again after a crash.
        guard let number = try session.first(MessageSQL.append, arguments, { $0.integer() }) else { return }
        try appendLeaf(AuditLeaves.message(message, number: number, at: now))
    }
}

extension AgentRecord {
    /// From ``AgentSQL/columns``.
    init(_ row: inout SQLRow) {
        self.init(name: row.text(), department: row.text(), configuration: row.blob(), createdAt: row.instant())
    }
}

extension DepartmentRecord {
    init(_ row: inout SQLRow) {
        self.init(name: row.text(), enabled: row.flag(), placement: row.text())
    }
}
