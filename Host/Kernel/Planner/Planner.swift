/// Turns what people want into plans, by rules over whole words. The same text and the same catalogue give the same
/// plan, and every choice says what spoke for it.
package struct Planner: Sendable {
    /// Parts beyond these are not planned.
    package static let maximumSteps = 50
    /// What stands between two "and"s is a step of its own when so much speaks for it.
    private static let siblingScore = 3

    package let catalogue: TaskCatalogue
    private let rules: PlannerRules

    package init(_ catalogue: TaskCatalogue) {
        self.catalogue = catalogue
        rules = PlannerRules(catalogue)
    }

    /// One word counts once for a department, by its strongest rule.
    package func inferDepartment(_ text: String) -> DepartmentInference { infer(PlannerText(text)) }

    private func infer(_ text: PlannerText) -> DepartmentInference {
        var matches: [String: [PlannerRule]] = [:]
        for rule in rules.matches(text) {
            let known = matches[rule.department] ?? []
            guard !known.contains(where: { $0.phrase == rule.phrase }) else { continue }
            matches[rule.department] = known + [rule]
        }
        let candidates = matches.map { department, matches in
            DepartmentInference.Candidate(
                department: department, score: matches.reduce(0) { $0 + $1.weight }, matches: matches,
                isInstalled: catalogue.department(department) != nil)
        }
        return DepartmentInference(
            candidates: candidates.sorted {
                if $0.score != $1.score { return $0.score > $1.score }
                if $0.isInstalled != $1.isInstalled { return $0.isInstalled }
                return $0.department < $1.department
            })
    }

    /// - Parameter data: values for the steps' inputs, by name.
    /// - Throws: `.notFound` when no rule fits, or what is meant is not installed.
    package func createPlan(_ text: String, data: [String: JSONValue] = [:]) throws(Failure) -> ProposedPlan {
        guard text.utf8.count <= PlannerText.maximumBytes else {
            throw Failure(.tooLarge, "an intent has at most \(PlannerText.maximumBytes) bytes")
        }
        var steps: [ProposedPlan.Step] = [], before: [Int] = []
        for part in clauses(PlannerText(text)) {
            var group: [Int] = []
            for piece in pieces(part) {
                guard steps.count < Self.maximumSteps else {
                    throw Failure(.tooLarge, "a plan by rules has at most \(Self.maximumSteps) steps")
                }
                let step = try self.step(piece, number: steps.count + 1, after: before.map { steps[$0] }, data)
                group.append(steps.count)
                steps.append(step)
            }
            if !group.isEmpty { before = group }
        }
        guard !steps.isEmpty else {
            throw Failure(
                .notFound,
                "no rule says which department is meant; name one of: "
                    + catalogue.departments.map(\.name).joined(separator: ", "))
        }
        return ProposedPlan(intent: text, steps: steps)
    }

    /// The parts one after the other; what no rule fits belongs to the part before it, or to the one after.
    private func clauses(_ text: PlannerText) -> [PlannerText] {
        var clauses: [String] = [], lead = ""
        for part in text.parts {
            if infer(part).best != nil {
                clauses.append(lead.isEmpty ? part.text : "\(lead) \(part.text)")
                lead = ""
            } else if clauses.isEmpty {
                lead = lead.isEmpty ? part.text : "\(lead) \(part.text)"
            } else {
                clauses[clauses.count - 1] += ". \(part.text)"
            }
        }
        return clauses.map { PlannerText($0) }
    }

    /// Side by side, where each speaks clearly for a department and they are not all for the same.
    private func pieces(_ part: PlannerText) -> [PlannerText] {
        let siblings = part.siblings, found = siblings.map { infer($0).best }
        let isClear = found.allSatisfy { ($0?.score ?? 0) >= Self.siblingScore && $0?.isInstalled == true }
        let departments = Set(found.compactMap { $0?.department })
        return isClear && departments.count > 1 ? siblings : [part]
    }

    private func step(
        _ text: PlannerText, number: Int, after: [ProposedPlan.Step], _ data: [String: JSONValue]
    ) throws(Failure) -> ProposedPlan.Step {
        let inference = infer(text)
        guard let best = inference.candidates.first(where: \.isInstalled),
            let department = catalogue.department(best.department)
        else {
            let meant = inference.department.map { "department \($0) is meant, which is not installed" }
            throw Failure(.notFound, "\"\(text.text)\": \(meant ?? "no rule says which department is meant")")
        }
        let choices = choices(of: department.tasks, text, after, data)
        guard let chosen = choices.first else {
            throw Failure(.notFound, "department \(department.name) has no task that a plan can use")
        }
        return ProposedPlan.Step(
            id: "step-\(number)", text: text.text, inference: inference, chosen: chosen,
            others: Array(choices.dropFirst().filter { $0.score > 0 }), after: after.map(\.id))
    }

    private func choices(
        of tasks: [TaskCatalogue.Entry], _ text: PlannerText, _ after: [ProposedPlan.Step], _ data: [String: JSONValue]
    ) -> [ProposedPlan.Choice] {
        let fitting = rules.matches(text)
        return tasks.map { task in
            let matches = fitting.filter {
                $0.department == task.reference.department && $0.task == task.reference.task
            }
            return ProposedPlan.Choice(
                task: task, score: matches.reduce(0) { $0 + $1.weight }, matches: matches,
                input: PlannedInput(task, text, after, data))
        }.sorted(by: Self.isBetter)
    }

    /// The task of one department that is meant, with its input.
    ///
    /// - Parameter isAllowed: what may be chosen; where that is one task only, it is meant.
    /// - Throws: `.notFound` when no rule fits.
    package func chooseTask(
        _ text: String, in department: String, data: [String: JSONValue],
        where isAllowed: (TaskCatalogue.Entry) -> Bool
    ) throws(Failure) -> ProposedPlan.Choice {
        let tasks = catalogue.department(department)?.tasks.filter(isAllowed) ?? []
        let choices = choices(of: tasks, PlannerText(text), [], data)
        guard let best = choices.first, best.score > 0 || tasks.count == 1 else {
            let known = tasks.map(\.reference.task).joined(separator: ", ")
            throw Failure(.notFound, "no rule says which task of \(department) \"\(text)\" means; it has: \(known)")
        }
        return best
    }

    /// What fits best; of equals what can start, then what is simpler, quicker, and first by name.
    private static func isBetter(_ left: ProposedPlan.Choice, _ right: ProposedPlan.Choice) -> Bool {
        if left.score != right.score { return left.score > right.score }
        if left.input.problems.count != right.input.problems.count {
            return left.input.problems.count < right.input.problems.count
        }
        if left.task.complexity != right.task.complexity { return left.task.complexity < right.task.complexity }
        if left.task.durationSeconds != right.task.durationSeconds {
            return left.task.durationSeconds < right.task.durationSeconds
        }
        return left.task.reference.task < right.task.reference.task
    }
}
