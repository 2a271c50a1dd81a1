import Kernel
import Placement
import Synchronization

/// A department written as Swift closures in the test, behind the seam that real plugins stand behind. Each task
/// runs as a Swift task; effects are awaited. What it did is counted, so a test can say "not twice".
final class ScriptedPlugin: PlacedPlugin {
    typealias Body = @Sendable (Context) async throws -> JSONValue

    let descriptor: PluginDescriptor
    let kind = PlacementKind.inline

    private struct Call {
        var sink: CallSink
        var work: Task<Void, Never>?
        var waiting: [UInt64: AsyncStream<OperationEvent>.Continuation] = [:]
        var isCancelled = false
    }

    private struct State {
        var nextCall: UInt64 = 1
        var nextOperation: UInt64 = 1
        var calls: [CallID: Call] = [:]
    }

    private let state = Mutex(State())
    private let bodies: [String: Body]
    private let onCreate: @Sendable () async -> Void

    init(
        department: String, wants: Manifest.Wants = Manifest.Wants(models: ["*"], tools: ["*"], departments: ["*"]),
        timeoutSeconds: Int? = nil, heartbeatSeconds: Int? = nil, retry: RunRetryRule? = nil,
        requiresApproval: Bool = false, onCreate: @escaping @Sendable () async -> Void = {},
        inputSchema: JSONValue = .bool(true),
        outputSchema: JSONValue = .bool(true), _ bodies: [String: Body]
    ) {
        self.bodies = bodies
        self.onCreate = onCreate
        let tasks = bodies.keys.sorted().map { name in
            var task = Manifest.Task(
                name: name, summary: name, inputSchema: inputSchema, outputSchema: outputSchema,
                timeoutSeconds: timeoutSeconds, requiresApproval: requiresApproval)
            task.heartbeatSeconds = heartbeatSeconds
            task.retry = retry
            return task
        }
        descriptor = PluginDescriptor(
            path: "", digest: Digest.sha256(Array(department.utf8)), id: "org.example.\(department)", version: "1.0.0",
            toolchain: "test", abiMajor: 1, abiMinor: 0,
            manifest: Manifest(
                department: department, title: department, summary: department, tasks: tasks, wants: wants,
                stateSchemaVersion: 1))
    }

    func createInstance(configuration: [UInt8]) async throws(PlacementError) -> InstanceID {
        await onCreate()
        return InstanceID(1)
    }
    func destroyInstance(_ instance: InstanceID) async {}
    func statistics() -> PlacementStatistics { PlacementStatistics() }

    func shutdown() async {
        let calls = state.withLock { state in
            defer { state.calls = [:] }
            return Array(state.calls.values)
        }
        for call in calls {
            call.work?.cancel()
            call.sink(.lost(PluginLoss(plugin: descriptor.id, version: "1.0.0", generation: 1, cause: .closed)))
        }
    }

    func begin(_ start: TaskStart, on instance: InstanceID, sink: @escaping CallSink) -> CallID {
        let id = state.withLock { state in
            defer { state.nextCall += 1 }
            state.calls[CallID(state.nextCall)] = Call(sink: sink)
            return CallID(state.nextCall)
        }
        guard let body = bodies[start.task] else {
            complete(id, .failure(Failure(.notFound, "no task \(start.task)")))
            return id
        }
        let work = Task {
            do {
                let output = try await body(Context(plugin: self, call: id, start: start))
                complete(id, .success(output.bytes))
            } catch let failure as Failure {
                complete(id, .failure(failure))
            } catch let loss as PluginLoss {
                end(id)?(.lost(loss))
            } catch {
                complete(id, .failure(Failure(.internal, "\(error)")))
            }
        }
        state.withLock { $0.calls[id]?.work = work }
        return id
    }

    private func end(_ id: CallID) -> CallSink? { state.withLock { $0.calls.removeValue(forKey: id)?.sink } }
    private func complete(_ id: CallID, _ result: Result<[UInt8], Failure>) { end(id)?(.completed(result)) }

    func deliver(_ event: OperationEvent, to operation: OperationID, of call: CallID) {
        state.withLock { $0.calls[call]?.waiting[operation.value] }?.yield(event)
    }

    func cancel(_ call: CallID, reason: Status) {
        let work = state.withLock { state -> Task<Void, Never>? in
            state.calls[call]?.isCancelled = true
            return state.calls[call]?.work
        }
        work?.cancel()
        complete(call, .failure(Failure(reason, "gave up")))
    }

    fileprivate func open(_ call: CallID) -> (OperationID, AsyncStream<OperationEvent>, CallSink)? {
        let (stream, continuation) = AsyncStream.makeStream(of: OperationEvent.self)
        return state.withLock { state in
            guard let sink = state.calls[call]?.sink else { return nil }
            defer { state.nextOperation += 1 }
            state.calls[call]?.waiting[state.nextOperation] = continuation
            return (OperationID(state.nextOperation), stream, sink)
        }
    }

    /// What a scripted task sees.
    struct Context: Sendable {
        let plugin: ScriptedPlugin
        let call: CallID
        let start: TaskStart

        var input: JSONValue { (try? JSONParser.parse(start.input)) ?? .null }

        func log(_ text: String) { plugin.state.withLock { $0.calls[call]?.sink }?(.logged(.info, text)) }

        func effect(_ name: String, _ request: EffectRequest) async throws -> EffectResult {
            guard let (operation, stream, sink) = plugin.open(call) else { throw CancellationError() }
            sink(.effect(operation, EffectStart(name: name, request: request)))
            return try await Self.terminal(stream).get()
        }

        /// A local step, as PluginKit's `context.step`.
        func step(_ name: String, _ body: () async throws -> JSONValue) async throws -> JSONValue {
            guard let (operation, stream, sink) = plugin.open(call) else { throw CancellationError() }
            sink(.effect(operation, EffectStart(name: name, request: .step(shape: []))))
            for await event in stream {
                switch event {
                case .compute(let ticket):
                    let value = try await body()
                    guard let (second, answers, sink) = plugin.open(call) else { throw CancellationError() }
                    sink(.record(second, ticket: ticket, .success(value.bytes)))
                    return try JSONParser.parse(try await Self.terminal(answers).get().data)
                case .done(let result, _): return try JSONParser.parse(result.data)
                case .failed(let failure, _, _): throw failure
                default: throw CancellationError()
                }
            }
            throw CancellationError()
        }

        private static func terminal(_ stream: AsyncStream<OperationEvent>) async -> Result<EffectResult, Failure> {
            for await event in stream {
                switch event {
                case .chunk, .compute: continue
                case .done(let result, _): return .success(result)
                case .failed(let failure, _, _): return .failure(failure)
                case .cancelled: return .failure(Failure(.cancelled, "cancelled"))
                }
            }
            return .failure(Failure(.cancelled, "the call ended"))
        }
    }
}
