import CBureau
import Dispatch
import FoundationEssentials
import PluginKit
import Synchronization

/// A host in memory for one plugin instance: the C table, one serial lane, a journal for each run, a virtual clock.
/// It notes every breach of the boundary's rules as a violation.
///
/// @unchecked: `table`, `plugin`, `entry` and `configuration` are written before the first call and then only read, on
/// the lane; all else is in Mutexes or constant.
final class FakeHost: @unchecked Sendable {
    let lane = DispatchQueue(label: "lane")
    private static let laneKey = DispatchSpecificKey<ObjectIdentifier>()
    let table: UnsafeMutablePointer<bureau_host>
    private(set) var plugin: UnsafeMutablePointer<bureau_plugin>?
    private(set) var entry: UnsafePointer<bureau_entry>?
    private(set) var configuration = Data()
    let offered: @Sendable (String) -> Bool
    let state = Mutex(State())
    let world = Mutex(World())

    struct Call {
        var run: FakeRun
        var isCancelled = false
        var completion: CheckedContinuation<Result<Data, TaskFailure>, Never>
        /// Addresses of the blocks, freed when the call ends.
        var arena: [UInt] = []
    }

    struct Operation {
        var call: bureau_call
        var token: UInt64
        var name: String
        var answer: (@Sendable () -> Void)?
        var chunks: [String] = []
        var credit: UInt64 = 0
        var terminal: Terminal?
    }

    struct Terminal {
        var outcome: EffectOutcome
        var isReplayed: Bool
    }

    struct Ticket {
        var call: bureau_call
        var key: RunJournal.Key
        var shape: Data
    }

    struct State {
        /// The host may not be called before `setup`.
        var isOpen = false
        var lastHandle: UInt64 = 0
        var calls: [bureau_call: Call] = [:]
        var operations: [bureau_op: Operation] = [:]
        var tickets: [UInt64: Ticket] = [:]
        var heldNames: Set<String> = []
        var startWaiters: [(name: String, waiter: CheckedContinuation<Void, Never>)] = []
        var violations: [String] = []
    }

    init(offered: @escaping @Sendable (String) -> Bool) {
        self.offered = offered
        table = .allocate(capacity: 1)
        table.initialize(to: FakeTables.host)
        table.pointee.impl = Unmanaged.passUnretained(self).toOpaque()
        lane.setSpecific(key: Self.laneKey, value: ObjectIdentifier(self))
    }

    deinit {
        table.deinitialize(count: 1)
        table.deallocate()
    }

    var isOnLane: Bool { DispatchQueue.getSpecific(key: Self.laneKey) == ObjectIdentifier(self) }

    func violation(_ text: String) {
        state.withLock { $0.violations.append(text) }
    }

    // MARK: Life

    func start(_ entry: UnsafePointer<bureau_entry>, configuration: Data) throws(TaskFailure) {
        self.entry = entry
        self.configuration = configuration
        let status: bureau_status = lane.sync {
            var made: UnsafeMutablePointer<bureau_plugin>?
            guard let create = entry.pointee.create else { return BUREAU_E_INTERNAL }
            let status = create(table, &made)
            guard status == BUREAU_OK, let made else { return status == BUREAU_OK ? BUREAU_E_INTERNAL : status }
            plugin = made
            state.withLock { $0.isOpen = true }
            return withBorrowed(configuration) { made.pointee.setup?(made, $0) ?? BUREAU_OK }
        }
        if status != BUREAU_OK {
            let reason = world.withLock { $0.logs.last?.text } ?? "setup failed"
            throw TaskFailure(FailureStatus(rawValue: status), reason)
        }
    }

    /// Ends the instance on its lane. The host lives until then.
    func stop() {
        lane.async { [self] in
            if let plugin { plugin.pointee.destroy?(plugin) }
            plugin = nil
            state.withLock { $0.isOpen = false }
        }
    }

    // MARK: Tasks

    func begin(_ run: FakeRun) async -> Result<Data, TaskFailure> {
        await withCheckedContinuation { completion in
            lane.async { [self] in
                guard let plugin else {
                    completion.resume(returning: .failure(.internal("the plugin has stopped")))
                    return
                }
                let handle = state.withLock { state in
                    state.lastHandle += 1
                    state.calls[state.lastHandle] = Call(run: run, completion: completion)
                    return state.lastHandle
                }
                let cancelReason = run.started(handle)
                let status = run.withTask(handle) { plugin.pointee.begin?(plugin, $0) ?? BUREAU_E_INTERNAL }
                guard status != BUREAU_OK else {
                    if let cancelReason { cancel(handle, reason: cancelReason) }
                    return
                }
                let refused = state.withLock { $0.calls.removeValue(forKey: handle) }
                let reason = TaskFailure(FailureStatus(rawValue: status), "the plugin refused the task \(run.task)")
                refused?.completion.resume(returning: .failure(reason))
            }
        }
    }

    func cancel(_ handle: bureau_call, reason: bureau_status) {
        lane.async { [self] in
            let operations = state.withLock { state -> [bureau_op] in
                state.calls[handle]?.isCancelled = true
                return state.operations.filter { $0.value.call == handle }.map(\.key)
            }
            guard let plugin, state.withLock({ $0.calls[handle] != nil }) else { return }
            plugin.pointee.cancel?(plugin, handle, reason)
            for operation in operations { end(operation, .cancelled, isReplayed: false) }
        }
    }

    func complete(_ handle: bureau_call, _ result: Result<Data, TaskFailure>) -> bureau_status {
        let call = state.withLock { state -> Call? in
            guard let call = state.calls.removeValue(forKey: handle) else {
                state.violations.append("complete of a call that is not open (\(handle)): twice, or stale")
                return nil
            }
            state.operations = state.operations.filter { $0.value.call != handle }
            state.tickets = state.tickets.filter { $0.value.call != handle }
            return call
        }
        guard let call else { return BUREAU_E_STALE }
        for block in call.arena { UnsafeMutableRawPointer(bitPattern: block)?.deallocate() }
        if case .success(let data) = result, (try? JSONDecoder().decode(JSONValue.self, from: data)) == nil {
            violation("the output of \(call.run.task) is not JSON")
        }
        call.completion.resume(returning: result)
        return BUREAU_OK
    }

    func isCancelled(_ handle: bureau_call) -> Bool {
        state.withLock { $0.calls[handle]?.isCancelled ?? true }
    }

    func allocate(_ handle: bureau_call, size: UInt64, alignment: UInt64) -> UnsafeMutableRawPointer? {
        guard isOnLane else {
            violation("arena_alloc outside the lane")
            return nil
        }
        guard alignment.nonzeroBitCount == 1, alignment <= 4_096, size <= 16 << 20 else { return nil }
        let address = state.withLock { state -> UInt? in
            guard state.calls[handle] != nil else { return nil }
            let block = UnsafeMutableRawPointer.allocate(byteCount: Int(max(size, 1)), alignment: Int(alignment))
            state.calls[handle]?.arena.append(UInt(bitPattern: block))
            return UInt(bitPattern: block)
        }
        return address.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
    }
}
