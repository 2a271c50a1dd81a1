import Journal
import Kernel
import Placement
import Synchronization

/// All departments of this host, by name: those that work, those that are off, and those that were refused with
/// the reason.
final class DepartmentRegistry: Sendable {
    private struct State {
        var entries: [String: DepartmentEntry] = [:]
        var disabled: Set<String> = []
        var groups: [String: DepartmentGroup] = [:]
        /// Refused files: path and reason.
        var problems: [(path: String, error: PlacementError)] = []
    }

    private let state = Mutex(State())
    let placements: Placement
    let grants: GrantBook

    init(placements: Placement, readOnlyTools: Set<String>) {
        self.placements = placements
        grants = GrantBook(readOnlyTools: readOnlyTools)
    }

    /// Inspects the files, each in a process of its own, all at the same time. A refused file is remembered with
    /// its reason and changes nothing else.
    func load(paths: [String], placement: PlacementPlan, overrides: [DepartmentRecord]) async {
        let inspected = await withTaskGroup(of: Inspected.self) { group in
            for (index, path) in paths.enumerated() {
                group.addTask { [placements] in await Inspected(index: index, path: path, placements) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.index < $1.index }
        }
        for file in inspected {
            // Who names a file of a department that is installed too, wants that file.
            if let pin = placements.settings.pins[file.path], contains(pin.department) { continue }
            do throws(PlacementError) {
                // Its sealed bytes are kept: what is loaded at first use is what was inspected now.
                let inspected = try file.result.get()
                let descriptor = inspected.descriptor
                let name = descriptor.manifest.department
                let record = overrides.first { $0.name == name }
                let kind = placement.kind(of: name, stored: record?.placement)
                let loadAlone: Generation.Load = { [placements, grants] () async throws(PlacementError) in
                    try await placements.place(
                        inspected, as: kind.alone, limits: grants.permissions(of: descriptor).limits)
                }
                let group = group(of: kind)
                let load: Generation.Load = { () async throws(PlacementError) in
                    if let group { return try await group.place(inspected) }
                    return try await loadAlone()
                }
                let entry = try DepartmentEntry(
                    descriptor: descriptor, placement: kind, load: load, loadAlone: kind == .inline ? nil : loadAlone)
                try add(entry, path: file.path)
                if record?.enabled == false { setEnabled(name, false) }
                group?.add(inspected)
            } catch {
                state.withLock { $0.problems.append((file.path, error)) }
            }
        }
    }

    private struct Inspected: Sendable {
        let index: Int
        let path: String
        let result: Result<InspectedPlugin, PlacementError>

        init(index: Int, path: String, _ placements: Placement) async {
            self.index = index
            self.path = path
            do throws(PlacementError) {
                result = .success(try await placements.examine(path))
            } catch {
                result = .failure(error)
            }
        }
    }

    func add(_ department: BuiltInDepartment) throws(PlacementError) {
        try add(
            DepartmentEntry(descriptor: department.descriptor, placement: .inline, load: department.place),
            path: "built in")
    }

    private func add(_ entry: DepartmentEntry, path: String) throws(PlacementError) {
        let name = entry.descriptor.manifest.department
        let other = state.withLock { state -> DepartmentEntry? in
            if let other = state.entries[name] { return other }
            state.entries[name] = entry
            return nil
        }
        if let other {
            throw PlacementError(
                .brokenManifest, "\(path): department \"\(name)\" is already offered by \(other.descriptor.path)")
        }
    }

    /// The group that a department belongs to, made for the first of them.
    private func group(of kind: PlacementKind) -> DepartmentGroup? {
        guard case .group(let name) = kind else { return nil }
        return state.withLock { state in
            if let known = state.groups[name] { return known }
            let group = DepartmentGroup(
                name: name, placements: placements, limits: { [grants] in grants.permissions(of: $0).limits },
                mayWork: { [weak self] in (try? self?.available($0)) != nil })
            state.groups[name] = group
            return group
        }
    }

    /// Its plugin was replaced by one that lives elsewhere.
    func leaveGroup(_ department: String) async {
        for group in state.withLock({ Array($0.groups.values) }) { await group.leave(department) }
    }

    /// Names that the operator places and nobody offers. A file that was refused may have been one of them.
    func unknown(of placement: PlacementPlan) -> [String] {
        let (known, hasProblems) = state.withLock { (Set($0.entries.keys), !$0.problems.isEmpty) }
        return hasProblems ? [] : placement.departments.keys.filter { !known.contains($0) }.sorted()
    }

    func setEnabled(_ name: String, _ isEnabled: Bool) {
        state.withLock { state in
            if isEnabled { state.disabled.remove(name) } else { state.disabled.insert(name) }
        }
    }

    /// The department, whether or not it may take work.
    func entry(_ name: String) throws(EngineError) -> DepartmentEntry {
        let (entry, known) = state.withLock { ($0.entries[name], $0.entries.keys.sorted()) }
        guard let entry else {
            if let refused = refusal(of: name) { throw EngineError(.pluginRefused, refused.message) }
            let list = known.isEmpty ? "none is loaded" : "there are: \(known.joined(separator: ", "))"
            throw EngineError(.unknownDepartment, "no department \"\(name)\"; \(list)")
        }
        return entry
    }

    /// Why the plugin that is installed for a department is not there.
    private func refusal(of name: String) -> PlacementError? {
        state.withLock(\.problems).first { placements.settings.pins[$0.path]?.department == name }?.error
    }

    /// The department, if it may take work.
    func available(_ name: String) throws(EngineError) -> DepartmentEntry {
        let entry = try entry(name)
        if state.withLock({ $0.disabled.contains(name) }) {
            throw EngineError(.disabled, "department \(name) is disabled; bureau departments enable \(name)")
        }
        try requireGrant(entry.descriptor)
        return entry
    }

    /// Those that are not turned off and take work now, by name.
    var open: [DepartmentEntry] {
        state.withLock { state in
            state.entries.filter { !state.disabled.contains($0.key) && $0.value.takesWork }
                .sorted { $0.key < $1.key }.map(\.value)
        }
    }

    var known: [DepartmentEntry] { state.withLock { Array($0.entries.values) } }

    /// What workers on this machine have.
    var isolation: SandboxReport? { placements.isolation }
    /// The file behind a department; nil when there is none.
    func build(of name: String) -> Digest? { state.withLock { $0.entries[name]?.descriptor.digest } }

    func contains(_ name: String) -> Bool { state.withLock { $0.entries[name] != nil } }

    /// The department, whether it is enabled or not.
    func known(_ name: String) throws(EngineError) -> DepartmentEntry {
        if let entry = state.withLock({ $0.entries[name] }) { return entry }
        throw EngineError(.unknownDepartment, "no department \"\(name)\"")
    }

    /// Names and entries, by name.
    var all: [(name: String, entry: DepartmentEntry)] {
        state.withLock { $0.entries }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func statuses(placement: PlacementPlan) async -> [DepartmentStatus] {
        let (entries, disabled, problems) = state.withLock { ($0.entries, $0.disabled, $0.problems) }
        var statuses: [DepartmentStatus] = []
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let place = await entry.current.placed()
            let (statistics, kind) = (place?.statistics(), place?.kind ?? entry.placement)
            statuses.append(
                DepartmentStatus(
                    name: name, path: entry.descriptor.path, descriptor: entry.descriptor,
                    enabled: !disabled.contains(name), placement: kind,
                    statistics: statistics, standing: grants.standing(of: entry.descriptor), problem: nil,
                    isolation: kind == .inline ? nil : statistics?.isolation ?? isolation,
                    generation: entry.current.number, lastReload: entry.lastReload))
        }
        for problem in problems {
            statuses.append(
                DepartmentStatus(
                    name: placements.settings.pins[problem.path]?.department
                        ?? problem.path.split(separator: "/").last.map(String.init) ?? problem.path,
                    path: problem.path, descriptor: nil, enabled: false, placement: placement.general, statistics: nil,
                    standing: .needless, problem: problem.error.message))
        }
        return statuses
    }

    func shutdown() async {
        let (entries, groups) = state.withLock { (Array($0.entries.values), Array($0.groups.values)) }
        await withTaskGroup(of: Void.self) { group in
            for entry in entries { group.addTask { await entry.shutdown() } }
            for shared in groups { group.addTask { await shared.shutdown() } }
        }
    }
}
