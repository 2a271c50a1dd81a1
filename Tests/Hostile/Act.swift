/// One hostile act: which code does it, and how it must end. The table in README.md is made of these.
struct Act: Sendable {
    /// How the test brings it about.
    enum Manner: Sendable {
        case run
        /// The run is cancelled while the plugin has it.
        case cancel
        /// Several runs at the same time.
        case runs(Int)
        /// The run may spend this many dollars.
        case budget(String)
        /// The department is reloaded, so that its instance is destroyed.
        case reload
    }

    enum Outcome: Sendable {
        /// The run ends in this state.
        case ends(String, Says)
        /// The host serves without the department, and says why.
        case refused(String)
        /// The new generation serves.
        case reloaded
    }

    enum Says: Sendable {
        /// The run's output, a JSON text.
        case output(String)
        /// The failure's status, and what its message names.
        case failure(String, String)
    }

    /// Of the function and of the department.
    var name: String
    /// The C file.
    var source: String
    var what: String
    var defines: [String] = []
    var manner = Manner.run
    var outcome: Outcome
    /// The department counts a broken rule.
    var breaksRule = false
    /// It takes the lane for as long as the machine needs, which may count as a broken rule or not.
    var holdsLane = false
    /// The task `ok` works before and afterwards.
    var recovers = true

    func by(_ manner: Manner) -> Act {
        var act = self
        act.manner = manner
        return act
    }

    func with(_ defines: String...) -> Act {
        var act = self
        act.defines += defines
        return act
    }

    var holdingLane: Act {
        var act = self
        act.holdsLane = true
        return act
    }

    /// The department is told that it broke a rule.
    var breakingRule: Act {
        var act = self
        act.breaksRule = true
        return act
    }

    /// No task of the department works.
    var forGood: Act {
        var act = self
        act.recovers = false
        return act
    }
}

extension Act {
    /// Its process died three times under the run, which is parked.
    static func dies(_ source: String, _ name: String, _ what: String, _ cause: String) -> Act {
        Act(
            name: name, source: source, what: what, outcome: .ends("dead", .failure("internal", cause)))
    }

    static func hangs(_ name: String, _ what: String) -> Act {
        Act(
            name: name, source: "hangs", what: what, defines: ["TIMEOUT=1"],
            outcome: .ends("failed", .failure("deadline", "did not end its task within the deadline")))
    }

    static func answers(_ source: String, _ name: String, _ what: String, _ output: String) -> Act {
        Act(name: name, source: source, what: what, outcome: .ends("done", .output(output)))
    }

    static func fails(
        _ source: String, _ name: String, _ what: String, _ status: String, _ message: String
    ) -> Act {
        Act(name: name, source: source, what: what, outcome: .ends("failed", .failure(status, message)))
    }

    static func refused(_ name: String, _ what: String, _ problem: String, _ defines: String...) -> Act {
        Act(
            name: name, source: "births", what: what, defines: defines, outcome: .refused(problem), recovers: false)
    }

    /// The line of the table.
    var row: String {
        let end =
            switch outcome {
            case .ends(let state, .output(let output)): "run \(state): `\(output)`"
            case .ends(let state, .failure(let status, let message)): "run \(state), \(status): “\(message)”"
            case .refused(let problem): "department refused: “\(problem)”"
            case .reloaded: "reloaded, and ready"
            }
        return "| `\(name)` | \(what) | \(end)\(breaksRule ? "; counted as a broken rule" : "") |"
    }
}
