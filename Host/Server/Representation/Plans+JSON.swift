package import Engine
package import Kernel

extension PlanAnswer {
    package var json: JSONValue {
        [
            "plan": plan, "ready": .bool(isReady), "planner": .string(planner), "fallback": .init(fallback),
            "explanation": explanation,
        ]
    }

    /// What is missing, by step and place.
    package var problems: [JSONValue] {
        let steps = explanation["steps"]?.arrayValue ?? []
        return steps.flatMap { step -> [JSONValue] in
            (step["chosen"]?["problems"]?.arrayValue ?? []).map { problem in
                [
                    "step": step["id"] ?? .null, "task": step["chosen"]?["task"] ?? .null,
                    "pointer": problem["pointer"] ?? .null, "detail": problem["message"] ?? .null,
                ]
            }
        }
    }
}
