import CLane
import Kernel
import Synchronization

/// What comes from the lane. Every field may be hostile; a frame that an honest lane cannot send ends the worker.
extension HostedPlugin: LaneOwner {
    func receive(
        _ header: lane_header, _ body: UnsafeRawBufferPointer, from link: any LaneLink
    ) throws(ProtocolViolation) {
        let fields = try Fields(checking: body)
        let call = CallID(header.call)
        let operation = OperationID(header.op)
        switch Int(header.kind) {
        case LANE_COMPLETE: try completed(call, fields)
        case LANE_START:
            let effect = CallEvent.effect(operation, try EffectDecoding.start(fields))
            try opened(operation, of: call, effect)
        case LANE_RECORD:
            let ticket = try fields.required(LANE_TICKET)
            try opened(operation, of: call, .record(operation, ticket: ticket, try result(fields)))
        case LANE_EMIT: try emitted(call, fields)
        case LANE_LOG, LANE_MISBEHAVED: try said(header, fields)
        case LANE_CANCEL_OP: try passOn(.cancelOperation(operation), operation, of: call)
        case LANE_GRANT:
            try passOn(.grant(operation, chunks: try fields.required(LANE_VALUE)), operation, of: call)
        case LANE_CREATED: try created(header.op, fields)
        case LANE_DESTROYED: destroyed(header.op)
        case LANE_ANSWERED: try answered(header.op, fields)
        case LANE_READY: try ready(fields, link)
        case LANE_REFUSED: throw ProtocolViolation(try fields.text(LANE_TEXT))
        default: heard()
        }
    }

    /// The sink of an open call; nil when the call has ended, which a late frame may not know.
    private func openSink(_ call: CallID, in state: inout State) throws(ProtocolViolation) -> CallSink? {
        switch state.calls.find(call) {
        case .open(let open): return open.sink
        case .ended: return nil
        case .neverIssued: throw ProtocolViolation("a frame for call \(call.value), which was never begun")
        }
    }

    func locked<Value: Sendable>(
        _ body: (inout sending State) throws(ProtocolViolation) -> sending Value
    ) throws(ProtocolViolation) -> Value {
        try state.withLock { state throws(ProtocolViolation) in
            if state.ping != nil || state.calls.count > 0 { state.lastHeard = Monotonic.milliseconds() }
            state.ping = nil
            return try body(&state)
        }
    }

    private func heard() {
        state.withLock { state in
            state.lastHeard = Monotonic.milliseconds()
            state.ping = nil
        }
    }

    private func result(_ fields: Fields) throws(ProtocolViolation) -> Result<[UInt8], Failure> {
        let status = Status(rawValue: Int32(truncatingIfNeeded: try fields.required(LANE_STATUS)))
        if status == .ok { return .success(fields.data(LANE_DATA)) }
        return .failure(Failure(status.rawValue < 0 ? status : .internal, try fields.text(LANE_TEXT)))
    }

    private func completed(_ call: CallID, _ fields: Fields) throws(ProtocolViolation) {
        let result = try result(fields)
        let strict = kind != .inline
        let sink = try locked { state throws(ProtocolViolation) -> CallSink? in
            let sink = try openSink(call, in: &state)
            // The lane lets nothing complete twice, so only a broken or lying process can.
            if sink == nil, strict, state.phase != .closed {
                throw ProtocolViolation("call \(call.value) was completed twice")
            }
            _ = state.calls.close(call)
            return sink
        }
        sink?(.completed(result))
    }

    private func opened(
        _ operation: OperationID, of call: CallID, _ event: CallEvent
    ) throws(ProtocolViolation) {
        let sink = try locked { state throws(ProtocolViolation) -> CallSink? in
            guard let sink = try openSink(call, in: &state) else { return nil }
            switch state.calls.addOperation(operation, to: call) {
            case .added: return sink
            case .repeated: throw ProtocolViolation("operation \(operation.value) was started twice")
            case .tooMany: throw ProtocolViolation("a call has more than \(CallTable.operationsPerCall) operations")
            }
        }
        sink?(event)
    }

    private func passOn(
        _ event: CallEvent, _ operation: OperationID, of call: CallID
    ) throws(ProtocolViolation) {
        let sink = try locked { state throws(ProtocolViolation) -> CallSink? in
            let sink = try openSink(call, in: &state)
            return state.calls[call]?.operations.contains(operation.value) == true ? sink : nil
        }
        sink?(event)
    }

    private func emitted(_ call: CallID, _ fields: Fields) throws(ProtocolViolation) {
        let data = fields.data(LANE_DATA)
        guard let emitKind = EmitKind(rawValue: UInt32(truncatingIfNeeded: try fields.required(LANE_KIND))),
            data.count <= LANE_MAX_EMIT_BYTES
        else { throw ProtocolViolation("an emit of unknown kind or too many bytes") }
        let sink = try locked { state throws(ProtocolViolation) -> CallSink? in
            try state.flood.pass()
            return try openSink(call, in: &state)
        }
        sink?(.emitted(emitKind, data))
    }

