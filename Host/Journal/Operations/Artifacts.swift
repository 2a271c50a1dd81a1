import Kernel

extension SQLReading {
    func artifact(_ digest: Digest) throws(JournalError) -> ArtifactContent? {
        let stored = try session.first(ArtifactSQL.content, [.digest(digest)]) { row in
            let content = ArtifactContent(bytes: row.blob(), mediaType: row.text())
            return (content, row.runID(), row.optionalSubject())
        }
        guard let (content, run, subject) = stored, let subject else { return stored?.0 }
        var reader = SealReader(try seal(of: subject), row: Self.artifactRow(run))
        return ArtifactContent(
            bytes: reader.bytes(content.bytes, "content"), mediaType: reader.text(content.mediaType, "media type"))
    }

    static func artifactRow(_ run: RunID) -> String { "artifacts of run \(run)" }

    func artifacts(of run: RunID) throws(JournalError) -> [ArtifactRecord] {
        var artifacts: [ArtifactRecord] = []
        for row in try session.rows(ArtifactSQL.ofTree, [.run(run)], { ArtifactRow(&$0) }) {
            var artifact = row.record
            if let subject = row.subject {
                var reader = SealReader(try seal(of: subject), row: Self.artifactRow(artifact.run))
                artifact.name = reader.text(artifact.name, "name")
                artifact.mediaType = reader.text(artifact.mediaType, "media type")
            }
            artifacts.append(artifact)
        }
        return artifacts
    }
}

extension SQLTransaction {
    func artifactPut(
        _ bytes: [UInt8], name: String, mediaType: String, run: RunID
    ) throws(JournalError) -> Digest {
        guard let owner = try runRow(run)?.record else {
            throw JournalError(.notFound, "there is no run \(run)")
        }
        let number = owner.number, byteCount = bytes.count
        var (bytes, name, mediaType) = (bytes, name, mediaType)
        if let subject = owner.subject {
            let seal = try seal(of: subject), row = Self.artifactRow(run)
            bytes = try seal.seal(bytes, SealPlace(row, "content"))
            name = try seal.sealName(name, SealPlace(row, "name"))
            mediaType = try seal.sealText(mediaType, SealPlace(row, "media type"))
        }
        let digest = Digest.sha256(bytes)
        try session.execute(ArtifactSQL.insertContent, [.digest(digest), .blob(bytes)])
        try session.execute(ArtifactSQL.remove, [.integer(number), .text(name)])
        let arguments: [SQLValue] = [
            .integer(number), .text(name), .text(mediaType), .digest(digest), .int(byteCount), .instant(now),
        ]
        guard let artifact = try session.first(ArtifactSQL.insert, arguments, { $0.integer() }) else {
            throw JournalError(.storage, "the store gave no number for an artifact")
        }
        let record = ArtifactRecord(
            run: run, name: name, mediaType: mediaType, digest: digest, byteCount: byteCount, createdAt: now)
        try appendLeaf(AuditLeaves.artifact(record, number: artifact))
        return digest
    }
}

struct ArtifactRow {
    let number: Int64
    let record: ArtifactRecord
    let subject: SubjectID?

    /// From ``ArtifactSQL/columns``.
    init(_ row: inout SQLRow) {
        number = row.integer()
        record = ArtifactRecord(
            run: row.runID(), name: row.text(), mediaType: row.text(), digest: row.digest(), byteCount: row.int(),
            createdAt: row.instant())
        subject = row.optionalSubject()
    }
}
