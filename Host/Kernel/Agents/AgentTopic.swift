/// The names of events that tell of agents, their pools and their messages.
package enum AgentTopic {
    package static let created = "agent.created"
    package static let configured = "agent.configured"
    package static let poolGrown = "pool.grown"
    package static let poolShrunk = "pool.shrunk"
    package static let messageSent = "message.sent"
    package static let messageAcknowledged = "message.acknowledged"
    package static let messageDead = "message.dead"

    /// Of an agent that came to this state.
    package static func state(_ state: AgentState) -> String { "agent.\(state.name)" }
}
