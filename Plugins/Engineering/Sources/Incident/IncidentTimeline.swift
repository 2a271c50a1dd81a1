package import PluginKit

/// What happened when, and whether people were fast enough for the incident's class.
package enum IncidentTimeline {
    package static func evaluate(_ input: IncidentInput) throws(TaskFailure) -> IncidentOutput {
        var ids: Set<String> = [], read: [(incident: Incident, events: [Event])] = []
        for (index, incident) in input.incidents.enumerated() {
            guard ids.insert(incident.id).inserted else {
                throw .invalid("/incidents/\(index)/id: \(incident.id) is there twice")
            }
            read.append((incident, try events(incident, at: "/incidents/\(index)")))
        }
        guard let last = read.compactMap(\.events.last?.time).max() else { throw .invalid("/incidents: none") }
        var now = last
        if let text = input.now {
            guard let given = Timestamp(text) else { throw .invalid("/now: \(text) is no RFC 3339 time") }
            guard given >= last else { throw .invalid("/now: \(text) lies before the last event, \(last.text)") }
            now = given
        }
        let measured = read.map { measure($0.incident, $0.events, now: now) }
        let groups = Dictionary(grouping: measured) { $0.severity.rawValue }
        return IncidentOutput(
            incidents: measured, total: summary(measured), bySeverity: groups.mapValues(summary),
            notes: [
                "Timers start at detection and stop at the first acknowledgement and the last resolution.",
                "Means leave out incidents that have not come so far; a breach counts as soon as the limit has passed.",
                "Now is \(now.text).",
            ])
    }

    private struct Event {
        var time: Timestamp
        var phase: IncidentPhase
        var text: String
    }

    private static func events(_ incident: Incident, at pointer: String) throws(TaskFailure) -> [Event] {
        var events: [Event] = []
        for (index, event) in incident.events.enumerated() {
            guard let time = Timestamp(event.at) else {
                throw .invalid("\(pointer)/events/\(index)/at: \(event.at) is no RFC 3339 time")
            }
            events.append(Event(time: time, phase: event.phase, text: event.text ?? ""))
        }
        // A stable order: events of the same moment stay as they were written.
        events = events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(
            \.element)
        guard events.contains(where: { $0.phase == .detected }) else {
            throw .invalid("\(pointer)/events: an incident that nobody detected has no timers; add a detected event")
        }
        for phase in [IncidentPhase.began, .detected] where events.count(where: { $0.phase == phase }) > 1 {
            throw .invalid("\(pointer)/events: \(phase.rawValue) happens once")
        }
        try checkOrder(events, at: pointer)
        return events
    }

    private static func checkOrder(_ events: [Event], at pointer: String) throws(TaskFailure) {
        var isDetected = false, isResolved = false
        for event in events {
            switch event.phase {
            case .detected: isDetected = true
            case .began where isDetected: throw .invalid("\(pointer)/events: it began after it was detected")
            case .acknowledged, .mitigated, .resolved, .reopened:
                guard isDetected else {
                    throw .invalid("\(pointer)/events: \(event.phase.rawValue) before it was detected")
                }
                if event.phase == .reopened, !isResolved {
                    throw .invalid("\(pointer)/events: reopened, but it was not resolved")
                }
                if event.phase == .resolved { isResolved = true }
                if event.phase == .reopened { isResolved = false }
            case .began, .note: break
            }
        }
    }

    private static func measure(_ incident: Incident, _ events: [Event], now: Timestamp) -> MeasuredIncident {
        let began = events.first { $0.phase == .began }?.time
        // There is one: `events` has refused an incident without it.
        let detected = events.first { $0.phase == .detected }?.time ?? now
        let acknowledged = events.first { $0.phase == .acknowledged }?.time
        var resolved: Timestamp?, down = 0.0, since: Timestamp? = began ?? detected
        for event in events {
            if event.phase == .resolved, let start = since {
                down += event.time.minutes(since: start)
                (resolved, since) = (event.time, nil)
            } else if event.phase == .reopened {
                (resolved, since) = (nil, event.time)
            }
        }
        if let since { down += now.minutes(since: since) }
        let limits = incident.severity.limits, zero = began ?? detected
        var warnings: [String] = []
        if began == nil { warnings.append("when it began is not known: the time to detect is missing") }
        if acknowledged == nil, resolved != nil { warnings.append("resolved without an acknowledgement") }
        return MeasuredIncident(
            id: incident.id, severity: incident.severity, open: resolved == nil,
            detectMinutes: began.map { detected.minutes(since: $0) },
            // Who resolves has seen it.
            acknowledge: timer(limits.acknowledge, from: detected, to: acknowledged ?? resolved, now: now),
            resolve: timer(limits.resolve, from: detected, to: resolved, now: now), downMinutes: down,
            timeline: events.map {
                TimelineEntry(at: $0.time.text, minute: $0.time.minutes(since: zero), phase: $0.phase, text: $0.text)
            },
            warnings: warnings)
    }

    private static func timer(_ limit: Int, from start: Timestamp, to end: Timestamp?, now: Timestamp) -> Timer {
        let taken = (end ?? now).minutes(since: start)
        return Timer(
            limitMinutes: limit, takenMinutes: taken,
            state: taken > Double(limit) ? .breached : end == nil ? .running : .met,
            due: start.adding(minutes: limit).text)
    }

    private static func summary(_ incidents: [MeasuredIncident]) -> IncidentSummary {
        func mean(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        let resolved = incidents.filter { !$0.open }.map(\.resolve.takenMinutes).sorted(), middle = resolved.count / 2
        let acknowledged = incidents.filter { incident in
            !incident.open || incident.timeline.contains { $0.phase == .acknowledged }
        }
        return IncidentSummary(
            incidents: incidents.count, open: incidents.count { $0.open },
            meanDetectMinutes: mean(incidents.compactMap(\.detectMinutes)),
            meanAcknowledgeMinutes: mean(acknowledged.map(\.acknowledge.takenMinutes)),
            meanResolveMinutes: mean(resolved),
            medianResolveMinutes: resolved.isEmpty
                ? nil
                : resolved.count % 2 == 1 ? resolved[middle] : (resolved[middle - 1] + resolved[middle]) / 2,
            breaches: incidents.reduce(0) {
                $0 + ($1.acknowledge.state == .breached ? 1 : 0) + ($1.resolve.state == .breached ? 1 : 0)
            })
    }
}
