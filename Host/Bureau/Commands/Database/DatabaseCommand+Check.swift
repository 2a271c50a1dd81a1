import ArgumentParser
import Audit
import Engine
import Journal
import Kernel

extension DatabaseCommand {
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Looks at everything that can be wrong with a store, and names each check with its result.",
            discussion: """
                Works beside a running host. The exit code is 8 when the file, the schema or the journal is damaged,
                and 9 when only money or the audit log do not add up.
                """)

        /// Those that speak of what was recorded, not of the file.
        private static let accounts: Set = ["ledger", "audit"]

        @Flag(help: "Leave out what reads every row: the ledger, the audit log, the order inside of indices.")
        var quick = false

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = store.folder
            var checks = try await DatabaseCommand.perform { [quick] () throws(JournalError) in
                try await SQLiteJournal.check(folder: folder, clock: { SystemClock.now() }, isQuick: quick)
            }
            checks.append(await audit(checks))
            show(checks)
            let wrong = checks.filter { if case .unsound = $0.result { true } else { false } }
            guard !wrong.isEmpty else { return }
            let isDamaged = wrong.contains { !Self.accounts.contains($0.name) }
            throw CommandFailure(
                isDamaged ? .storeUnavailable : .auditUnsound,
                "the store is not sound: \(wrong.map(\.name).joined(separator: ", "))")
        }

        /// Leaves, checkpoints, the checkpoint outside the store, and every row against its newest leaf.
        private func audit(_ checks: [StoreCheck]) async -> StoreCheck {
            let name = "audit"
            if quick { return StoreCheck(name, .skipped("quick")) }
            let isReadable = checks.contains { $0.name == "schema.version" && $0.result == .sound }
            guard isReadable else { return StoreCheck(name, .skipped("the schema is another")) }
            do {
                let outside = try HostSettings.auditPlace(storeFolder: store.folder).outside()
                let journal = try await HostSession.reading(store)
                let report: AuditReport
                do {
                    report = try await AuditVerifier.verify(journal, outside: outside)
                } catch {
                    await journal.close()
                    throw error
                }
                await journal.close()
                return StoreCheck(name, faults: report.problems.map(\.description))
            } catch {
                return StoreCheck(name, faults: ["it cannot be read: \(Self.text(error))"])
            }
        }

        private static func text(_ error: any Error) -> String {
            (error as? CommandFailure)?.lines.joined(separator: "; ") ?? "\(error)"
        }

        private func show(_ checks: [StoreCheck]) {
            let terminal = Terminal.standard
            if output.json {
                let isSound = checks.allSatisfy { if case .unsound = $0.result { false } else { true } }
                return terminal.line(
                    JSONValue.object(["sound": .bool(isSound), "checks": .array(checks.map(\.json))]).serialized())
            }
            var table = Table([("check", .left), ("result", .left)])
            for check in checks { table.add(check.name, check.word) }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            for check in checks { check.faults.forEach { terminal.line("\(check.name): \($0.printable)") } }
        }
    }
}

extension StoreCheck {
    fileprivate var faults: [String] { if case .unsound(let faults) = result { faults } else { [] } }

    fileprivate var word: String {
        switch result {
        case .sound: "sound"
        case .unsound(let faults): "NOT SOUND (\(faults.count))"
        case .skipped(let reason): "skipped: \(reason)"
        }
    }

    fileprivate var json: JSONValue {
        switch result {
        case .sound: ["name": .string(name), "result": "sound"]
        case .unsound(let faults):
            ["name": .string(name), "result": "unsound", "faults": .array(faults.map { .string($0) })]
        case .skipped(let reason): ["name": .string(name), "result": "skipped", "reason": .string(reason)]
        }
    }
}
