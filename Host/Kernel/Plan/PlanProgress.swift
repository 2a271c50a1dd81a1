/// How far a plan has come, and what is next. The caller starts and stops nodes as told, and tells how they end.
package struct PlanProgress: Hashable, Sendable {
    package enum NodeState: Hashable, Sendable {
        case waiting, running
        case done(JSONValue)
        case failed(Failure)
        /// It will not start.
        case skipped(reason: String)
        case cancelled

        package var isTerminal: Bool {
            switch self {
            case .waiting, .running: false
            case .done, .failed, .skipped, .cancelled: true
            }
        }
    }

    /// What a node's end was.
    package enum End: Hashable, Sendable {
        case done(JSONValue)
        case failed(Failure)
        case cancelled
    }

    package struct Step: Hashable, Sendable {
        package var start: [Plan.Node] = []
        /// Running nodes that are to be stopped; told once.
        package var stop: [String] = []
        package var skip: [String] = []
        package var outcome: Outcome?
    }

    package enum Outcome: Hashable, Sendable {
        case done
        /// By these nodes, in the order of the plan; if none failed, those that were cancelled.
        case failed([String])
    }

    private enum Verdict {
        case holds, open
        case fails(reason: String)
    }

    package let plan: Plan
    package private(set) var states: [String: NodeState]
    private var isStopped = false

    package init(_ plan: Plan) {
        self.plan = plan
        states = Dictionary(plan.nodes.map { ($0.id, .waiting) }, uniquingKeysWith: { first, _ in first })
    }

    /// Of the nodes that ended well.
    package var outputs: [String: JSONValue] {
        states.compactMapValues { if case .done(let output) = $0 { output } else { nil } }
    }

    /// A running node has ended. Anything else is ignored, so that telling twice does no harm.
    package mutating func end(_ id: String, _ end: End) {
        guard states[id] == .running else { return }
        switch end {
        case .done(let output): states[id] = .done(output)
        case .failed(let failure): states[id] = .failed(failure)
        case .cancelled: states[id] = .cancelled
        }
    }

    /// What is to be done now. Started nodes are running from here on.
    package mutating func advance() -> Step {
        var step = Step()
        let mustStop = plan.nodes.contains { node in
            if case .failed = states[node.id] { node.onFailure == .cancel } else { false }
        }
        if mustStop, !isStopped {
            isStopped = true
            for node in plan.nodes where states[node.id] == .waiting { states[node.id] = .cancelled }
            step.stop = plan.nodes.map(\.id).filter { states[$0] == .running }
        }
        // Each node after those it depends on: what is skipped here skips others in the same pass.
        for id in plan.topologicalOrder where states[id] == .waiting {
            guard let node = plan.node(id) else { continue }
            switch verdict(node) {
            case .open: break
            case .holds:
                states[id] = .running
                step.start.append(node)
            case .fails(let reason):
                states[id] = .skipped(reason: reason)
                step.skip.append(id)
            }
        }
        if states.values.allSatisfy(\.isTerminal) { step.outcome = outcome }
        return step
    }

    // MARK: Joins

    private func verdict(_ node: Plan.Node) -> Verdict {
        let references = node.references.map { id in
            verdict(PlanEdge(node: id, trigger: .success, condition: nil), isReference: true)
        }
        for case .fails(let reason) in references { return .fails(reason: reason) }
        let edges = node.edges.map { verdict($0, isReference: false) }
        var (holding, open) = (0, references.count { if case .open = $0 { true } else { false } })
        let openReferences = open
        var reasons: [String] = []
        for edge in edges {
            switch edge {
            case .holds: holding += 1
            case .open: open += 1
            case .fails(let reason): reasons.append(reason)
            }
        }
        let openEdges = open - openReferences
        switch node.join {
        case .all:
            if let reason = reasons.first { return .fails(reason: reason) }
            return open == 0 ? .holds : .open
        case .settled: return open == 0 ? .holds : .open
        case .atLeast(let count):
            if holding + openEdges < count { return .fails(reason: reasons.joined(separator: "; ")) }
            return holding >= count && openReferences == 0 ? .holds : .open
        }
    }

    private func verdict(_ edge: PlanEdge, isReference: Bool) -> Verdict {
        let node = edge.node
        switch (states[node], edge.trigger) {
        case (.waiting, _), (.running, _), (nil, _): return .open
        case (_, .always), (.failed, .failure): return .holds
        case (_, .failure): return .fails(reason: "node \(node) did not fail")
        case (.done(let output), .success):
            guard let condition = edge.condition, !condition.holds(for: output) else { return .holds }
            let place = condition.pointer.description
            return .fails(reason: "the output of node \(node) is not \(condition.comparison.rawValue) at \"\(place)\"")
        case (.failed, .success):
            let isPassedOver = plan.node(node)?.onFailure == .continue && !isReference && edge.condition == nil
            return isPassedOver ? .holds : .fails(reason: "node \(node) failed")
        case (.skipped, .success): return .fails(reason: "node \(node) was skipped")
        case (.cancelled, .success): return .fails(reason: "node \(node) was cancelled")
        }
    }

    /// A failure is handled when it may be passed over, or when something that runs after it has ended well.
    private var outcome: Outcome {
        let handled = Set(
            plan.nodes.filter { if case .done = states[$0.id] { true } else { false } }
                .flatMap { $0.edges.filter { $0.trigger == .failure }.map(\.node) })
        let failed = plan.nodes.filter { node in
            guard case .failed = states[node.id] else { return false }
            return node.onFailure == .cancel || node.onFailure == .skip && !handled.contains(node.id)
        }
        let cancelled = plan.nodes.filter { states[$0.id] == .cancelled }
        let blamed = failed.isEmpty ? cancelled : failed
        return blamed.isEmpty ? .done : .failed(blamed.map(\.id))
    }
}
