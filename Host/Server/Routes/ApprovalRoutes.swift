import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// What waits for people, and what they do about it. Who acts is what the request says: there are no users yet.
struct ApprovalRoutes: Sendable {
    let runtime: HostRuntime

    private static let name: JSONValue = ["type": "string", "minLength": 1, "maxLength": 200]
    private static let revision: JSONValue = ["type": "integer", "minimum": 0]
    private static let reason: JSONValue = ["type": "string", "maxLength": 10_000]
    private static let reviewSchema: JSONValue = [
        "type": "object", "required": ["action"], "additionalProperties": false,
        "properties": [
            "action": ["enum": ["approve", "reject"]], "reason": reason, "by": name, "revision": revision,
            "content": [:],
        ],
    ]
    private static let editSchema: JSONValue = [
        "type": "object", "required": ["content"], "additionalProperties": false,
        "properties": ["content": [:], "revision": revision, "reason": reason, "by": name],
    ]
    private static let delegateSchema: JSONValue = [
        "type": "object", "required": ["to"], "additionalProperties": false,
        "properties": ["to": name, "reason": reason, "by": name],
    ]
    private static let withdrawSchema: JSONValue = [
        "type": "object", "additionalProperties": false, "properties": ["reason": reason, "by": name],
    ]
    private static let ruleSchema: JSONValue = ["type": "object", "required": ["by"], "properties": ["by": name]]

    func add(to router: Router<APIContext>) {
        router.get("approvals") { request, _ in
            let words = ["open": true, "decided": false]
            let status = request.uri.queryParameters["status"].map(String.init) ?? "open"
            guard status == "all" || words[status] != nil else {
                throw Problem(.badRequest, "invalid", "status must be open, decided or all")
            }
            let open = words[status]
            let approvals = try await runtime.journal.read { journal throws(JournalError) in
                try journal.approvals(open: open)
            }
            return Response.json(["approvals": .array(approvals.map(\.json))])
        }
        router.get("approvals/{id}") { _, context in
            let (run, sequence) = try id(context)
            let found = try await runtime.journal.read { journal throws(JournalError) -> JSONValue? in
                guard let record = try journal.approval(run: run, sequence: sequence) else { return nil }
                return record.json(acts: try journal.approvalActs(run: run, sequence: sequence))
            }
            guard let found else { throw unknown(run, sequence) }
            return Response.json(found)
        }
        router.post("approvals/{id}/review") { request, context in
            let body = try await body(request, Self.reviewSchema)
            guard body["action"] == "approve" else { return try await act(.reject, request, body, context) }
            let wish = ApprovalWish.approve(revision: revision(body), content: body["content"]?.bytes)
            return try await act(wish, request, body, context)
        }
        router.post("approvals/{id}/edit") { request, context in
            let body = try await body(request, Self.editSchema)
            let content = body["content"] ?? .null
            return try await act(
                .edit(revision: revision(body), content: content.bytes), request, body, context)
        }
        router.post("approvals/{id}/delegate") { request, context in
            let body = try await body(request, Self.delegateSchema)
            return try await act(.delegate(to: body["to"]?.stringValue ?? ""), request, body, context)
        }
        router.post("approvals/{id}/withdraw") { request, context in
            try await act(.withdraw, request, try await body(request, Self.withdrawSchema), context)
        }
        addRules(to: router)
    }

    private func addRules(to router: Router<APIContext>) {
        router.get("approval-rules") { _, _ in
            let rules = try await runtime.journal.read { journal throws(JournalError) in try journal.approvalRules() }
            return Response.json(["rules": .array(rules.map(\.json))])
        }
        router.put("approval-rules/{department}") { request, context in try await setRule(request, context) }
        router.put("approval-rules/{department}/{task}") { request, context in try await setRule(request, context) }
        router.delete("approval-rules/{department}") { request, context in try await removeRule(request, context) }
        router.delete("approval-rules/{department}/{task}") { request, context in
            try await removeRule(request, context)
        }
    }

    private func act(
        _ wish: ApprovalWish, _ request: Request, _ body: JSONValue, _ context: APIContext
    ) async throws -> Response {
        let (run, sequence) = try id(context)
        guard let by = request.headers[.bureauUser] ?? body["by"]?.stringValue else {
            throw Problem(.badRequest, "who", "say who acts: by the header x-bureau-user, or in \"by\"")
        }
        let record = try await runtime.act(
            run: run, sequence: sequence, wish, by: by, reason: body["reason"]?.stringValue ?? "")
        return Response.json(record.json)
    }

    private func setRule(_ request: Request, _ context: APIContext) async throws -> Response {
        var members = try await body(request, Self.ruleSchema).objectValue ?? [:]
        let by = members.removeValue(forKey: "by")?.stringValue ?? ""
        let policy: ApprovalPolicy
        do { policy = try ApprovalPolicy(json: .object(members)) } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
        let rule = ApprovalRuleRecord(
            department: try context.parameters.require("department"), task: context.parameters.get("task"),
            policy: policy, createdAt: runtime.now)
        try await runtime.setApprovalRule(rule, by: by)
        return Response.json(rule.json)
    }

    private func removeRule(_ request: Request, _ context: APIContext) async throws -> Response {
        let by = try await body(request, Self.ruleSchema)["by"]?.stringValue ?? ""
        let department = try context.parameters.require("department"), task = context.parameters.get("task")
        try await runtime.change { journal throws(JournalError) in
            try journal.approvalRuleRemove(department: department, task: task, by: by)
        }
        return Response(status: .noContent)
    }

    /// `{run}:{step}`.
    private func id(_ context: APIContext) throws -> (RunID, Int) {
        let text = try context.parameters.require("id")
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let run = RunID(String(parts[0])), let sequence = Int(parts[1]) else {
            throw Problem(.notFound, "not_found", "\(text) is no approval's id; GET /approvals has them")
        }
        return (run, sequence)
    }

    private func unknown(_ run: RunID, _ sequence: Int) -> Problem {
        Problem(.notFound, "not_found", "step \(sequence) of run \(run) asks for no approval")
    }

    private func revision(_ body: JSONValue) -> Int? { body["revision"]?.integerValue.map { Int($0) } }

    private func body(_ request: Request, _ schema: JSONValue) async throws -> JSONValue {
        try await BodyReader(own: schema).read(request)
    }
}
