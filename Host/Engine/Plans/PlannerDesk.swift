package import Kernel

/// A plan and why it is as it is.
package struct PlanAnswer: Hashable, Sendable {
    /// In the form of ``Plan``.
    package var plan: JSONValue
    /// By the rules that made it, or the run of the planner that did.
    package var explanation: JSONValue
    /// `rules`, or the task that made it.
    package var planner: String
    /// Why the rules made it, where another was asked.
    package var fallback: String?
    /// Every step has what its task needs, as far as it can be known before.
    package var isReady: Bool
}

extension HostRuntime {
    /// Over the departments that take work now.
    package var planner: Planner { Planner(TaskCatalogue(core.departments.open.map(\.descriptor.manifest))) }

    /// - Parameter asked: a task that makes plans; where it fails, the rules make one.
    package func proposePlan(
        _ intent: String, data: [String: JSONValue] = [:], asking asked: TaskReference? = nil,
        tenant: String = "default", user: String? = nil
    ) async throws(EngineError) -> PlanAnswer {
        guard let asked else { return try byRules(intent, data, nil) }
        let definition = try core.departments.available(asked.department).current.definition(of: asked)
        guard definition.planning.isPlanner else {
            throw EngineError(.invalid, "\(asked) makes no plans: its manifest does not say planner")
        }
        let question: JSONValue = [
            "intent": .string(intent), "data": .object(data), "catalogue": planner.catalogue.json,
        ]
        let run = try await submit(RunSubmission(task: asked, input: question.bytes, tenant: tenant, user: user))
        let ended = try await outcome(of: run.id)
        guard ended.state == .done, let output = ended.output, let document = try? JSONParser.parse(output) else {
            return try byRules(intent, data, ended.failure?.message ?? "its run \(run.id) is \(ended.state.name)")
        }
        let plan = document["plan"] ?? document
        do {
            try admit(plan: try PlanPlugin.parse(plan.bytes))
        } catch {
            return try byRules(intent, data, error.message)
        }
        return PlanAnswer(
            plan: plan, explanation: ["run": .string(run.id.description), "output": document],
            planner: asked.description, fallback: nil, isReady: true)
    }

    /// The task and the input that are meant by what was said to one agent.
    package func meant(
        _ text: String, in department: String, data: [String: JSONValue], where isAllowed: (String, [String]) -> Bool
    ) throws(EngineError) -> (task: TaskReference, input: JSONValue) {
        do {
            let choice = try planner.chooseTask(text, in: department, data: data) {
                isAllowed($0.reference.task, $0.planning.tags)
            }
            // What the schema does not know is refused by it, not dropped.
            let members = (choice.input.value.objectValue ?? [:]).merging(data) { $1 }
            return (choice.task.reference, .object(members))
        } catch {
            throw EngineError(error.status == .notFound ? .unknownTask : .invalid, error.message)
        }
    }

    private func byRules(
        _ intent: String, _ data: [String: JSONValue], _ fallback: String?
    ) throws(EngineError) -> PlanAnswer {
        do {
            let proposed = try planner.createPlan(intent, data: data)
            return PlanAnswer(
                plan: proposed.plan, explanation: proposed.json, planner: "rules", fallback: fallback,
                isReady: proposed.isReady)
        } catch {
            throw EngineError(error.status == .notFound ? .notFound : .invalid, error.message)
        }
    }
}
