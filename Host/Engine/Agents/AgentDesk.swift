package import Journal
package import Kernel
import Placement

/// What operators do with agents and their pools.
package struct AgentDesk: Sendable {
    let core: EngineCore

    /// - Parameter profile: nil: it takes every task.
    @discardableResult
    package func create(
        _ address: AgentAddress, configuration: [UInt8], profile: AgentProfile = .all, state: AgentState = .active,
        by: String
    ) async throws(EngineError) -> AgentRecord {
        try await check(address, configuration, profile)
        let agent = AgentRecord(
            name: address.name, department: address.department, configuration: configuration, createdAt: core.clock(),
            state: state, profile: profile)
        let created = try await core.change { journal throws(JournalError) in try journal.agentCreate(agent, by: by) }
        if state != .active { try await core.loadLimits() }
        return created
    }

    /// What is not given stays.
    @discardableResult
    package func configure(
        _ address: AgentAddress, configuration: [UInt8]?, profile: AgentProfile?, expected: Int? = nil, by: String,
        note: String
    ) async throws(EngineError) -> AgentRecord {
        let known = try await agent(address)
        try await check(address, configuration ?? known.configuration, profile ?? known.profile)
        return try await core.change { journal throws(JournalError) in
            try journal.agentConfigure(
                address, configuration: configuration, profile: profile, expected: expected, by: by, note: note)
        }
    }

    /// The content of an older version becomes the next one.
    @discardableResult
    package func goBack(_ address: AgentAddress, to version: Int, by: String) async throws(EngineError) -> AgentRecord {
        let versions = try await core.read { journal throws(JournalError) in try journal.agentVersions(address) }
        guard let old = versions.first(where: { $0.version == version }) else {
            throw EngineError(.notFound, "agent \(address) has no version \(version)")
        }
        return try await configure(
            address, configuration: old.configuration, profile: old.profile, by: by, note: "back to version \(version)")
    }

    @discardableResult
    package func changeCapabilities(
        _ address: AgentAddress, add: [String], remove: [String], by: String
    ) async throws(EngineError) -> AgentRecord {
        if let wrong = (add + remove).first(where: { !AgentProfile.isCapability($0) }) {
            throw EngineError(.invalid, "\"\(wrong)\" is no task's name and no tag: with a name")
        }
        let agent = try await agent(address)
        let tasks = try core.departments.known(address.department).descriptor.manifest.tasks.map(\.name)
        let profile = agent.profile.changing(add: add, remove: remove, of: tasks)
        let words = add.map { "+\($0)" } + remove.map { "-\($0)" }
        // Against the version that was read: two changes at once must not lose one.
        return try await configure(
            address, configuration: nil, profile: profile, expected: agent.version, by: by,
            note: "capabilities \(words.joined(separator: " "))")
    }

    @discardableResult
    package func apply(
        _ transition: AgentTransition, to address: AgentAddress, by: String
    ) async throws(EngineError) -> AgentRecord {
        let agent = try await core.change { journal throws(JournalError) in
            try journal.agentApply(transition, to: address, by: by)
        }
        try await core.loadLimits()
        return agent
    }

    // MARK: Pools

    @discardableResult
    package func setPool(
        _ address: AgentAddress, configuration: [UInt8], profile: AgentProfile, policy: AgentPool, by: String
    ) async throws(EngineError) -> AgentPoolRecord {
        try await check(address, configuration, profile)
        let pool = AgentPoolRecord(
            name: address.name, department: address.department, configuration: configuration, profile: profile,
            policy: policy, createdAt: core.clock())
        return try await core.change { journal throws(JournalError) in try journal.poolSet(pool, by: by) }
    }

    package func removePool(_ address: AgentAddress, by: String) async throws(EngineError) {
        try await core.change { journal throws(JournalError) in try journal.poolRemove(address, by: by) }
    }

    // MARK: Messages

    /// - Parameters:
    ///   - sender: an agent's address, or what else the operator calls it.
    ///   - id: the sender's name for the message: the same again is the same message.
    package func send(
        to receiver: AgentAddress, from sender: String, type: String, body: JSONValue, id: String?,
        tenant: String = "default"
    ) async throws(EngineError) -> MessageRecord {
        let entry = try core.departments.known(receiver.department)
        if let failure = entry.current.refusal(ofMessage: type, body) { throw EngineError(.invalid, failure.message) }
        let key = "mail:\(sender)/\(id ?? core.newRunID().description)"
        let message = NewMessage(
            tenant: tenant, receiver: receiver, sender: sender, type: type, payload: body.bytes, key: key)
        return try await core.change { journal throws(JournalError) in try journal.messageSend(message) }
    }

    // MARK: Admission

    /// Whether the named agent or pool is there, and takes this task. Its state is asked when the run is admitted.
    func admit(_ task: TaskReference, by name: String?) async throws(EngineError) {
        guard let name, name != AgentAddress.defaultName else { return }
        let address = AgentAddress(department: task.department, name: name)
        let (agent, pool) = try await core.read { journal throws(JournalError) in
            (try journal.agent(address), try journal.pool(address))
        }
        guard let profile = agent?.profile ?? pool?.profile else {
            throw EngineError(.notFound, "department \(address.department) has no agent \"\(name)\"")
        }
        try core.admit(task, by: address, profile)
    }

    static func checkNotRetired(_ run: RunID, _ journal: any JournalReading) throws(JournalError) {
        guard let record = try journal.run(run), let agent = try journal.agent(of: record), agent.state == .retired
        else { return }
        throw JournalError(.conflict(current: 0), "agent \(agent.address) is retired: its runs are not tried again")
    }

    /// The plugin must make an instance of it, and each message must start a task that is there.
    private func check(
        _ address: AgentAddress, _ configuration: [UInt8], _ profile: AgentProfile
    ) async throws(EngineError) {
        guard Name.isValid(address.name), address.name != AgentAddress.defaultName else {
            throw EngineError(
                .invalid, "agent name \"\(address.name)\": use lower-case letters, digits, '.', '_' and '-'")
        }
        guard let document = try? JSONParser.parse(configuration), document.objectValue != nil else {
            throw EngineError(.invalid, "the agent's configuration must be a JSON object")
        }
        let entry = try core.departments.available(address.department)
        for (type, reaction) in profile.reactions {
            let task = TaskReference(department: address.department, task: reaction.task)
            do {
                try core.admit(task, by: address, profile)
            } catch {
                throw EngineError(error.code, "on \(type): \(error.message)")
            }
        }
        do {
            try await entry.makeAgent(address.name, configuration: configuration)
        } catch {
            throw EngineError(error)
        }
    }

    private func agent(_ address: AgentAddress) async throws(EngineError) -> AgentRecord {
        let found = try await core.read { journal throws(JournalError) in try journal.agent(address) }
        guard let found else { throw EngineError(.notFound, "there is no agent \(address)") }
        return found
    }
}

extension EngineCore {
    /// Whether an agent with this profile takes the task.
    func admit(_ task: TaskReference, by agent: AgentAddress, _ profile: AgentProfile) throws(EngineError) {
        let definition = try departments.available(task.department).current.definition(of: task)
        if let refusal = profile.refusal(of: task.task, tags: definition.planning.tags, by: agent) {
            throw EngineError(.conflict, refusal.message)
        }
    }
}

extension Generation {
    /// Why the department does not take such a message; nil where it does, or says nothing of the type.
    func refusal(ofMessage type: String, _ body: JSONValue) -> Failure? {
        let violations = violations(message: body, of: type)
        guard !violations.isEmpty else { return nil }
        let list = violations.map { "\($0.pointer.isEmpty ? "/" : $0.pointer): \($0.message)" }
        return Failure(.invalid, "the body of a message \(type) does not fit: \(list.joined(separator: "; "))")
    }
}
