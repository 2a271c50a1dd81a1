import Audit
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// A store that was served for a while, and everything that stood beside it on the way.
final class Scene: Sendable {
    static let origin = SampleStore.origin
    static let now: @Sendable () -> Instant = { Instant(unixMilliseconds: 1_800_000_000_000) }

    let scratch: Scratch
    let outside: CheckpointNote
    let backup: String
    let key: BackupKey

    /// Two runs; a copy is kept; two more, a backup, and one that moved to the archive.
    init() async throws {
        scratch = try Scratch()
        let store = scratch.folder("store")
        var journal = try await SampleStore.open(store)
        for number in 0..<2 { try await SampleStore.addRun(journal, number: UInt8(number), salt: "") }
        await journal.close()
        try FileManager.default.copyItem(atPath: store, toPath: scratch.folder("older"))
        journal = try await SampleStore.open(store)
        for number in 2..<4 { try await SampleStore.addRun(journal, number: UInt8(number), salt: "") }
        key = try #require(BackupKey(String(repeating: "a1", count: 32)))
        try FileManager.default.createDirectory(atPath: scratch.folder("backups"), withIntermediateDirectories: true)
        backup = try await SQLiteJournal.backup(
            folder: store, to: scratch.folder("backups"), key: key, clock: Self.now
        ).path
        try await journal.write { journal throws(JournalError) in
            try journal.retentionSet(.runs, days: 1, by: "ana")
        }
        await journal.close()
        let later = try await SQLiteJournal.open(
            folder: store, clock: { Instant(unixMilliseconds: 1_800_500_000_000) }, hostID: "later")
        _ = try await later.retain()
        try await SampleStore.addRun(later, number: 9, salt: "")
        let newest = try await later.read { journal throws(JournalError) in try journal.latestAuditCheckpoint() }
        await later.close()
        outside = try #require(
            newest.flatMap { CheckpointNote(origin: Self.origin, size: $0.size, root: $0.root) })
    }

    /// A copy of all of it, to be spoiled.
    init(copying other: Scene) throws {
        scratch = try Scratch()
        for name in ["store", "older", "backups"] {
            try FileManager.default.copyItem(
                atPath: other.scratch.folder(name), toPath: scratch.folder(name))
        }
        outside = other.outside
        backup = scratch.folder("backups") + "/" + URL(fileURLWithPath: other.backup).lastPathComponent
        key = other.key
    }

    var store: String { scratch.folder("store") }
    var older: String { scratch.folder("older") }

    // MARK: Looking

    func verify() async throws -> AuditReport {
        let journal = try await SQLiteJournal.openReadOnly(folder: store, clock: Self.now)
        do {
            let report = try await AuditVerifier.verify(journal, outside: outside)
            await journal.close()
            return report
        } catch {
            await journal.close()
            throw error
        }
    }

    func log() async throws -> (leaves: [AuditLeaf], checkpoints: [AuditCheckpoint]) {
        let journal = try await SQLiteJournal.openReadOnly(folder: store, clock: Self.now)
        let log = try await journal.read { journal throws(JournalError) in
            (
                try journal.auditLeaves(from: 0, limit: 10_000), try journal.auditCheckpoints(after: 0, limit: 10_000)
            )
        }
        await journal.close()
        return log
    }

    // MARK: Spoiling

    func sql(_ statement: String) throws { try Tampering.execute(statement, in: store) }

    /// Without taking the guards away first.
    func plain(_ statement: String) throws { try Tampering.execute(statement, in: store, guarded: true) }

    /// Rewrites the log as somebody would who knows how it is made.
    ///
    /// - Parameters:
    ///   - change: makes other leaves of those that are there.
    ///   - renumbers: the leaves say their new places.
    ///   - tree: also the checkpoints' roots.
    ///   - frontier: also what the next host goes on from.
    func rewrite(
        renumbers: Bool = true, tree: Bool = true, frontier: Bool = true, _ change: (inout [JSONValue]) -> Void
    ) async throws {
        let (leaves, checkpoints) = try await log()
        var documents = try leaves.map { try JSONParser.parse($0.bytes) }
        change(&documents)
        var statements = ["DELETE FROM audit_leaf"]
        var hashes: [Digest] = []
        for (index, document) in documents.enumerated() {
            var members = document.objectValue ?? [:]
            if renumbers { members["seq"] = .integer(Int64(index)) }
            let bytes = try CanonicalJSON.encode(.object(members)), hash = MerkleTree.leafHash(bytes)
            hashes.append(hash)
            statements.append("INSERT INTO audit_leaf VALUES (\(index), X'\(hash.hex)', X'\(Hex.encode(bytes))')")
        }
        if tree {
            for checkpoint in checkpoints {
                let isLast = checkpoint.size == checkpoints.last?.size
                let size = isLast ? hashes.count : min(Int(checkpoint.size), hashes.count - 1)
                let root = MerkleTree.root(of: Array(hashes.prefix(size)))
                statements.append(
                    "UPDATE OR REPLACE audit_checkpoint SET size = \(size), root = X'\(root.hex)' "
                        + "WHERE size = \(checkpoint.size)")
            }
        }
        if frontier {
            var edge = MerkleFrontier()
            for hash in hashes { edge.append(hash) }
            statements.append("UPDATE audit_frontier SET frontier = X'\(Hex.encode(edge.encoded))'")
        }
        try sql(statements.joined(separator: ";"))
    }

    /// Puts the older copy's rows of these tables in the place of the store's.
    func takeBack(_ tables: [String]) throws {
        let swaps = tables.map { "DELETE FROM main.\($0); INSERT INTO main.\($0) SELECT * FROM older.\($0);" }
        try sql("ATTACH '\(older)/journal.sqlite' AS older;" + swaps.joined())
    }

    func edit(_ path: String, _ body: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        body(&data)
        try data.write(to: URL(fileURLWithPath: path))
    }

    var archiveFile: String {
        get throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: store + "/archive")
            return store + "/archive/" + (try #require(names.first { $0.hasSuffix(".sqlite") }))
        }
    }
}

/// One way to deceive, and how it comes out.
struct Manipulation: Sendable, CustomTestStringConvertible {
    /// Who finds it.
    enum Finder: Sendable {
        /// `bureau audit verify` names the leaf, where there is one, in a problem with these words.
        case verify(_ words: String, leaf: Int64? = nil)
        /// `bureau db check` finds it in this check.
        case check(_ name: String, _ words: String)
        /// The store is not opened by a host.
        case opening(_ words: String)
        /// A host opens it, and nothing that it writes is acknowledged.
        case writing(_ words: String)
        /// `bureau db backup` and `restore` refuse the file.
        case backup(_ words: String)
        /// What the archive gives out is not what the log says.
        case archive(_ words: String)
    }

    let name: String
    let finder: Finder
    let act: @Sendable (Scene) async throws -> Void

    init(_ name: String, _ finder: Finder, _ act: @escaping @Sendable (Scene) async throws -> Void) {
        (self.name, self.finder, self.act) = (name, finder, act)
    }

    /// One statement.
    init(_ name: String, _ finder: Finder, sql: String) {
        self.init(name, finder) { try $0.sql(sql) }
    }

    var testDescription: String { name }
}
