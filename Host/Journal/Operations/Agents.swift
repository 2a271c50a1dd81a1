import Kernel

extension SQLReading {
    func agents(department: String?) throws(JournalError) -> [AgentRecord] {
        if let department {
            return try session.rows(AgentSQL.ofDepartment, [.text(department)]) { AgentRecord(&$0) }
        }
        return try session.rows(AgentSQL.all) { AgentRecord(&$0) }
    }

    func agent(_ address: AgentAddress) throws(JournalError) -> AgentRecord? {
        try session.first(AgentSQL.one, Self.key(address)) { AgentRecord(&$0) }
    }

    func agents(named name: String) throws(JournalError) -> [AgentRecord] {
        try session.rows(AgentSQL.ofName, [.text(name)]) { AgentRecord(&$0) }
    }

    func agents(of pool: AgentAddress) throws(JournalError) -> [AgentRecord] {
        try session.rows(AgentSQL.ofPool, Self.key(pool)) { AgentRecord(&$0) }
    }

    /// The run's agent, with the configuration that the run began with.
    func agent(of run: RunRecord) throws(JournalError) -> AgentRecord? {
        guard run.agent != AgentAddress.defaultName,
            var agent = try agent(AgentAddress(department: run.task.department, name: run.agent))
        else { return nil }
        if let pinned = try session.first(AgentSQL.versionOfRun, [.run(run.id)], { AgentVersion(&$0) }) {
            agent.version = pinned.version
            agent.configuration = pinned.configuration
            agent.profile = pinned.profile
        }
        return agent
    }

    func agentVersions(_ address: AgentAddress) throws(JournalError) -> [AgentVersion] {
        try session.rows(AgentSQL.versions, Self.key(address)) { AgentVersion(&$0) }
    }

    func agentStatistics(_ address: AgentAddress, of tenant: String?) throws(JournalError) -> AgentStatistics {
        let key = Self.key(address) + [.optional(tenant)]
        var statistics = AgentStatistics()
        try session.forEach(AgentSQL.runCounts, key) { row in
            statistics.runs[row.raw(RunState.paused)] = row.int()
            statistics.cost = statistics.cost + row.money()
            return true
        }
        let durations = try session.rows(AgentSQL.durations, key + [.int(AgentStatistics.sampled)]) { $0.integer() }
        if !durations.isEmpty {
            let sorted = durations.sorted(), last = sorted.count - 1
            statistics.meanMilliseconds = sorted.reduce(0, +) / Int64(sorted.count)
            statistics.medianMilliseconds = sorted[last / 2]
            statistics.slowMilliseconds = sorted[last * 95 / 100]
        }
        statistics.lastActive = try session.first(AgentSQL.lastActive, key, { $0.optionalInstant() }) ?? nil
        statistics.openMessages = try session.first(MessageSQL.countOpen, key, { $0.int() }) ?? 0
        return statistics
    }

    func departments() throws(JournalError) -> [DepartmentRecord] {
        try session.rows(DepartmentSQL.all) { DepartmentRecord(&$0) }
    }

    static func key(_ address: AgentAddress) -> [SQLValue] { [.text(address.department), .text(address.name)] }
}

extension SQLTransaction {
    func agentCreate(_ agent: AgentRecord, by: String) throws(JournalError) -> AgentRecord {
        try checkAgentName(agent.address)
        guard try self.pool(agent.address) == nil else {
            throw JournalError(.conflict(current: 1), "\(agent.address) is a pool: an agent cannot have its name")
        }
        let arguments: [SQLValue] =
            [.text(agent.name), .text(agent.department), .blob(agent.configuration), .instant(now)]
            + [.int(agent.state.rawValue), .int(1), .text(agent.profile.json.serialized()), .optional(agent.pool)]
        guard let stored = try session.first(AgentSQL.insert, arguments, { AgentRecord(&$0) }) else {
            let known = try self.agent(agent.address)?.version ?? 1
            throw JournalError(.conflict(current: UInt64(known)), "there is an agent \(agent.address) already")
        }
        try keepVersion(stored, by: by, note: "created")
        try appendLeaf(AuditLeaves.agent(stored, by: by, reason: "created"))
        try tellAgent(AgentTopic.created, stored)
        return stored
    }

    func agentConfigure(
        _ address: AgentAddress, configuration: [UInt8]?, profile: AgentProfile?, expected: Int?, by: String,
        note: String
    ) throws(JournalError) -> AgentRecord {
        let agent = try known(address)
        guard agent.state != .retired else {
            throw JournalError(.conflict(current: UInt64(agent.version)), "agent \(address) is retired")
        }
        if let expected, expected != agent.version {
            throw JournalError(
                .conflict(current: UInt64(agent.version)),
                "agent \(address) is at version \(agent.version), not \(expected)")
        }
        let configuration = configuration ?? agent.configuration, profile = profile ?? agent.profile
        guard configuration != agent.configuration || profile != agent.profile else { return agent }
        // One of an older store has no versions yet.
        if try agentVersions(address).isEmpty {
            try keepVersion(agent, at: agent.createdAt, by: "", note: "as found")
        }
        let arguments: [SQLValue] =
            [.blob(configuration), .text(profile.json.serialized()), .int(agent.version + 1)] + Self.key(address)
        guard let stored = try session.first(AgentSQL.configure, arguments, { AgentRecord(&$0) }) else {
            throw JournalError(.storage, "the store kept no agent \(address)")
        }
        try keepVersion(stored, by: by, note: note)
        try appendLeaf(AuditLeaves.agent(stored, by: by, reason: "configured"))
        if profile.reactions != agent.profile.reactions { try route(stored) }
        try tellAgent(AgentTopic.configured, stored)
        return stored
    }

