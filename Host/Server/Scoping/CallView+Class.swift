import Engine
import Journal
import Kernel

/// Data of a class above the caller's clearance: that it is there is seen, and nothing of what it says. What somebody
/// started is theirs to read whatever class it got: a word in one's own question would else keep its answer.
extension CallView {
    func mayShow(_ run: RunRecord) -> Bool {
        let isOwn = [.user, .service].contains(caller.kind) && caller.name == run.user && caller.tenant == run.tenant
        return isOwn || mayShow(run.sensitivity)
    }

    /// - Parameter sensitivity: nil: of what no run has said.
    func mayShow(_ sensitivity: Sensitivity?) -> Bool { sensitivity.map { $0 <= caller.clearance } ?? true }

    func shown(_ run: RunRecord) -> RunRecord {
        guard !mayShow(run) else { return run }
        let reason = withheld(run.sensitivity), document: JSONValue = ["withheld": .string(reason)]
        var shell = run
        shell.input = document.bytes
        shell.output = run.output.map { _ in document.bytes }
        shell.failure = run.failure.map { Failure($0.status, reason) }
        return shell
    }

    /// In words.
    func withheld(_ sensitivity: Sensitivity) -> String {
        "the data is \(sensitivity.rawValue), and you are cleared for \(caller.clearance.rawValue)"
    }
}

extension ScopedJournal {
    /// Whether what a run that is in the store says may be shown.
    func mayShow(_ run: RunID) throws(JournalError) -> Bool {
        try journal.run(run).map(view.mayShow) ?? view.mayShow(Sensitivity.usual)
    }

    /// - Throws: `.denied` where the caller is not cleared for it.
    func requireShown(_ run: RunRecord) throws(JournalError) {
        guard view.mayShow(run) else { throw JournalError(.denied, view.withheld(run.sensitivity)) }
    }

    func shown(_ deliveries: [StreamDelivery]) throws(JournalError) -> [StreamDelivery] {
        guard view.caller.clearance < .restricted else { return deliveries }
        var shown = deliveries
        for index in shown.indices {
            guard let sensitivity = try journal.sensitivity(of: shown[index].event, shown[index].origin) else {
                continue
            }
            shown[index].event = try self.shown(shown[index].event, sensitivity)
        }
        return shown
    }

    func shown(_ letter: DeadLetter) throws(JournalError) -> DeadLetter {
        guard let sensitivity = try journal.sensitivity(of: letter.event, letter.origin) else { return letter }
        var shown = letter
        shown.event = try self.shown(letter.event, sensitivity)
        return shown
    }

    /// Of a tree that is in the store.
    func shown(_ events: [EventRecord]) throws(JournalError) -> [EventRecord] {
        guard view.caller.clearance < .restricted else { return events }
        var shown: [EventRecord] = []
        for event in events {
            let sensitivity = try journal.runClass(event.event.run)?.sensitivity ?? Sensitivity.usual
            shown.append(try self.shown(event, sensitivity))
        }
        return shown
    }

    private func shown(_ event: EventRecord, _ sensitivity: Sensitivity) throws(JournalError) -> EventRecord {
        if view.mayShow(sensitivity) { return event }
        if let run = try journal.run(event.event.run), view.mayShow(run) { return event }
        var shell = event
        shell.event.body = ["withheld": .string(view.withheld(sensitivity))]
        return shell
    }
}

extension JournalReading {
    /// The class of what an event says; nil for one that no run caused.
    func sensitivity(of event: EventRecord, _ origin: EventOrigin?) throws(JournalError) -> Sensitivity? {
        let run = event.event.run
        guard run != .nobody else { return nil }
        if let known = try runClass(run) { return known.sensitivity }
        // A run that is in the store and has no record always was of the usual class.
        guard origin == nil else { return Sensitivity.usual }
        return try sensitivity(ofEventsOf: run)
    }
}
