import CBureau
import FoundationEssentials

extension TaskContext {
    /// Calls a tool that the operator offers and the manifest asks for. The host checks the arguments.
    public func tool<Result: Decodable & Sendable>(
        _ name: String, arguments: some Encodable & Sendable, as type: Result.Type = Result.self,
        timeoutSeconds: Double? = nil, step: String? = nil
    ) async throws(TaskFailure) -> Result {
        guard let function = call.services.tool?.pointee.call else { throw .missing(BUREAU_HOST_TOOL) }
        let arguments = try JSONCoding.encode(arguments, "the arguments of \(name)")
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(name) { name in
                withBorrowed(arguments) { function(host, call, step, name, $0, milliseconds(timeoutSeconds), out) }
            }
        }
        return try JSONCoding.decode(
            type, from: try outcome.result().data, "the result of \(name)", failing: .internal)
    }

    /// The host fetches; only from hosts that the manifest asks for and the operator grants. Any HTTP status is an
    /// answer, not a failure.
    public func http(_ request: HTTPRequest, step: String? = nil) async throws(TaskFailure) -> HTTPResponse {
        guard let fetch = call.services.http?.pointee.fetch else { throw .missing(BUREAU_HOST_HTTP) }
        let headers = request.headers.isEmpty ? Data() : try JSONCoding.encode(request.headers, "the headers")
        let body = Data(request.body)
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(request.method) { method in
                withBorrowed(request.url) { url in
                    withBorrowed(headers) { headers in
                        withBorrowed(body) { body in
                            var raw = bureau_http_request(
                                struct_size: UInt32(MemoryLayout<bureau_http_request>.size), flags: 0,
                                method: method, url: url, headers_json: headers, body: body,
                                timeout_ms: milliseconds(request.timeoutSeconds),
                                max_response_bytes: UInt64(clamping: request.maximumResponseBytes ?? 0))
                            return fetch(host, call, step, &raw, out)
                        }
                    }
                }
            }
        }
        let result = try outcome.result()
        let answered =
            result.message.isEmpty
            ? [:]
            : try JSONCoding.decode(
                [String: String].self, from: Data(result.message.utf8), "the answer's headers", failing: .internal)
        return HTTPResponse(status: Int(clamping: result.value), headers: answered, body: [UInt8](result.data))
    }
}

public struct HTTPRequest: Hashable, Sendable {
    public var url: String
    public var method: String
    /// Credentials are added by the host, not here.
    public var headers: [String: String]
    public var body: [UInt8]
    /// Nil: the operator's limit.
    public var timeoutSeconds: Double?
    /// Nil: the operator's limit.
    public var maximumResponseBytes: Int?

    public init(
        url: String, method: String = "GET", headers: [String: String] = [:], body: [UInt8] = [],
        timeoutSeconds: Double? = nil, maximumResponseBytes: Int? = nil
    ) {
        self.url = url
        self.method = method
        self.headers = headers
        self.body = body
        self.timeoutSeconds = timeoutSeconds
        self.maximumResponseBytes = maximumResponseBytes
    }
}

public struct HTTPResponse: Codable, Hashable, Sendable {
    public var status: Int
    public var headers: [String: String]
    public var body: [UInt8]

    public init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws(TaskFailure) -> T {
        try JSONCoding.decode(type, from: Data(body), "the answer's body", failing: .invalid)
    }
}
