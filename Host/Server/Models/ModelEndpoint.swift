import Engine
import HTTPTypes
import Hummingbird
import Kernel

/// Answers one request of a protocol by one call.
struct ModelEndpoint<Dialect: ModelDialect>: Sendable {
    let calls: ModelCalls
    let gate: DrainGate

    func respond(to call: APICall) async throws -> Response {
        let origin: CallOrigin
        do {
            origin = try CallHeaders.origin(of: call)
        } catch let problem as CallProblem {
            return Self.response(to: problem)
        }
        do throws(CallProblem) {
            return try await answer(call, origin)
        } catch {
            return Self.response(to: error)
        }
    }

    private func answer(_ call: APICall, _ origin: CallOrigin) async throws(CallProblem) -> Response {
        guard gate.isOpen else {
            var problem = CallProblem(.serviceUnavailable, "draining", "the host is ending; try again later")
            (problem.mayRetry, problem.retryAfterSeconds) = (true, 5)
            throw problem
        }
        let asked = try Dialect.read(try await Self.body(of: call))
        let id = calls.newID()
        if asked.isStreamed { return try await stream(asked, id, origin) }
        do throws(CallRefusal) {
            let receipt = try await calls.perform(asked.call, id: id, for: origin)
            var response = Response.json(Dialect.answer(receipt))
            CallHeaders.add(id, for: Dialect.self, to: &response.headers)
            response.headers.append(contentsOf: CallHeaders.cost(receipt))
            response.headers[.bureauCache] = CallHeaders.cache(isHit: receipt.isCached)
            return response
        } catch {
            throw CallProblem(error, id: id)
        }
    }

    private static func body(of call: APICall) async throws(CallProblem) -> JSONValue {
        let maximum = call.context.maximumBodyBytes
        do {
            return try JSONParser.parse(
                try await BodyReader.collect(call.request, atMost: maximum), limits: .init(maximumBytes: maximum))
        } catch let problem as Problem {
            throw CallProblem(problem)
        } catch let error as JSONError {
            throw CallProblem(.badRequest, "invalid_json", "the body is not JSON: \(error.description)")
        } catch {
            throw CallProblem(.badRequest, "incomplete_body", "the body did not arrive as a whole")
        }
    }

    private enum Event: Sendable {
        case text(String)
        case answered(CallReceipt)
        case failed(CallRefusal)

        var isCached: Bool { if case .answered(let receipt) = self { receipt.isCached } else { false } }
    }

    /// The status is decided by the first thing that happens. The call is a task of its own: a client that leaves
    /// half-way has asked for an answer that is billed, which is drained and settled.
    private func stream(
        _ asked: DialectRequest, _ id: RunID, _ origin: CallOrigin
    ) async throws(CallProblem) -> Response {
        let events = begin(asked, id, origin)
        let first = await events.first { _ in true }
        if case .failed(let refusal) = first { throw CallProblem(refusal, id: id) }
        var headers: HTTPFields = [
            .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff",
            .trailer: CallHeaders.trailers,
        ]
        CallHeaders.add(id, for: Dialect.self, to: &headers)
        headers[.bureauCache] = CallHeaders.cache(isHit: first?.isCached == true)
        let body = ResponseBody { writer in
            var stream = Dialect.Stream(id: id, request: asked)
            var hasText = false
            var trailers: HTTPFields?
            var next = first
            var rest = events.makeAsyncIterator()
            var text = stream.begin()
            while let event = next {
                switch event {
                case .text(let piece):
                    hasText = true
                    text += stream.piece(piece)
                case .answered(let receipt):
                    // What was judged as a whole, or comes from the cache, has no pieces.
                    if !hasText, !receipt.text.isEmpty { text += stream.piece(receipt.text) }
                    text += stream.end(receipt)
                    trailers = CallHeaders.cost(receipt)
                case .failed(let refusal): text += stream.failed(CallProblem(refusal, id: id))
                }
                try await writer.write(ByteBuffer(string: text))
                text = ""
                next = await rest.next()
            }
            try await writer.finish(trailers)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private func begin(_ asked: DialectRequest, _ id: RunID, _ origin: CallOrigin) -> AsyncStream<Event> {
        let (events, feed) = AsyncStream.makeStream(of: Event.self)
        let calls = calls
        Task {
            feed.yield(await Self.outcome(of: asked, id, origin, calls) { feed.yield(.text($0)) })
            feed.finish()
        }
        return events
    }

    private static func outcome(
        of asked: DialectRequest, _ id: RunID, _ origin: CallOrigin, _ calls: ModelCalls,
        onText: @escaping @Sendable (String) -> Void
    ) async -> Event {
        do throws(CallRefusal) {
            return .answered(try await calls.perform(asked.call, id: id, for: origin, onText: onText))
        } catch {
            return .failed(error)
        }
    }

    static func response(to problem: CallProblem) -> Response {
        var response = Response.json(Dialect.error(problem), status: problem.status)
        if let id = problem.callID { CallHeaders.add(id, for: Dialect.self, to: &response.headers) }
        if let cost = problem.cost { response.headers[.bureauCost] = String(cost.value) }
        response.headers[.shouldRetry] = problem.mayRetry ? "true" : "false"
        if let seconds = problem.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}
