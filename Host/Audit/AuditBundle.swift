package import Journal
package import Kernel

/// Leaves with all that a stranger needs to check them without a host: lines of text, the first one JSON, then one
/// leaf a line, byte for byte (canonical JSON has no line breaks). `scripts/verify-audit.py` reads it.
package enum AuditBundle {
    package static let format = "bureau.audit-bundle/1"

    /// All leaves that the published checkpoint covers. They make up its root, so that they need no proofs.
    package static func header(
        _ note: Note, _ checkpoint: CheckpointNote, keys: [NoteKey], witnesses: [NoteKey]
    ) -> JSONValue {
        .object(members(note, checkpoint, keys: keys, witnesses: witnesses))
    }

    /// Some leaves, each with its proof; and, where an older checkpoint is named, the proof that the log grew from it.
    package static func header(
        of indices: [Int64], in log: PublishedLog, note: Note, _ checkpoint: CheckpointNote, keys: [NoteKey],
        witnesses: [NoteKey], since oldSize: Int64?
    ) throws(AuditError) -> (header: JSONValue, leaves: [[UInt8]]) {
        var header = members(note, checkpoint, keys: keys, witnesses: witnesses)
        var proofs: [JSONValue] = []
        var leaves: [[UInt8]] = []
        for index in indices {
            let entry = try log.entry(index, size: checkpoint.size)
            let hashes = try log.inclusionProof(
                index: index, leafHash: MerkleTree.leafHash(entry), in: checkpoint)
            proofs.append(.array(hashes.map { .string($0.hex) }))
            leaves.append(entry)
        }
        header["leaves"] = .array(indices.map { .integer($0) })
        header["proofs"] = .array(proofs)
        if let oldSize {
            let hashes = try log.consistencyProof(from: oldSize, to: checkpoint.size, in: checkpoint)
            header["consistency"] = ["old": .integer(oldSize), "hashes": .array(hashes.map { .string($0.hex) })]
        }
        return (.object(header), leaves)
    }

    private static func members(
        _ note: Note, _ checkpoint: CheckpointNote, keys: [NoteKey], witnesses: [NoteKey]
    ) -> [String: JSONValue] {
        [
            "format": .string(format), "checkpoint": .string(note.serialized), "size": .integer(checkpoint.size),
            "vkeys": .array(keys.map { .string($0.description) }),
            "witnesses": .array(witnesses.map { .string($0.description) }),
        ]
    }
}
