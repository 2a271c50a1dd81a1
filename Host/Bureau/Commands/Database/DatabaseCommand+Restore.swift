import ArgumentParser
import Audit
import Engine
import Glibc
import Journal
import Kernel

extension DatabaseCommand {
    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a new store of a backup and, where commits were archived, of those since.",
            discussion: """
                Into a new folder only. The new store is checked before it has its name, says in its audit log what it
                was restored from, and is another incarnation: what an old host still does is refused. To put it in the
                old one's place, move both folders, then bureau db accept-restore. Who was erased since the backup is
                erased in it too, by the list beside --store; the keys of subjects stay where they are, beside it.
                """)

        @Option(help: ArgumentHelp("A backup, or a folder of them.", valueName: "path"))
        var from: String

        @Option(help: ArgumentHelp("Where archived commits are (default: beside the backup).", valueName: "folder"))
        var archive: String?

        @Option(
            help: ArgumentHelp(
                "Take over no commit after this moment: 2026-11-21T20:15:00Z, or Unix milliseconds "
                    + "(default: all there are).", valueName: "time"))
        var toTime: String?

        @Option(help: ArgumentHelp("The new store.", valueName: "folder"))
        var into: String

        @OptionGroup var key: BackupKeyOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let time = try toTime.map { text throws(CommandFailure) in
                guard let instant = Moment.parse(text) else {
                    throw CommandFailure(.usage, "--to-time \"\(text)\": write 2026-11-21T20:15:00Z")
                }
                return instant
            }
            let request = RestoreRequest(
                source: FilePath.absolute(from), archive: archive.map(FilePath.absolute), time: time,
                target: FilePath.absolute(into), by: Environment.user, subjects: .beside(store.folder))
            let key = try key.key()
            let report: RestoreReport
            do throws(JournalError) {
                report = try await SQLiteJournal.restore(request, key: key, clock: { SystemClock.now() })
            } catch {
                throw CommandFailure(error)
            }
            let audit = try await verify(request.target)
            let terminal = Terminal.standard
            if output.json {
                terminal.line(report.json(at: request.target).serialized())
            } else {
                terminal.line("\(request.target): restored from \(report.base), taken \(report.baseTakenAt.timestamp)")
                if let newest = report.newestCommit {
                    terminal.line("and \(report.commits) commits since, up to \(newest.timestamp)")
                }
                terminal.line("\(report.recoveredRuns) runs begin again; audit size \(report.auditSize)")
            }
            guard audit.isSound else {
                throw CommandFailure(.auditUnsound, "its audit log is not sound: bureau audit verify says where")
            }
        }

        private func verify(_ folder: String) async throws(CommandFailure) -> AuditReport {
            try await DatabaseCommand.perform { () throws(JournalError) in
                let journal = try await SQLiteJournal.openReadOnly(folder: folder, clock: { SystemClock.now() })
                do throws(JournalError) {
                    let report = try await AuditVerifier.verify(journal, outside: nil)
                    await journal.close()
                    return report
                } catch {
                    await journal.close()
                    throw error
                }
            }
        }
    }

    struct AcceptRestore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "accept-restore",
            abstract: "Accepts that the store was put back to an earlier state, and records it.",
            discussion: """
                The checkpoint beside the store covers more than a restored store has, and bureau audit verify says so.
                This writes into the audit log what that checkpoint promised, who accepted the loss and why, and then
                replaces the checkpoint; the old one stays beside it. Copies of it elsewhere go on to say that leaves
                are gone, which they are.
                """)

        @Option(help: "Why the store was put back.")
        var reason: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let place = HostSettings.auditPlace(storeFolder: store.folder)
            let file: CheckpointFile
            let outside: CheckpointNote?
            do {
                file = try place.checkpointFile()
                outside = try file.read()
            } catch {
                throw CommandFailure(.auditUnsound, error.message)
            }
            _ = try await DatabaseCommand.perform { [folder = store.folder] () throws(JournalError) in
                try await SQLiteJournal.info(folder: folder)
            }
            guard let outside else {
                throw CommandFailure(.notFound, "there is no checkpoint \(place.outsidePath) to replace")
            }
            let by = Environment.user
            let reason = reason.utf8.count > 200 ? "sha256:" + Digest.sha256(reason.utf8).hex : reason
            let journal = try await HostSession.writing(store)
            do throws(JournalError) {
                try await journal.write { transaction throws(JournalError) in
                    let size = try transaction.auditSize()
                    guard size < outside.size else {
                        throw JournalError(
                            .conflict(current: 0),
                            "the store has \(size) leaves and its checkpoint \(outside.size): nothing was rolled back")
                    }
                    _ = try transaction.auditAppend(
                        type: "store.rollback_accepted",
                        fields: [
                            "by": .string(by), "reason": .string(reason), "size": .integer(size),
                            "outside_size": .integer(outside.size), "outside_root": .string(outside.root.hex),
                        ])
                }
            } catch {
                await journal.close()
                throw CommandFailure(error)
            }
            let kept: String
            let size: Int64
            do {
                kept = try file.setAside(accepting: outside)
                size = try await AuditCommand.publish(journal, place, rebuilding: true)?.checkpoint.size ?? 0
            } catch {
                await journal.close()
                throw CommandFailure(.auditUnsound, "\(error)")
            }
            await journal.close()
            Terminal.standard.line("accepted: \(outside.size) → \(size) leaves; the old checkpoint: \(kept)")
        }
    }
}

/// A moment as people and programs write it.
enum Moment {
    /// `2026-11-21T20:15:00Z`, with or without milliseconds, or Unix milliseconds.
    static func parse(_ text: String) -> Instant? {
        if let number = Int64(text), number >= 0 { return Instant(unixMilliseconds: number) }
        guard text.utf8.count >= 20, text.hasSuffix("Z") else { return nil }
        let parts = text.dropLast().split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        let clock = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        let time = clock[0].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard date.count == 3, time.count == 3, clock.count <= 2, let year = date[0], let month = date[1],
            let day = date[2], let hour = time[0], let minute = time[1], let second = time[2],
            (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour), (0...59).contains(minute),
            (0...59).contains(second)
        else { return nil }
        var fraction = 0
        if clock.count == 2 {
            guard clock[1].utf8.count == 3, let milliseconds = Int(clock[1]), milliseconds >= 0 else { return nil }
            fraction = milliseconds
        }
        var fields = tm()
        fields.tm_year = Int32(year - 1_900)
        fields.tm_mon = Int32(month - 1)
        fields.tm_mday = Int32(day)
        let days = timegm(&fields)
        return Instant(
            unixMilliseconds: (Int64(days) + Int64(hour * 3_600 + minute * 60 + second)) * 1_000 + Int64(fraction))
    }
}

extension RestoreReport {
    fileprivate func json(at path: String) -> JSONValue {
        [
            "store": .string(path), "base": .string(base), "base_taken_at": .string(baseTakenAt.timestamp),
            "commits": .integer(Int64(commits)), "until": newestCommit.map { .string($0.timestamp) } ?? .null,
            "audit_size": .integer(auditSize), "audit_root": .string(auditRoot.hex),
            "recovered_runs": .integer(Int64(recoveredRuns)),
        ]
    }
}
