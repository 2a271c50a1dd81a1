import Engine
import Hummingbird
import Journal
import Kernel

/// What several routes say in the same words.
extension Operation.Parameter {
    static let run = path("id", "The run's id", Schema.text(64))
    static let cursor = query("cursor", "Where the page before ended: its next_cursor", Schema.cursor)
    static func limit(_ most: Int64 = 200) -> Self {
        query("limit", "How many at most", Schema.count(1, most))
    }
    static func after(_ of: String) -> Self { query("after", "Those after this \(of)", Schema.position) }
}

extension Operation.Body {
    /// Who does it, in a body that may be missing.
    static let by = json(Schema.input(optional: ["by": Schema.by]), missing: [:])
}

extension APICall {
    func runID() throws -> RunID {
        guard let id = RunID(text("id")) else {
            throw Problem(.notFound, "not_found", "\(text("id")) is not a job's id")
        }
        return id
    }

    /// The run that the path names, as far as it is the caller's.
    func run() async throws -> RunRecord {
        let id = try runID()
        return try await read { journal throws(JournalError) in try journal.run(id) }
    }
}

extension RunRecord {
    /// A body's `idempotency_key` is one for all callers of a tenant. A run that had it before is the answer for whom
    /// it works, and to the same input: others learn no more than that the key is taken.
    ///
    /// - Parameter input: nil: it cannot be told whether it is the same.
    /// - Throws: 409.
    func checkReuse(of key: String?, user: String?, input: [UInt8]?) throws {
        let isSame = input == nil || content != .open || self.input == input
        guard key == nil || self.user == user && isSame else {
            throw Problem(
                .conflict, "idempotency_key_reused", "idempotency_key: another run of this task has it: use a new one")
        }
    }
}

extension DrainGate {
    func requireOpen() throws {
        guard isOpen else {
            throw Problem(.serviceUnavailable, "draining", "the host is ending", retryAfterSeconds: 5)
        }
    }
}

extension Problem {
    /// A member of the body that its schema does not cover.
    static func unfit(_ pointer: String, _ text: String) -> Problem {
        Problem(
            .unprocessableContent, "invalid_body", text,
            errors: [["pointer": .string(pointer), "message": .string(text)]])
    }
}

extension Response {
    static func started(_ run: RunRecord) -> Response {
        var response = Response.json(
            [
                "job_id": .string(run.id.description), "run_id": .string(run.id.description),
                "status": .string(run.state.name), "task": .string(run.task.description), "agent": .string(run.agent),
            ],
            status: .accepted)
        response.headers[.location] = "/jobs/\(run.id)"
        return response
    }

    /// What a plugin wrote, or a report: without scripts, and without this origin's rights.
    static func bytes(_ bytes: [UInt8], _ type: String, caching: String = "no-store") -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: type, .contentLength: String(bytes.count), .cacheControl: caching,
                .xContentTypeOptions: "nosniff",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
