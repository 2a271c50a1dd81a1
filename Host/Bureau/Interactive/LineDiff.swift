/// What changed between two texts, line by line.
enum LineDiff {
    enum Line: Hashable {
        case same(String)
        case removed(String)
        case added(String)
    }

    /// The longest common lines stay. Texts of more than 2,000 lines are not compared inside.
    static func lines(_ old: String, _ new: String) -> [Line] {
        let (before, after) = (split(old), split(new))
        guard before.count <= 2_000, after.count <= 2_000 else {
            return old == new ? before.map { .same($0) } : before.map { .removed($0) } + after.map { .added($0) }
        }
        return after.difference(from: before).isEmpty ? before.map { .same($0) } : merged(before, after)
    }

    private static func merged(_ before: [String], _ after: [String]) -> [Line] {
        let difference = after.difference(from: before)
        var removed: Set<Int> = [], added: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var lines: [Line] = [], i = 0, j = 0
        while i < before.count || j < after.count {
            if removed.contains(i) {
                lines.append(.removed(before[i]))
                i += 1
            } else if added.contains(j) {
                lines.append(.added(after[j]))
                j += 1
            } else {
                lines.append(.same(before[i]))
                i += 1
                j += 1
            }
        }
        return lines
    }

    private static func split(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// With two lines around each change.
    static func text(_ old: String, _ new: String, style: Style) -> [String] {
        let all = lines(old, new)
        let changed = all.indices.filter { index in
            if case .same = all[index] { false } else { true }
        }
        var shown: [String] = [], last = -1
        for index in all.indices where changed.contains(where: { abs($0 - index) <= 2 }) {
            if last >= 0, index > last + 1 { shown.append(style.faint("  …")) }
            last = index
            switch all[index] {
            case .same(let line): shown.append("  " + line.printable)
            case .removed(let line): shown.append(style.red("- " + line.printable))
            case .added(let line): shown.append(style.green("+ " + line.printable))
            }
        }
        return shown
    }
}
