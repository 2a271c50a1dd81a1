import Kernel

extension Schema {
    static let runStatus = oneOf(RunState.allCases.map(\.name))
    static let sensitivity = oneOf(Sensitivity.allCases.map(\.rawValue))
    static let failure = answer("Failure", ["status": string, "message": string])

    private static let runMembers: [String: JSONValue] = [
        "id": runID, "task": string, "agent": string, "tenant": string, "status": runStatus,
        "classification": sensitivity, "priority": count(0, 4), "attempt": integer, "cost": string,
        "cost_nanodollars": integer, "root": runID, "parent": optional(runID), "cancel_requested": boolean,
        "created_at": time, "started_at": optional(time), "finished_at": optional(time), "queue": string,
    ]
    private static let runSometimes: [String: JSONValue] = [
        "failure": failure, "budget_nanodollars": integer, "build": digest,
        "forked_from": answer(["run": runID, "step": integer]), "idempotency_key": string, "subject": string,
        "content": string, "correlation_id": string, "concurrency_key": string, "start_by": time, "deadline": time,
        "retry": anyObject, "wake_at": time, "retries": anything, "waits_for_key": boolean,
        "requires_approval": boolean,
    ]

    /// A run without its input and output.
    static let run = answer("Run", runMembers, sometimes: runSometimes)

    static let usage = answer(
        "TokenUsage",
        [
            "input_tokens": optional(integer), "cached_read_tokens": optional(integer),
            "cache_write_tokens": optional(integer), "cache_write_one_hour_tokens": optional(integer),
            "output_tokens": optional(integer), "reasoning_tokens": optional(integer), "cost_nanodollars": integer,
        ])

    static let step = answer(
        "Step",
        [
            "sequence": integer, "name": string, "occurrence": integer, "kind": string, "status": string,
            "attempt": integer, "cost_nanodollars": integer, "started_at": time, "finished_at": optional(time),
        ], sometimes: ["failure": failure, "reference": string, "usage": usage])

    static let artifact = answer(
        "Artifact",
        [
            "run": runID, "name": string, "media_type": string, "digest": digest, "bytes": integer, "created_at": time,
        ])

    static let cost = answer(
        "TaskCost",
        [
            "task": string, "runs": integer, "steps": integer, "model_calls": integer, "input_tokens": integer,
            "output_tokens": integer, "cost": string, "cost_nanodollars": integer, "milliseconds": integer,
        ])

    /// With what it was asked, what it gave, and how it came to that.
    static let runDetail = answer(
        "RunDetail",
        runMembers.merging([
            "input": anything, "output": anything, "held_by": optional(string), "steps": list(step),
            "children": list(run), "artifacts": list(artifact),
        ]) { $1 }, sometimes: runSometimes.merging(["costs": list(cost)]) { $1 })

    static let started = answer(
        "StartedRun",
        ["job_id": runID, "run_id": runID, "status": runStatus, "task": string, "agent": string])

    static let classification = answer(
        "Classification",
        [
            "run": runID, "classification": sensitivity, "handling": anyObject, "reasons": list(string),
        ],
        sometimes: ["before": string, "by": optional(string), "note": optional(string), "at": time])

    static let approval = answer("Approval", approvalMembers, sometimes: ["decision": decisionMade])
    static let approvalDetail = answer(
        "ApprovalDetail",
        approvalMembers.merging(["acts": list(approvalAct)]) { $1 },
        sometimes: ["decision": decisionMade, "asked_content": anything])

    private static let approvalMembers: [String: JSONValue] = [
        "id": string, "run": runID, "sequence": integer, "title": string, "body": string, "content": anything,
        "revision": integer, "status": string, "opened_at": time, "expires_at": optional(time),
        "decided_at": optional(time), "rules": optional(anyObject),
    ]
    private static let decisionMade = answer(["approved": boolean, "by": string, "reason": string])
    private static let approvalAct = answer(
        "ApprovalAct", ["at": time, "act": string],
        sometimes: ["by": string, "revision": integer, "to": string, "reason": string, "content": anything])

    static let approvalRule = answer(
        "ApprovalRule", ["department": string, "task": optional(string), "created_at": time],
        sometimes: [
            "approvers": anything, "quorum": anything, "rejections": anything, "requester_may_approve": boolean,
            "may_delegate": boolean, "editor_may_approve": boolean, "escalations": anything,
            "expires_after_seconds": anything,
        ])

    static let plan = answer(
        "Plan",
        [
            "plan": anyObject, "ready": boolean, "planner": string, "fallback": optional(string),
            "explanation": anyObject,
        ], sometimes: ["job_id": runID, "run_id": runID, "status": runStatus])
}
