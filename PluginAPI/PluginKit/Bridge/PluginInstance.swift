import CBureau
import FoundationEssentials
import Synchronization

/// One instance of a department behind the C callbacks. The base class is what the callbacks know; ``Instance``
/// adds the department's type.
///
/// @unchecked only because a class that is inherited from cannot be checked: it has no stored properties, and its
/// one subclass keeps everything in constants and a Mutex.
package class PluginInstance: @unchecked Sendable {
    func setup(_ configuration: Data) -> bureau_status { BUREAU_E_INTERNAL }
    func begin(_ task: bureau_task) -> bureau_status { BUREAU_E_INTERNAL }
    func cancel(_ call: bureau_call, _ reason: bureau_status) {}
    func receive(_ event: bureau_event) {}
    func save() -> Result<[UInt8], TaskFailure> { .failure(.unsupported("no state")) }
    func load(_ bytes: [UInt8], schemaVersion: UInt32) -> bureau_status { BUREAU_E_UNSUPPORTED }
    func quiesce(timeoutMilliseconds: UInt64) {}
    func resume() {}
    var takesWork: Bool { false }
    var stateTable: UnsafePointer<bureau_plugin_state>? { nil }
}

/// @unchecked repeats the superclass; every stored property is Sendable, and `let`.
final class Instance<D: Department>: PluginInstance, @unchecked Sendable {
    private let host: HostReference
    private let definitions: [String: TaskDefinition<D>]
    private let state = Mutex(State())

    private struct State {
        /// Set by `setup`.
        var department: D?
        var services: HostServices?
        var calls: [bureau_call: OpenCall] = [:]
        var isQuiescing = false
        var deadline: Task<Void, Never>?
    }

    init(host: UnsafePointer<bureau_host>, definitions: [String: TaskDefinition<D>]) {
        self.host = HostReference(pointer: host)
        self.definitions = definitions
    }

    override func setup(_ configuration: Data) -> bureau_status {
        let services = HostServices(host.pointer)
        do {
            let department = try D(configuration: Configuration(json: configuration))
            state.withLock {
                $0.department = department
                $0.services = services
            }
            return BUREAU_OK
        } catch {
            let failure = TaskFailure(catching: error)
            services.write(.error, "\(D.manifest.department) cannot start: \(failure.message)", call: 0)
            return failure.status.rawValue < 0 ? failure.status.rawValue : BUREAU_E_INTERNAL
        }
    }

    override func begin(_ task: bureau_task) -> bureau_status {
        guard let definition = definitions[task.type.copy] else { return BUREAU_E_NOT_FOUND }
        let opened = state.withLock { state -> (D, OpenCall)? in
            guard !state.isQuiescing, let department = state.department, let services = state.services else {
                return nil
            }
            let call = OpenCall(services: services, handle: task.call)
            state.calls[task.call] = call
            return (department, call)
        }
        guard let (department, call) = opened else { return BUREAU_E_BUSY }
        let input = task.input_json.copy
        let context = TaskContext(
            call: call, runID: task.run_id.copy, attempt: Int(task.attempt),
            idempotencyKey: task.idempotency_key.copy)
        let run: @Sendable () async -> Void = { [self] in
            let outcome: Result<Data, TaskFailure>
            do {
                outcome = .success(try await definition.run(department, input, context))
            } catch {
                outcome = .failure(TaskFailure(catching: error))
            }
            close(call, outcome)
        }
        call.attach(definition.startsOnLane ? Task.immediate(operation: run) : Task(operation: run))
        return BUREAU_OK
    }

    /// Forgets the call before the host does: its handle may then be used again, and `destroy` may come at once.
    private func close(_ call: OpenCall, _ outcome: Result<Data, TaskFailure>) {
        state.withLock { state in
            if state.calls[call.handle] === call { state.calls[call.handle] = nil }
            if state.calls.isEmpty, let deadline = state.deadline.take() { deadline.cancel() }
        }
        call.finish(outcome)
    }

    override func cancel(_ call: bureau_call, _ reason: bureau_status) {
        state.withLock { $0.calls[call] }?.cancel(reason: reason)
    }

    override func receive(_ event: bureau_event) {
        state.withLock { $0.calls[event.call] }?.receive(event)
    }

    // MARK: Reload

    override func quiesce(timeoutMilliseconds: UInt64) {
        let isIdle = state.withLock { state in
            state.isQuiescing = true
            return state.calls.isEmpty
        }
        if isIdle { return }
        let deadline = Task { [self] in
            do {
                try await Task.sleep(nanoseconds: min(timeoutMilliseconds, 86_400_000) * 1_000_000)
            } catch {
                return  // The calls ended by themselves, or the swap was rolled back.
            }
            let late = state.withLock { $0.isQuiescing ? Array($0.calls.values) : [] }
            for call in late {
                call.cancel(reason: BUREAU_E_BUSY)
                close(call, .failure(.busy("the plugin is being replaced; the run goes on with its successor")))
            }
        }
        state.withLock { state in
            if state.isQuiescing, !state.calls.isEmpty { state.deadline = deadline } else { deadline.cancel() }
        }
    }

    override func resume() {
        let deadline = state.withLock { state in
            state.isQuiescing = false
            return state.deadline.take()
        }
        deadline?.cancel()
    }

    override var takesWork: Bool { state.withLock { $0.department != nil && !$0.isQuiescing } }

    // MARK: State

    override func save() -> Result<[UInt8], TaskFailure> {
        guard let stateful = state.withLock({ $0.department }) as? any StatefulDepartment else { return super.save() }
        do {
            return .success(try stateful.saveState())
        } catch {
            return .failure(TaskFailure(catching: error))
        }
    }

    override func load(_ bytes: [UInt8], schemaVersion: UInt32) -> bureau_status {
        let (department, services) = state.withLock { ($0.department, $0.services) }
        guard let stateful = department as? any StatefulDepartment else { return BUREAU_E_UNSUPPORTED }
        do {
            try stateful.load(state: bytes, schemaVersion: schemaVersion)
            return BUREAU_OK
        } catch {
            let failure = TaskFailure(catching: error)
            services?.write(.error, "saved state cannot be loaded: \(failure.message)", call: 0)
            return failure.status.rawValue < 0 ? failure.status.rawValue : BUREAU_E_INTERNAL
        }
    }

    override var stateTable: UnsafePointer<bureau_plugin_state>? {
        (D.self as? any StatefulDepartment.Type).map { PluginTables.state(schemaVersion: $0.stateSchemaVersion) }
    }
}

/// @unchecked: the host keeps its table until `destroy` returns, and does not change it.
private struct HostReference: @unchecked Sendable {
    let pointer: UnsafePointer<bureau_host>
}
