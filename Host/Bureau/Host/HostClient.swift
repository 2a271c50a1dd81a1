import Engine
import Gateway
import Glibc
import HostConfiguration
import Identity
import Kernel
import Synchronization

/// A host that serves, over its HTTP API.
struct HostClient: Sendable {
    private static let connectMilliseconds = 5_000
    private static let answerMilliseconds = 60_000
    private static let streamMilliseconds = 24 * 3_600_000
    private static let maximumBytes = 64 << 20
    /// A token that ends so soon is renewed before it is used.
    private static let renewalSeconds: Int64 = 30

    let url: String
    /// Of the contexts; nil: an address that nobody logged in to.
    let name: String?
    /// What the request calls its sender, for hosts that ask nobody who they are.
    var user = Environment.user
    private let context: HostContext
    private let client: CurlClient

    /// - Parameter name: of the context whose credentials are used, and renewed.
    init(_ context: HostContext, named name: String? = nil) throws(CommandFailure) {
        let url = RemoteOptions.trimmed(context.url)
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw CommandFailure(.usage, "\"\(context.url)\" is no address: write it as http://127.0.0.1:8080")
        }
        self.url = url
        self.name = name
        self.context = context
        do {
            client = try CurlClient()
        } catch {
            throw CommandFailure(.internal, error.message)
        }
    }

    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]
        var json: JSONValue? { try? JSONParser.parse(body) }
    }

    func get(_ path: String, _ query: [(String, String?)] = []) async throws(CommandFailure) -> JSONValue {
        try await json("GET", path + Self.queryText(query))
    }

    /// - Parameter body: JSON.
    func send(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws(CommandFailure) -> JSONValue {
        try await json(method, path, body)
    }

    private func json(
        _ method: String, _ path: String, _ body: JSONValue? = nil
    ) async throws(CommandFailure) -> JSONValue {
        let answer = try await exchange(
            method, path, body.map { ($0.bytes, "application/json") }, authorized: true)
        guard (200..<300).contains(answer.status) else { throw refusal(answer, path) }
        if answer.body.isEmpty { return .null }
        guard let json = answer.json else {
            throw CommandFailure(.storeUnavailable, "\(url)\(path) answered no JSON: is it a host of Bureau?")
        }
        return json
    }

    /// Whatever the answer is.
    ///
    /// - Parameter body: with its media type.
    func exchange(
        _ method: String, _ path: String, _ body: (bytes: [UInt8], type: String)? = nil, authorized: Bool
    ) async throws(CommandFailure) -> Answer {
        let received = Mutex<[UInt8]>([])
        let request = try await request(method, path, body, "application/json", authorized)
        let end = await client.send(request) { _, bytes in
            received.withLock { $0 += bytes }
            return true
        }
        try check(end)
        return Answer(status: end.head.status, body: received.withLock { $0 })
    }

    /// Server-sent events until the stream ends, however it does, or `onEvent` wants no more.
    ///
    /// - Returns: the last id, to go on after it.
    func events(
        _ path: String, after position: String?,
        onEvent: @escaping @Sendable (_ name: String, _ data: JSONValue) -> Bool
    ) async throws(CommandFailure) -> String? {
        struct State {
            var lines = EventLines()
            var refused: [UInt8] = []
        }
        var request = try await request("GET", path, nil, "text/event-stream", true)
        if let position { request.headers.append(("Last-Event-ID", position)) }
        request.timeoutMilliseconds = Self.streamMilliseconds
        let state = Mutex(State())
        let end = await client.send(request) { head, bytes in
            state.withLock { state in
                guard head.status == 200 else {
                    state.refused += bytes
                    return true
                }
                return state.lines.take(bytes).allSatisfy { event in
                    guard let data = try? JSONParser.parse(Array(event.data.utf8)) else { return true }
                    return onEvent(event.name, data)
                }
            }
        }
        // A stream that broke, or grew too long for one answer, goes on after the last id: whoever follows it asks for
        // the run then, and hears of a host that is gone.
        if end.head.status == 200 { return state.withLock { $0.lines.position } }
        try check(end)
        throw refusal(Answer(status: end.head.status, body: state.withLock { $0.refused }), path)
    }

    // MARK: What both need

    private func request(
        _ method: String, _ path: String, _ body: (bytes: [UInt8], type: String)?, _ accept: String, _ authorized: Bool
    ) async throws(CommandFailure) -> OutgoingRequest {
        var headers = [("Accept", accept), ("X-Bureau-User", user)]
        if let body { headers.append(("Content-Type", body.type)) }
        if authorized, let credential = try await credential() { headers.append(credential) }
        var request = OutgoingRequest(
            url: url + path, headers: headers, body: body?.bytes ?? [],
            connectTimeoutMilliseconds: Self.connectMilliseconds, timeoutMilliseconds: Self.answerMilliseconds,
            idleTimeoutSeconds: Self.answerMilliseconds / 1000, maximumResponseBytes: Self.maximumBytes,
            certificateFile: context.certificateFile)
        request.method = method
        return request
    }

    private func check(_ end: TransferEnd) throws(CommandFailure) {
        switch end.outcome {
        case .finished, .stopped: return
        case .failed(let reason):
            throw CommandFailure(
                .storeUnavailable,
                lines: [
                    "no host answers at \(url): start one with bureau serve, or name it with --address",
                    "the reason: \(reason.printable)",
                ])
        default:
            throw CommandFailure(
                .storeUnavailable,
                "no host answers at \(url): start one with bureau serve, or name it with --address")
        }
    }

    private func refusal(_ answer: Answer, _ path: String) -> CommandFailure {
        let problem = answer.json
        let detail = (problem?["detail"]?.stringValue ?? "is it a host of Bureau?").printable
        let status: ExitStatus =
            switch answer.status {
            case 401: .notLoggedIn
            case 403: .forbidden
            case 404: .notFound
            case 400, 413, 415, 422: .badInput
            case 402: .budget
            case 409, 412: .usage
            default: .storeUnavailable
            }
        var lines = ["\(url)\(path) answered \(answer.status): \(detail)"]
        if answer.status == 401 { lines.append("log in: bureau login \(url)") }
        for error in problem?["errors"]?.arrayValue ?? [] {
            let place = error["pointer"]?.stringValue ?? error["parameter"]?.stringValue ?? ""
            lines.append("\(place): \(error["message"]?.stringValue ?? error["detail"]?.stringValue ?? "")".printable)
        }
        return CommandFailure(status, lines: lines)
    }

    static func queryText(_ query: [(String, String?)]) -> String {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }
}

