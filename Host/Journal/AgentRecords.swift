package import Kernel

/// A named instance of a department, as it is now.
package struct AgentRecord: Hashable, Sendable {
    package var name: String
    package var department: String
    /// What the plugin gets.
    package var configuration: [UInt8]
    package var createdAt: Instant
    package var state: AgentState
    /// Of configuration and profile, from 1 on.
    package var version: Int
    package var profile: AgentProfile
    /// The pool it is a member of.
    package var pool: String?

    package init(
        name: String, department: String, configuration: [UInt8], createdAt: Instant, state: AgentState = .active,
        version: Int = 1, profile: AgentProfile = .all, pool: String? = nil
    ) {
        self.name = name
        self.department = department
        self.configuration = configuration
        self.createdAt = createdAt
        self.state = state
        self.version = version
        self.profile = profile
        self.pool = pool
    }

    package var address: AgentAddress { AgentAddress(department: department, name: name) }
}

/// What an agent was told to be, once. Kept for ever: runs that began with it end with it.
package struct AgentVersion: Hashable, Sendable {
    package var agent: AgentAddress
    package var version: Int
    package var configuration: [UInt8]
    package var profile: AgentProfile
    package var at: Instant
    package var by: String
    /// What was done, in a few words.
    package var note: String

    package init(
        agent: AgentAddress, version: Int, configuration: [UInt8], profile: AgentProfile, at: Instant, by: String,
        note: String
    ) {
        self.agent = agent
        self.version = version
        self.configuration = configuration
        self.profile = profile
        self.at = at
        self.by = by
        self.note = note
    }
}

/// What became of an agent's runs, read from the runs themselves.
package struct AgentStatistics: Hashable, Sendable {
    package var runs: [RunState: Int] = [:]
    package var cost: Nanodollars = .zero
    /// Of its newest runs that ended well, at most ``sampled``: from their first beginning to their end.
    package var meanMilliseconds: Int64?
    package var medianMilliseconds: Int64?
    package var slowMilliseconds: Int64?
    package var lastActive: Instant?
    package var openMessages = 0

    package static let sampled = 10_000

    package var openRuns: Int { runs.reduce(0) { $0 + ($1.key.isTerminal ? 0 : $1.value) } }

    package init() {}
}

package struct AgentPoolRecord: Hashable, Sendable {
    package var name: String
    package var department: String
    package var configuration: [UInt8]
    package var profile: AgentProfile
    package var policy: AgentPool
    package var createdAt: Instant

    package init(
        name: String, department: String, configuration: [UInt8], profile: AgentProfile = .all, policy: AgentPool,
        createdAt: Instant
    ) {
        self.name = name
        self.department = department
        self.configuration = configuration
        self.profile = profile
        self.policy = policy
        self.createdAt = createdAt
    }

    package var address: AgentAddress { AgentAddress(department: department, name: name) }
}

package struct NewMessage: Hashable, Sendable {
    package var tenant: String
    package var receiver: AgentAddress
    /// An agent, or what else sends: order is kept between a sender and a receiver. Nil in messages of older stores.
    package var sender: String?
    package var type: String
    package var payload: [UInt8]
    /// Unique: a second append is a no-op.
    package var key: String
    /// The run that sends it.
    package var run: RunID?
    /// How many runs started one another by messages until this one.
    package var chain: Int

    package init(
        tenant: String, receiver: AgentAddress, sender: String?, type: String, payload: [UInt8], key: String,
        run: RunID? = nil, chain: Int = 0
    ) {
        self.tenant = tenant
        self.receiver = receiver
        self.sender = sender
        self.type = type
        self.payload = payload
        self.key = key
        self.run = run
        self.chain = chain
    }
}

package struct MessageRecord: Hashable, Sendable {
    package var number: Int64
    package var at: Instant
    package var message: NewMessage
    package var state: AgentMessage.State
    package var deliveries: Int
    /// When an open one may be given out; while somebody has it, when it is given out again.
    package var dueAt: Instant
    /// Why it is a dead letter, or was given back.
    package var reason: String?
    /// The run that it started.
    package var started: RunID?
    package var endedAt: Instant?
    /// Of the event that told of it; nil in messages of older stores.
    package var position: Int64?

    package init(
        number: Int64, at: Instant, message: NewMessage, state: AgentMessage.State, deliveries: Int, dueAt: Instant,
        reason: String?, started: RunID?, endedAt: Instant?, position: Int64?
    ) {
        self.number = number
        self.at = at
        self.message = message
        self.state = state
        self.deliveries = deliveries
        self.dueAt = dueAt
        self.reason = reason
        self.started = started
        self.endedAt = endedAt
        self.position = position
    }
}
