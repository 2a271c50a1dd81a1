package import Kernel

extension CrashRecord {
    package var json: JSONValue {
        [
            "department": .string(department), "at": .string(at.timestamp), "plugin": .string(plugin),
            "version": .string(version), "digest": .string(build.hex), "generation": .integer(Int64(generation)),
            "reason": .string(reason), "report": report?.json ?? .null,
            "suspects": .array(suspects.map { .string($0.description) }),
        ]
    }
}

extension Quarantine {
    package var json: JSONValue {
        [
            "department": .string(department), "digest": .string(build.hex), "since": .string(since.timestamp),
            "reason": .string(reason), "lifted_at": .init(liftedAt?.timestamp), "lifted_by": .init(liftedBy),
        ]
    }
}

extension RunRecord {
    /// Why a ready run does not begin; nil when nothing but its turn is missing.
    package func heldBy(_ quarantines: [Quarantine]) -> String? {
        guard state == .ready else { return nil }
        return quarantines.first { $0.isActive && $0.department == task.department }?.advice
    }
}
