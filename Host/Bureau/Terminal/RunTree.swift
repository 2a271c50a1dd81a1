import Kernel
import Engine

/// What is known of a run and its descendants while they go, gathered from notices. A value: no clock, no output.
struct RunTree {
    struct Step: Hashable {
        var name: String
        var kind: EffectKind
        /// Nil: still going on.
        var state: StepState?
        var replayed = false
        var cost = Nanodollars.zero
        var startedAt: Instant
        var milliseconds: Int64 = 0
    }

    struct Node {
        var task: TaskReference
        var state: RunState = .ready
        var startedAt: Instant?
        var finishedAt: Instant?
        var note = ""
        var steps: [Step] = []
        var children: [RunID] = []
        var cost = Nanodollars.zero
        var failure: Failure?
    }

    let root: RunID
    private(set) var nodes: [RunID: Node]

    init(root: RunID, task: TaskReference) {
        self.root = root
        nodes = [root: Node(task: task)]
    }

    mutating func apply(_ notice: RunNotice) {
        if nodes[notice.run] == nil {
            nodes[notice.run] = Node(task: notice.task)
            if let parent = notice.parent {
                nodes[parent, default: Node(task: notice.task)].children.append(notice.run)
            }
        }
        guard var node = nodes[notice.run] else { return }
        node.apply(notice)
        nodes[notice.run] = node
    }
}

extension RunTree.Node {
    /// A run opens so many steps that only the newest are of interest.
    private static let keptSteps = 200

    fileprivate mutating func apply(_ notice: RunNotice) {
        switch notice.kind {
        case .admitted: state = .ready
        case .started(let attempt):
            state = .running
            startedAt = startedAt ?? notice.at
            if attempt > 1 { note = "attempt \(attempt)" }
        case .stepStarted(let name, let kind):
            state = .running
            steps.append(.init(name: name, kind: kind, startedAt: notice.at))
            if steps.count > Self.keptSteps { steps.removeFirst() }
        case .stepFinished(let name, let kind, let result, let replayed, let cost, let milliseconds):
            finish(
                .init(
                    name: name, kind: kind, state: result, replayed: replayed, cost: cost, startedAt: notice.at,
                    milliseconds: milliseconds))
            self.cost += cost
        case .progress(_, let text): note = text
        case .waiting(let reason):
            state = .waiting
            note = reason
        case .requeued(let reason):
            state = .ready
            note = reason
        case .finished(let end, let failure, let cost):
            state = end
            self.failure = failure
            self.cost = cost
            finishedAt = notice.at
            note = ""
        case .partial, .log: break
        }
    }

    private mutating func finish(_ step: RunTree.Step) {
        let open = steps.lastIndex { $0.state == nil && $0.name == step.name && $0.kind == step.kind }
        if let open {
            var step = step
            step.startedAt = steps[open].startedAt
            steps[open] = step
        } else {
            steps.append(step)
        }
    }
}
