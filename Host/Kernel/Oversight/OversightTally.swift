/// How often something is in the log, and where: the newest places are kept as evidence.
package struct EvidenceCount: Hashable, Sendable {
    package static let keptLeaves = 10

    package private(set) var number = 0
    package private(set) var leaves: [Int64] = []

    package init() {}

    package mutating func add(_ leaf: Int64) {
        number += 1
        leaves.append(leaf)
        if leaves.count > Self.keptLeaves { leaves.removeFirst() }
    }
}

/// What an audit log says about oversight: one pass over its leaves in order, from the first to the last.
///
/// It counts what is written in the log and nothing else. What it holds grows with the runs and requests that are open,
/// not with the log.
package struct OversightTally: Sendable {
    // Runs, each time that one ended.
    package private(set) var done = EvidenceCount()
    package private(set) var failed = EvidenceCount()
    package private(set) var cancelled = EvidenceCount()
    package private(set) var explained = EvidenceCount()
    package private(set) var unexplained = EvidenceCount()
    package private(set) var crashes = EvidenceCount()
    package private(set) var activeDepartments: Set<String> = []

    // People.
    package private(set) var requests = EvidenceCount()
    package private(set) var byPeople = EvidenceCount()
    package private(set) var byTime = EvidenceCount()
    /// Rejections and changes of what was to be approved.
    package private(set) var overrides = EvidenceCount()
    package private(set) var stops = EvidenceCount()
    package private(set) var reviewRules = EvidenceCount()
    package private(set) var people: Set<String> = []

    // Security.
    package private(set) var denied = EvidenceCount()
    package private(set) var confined = EvidenceCount()
    package private(set) var lessConfined = EvidenceCount()
    package private(set) var signed = EvidenceCount()
    package private(set) var unsigned = EvidenceCount()
    package private(set) var quarantined: [String: Int64] = [:]

    // Data.
    package private(set) var classified = EvidenceCount()
    package private(set) var holds = EvidenceCount()
    package private(set) var retentionChanges = EvidenceCount()
    /// The newest of each department.
    package private(set) var fairness: [String: FairnessEvidence] = [:]

    // The log itself.
    package private(set) var leaves: Int64 = 0
    package private(set) var types: [String: Int] = [:]
    package private(set) var first: String?
    package private(set) var last: String?

    package struct FairnessEvidence: Hashable, Sendable {
        package var leaf: Int64
        package var at: String
        package var ratioMilli: Int64
    }

    private struct OpenRun {
        var department: String
        var openSteps: Set<Int64> = []
        var hasGaps = false
    }

    private var open: [String: OpenRun] = [:]
    /// Requests that a person has acted on and that are not decided yet.
    private var actedOn: Set<String> = []

    package init() {}

    package mutating func read(_ index: Int64, _ fields: [String: JSONValue]) {
        let type = fields["type"]?.stringValue ?? ""
        leaves += 1
        types[type, default: 0] += 1
        if let at = fields["ts"]?.stringValue {
            first = first ?? at
            last = at
        }
        switch type.prefix(while: { $0 != "." }) {
        case "run": readRun(index, type, fields)
        case "step": readStep(fields, isFinished: type == "step.finished")
        case "approval", "act", "rule": readReview(index, type, fields)
        default: readOther(index, type, fields)
        }
    }

    // MARK: Runs

    private mutating func readRun(_ index: Int64, _ type: String, _ fields: [String: JSONValue]) {
        guard let run = fields["run"]?.stringValue else { return }
        if type == "run.admitted" {
            let department = fields["department"]?.stringValue ?? ""
            open[run] = OpenRun(department: department)
            activeDepartments.insert(department)
        }
        if type == "run.cancel_requested" { stops.add(index) }
        if type == "run.classified" { return classified.add(index) }
        guard let state = fields["now"]?["state"]?.stringValue else { return }
        switch state {
        case "done": done.add(index)
        case "failed", "dead": failed.add(index)
        case "cancelled": cancelled.add(index)
        default:
            if type == "run.retried", open[run] == nil { open[run] = OpenRun(department: "") }
            return
        }
        // Said once for each end: what changes an ended run again, such as its cost, is no end.
        guard let ended = open.removeValue(forKey: run) else { return forget(state) }
        guard state != "cancelled" else { return }
        let hasEnd = fields["now"]?["output"] != nil || fields["now"]?["failure"] != nil
        if hasEnd, !ended.hasGaps, ended.openSteps.isEmpty { explained.add(index) } else { unexplained.add(index) }
    }

    private mutating func forget(_ state: String) {
        switch state {
        case "done": done.takeBack()
        case "failed", "dead": failed.takeBack()
        default: cancelled.takeBack()
        }
    }

    /// A step explains itself when its request was recorded, and then its result or why it failed.
    private mutating func readStep(_ fields: [String: JSONValue], isFinished: Bool) {
        guard let run = fields["run"]?.stringValue, let step = fields["step"]?.integerValue, open[run] != nil else {
            return
        }
        guard isFinished else {
            open[run]?.openSteps.insert(step)
            return
        }
        open[run]?.openSteps.remove(step)
        let isAsked = ["model", "tool", "http"].contains(fields["kind"]?.stringValue)
        let isAnswered = fields["result"] != nil || fields["failure"] != nil
        if isAsked, !isAnswered || fields["request_bytes"] == nil || fields["state"]?.stringValue == "ambiguous" {
            open[run]?.hasGaps = true
        }
    }

    // MARK: People

    private mutating func readReview(_ index: Int64, _ type: String, _ fields: [String: JSONValue]) {
        if let actor = fields["actor"]?.stringValue { people.insert(actor) }
        let key = "\(fields["run"]?.stringValue ?? "") \(fields["step"]?.integerValue ?? -1)"
        switch type {
        case "rule.set": reviewRules.add(index)
        case "approval.opened": requests.add(index)
        case "act.approve": actedOn.insert(key)
        case "act.reject", "act.edit":
            actedOn.insert(key)
            overrides.add(index)
        case "approval.decided":
            if actedOn.remove(key) != nil || fields["by"]?.stringValue != nil {
                byPeople.add(index)
            } else if fields["state"]?.stringValue != "withdrawn" {
                byTime.add(index)
            }
        default: break
        }
    }

    // MARK: The rest

    private mutating func readOther(_ index: Int64, _ type: String, _ fields: [String: JSONValue]) {
        switch type {
        case "effect.denied": denied.add(index)
        case "budget.stopped": stops.add(index)
        case "plugin.crashed": crashes.add(index)
        case "plugin.installed", "plugin.upgraded":
            if fields["signer"] != nil { signed.add(index) } else { unsigned.add(index) }
        case "worker.started":
            if fields["missing"]?.arrayValue?.isEmpty == true { confined.add(index) } else { lessConfined.add(index) }
        case "department.quarantined": quarantined[fields["department"]?.stringValue ?? ""] = index
        case "department.reset": quarantined[fields["department"]?.stringValue ?? ""] = nil
        case "hold.set", "hold.removed": holds.add(index)
        case "retention.set", "retention.removed": retentionChanges.add(index)
        case "fairness.assessed":
            guard let department = fields["department"]?.stringValue, let ratio = fields["ratio_milli"]?.integerValue
            else { return }
            fairness[department] = FairnessEvidence(
                leaf: index, at: fields["ts"]?.stringValue ?? "", ratioMilli: max(0, ratio))
        default: break
        }
    }
}

extension EvidenceCount {
    fileprivate mutating func takeBack() {
        number -= 1
        if !leaves.isEmpty { leaves.removeLast() }
    }
}
