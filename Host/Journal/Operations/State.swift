import Kernel

extension SQLReading {
    func state(_ scope: StateScope, key: String) throws(JournalError) -> StateEntry? {
        let drawer = try StateDrawer(scope, self), stored = try drawer.sealed(key: key)
        guard let (revision, value) = try stateRow(drawer, stored), let value else { return nil }
        return StateEntry(value: try drawer.opened(value, stored, revision), revision: UInt64(revision))
    }

    func stateKeys(_ scope: StateScope, prefix: String, limit: Int) throws(JournalError) -> [String] {
        let drawer = try StateDrawer(scope, self)
        let start = Array(prefix.utf8)
        guard drawer.seal == nil else {
            // In order of what is sealed, which says nothing: all of them are looked at.
            var keys: [String] = []
            for key in try session.rows(StateSQL.keys, drawer.arguments + [.text("")], { $0.text() }) {
                keys.append(try drawer.opened(key: key))
            }
            let fitting = keys.filter { $0.utf8.starts(with: start) }
            return Array(fitting.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.prefix(max(0, limit)))
        }
        return try session.rows(StateSQL.keys, drawer.arguments + [.text(prefix)], upTo: limit) { row in
            let key = row.text()
            return key.utf8.starts(with: start) ? key : nil
        }
    }

    func stateBytes(tenant: String, department: String) throws(JournalError) -> Int64 {
        try session.first(StateSQL.size, [.text(tenant), .text(department)]) { $0.integer() } ?? 0
    }

    /// Removed keys too: their value is nil.
    fileprivate func stateRow(_ drawer: StateDrawer, _ key: String) throws(JournalError) -> (Int64, [UInt8]?)? {
        try session.first(StateSQL.get, drawer.arguments + [.text(key)]) { ($0.integer(), $0.optionalBlob()) }
    }
}

extension SQLTransaction {
    func statePut(
        _ scope: StateScope, key: String, value: [UInt8], expected: UInt64?
    ) throws(JournalError) -> UInt64 {
        let drawer = try StateDrawer(scope, self), key = try drawer.sealed(key: key)
        let stored = try expecting(expected, drawer, key)
        let revision = (stored?.0 ?? 0) + 1
        try write(drawer, key, try drawer.sealed(value, key, revision), revision)
        return UInt64(revision)
    }

    func stateRemove(_ scope: StateScope, key: String, expected: UInt64?) throws(JournalError) {
        let drawer = try StateDrawer(scope, self), key = try drawer.sealed(key: key)
        guard let stored = try expecting(expected, drawer, key), stored.1 != nil else { return }
        try write(drawer, key, nil, stored.0 + 1)
    }

    private func write(
        _ drawer: StateDrawer, _ key: String, _ value: [UInt8]?, _ revision: Int64
    ) throws(JournalError) {
        let arguments = drawer.arguments + [.text(key), .integer(revision), .optional(value)]
        try session.execute(StateSQL.put, arguments)
        try appendLeaf(AuditLeaves.state(drawer.stored, key: key, value: value, revision: revision))
    }

    private func expecting(
        _ expected: UInt64?, _ drawer: StateDrawer, _ key: String
    ) throws(JournalError) -> (Int64, [UInt8]?)? {
        let stored = try stateRow(drawer, key)
        let current = stored.map { $0.1 == nil ? 0 : UInt64($0.0) } ?? 0
        guard expected == nil || expected == current else {
            throw JournalError(
                .conflict(current: current),
                current == 0 ? "the key does not exist" : "the key is at revision \(current)")
        }
        return stored
    }
}

/// An agent's state as it is stored. What an agent knows about a subject it keeps apart from all else, under
/// `<agent>@<subject>`, keys and values sealed.
struct StateDrawer {
    let stored: StateScope
    let seal: SubjectSeal?

    init(_ scope: StateScope, _ reading: SQLReading) throws(JournalError) {
        guard let subject = scope.subject else {
            (stored, seal) = (scope, nil)
            return
        }
        stored = StateScope(
            tenant: scope.tenant, department: scope.department, agent: "\(scope.agent)@\(subject)")
        seal = try reading.seal(of: subject)
        if case .erased? = seal?.key {
            throw JournalError(.denied, "\(subject) was erased: no agent knows anything about it")
        }
    }

    var arguments: [SQLValue] { [.text(stored.tenant), .text(stored.department), .text(stored.agent)] }
    private var row: String { "state \(stored.tenant)/\(stored.department)/\(stored.agent)" }

    func sealed(key: String) throws(JournalError) -> String { try seal?.sealName(key, SealPlace(row, "key")) ?? key }

    func sealed(_ value: [UInt8], _ key: String, _ revision: Int64) throws(JournalError) -> [UInt8] {
        try seal?.seal(value, SealPlace(row, "\(revision) of \(key)")) ?? value
    }

    func opened(key: String) throws(JournalError) -> String {
        guard let seal else { return key }
        return try plain(seal.openText(key, SealPlace(row, "key")))
    }

    func opened(_ value: [UInt8], _ key: String, _ revision: Int64) throws(JournalError) -> [UInt8] {
        guard let seal else { return value }
        return try plain(seal.open(value, SealPlace(row, "\(revision) of \(key)")))
    }

    private func plain<Value>(_ result: Result<Value, SealedFailure>) throws(JournalError) -> Value {
        switch result {
        case .success(let value): return value
        case .failure(let failure): throw JournalError(.storage, "\(row) cannot be opened: it is \(failure.state)")
        }
    }
}
