package import Journal
import Kernel

/// One verification: a pass over leaves and checkpoints in step. Holds the frontier, never the log.
package struct AuditVerification: Sendable {
    private static let page = 1_024

    private let outside: CheckpointNote?
    private var frontier = MerkleFrontier()
    /// False once leaves are missing in between: roots after that mean nothing.
    private var isContiguous = true
    private var nextIndex: Int64 = 0
    /// False when an index has no successor: other readers of such a log cannot go past it.
    private(set) var isReadable = true
    private var checkpointCount = 0
    private var lastSoundSize: Int64 = 0
    private var firstBrokenCheckpoint: AuditCheckpoint?
    private var lastCheckpoint: AuditCheckpoint?
    private var problems = [AuditProblem]()

    package init(outside: CheckpointNote?) { self.outside = outside }

    package var report: AuditReport {
        AuditReport(
            size: nextIndex, root: isContiguous ? frontier.root : nil, checkpointCount: checkpointCount,
            isAnchored: outside != nil, problems: problems)
    }

    mutating func add(_ mismatch: AuditMismatch) { add(mismatch.leaf, "\(mismatch.row): \(mismatch.text)") }

    mutating func readLog(_ reading: any JournalReading) throws(JournalError) {
        var checkpoints = CheckpointPages(reading: reading)
        try compareRoots(&checkpoints)
        // From the very bottom, so that rows with impossible indices are seen too.
        var position = Int64.min
        while isReadable {
            let leaves = try reading.auditLeaves(from: position, limit: Self.page)
            guard let last = leaves.last?.index else { break }
            for leaf in leaves {
                read(leaf)
                try compareRoots(&checkpoints)
            }
            isReadable = last < Int64.max
            position = isReadable ? last + 1 : last
        }
        // Checkpoints beyond the last leaf.
        while let checkpoint = try checkpoints.next(upTo: .max) { lastCheckpoint = checkpoint }
        compareEnds()
    }

    /// The leaf that follows in the log, by itself: its place, its hash and its form.
    package mutating func read(_ leaf: AuditLeaf) {
        guard (0..<Int64.max).contains(leaf.index) else {
            return add(leaf.index, "a log has no such place: it was added outside the host")
        }
        if leaf.index != nextIndex {
            let missing =
                nextIndex == leaf.index - 1 ? "it is missing" : "it and all up to \(leaf.index - 1) are missing"
            add(nextIndex, missing)
            isContiguous = false
        }
        nextIndex = leaf.index + 1
        let hash = MerkleTree.leafHash(leaf.bytes)
        if hash != leaf.hash { add(leaf.index, "its bytes do not have the hash that is stored with it") }
        frontier.append(hash)
        lint(leaf)
    }

    /// Every leaf is written in canonical form and says its own index.
    private mutating func lint(_ leaf: AuditLeaf) {
        do {
            let fields = try CanonicalJSON.decode(leaf.bytes)
            guard let sequence = fields["seq"]?.integerValue, fields["type"]?.stringValue != nil,
                fields["ts"]?.stringValue != nil
            else { return add(leaf.index, "it does not say its seq, ts and type") }
            if sequence != leaf.index { add(leaf.index, "it says that it is leaf \(sequence): leaves were moved") }
        } catch {
            add(leaf.index, "it is not canonical: \(error)")
        }
    }

    private mutating func compareRoots(_ checkpoints: inout CheckpointPages) throws(JournalError) {
        if let outside, outside.size == nextIndex, isContiguous, outside.root != frontier.root {
            add(nil, "the first \(outside.size) leaves are not those of the checkpoint kept outside the store")
        }
        while let checkpoint = try checkpoints.next(upTo: nextIndex) {
            lastCheckpoint = checkpoint
            guard isContiguous, firstBrokenCheckpoint == nil else { continue }
            if checkpoint.size == nextIndex, checkpoint.root == frontier.root {
                checkpointCount += 1
                lastSoundSize = checkpoint.size
            } else {
                firstBrokenCheckpoint = checkpoint
                add(
                    nil,
                    "the checkpoint of size \(checkpoint.size) has another root: "
                        + "a leaf from \(lastSoundSize) to \(checkpoint.size - 1) was altered, or the checkpoint was")
            }
        }
    }

    /// The log must end where its newest checkpoint does, and not before the one outside.
    private mutating func compareEnds() {
        let covered = lastCheckpoint?.size ?? 0
        if covered > nextIndex {
            add(
                nil,
                "the newest checkpoint covers \(covered) leaves, the log has \(nextIndex): "
                    + "leaves \(nextIndex) to \(covered - 1) were removed from its end")
        } else if covered < nextIndex {
            add(
                nil,
                "the newest checkpoint covers \(covered) leaves, the log has \(nextIndex): "
                    + "checkpoints were removed, or leaves added outside the host")
        }
        if let outside, outside.size > nextIndex {
            add(
                nil,
                "the checkpoint kept outside the store covers \(outside.size) leaves, the log has \(nextIndex): "
                    + "the store was rolled back or truncated")
        }
    }

    private mutating func add(_ leaf: Int64?, _ message: String) {
        guard problems.count < AuditReport.maximumProblems else { return }
        problems.append(AuditProblem(leaf: leaf, message))
    }
}

/// Reads checkpoints in order of size, a page at a time.
private struct CheckpointPages {
    private static let page = 1_024

    let reading: any JournalReading
    private var waiting = [AuditCheckpoint]()[...]
    // From the very bottom, so that impossible sizes are seen too.
    private var position = Int64.min
    private var isExhausted = false

    init(reading: any JournalReading) { self.reading = reading }

    /// The next one, unless it is larger than `size`.
    mutating func next(upTo size: Int64) throws(JournalError) -> AuditCheckpoint? {
        if waiting.isEmpty, !isExhausted {
            waiting = try reading.auditCheckpoints(after: position, limit: Self.page)[...]
            isExhausted = waiting.isEmpty
            position = waiting.last?.size ?? position
        }
        guard let first = waiting.first, first.size <= size else { return nil }
        return waiting.removeFirst()
    }
}
