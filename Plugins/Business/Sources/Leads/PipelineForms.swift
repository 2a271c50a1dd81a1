package import PluginKit

/// Where a lead stands. The arrows are in `LeadState.next`.
package enum LeadState: String, Codable, Sendable, CaseIterable {
    case new, contacted, qualified, proposal, won, lost, parked

    /// What may follow. A lost or parked lead may be taken up again; a won one is done.
    package var next: [LeadState] {
        switch self {
        case .new: [.contacted, .lost, .parked]
        case .contacted: [.qualified, .lost, .parked]
        case .qualified: [.proposal, .lost, .parked]
        case .proposal: [.won, .lost, .parked, .qualified]
        case .won: []
        case .lost: [.contacted]
        case .parked: [.contacted, .qualified, .lost]
        }
    }

    package var isOpen: Bool { self != .won && self != .lost }
}

package struct LeadTask: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var title: String
    package var owner: String?
    package var due: String?
    package var done: Bool

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique in the lead.")
        schema.property("title", "What is to be done.")
        schema.property("owner", "By whom.")
        schema.property("due", "Until when, YYYY-MM-DD.")
        schema.property("done", "Whether it was.")
    }
}

package struct LeadChange: Codable, Sendable, SchemaDescribing {
    package var at: String
    package var what: String
    package var from: String?
    package var to: String?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("at", "Day, UTC, YYYY-MM-DD.")
        schema.property("what", "What was changed.")
        schema.property("from", "Before.")
        schema.property("to", "After.")
    }
}

package struct LeadRecord: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var name: String
    package var state: LeadState
    package var owner: String?
    package var due: String?
    package var valueMinor: Int?
    package var attributes: [String: JSONValue]
    package var tasks: [LeadTask]
    package var history: [LeadChange]

    enum CodingKeys: String, CodingKey {
        case id, name, state, owner, due, attributes, tasks, history
        case valueMinor = "value_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "As created.")
        schema.property("name", "Who or what.")
        schema.property("state", "Where it stands.")
        schema.property("owner", "Who looks after it.")
        schema.property("due", "Next step until, YYYY-MM-DD.")
        schema.property("value_minor", "What it would bring.")
        schema.property("attributes", "Anything else.")
        schema.property("tasks", "What is to be done for it.")
        schema.property("history", "All changes, oldest first; the last 200 are kept.")
    }
}

package enum LeadAction: String, Codable, Sendable, CaseIterable {
    case create, get, list, update, move, remove
    case addTask = "add_task"
    case finishTask = "finish_task"
}

package struct LeadsInput: Codable, Sendable, SchemaDescribing {
    package var action: LeadAction
    package var id: String?
    package var name: String?
    package var owner: String?
    package var due: String?
    package var valueMinor: Int?
    package var attributes: [String: JSONValue]?
    package var state: LeadState?
    package var reason: String?
    package var task: String?
    package var revision: Int?
    package var overdue: Bool?

    enum CodingKeys: String, CodingKey {
        case action, id, name, owner, due, attributes, state, reason, task, revision, overdue
        case valueMinor = "value_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        let day = "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"
        schema.property("action", "What to do.")
        schema.property(
            "id", "Of the lead; all actions but list need it.", minLength: 1, maxLength: 100,
            pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$")
        schema.property("name", "For create and update; the title for add_task.", maxLength: 200)
        schema.property("owner", "Set by create, update, add_task; filters a list; empty removes.", maxLength: 100)
        schema.property("due", "Set by create, update, add_task; empty removes.", pattern: day)
        schema.property("value_minor", "For create and update.", minimum: 0, maximum: 1e15)
        schema.property("attributes", "For create and update: members given replace those of the lead; null removes.")
        schema.property("state", "For move: where to; for list: only those.")
        schema.property("reason", "For move; lost needs one.", maxLength: 500)
        schema.property("task", "Id of the task, for add_task and finish_task.", minLength: 1, maxLength: 100)
        schema.property("revision", "The lead must not have changed since this one.", minimum: 0, maximum: 1e15)
        schema.property("overdue", "For list: only those with something due before today.")
    }
}

package struct LeadEntry: Codable, Sendable, SchemaDescribing {
    package var lead: LeadRecord
    package var revision: Int
    package var overdue: [String]
    package var next: [LeadState]

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("lead", "The lead.")
        schema.property("revision", "For a change that must not overwrite another's.")
        schema.property("overdue", "What is due before today.")
        schema.property("next", "States that may follow.")
    }
}

package struct LeadsOutput: Codable, Sendable, SchemaDescribing {
    package var leads: [LeadEntry]
    package var byState: [String: Int]
    package var openValueMinor: Int
    package var warnings: [String]

    enum CodingKeys: String, CodingKey {
        case leads, warnings
        case byState = "by_state"
        case openValueMinor = "open_value_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("leads", "The one that was asked for, or the list by id; empty after remove.")
        schema.property("by_state", "Number of the leads above, by state.")
        schema.property("open_value_minor", "Of those that are neither won nor lost.")
        schema.property("warnings", "What a reader must know.")
    }
}
