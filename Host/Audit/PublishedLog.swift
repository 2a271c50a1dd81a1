package import Kernel

/// The published log as a stranger reads it: a folder with a signed checkpoint, tiles and entry bundles (C2SP
/// tlog-tiles). Proofs are computed from some tiles, never from all leaves.
package struct PublishedLog: Hashable, Sendable {
    private static let maximumTileBytes = 256 * (2 + TileBuilder.maximumEntryBytes)

    package let folder: String

    package init(folder: String) { self.folder = folder }

    var checkpointPath: String { folder + "/checkpoint" }

    /// The note, its signatures not looked at. Nil when nothing was published yet.
    package func note() throws(AuditError) -> Note? {
        guard let bytes = try DurableFile.read(checkpointPath, maximumBytes: Note.maximumBytes) else { return nil }
        do throws(NoteError) {
            return try Note(parsing: bytes)
        } catch {
            throw AuditError(.damaged, "\(checkpointPath) is not a signed checkpoint: \(error.message)")
        }
    }

    /// The checkpoint, signed by one of the keys.
    package func checkpoint(keys: [NoteKey]) throws(AuditError) -> (note: Note, checkpoint: CheckpointNote)? {
        guard let note = try note() else { return nil }
        guard let checkpoint = CheckpointNote(note.text), checkpoint.origin == keys.first?.name else {
            throw AuditError(.damaged, "\(checkpointPath) is not a checkpoint of this log")
        }
        do throws(NoteError) {
            try note.requireSigner(among: keys)
        } catch {
            throw AuditError(.damaged, "\(checkpointPath) was altered, or another key signed it: \(error.message)")
        }
        return (note, checkpoint)
    }

    /// Nil when there is no such file.
    package func bytes(_ path: TilePath) throws(AuditError) -> [UInt8]? {
        try DurableFile.read("\(folder)/\(path)", maximumBytes: Self.maximumTileBytes)
    }

    /// The hashes of a tile, or the beginning of the full one where that took the place of the partial one.
    func hashes(_ path: TilePath) throws(AuditError) -> [Digest] {
        if let bytes = try bytes(path) {
            guard let hashes = TileContent.hashes(bytes, width: path.width) else { throw damaged(path) }
            return hashes
        }
        guard !path.isFull, let bytes = try bytes(path.full), let hashes = TileContent.hashes(bytes, width: 256)
        else { throw AuditError(.damaged, "\(folder)/\(path) is missing") }
        return Array(hashes.prefix(path.width))
    }

    func entries(_ path: TilePath) throws(AuditError) -> [[UInt8]] {
        if let bytes = try bytes(path) {
            guard let entries = TileContent.entries(bytes, width: path.width) else { throw damaged(path) }
            return entries
        }
        guard !path.isFull, let bytes = try bytes(path.full), let entries = TileContent.entries(bytes, width: 256)
        else { throw AuditError(.damaged, "\(folder)/\(path) is missing") }
        return Array(entries.prefix(path.width))
    }

    private func damaged(_ path: TilePath) -> AuditError {
        AuditError(.damaged, "\(folder)/\(path) does not hold \(path.width) hashes or entries")
    }

    /// The root of the tree of that many leaves, from tiles of a tree that may be larger.
    package func root(size: Int64, of published: Int64) throws(AuditError) -> Digest {
        try MerkleTree.root(of: 0..<size) { node throws(AuditError) in try hash(node, size: published) }
    }

    private func hash(_ node: TreeNode, size: Int64) throws(AuditError) -> Digest {
        let hashes = try hashes(TilePath.holding(node, size: size))
        let height = node.level % 8
        let first = Int(node.index << Int64(height) & 255)
        guard first + 1 << height <= hashes.count else { throw AuditError(.damaged, "the tree has no such node") }
        return MerkleTree.root(of: Array(hashes[first..<first + 1 << height]))
    }

    /// The audit path of a leaf, checked against the root.
    package func inclusionProof(
        index: Int64, leafHash: Digest, in checkpoint: CheckpointNote
    ) throws(AuditError) -> [Digest] {
        guard let ranges = MerkleTree.inclusionRanges(index: index, size: checkpoint.size) else {
            throw AuditError(.notFound, "the published log has \(checkpoint.size) leaves, not leaf \(index) yet")
        }
        let proof = try roots(ranges, size: checkpoint.size)
        guard
            MerkleTree.verifyInclusion(
                leafHash: leafHash, index: index, size: checkpoint.size, proof: proof, root: checkpoint.root)
        else { throw AuditError(.damaged, "the tiles do not prove leaf \(index): run bureau audit verify") }
        return proof
    }

    /// - Parameter size: of the newer tree; at most the checkpoint's.
    package func consistencyProof(
        from oldSize: Int64, to size: Int64, in checkpoint: CheckpointNote
    ) throws(AuditError) -> [Digest] {
        guard size <= checkpoint.size, let ranges = MerkleTree.consistencyRanges(from: oldSize, to: size) else {
            throw AuditError(
                .notFound, "sizes go up to the \(checkpoint.size) leaves that are published, the old one first")
        }
        return try roots(ranges, size: checkpoint.size)
    }

    private func roots(_ ranges: [Range<Int64>], size: Int64) throws(AuditError) -> [Digest] {
        var roots: [Digest] = []
        for range in ranges {
            roots.append(try MerkleTree.root(of: range) { node throws(AuditError) in try hash(node, size: size) })
        }
        return roots
    }

    /// An entry as it is published.
    package func entry(_ index: Int64, size: Int64) throws(AuditError) -> [UInt8] {
        guard index >= 0, index < size else {
            throw AuditError(.notFound, "the published log has \(size) leaves, not leaf \(index) yet")
        }
        let width = Int(min(256, size - index / 256 * 256))
        return try entries(TilePath(.entries, index: index / 256, width: width))[Int(index % 256)]
    }

    /// The entries of the `index`-th bundle, of those that a tree of `size` leaves has.
    package func entries(ofBundle index: Int64, size: Int64) throws(AuditError) -> [[UInt8]] {
        let width = TilePath.width(level: 0, index: index, size: size)
        return width > 0 ? try entries(TilePath(.entries, index: index, width: width)) : []
    }

    /// The right edge of the tree of that many leaves, to go on from.
    func builder(size: Int64) throws(AuditError) -> TileBuilder {
        var pending: [[Digest]] = []
        var level = 0
        while size >> Int64(8 * level) > 0 {
            let count = size >> Int64(8 * level), width = Int(count % 256)
            let path = TilePath(.hashes(level: level), index: count / 256, width: width)
            pending.append(width > 0 ? try hashes(path) : [])
            level += 1
        }
        let width = Int(size % 256)
        let path = TilePath(.entries, index: size / 256, width: width)
        let bundle = width > 0 ? try entries(path).flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 } : []
        return TileBuilder(size: size, pending: pending, bundle: bundle)
    }
}
