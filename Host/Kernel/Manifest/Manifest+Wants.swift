extension Manifest.Wants {
    private static let members: Set<String> = Set(Permissions.List.allCases.map(\.rawValue)).union(
        ["state_bytes", "concurrency", "memory_bytes", "cpu_seconds"])
    private static let stateBytes = 1...(64 << 30)
    private static let concurrency = 1...10_000
    private static let memoryBytes = (16 << 20)...(1 << 40)
    private static let cpuSeconds = 1...(7 * 86_400)

    /// A wish that this host does not know is refused: a plugin must not run with less than it asked for, unseen.
    init(reader: ManifestReader) throws(ManifestError) {
        if let unknown = reader.members.keys.filter({ !Self.members.contains($0) }).min() {
            let known = Self.members.sorted().joined(separator: ", ")
            throw reader.failure(unknown, "is nothing that can be asked for; there are: \(known)")
        }
        self.init(
            models: try Self.patterns(reader, "models"), tools: try Self.patterns(reader, "tools"),
            hosts: try Self.hosts(reader), departments: try Self.patterns(reader, "departments"),
            stateBytes: try reader.optionalInteger("state_bytes", in: Self.stateBytes).map(Int64.init),
            concurrency: try reader.optionalInteger("concurrency", in: Self.concurrency),
            memoryBytes: try reader.optionalInteger("memory_bytes", in: Self.memoryBytes).map(Int64.init),
            cpuSeconds: try reader.optionalInteger("cpu_seconds", in: Self.cpuSeconds))
    }

    /// From the form of ``json``, as a request or the store holds it.
    package init(json: JSONValue) throws(ManifestError) {
        try self.init(reader: ManifestReader(json, at: JSONPointer()))
    }

    private static func patterns(_ reader: ManifestReader, _ key: String) throws(ManifestError) -> [String] {
        let patterns = try reader.strings(key)
        for (index, pattern) in patterns.enumerated() {
            let isPlain = pattern.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
            guard isPlain, !pattern.dropLast().contains("*") else {
                throw ManifestError(
                    reader.pointer.appending(key).appending(index),
                    "must be a name, or the start of names with * at its end")
            }
        }
        return patterns
    }

    private static func hosts(_ reader: ManifestReader) throws(ManifestError) -> [String] {
        let hosts = try reader.strings("hosts")
        for (index, host) in hosts.enumerated() {
            do {
                _ = try HostPattern(host)
            } catch {
                throw ManifestError(reader.pointer.appending("hosts").appending(index), "is refused: \(error)")
            }
        }
        return hosts
    }
}

// MARK: - What is asked

extension Manifest.Wants {
    package subscript(list: Permissions.List) -> [String] {
        get {
            switch list {
            case .models: models
            case .tools: tools
            case .hosts: hosts
            case .departments: departments
            }
        }
        set {
            switch list {
            case .models: models = newValue
            case .tools: tools = newValue
            case .hosts: hosts = newValue
            case .departments: departments = newValue
            }
        }
    }

    /// Lists in order and without repetition, limits that are named: the same wishes give the same bytes.
    package var json: JSONValue {
        var members: [String: JSONValue] = [:]
        for list in Permissions.List.allCases {
            members[list.rawValue] = .array(Set(self[list]).sorted().map { .string($0) })
        }
        members["state_bytes"] = stateBytes.map { .integer($0) }
        members["concurrency"] = concurrency.map { .integer(Int64($0)) }
        members["memory_bytes"] = memoryBytes.map { .integer($0) }
        members["cpu_seconds"] = cpuSeconds.map { .integer(Int64($0)) }
        return .object(members)
    }

    /// Names these wishes: what the operator saw is what is granted.
    package var digest: Digest { Digest.sha256(json.bytes) }

    /// Nothing of this costs money, reaches outside, or holds more than the host's defaults: no decision is needed.
    package func isHarmless(readOnlyTools: Set<String>) -> Bool {
        models.isEmpty && hosts.isEmpty && departments.isEmpty && tools.allSatisfy(readOnlyTools.contains)
            && (stateBytes ?? 0) <= Permissions.defaultStateBytes && memoryBytes == nil && cpuSeconds == nil
    }

    /// What `newer` asks for and these wishes do not cover.
    package func extra(in newer: Manifest.Wants) -> Manifest.Wants {
        var extra = Manifest.Wants()
        for list in Permissions.List.allCases {
            extra[list] = newer[list].filter { wish in !self[list].contains { Self.covers($0, wish, list) } }
        }
        extra.stateBytes = Self.more(newer.stateBytes, than: stateBytes, default: Permissions.defaultStateBytes)
        // Without a number all the host allows was asked for already.
        extra.concurrency = concurrency.flatMap { Self.more(newer.concurrency, than: $0) }
        extra.memoryBytes = Self.more(newer.memoryBytes, than: memoryBytes)
        extra.cpuSeconds = Self.more(newer.cpuSeconds, than: cpuSeconds)
        return extra
    }

    package var isEmpty: Bool { self == Manifest.Wants() }

    /// Where the host's default is not known here, any number may be more.
    private static func more<Number: Comparable>(
        _ newer: Number?, than older: Number?, default standard: Number? = nil
    ) -> Number? {
        guard let newer, let base = older ?? standard else { return newer }
        return newer > base ? newer : nil
    }

    private static func covers(_ older: String, _ newer: String, _ list: Permissions.List) -> Bool {
        guard list == .hosts else {
            return older.utf8.elementsEqual(newer.utf8)
                || (older.hasSuffix("*") && newer.utf8.starts(with: older.utf8.dropLast()))
        }
        guard let older = try? HostPattern(older), let newer = try? HostPattern(newer) else { return false }
        return older.covers(newer)
    }

    /// Names are compared by their bytes.
    static func matches(_ name: String, _ patterns: [String]) -> Bool {
        patterns.contains { pattern in
            pattern.utf8.elementsEqual(name.utf8)
                || (pattern.hasSuffix("*") && name.utf8.starts(with: pattern.utf8.dropLast()))
        }
    }
}