    private func said(_ header: lane_header, _ fields: Fields) throws(ProtocolViolation) {
        let text = try fields.text(LANE_TEXT)
        let level = LogLevel(rawValue: Int32(truncatingIfNeeded: fields.number(LANE_LEVEL) ?? 1)) ?? .info
        let call = CallID(header.call)
        let misbehaved = Int(header.kind) == LANE_MISBEHAVED
        guard text.utf8.count <= LANE_MAX_LOG_BYTES else { throw ProtocolViolation("a log line is too long") }
        let sink = try locked { state throws(ProtocolViolation) -> CallSink? in
            try state.flood.pass()
            if misbehaved { state.misbehaviours += 1 }
            return call.value == 0 ? nil : try openSink(call, in: &state)
        }
        if let sink, !misbehaved { return sink(.logged(level, text)) }
        settings.log(descriptor.id, level, misbehaved ? "broke a rule: \(text)" : text)
    }

    // MARK: Life

    private func ready(_ fields: Fields, _ link: any LaneLink) throws(ProtocolViolation) {
        guard try fields.required(LANE_PROTOCOL) == LANE_PROTOCOL_VERSION else {
            throw ProtocolViolation("host and worker speak different protocol versions")
        }
        guard try fields.text(LANE_ID) == descriptor.id, try fields.text(LANE_VERSION) == descriptor.version else {
            throw ProtocolViolation("the plugin changed its name or version since it was inspected")
        }
        let waiters = try locked { state throws(ProtocolViolation) in
            guard state.phase == .starting else {
                if state.phase == .closed { return [CheckedContinuation<Result<Void, PlacementError>, Never>]() }
                throw ProtocolViolation("said twice that it is ready")
            }
            state.phase = .up
            state.link = link
            bringBack(&state, link)
            defer { state.startWaiters = [] }
            return state.startWaiters
        }
        for waiter in waiters { waiter.resume(returning: .success(())) }
    }

    /// The instances of the last process, and the tasks that came since. In this order, so nothing waits for answers.
    private func bringBack(_ state: inout State, _ link: any LaneLink) {
        for id in state.instances.ids {
            guard let configuration = state.instances[id]?.configuration,
                let frame = FrameEncoding.create(id, configuration: configuration)
            else { continue }
            _ = link.send(frame, essential: true)
        }
        for (call, frame) in state.backlog where state.calls[call] != nil { _ = link.send(frame, essential: true) }
        (state.backlog, state.backlogBytes) = ([], 0)
    }

    private func created(_ number: UInt64, _ fields: Fields) throws(ProtocolViolation) {
        let id = InstanceID(UInt32(truncatingIfNeeded: number))
        let text = try fields.text(LANE_TEXT)
        let code: PlacementError.Code? =
            switch Int(truncatingIfNeeded: try fields.required(LANE_CODE)) {
            case LANE_PROBLEM_NONE: nil
            case LANE_PROBLEM_EARLY_CALL: .calledHostBeforeSetup
            case LANE_PROBLEM_SETUP: .setupFailed
            default: .createFailed
            }
        let waiter = try locked { state throws(ProtocolViolation) in
            guard let waiter = state.instances[id]?.waiter else {
                return nil as CheckedContinuation<Result<InstanceID, PlacementError>, Never>?
            }
            if code == nil { state.instances[id]?.waiter = nil } else { _ = state.instances.remove(id) }
            return waiter
        }
        let error = code.map { PlacementError($0, "\(descriptor.id): \(text)") }
        waiter?.resume(returning: error.map { .failure($0) } ?? .success(id))
        if let error, waiter == nil {
            settings.log(descriptor.id, .error, "an agent did not come back after a restart: \(error)")
        }
    }

    private func destroyed(_ number: UInt64) {
        let id = InstanceID(UInt32(truncatingIfNeeded: number))
        state.withLock { $0.leaving.removeValue(forKey: id) }?.resume()
    }

    func printed(_ line: String) { settings.log(descriptor.id, .info, line) }

    var openCalls: Int { state.withLock { $0.calls.count } }
}

/// A second bound on talk, behind the lane's own: a worker whose lane was overrun must not flood its host.
struct FloodGate {
    static let framesPerSecond = 2 * Int(LANE_EMITS_PER_SECOND + LANE_LOGS_PER_SECOND + LANE_REPORTS_PER_SECOND)
    private var second: UInt64 = 0
    private var frames = 0

    mutating func pass() throws(ProtocolViolation) {
        let now = Monotonic.milliseconds() / 1000
        if now != second { (second, frames) = (now, 0) }
        frames += 1
        guard frames <= Self.framesPerSecond else {
            throw ProtocolViolation("more than \(Self.framesPerSecond) lines and emits in a second")
        }
    }
}
