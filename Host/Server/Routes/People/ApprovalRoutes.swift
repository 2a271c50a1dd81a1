import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// What waits for people, and what they do about it.
struct ApprovalRoutes: Sendable {
    let runtime: HostRuntime

    private static let id = Operation.Parameter.path("id", "run:step", Schema.text(100))
    private static let name = Schema.text(254)
    private static let revision = Schema.count(0, 2_147_483_647)
    private static let reason: JSONValue = ["type": "string", "maxLength": 10_000]

    private static func act(
        _ act: String, _ summary: String, access: Operation.Access = .needs(.approvals, .approve),
        body: Operation.Body
    ) -> Operation {
        Operation(
            "approvals.\(act)", .post, "/approvals/{id}/\(act)", summary, tag: "Approvals", access: access,
            parameters: [id], body: body, answers: [.ok("How it stands", Schema.approval)])
    }

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "approvals.list", .get, "/approvals", "What waits for people", tag: "Approvals",
                access: .needs(.approvals, .read),
                parameters: [.query("status", "Usually open", Schema.oneOf(["open", "decided", "all"]))],
                answers: [.ok("Oldest first", Schema.named("approvals", Schema.approval))])
        ) { call in
            let open = ["open": true, "decided": false, "": true][call.text("status")]
            let approvals = try await call.read { journal throws(JournalError) in try journal.approvals(open: open) }
            return Response.json(["approvals": .array(approvals.map(\.json))])
        }
        api.add(
            Operation(
                "approvals.show", .get, "/approvals/{id}", "One with its rules and acts", tag: "Approvals",
                access: .needs(.approvals, .read), parameters: [Self.id],
                answers: [.ok("It", Schema.approvalDetail)])
        ) { try await show($0) }
        addActs(to: api)
    }

    private func addActs(to api: APIRouter) {
        api.add(
            Self.act(
                "review", "Approves or rejects it",
                body: .json(
                    Schema.input(
                        ["action": Schema.oneOf(["approve", "reject"])],
                        optional: [
                            "reason": Self.reason, "by": Self.name, "revision": Self.revision,
                            "content": Schema.anything,
                        ]), example: ["action": "approve", "reason": "checked"])
            ).forPeople()
        ) { call in
            guard call.body["action"] == "approve" else { return try await act(.reject, call) }
            return try await act(
                .approve(revision: try revision(call), content: call.body["content"]?.bytes), call)
        }
        api.add(
            Self.act(
                "edit", "Another content, to be approved",
                body: .json(
                    Schema.input(
                        ["content": Schema.anything],
                        optional: ["revision": Self.revision, "reason": Self.reason, "by": Self.name]),
                    example: ["content": ["text": "Dear customer"]])
            ).forPeople()
        ) { call in
            let content = call.body["content"] ?? .null
            return try await act(.edit(revision: try revision(call), content: content.bytes), call)
        }
        api.add(
            Self.act(
                "delegate", "Another person decides",
                body: .json(
                    Schema.input(["to": Self.name], optional: ["reason": Self.reason, "by": Self.name]),
                    example: ["to": "ben"])
            ).forPeople()
        ) { call in try await act(.delegate(to: call.body["to"]?.stringValue ?? ""), call) }
        api.add(
            Self.act(
                "withdraw", "Whoever asked takes it back", access: .needs(.runs, .write),
                body: .json(
                    Schema.input(optional: ["reason": Self.reason, "by": Self.name]), missing: [:],
                    example: ["reason": "no longer needed"]))
        ) { call in try await act(.withdraw, call) }
    }

    private func show(_ call: APICall) async throws -> Response {
        let (run, sequence) = try id(call)
        let (document, revision) = try await call.read { scoped throws(JournalError) in
            let record = try scoped.approval(run, sequence)
            let acts = try scoped.journal.approvalActs(run: run, sequence: sequence)
            return (record.json(acts: acts), record.revision)
        }
        return EntityTag.answer(document, revision: Int64(revision), to: call)
    }

    private func act(_ wish: ApprovalWish, _ call: APICall) async throws -> Response {
        let (run, sequence) = try id(call)
        guard call.caller.kind != .open || call.caller.name != "open" || call.body["by"] != nil else {
            throw Problem(.badRequest, "who", "say who acts: by the header x-bureau-user, or in \"by\"")
        }
        _ = try await call.read { scoped throws(JournalError) in try scoped.approval(run, sequence) }
        do {
            let record = try await runtime.act(
                run: run, sequence: sequence, wish, by: call.by, reason: call.body["reason"]?.stringValue ?? "")
            return Response.json(record.json)
        } catch {
            throw EntityTag.mismatch(error, call)
        }
    }

    /// `{run}:{step}`.
    private func id(_ call: APICall) throws -> (RunID, Int) {
        let text = call.text("id")
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let run = RunID(String(parts[0])), let sequence = Int(parts[1]) else {
            throw Problem(.notFound, "not_found", "\(text) is no approval's id; GET /approvals has them")
        }
        return (run, sequence)
    }

    private func revision(_ call: APICall) throws -> Int? {
        (try EntityTag.expected(call) ?? call.body["revision"]?.integerValue).map { Int(clamping: $0) }
    }
}
