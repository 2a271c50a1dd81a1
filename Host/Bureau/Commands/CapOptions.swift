import ArgumentParser
import Kernel

/// What one run may use.
struct CapOptions: ParsableArguments {
    @Option(
        name: [.customLong("max-cost"), .customLong("budget")],
        help: ArgumentHelp("The most that the run and its children may cost.", valueName: "dollars"))
    var maxCost: Dollars?

    @Option(help: ArgumentHelp("The most tokens, input and output, of the run and its children.", valueName: "n"))
    var maxTokens: Int64?

    @Option(help: ArgumentHelp("The most effects of the run; its children get the same cap.", valueName: "n"))
    var maxSteps: Int?

    @Option(help: ArgumentHelp("The longest that the run may take, waiting included.", valueName: "s"))
    var maxSeconds: Int?

    @Option(help: "For whom the run works: a budget of that user binds it too.")
    var user: String?

    var caps: RunCaps {
        RunCaps(cost: maxCost?.amount, tokens: maxTokens, steps: maxSteps, seconds: maxSeconds)
    }

    /// As a host takes them beside a task.
    var members: [String: JSONValue] {
        let caps = self.caps
        var members: [String: JSONValue] = [:]
        members["max_cost"] = caps.cost.map { .string($0.decimal) }
        members["max_tokens"] = caps.tokens.map { .integer($0) }
        members["max_steps"] = caps.steps.map { .integer(Int64($0)) }
        members["max_seconds"] = caps.seconds.map { .integer(Int64($0)) }
        members["user"] = user.map { .string($0) }
        return members
    }

    mutating func validate() throws {
        guard caps.isValid, maxTokens != 0, maxSteps != 0, maxSeconds != 0 else {
            throw ValidationError("a cap is at least 1")
        }
    }
}
