/// Who is next among tenants, and among the departments of a tenant: stride scheduling (Waldspurger and Weihl, "Stride
/// Scheduling: Deterministic Proportional-Share Resource Management", MIT 1995, hierarchical form).
///
/// Each node has a *pass*, which grows by a quantum over its weight with each claim; the smallest is next. Between two
/// nodes that both have work all the time, neither is ever more than one claim away from its share. A node that gets
/// work takes up at its parent's virtual time, so that it neither calls in what it did not use nor pays for others;
/// one that was ahead when it went idle is still ahead when it returns, so that leaving gains nothing.
struct ShareTree: Sendable {
    struct Path: Hashable, Sendable {
        var tenant: String
        var department: String?
    }

    struct Entry: Comparable, Sendable {
        let pass: Int64
        let name: String
        let id: Int

        static func < (left: Entry, right: Entry) -> Bool { (left.pass, left.name) < (right.pass, right.name) }
    }

    /// A group by its first run.
    struct GroupEntry: Comparable, Sendable {
        let rank: Int64
        let run: Int64
        let group: Int

        static func < (left: GroupEntry, right: GroupEntry) -> Bool { (left.rank, left.run) < (right.rank, right.run) }
    }

    struct Node: Sendable {
        let path: Path
        let parent: Int
        /// Whole quanta, and claims since the last one: no rounding adds up.
        var base: Int64
        var served = 0
        var weight: Int
        var isActive = false
        /// Of a tenant: its active departments, and the pass of the one that was served last.
        var children = MinHeap<Entry>()
        var virtualTime: Int64 = 0
        /// Active or not.
        var childCount = 0
        /// Of a department: its groups that no limit holds back.
        var groups = MinHeap<GroupEntry>()

        var pass: Int64 { base + Int64(served) * ShareTree.quantum / Int64(weight) }
        var entryName: String { path.department ?? path.tenant }

        mutating func charge() {
            served += 1
            guard served == weight else { return }
            served = 0
            base += ShareTree.quantum
        }

        mutating func setWeight(_ weight: Int) {
            takeUp(at: pass)
            self.weight = weight
        }

        mutating func takeUp(at pass: Int64) { (base, served) = (pass, 0) }
    }

    static let quantum: Int64 = 1 << 20
    static let weights = 1...10_000
    private static let root = 0

    private(set) var nodes: [Int: Node]
    private var ids: [Path: Int] = [:]
    private var weights: [Path: Int] = [:]
    private var lastID = root
    /// Idle nodes are forgotten now and then, when they are no longer ahead.
    private var idleSinceSweep = 0

    init() {
        nodes = [Self.root: Node(path: Path(tenant: "", department: nil), parent: Self.root, base: 0, weight: 1)]
    }

    mutating func setWeight(_ weight: Int, of path: Path) {
        let weight = min(max(weight, Self.weights.lowerBound), Self.weights.upperBound)
        weights[path] = weight == 1 ? nil : weight
        guard let id = ids[path] else { return }
        nodes[id]?.setWeight(weight)
        requeue(id)
    }

    func weight(ofTenant tenant: String) -> Int { weights[Path(tenant: tenant, department: nil)] ?? 1 }

    /// Puts a group where it can be found, and its department and tenant too.
    mutating func insert(_ entry: GroupEntry, of group: ClaimGroup) {
        let tenant = node(Path(tenant: group.tenant, department: nil), under: Self.root)
        let department = node(Path(tenant: group.tenant, department: group.department), under: tenant)
        nodes[department]?.groups.insert(entry)
        activate(department)
        activate(tenant)
    }

    /// Whose turn it is, as long as `isCurrent` says that the entry is still true; untrue ones are dropped.
    mutating func next(where isCurrent: (GroupEntry) -> Bool) -> (entry: GroupEntry, department: Int)? {
        while let tenant = firstChild(of: Self.root) {
            guard let department = firstChild(of: tenant) else {
                deactivate(tenant)
                continue
            }
            while let entry = nodes[department]?.groups.first {
                if isCurrent(entry) { return (entry, department) }
                nodes[department]?.groups.removeFirst()
            }
            deactivate(department)
        }
        return nil
    }

    /// Takes out the group that ``next(where:)`` found, for which nothing is charged.
    mutating func dropNext(of department: Int) { nodes[department]?.groups.removeFirst() }

    /// One claim by a department, and so by its tenant.
    mutating func charge(_ department: Int) {
        guard let tenant = nodes[department]?.parent else { return }
        for id in [department, tenant] {
            guard let node = nodes[id], let parent = nodes[node.parent] else { continue }
            nodes[node.parent]?.virtualTime = max(parent.virtualTime, node.pass)
            nodes[id]?.charge()
            requeue(id)
        }
    }
}

// MARK: - Nodes

extension ShareTree {
    private mutating func node(_ path: Path, under parent: Int) -> Int {
        if let id = ids[path] { return id }
        lastID += 1
        ids[path] = lastID
        nodes[lastID] = Node(
            path: path, parent: parent, base: nodes[parent]?.virtualTime ?? 0, weight: weights[path] ?? 1)
        nodes[parent]?.childCount += 1
        return lastID
    }

    private mutating func activate(_ id: Int) {
        guard let node = nodes[id], !node.isActive else { return }
        let virtualTime = nodes[node.parent]?.virtualTime ?? 0
        if node.pass < virtualTime { nodes[id]?.takeUp(at: virtualTime) }
        nodes[id]?.isActive = true
        requeue(id)
    }

    private mutating func deactivate(_ id: Int) {
        nodes[id]?.isActive = false
        idleSinceSweep += 1
        guard idleSinceSweep > nodes.count else { return }
        idleSinceSweep = 0
        let idle = nodes.filter { $0.key != Self.root && !$0.value.isActive }
        for (id, node) in idle where node.path.department != nil { forgetIfSpent(id) }
        for (id, node) in idle where node.path.department == nil { forgetIfSpent(id) }
    }

    /// A tenant is kept while a department of it is.
    private mutating func forgetIfSpent(_ id: Int) {
        guard let node = nodes[id], let parent = nodes[node.parent], node.pass <= parent.virtualTime,
            node.childCount == 0
        else { return }
        nodes[node.parent]?.childCount -= 1
        nodes[id] = nil
        ids[node.path] = nil
    }

    private mutating func requeue(_ id: Int) {
        guard let node = nodes[id], node.isActive else { return }
        nodes[node.parent]?.children.insert(Entry(pass: node.pass, name: node.entryName, id: id))
    }

    /// Entries of an earlier pass, and of nodes without work, are dropped on the way.
    private mutating func firstChild(of parent: Int) -> Int? {
        while let entry = nodes[parent]?.children.first {
            if let node = nodes[entry.id], node.isActive, node.pass == entry.pass { return entry.id }
            nodes[parent]?.children.removeFirst()
        }
        return nil
    }
}
