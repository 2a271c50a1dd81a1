import PluginKit

/// The daily task with its memory: a person presses a button, and yesterday's profile still counts.
enum WellnessTask {
    private static let key = "wellness/inputs"

    static func run(_ input: WellnessInput, _ context: TaskContext) async throws -> WellnessOutput {
        if input.forget == true { try await context.state.remove(key, step: "forget") }
        let stored = try await context.state.get(key, as: WellnessInput.self, step: "recall")?.value
        let (merged, remembered) = merge(input, stored)
        let date: String
        if let given = input.date {
            date = given
        } else {
            let now = try await context.now(step: "today")
            date = CivilDate(dayNumber: Int(now.rawValue / 86_400_000)).text
        }
        let output = try await context.step("assess", dependsOn: merged) {
            try Wellness.assess(merged, date: date, remembered: remembered)
        }
        if input.remember == true {
            try await context.state.set(key, merged, step: "remember")
        }
        _ = try await context.artifact(
            "wellness.md", text: Wellness.markdown(output), mediaType: "text/markdown")
        return output
    }

    /// What was sent counts before what was remembered.
    private static func merge(_ input: WellnessInput, _ stored: WellnessInput?) -> (WellnessInput, [String]) {
        var merged = input
        var remembered: [String] = []
        func fill<T>(_ name: String, _ path: WritableKeyPath<WellnessInput, T?>) {
            guard merged[keyPath: path] == nil, let value = stored?[keyPath: path] else { return }
            merged[keyPath: path] = value
            remembered.append(name)
        }
        fill("profile", \.profile)
        fill("sleep", \.sleep)
        fill("training", \.training)
        fill("activity", \.activity)
        fill("who5", \.who5)
        fill("hooper", \.hooper)
        (merged.date, merged.remember, merged.forget) = (nil, nil, nil)
        return (merged, remembered)
    }
}
