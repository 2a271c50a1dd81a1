import Audit
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// Each single bit of what a log of 300 entries stores: leaves with their places and hashes, checkpoints, frontier.
@Suite("Single bits of a log of 300 entries")
struct BitFlipTests {
    private static let entries = 300
    private static let at = Instant(unixMilliseconds: 1_800_000_000_000)

    /// Of a change that is undone at once, whatever a constraint says.
    private static let fast = "PRAGMA synchronous=OFF; PRAGMA ignore_check_constraints=ON;"

    private func open(_ folder: String) async throws -> SQLiteJournal {
        try await SQLiteJournal.open(folder: folder, clock: { Self.at }, hostID: "test")
    }

    /// Two commits.
    private func log(_ folder: String) async throws -> [AuditLeaf] {
        let journal = try await open(folder)
        for half in [0..<100, 100..<Self.entries] {
            try await journal.write { journal throws(JournalError) in
                for number in half {
                    _ = try journal.auditAppend(type: "plugin.note", fields: ["note": .integer(Int64(number))])
                }
            }
        }
        let leaves = try await journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 1_000)
        }
        await journal.close()
        #expect(leaves.count == Self.entries)
        return leaves
    }

    @Test("each bit of each leaf's bytes, hash and place: found, and the leaf is named")
    func leaves() async throws {
        let folder = try Scratch()
        let leaves = try await log(folder.path)
        // As the verifier stands before each leaf: what it says of one does not hang on those after it.
        var before = AuditVerification(outside: nil)
        var flips = 0
        for leaf in leaves {
            for bit in 0..<8 * (leaf.bytes.count + Digest.byteCount + 8) {
                let flipped = Self.flip(leaf, bit)
                var verification = before
                verification.read(flipped)
                flips += 1
                let isNamed = verification.report.problems.contains {
                    $0.leaf == leaf.index || $0.leaf == flipped.index
                }
                if !isNamed { Issue.record("bit \(bit) of leaf \(leaf.index) is not found") }
            }
            before.read(leaf)
        }
        #expect(before.report.isSound)
        #expect(flips > Self.entries * 8 * 80)
    }

    /// Bytes, then hash, then place.
    private static func flip(_ leaf: AuditLeaf, _ bit: Int) -> AuditLeaf {
        var bytes = leaf.bytes, hash = leaf.hash.bytes
        let place = bit / 8, mask = UInt8(1) << (bit % 8)
        if place < bytes.count {
            bytes[place] ^= mask
        } else if place < bytes.count + hash.count {
            hash[place - bytes.count] ^= mask
        } else {
            let index = leaf.index ^ (1 << (bit - 8 * (bytes.count + hash.count)))
            return AuditLeaf(index: index, bytes: bytes, hash: leaf.hash)
        }
        return AuditLeaf(index: leaf.index, bytes: bytes, hash: Digest(bytes: hash))
    }

    @Test("each bit of each checkpoint's size, root and time, and of the frontier, in the database itself")
    func ends() async throws {
        let folder = try Scratch()
        _ = try await log(folder.path)
        let (checkpoints, frontier) = try await stored(folder.path)
        var statements: [(sql: String, undo: String)] = []
        for checkpoint in checkpoints {
            let row = Self.row(checkpoint.size, checkpoint.root.bytes, checkpoint.at.unixMilliseconds)
            for bit in 0..<64 {
                let (size, at) = (checkpoint.size ^ (1 << bit), checkpoint.at.unixMilliseconds ^ (1 << bit))
                statements.append(
                    (
                        Self.change(
                            checkpoint.size,
                            Self.row(
                                size, checkpoint.root.bytes,
                                checkpoint.at.unixMilliseconds)), Self.change(size, row)
                    ))
                statements.append(
                    (
                        Self.change(checkpoint.size, Self.row(checkpoint.size, checkpoint.root.bytes, at)),
                        Self.change(checkpoint.size, row)
                    ))
            }
            for bit in 0..<8 * Digest.byteCount {
                var root = checkpoint.root.bytes
                root[bit / 8] ^= 1 << (bit % 8)
                statements.append(
                    (
                        Self.change(
                            checkpoint.size,
                            Self.row(
                                checkpoint.size, root,
                                checkpoint.at.unixMilliseconds)), Self.change(checkpoint.size, row)
                    ))
            }
        }
        for bit in 0..<8 * frontier.count {
            var bytes = frontier
            bytes[bit / 8] ^= 1 << (bit % 8)
            statements.append((Self.frontier(bytes), Self.frontier(frontier)))
        }
        for (sql, undo) in statements {
            try Tampering.execute(Self.fast + "\(sql)", in: folder.path)
            if try await isSound(folder.path) { Issue.record("not found: \(sql)") }
            try Tampering.execute(Self.fast + "\(undo)", in: folder.path)
        }
        #expect(try await isSound(folder.path), "each change was undone")
        #expect(statements.count == checkpoints.count * (2 * 64 + 256) + 8 * frontier.count)
    }

    private static func row(_ size: Int64, _ root: [UInt8], _ at: Int64) -> String {
        "size = \(size), root = X'\(Hex.encode(root))', at_ms = \(at)"
    }

    private static func change(_ size: Int64, _ row: String) -> String {
        "UPDATE audit_checkpoint SET \(row) WHERE size = \(size)"
    }

    private static func frontier(_ bytes: [UInt8]) -> String {
        "UPDATE audit_frontier SET frontier = X'\(Hex.encode(bytes))'"
    }

    private func stored(_ folder: String) async throws -> (checkpoints: [AuditCheckpoint], frontier: [UInt8]) {
        let reader = try await SQLiteJournal.openReadOnly(folder: folder, clock: { Self.at })
        let (leaves, checkpoints) = try await reader.read { journal throws(JournalError) in
            (try journal.auditLeaves(from: 0, limit: 1_000), try journal.auditCheckpoints(after: 0, limit: 10))
        }
        await reader.close()
        var frontier = MerkleFrontier()
        for leaf in leaves { frontier.append(leaf.hash) }
        return (checkpoints, frontier.encoded)
    }

    /// A store that cannot even be read is not.
    private func isSound(_ folder: String) async throws -> Bool {
        let reader = try await SQLiteJournal.openReadOnly(folder: folder, clock: { Self.at })
        let report = try? await AuditVerifier.verify(reader, outside: nil)
        await reader.close()
        return report?.isSound ?? false
    }
}
