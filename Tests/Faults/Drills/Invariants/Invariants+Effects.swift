import Kernel

extension Invariant {
    static let noCallAfterCommit = Invariant("I2", "no call is sent for a step whose result is committed") { evidence in
        var doneAt: [String: (leaf: Int64, milliseconds: Int64)] = [:]
        for leaf in evidence.history where leaf.isOfStep && leaf.state == "done" {
            guard let step = leaf.step, let end = leaf.content["finished_at_ms"]?.integerValue else { continue }
            doneAt["\(leaf.run)/\(step)"] = doneAt["\(leaf.run)/\(step)"] ?? (leaf.index, end)
        }
        return evidence.calls.compactMap { call in
            guard let done = doneAt[call.step] else { return nil }
            let isLate =
                switch call.moment {
                case .unixMilliseconds(let moment): moment > done.milliseconds
                case .leaves(let count): count > done.leaf
                }
            guard isLate else { return nil }
            return Violation("I2", "\(called(call)) was sent after the step's result was committed")
        }
    }

    static let oneCallForEachMark = Invariant(
        "I3", "calls of a step are at most one, and one more for each that is marked ambiguous"
    ) { evidence in
        var marks: [String: Int] = [:]
        var states: [String: Int64] = [:]
        for row in try evidence.store.rows("SELECT attempt, state FROM reservation") {
            let call = OutsideCall(attempt: row[0].text, moment: .leaves(0))
            states[call.attempt] = row[1].number
            if row[1].number == HoldState.ambiguous { marks[call.step, default: 0] += 1 }
        }
        var found: [Violation] = []
        for (attempt, calls) in Dictionary(grouping: evidence.calls, by: \.attempt).sorted(by: { $0.key < $1.key })
        where calls.count > 1 {
            found.append(Violation("I3", "\(called(calls[0])) was sent \(calls.count) times"))
        }
        for (step, calls) in Dictionary(grouping: evidence.calls, by: \.step).sorted(by: { $0.key < $1.key }) {
            let marked = marks[step] ?? 0
            if Set(calls).count > 1 + marked {
                found.append(
                    Violation("I3", "\(called(calls[0])): \(calls.count) calls and \(marked) marked ambiguous"))
            }
            for call in calls where [nil, Int64(HoldState.released)].contains(states[call.attempt]) {
                found.append(Violation("I3", "\(called(call)) was sent, and no charge says so"))
            }
        }
        return found
    }

    static let replayIsEqual = Invariant("I8", "a replay asks for the same, or the run pauses and writes no more") {
        evidence in
        var paused: Set<String> = []
        var found: [Violation] = []
        for leaf in evidence.history {
            let isDifferent = leaf.changing("failure")?["status"]?.integerValue == Int64(Status.replay.rawValue)
            if leaf.type == "run.paused", isDifferent {
                paused.insert(leaf.run)
            } else if leaf.type == "run.retried" {
                paused.remove(leaf.run)
            } else if leaf.isOfStep, paused.contains(leaf.run) {
                found.append(
                    Violation(
                        "I8", "step \(leaf.step ?? -1) of run \(leaf.run) was written after a replay that differed"))
            }
        }
        var shapes: [String: String] = [:]
        for leaf in evidence.history where leaf.isOfStep {
            let key = "step \(leaf.step ?? -1) of run \(leaf.run)"
            let shape = leaf.content["shape"]?.stringValue ?? ""
            if let known = shapes[key], known != shape {
                found.append(Violation("I8", "\(key) was recorded for another request before"))
            }
            shapes[key] = shape
        }
        return found
    }

    static let decidedOnce = Invariant("I13", "an approval is decided once, in time, and nothing acts before") {
        evidence in
        var found: [Violation] = []
        var decided: [String: Int] = [:]
        for leaf in evidence.history where leaf.type.hasPrefix("approval.") {
            let key = "step \(leaf.step ?? -1) of run \(leaf.run)"
            guard leaf.content["approved"] != nil else { continue }
            decided[key, default: 0] += 1
            if decided[key] == 2 { found.append(Violation("I13", "\(key) was decided twice")) }
            if let expires = leaf.content["expires_at_ms"]?.integerValue,
                Instant(unixMilliseconds: expires).timestamp < leaf.time
            {
                found.append(Violation("I13", "\(key) was decided at \(leaf.time), after it expired"))
            }
        }
        let acted = try evidence.store.rows(
            """
            SELECT run.run_id, step.seq FROM step JOIN run ON run.run_no = step.run_no
            JOIN approval ON approval.run_id = run.run_id AND approval.seq = step.seq
            WHERE step.state = 1 AND approval.state = 0
            """)
        return found
            + acted.map { Violation("I13", "step \($0[1].number) of run \($0[0].run) went on, and nobody decided") }
    }

    static let noCallAfterCancel = Invariant("I14", "no call is begun for a run whose cancellation is committed") {
        evidence in
        var cancelled: Set<String> = []
        var found: [Violation] = []
        for leaf in evidence.history {
            switch leaf.type {
            case "run.cancel_requested": cancelled.insert(leaf.run)
            case "run.retried": cancelled.remove(leaf.run)
            case "ledger.reserve" where cancelled.contains(leaf.run):
                let attempt = leaf.content["attempt"]?.stringValue ?? "?"
                found.append(
                    Violation("I14", "\(attempt) of run \(leaf.run) was begun after its cancellation"))
            default: break
            }
        }
        return found
    }

    private static func called(_ call: OutsideCall) -> String {
        let parts = call.attempt.split(separator: "/")
        guard parts.count == 3 else { return "call \(call.attempt)" }
        return "attempt \(parts[2]) of step \(parts[1]) of run \(parts[0])"
    }
}
