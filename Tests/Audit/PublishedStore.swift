import Audit
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// A store whose log is published, in a folder of its own with what stands beside it.
struct PublishedStore {
    let scratch: Scratch
    let place: AuditPlace
    var publisher: LogPublisher { LogPublisher(place: place, newOrigin: "example.org/log") }

    init(leaves: Int = 0) async throws {
        scratch = try Scratch()
        place = AuditPlace(storeFolder: scratch.folder("store"))
        if leaves > 0 {
            try await add(leaves)
            try await publish()
        }
    }

    /// - Parameter salt: changes what the leaves say.
    func add(_ count: Int, salt: String = "") async throws {
        let journal = try await SampleStore.open(place.storeFolder)
        for start in stride(from: 0, to: count, by: 1_000) {
            try await journal.write { transaction throws(JournalError) in
                for number in start..<min(start + 1_000, count) {
                    _ = try transaction.auditAppend(
                        type: "test.leaf", fields: ["by": "tester", "text": .string("leaf \(number)\(salt)")])
                }
            }
        }
        await journal.close()
    }

    @discardableResult
    func publish(rebuilding: Bool = false) async throws -> LogPublisher.Publication? {
        let publisher = publisher
        let journal = try await reading()
        let result = try await journal.read { reading throws(JournalError) in
            Self.attempt(publisher, reading, rebuilding)
        }
        await journal.close()
        return try result.get()
    }

    private static func attempt(
        _ publisher: LogPublisher, _ reading: any JournalReading, _ rebuilding: Bool
    ) -> Result<LogPublisher.Publication?, AuditError> {
        do {
            return .success(try publisher.publish(reading, rebuilding: rebuilding))
        } catch {
            return .failure(error)
        }
    }

    func reading() async throws -> SQLiteJournal {
        try await SQLiteJournal.openReadOnly(
            folder: place.storeFolder, clock: { Instant(unixMilliseconds: 1_800_000_000_000) })
    }

    func keys() throws -> [NoteKey] { try #require(try LogKeys.read(place.keyPath)).publicKeys }

    /// What is wrong, as `bureau audit verify` finds it.
    func problems(keys: [NoteKey]? = nil, kept: [PublishedCheck.Kept] = []) async throws -> [AuditProblem] {
        let keys = try keys ?? self.keys()
        var kept = kept
        var problems: [AuditProblem] = []
        let file = CheckpointFile(path: place.outsidePath, origin: keys.first?.name ?? "none", keys: keys)
        do throws(CheckpointFileError) {
            if let outside = try file.read() {
                kept.append(.init(name: "the checkpoint outside", note: try file.signed(), checkpoint: outside))
            }
        } catch {
            problems.append(AuditProblem(leaf: nil, error.message))
        }
        let check = PublishedCheck(place.published, keys: keys, kept: kept)
        let journal = try await reading()
        let report = try await journal.read { reading throws(JournalError) in try check.run(reading) }
        await journal.close()
        return problems + report.problems
    }

    func path(_ name: String) -> String { place.folder + "/" + name }

    func flip(_ file: String, at offset: Int) throws {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        bytes[offset < 0 ? bytes.count + offset : offset] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }
}
