import Engine
import Journal
import Kernel
import Server

/// Where decisions are asked for and taken: a store, or a host that serves.
struct ApprovalDesk {
    let options: HostOptions
    let server: HostClient?

    func open() async throws(CommandFailure) -> [JSONValue] {
        if let server { return try await server.get("/approvals")["approvals"]?.arrayValue ?? [] }
        return try await HostSession.ask(options.storage) { journal throws(JournalError) in
            try journal.approvals(open: true)
        }.map(\.json)
    }

    /// With what was done about it.
    func show(_ approval: ApprovalArguments) async throws(CommandFailure) -> JSONValue {
        if let server {
            return try await RemoteApproval(host: server, run: approval.run, sequence: approval.sequence).read()
        }
        let (record, acts) = try await approval.read(options.storage)
        return record.json(acts: acts)
    }

    func act(
        _ wish: ApprovalWish, on approval: ApprovalArguments, by: String, reason: String
    ) async throws(CommandFailure) -> JSONValue {
        if let server {
            return try await RemoteApproval(host: server, run: approval.run, sequence: approval.sequence)
                .act(wish, by: by, reason: reason)
        }
        return try await approval.act(wish, by: by, reason: reason, options.storage).json
    }
}
