import Kernel

extension SQLReading {
    func pools() throws(JournalError) -> [AgentPoolRecord] {
        try session.rows(PoolSQL.all) { AgentPoolRecord(&$0) }
    }

    func pool(_ address: AgentAddress) throws(JournalError) -> AgentPoolRecord? {
        try session.first(PoolSQL.one, Self.key(address)) { AgentPoolRecord(&$0) }
    }

    func poolMembers(_ address: AgentAddress) throws(JournalError) -> [PoolScaling.Member] {
        try session.rows(PoolSQL.members, Self.key(address)) { row in
            PoolScaling.Member(
                name: row.text(), state: row.raw(AgentState.retired), queued: row.int(), open: row.int(),
                lastActive: row.instant())
        }
    }

    /// Members of pools that are no more, on their way out.
    func poolOrphans() throws(JournalError) -> [AgentRecord] {
        try session.rows(PoolSQL.orphans) { AgentRecord(&$0) }
    }
}

extension SQLTransaction {
    func poolSet(_ pool: AgentPoolRecord, by: String) throws(JournalError) -> AgentPoolRecord {
        try checkAgentName(pool.address)
        if let agent = try agent(pool.address) {
            throw JournalError(
                .conflict(current: UInt64(agent.version)), "\(pool.address) is an agent: a pool cannot have its name")
        }
        let arguments: [SQLValue] =
            [.text(pool.name), .text(pool.department), .blob(pool.configuration)]
            + [.text(pool.profile.json.serialized()), .text(pool.policy.json.serialized()), .instant(now)]
        guard let stored = try session.first(PoolSQL.set, arguments, { AgentPoolRecord(&$0) }) else {
            throw JournalError(.storage, "the store kept no pool \(pool.address)")
        }
        try appendLeaf(AuditLeaves.pool(stored, by: by))
        for member in try agents(of: pool.address) where member.state != .retired {
            _ = try agentConfigure(
                member.address, configuration: pool.configuration, profile: pool.profile, expected: nil, by: by,
                note: "pool \(pool.name)")
        }
        let members = try agents(of: pool.address).count { $0.state.takesWork }
        if members < pool.policy.minimum {
            _ = try poolGrow(pool.address, by: pool.policy.minimum - members, reason: "its smallest size", by: by)
        }
        return stored
    }

    func poolRemove(_ address: AgentAddress, by: String) throws(JournalError) {
        guard try session.execute(PoolSQL.remove, Self.key(address)) > 0 else {
            throw JournalError(.notFound, "there is no pool \(address)")
        }
        try appendLeaf(AuditLeaves.poolRemoved(address, by: by))
        for member in try agents(of: address) where member.state.takesWork {
            _ = try agentApply(.drain, to: member.address, by: by)
        }
    }

    func poolGrow(
        _ address: AgentAddress, by count: Int, reason: String, by: String
    ) throws(JournalError) -> [AgentRecord] {
        guard let pool = try pool(address) else { throw JournalError(.notFound, "there is no pool \(address)") }
        var next = try session.first(PoolSQL.countMembers, Self.key(address), { $0.int() }) ?? 0
        var made: [AgentRecord] = []
        while made.count < min(count, AgentPool.maximumMembers) {
            next += 1
            let name = "\(pool.name)-\(next)"
            // Somebody else's.
            guard try agent(AgentAddress(department: pool.department, name: name)) == nil else { continue }
            made.append(
                try agentCreate(
                    AgentRecord(
                        name: name, department: pool.department, configuration: pool.configuration, createdAt: now,
                        profile: pool.profile, pool: pool.name),
                    by: by))
        }
        try tellPool(AgentTopic.poolGrown, address, made.map(\.name), reason)
        return made
    }

    func poolShrink(_ address: AgentAddress, draining names: [String], by: String) throws(JournalError) {
        for name in names {
            _ = try agentApply(.drain, to: AgentAddress(department: address.department, name: name), by: by)
        }
        try tellPool(AgentTopic.poolShrunk, address, names, "they had nothing to do")
    }

    /// The member that takes the run that is being admitted. Where all are paused, one of them.
    ///
    /// - Throws: `.conflict` for a pool without members.
    func poolChoose(_ pool: AgentPoolRecord) throws(JournalError) -> String {
        let loads = try session.rows(PoolSQL.loads, Self.key(pool.address)) { row in
            let name = row.text(), state = row.raw(AgentState.retired)
            return (state, AgentPool.Load(name: name, openRuns: row.int(), lastUsed: row.integer()))
        }
        let active = loads.filter { $0.0 == .active }
        guard let name = pool.policy.choose(among: (active.isEmpty ? loads : active).map(\.1)) else {
            throw JournalError(.conflict(current: 0), "pool \(pool.address) has no agent that takes work")
        }
        return name
    }

    private func tellPool(
        _ topic: String, _ pool: AgentAddress, _ agents: [String], _ reason: String
    ) throws(JournalError) {
        let body: JSONValue = [
            "department": .string(pool.department), "pool": .string(pool.name),
            "agents": .array(agents.map { .string($0) }), "reason": .string(reason),
        ]
        _ = try eventAppend(NewEvent(topic: topic, run: .nobody, root: .nobody, body: body))
    }
}

extension AgentPoolRecord {
    /// From ``PoolSQL/columns``.
    init(_ row: inout SQLRow) {
        let name = row.text(), department = row.text(), configuration = row.blob(), profile = row.agentProfile()
        let text = row.text()
        let policy = (try? JSONParser.parse(text)).flatMap { try? AgentPool(json: $0) }
        if policy?.json.serialized() != text { row.refuse() }
        self.init(
            name: name, department: department, configuration: configuration, profile: profile,
            policy: policy ?? AgentPool(), createdAt: row.instant())
    }
}
