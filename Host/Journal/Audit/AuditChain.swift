import Kernel

/// The audit log's tip as the writer carries it from group to group.
struct AuditChain: Hashable, Sendable {
    var frontier: MerkleFrontier

    /// Reads the tip, and refuses to go on from one that the leaves or the newest checkpoint contradict: appending
    /// would bury the evidence.
    init(stored reading: SQLReading) throws(JournalError) {
        let bytes = try reading.session.first(AuditSQL.frontier) { $0.blob() }
        guard let frontier = bytes.map(MerkleFrontier.init(decoding:)) ?? MerkleFrontier() else {
            throw Self.refusal("its frontier is unreadable")
        }
        let size = try reading.auditSize(), checkpoint = try reading.latestAuditCheckpoint()
        guard frontier.size == size else {
            throw Self.refusal("its frontier covers \(frontier.size) leaves, the log holds \(size)")
        }
        guard checkpoint?.size ?? 0 == size, checkpoint?.root ?? MerkleTree.emptyRoot == frontier.root else {
            throw Self.refusal("its newest checkpoint does not cover its \(size) leaves")
        }
        self.frontier = frontier
    }

    private static func refusal(_ reason: String) -> JournalError {
        JournalError(.storage, "the audit log was altered outside the host: \(reason); inspect the store read-only")
    }
}

/// The events of one group, covered by one leaf: their number and a digest over all they say.
struct EventBatch: Hashable, Sendable {
    let first: Int64
    private(set) var count: Int64 = 0
    private var rows = Encoding()

    init(first: Int64) { self.first = first }

    mutating func append(position: Int64, at: Instant, topic: String, run: RunID, root: RunID, body: String) {
        count += 1
        rows.add(position)
        rows.add(at.unixMilliseconds)
        rows.add(topic)
        rows.add(run.bytes)
        rows.add(root.bytes)
        rows.add(body)
    }

    var leaf: LeafContent {
        LeafContent(
            "event.appended",
            [
                "first": AuditLeaves.number(first), "count": AuditLeaves.number(count),
                "digest": .string(rows.digest.hex),
            ])
    }
}

/// An unambiguous encoding of some values, to be hashed: each is prefixed with its length.
struct Encoding: Hashable, Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ number: Int64) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ optional: Int64?) {
        bytes.append(optional == nil ? 0 : 1)
        if let optional { add(optional) }
    }

    mutating func add(_ content: some Collection<UInt8>) {
        add(Int64(content.count))
        bytes.append(contentsOf: content)
    }

    mutating func add(_ text: String) { add(text.utf8) }

    var digest: Digest { Digest.sha256(bytes) }
}
