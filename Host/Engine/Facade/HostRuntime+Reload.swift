import Glibc
import Journal
import Kernel
import Placement

extension HostRuntime {
    /// The longest that runs in flight may hold up a hand-over of memory.
    private static let holdSeconds = 5

    /// Replaces a department's plugin while it works; `Host/Engine/README.md` has the order.
    ///
    /// Returns once the new generation serves; the old one drains beside it. Whatever fails leaves the department as
    /// it was. Until the host starts again, which takes the files that it is given then.
    ///
    /// - Parameters:
    ///   - path: another file, in a folder that plugins of this host come from; nil: the department's own file.
    ///   - force: also when the file is the one that serves: a restart of its process.
    ///   - drainSeconds: how long runs in flight may go on; then they are replayed on the new generation.
    /// - Throws: `reloadFailed` with the step; `conflict` when nothing changed; `reloadBusy`.
    @discardableResult
    package func reload(
        _ department: String, from path: String? = nil, force: Bool = false, drainSeconds: Int = 30
    ) async throws(EngineError) -> ReloadReport {
        let entry = try core.departments.known(department)
        let current = entry.descriptor.path
        guard !current.isEmpty else {
            throw EngineError(.invalid, "department \(department) is built in; it has no file to load again")
        }
        if let path {
            guard core.settings.placements.pins[current] == nil else {
                throw EngineError(
                    .invalid, "department \(department) is installed: bureau plugin upgrade gives it another file")
            }
            try checkFolder(of: path)
        }
        try await entry.beginReload()
        let drain = max(0, drainSeconds)
        let reload = Reload(
            entry: entry, placements: core.departments.placements,
            limits: ReloadLimits(drain: .seconds(drain), hold: .seconds(min(drain, Self.holdSeconds))),
            admit: { [self] new, old throws(EngineError) in try await admit(new, after: old) },
            workerLimits: { [grants = core.departments.grants] in grants.permissions(of: $0).limits },
            record: { [self] report throws(EngineError) in try await record(report) },
            handBack: { [core] generation, reason in core.handBack(runsOf: generation, reason) })
        return try await perform(reload, entry, path ?? current, force: force)
    }

    private func perform(
        _ reload: Reload, _ entry: DepartmentEntry, _ path: String, force: Bool
    ) async throws(EngineError) -> ReloadReport {
        let old = entry.current
        let start = ContinuousClock.now
        var report = ReloadReport(
            department: old.descriptor.manifest.department, generation: old.number,
            from: ReloadReport.Side(old.descriptor), at: core.clock())
        // Whatever happened, runs that became ready meanwhile are claimed again.
        defer { core.pokeScheduler() }
        let outcome: Reload.Outcome?
        do {
            outcome = try await reload.run(path, &report, isForced: force)
        } catch {
            outcome = nil
            report.failure = error
        }
        report.milliseconds = Int64(start.duration(to: .now) / .milliseconds(1))
        switch outcome {
        case .replaced(let old):
            await core.liftQuarantine(of: report.department, for: entry.current.descriptor)
            await core.departments.leaveGroup(report.department)
            Task {
                await reload.drain(old)
                entry.endReload()
            }
        case .unchanged:
            entry.endReload()
            throw EngineError(.conflict, "\(path) is the file that serves; force restarts it")
        case nil: entry.endReload()
        }
        entry.note(report)
        core.settings.placements.log(old.descriptor.id, report.failure == nil ? .info : .error, report.line)
        guard let failure = report.failure else { return report }
        try await record(report)
        throw EngineError(.reloadFailed(failure.step), report.line)
    }

    /// Whether a plugin file may follow the one that serves. What must hold before new code runs belongs here.
    private func admit(_ new: PluginDescriptor, after old: PluginDescriptor) async throws(EngineError) {
        if let refusal = Succession.refusal(of: new, after: old) { throw EngineError(.pluginRefused, refusal) }
        // Changed wishes need a new decision before, not after, the old build is gone.
        try await admitGrant(of: new)
        let removed = Succession.removedTasks(of: new, after: old)
        guard !removed.isEmpty else { return }
        if let refusal = Succession.refusal(removing: try await openRuns(of: removed, in: old.manifest.department)) {
            throw EngineError(.pluginRefused, refusal)
        }
    }

    /// Counts, by task.
    private func openRuns(of tasks: [String], in department: String) async throws(EngineError) -> [String: Int] {
        let states = Set(RunState.allCases.filter { !$0.isTerminal })
        let filter = RunFilter(states: states, department: department)
        do {
            return try await core.journal.read { journal throws(JournalError) in
                var counts: [String: Int] = [:]
                var cursor: Int64?
                while true {
                    let page = try journal.runs(filter, before: cursor, limit: 500)
                    for run in page where tasks.contains(run.task.task) { counts[run.task.task, default: 0] += 1 }
                    guard page.count == 500, let last = page.last else { return counts }
                    cursor = last.number
                }
            }
        } catch {
            throw EngineError(error)
        }
    }

    private func record(_ report: ReloadReport) async throws(EngineError) {
        let leaf = report.auditLeaf
        do {
            _ = try await core.journal.write { transaction throws(JournalError) in
                try transaction.auditAppend(type: leaf.type, fields: leaf.fields)
            }
        } catch {
            throw EngineError(error)
        }
    }

    /// Who reaches this host's API names a file, not the code that the host runs: it must lie where the operator
    /// keeps plugins, which is not where installed ones are.
    private func checkFolder(of path: String) throws(EngineError) {
        let pins = core.settings.placements.pins
        let paths = core.departments.all.map(\.entry.descriptor.path).filter { pins[$0] == nil }
        let known = Set(paths.compactMap(Self.folder))
        guard let folder = Self.folder(of: path), known.contains(folder) else {
            throw EngineError(
                .invalid, "\(path) is not in a folder that plugins of this host come from; copy it there first")
        }
    }

    /// With all links resolved; nil when the file is not there.
    private static func folder(of path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let file = String(cString: resolved)
        return file.lastIndex(of: "/").map { String(file[..<$0]) }
    }

    // MARK: Watching

    /// Reloads departments when their files change, until the task is cancelled. For development: what changes on
    /// the disk runs.
    ///
    /// - Parameter told: gets one line for each reload, and for each that failed.
    package func watchPlugins(
        drainSeconds: Int, _ told: @escaping @Sendable (_ line: String, _ failed: Bool) -> Void
    ) async throws(EngineError) {
        let paths = core.departments.all.map(\.entry.descriptor.path).filter { !$0.isEmpty }
        var settings = FileWatch.Settings()
        settings.isComplete = { (try? PluginFile.open($0)) != nil }
        let watch: FileWatch
        do {
            watch = try FileWatch(paths, settings: settings)
        } catch {
            throw EngineError(error)
        }
        for await path in watch.changes {
            for (name, entry) in core.departments.all where entry.descriptor.path == path {
                do throws(EngineError) {
                    told(try await reload(name, drainSeconds: drainSeconds).line, false)
                } catch {
                    // Written again with the same bytes.
                    if error.code != .conflict { told(error.message, true) }
                }
            }
        }
    }
}
