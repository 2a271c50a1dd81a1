import Kernel
import TestSupport

/// Against the table of what may happen, written as people say it.
struct RunStateModel: ComparedModel {
    private static let transitions: [RunTransition] = [
        .becomeDue, .claim, .wait, .wake, .pause, .resume, .requeue, .delay, .complete, .fail, .cancel, .bury,
        .retry,
    ]
    /// From, by, to; what is not here may not happen.
    private static let table: [String: String] = {
        let lines = """
            scheduled becomeDue ready, scheduled cancel cancelled, scheduled fail failed, running delay scheduled,
            waiting delay scheduled, ready claim running, ready fail failed,
            ready cancel cancelled, running wait waiting, running pause paused, running requeue ready,
            running complete done, running fail failed, running cancel cancelled, running bury dead,
            waiting wake running, waiting pause paused, waiting requeue ready, waiting complete done,
            waiting fail failed, waiting cancel cancelled, waiting bury dead, paused resume ready, paused fail failed,
            paused cancel cancelled, failed retry ready, cancelled retry ready, dead retry ready
            """
        var table: [String: String] = [:]
        for line in lines.split(whereSeparator: { $0 == "," || $0 == "\n" }) {
            let words = line.split(separator: " ").map(String.init)
            table["\(words[0]) \(words[1])"] = words[2]
        }
        return table
    }()

    private var state = RunState.scheduled

    mutating func step(using random: inout SplitMix64) -> String? {
        let transition = Self.transitions[Int.random(in: 0..<Self.transitions.count, using: &random)]
        let expected = Self.table["\(state.name) \(transition)"]
        let next = state.applying(transition)
        guard next?.name == expected else {
            return "\(transition) of a \(state.name) run: \(next?.name ?? "refused"), not \(expected ?? "refused")"
        }
        // Ends are tried from all sides before a new run begins.
        state = next ?? (state == .done && Int.random(in: 0..<4, using: &random) == 0 ? .scheduled : state)
        return nil
    }
}
