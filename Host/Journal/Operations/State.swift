import Kernel

extension SQLReading {
    func state(_ scope: StateScope, key: String) throws(JournalError) -> StateEntry? {
        guard let (revision, value) = try stateRow(scope, key), let value else { return nil }
        return StateEntry(value: value, revision: UInt64(revision))
    }

    func stateKeys(_ scope: StateScope, prefix: String, limit: Int) throws(JournalError) -> [String] {
        let arguments = scope.arguments + [.text(prefix)]
        let start = Array(prefix.utf8)
        return try session.rows(StateSQL.keys, arguments, upTo: limit) { row in
            let key = row.text()
            return key.utf8.starts(with: start) ? key : nil
        }
    }

    func stateBytes(tenant: String, department: String) throws(JournalError) -> Int64 {
        try session.first(StateSQL.size, [.text(tenant), .text(department)]) { $0.integer() } ?? 0
    }

    /// Removed keys too: their value is nil.
    fileprivate func stateRow(_ scope: StateScope, _ key: String) throws(JournalError) -> (Int64, [UInt8]?)? {
        try session.first(StateSQL.get, scope.arguments + [.text(key)]) { ($0.integer(), $0.optionalBlob()) }
    }
}

extension SQLTransaction {
    func statePut(
        _ scope: StateScope, key: String, value: [UInt8], expected: UInt64?
    ) throws(JournalError) -> UInt64 {
        let stored = try expecting(expected, scope, key)
        let revision = (stored?.0 ?? 0) + 1
        try write(scope, key, value, revision)
        return UInt64(revision)
    }

    func stateRemove(_ scope: StateScope, key: String, expected: UInt64?) throws(JournalError) {
        guard let stored = try expecting(expected, scope, key), stored.1 != nil else { return }
        try write(scope, key, nil, stored.0 + 1)
    }

    private func write(
        _ scope: StateScope, _ key: String, _ value: [UInt8]?, _ revision: Int64
    ) throws(JournalError) {
        let arguments = scope.arguments + [.text(key), .integer(revision), .optional(value)]
        try session.execute(StateSQL.put, arguments)
        try appendLeaf(AuditLeaves.state(scope, key: key, value: value, revision: revision))
    }

    private func expecting(
        _ expected: UInt64?, _ scope: StateScope, _ key: String
    ) throws(JournalError) -> (Int64, [UInt8]?)? {
        let stored = try stateRow(scope, key)
        let current = stored.map { $0.1 == nil ? 0 : UInt64($0.0) } ?? 0
        guard expected == nil || expected == current else {
            throw JournalError(
                .conflict(current: current),
                current == 0 ? "the key does not exist" : "the key is at revision \(current)")
        }
        return stored
    }
}

extension StateScope {
    fileprivate var arguments: [SQLValue] { [.text(tenant), .text(department), .text(agent)] }
}
