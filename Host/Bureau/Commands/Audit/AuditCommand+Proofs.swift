import ArgumentParser
import Audit
import Engine
import Journal
import Kernel

extension AuditCommand {
    struct Prove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Proves that a leaf, or every leaf of a run, is in the published log.",
            discussion: """
                For a leaf the proof is a C2SP tlog-proof, which who knows the log's public key checks offline; the
                leaf itself is its extra data. For a run, and with --json, it is JSON.
                """)

        private static let maximumLeaves = 10_000

        @Argument(help: ArgumentHelp("The leaf's number, or a run.", valueName: "leaf|run"))
        var subject: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let place = HostSettings.auditPlace(storeFolder: store.folder)
            let terminal = Terminal.standard
            if let leaf = Int64(subject) {
                let proof = try proof(leaf, place)
                return terminal.line(output.json ? proof.json.serialized() : String(proof.text.dropLast()))
            }
            guard RunID(subject) != nil else {
                throw CommandFailure(.usage, "\"\(subject)\" is neither a leaf's number nor a run")
            }
            let published = try AuditCommand.published(place)
            var search = AuditSearch()
            search.run = subject
            let leaves = try await AuditCommand.leaves(search, store, limit: Self.maximumLeaves)
                .filter { $0.index < published.checkpoint.size }
            guard !leaves.isEmpty else {
                throw CommandFailure(.notFound, "no published leaf speaks of run \(subject)")
            }
            var proofs: [JSONValue] = []
            for leaf in leaves { proofs.append(try proof(leaf.index, place).json) }
            terminal.line(JSONValue.object(["run": .string(subject), "proofs": .array(proofs)]).serialized())
        }

        private func proof(_ leaf: Int64, _ place: AuditPlace) throws(CommandFailure) -> LogProof {
            let keys = try AuditCommand.keys(place)
            do throws(AuditError) {
                return try LogProof.of(leaf, in: place.published, keys: keys)
            } catch {
                throw CommandFailure(error)
            }
        }
    }

    struct Consistency: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Proves that the log only grew between two sizes.",
            discussion: "A size may also be the file of a signed checkpoint, which is then compared with the log.")

        @Argument(help: ArgumentHelp("The older size, or its checkpoint.", valueName: "size|file"))
        var old: String

        @Argument(help: ArgumentHelp("The newer one (default: what is published).", valueName: "size|file"))
        var new: String?

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let place = HostSettings.auditPlace(storeFolder: store.folder)
            let published = try AuditCommand.published(place)
            let older = try size(old, published.keys),
                newer = try new.map { text throws(CommandFailure) in
                    try size(text, published.keys)
                }
            let last = newer?.size ?? published.checkpoint.size
            let roots: (old: Digest, new: Digest), hashes: [Digest]
            do throws(AuditError) {
                hashes = try published.log.consistencyProof(from: older.size, to: last, in: published.checkpoint)
                roots = (
                    try published.log.root(size: older.size, of: published.checkpoint.size),
                    try published.log.root(size: last, of: published.checkpoint.size)
                )
            } catch {
                throw CommandFailure(error)
            }
            for (size, root) in [(older, roots.old), (newer ?? (last, nil), roots.new)] {
                guard size.root == nil || size.root == root else {
                    throw CommandFailure(
                        .auditUnsound, "the first \(size.size) leaves are not those that the checkpoint was signed over"
                    )
                }
            }
            guard
                MerkleTree.verifyConsistency(
                    oldSize: older.size, oldRoot: roots.old, newSize: last, newRoot: roots.new, proof: hashes)
            else { throw CommandFailure(.auditUnsound, "the tiles prove nothing: run bureau audit verify") }
            show(older.size, last, roots, hashes)
        }

        private func size(
            _ text: String, _ keys: [NoteKey]
        ) throws(CommandFailure) -> (size: Int64, root: Digest?) {
            if let size = Int64(text), size >= 0 { return (size, nil) }
            let (note, checkpoint) = try AuditCommand.checkpoint(in: text)
            do throws(NoteError) {
                try note.requireSigner(among: keys)
            } catch {
                throw CommandFailure(.auditUnsound, "\(text): \(error.message)")
            }
            return (checkpoint.size, checkpoint.root)
        }

        private func show(_ old: Int64, _ new: Int64, _ roots: (old: Digest, new: Digest), _ hashes: [Digest]) {
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(
                    JSONValue.object([
                        "old_size": .integer(old), "old_root": .string(roots.old.hex), "new_size": .integer(new),
                        "new_root": .string(roots.new.hex), "hashes": .array(hashes.map { .string($0.hex) }),
                    ]).serialized())
            }
            terminal.line("old  \(old)  \(roots.old)")
            terminal.line("new  \(new)  \(roots.new)")
            hashes.forEach { terminal.line("\($0)") }
        }
    }

    /// The leaves that fit, in order, at most so many.
    static func leaves(
        _ search: AuditSearch, _ store: StoreOptions, limit: Int
    ) async throws(CommandFailure) -> [AuditLeaf] {
        try await HostSession.ask(store) { reading throws(JournalError) in
            var found: [AuditLeaf] = []
            try search.each(reading) { leaf in
                found.append(leaf)
                return found.count < limit
            }
            return found
        }
    }
}
