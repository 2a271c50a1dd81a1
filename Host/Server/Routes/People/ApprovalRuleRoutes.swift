import Engine
import Hummingbird
import Journal
import Kernel

/// Who may decide about what departments ask people. The rules hold for all tenants, so they are the operators'.
struct ApprovalRuleRoutes: Sendable {
    let runtime: HostRuntime

    private static let department = Operation.Parameter.path("department", "The department", Schema.text(64))
    private static let task = Operation.Parameter.path("task", "The task", Schema.text(64))
    private static let rule = Schema.input(optional: [
        "by": Schema.by, "approvers": Schema.list(Schema.text(254), nil, 256), "quorum": Schema.count(1, 1_000),
        "rejections": Schema.count(1, 1_000), "requester_may_approve": Schema.boolean, "may_delegate": Schema.boolean,
        "editor_may_approve": Schema.boolean, "escalations": Schema.list(Schema.anyObject, nil, 64),
        "expires_after_seconds": Schema.count(1, 316_224_000),
    ])

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "approval_rules.list", .get, "/approval-rules", "By department and task", tag: "Approvals",
                access: .needs(.policies, .read), answers: [.ok("They", Schema.named("rules", Schema.approvalRule))])
        ) { call in
            let rules = try await call.read { scoped throws(JournalError) in try scoped.journal.approvalRules() }
            let isWhole = call.view.isOperator
            return Response.json(["rules": .array(rules.map { isWhole ? $0.json : Self.withoutPeople($0.json) })])
        }
        for (id, path, parameters) in [
            ("department", "/approval-rules/{department}", [Self.department]),
            ("task", "/approval-rules/{department}/{task}", [Self.department, Self.task]),
        ] {
            api.add(
                Operation(
                    "approval_rules.set_\(id)", .put, path, "For requests from then on", tag: "Approvals",
                    access: .needs(.policies, .write), parameters: parameters,
                    body: .json(Self.rule, example: ["quorum": 2]), answers: [.ok("It", Schema.approvalRule)]
                ).forOperators()
            ) { try await set($0) }
            api.add(
                Operation(
                    "approval_rules.remove_\(id)", .delete, path, "Takes a rule away", tag: "Approvals",
                    access: .needs(.policies, .write), parameters: parameters, body: .by,
                    answers: [.noContent("It is gone")]
                ).forOperators()
            ) { try await remove($0) }
        }
    }

    /// As a tenant's people see a rule: who decides may belong to another tenant.
    private static func withoutPeople(_ rule: JSONValue) -> JSONValue {
        var members = rule.objectValue ?? [:]
        members["approvers"] = nil
        members["escalations"] = members["escalations"]?.arrayValue.map { escalations in
            JSONValue.array(
                escalations.map { escalation in
                    JSONValue.object((escalation.objectValue ?? [:]).filter { $0.key != "approvers" })
                })
        }
        return .object(members)
    }

    private func set(_ call: APICall) async throws -> Response {
        var members = call.body.objectValue ?? [:]
        members["by"] = nil
        let policy: ApprovalPolicy
        do { policy = try ApprovalPolicy(json: .object(members)) } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
        let rule = ApprovalRuleRecord(
            department: call.text("department"), task: call.parameters["task"]?.stringValue, policy: policy,
            createdAt: runtime.now)
        try await runtime.setApprovalRule(rule, by: call.by)
        return Response.json(rule.json)
    }

    private func remove(_ call: APICall) async throws -> Response {
        let department = call.text("department"), task = call.parameters["task"]?.stringValue, by = call.by
        try await call.change(runtime) { journal, _ throws(JournalError) in
            try journal.approvalRuleRemove(department: department, task: task, by: by)
        }
        return Response(status: .noContent)
    }
}
