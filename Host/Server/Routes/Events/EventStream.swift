import Hummingbird
import Kernel

extension Response {
    /// Server-sent events, for as long as `stream` sends.
    static func events(
        _ stream: @escaping @Sendable (_ send: (String) async throws -> Void) async throws -> Void
    ) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            ],
            body: .init { writer in
                try await stream { try await writer.write(ByteBuffer(string: $0)) }
                try await writer.finish(nil)
            })
    }
}

/// Whose stream it is: asked again now and then, so that no stream outlives what opened it.
struct StreamReader {
    /// With what the caller might at the last look.
    private(set) var call: APICall
    private var checkedAt = MonotonicClock.now

    init(_ call: APICall) { self.call = call }

    /// - Returns: false: the stream ends.
    mutating func mayReadOn() async -> Bool {
        let now = MonotonicClock.now
        guard now.nanoseconds(since: checkedAt) >= call.context.recheckSeconds * 1_000_000_000 else { return true }
        checkedAt = now
        guard let renewed = await call.gate.renewed(call) else { return false }
        call = renewed
        return true
    }
}
