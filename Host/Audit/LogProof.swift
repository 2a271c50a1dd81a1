package import Kernel

/// That an entry is in the log, for somebody who has the entry and knows the log's key: C2SP tlog-proof.
package struct LogProof: Hashable, Sendable {
    package static let firstLine = "c2sp.org/tlog-proof@v1"

    package var index: Int64
    package var hashes: [Digest]
    package var checkpoint: CheckpointNote
    package var note: Note
    /// The entry itself; carried as the proof's extra data, where it need not be believed.
    package var entry: [UInt8]

    /// From the published log.
    package static func of(_ index: Int64, in log: PublishedLog, keys: [NoteKey]) throws(AuditError) -> LogProof {
        guard let found = try log.checkpoint(keys: keys) else {
            throw AuditError(.notFound, "nothing was published yet: bureau audit checkpoint")
        }
        let entry = try log.entry(index, size: found.checkpoint.size)
        let hashes = try log.inclusionProof(
            index: index, leafHash: MerkleTree.leafHash(entry), in: found.checkpoint)
        return LogProof(index: index, hashes: hashes, checkpoint: found.checkpoint, note: found.note, entry: entry)
    }

    package var text: String {
        let lines =
            [Self.firstLine, "extra \(Base64.encode(entry))", "index \(index)"]
            + hashes.map { Base64.encode($0.bytes) }
        return lines.joined(separator: "\n") + "\n\n" + note.serialized
    }

    package var json: JSONValue {
        [
            "index": .integer(index), "size": .integer(checkpoint.size), "root": .string(checkpoint.root.hex),
            "entry": .string(String(decoding: entry, as: UTF8.self)),
            "leaf_hash": .string(MerkleTree.leafHash(entry).hex), "hashes": .array(hashes.map { .string($0.hex) }),
            "checkpoint": .string(note.serialized),
        ]
    }
}
