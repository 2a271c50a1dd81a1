import TestSupport

/// What befalls one incarnation of the host. All but the exact moment follows from the seed.
enum Strike: CustomStringConvertible {
    /// At the n-th time that it passes a point of `Tests/Faults/FaultPoints`.
    case point(String, Int)
    /// By the provider, at a stage of the n-th call.
    case provider(String, Int)
    case moment(milliseconds: Int)
    /// Stopped, gone on for a moment, and killed.
    case pause(milliseconds: Int)
    /// The egress process first.
    case egress(milliseconds: Int)
    case reload(milliseconds: Int)

    /// With the count at which an incarnation of a moment still comes there.
    static let points: [(name: String, most: Int)] = [
        ("submit.before_commit", 2), ("submit.after_commit", 2), ("claim.before_commit", 2), ("claim.after_commit", 2),
        ("step.before_commit", 4), ("step.after_commit", 4), ("result.before_commit", 3), ("result.after_commit", 3),
        ("hold.before_commit", 2), ("hold.after_commit", 2), ("settle.before_commit", 1), ("settle.after_commit", 1),
        ("finish.before_commit", 2), ("finish.after_commit", 2), ("approval.after_commit", 1),
        ("event.after_append", 8), ("log.torn", 30), ("log.before_sync", 8), ("log.after_sync", 8),
        ("checkpoint.during", 20), ("checkpoint.before_sync", 1), ("reload.after_map", 4),
    ]
    private static let stages = ["after_send", "after_first_byte", "after_response"]

    /// More than half at named points, since not every incarnation comes there.
    static func random(using random: inout SplitMix64) -> Strike {
        let delay = Int.random(in: 20...500, using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case ..<10:
            let point = points[Int.random(in: 0..<points.count, using: &random)]
            return .point(point.name, Int.random(in: 1...point.most, using: &random))
        case ..<12: return provider(stages.randomElement(using: &random) ?? "", Int.random(in: 1...2, using: &random))
        case ..<15: return moment(milliseconds: delay)
        case ..<16: return pause(milliseconds: delay)
        case ..<17: return egress(milliseconds: delay)
        default: return reload(milliseconds: delay)
        }
    }

    /// By asking it to end.
    var endsHost: Bool { if case .point(let name, _) = self { name.hasPrefix("checkpoint.") } else { false } }

    var isNamed: Bool {
        switch self {
        case .point, .provider: true
        default: false
        }
    }

    var description: String {
        switch self {
        case .point(let name, let count): "\(name):\(count)"
        case .provider(let stage, let count): "call.\(stage):\(count)"
        case .moment(let delay): "SIGKILL after \(delay) ms"
        case .pause(let delay): "SIGSTOP for \(delay) ms, SIGCONT, SIGKILL"
        case .egress(let delay): "SIGKILL of the egress process, of the host \(delay) ms later"
        case .reload(let delay): "SIGKILL \(delay) ms into a reload"
        }
    }
}
