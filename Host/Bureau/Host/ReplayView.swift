import Engine
import Kernel

/// Replays as people and programs read them.
struct ReplayView {
    let results: [ReplayResult]
    let isSingle: Bool

    private var differing: [ReplayResult] { results.filter { !["equal", "equal_until_cut"].contains($0.verdict) } }

    /// What the command ends with; nil when nothing differs.
    var failure: CommandFailure? {
        guard let first = differing.first else { return nil }
        if isSingle {
            if case .failure(let error) = first.outcome { return CommandFailure(error) }
            return CommandFailure(.replayDiffers, "run \(first.run.id) differs: \(first.remark.printable)")
        }
        return CommandFailure(.replayDiffers, "\(differing.count) of \(results.count) replays differ")
    }

    // MARK: JSON

    var json: JSONValue {
        if isSingle, let result = results.first { return Self.json(result) }
        return [
            "replays": .array(results.map(Self.json)), "equal": .integer(Int64(results.count - differing.count)),
            "different": .integer(Int64(differing.count)),
        ]
    }

    private static func json(_ result: ReplayResult) -> JSONValue {
        var members: [String: JSONValue] = [
            "run": .string(result.run.id.description), "task": .string(result.run.task.description),
            "recorded_status": .string(result.run.state.name), "verdict": .string(result.verdict),
        ]
        if !result.remark.isEmpty { members["remark"] = .string(result.remark) }
        if case .success(let report) = result.outcome {
            members["compared_steps"] = .integer(Int64(report.comparedSteps))
            members["recorded_steps"] = .integer(Int64(report.recordedSteps))
            members["plugin"] = [
                "id": .string(report.pluginID), "version": .string(report.pluginVersion),
                "digest": .string(report.pluginDigest.hex), "same_build": .bool(report.isSameBuild),
            ]
            members["difference"] = report.difference?.json ?? .null
        }
        return .object(members)
    }

    // MARK: Text

    func lines(style: Style) -> [String] {
        guard isSingle, let result = results.first else { return table(style: style) }
        guard case .success(let report) = result.outcome else { return [] }
        let build = report.isSameBuild ? "the run's own build" : "another build than the run's"
        var lines = [
            "run       \(report.run)  \(report.task)  \(report.recordedState.name)",
            "plugin    \(report.pluginID) \(report.pluginVersion), \(build)",
            "compared  \(report.comparedSteps) of \(report.recordedSteps) steps",
        ]
        switch report.verdict {
        case .equal: lines.append("verdict   " + style.green("equal"))
        case .equalUntilCut(let why):
            lines.append("verdict   " + style.green("equal") + ", as far as it was recorded: \(why)")
        case .differs(let difference):
            lines.append("verdict   " + style.red("different") + ": \(difference.message.printable)")
            lines += difference.changes.map { "  \($0.description.printable)" }
            if let recorded = difference.recordedShape, let new = difference.newShape, difference.changes.isEmpty {
                lines.append("  request digest: \(recorded.hex) → \(new.hex)")
            }
        }
        return lines
    }

    private func table(style: Style) -> [String] {
        var table = Table([
            ("run", .left), ("task", .left), ("recorded", .left), ("steps", .right), ("verdict", .left),
            ("first difference", .left),
        ])
        for result in results {
            let report = try? result.outcome.get()
            table.add(
                result.run.id.description, result.run.task.description, result.run.state.name,
                report.map { "\($0.comparedSteps)/\($0.recordedSteps)" } ?? "",
                result.verdict.replacing("_", with: " "), result.remark)
        }
        let total = "\(results.count - differing.count) equal, \(differing.count) different"
        return table.lines(style: style) + ["", total]
    }
}
