import Glibc
import Kernel

/// A server that somebody logged in to.
struct HostContext: Hashable, Sendable {
    var url: String
    var certificateFile: String?
    /// Who logged in, for words.
    var user: String?
    var key: String?
    var accessToken: String?
    var refreshToken: String?
    /// Unix seconds; nil: it says so itself, by being refused.
    var expiresAt: Int64?

    init(url: String, certificateFile: String? = nil) {
        self.url = url
        self.certificateFile = certificateFile
    }

    init?(_ json: JSONValue) {
        guard let url = json["url"]?.stringValue else { return nil }
        self.init(url: url, certificateFile: json["ca_file"]?.stringValue)
        user = json["user"]?.stringValue
        key = json["api_key"]?.stringValue
        accessToken = json["access_token"]?.stringValue
        refreshToken = json["refresh_token"]?.stringValue
        expiresAt = json["expires_at"]?.integerValue
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["url": .string(url)]
        members["ca_file"] = certificateFile.map { .string($0) }
        members["user"] = user.map { .string($0) }
        members["api_key"] = key.map { .string($0) }
        members["access_token"] = accessToken.map { .string($0) }
        members["refresh_token"] = refreshToken.map { .string($0) }
        members["expires_at"] = expiresAt.map { .integer($0) }
        return .object(members)
    }

    var isLoggedIn: Bool { key != nil || accessToken != nil }
}

/// `contexts.json` of the user: mode 0600, in `$XDG_CONFIG_HOME/bureau`.
struct HostContexts: Sendable {
    private static let maximumBytes = 1 << 20

    var current: String?
    var all: [String: HostContext] = [:]

    static var path: String {
        let base = Environment.value("XDG_CONFIG_HOME") ?? Environment.value("HOME").map { $0 + "/.config" } ?? "."
        return FilePath.join(FilePath.absolute(base), "bureau/contexts.json")
    }

    /// None where there is no file. One that others may read is refused: its tokens are not secret any more.
    static func read() throws(CommandFailure) -> HostContexts {
        let path = path
        guard FilePath.exists(path) else { return HostContexts() }
        if let exposure = FileOwner.exposure(path) { throw CommandFailure(.usage, "\(path) \(exposure)") }
        guard case .success(let bytes) = FilePath.read(path, maximumBytes: maximumBytes),
            let json = try? JSONParser.parse(bytes)
        else { throw CommandFailure(.badInput, "\(path) is damaged: remove it and log in again") }
        var contexts = HostContexts()
        contexts.current = json["current"]?.stringValue
        for (name, member) in json["contexts"]?.objectValue ?? [:] { contexts.all[name] = HostContext(member) }
        return contexts
    }

    func write() throws(CommandFailure) {
        let json: JSONValue = [
            "current": current.map { .string($0) } ?? .null, "contexts": .object(all.mapValues(\.json)),
        ]
        if let problem = PrivateFile.replace(Self.path, with: Array((json.serialized(pretty: true) + "\n").utf8)) {
            throw CommandFailure(.storeUnavailable, problem.text)
        }
    }

    /// Changes the file while no other command does.
    static func change<Value: Sendable>(
        _ body: (inout HostContexts) async throws -> Value
    ) async throws -> Value {
        if let problem = FilePath.makeFolder(FilePath.parent(path)) {
            throw CommandFailure(.storeUnavailable, problem.text)
        }
        return try await PrivateFile.locked(path + ".lock") {
            var contexts = try read()
            let value = try await body(&contexts)
            try contexts.write()
            return value
        }
    }

    func named(_ name: String) throws(CommandFailure) -> HostContext {
        if let context = all[name] { return context }
        let known = all.keys.sorted().joined(separator: ", ")
        throw CommandFailure(.notFound, "no context \(name); there are: \(known.isEmpty ? "none" : known)")
    }
}
