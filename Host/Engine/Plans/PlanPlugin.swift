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
        var plan: Plan
        var sink: CallSink
        /// By operation, the node it runs.
        var open: [UInt64: String] = [:]
        var started: Set<String> = []
        var outputs: [String: JSONValue] = [:]
        var failure: Failure?
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
            state.withLock { $0.calls[id] = Call(plan: plan, sink: sink) }
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
                state.calls[call]?.outputs[node] = (try? JSONParser.parse(result.data)) ?? .null
            case .failed(let failure, _, _):
                if state.calls[call]?.failure == nil {
                    state.calls[call]?.failure = Failure(failure.status, "node \"\(node)\": \(failure.message)")
                }
            case .cancelled:
                if state.calls[call]?.failure == nil {
                    state.calls[call]?.failure = Failure(.cancelled, "node \"\(node)\" was cancelled")
                }
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

    private enum Action {
        case start(OperationID, EffectStart)
        case complete(Result<[UInt8], Failure>)
    }

    /// Starts what has become ready. After a failure nothing new starts; what runs is awaited.
    private func advance(_ id: CallID) {
        let (sink, actions): (CallSink?, [Action]) = state.withLock { state in
            guard var call = state.calls[id] else { return (nil, []) }
            var actions: [Action] = []
            if call.failure == nil {
                for node in call.plan.readyNodes(done: Set(call.outputs.keys)) where !call.started.contains(node.id) {
                    do throws(Failure) {
                        let input = try call.plan.resolvedInput(node, outputs: call.outputs)
                        let operation = OperationID(state.nextOperation)
                        state.nextOperation += 1
                        call.started.insert(node.id)
                        call.open[operation.value] = node.id
                        actions.append(
                            .start(
                                operation, EffectStart(name: node.id, request: .child(node.task, input: input.bytes))))
                    } catch {
                        call.failure = Failure(error.status, "node \"\(node.id)\": \(error.message)")
                    }
                }
            }
            if call.open.isEmpty {
                state.calls[id] = nil
                let output = JSONValue.object(["outputs": .object(call.outputs)])
                return (call.sink, actions + [.complete(call.failure.map { .failure($0) } ?? .success(output.bytes))])
            }
            state.calls[id] = call
            return (call.sink, actions)
        }
        for action in actions {
            switch action {
            case .start(let operation, let start): sink?(.effect(operation, start))
            case .complete(let result): sink?(.completed(result))
            }
        }
    }
}
