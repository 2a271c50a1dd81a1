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
    func load(paths: [String], placement: PlacementKind, overrides: [DepartmentRecord]) async {
        let inspected = await withTaskGroup(of: Inspected.self) { group in
            for (index, path) in paths.enumerated() {
                group.addTask { [placements] in await Inspected(index: index, path: path, placements) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.index < $1.index }
        }
        for file in inspected {
            do throws(PlacementError) {
                // Its sealed bytes are kept: what is loaded at first use is what was inspected now.
                let inspected = try file.result.get()
                let descriptor = inspected.descriptor
                let name = descriptor.manifest.department
                let record = overrides.first { $0.name == name }
                let kind = record.flatMap { PlacementKind(rawValue: $0.placement) } ?? placement
                let load: Generation.Load = { [placements, grants] () async throws(PlacementError) in
                    try await placements.place(
                        inspected, as: kind, limits: grants.permissions(of: descriptor).limits)
                }
                let loadAlone: Generation.Load = { [placements, grants] () async throws(PlacementError) in
                    try await placements.place(
                        inspected, as: .worker, limits: grants.permissions(of: descriptor).limits)
                }
                let entry = try DepartmentEntry(
                    descriptor: descriptor, placement: kind, load: load, loadAlone: kind == .inline ? nil : loadAlone)
                try add(entry, path: file.path)
                if record?.enabled == false { setEnabled(name, false) }
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

    func setEnabled(_ name: String, _ isEnabled: Bool) {
        state.withLock { state in
            if isEnabled { state.disabled.remove(name) } else { state.disabled.insert(name) }
        }
    }

    /// The department, whether or not it may take work.
    func entry(_ name: String) throws(EngineError) -> DepartmentEntry {
        let (entry, known) = state.withLock { ($0.entries[name], $0.entries.keys.sorted()) }
        guard let entry else {
            let list = known.isEmpty ? "none is loaded" : "there are: \(known.joined(separator: ", "))"
            throw EngineError(.unknownDepartment, "no department \"\(name)\"; \(list)")
        }
        return entry
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

    func statuses(placement: PlacementKind) async -> [DepartmentStatus] {
        let (entries, disabled, problems) = state.withLock { ($0.entries, $0.disabled, $0.problems) }
        var statuses: [DepartmentStatus] = []
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let statistics = await entry.statistics()
            statuses.append(
                DepartmentStatus(
                    name: name, path: entry.descriptor.path, descriptor: entry.descriptor,
                    enabled: !disabled.contains(name), placement: entry.placement,
                    statistics: statistics, standing: grants.standing(of: entry.descriptor), problem: nil,
                    isolation: entry.placement == .worker ? statistics?.isolation ?? isolation : nil,
                    generation: entry.current.number, lastReload: entry.lastReload))
        }
        for problem in problems {
            statuses.append(
                DepartmentStatus(
                    name: problem.path.split(separator: "/").last.map(String.init) ?? problem.path,
                    path: problem.path, descriptor: nil, enabled: false, placement: placement, statistics: nil,
                    standing: .needless, problem: problem.error.message))
        }
        return statuses
    }

    func shutdown() async {
        let entries = state.withLock { Array($0.entries.values) }
        await withTaskGroup(of: Void.self) { group in
            for entry in entries { group.addTask { await entry.shutdown() } }
        }
    }
}
