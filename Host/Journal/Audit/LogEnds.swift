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

    init(reading: SQLReading) { self.reading = reading }

    /// A checkpoint is of the moment of its last leaf: one commit wrote both.
    mutating func read(_ leaf: AuditLeaf) throws(JournalError) -> [Fault] {
        frontier.append(MerkleTree.leafHash(leaf.bytes))
        var faults: [Fault] = []
        while let checkpoint = try checkpoint(), checkpoint.size <= leaf.index + 1 {
            next += 1
            let said = (try? CanonicalJSON.decode(leaf.bytes))?["ts"]?.stringValue
            if checkpoint.size == leaf.index + 1, let said, said != checkpoint.at.timestamp {
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
        if next == checkpoints.count {
            checkpoints = try reading.auditCheckpoints(after: position, limit: Self.page)
            next = 0
            position = checkpoints.last?.size ?? position
        }
        return next < checkpoints.count ? checkpoints[next] : nil
    }
}
