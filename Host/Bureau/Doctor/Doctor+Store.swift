import Audit
import Engine
import HostConfiguration
import Journal
import Kernel
import Placement

extension Doctor {
    private static let dayMilliseconds: Int64 = 86_400_000

    func store() async -> [Finding] {
        guard FilePath.exists(folder) else {
            return [Finding("store", .skipped, "there is none in \(folder) yet; a first run makes it")]
        }
        let checks: [StoreCheck]
        let info: StoreInfo
        do throws(JournalError) {
            checks = try await SQLiteJournal.check(folder: folder, clock: { SystemClock.now() }, isQuick: !look.full)
            info = try await SQLiteJournal.info(folder: folder)
        } catch {
            return [Finding("store", .failure, "the store in \(folder) cannot be read: \(error.message)")]
        }
        var found: [Finding] = checks.flatMap { check -> [Finding] in
            guard case .unsound(let faults) = check.result else { return [] }
            let isOld = check.name == "schema.version" && info.schema < info.newestSchema
            return faults.prefix(3).map {
                Finding(
                    "store", .failure, "\(check.name): \($0)",
                    advice: isOld ? "bureau migrate upgrade head" : "bureau db check; restore a backup")
            }
        }
        if let holder = info.holder { found.append(Finding("store", .ok, "held by \(holder)")) }
        return found
    }

    func plugins() async -> [Finding] {
        let catalogue: Catalogue
        do {
            catalogue = try await Catalogue.load(options)
        } catch {
            return [Finding("plugins", .failure, error.lines.joined(separator: "; "))]
        }
        var found: [Finding] = []
        for entry in catalogue.entries {
            if let problem = entry.problem {
                found.append(Finding("plugins", .failure, "\(entry.path): \(problem)", advice: "bureau plugin check"))
            } else if let quarantine = entry.quarantine {
                found.append(Finding("plugins", .warning, quarantine.advice))
            } else if entry.enabled, entry.standing.isMissing {
                found.append(
                    Finding(
                        "plugins", .warning, "\(entry.name) needs a grant before it works",
                        advice: "bureau departments enable \(entry.name)"))
            }
        }
        if let level = catalogue.isolation?.level, level < options.isolation {
            found.append(
                Finding(
                    "plugins", .failure,
                    "workers are confined at \(level.name), and \(options.isolation.name) is asked for"
                        + SandboxWords.lacks(catalogue)))
        }
        return found
    }

    func audit() async -> [Finding] {
        guard FilePath.exists(folder) else { return [Finding("audit", .skipped, "there is no store yet")] }
        do {
            let outside = try HostSettings.auditPlace(storeFolder: folder).outside()
            let (inside, info) = (
                try await HostSession.ask(options.storage) { journal throws(JournalError) in
                    try journal.latestAuditCheckpoint()
                }, try await SQLiteJournal.info(folder: folder)
            )
            var found: [Finding] = []
            let size = inside?.size ?? 0
            if let outside, outside.size > info.auditLeaves {
                found.append(
                    Finding(
                        "audit", .failure,
                        "the checkpoint outside the store is of \(outside.size) leaves, and the store has "
                            + "\(info.auditLeaves): it was rolled back", advice: "bureau audit verify"))
            }
            if info.auditLeaves > size {
                found.append(
                    Finding("audit", .warning, "\(info.auditLeaves - size) leaves are under no checkpoint yet"))
            }
            if outside == nil, size > 0 {
                found.append(
                    Finding(
                        "audit", .warning, "no checkpoint is kept outside the store: a rollback would not show",
                        advice: "bureau serve publishes one"))
            } else if let outside, outside.size < size, info.holder == nil {
                found.append(
                    Finding(
                        "audit", .warning, "the checkpoint outside is \(size - outside.size) leaves behind the store's")
                )
            }
            return found
        } catch let failure as CommandFailure {
            return [Finding("audit", .failure, failure.lines.joined(separator: "; "))]
        } catch {
            return [Finding("audit", .failure, "it cannot be read: \(error)")]
        }
    }

    func work() async -> [Finding] {
        guard FilePath.exists(folder) else { return [Finding("work", .skipped, "there is no store yet")] }
        do {
            let facts = try await HostSession.ask(options.storage) { journal throws(JournalError) in
                (
                    groups: try journal.streamGroups(), budgets: try journal.budgets(),
                    failed: try journal.runs(
                        RunFilter(states: [.failed, .dead], department: nil, rootsOnly: true), before: nil, limit: 200),
                    paused: try journal.runCounts()[.paused] ?? 0, approvals: try journal.approvals(open: true)
                )
            }
            var found: [Finding] = []
            let recent = facts.failed.filter {
                now.unixMilliseconds - $0.createdAt.unixMilliseconds < Self.dayMilliseconds
            }
            if !recent.isEmpty {
                found.append(
                    Finding(
                        "work", .warning, "\(recent.count) runs failed in a day", advice: "bureau runs --status failed")
                )
            }
            if facts.paused > 0 {
                found.append(
                    Finding("work", .warning, "\(facts.paused) runs are paused", advice: "bureau runs --status paused"))
            }
            for group in facts.groups where group.deadLetters > 0 || group.lag > look.maxLag {
                let words = "\(group.deadLetters) dead letters, \(group.lag) events behind"
                found.append(
                    Finding(
                        "work", .warning, "group \(group.group.name): \(words)",
                        advice: "bureau events dlq, bureau events pending"))
            }
            for budget in facts.budgets where budget.stop?.isStopped == true {
                found.append(
                    Finding("work", .warning, "the budget \(budget.node) is stopped: \(budget.stop?.reason ?? "")"))
            }
            let late = facts.approvals.filter { $0.expiresAt.map { $0 < now } ?? false }
            if !late.isEmpty { found.append(Finding("work", .warning, "\(late.count) approvals are past their time")) }
            return found
        } catch {
            return [Finding("work", .failure, error.lines.joined(separator: "; "))]
        }
    }

    func backups() -> [Finding] {
        guard let place = look.backups.map(FilePath.absolute) else {
            return [Finding("backups", .skipped, "name their folder with --backups")]
        }
        guard let newest = DatabaseCommand.Backups.found(in: place).last else {
            return [Finding("backups", .failure, "there is no backup in \(place)", advice: "bureau db backup")]
        }
        let hours = (now.unixMilliseconds - newest.head.takenAt.unixMilliseconds) / 3_600_000
        guard hours >= look.backupHours else { return [] }
        return [
            Finding(
                "backups", .warning, "the newest backup is \(hours) hours old: \(newest.path)",
                advice: "bureau db backup")
        ]
    }
}

private enum SandboxWords {
    static func lacks(_ catalogue: Catalogue) -> String {
        guard let missing = catalogue.isolation?.missing, !missing.isEmpty else { return "" }
        return ", without \(missing.joined(separator: ", "))"
    }
}
