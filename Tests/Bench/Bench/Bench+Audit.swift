import CLimits
import Foundation
import Journal
import Kernel

extension Bench {
    private static let group = 256
    private static let groups = 800
    private static let proofs = 2_000
    private static let logSize: Int64 = 1_000_000

    /// Leaves as the journal appends them, each made, hashed into the tree and durable; and proofs from stored tiles.
    func audit() async throws -> [Measurement] {
        let journal = try await SQLiteJournal.open(
            folder: "\(folder)/audit", clock: { Instant(unixMilliseconds: 1_800_000_000_000) }, hostID: "bench")
        let (perSecond, p99) = try await leavesPerSecond(journal)
        let size = try await journal.read { journal throws(JournalError) in
            let leaves = try journal.auditLeaves(from: 0, limit: Self.group)
            return leaves.reduce(0) { $0 + $1.bytes.count } / max(1, leaves.count)
        }
        let mismatches = try await journal.read { journal throws(JournalError) in try journal.auditMismatches() }
        await journal.close()
        guard mismatches.isEmpty else { throw Failed(text: "the log does not hold: \(mismatches)") }
        var rawP99 = 0.0
        let raw = limit_sqlite_leaves_per_second(
            "\(folder)/leaves.sqlite", UInt32(Self.group), UInt32(size), UInt32(Self.groups), &rawP99)
        guard raw > 0 else { throw Failed(text: "SQLite alone does not write") }
        let proof = try proofMicroseconds()
        return [
            Measurement(
                name: "durable audit leaves of \(size) B, 256 a commit", value: perSecond, unit: "leaves/s",
                reference: ("raw SQLite in C, without making or hashing them", raw), bar: .atLeast(100_000)),
            Measurement(
                name: "one such commit (p99)", value: p99, unit: "ms", reference: ("raw SQLite in C", rawP99),
                bar: .atMost(5)),
            Measurement(
                name: "inclusion proof in a log of 1,000,000 leaves, from tiles on disk (p50)", value: proof.median,
                unit: "µs", reference: nil, bar: .none),
            Measurement(
                name: "the same (p99)", value: proof.percentile(0.99), unit: "µs", reference: nil,
                bar: .atMost(1_000)),
        ]
    }

    private func leavesPerSecond(_ journal: SQLiteJournal) async throws -> (perSecond: Double, p99: Double) {
        let run = RunID(unixMilliseconds: 1, random: Array(repeating: 1, count: 10)).description
        let digest = Digest.sha256([1]).hex
        var commits = Samples()
        let warm = 50
        var start = ContinuousClock.now
        for number in 0..<Self.groups + warm {
            if number == warm { start = .now }
            let began = ContinuousClock.now
            try await journal.write { transaction throws(JournalError) in
                for leaf in 0..<Self.group {
                    _ = try transaction.auditAppend(
                        type: "plugin.note",
                        fields: [
                            "run": .string(run), "note": "bench", "plugin": .string(digest),
                            "content": .string("a note of an ordinary length, such as leaves have: \(number)/\(leaf)"),
                        ])
                }
            }
            if number >= warm { commits.add(began.duration(to: .now).milliseconds) }
        }
        let seconds = start.duration(to: .now).milliseconds / 1_000
        return (Double(Self.group * Self.groups) / seconds, commits.percentile(0.99))
    }

    /// Tiles of 256 hashes as C2SP tlog-tiles has them, in one file for each level; each proof is checked.
    private func proofMicroseconds() throws -> Samples {
        let tiles = try BenchTiles(folder: "\(folder)/tiles", size: Self.logSize)
        var random = SystemRandomNumberGenerator()
        var samples = Samples()
        for _ in 0..<Self.proofs {
            let index = Int64.random(in: 0..<Self.logSize, using: &random)
            let start = ContinuousClock.now
            let proof = try MerkleTree.inclusionProof(index: index, size: Self.logSize) {
                level, number throws(Failed) in
                try tiles.root(level, number)
            }
            samples.add(start.duration(to: .now).milliseconds * 1_000)
            let isValid = MerkleTree.verifyInclusion(
                leafHash: BenchTiles.leaf(index), index: index, size: Self.logSize, proof: proof ?? [],
                root: tiles.treeRoot)
            guard isValid else { throw Failed(text: "the proof of leaf \(index) does not hold") }
        }
        return samples
    }
}

/// Hashes at the levels 0, 8 and 16, one file each.
private struct BenchTiles {
    private static let height = 8
    private static let width = 1 << height

    let treeRoot: Digest
    private let files: [FileHandle]
    private let counts: [Int64]

    static func leaf(_ index: Int64) -> Digest { MerkleTree.leafHash(Array("\(index)".utf8)) }

    init(folder: String, size: Int64) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var hashes = (0..<size).map(Self.leaf)
        treeRoot = MerkleTree.root(of: hashes)
        var files: [FileHandle] = [], counts: [Int64] = []
        while !hashes.isEmpty {
            let url = URL(fileURLWithPath: "\(folder)/\(files.count)")
            try Data(hashes.flatMap(\.bytes)).write(to: url)
            files.append(try FileHandle(forReadingFrom: url))
            counts.append(Int64(hashes.count))
            // The next level has one hash for each full tile of this one.
            hashes = (0..<hashes.count / Self.width).map { tile in
                MerkleTree.root(of: Array(hashes[tile * Self.width..<(tile + 1) * Self.width]))
            }
        }
        (self.files, self.counts) = (files, counts)
    }

    /// From the tile that has the hashes below it.
    func root(_ level: Int, _ number: Int64) throws(Bench.Failed) -> Digest {
        let file = min(level / Self.height, files.count - 1), above = level - file * Self.height
        let first = number << above, count = 1 << above
        guard first + Int64(count) <= counts[file] else { throw Bench.Failed(text: "level \(level) is not stored") }
        var bytes = [UInt8](repeating: 0, count: count * Digest.byteCount)
        let read = bytes.withUnsafeMutableBytes {
            pread(files[file].fileDescriptor, $0.baseAddress, $0.count, off_t(first) * off_t(Digest.byteCount))
        }
        guard read == bytes.count else { throw Bench.Failed(text: "a tile cannot be read") }
        return MerkleTree.root(
            of: stride(from: 0, to: bytes.count, by: Digest.byteCount).map {
                Digest(bytes: Array(bytes[$0..<$0 + Digest.byteCount]))
            })
    }
}
