import CFaults
import Foundation
import Journal
import Kernel
import TestSupport

/// Power cuts. A workload goes through the journal on a medium that remembers each write and sync; at every sync the
/// store is put together as it could stand after a power cut, opened again, and checked. SIGKILL cannot show what this
/// does: the system keeps what a killed process wrote.
package struct CrashImages {
    /// A setting that is planted to show that the checks can fail.
    package enum Medium: Sendable {
        case asWritten
        /// `synchronous=NORMAL`: the log is synced before a checkpoint only.
        case syncsAtCheckpoints
        /// `synchronous=OFF`: nothing is ever synced.
        case neverSyncs
    }

    package struct Summary: Sendable {
        package var workloads = 0
        package var boundaries = 0
        package var images = 0
        /// Of them, those that went through the journal's own opening and cross-checks too.
        package var reopened = 0
        package var violations: [String] = []

        package init() {}
    }

    /// Each a commit or none.
    private static let actions = 30
    private static let partialImages = 3
    /// Through the journal itself, which takes ten times as long.
    private static let reopenedShare = 12
    /// What a medium writes at once or not at all.
    private static let sectorBytes = 4_096
    private static let maximumViolations = 20

    private let template: Scratch
    private let medium: Medium

    package init(medium: Medium = .asWritten) async throws {
        self.medium = medium
        template = try Scratch.inMemory()
        let clock = SimulatedClock()
        let journal = try await SQLiteJournal.open(folder: template.path, clock: { clock.now }, hostID: "template")
        await journal.close()
    }

    /// One workload and all its images.
    package func run(seed: UInt64) async throws -> Summary {
        let (entries, tips) = try await record(seed: seed)
        var cut = PowerCut(entries: entries, tips: tips, seed: seed, medium: medium)
        cut.store = try MediumFile(contentsOf: "\(template.path)/\(SQLiteJournal.fileName)")
        return try await cut.check()
    }

    /// What was written, and the audit log's tip at each acknowledged commit: a tip speaks for all that is before it.
    private func record(seed: UInt64) async throws -> (entries: [Recording.Entry], tips: [Tip]) {
        let scratch = try Scratch.inMemory()
        guard record_start() == 0 else { throw SimulatedWorld.Problem("the recorder cannot be registered") }
        defer { record_stop() }
        let world = try await SimulatedWorld(seed: seed, scratch: scratch, template: template.path, hasFaults: false)
        var tips: [Tip] = []
        world.acknowledged = {
            let checkpoint = try await world.read { journal throws(JournalError) in
                try journal.latestAuditCheckpoint()
            }
            tips.append(Tip(size: checkpoint?.size ?? 0, root: checkpoint?.root.bytes ?? []))
            record_mark(Int64(tips.count))
        }
        try await world.createGroup()
        for index in 0..<Self.actions {
            // A store that is closed is folded into its file: that is a checkpoint, and the log begins anew.
            if index % 11 == 10 { try await world.restart() }
            try await world.act()
        }
        world.acknowledged = nil
        await world.close()
        return (Recording.take(), tips)
    }

    struct Tip: Hashable {
        var size: Int64
        var root: [UInt8]
    }

    /// Goes through a recording and cuts the power at each sync.
    private struct PowerCut {
        let entries: [Recording.Entry]
        let tips: [Tip]
        let seed: UInt64
        let medium: Medium
        var store = MediumFile()
        private var log = MediumFile()
        private var random: SplitMix64
        private var acknowledged = 0
        private var summary = Summary()

        init(entries: [Recording.Entry], tips: [Tip], seed: UInt64, medium: Medium) {
            self.entries = entries
            self.tips = tips
            self.seed = seed
            self.medium = medium
            random = SplitMix64(seed: seed ^ 0xC0FFEE)
        }

        mutating func check() async throws -> Summary {
            summary.workloads = 1
            for (index, entry) in entries.enumerated() {
                switch entry {
                case .write(let place, _, _), .truncate(let place, _):
                    if place == .store { store.note(entry) } else { log.note(entry) }
                case .acknowledged(let count): acknowledged = count
                case .sync(let place):
                    summary.boundaries += 1
                    try await cut(at: index)
                    guard syncs(place, at: index) else { continue }
                    if place == .store { store.sync() } else { log.sync() }
                }
                if summary.violations.count >= CrashImages.maximumViolations { break }
            }
            return summary
        }

        private func syncs(_ place: Recording.Place, at index: Int) -> Bool {
            switch medium {
            case .asWritten: return true
            case .neverSyncs: return false
            case .syncsAtCheckpoints:
                guard place == .log else { return true }
                // The log's sync belongs to a checkpoint where the store's own pages come next.
                let next = entries[(index + 1)...].first { entry in
                    if case .write = entry { true } else if case .acknowledged = entry { true } else { false }
                }
                if case .write(.store, _, _)? = next { return true }
                return false
            }
        }

        private mutating func cut(at index: Int) async throws {
            let (storeImage, logImage) = (store.image { _, _ in nil }, log.image { _, _ in nil })
            try await look("nothing that was not synced, at entry \(index)", storeImage, logImage)
            for part in 0..<CrashImages.partialImages {
                var choice = SplitMix64(seed: random.next())
                let share = part + 1
                let some = { (entry: Recording.Entry) in Int.random(in: 0...3, using: &choice) < share ? entry : nil }
                let (storeImage, logImage) = (store.image { some($1) }, log.image { some($1) })
                try await look("part \(part) of what was not synced, at entry \(index)", storeImage, logImage)
            }
            try await look("the last sector torn, at entry \(index)", torn(store), torn(log))
        }

        /// All that was written, but for the end of the last sector.
        private mutating func torn(_ file: MediumFile) -> [UInt8] {
            let last = file.pending.count - 1
            let missing = Int.random(in: 1...CrashImages.sectorBytes, using: &random)
            return file.image { index, entry in
                guard index == last, case .write(let place, let offset, let bytes) = entry else { return entry }
                return .write(place, offset: offset, bytes: Array(bytes.dropLast(missing)))
            }
        }

        private mutating func look(_ what: String, _ storeImage: [UInt8], _ logImage: [UInt8]) async throws {
            summary.images += 1
            let image = try Scratch.inMemory()
            let path = try image.write(storeImage, to: SQLiteJournal.fileName)
            if !logImage.isEmpty { try image.write(logImage, to: SQLiteJournal.fileName + "-wal") }
            let place = "seed \(seed), \(what), \(acknowledged) commits acknowledged"
            do {
                summary.violations += try faults(path).map { "\(place): \($0)" }
                guard summary.images % CrashImages.reopenedShare == 0 else { return }
                summary.reopened += 1
                summary.violations += try await faultsOfJournal(image.path).map { "\(place): \($0)" }
            } catch {
                summary.violations.append("\(place): \(error)")
            }
        }

        private func faults(_ path: String) throws -> [String] {
            // Opened for writing: the log is recovered as a host would.
            let evidence = try Evidence(store: path, writes: true)
            var faults = try evidence.store.rows("PRAGMA integrity_check").map { $0[0].text }.filter { $0 != "ok" }
            faults += try evidence.store.rows("PRAGMA foreign_key_check").map { "no such parent: \($0)" }
            faults += try Invariant.violations(in: evidence).map(\.description)
            if let tip = tips.prefix(acknowledged).last {
                let roots = try evidence.store.rows("SELECT root FROM audit_checkpoint WHERE size = \(tip.size)")
                if roots.first?[0] != .blob(tip.root) {
                    faults.append("the acknowledged commit with \(tip.size) leaves is not there")
                }
            }
            return faults
        }

        private func faultsOfJournal(_ folder: String) async throws -> [String] {
            let clock = SimulatedClock()
            let journal = try await SQLiteJournal.open(folder: folder, clock: { clock.now }, hostID: "after the cut")
            let (mismatches, ledger) = try await journal.read { journal throws(JournalError) in
                (try journal.auditMismatches(), try journal.ledgerFaults().faults)
            }
            await journal.close()
            return mismatches.map { "audit: \($0)" } + ledger.map { "ledger: \($0)" }
        }
    }
}

extension MediumFile {
    /// Synced as it is.
    init(contentsOf path: String) throws {
        self.init()
        note(.write(.store, offset: 0, bytes: Array(try Data(contentsOf: URL(fileURLWithPath: path)))))
        sync()
    }
}

extension CrashImages.Summary {
    package mutating func add(_ other: Self) {
        workloads += other.workloads
        boundaries += other.boundaries
        images += other.images
        reopened += other.reopened
        violations += other.violations
    }
}
