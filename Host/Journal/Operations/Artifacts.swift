import Kernel

extension SQLReading {
    func artifact(_ digest: Digest) throws(JournalError) -> ArtifactContent? {
        try session.first(ArtifactSQL.content, [.digest(digest)]) { row in
            ArtifactContent(bytes: row.blob(), mediaType: row.text())
        }
    }

    func artifacts(of run: RunID) throws(JournalError) -> [ArtifactRecord] {
        try session.rows(ArtifactSQL.ofTree, [.run(run)]) { ArtifactRow(&$0).record }
    }
}

extension SQLTransaction {
    func artifactPut(
        _ bytes: [UInt8], name: String, mediaType: String, run: RunID
    ) throws(JournalError) -> Digest {
        guard let number = try self.run(run)?.number else {
            throw JournalError(.notFound, "there is no run \(run)")
        }
        let digest = Digest.sha256(bytes)
        try session.execute(ArtifactSQL.insertContent, [.digest(digest), .blob(bytes)])
        try session.execute(ArtifactSQL.remove, [.integer(number), .text(name)])
        let arguments: [SQLValue] = [
            .integer(number), .text(name), .text(mediaType), .digest(digest), .int(bytes.count), .instant(now),
        ]
        guard let artifact = try session.first(ArtifactSQL.insert, arguments, { $0.integer() }) else {
            throw JournalError(.storage, "the store gave no number for an artifact")
        }
        let record = ArtifactRecord(
            run: run, name: name, mediaType: mediaType, digest: digest, byteCount: bytes.count, createdAt: now)
        try appendLeaf(AuditLeaves.artifact(record, number: artifact))
        return digest
    }
}

struct ArtifactRow {
    let number: Int64
    let record: ArtifactRecord

    /// From ``ArtifactSQL/columns``.
    init(_ row: inout SQLRow) {
        number = row.integer()
        record = ArtifactRecord(
            run: row.runID(), name: row.text(), mediaType: row.text(), digest: row.digest(), byteCount: row.int(),
            createdAt: row.instant())
    }
}