    func agentApply(
        _ transition: AgentTransition, to address: AgentAddress, by: String
    ) throws(JournalError) -> AgentRecord {
        let agent = try known(address)
        let next: AgentState
        let open = try openRuns(of: address)
        do throws(Failure) {
            next = try agent.state.applying(transition, openRuns: open)
        } catch {
            throw JournalError(.conflict(current: UInt64(agent.version)), "\(address): \(error.message)")
        }
        guard next != agent.state else { return agent }
        let arguments: [SQLValue] = [.int(next.rawValue)] + Self.key(address)
        guard let stored = try session.first(AgentSQL.setState, arguments, { AgentRecord(&$0) }) else {
            throw JournalError(.storage, "the store kept no agent \(address)")
        }
        try appendLeaf(AuditLeaves.agent(stored, by: by, reason: next.name))
        try tellAgent(AgentTopic.state(next), stored)
        if next == .retired { try buryMessages(of: address) }
        return stored
    }

    /// Notes which version of their agents these runs begin with; the first time counts.
    func agentPin(_ runs: [RunRecord]) throws(JournalError) {
        for run in runs where run.agent != AgentAddress.defaultName {
            let key: [SQLValue] = [.run(run.id), .text(run.task.department), .text(run.agent)]
            let pins = try session.rows(AgentSQL.pin, key) { AgentPin(&$0) }
            for pin in pins { try appendLeaf(AuditLeaves.agentPin(pin)) }
        }
    }

    /// Called for every run that is admitted, whoever starts it: a pool's becomes one of its agents', and an agent that
    /// drains takes nothing new. A name that nobody made stays as it is.
    func assigned(_ run: NewRun) throws(JournalError) -> NewRun {
        guard run.agent != AgentAddress.defaultName, !admitsDraining else { return run }
        let address = AgentAddress(department: run.task.department, name: run.agent)
        guard let state = try session.first(AgentSQL.state, Self.key(address), { $0.raw(AgentState.retired) }) else {
            guard let pool = try pool(address) else { return run }
            var run = run
            run.agent = try poolChoose(pool)
            return run
        }
        guard state.takesWork else {
            throw JournalError(.conflict(current: 0), "agent \(address) is \(state.name): it takes no new work")
        }
        return run
    }

    func openRuns(of address: AgentAddress) throws(JournalError) -> Int {
        try session.first(AgentSQL.openRuns, Self.key(address), { $0.int() }) ?? 0
    }

    func known(_ address: AgentAddress) throws(JournalError) -> AgentRecord {
        if let agent = try agent(address) { return agent }
        throw JournalError(.notFound, "there is no agent \(address)")
    }

    func checkAgentName(_ address: AgentAddress) throws(JournalError) {
        guard Name.isValid(address.name), Name.isValid(address.department), address.name != AgentAddress.defaultName
        else {
            throw JournalError(
                .invalid,
                "\"\(address.name)\" is no name for an agent or a pool: use lower-case letters, digits, '.', '_' and "
                    + "'-'; default is each department's own agent")
        }
    }

    func tellAgent(_ topic: String, _ agent: AgentRecord) throws(JournalError) {
        let body: JSONValue = [
            "department": .string(agent.department), "agent": .string(agent.name), "state": .string(agent.state.name),
            "version": .integer(Int64(agent.version)),
        ]
        _ = try eventAppend(NewEvent(topic: topic, run: .nobody, root: .nobody, body: body))
    }

    private func keepVersion(
        _ agent: AgentRecord, at: Instant? = nil, by: String, note: String
    ) throws(JournalError) {
        let version = AgentVersion(
            agent: agent.address, version: agent.version, configuration: agent.configuration, profile: agent.profile,
            at: at ?? now, by: by, note: note)
        let arguments: [SQLValue] =
            Self.key(agent.address) + [.int(version.version), .blob(version.configuration)]
            + [.text(version.profile.json.serialized()), .instant(version.at), .text(by), .text(note)]
        try session.execute(AgentSQL.insertVersion, arguments)
        try appendLeaf(AuditLeaves.agentVersion(version))
    }

    // MARK: Departments

    func departmentUpsert(_ department: DepartmentRecord) throws(JournalError) {
        let arguments: [SQLValue] = [
            .text(department.name), .flag(department.enabled), .text(department.placement),
        ]
        try session.execute(DepartmentSQL.upsert, arguments)
        try appendLeaf(AuditLeaves.department(department))
    }
}

/// Which version of its agent a run began with.
struct AgentPin {
    let run: RunID
    let version: Int

    init(_ row: inout SQLRow) {
        run = row.runID()
        version = row.int()
    }
}

extension AgentRecord {
    /// From ``AgentSQL/columns``.
    init(_ row: inout SQLRow) {
        self.init(
            name: row.text(), department: row.text(), configuration: row.blob(), createdAt: row.instant(),
            state: row.raw(AgentState.retired), version: row.int(), profile: row.agentProfile(),
            pool: row.optionalText())
    }
}

extension AgentVersion {
    /// From ``AgentSQL/versionColumns``.
    init(_ row: inout SQLRow) {
        let address = AgentAddress(department: row.text(), name: row.text())
        self.init(
            agent: address, version: row.int(), configuration: row.blob(), profile: row.agentProfile(),
            at: row.instant(), by: row.text(), note: row.text())
    }
}

extension DepartmentRecord {
    init(_ row: inout SQLRow) {
        self.init(name: row.text(), enabled: row.flag(), placement: row.text())
    }
}

extension SQLRow {
    /// Text that is not exactly what the host writes is not what it wrote.
    mutating func agentProfile() -> AgentProfile {
        let text = text()
        let profile = (try? JSONParser.parse(text)).flatMap { try? AgentProfile(json: $0) }
        if profile?.json.serialized() != text { refuse() }
        return profile ?? .all
    }
}
