import Kernel

extension AuditLeaves {
    static func schedule(_ record: ScheduleRecord, _ change: String = "set", by: String? = nil) -> LeafContent {
        let definition = record.definition, policy = definition.policy, state = record.state
        return LeafContent(
            "schedule.\(change)",
            [
                "schedule": text(record.name), "tenant": text(definition.tenant),
                "task": text(definition.task.description), "agent": text(definition.agent),
                "priority": number(Int64(definition.priority)), "user": definition.user.map(text),
                "input": digest(Array(definition.input.serialized().utf8)),
                "expression": text(definition.expression), "zone": text(definition.zone),
                "gap": text(definition.gap.rawValue), "fold": text(definition.fold.rawValue),
                "misfire": text(policy.misfire.description), "overlap": text(policy.overlap.rawValue),
                "tolerance_ms": number(policy.toleranceMilliseconds),
                "start_deadline_ms": policy.startDeadlineMilliseconds.map(number), "anchor_ms": time(record.anchor),
                "high_water_ms": time(state.highWater), "held_ms": state.held.map(time),
                "paused": .bool(state.isPaused), "created_at_ms": time(record.createdAt),
                "revision": number(record.revision), "changed_by": by.map(text),
            ])
    }

    static func scheduleFire(_ record: ScheduleFireRecord) -> LeafContent {
        LeafContent(
            "schedule.fired",
            [
                "schedule": text(record.schedule), "nominal_ms": time(record.fire.nominal), "run": id(record.run),
                "cause": text(record.fire.cause.rawValue), "fired_at_ms": time(record.firedAt),
            ])
    }

    static func scheduleMiss(_ miss: ScheduleMiss, of schedule: String, detail: String?) -> LeafContent {
        LeafContent(
            "schedule.missed",
            [
                "schedule": text(schedule), "first_ms": time(miss.first), "last_ms": time(miss.last),
                "why": text(miss.reason.rawValue), "detail": detail.map { digest(Array($0.utf8)) },
            ])
    }
}
