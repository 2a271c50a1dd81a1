import HTTPTypes
import Hummingbird
import Journal
import Kernel
import Synchronization

/// Does a request with an `Idempotency-Key` once: the key is taken in the commit that does it, so neither a crash nor a
/// second request at the same time can do it twice, and its answer is kept for a day.
final class AnswerKeeper: Sendable {
    private static let maximumBytes = 1 << 20

    private let journal: any JournalStore
    private let working = Mutex<Set<AnswerKey>>([])

    init(journal: any JournalStore) { self.journal = journal }

    func answer(
        _ call: APICall, key: AnswerKey, _ perform: () async throws -> Response
    ) async throws -> Response {
        guard working.withLock({ $0.insert(key).inserted }) else { throw Self.unfinished }
        defer { _ = working.withLock { $0.remove(key) } }
        let digest = Self.digest(call)
        let known = try await journal.read { journal throws(JournalError) in try journal.keptRequest(key) }
        if let known { return try Self.again(known, digest) }
        let rider = JournalRider { transaction throws(JournalError) in
            try transaction.answerReserve(key, digest: digest)
        }
        let response: Response
        do {
            response = try await JournalRider.$current.withValue(rider) { try await perform() }
        } catch {
            // What was refused may be asked again; what broke half-way may have been done.
            let status = Problem(anything: error) { _ in }.status
            if rider.isWritten, status.kind == .clientError { try await forget(key) }
            throw error
        }
        guard rider.isWritten else { return response }
        return try await keep(response, key)
    }

    private func keep(_ response: Response, _ key: AnswerKey) async throws -> Response {
        var bytes: [UInt8] = []
        let collector = BodyCollector()
        try await response.body.write(collector)
        bytes = collector.bytes
        let kept = RepeatedAnswer(
            status: Int(response.status.code), location: response.headers[.location],
            body: bytes.count <= Self.maximumBytes ? bytes : [])
        try await journal.write { journal throws(JournalError) in try journal.answerKeep(key, kept) }
        var again = response
        again.body = .init(byteBuffer: ByteBuffer(bytes: bytes))
        return again
    }

    private func forget(_ key: AnswerKey) async throws {
        try await journal.write { journal throws(JournalError) in try journal.answerForget(key) }
    }

    private static func again(_ known: KeptRequest, _ digest: Digest) throws -> Response {
        guard known.digest == digest else {
            throw Problem(
                .conflict, "idempotency_key_reused",
                "another request was sent under this Idempotency-Key: use a new one")
        }
        guard let answer = known.answer else { throw unfinished }
        var headers: HTTPFields = [
            .contentType: "application/json", .contentLength: String(answer.body.count), .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff", .idempotencyReplayed: "true",
        ]
        headers[.location] = answer.location
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    private static var unfinished: Problem {
        Problem(
            .conflict, "idempotency_key_busy",
            "a request under this Idempotency-Key was taken and has not been answered: look for what it made",
            retryAfterSeconds: 1)
    }

    /// Of the operation, its path and body: nothing else changes what is done.
    private static func digest(_ call: APICall) -> Digest {
        let asked: JSONValue = [
            "operation": .string(call.operation.id), "parameters": .object(call.parameters), "body": call.body,
        ]
        return Digest.sha256(asked.bytes)
    }
}

/// Takes a body that is in memory already.
private final class BodyCollector: ResponseBodyWriter {
    private(set) var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws { bytes += buffer.readableBytesView }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
