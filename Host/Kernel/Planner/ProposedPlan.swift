/// A plan by rules, with its reasons. ``json`` explains it, ``plan`` is what can be run.
package struct ProposedPlan: Hashable, Sendable {
    package struct Choice: Hashable, Sendable {
        package var task: TaskCatalogue.Entry
        package var score: Int
        package var matches: [PlannerRule]
        package var input: PlannedInput
    }

    package struct Step: Hashable, Sendable {
        package var id: String
        /// The part of the intent that it is for.
        package var text: String
        package var inference: DepartmentInference
        package var chosen: Choice
        package var others: [Choice]
        package var after: [String]
    }

    package var intent: String
    package var steps: [Step]

    /// Every step has what its task needs.
    package var isReady: Bool { steps.allSatisfy { $0.chosen.input.problems.isEmpty } }

    /// In the form of ``Plan``.
    package var plan: JSONValue {
        let nodes = steps.map { step -> JSONValue in
            let task = step.chosen.task.reference
            return [
                "id": .string(step.id), "department": .string(task.department), "task": .string(task.task),
                "input": step.chosen.input.value, "after": .array(step.after.map { .string($0) }),
            ]
        }
        return ["nodes": .array(nodes)]
    }

    /// How long it usually takes, if nothing waits for a place.
    package var durationSeconds: Int {
        var finish: [String: Int] = [:]
        for step in steps {
            let start = step.after.map { finish[$0] ?? 0 }.max() ?? 0
            finish[step.id] = start + step.chosen.task.durationSeconds
        }
        return finish.values.max() ?? 0
    }

    package var json: JSONValue {
        [
            "intent": .string(intent), "ready": .bool(isReady), "plan": plan,
            "duration_seconds": .integer(Int64(durationSeconds)), "steps": .array(steps.map(\.json)),
        ]
    }
}

extension ProposedPlan.Step {
    var json: JSONValue {
        [
            "id": .string(id), "text": .string(text), "department": .string(chosen.task.reference.department),
            "inference": inference.json, "chosen": chosen.json, "alternatives": .array(others.map(\.json)),
            "after": .array(after.map { .string($0) }),
        ]
    }
}

extension ProposedPlan.Choice {
    var json: JSONValue {
        var members = task.json.objectValue ?? [:]
        members["score"] = .integer(Int64(score))
        members["matches"] = .array(matches.map(\.json))
        members["input"] = input.value
        members["input_from"] = .object(input.origins.mapValues { .string($0) })
        members["problems"] = .array(
            input.problems.map { ["pointer": .string($0.pointer), "message": .string($0.message)] })
        return .object(members)
    }
}
