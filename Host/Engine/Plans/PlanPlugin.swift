import Kernel
import Placement
import Synchronization

/// Executes plans. A plan is a run like any other: this is a placed plugin without a process, whose only effects
/// are child runs. So a plan is journaled, replayed, paid, cancelled and watched by the same code as any task.
final class PlanPlugin: PlacedPlugin {
    /// The built-in task; no department can have this name, it is reserved.
    static let task = TaskReference(department: "bureau", task: "plan")

    let descriptor: PluginDescriptor
    let kind = PlacementKind.inline
    static let definition = Manifest.Task(
        name: task.task, summary: "Runs a DAG of department tasks.", inputSchema: .bool(true),
        outputSchema: .bool(true), timeoutSeconds: nil, requiresApproval: false)

    /// What a plan names was checked before it started.
    static let wants = Manifest.Wants(departments: ["*"])

    private struct Call {
        var progress: PlanProgress
        var sink: CallSink
        /// By operation, the node it runs.
        var open: [UInt64: String] = [:]
    }

    private struct State {
        var nextCall: UInt64 = 1
        var nextOperation: UInt64 = 1
        var calls: [CallID: Call] = [:]
    }

    private let state = Mutex(State())

    init() {
        descriptor = PluginDescriptor(
            path: "", digest: Digest.sha256(Array("bureau/plan/1".utf8)), id: "bureau.plan", version: "1.0.0",
            toolchain: "built in", abiMajor: 1, abiMinor: 0,
            manifest: Manifest(
                department: Self.task.department, title: "Plans", summary: "Runs a DAG of department tasks.",
                tasks: [Self.definition], wants: Self.wants, stateSchemaVersion: 1))
    }

    static func parse(_ input: [UInt8]) throws(EngineError) -> Plan {
        let document: JSONValue
        do {
            document = try JSONParser.parse(input)
        } catch {
            throw EngineError(.invalid, "the plan is not JSON: \(error.description)")
        }
        do {
            return try Plan(json: document)
        } catch {
            throw EngineError(.invalid, "the plan is not valid: \(error.description)")
        }
    }

    // MARK: PlacedPlugin

    func createInstance(configuration: [UInt8]) async throws(PlacementError) -> InstanceID { InstanceID(0) }
    func destroyInstance(_ instance: InstanceID) async {}
    func shutdown() async {}

    func begin(_ start: TaskStart, on instance: InstanceID, sink: @escaping CallSink) -> CallID {
        let id = state.withLock { state in
            defer { state.nextCall += 1 }
            return CallID(state.nextCall)
        }
        do {
            let plan = try Self.parse(start.input)
            state.withLock { $0.calls[id] = Call(progress: PlanProgress(plan), sink: sink) }
            advance(id)
        } catch {
            sink(.completed(.failure(error.failure)))
        }
        return id
    }

    func deliver(_ event: OperationEvent, to operation: OperationID, of call: CallID) {
        state.withLock { state in
            guard let node = state.calls[call]?.open.removeValue(forKey: operation.value) else { return }
            switch event {
            case .done(let result, _):
                state.calls[call]?.progress.end(node, .done((try? JSONParser.parse(result.data)) ?? .null))
            case .failed(let failure, _, _): state.calls[call]?.progress.end(node, .failed(failure))
            case .cancelled: state.calls[call]?.progress.end(node, .cancelled)
            case .chunk, .compute: break
            }
        }
        advance(call)
    }

    func cancel(_ call: CallID, reason: Status) {
        let sink = state.withLock { $0.calls.removeValue(forKey: call)?.sink }
        sink?(.completed(.failure(Failure(reason, "the plan was stopped"))))
    }

    func statistics() -> PlacementStatistics {
        PlacementStatistics(instances: 1, openCalls: state.withLock { $0.calls.count })
    }

    // MARK: Going on

    /// Does what the plan's rules say is next, until there is nothing but to wait.
    private func advance(_ id: CallID) {
        let (sink, events): (CallSink?, [CallEvent]) = state.withLock { state in
            guard var call = state.calls[id] else { return (nil, []) }
            var events: [CallEvent] = []
            var hasMore = true
            while hasMore {
                hasMore = false
                let step = call.progress.advance()
                for node in step.stop {
                    for (operation, name) in call.open where name == node {
                        events.append(.cancelOperation(OperationID(operation)))
                    }
                }
                for node in step.start {
                    do throws(Failure) {
                        let input = try call.progress.plan.resolvedInput(node, outputs: call.progress.outputs)
                        let operation = OperationID(state.nextOperation)
                        state.nextOperation += 1
                        call.open[operation.value] = node.id
                        events.append(
                            .effect(
                                operation, EffectStart(name: node.id, request: .child(node.task, input: input.bytes))))
                    } catch {
                        call.progress.end(node.id, .failed(error))
                        hasMore = true
                    }
                }
                guard let outcome = step.outcome else { continue }
                state.calls[id] = nil
                return (call.sink, events + [.completed(Self.result(outcome, of: call.progress))])
            }
            state.calls[id] = call
            return (call.sink, events)
        }
        for event in events { sink?(event) }
    }

    /// A failed plan names its first failed node, and how many failed beside it.
    private static func result(
        _ outcome: PlanProgress.Outcome, of progress: PlanProgress
    ) -> Result<[UInt8], Failure> {
        guard case .failed(let nodes) = outcome, let node = nodes.first else {
            var output: [String: JSONValue] = ["outputs": .object(progress.outputs)]
            let skipped = progress.states.compactMapValues { state -> JSONValue? in
                if case .skipped(let reason) = state { .string(reason) } else { nil }
            }
            if !skipped.isEmpty { output["skipped"] = .object(skipped) }
            return .success(JSONValue.object(output).bytes)
        }
        let others = nodes.count > 1 ? "; \(nodes.count - 1) more failed" : ""
        guard case .failed(let failure) = progress.states[node] else {
            return .failure(Failure(.cancelled, "node \"\(node)\" was cancelled\(others)"))
        }
        return .failure(Failure(failure.status, "node \"\(node)\": \(failure.message)\(others)"))
    }
}
