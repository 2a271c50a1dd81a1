package import Journal
package import Kernel

/// Compares the published log with the journal's leaves: every tile and bundle byte for byte, every signature, and
/// every checkpoint that somebody kept.
package struct PublishedCheck: Sendable {
    private static let page = 1_024
    private static let maximumProblems = 1_000

    /// A checkpoint that somebody kept, with where it is from.
    package struct Kept: Sendable {
        package var name: String
        package var note: Note?
        package var checkpoint: CheckpointNote

        package init(name: String, note: Note?, checkpoint: CheckpointNote) {
            self.name = name
            self.note = note
            self.checkpoint = checkpoint
        }
    }

    package struct Report: Hashable, Sendable {
        /// Leaves that the published checkpoint covers; nil when nothing was published.
        package var size: Int64?
        package var root: Digest?
        package var signers: [NoteKey] = []
        package var witnesses: [NoteKey] = []
        /// Tiles and bundles compared.
        package var files = 0
        package var problems: [AuditProblem] = []

        package var isSound: Bool { problems.isEmpty }
    }

    private let log: PublishedLog
    private let keys: [NoteKey]
    private let witnesses: [NoteKey]
    private var kept: [Kept]
    private var report = Report()

    /// Reads the published checkpoint. Make it before the snapshot that it is compared with: a host goes on publishing.
    ///
    /// - Parameters:
    ///   - keys: of the log, newest first; empty when it has none yet.
    ///   - kept: to be found again in the leaves.
    package init(_ log: PublishedLog, keys: [NoteKey], witnesses: [NoteKey] = [], kept: [Kept] = []) {
        self.log = log
        self.keys = keys
        self.witnesses = witnesses
        self.kept = kept
        readCheckpoint()
    }

    package func run(_ reading: any JournalReading) throws(JournalError) -> Report {
        var check = self
        try check.read(reading)
        return check.report
    }

    private mutating func read(_ reading: any JournalReading) throws(JournalError) {
        for kept in kept { checkSignatures(kept) }
        let published = report.size ?? 0
        var builder = TileBuilder()
        compareRoots(builder)
        var isContiguous = true
        while isContiguous {
            let leaves = try reading.auditLeaves(from: builder.size, limit: Self.page)
            if leaves.isEmpty { break }
            for leaf in leaves {
                // The journal's own check names what is missing there.
                guard leaf.index == builder.size, leaf.bytes.count <= TileBuilder.maximumEntryBytes else {
                    isContiguous = false
                    break
                }
                let full = builder.append(leaf.bytes)
                if builder.size <= published { full.forEach { compare($0) } }
                if builder.size == published { builder.partial.forEach { compare($0) } }
                compareRoots(builder)
            }
        }
        if published > builder.size {
            add(
                "the published checkpoint covers \(published) leaves, the store has \(builder.size): it was put back "
                    + "to an earlier state, or truncated")
        }
        for kept in kept where kept.checkpoint.size > builder.size {
            add("\(kept.name) covers \(kept.checkpoint.size) leaves, the store has \(builder.size)")
        }
    }

    private mutating func readCheckpoint() {
        do throws(AuditError) {
            if keys.isEmpty, try log.note() != nil {
                return add("\(log.folder)/checkpoint is signed, but the log's key is not here: name it with --key")
            }
            guard let found = try log.checkpoint(keys: keys) else {
                if kept.contains(where: { $0.note != nil }) {
                    add("\(log.folder)/checkpoint is missing, and a signed checkpoint says that there was one")
                }
                return
            }
            report.size = found.checkpoint.size
            report.root = found.checkpoint.root
            kept.append(Kept(name: "the published checkpoint", note: found.note, checkpoint: found.checkpoint))
            report.signers = (try? found.note.signers(among: keys)) ?? []
        } catch {
            add(error.message)
        }
    }

    private mutating func checkSignatures(_ kept: Kept) {
        guard let note = kept.note else { return }
        do throws(NoteError) {
            try note.requireSigner(among: keys)
            for witness in try note.signers(among: witnesses) where !report.witnesses.contains(witness) {
                report.witnesses.append(witness)
            }
        } catch {
            add("\(kept.name) cannot be believed: \(error.message)")
        }
    }

    private mutating func compareRoots(_ builder: TileBuilder) {
        for kept in kept where kept.checkpoint.size == builder.size && kept.checkpoint.root != builder.root {
            add("the first \(builder.size) leaves are not those that \(kept.name) was signed over")
        }
    }

    private mutating func compare(_ expected: TileBuilder.File) {
        report.files += 1
        let path = expected.path
        do throws(AuditError) {
            var found = try log.bytes(path)
            // Where a place became full meanwhile, its partial resource is gone.
            if found == nil, !path.isFull {
                found = try log.bytes(path.full).map { Array($0.prefix(expected.bytes.count)) }
            }
            guard let bytes = found else { return add("\(log.folder)/\(path) is missing") }
            guard bytes != expected.bytes else { return }
            add(difference(path, bytes, expected.bytes))
        } catch {
            add(error.message)
        }
    }

    private func difference(_ path: TilePath, _ bytes: [UInt8], _ expected: [UInt8]) -> AuditProblem {
        let name = "\(log.folder)/\(path)"
        switch path.kind {
        case .entries:
            let all = TileContent.entries(expected, width: path.width) ?? []
            guard let found = TileContent.entries(bytes, width: path.width) else {
                return AuditProblem(leaf: nil, "\(name) does not hold \(path.width) entries: it was altered")
            }
            let place = zip(found, all).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
            return AuditProblem(
                leaf: path.index * 256 + Int64(place), "\(name): its entry \(place) is not the journal's leaf")
        case .hashes(let level):
            let all = TileContent.hashes(expected, width: path.width) ?? []
            guard let found = TileContent.hashes(bytes, width: path.width) else {
                return AuditProblem(leaf: nil, "\(name) does not hold \(path.width) hashes: it was altered")
            }
            let place = zip(found, all).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
            let first = (path.index * 256 + Int64(place)) << Int64(8 * level)
            let last = first + (1 << Int64(8 * level)) - 1
            return AuditProblem(
                leaf: level == 0 ? first : nil,
                "\(name): its hash \(place) is not that of the journal's leaves \(first) to \(last)")
        }
    }

    private mutating func add(_ message: String) { add(AuditProblem(leaf: nil, message)) }

    private mutating func add(_ problem: AuditProblem) {
        if report.problems.count < Self.maximumProblems { report.problems.append(problem) }
    }
}
