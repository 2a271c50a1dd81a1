package import Kernel

/// Whom data is about.
package struct SubjectRecord: Hashable, Sendable {
    package var id: SubjectID
    package var tenant: String
    package var createdAt: Instant
    package var createdBy: String
    /// What people call them; nil for one that has none, was erased, or whose key cannot be opened here.
    package var alias: String?
    package var erasure: SubjectErasure?
    /// Whether there is a key, and whether it opens here.
    package var key: SealedState

    package init(
        id: SubjectID, tenant: String, createdAt: Instant, createdBy: String, alias: String?, erasure: SubjectErasure?,
        key: SealedState
    ) {
        self.id = id
        self.tenant = tenant
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.alias = alias
        self.erasure = erasure
        self.key = key
    }
}

package struct SubjectErasure: Hashable, Sendable {
    package var at: Instant
    package var by: String
    /// In the log for ever, as is the request: neither may say who it was.
    package var reason: String
    package var request: String?

    package init(at: Instant, by: String, reason: String, request: String?) {
        self.at = at
        self.by = by
        self.reason = reason
        self.request = request
    }

    /// One line of plain words without what addresses are made of.
    package static func isPlain(_ text: String) -> Bool {
        (1...120).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || " .,:/#_()-".utf8.contains(byte)
            }
    }
}

/// What is stored about a subject, in numbers of rows.
package struct SubjectExtent: Hashable, Sendable {
    package var runs = 0, steps = 0, events = 0, artifacts = 0, approvals = 0, messages = 0, letters = 0, state = 0

    package init() {}

    package var members: [(name: String, count: Int)] {
        [
            ("runs", runs), ("steps", steps), ("events", events), ("artifacts", artifacts), ("approvals", approvals),
            ("messages", messages), ("dead_letters", letters), ("state", state),
        ]
    }
}

/// What an erasure did.
package struct SubjectErasureReport: Sendable {
    package var subject: SubjectRecord
    package var extent: SubjectExtent
    /// Open runs that were cancelled; those that a lane still had in its hands.
    package var cancelled: [RunID]
    package var running: [RunRecord]
    /// The list that old copies of the store are held against.
    package var list: String
    /// Nothing of the key is left in the log of changes; false while a reader holds it: the next checkpoint does it.
    package var isLogFolded = false

    package init(
        subject: SubjectRecord, extent: SubjectExtent, cancelled: [RunID], running: [RunRecord], list: String
    ) {
        self.subject = subject
        self.extent = extent
        self.cancelled = cancelled
        self.running = running
        self.list = list
    }
}

/// A value of an agent's state about a subject.
package struct SubjectStateEntry: Hashable, Sendable {
    package var scope: StateScope
    package var key: String
    package var value: [UInt8]
    package var revision: Int64

    package init(scope: StateScope, key: String, value: [UInt8], revision: Int64) {
        self.scope = scope
        self.key = key
        self.value = value
        self.revision = revision
    }
}

package struct KeyRotation: Hashable, Sendable {
    package var current: String
    /// Keys of subjects that were wrapped anew.
    package var rewrapped: Int
    /// Wrapping keys that are kept for copies of the store.
    package var retired: [String]
}
