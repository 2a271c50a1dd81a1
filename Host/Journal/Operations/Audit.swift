import Kernel

extension SQLReading {
    func auditSize() throws(JournalError) -> Int64 {
        try session.first(AuditSQL.size) { $0.integer() } ?? 0
    }

    func auditLeaves(from index: Int64, limit: Int) throws(JournalError) -> [AuditLeaf] {
        try session.rows(AuditSQL.leaves, [.integer(index), .int(max(0, limit))]) { row in
            let index = row.integer(), hash = row.digest()
            return AuditLeaf(index: index, bytes: row.blob(), hash: hash)
        }
    }

    func auditCheckpoints(after size: Int64, limit: Int) throws(JournalError) -> [AuditCheckpoint] {
        try session.rows(AuditSQL.checkpoints, [.integer(size), .int(max(0, limit))]) { AuditCheckpoint(&$0) }
    }

    func latestAuditCheckpoint() throws(JournalError) -> AuditCheckpoint? {
        try session.first(AuditSQL.latestCheckpoint) { AuditCheckpoint(&$0) }
    }
}

extension SQLTransaction {
    func auditAppend(type: String, fields: [String: JSONValue]) throws(JournalError) -> Int64 {
        guard !AuditSubject.ownTypes.contains(type) else {
            throw JournalError(.invalid, "leaves of type \(type) are written by the journal's own operations")
        }
        let place: Set = ["seq", "ts", "type"]
        return try append(LeafContent(type, fields: fields.filter { !place.contains($0.key) }))
    }

    func appendLeaf(_ leaf: LeafContent) throws(JournalError) { _ = try append(leaf) }

    private func append(_ leaf: LeafContent) throws(JournalError) -> Int64 {
        let index = chain.frontier.size
        let bytes: [UInt8]
        do throws(CanonicalError) {
            bytes = try leaf.bytes(index: index, timestamp: timestamp)
        } catch {
            throw JournalError(.invalid, "an audit leaf of type \(leaf.type) does not fit its profile: \(error)")
        }
        let hash = MerkleTree.leafHash(bytes)
        // A trigger that somebody added could swallow the row, and nothing else would notice before the next start.
        guard try session.execute(AuditSQL.append, [.integer(index), .digest(hash), .blob(bytes)]) == 1 else {
            throw JournalError(.storage, "the store did not take audit leaf \(index): inspect its triggers")
        }
        savepoint.chain.frontier.append(hash)
        return index
    }
}

extension AuditCheckpoint {
    init(_ row: inout SQLRow) {
        self.init(size: row.integer(), root: row.digest(), at: row.instant())
    }
}
