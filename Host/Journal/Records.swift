package import Kernel

package struct RunFilter: Hashable, Sendable {
    package var states: Set<RunState>
    package var department: String?
    package var rootsOnly: Bool
    package var task: TaskReference?
    package var scope: RowScope

    package init(
        states: Set<RunState> = [], department: String? = nil, rootsOnly: Bool = false, task: TaskReference? = nil,
        scope: RowScope = .all
    ) {
        self.task = task
        self.scope = scope
        self.states = states
        self.department = department
        self.rootsOnly = rootsOnly
    }
}

/// An entry of the event log, which is also the outbox.
package struct NewEvent: Hashable, Sendable {
    package var topic: String
    package var run: RunID
    package var root: RunID
    package var body: JSONValue

    package init(topic: String, run: RunID, root: RunID, body: JSONValue) {
        self.topic = topic
        self.run = run
        self.root = root
        self.body = body
    }
}

package struct EventRecord: Hashable, Sendable {
    package var position: Int64
    package var at: Instant
    package var event: NewEvent

    package init(position: Int64, at: Instant, event: NewEvent) {
        self.position = position
        self.at = at
        self.event = event
    }
}

/// Whose state: one agent of one department of one tenant.
package struct StateScope: Hashable, Sendable {
    package var tenant: String
    package var department: String
    package var agent: String
    /// What the agent keeps about this subject, and nothing else of its.
    package var subject: SubjectID?

    package init(tenant: String, department: String, agent: String, subject: SubjectID? = nil) {
        self.subject = subject
        self.tenant = tenant
        self.department = department
        self.agent = agent
    }
}

package struct StateEntry: Hashable, Sendable {
    package var value: [UInt8]
    package var revision: UInt64

    package init(value: [UInt8], revision: UInt64) {
        self.value = value
        self.revision = revision
    }
}

package struct ArtifactContent: Hashable, Sendable {
    package var bytes: [UInt8]
    package var mediaType: String

    package init(bytes: [UInt8], mediaType: String) {
        self.bytes = bytes
        self.mediaType = mediaType
    }
}

package struct ArtifactRecord: Hashable, Sendable {
    package var run: RunID
    package var name: String
    package var mediaType: String
    package var digest: Digest
    package var byteCount: Int
    package var createdAt: Instant

    package init(run: RunID, name: String, mediaType: String, digest: Digest, byteCount: Int, createdAt: Instant) {
        self.run = run
        self.name = name
        self.mediaType = mediaType
        self.digest = digest
        self.byteCount = byteCount
        self.createdAt = createdAt
    }
}

package struct CostRow: Hashable, Sendable {
    package var task: TaskReference
    package var runs: Int
    package var steps: Int
    package var modelCalls: Int
    package var inputTokens: Int64
    package var outputTokens: Int64
    package var cost: Nanodollars
    package var milliseconds: Int64

    package init(
        task: TaskReference, runs: Int, steps: Int, modelCalls: Int, inputTokens: Int64, outputTokens: Int64,
        cost: Nanodollars, milliseconds: Int64
    ) {
        self.task = task
        self.runs = runs
        self.steps = steps
        self.modelCalls = modelCalls
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cost = cost
        self.milliseconds = milliseconds
    }
}

package struct DepartmentRecord: Hashable, Sendable {
    package var name: String
    package var enabled: Bool
    package var placement: String

    package init(name: String, enabled: Bool, placement: String) {
        self.name = name
        self.enabled = enabled
        self.placement = placement
    }
}

/// A line of a department's history of grants; the newest is in force.
package struct GrantRecord: Hashable, Sendable {
    package var number: Int64
    package var at: Instant
    package var isRevoked: Bool
    /// What was granted, or what a revocation took back, by whom.
    package var grant: Grant

    package init(number: Int64, at: Instant, isRevoked: Bool, grant: Grant) {
        self.number = number
        self.at = at
        self.isRevoked = isRevoked
        self.grant = grant
    }
}

package struct AuditLeaf: Hashable, Sendable {
    package var index: Int64
    /// The exact stored bytes: verification never canonicalises again.
    package var bytes: [UInt8]
    package var hash: Digest

    package init(index: Int64, bytes: [UInt8], hash: Digest) {
        self.index = index
        self.bytes = bytes
        self.hash = hash
    }
}

package struct AuditCheckpoint: Hashable, Sendable {
    package var size: Int64
    package var root: Digest
    package var at: Instant

    package init(size: Int64, root: Digest, at: Instant) {
        self.size = size
        self.root = root
        self.at = at
    }
}
