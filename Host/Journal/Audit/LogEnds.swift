import Kernel

/// What the writer keeps beside the leaves, computed again from them: the tree's frontier, which the next host goes on
/// from, and the times of the checkpoints. (Their roots are the verifier's, in `Audit`.)
struct LogEnds {
    typealias Fault = (row: String, text: String)

    private static let page = 1_024

    private let reading: SQLReading
    private var frontier = MerkleFrontier()
    private var checkpoints: [AuditCheckpoint] = []
    private var next = 0
    private var position: Int64 = -1
    private var isExhausted = false

    init(reading: SQLReading) { self.reading = reading }

    /// A checkpoint is of the moment of its last leaf: one commit wrote both.
    mutating func read(_ leaf: AuditLeaf) throws(JournalError) -> [Fault] {
        frontier.append(MerkleTree.leafHash(leaf.bytes))
        var faults: [Fault] = []
        while let checkpoint = try checkpoint(), checkpoint.size <= leaf.index + 1 {
            next += 1
            guard checkpoint.size == leaf.index + 1 else { continue }
            let said = (try? CanonicalJSON.decode(leaf.bytes))?["ts"]?.stringValue
            if let said, Instant(timestamp: said) != checkpoint.at {
                faults.append(("checkpoint of size \(checkpoint.size)", "it is not of the time of its last leaf"))
            }
        }
        return faults
    }

    func finish() throws(JournalError) -> [Fault] {
        let stored = try reading.session.first(AuditSQL.frontier) { $0.blob() }
        guard let stored else { return frontier.size == 0 ? [] : [("the log's frontier", "the row is gone")] }
        return stored == frontier.encoded ? [] : [("the log's frontier", "it is not that of the leaves")]
    }

    /// The first that was not passed yet.
    private mutating func checkpoint() throws(JournalError) -> AuditCheckpoint? {
        if next == checkpoints.count, !isExhausted {
            checkpoints = try reading.auditCheckpoints(after: position, limit: Self.page)
            next = 0
            position = checkpoints.last?.size ?? position
            isExhausted = checkpoints.isEmpty
        }
        return next < checkpoints.count ? checkpoints[next] : nil
    }
}
