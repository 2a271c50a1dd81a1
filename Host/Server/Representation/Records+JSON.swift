package import Engine
package import Journal
package import Kernel
package import Placement

extension ArtifactRecord {
    package var members: [String: JSONValue] {
        [
            "run": .string(run.description), "name": .string(name), "media_type": .string(mediaType),
            "digest": .string(digest.hex), "bytes": .integer(Int64(byteCount)),
            "created_at": .string(createdAt.timestamp),
        ]
    }
}

extension CostRow {
    package var json: JSONValue {
        [
            "task": .string(task.description), "runs": .integer(Int64(runs)), "steps": .integer(Int64(steps)),
            "model_calls": .integer(Int64(modelCalls)), "input_tokens": .integer(inputTokens),
            "output_tokens": .integer(outputTokens), "cost": .string(cost.description),
            "cost_nanodollars": .integer(cost.value), "milliseconds": .integer(milliseconds),
        ]
    }
}

extension AuditCheckpoint {
    package var json: JSONValue {
        ["size": .integer(size), "root": .string(root.hex), "at": .string(at.timestamp)]
    }
}

extension EventRecord {
    package var json: JSONValue {
        [
            "position": .integer(position), "at": .string(at.timestamp), "topic": .string(event.topic),
            "run": .string(event.run.description), "root": .string(event.root.description), "body": event.body,
        ]
    }
}

extension Manifest.Task {
    package var members: [String: JSONValue] {
        [
            "name": .string(name), "summary": .string(summary), "input_schema": inputSchema,
            "output_schema": outputSchema, "timeout_seconds": .init(timeoutSeconds.map(Int64.init)),
            "requires_approval": .bool(requiresApproval),
        ]
    }
}

extension PluginDescriptor {
    package var members: [String: JSONValue] {
        [
            "id": .string(id), "version": .string(version), "toolchain": .string(toolchain), "path": .string(path),
            "digest": .string(digest.hex), "abi": .string("\(abiMajor).\(abiMinor)"),
            "title": .string(manifest.title), "summary": .string(manifest.summary),
            "tasks": .array(manifest.tasks.map { .object($0.members) }),
            "wants": manifest.wants.json, "wishes": .string(manifest.wants.digest.hex),
        ]
    }
}

extension GrantStanding {
    package var json: JSONValue {
        switch self {
        case .needless: ["state": "needless"]
        case .granted(let grant): .object(grant.members.merging(["state": "granted"], uniquingKeysWith: { $1 }))
        case .missing(let wishes): ["state": "missing", "missing": wishes.json]
        }
    }
}

extension Grant {
    package var members: [String: JSONValue] {
        [
            "department": .string(department), "plugin": .string(plugin), "asked": asked.json,
            "wishes": .string(asked.digest.hex), "granted": granted.json, "origin": .string(origin.rawValue),
            "by": .string(by),
        ]
    }
}

extension GrantRecord {
    package var json: JSONValue {
        .object(
            grant.members.merging(
                ["number": .integer(number), "at": .string(at.timestamp), "revoked": .bool(isRevoked)],
                uniquingKeysWith: { $1 }))
    }
}

extension PlacementStatistics {
    package var json: JSONValue {
        [
            "process_id": .init(processID.map(Int64.init)), "generation": .integer(Int64(generation)),
            "restarts": .integer(Int64(restarts)), "instances": .integer(Int64(instances)),
            "open_calls": .integer(Int64(openCalls)), "resident_bytes": .init(residentBytes),
            "proportional_bytes": .init(proportionalBytes), "cpu_milliseconds": .init(cpuMilliseconds),
            "misbehaviours": .integer(Int64(misbehaviours)), "last_loss": .init(lastLoss),
            "crashes": .integer(Int64(crashes)), "peak_resident_bytes": .init(peakResidentBytes),
            "companions": .array(companions.map { .string($0) }),
        ]
    }
}

extension SandboxReport {
    package var json: JSONValue {
        [
            "level": .string(level.name), "landlock_abi": .integer(Int64(landlockABI)),
            "missing": .array(missing.map { .string($0) }),
        ]
    }

    /// Nil: in the host's own process.
    package static func json(_ report: SandboxReport?, placement: PlacementKind) -> JSONValue {
        switch (report, placement) {
        case (let report?, _): report.json
        case (nil, .inline): ["level": .string(IsolationLevel.none.name)]
        case (nil, .worker), (nil, .group): .null
        }
    }
}

extension DepartmentStatus {
    package var json: JSONValue {
        var members = descriptor?.members ?? ["path": .string(path)]
        members["name"] = .string(name)
        members["enabled"] = .bool(enabled)
        members["state"] = .string(state)
        members["grant"] = standing.json
        members["placement"] = .string(placement.rawValue)
        members["problem"] = .init(problem)
        members["generation"] = .integer(Int64(generation))
        members["last_reload"] = lastReload?.json ?? .null
        members["statistics"] = statistics?.json ?? .null
        members["quarantine"] = quarantine?.json ?? .null
        members["resident_bytes_per_agent"] = .init(residentBytesPerAgent)
        members["isolation"] = SandboxReport.json(isolation, placement: placement)
        return .object(members)
    }
}

extension ReloadReport {
    package var json: JSONValue {
        [
            "department": .string(department), "generation": .integer(Int64(generation)),
            "from": from.json, "to": to?.json ?? .null, "at": .string(at.timestamp),
            "milliseconds": .integer(milliseconds), "agents": .integer(Int64(agents)),
            "state_bytes": .integer(Int64(stateBytes)), "ok": .bool(failure == nil),
            "failed_step": .init(failure?.step.rawValue), "reason": .init(failure?.reason),
        ]
    }
}

extension ReloadReport.Side {
    fileprivate var json: JSONValue { ["version": .string(version), "digest": .string(digest.hex)] }
}

extension HostStatus {
    package var json: JSONValue {
        let counts = RunState.allCases.map { ($0.name, JSONValue.integer(Int64(runCounts[$0] ?? 0))) }
        return [
            "version": .string(version), "started_at": .string(startedAt.timestamp), "ready": .bool(isReady),
            "draining": .bool(isDraining), "active_runs": .integer(Int64(activeRuns)),
            "waiting_runs": .integer(Int64(waitingRuns)),
            "runs": .object(Dictionary(counts, uniquingKeysWith: { $1 })),
            "departments": .array(departments.map(\.json)), "providers": .array(providers.map { .string($0) }),
            "models": models, "storage": storage.json, "archive": archive?.json ?? .null,
            "audit": audit.json,
            "minimum_isolation": .string(minimumIsolation.name), "isolation": isolation?.json ?? .null,
        ]
    }
}

extension ArchiveStatus {
    package var json: JSONValue {
        [
            "epoch": .string(position.epoch), "next_segment": .integer(position.segment),
            "problem": problem.map { .string($0) } ?? .null,
        ]
    }
}

extension StorageStatus {
    package var json: JSONValue {
        [
            "state": .string(state.rawValue), "free_bytes": .integer(freeBytes),
            "low_water_bytes": .integer(lowWaterBytes), "ballast_bytes": .integer(ballastBytes),
            "refused_groups": .integer(Int64(refusedGroups)),
        ]
    }
}

extension SchemaViolation {
    package func json(under prefix: String) -> JSONValue {
        ["pointer": .string(prefix + pointer), "message": .string(message), "keyword": .string(keyword)]
    }
}
