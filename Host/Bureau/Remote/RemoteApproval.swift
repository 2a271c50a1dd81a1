import Engine
import Journal
import Kernel
import Server

/// A request for a decision, at another host.
struct RemoteApproval {
    let host: HostClient
    let run: RunID
    let sequence: Int

    private var path: String { "/approvals/\(run):\(sequence)" }

    func read() async throws(CommandFailure) -> JSONValue { try await host.get(path) }

    /// - Returns: the request as it then is.
    func act(_ wish: ApprovalWish, by: String, reason: String) async throws(CommandFailure) -> JSONValue {
        var body: [String: JSONValue] = ["by": .string(by)]
        if !reason.isEmpty { body["reason"] = .string(reason) }
        let verb: String
        switch wish {
        case .approve(let revision, let content):
            verb = "review"
            body["action"] = "approve"
            body["revision"] = revision.map { .integer(Int64($0)) }
            body["content"] = content.map { .document($0) }
        case .reject:
            verb = "review"
            body["action"] = "reject"
        case .edit(let revision, let content):
            verb = "edit"
            body["revision"] = revision.map { .integer(Int64($0)) }
            body["content"] = .document(content)
        case .delegate(let to):
            verb = "delegate"
            body["to"] = .string(to)
        case .withdraw: verb = "withdraw"
        }
        var host = host
        host.user = by
        return try await host.send("POST", "\(path)/\(verb)", .object(body))
    }
}
