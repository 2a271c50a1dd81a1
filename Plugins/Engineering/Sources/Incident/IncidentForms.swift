package import PluginKit

package enum Severity: String, Codable, Sendable, CaseIterable {
    case p1 = "P1"
    case p2 = "P2"
    case p3 = "P3"
    case p4 = "P4"

    /// Minutes to acknowledge and to resolve, from detection on.
    package var limits: (acknowledge: Int, resolve: Int) {
        switch self {
        case .p1: (15, 4 * 60)
        case .p2: (30, 8 * 60)
        case .p3: (2 * 60, 24 * 60)
        case .p4: (8 * 60, 48 * 60)
        }
    }
}

package enum IncidentPhase: String, Codable, Sendable, CaseIterable {
    case began, detected, acknowledged, mitigated, resolved, reopened, note
}

package struct IncidentEvent: Codable, Sendable, SchemaDescribing {
    package var at: String
    package var phase: IncidentPhase
    package var text: String?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("at", "RFC 3339: 2026-11-22T04:00:00Z, or with an offset.", minLength: 20, maxLength: 35)
        schema.property("phase", "What happened; note for anything else.")
        schema.property("text", "For readers.", maxLength: 2_000)
    }
}

package struct Incident: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var severity: Severity
    package var events: [IncidentEvent]

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique in the list.", minLength: 1, maxLength: 100)
        schema.property("severity", "P1 15 min and 4 h, P2 30 min and 8 h, P3 2 h and 24 h, P4 8 h and 48 h.")
        schema.property("events", "In any order.", minItems: 1, maxItems: 10_000)
    }
}

package struct IncidentInput: Codable, Sendable, SchemaDescribing {
    package var incidents: [Incident]
    package var now: String?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("incidents", "To be measured.", minItems: 1, maxItems: 1_000)
        schema.property(
            "now", "Until when open ones count, RFC 3339; the last event of all if absent.", minLength: 20,
            maxLength: 35)
    }
}

package struct TimelineEntry: Codable, Sendable, SchemaDescribing {
    package var at: String
    package var minute: Double
    package var phase: IncidentPhase
    package var text: String

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("at", "UTC.")
        schema.property("minute", "Since the incident began, or was detected.")
        schema.property("phase", "What happened.")
        schema.property("text", "As given.")
    }
}

package struct Timer: Codable, Sendable, SchemaDescribing {
    package enum State: String, Codable, Sendable, CaseIterable { case met, breached, running }

    package var limitMinutes: Int
    package var takenMinutes: Double
    package var state: State
    package var due: String

    enum CodingKeys: String, CodingKey {
        case state, due
        case limitMinutes = "limit_minutes"
        case takenMinutes = "taken_minutes"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("limit_minutes", "Of the severity.")
        schema.property("taken_minutes", "From detection; until now, if it is still running.")
        schema.property("state", "breached also while still running, once the limit has passed.")
        schema.property("due", "UTC.")
    }
}

package struct MeasuredIncident: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var severity: Severity
    package var open: Bool
    package var detectMinutes: Double?
    package var acknowledge: Timer
    package var resolve: Timer
    package var downMinutes: Double
    package var timeline: [TimelineEntry]
    package var warnings: [String]

    enum CodingKeys: String, CodingKey {
        case id, severity, open, acknowledge, resolve, timeline, warnings
        case detectMinutes = "detect_minutes"
        case downMinutes = "down_minutes"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "As given.")
        schema.property("severity", "As given.")
        schema.property("open", "Not resolved, or reopened since.")
        schema.property("detect_minutes", "From the beginning; absent if that is not known.")
        schema.property("acknowledge", "Timer to the first acknowledgement.")
        schema.property("resolve", "Timer to the last resolution.")
        schema.property(
            "down_minutes", "From the beginning (or detection), without the time between resolved and reopened.")
        schema.property("timeline", "In order.")
        schema.property("warnings", "What is missing.")
    }
}

package struct IncidentSummary: Codable, Sendable, SchemaDescribing {
    package var incidents: Int
    package var open: Int
    package var meanDetectMinutes: Double?
    package var meanAcknowledgeMinutes: Double?
    package var meanResolveMinutes: Double?
    package var medianResolveMinutes: Double?
    package var breaches: Int

    enum CodingKeys: String, CodingKey {
        case incidents, open, breaches
        case meanDetectMinutes = "mean_detect_minutes"
        case meanAcknowledgeMinutes = "mean_acknowledge_minutes"
        case meanResolveMinutes = "mean_resolve_minutes"
        case medianResolveMinutes = "median_resolve_minutes"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("incidents", "How many.")
        schema.property("open", "Of those.")
        schema.property("mean_detect_minutes", "MTTD, of those whose beginning is known.")
        schema.property("mean_acknowledge_minutes", "MTTA, of those acknowledged.")
        schema.property("mean_resolve_minutes", "MTTR, of those resolved.")
        schema.property("median_resolve_minutes", "One long incident does not move it.")
        schema.property("breaches", "Timers that passed their limit.")
    }
}

package struct IncidentOutput: Codable, Sendable, SchemaDescribing {
    package var incidents: [MeasuredIncident]
    package var total: IncidentSummary
    package var bySeverity: [String: IncidentSummary]
    package var notes: [String]

    enum CodingKeys: String, CodingKey {
        case incidents, total, notes
        case bySeverity = "by_severity"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("incidents", "In the order given.")
        schema.property("total", "All together.")
        schema.property("by_severity", "Those severities that occur.")
        schema.property("notes", "How it was counted.")
    }
}
