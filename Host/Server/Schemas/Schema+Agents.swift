import Kernel

extension Schema {
    private static let profile: [String: JSONValue] = ["capabilities": optional(list(string)), "on": anyObject]

    private static let agentMembers: [String: JSONValue] = [
        "id": string, "name": string, "department": string, "state": string, "version": integer, "created_at": time,
        "pool": optional(string),
    ].merging(profile) { $1 }

    /// Its configuration is shown to those who may change it.
    static let agent = answer("Agent", agentMembers, sometimes: ["configuration": anyObject])

    static let agentDetail = answer(
        "AgentDetail", agentMembers.merging(["statistics": agentStatistics]) { $1 },
        sometimes: ["configuration": anyObject])

    /// A department's own, which has no life of its own.
    static let departmentAgent = answer(
        "DepartmentAgent",
        ["id": string, "name": string, "department": string, "enabled": boolean, "tasks": list(string)])

    static let agentStatistics = answer(
        "AgentStatistics",
        [
            "runs": map(integer), "open_runs": integer, "success_rate": optional(number), "cost": string,
            "cost_nanodollars": integer, "mean_milliseconds": optional(integer), "p50_milliseconds": optional(integer),
            "p95_milliseconds": optional(integer), "last_active_at": optional(time), "open_messages": integer,
        ])

    static let agentVersion = answer(
        "AgentVersion",
        ["version": integer, "configuration": anyObject, "at": time, "by": string, "note": string]
            .merging(profile) { $1 })

    static let pool = answer(
        "Pool",
        [
            "id": string, "name": string, "department": string, "policy": anyObject, "created_at": time,
            "members": list(
                answer(["name": string, "state": string, "open_runs": integer, "queued_runs": integer])),
        ].merging(profile) { $1 }, sometimes: ["configuration": anyObject])

    static let message = answer(
        "Message",
        [
            "message": integer, "key": string, "to": string, "from": optional(string), "type": string,
            "body": anything, "status": string, "deliveries": integer, "at": time, "due_at": optional(time),
            "reason": optional(string), "run": optional(runID), "started": optional(runID),
            "ended_at": optional(time),
        ])

    static let department = answer(
        "Department",
        [
            "name": string, "enabled": boolean, "state": string, "grant": anyObject, "placement": string,
            "problem": optional(string), "generation": integer, "last_reload": optional(anyObject),
            "statistics": optional(anyObject), "quarantine": optional(anyObject),
            "resident_bytes_per_agent": optional(integer), "isolation": optional(anyObject),
        ],
        sometimes: [
            "id": string, "version": string, "toolchain": string, "path": string, "digest": digest, "abi": string,
            "title": string, "summary": string, "wants": anyObject, "wishes": digest,
            "tasks": list(
                answer(
                    "Task",
                    [
                        "name": string, "summary": string, "input_schema": anything, "output_schema": anything,
                        "timeout_seconds": optional(integer), "requires_approval": boolean,
                    ])), "health": string,
            "load": answer("Load", ["open_runs": integer, "running": integer, "waiting": integer, "queued": integer]),
        ])

    static let grant = answer(
        "Grant",
        [
            "number": integer, "at": time, "revoked": boolean, "department": string, "plugin": string,
            "asked": anyObject, "wishes": digest, "granted": anyObject, "origin": string, "by": string,
        ])

    static let crash = answer(
        "Crash",
        [
            "department": string, "at": time, "plugin": string, "version": string, "digest": digest,
            "generation": integer, "reason": string, "report": optional(anyObject), "suspects": list(string),
        ])

    static let reload = answer(
        "Reload",
        [
            "department": string, "generation": integer, "from": side, "to": optional(side), "at": time,
            "milliseconds": integer, "agents": integer, "state_bytes": integer, "ok": boolean,
            "failed_step": optional(string), "reason": optional(string),
        ])
    private static let side = answer(["version": string, "digest": digest])
}
