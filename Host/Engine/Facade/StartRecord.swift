import Audit
import Gateway
import HostTools
import Journal
import Kernel
import Placement

/// What a host says of itself as it starts: who started it, with which settings, and which plugins serve.
struct StartRecord: Sendable {
    let settings: HostSettings
    let prices: Digest
    let departments: [(name: String, entry: DepartmentEntry)]

    /// One leaf for the host and one for each department, in one commit.
    func write(to journal: any JournalStore) async throws(EngineError) {
        let leaves = [("host.started", start)] + departments.map { ("department.serving", Self.serving($0, $1)) }
        do {
            try await journal.write { transaction throws(JournalError) in
                for (type, fields) in leaves { _ = try transaction.auditAppend(type: type, fields: fields) }
            }
        } catch {
            throw EngineError(error)
        }
    }

    private var start: [String: JSONValue] {
        var fields: [String: JSONValue] = [
            "version": .leafText(HostVersion.current), "by": .leafText(settings.startedBy),
            "isolation": .string(settings.placements.minimumIsolation.name), "prices": .string(prices.hex),
            "settings": .string(Digest.sha256(general.bytes).hex), "serves": .bool(settings.servesEvents),
        ]
        for (file, digest) in settings.files { fields[file.rawValue] = .string(digest.hex) }
        if let keys = try? settings.vault?.fingerprints(), !keys.isEmpty {
            fields["keys"] = .string(KeyWatch.digest(of: keys).hex)
        }
        return fields
    }

    /// What is set on the command line, for its digest.
    private var general: JSONValue {
        [
            "placement": .string(settings.placement.general.rawValue),
            "departments": .object(settings.placement.departments.mapValues { .string($0.rawValue) }),
            "maximum_active_runs": .integer(Int64(settings.maximumActiveRuns)),
            "default_timeout_seconds": .integer(Int64(settings.defaultTimeoutSeconds)),
            "tools": .array(settings.tools.map(\.name).sorted().map { .string($0) }),
            "providers": .array(settings.providers.map(\.name).map { .string($0) }),
            "plain_hosts": .array(settings.fetches.plainHosts.map { "\($0)" }.sorted().map { .string($0) }),
            "private_hosts": .array(settings.fetches.privateHosts.map { "\($0)" }.sorted().map { .string($0) }),
        ]
    }

    private static func serving(_ name: String, _ entry: DepartmentEntry) -> [String: JSONValue] {
        let generation = entry.current, plugin = generation.descriptor
        return [
            "department": .leafText(name), "plugin": .leafText(plugin.id), "version": .leafText(plugin.version),
            "digest": .string(plugin.digest.hex), "generation": .integer(Int64(generation.number)),
            "placement": .leafText(entry.placement.rawValue),
        ]
    }
}

/// Sees that providers' keys were set or removed while the host serves: the command that does it cannot write to the
/// store that the host has open.
struct KeyWatch: Sendable {
    private let vault: KeyVault?
    private var known: [String: Digest]

    init(_ vault: KeyVault?) {
        self.vault = vault
        known = (try? vault?.fingerprints()) ?? [:]
    }

    static func digest(of keys: [String: Digest]) -> Digest {
        Digest.sha256(keys.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.hex)\n" }.joined().utf8)
    }

    /// What cannot be read or written now is told at the next look.
    mutating func look(_ journal: any JournalStore) async {
        guard let vault, let found = try? vault.fingerprints(), found != known else { return }
        let set = found.filter { known[$0.key] != $0.value }
        let removed = known.keys.filter { found[$0] == nil }
        do {
            try await journal.write { transaction throws(JournalError) in
                for (name, entry) in set.sorted(by: { $0.key < $1.key }) {
                    try transaction.audit(keySet: name, entry: entry, by: nil)
                }
                for name in removed.sorted() { try transaction.audit(keyRemoved: name, by: nil) }
            }
        } catch { return }
        known = found
    }
}
