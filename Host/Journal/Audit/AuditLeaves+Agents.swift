import Kernel

extension AuditLeaves {
    /// What an older store does not know is left out where it is as it was then, so that its leaves stay true.
    static func agent(_ agent: AgentRecord, by: String? = nil, reason: String? = nil) -> LeafContent {
        LeafContent(
            "agent.set",
            [
                "department": text(agent.department), "agent": text(agent.name),
                "configuration": digest(agent.configuration), "created_at_ms": time(agent.createdAt),
                "state": agent.state == .active ? nil : text(agent.state.name),
                "version": agent.version == 1 ? nil : number(Int64(agent.version)),
                "profile": agent.profile == .all ? nil : digest(agent.profile), "pool": agent.pool.map(text),
                "reason": reason.map(text), "changed_by": by.map(text),
            ])
    }

    static func agentVersion(_ version: AgentVersion) -> LeafContent {
        LeafContent(
            "version.added",
            [
                "department": text(version.agent.department), "agent": text(version.agent.name),
                "version": number(Int64(version.version)), "configuration": digest(version.configuration),
                "profile": digest(version.profile), "at_ms": time(version.at), "by": text(version.by),
                "note": text(version.note),
            ])
    }

    static func agentPin(_ pin: AgentPin) -> LeafContent {
        LeafContent("pin.set", ["run": id(pin.run), "version": number(Int64(pin.version))])
    }

    static func pool(_ pool: AgentPoolRecord, by: String? = nil) -> LeafContent {
        LeafContent(
            "pool.set",
            [
                "department": text(pool.department), "pool": text(pool.name),
                "configuration": digest(pool.configuration), "profile": digest(pool.profile),
                "policy": digest(Array(pool.policy.json.serialized().utf8)), "created_at_ms": time(pool.createdAt),
                "changed_by": by.map(text),
            ])
    }

    static func poolRemoved(_ pool: AgentAddress, by: String) -> LeafContent {
        LeafContent(
            "pool.removed",
            ["department": text(pool.department), "pool": text(pool.name), "changed_by": text(by)])
    }

    /// In whose hands it is comes and goes: only its beginning and its end are said.
    static func message(_ record: MessageRecord, change: String? = nil, by: String? = nil) -> LeafContent {
        let message = record.message
        let isOpen = record.state == .open
        return LeafContent(
            "message.\(change ?? (isOpen ? "sent" : record.state.name))",
            [
                "number": number(record.number), "tenant": text(message.tenant),
                "department": text(message.receiver.department), "message_type": text(message.type),
                "key": text(message.key), "payload": digest(message.payload), "at_ms": time(record.at),
                "receiver": message.receiver.name == AgentAddress.defaultName ? nil : text(message.receiver.name),
                "sender": message.sender.map(text), "run": message.run.map(id),
                "chain": message.chain == 0 ? nil : number(Int64(message.chain)),
                "position": record.position.map(number), "state": isOpen ? nil : text(record.state.name),
                "started": record.started.map(id), "ended_at_ms": record.endedAt.map(time),
                "explanation": isOpen ? nil : record.reason.map { digest(Array($0.utf8)) }, "changed_by": by.map(text),
            ])
    }

    private static func digest(_ profile: AgentProfile) -> JSONValue { digest(Array(profile.json.serialized().utf8)) }
}