// MARK: Who asks

extension HostClient {
    /// Whether the address is this machine's own: read as a whole, since `127.0.0.1.example.com` and
    /// `localhost:1@example.com` only begin like one.
    static func isLoopback(_ url: String) -> Bool {
        switch (try? FetchURL(url))?.host {
        case .name(let name)?: name == "localhost"
        case .address(let address)?: IdentityDesk.isLoopback(address.description)
        case nil: false
        }
    }

    /// Whether an address leads to the host that wrote `served` beside its store, and not to whoever else on this
    /// machine may listen.
    private static func leads(_ url: String, to served: String) -> Bool {
        guard isLoopback(url), let asked = try? FetchURL(url), let served = try? FetchURL(served),
            asked.scheme == served.scheme, asked.port == served.port
        else { return false }
        if asked.host == served.host { return true }
        // A host that listens at all addresses leaves none of them to others.
        guard case .address(let one) = asked.host, case .address(let all) = served.host else { return false }
        return one.isIPv4 == all.isIPv4 && all.bytes.allSatisfy { $0 == 0 }
    }

    private func credential() async throws(CommandFailure) -> (String, String)? {
        if let token = Environment.value("BUREAU_TOKEN") { return ("Authorization", "Bearer " + token) }
        if let key = context.key { return ("X-API-Key", key) }
        if context.accessToken != nil {
            let fresh = try await renewed()
            return fresh.accessToken.map { ("Authorization", "Bearer " + $0) }
        }
        // Whoever can read the store's folder on this machine is its operator.
        let files = IdentityFiles(storeFolder: Configured.current.path(Settings.storeFolder))
        guard let served = Self.operatorLine(files.operatorAddress), Self.leads(url, to: served),
            let token = Self.operatorLine(files.operatorToken)
        else { return nil }
        return ("Authorization", "Bearer " + token)
    }

    /// One line that a host that serves keeps in its store.
    private static func operatorLine(_ path: String) -> String? {
        guard FileOwner.exposure(path) == nil, case .success(let bytes) = FilePath.read(path, maximumBytes: 4_096)
        else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        return line.isEmpty ? nil : line
    }

    /// With an access token that holds. A refresh token is used once, by one process: under the lock, what another
    /// command renewed meanwhile is taken over.
    private func renewed() async throws(CommandFailure) -> HostContext {
        guard let name, Self.isEnding(context), context.refreshToken != nil else { return context }
        do {
            return try await HostContexts.change { contexts in
                guard var stored = contexts.all[name], Self.isEnding(stored), let token = stored.refreshToken else {
                    return contexts.all[name] ?? context
                }
                let body = JSONValue.object(["refresh_token": .string(token)])
                let answer = try await exchange(
                    "POST", "/auth/refresh", (body.bytes, "application/json"), authorized: false)
                guard answer.status == 200, let json = answer.json else {
                    throw CommandFailure(.notLoggedIn, "the login to \(url) has ended: bureau login \(url)")
                }
                stored.take(json, now: SystemClock.now())
                contexts.all[name] = stored
                return stored
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.internal, "\(error)")
        }
    }

    private static func isEnding(_ context: HostContext) -> Bool {
        guard let end = context.expiresAt else { return false }
        return end - renewalSeconds <= SystemClock.now().unixMilliseconds / 1_000
    }
}

extension HostContext {
    /// What a login or a renewal answered.
    mutating func take(_ json: JSONValue, now: Instant) {
        accessToken = json["access_token"]?.stringValue
        refreshToken = json["refresh_token"]?.stringValue ?? refreshToken
        expiresAt = json["expires_in"]?.integerValue.map { now.unixMilliseconds / 1_000 + $0 }
    }
}

/// Events of a stream as they come (WHATWG HTML, server-sent events): `event`, `data` and `id`.
private struct EventLines {
    struct Event {
        var name: String
        var data: String
    }

    private(set) var position: String?
    private var rest: [UInt8] = []
    private var event = Event(name: "message", data: "")

    mutating func take(_ bytes: [UInt8]) -> [Event] {
        rest += bytes
        var events: [Event] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            var line = String(decoding: rest[..<end], as: UTF8.self)[...]
            rest.removeSubrange(...end)
            if line.hasSuffix("\r") { line = line.dropLast() }
            if line.isEmpty {
                if !event.data.isEmpty { events.append(event) }
                event = Event(name: "message", data: "")
                continue
            }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            var value = parts.count == 2 ? parts[1] : ""
            if value.hasPrefix(" ") { value = value.dropFirst() }
            switch parts[0] {
            case "event": event.name = String(value)
            case "data": event.data += (event.data.isEmpty ? "" : "\n") + value
            case "id": position = String(value)
            default: break
            }
        }
        return events
    }
}
