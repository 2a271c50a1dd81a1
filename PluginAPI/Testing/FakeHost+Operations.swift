import CBureau
import Dispatch
import FoundationEssentials
import PluginKit
import Synchronization

extension FakeHost {
    func start(
        _ handle: bureau_call, _ step: UnsafePointer<bureau_step>?, _ out: UnsafeMutablePointer<bureau_op>?,
        _ effect: FakeEffect
    ) -> bureau_status {
        guard let step, let out, step.pointee.struct_size >= MemoryLayout<bureau_step>.size else {
            violation("\(effect.kind) without a step or a place for the operation")
            return BUREAU_E_INVALID
        }
        let given = step.pointee.name.copy
        guard given.utf8.count <= 256 else {
            violation("the step name \(given.prefix(32))… is too long")
            return BUREAU_E_INVALID
        }
        let name = given.isEmpty ? effect.kind : given
        let token = step.pointee.token
        let opened = state.withLock { state -> (FakeRun, bureau_op, isHeld: Bool)? in
            guard state.isOpen, let call = state.calls[handle] else {
                state.violations.append("\(effect.kind) on a call that is not open (\(handle))")
                return nil
            }
            state.lastHandle += 1
            state.operations[state.lastHandle] = Operation(
                call: handle, token: token, name: name, credit: effect.chunkCredit)
            return (call.run, state.lastHandle, state.heldNames.contains(name))
        }
        guard let (run, operation, isHeld) = opened else { return BUREAU_E_STALE }
        out.pointee = operation
        let (key, recorded) = run.note(name, effect)
        if let replay = run.replay {
            answer(operation, of: handle, key, effect, from: replay)
            return BUREAU_OK
        }
        if let recorded {
            let fits = recorded.kind == effect.kind && recorded.shape == effect.shape
            let changed = TaskFailure.replay("step \"\(name)\" asks for something else than what was recorded for it")
            end(operation, fits ? recorded.outcome : .failed(changed), isReplayed: fits)
            return BUREAU_OK
        }
        let perform: @Sendable () -> Void = { [self] in
            let outcome =
                effect.kind == "step"
                ? openTicket(handle, key, effect.shape) : effect.perform(name)
            if effect.kind != "step" { run.record(key, kind: effect.kind, shape: effect.shape, outcome) }
            end(operation, outcome, isReplayed: false)
        }
        if isHeld {
            state.withLock { $0.operations[operation]?.answer = perform }
        } else {
            DispatchQueue.global().async(execute: perform)
        }
        announceStart(name)
        return BUREAU_OK
    }

    /// From a fixture: nothing is performed, and nothing scripted is asked.
    private func answer(
        _ operation: bureau_op, of handle: bureau_call, _ key: RunJournal.Key, _ effect: FakeEffect,
        from replay: FixtureReplay
    ) {
        switch replay.begin(key, effect) {
        case .answer(let outcome): end(operation, outcome, isReplayed: true)
        case .compute: end(operation, openTicket(handle, key, effect.shape), isReplayed: false)
        case .differs: end(operation, .failed(.replay("the replay differs from its fixture")), isReplayed: true)
        case .hold: break
        }
    }

    private func openTicket(_ handle: bureau_call, _ key: RunJournal.Key, _ shape: Data) -> EffectOutcome {
        state.withLock { state in
            state.lastHandle += 1
            state.tickets[state.lastHandle] = Ticket(call: handle, key: key, shape: shape)
            return .compute(ticket: state.lastHandle)
        }
    }

    func record(
        _ handle: bureau_call, ticket: UInt64, token: UInt64, _ result: Result<Data, TaskFailure>,
        _ out: UnsafeMutablePointer<bureau_op>?
    ) -> bureau_status {
        let opened = state.withLock { state -> (FakeRun, Ticket, bureau_op)? in
            guard let call = state.calls[handle], let ticket = state.tickets.removeValue(forKey: ticket),
                ticket.call == handle
            else {
                state.violations.append("record under a ticket that is not open (\(ticket))")
                return nil
            }
            state.lastHandle += 1
            state.operations[state.lastHandle] = Operation(call: handle, token: token, name: ticket.key.name)
            return (call.run, ticket, state.lastHandle)
        }
        guard let (run, ticket, operation) = opened, let out else { return BUREAU_E_STALE }
        out.pointee = operation
        var outcome: EffectOutcome =
            switch result {
            case .success(let data): .done(data: data)
            case .failure(let failure): .failed(failure)
            }
        if let replay = run.replay { outcome = replay.record(ticket.key, result) ?? outcome }
        run.record(ticket.key, kind: "step", shape: ticket.shape, outcome)
        end(operation, outcome, isReplayed: false)
        return BUREAU_OK
    }

    // MARK: Held steps

    func hold(_ name: String) {
        state.withLock { _ = $0.heldNames.insert(name) }
    }

    func release(_ name: String) {
        let answers = state.withLock { state in
            state.heldNames.remove(name)
            return state.operations.filter { $0.value.name == name }.compactMap { id, operation in
                state.operations[id]?.answer = nil
                return operation.answer
            }
        }
        for answer in answers { DispatchQueue.global().async(execute: answer) }
    }

    /// Returns once a held operation of this name is open.
    func waitUntilStarted(_ name: String) async {
        await withCheckedContinuation { waiter in
            let isStarted = state.withLock { state in
                let isStarted = state.operations.values.contains { $0.name == name && $0.answer != nil }
                if !isStarted { state.startWaiters.append((name, waiter)) }
                return isStarted
            }
            if isStarted { waiter.resume() }
        }
    }

    private func announceStart(_ name: String) {
        let waiters = state.withLock { state in
            let ready = state.startWaiters.filter { $0.name == name }
            state.startWaiters.removeAll { $0.name == name }
            return ready
        }
        for ready in waiters { ready.waiter.resume() }
    }

    // MARK: Events

    func cancelOperation(_ operation: bureau_op) -> bureau_status {
        let status = state.withLock { state in
            if state.operations[operation] != nil { return BUREAU_OK }
            // One that has ended may be cancelled in good faith; one that never was may not.
            if operation == 0 || operation > state.lastHandle {
                state.violations.append("cancel of an operation that was never started (\(operation))")
                return BUREAU_E_INVALID
            }
            return BUREAU_E_STALE
        }
        if status == BUREAU_OK { end(operation, .cancelled, isReplayed: false) }
        return status
    }

    func grant(_ operation: bureau_op, chunks: UInt64) -> bureau_status {
        let isOpen = state.withLock { state in
            state.operations[operation]?.credit += chunks
            return state.operations[operation] != nil
        }
        if isOpen { lane.async { [self] in pump(operation) } }
        return isOpen ? BUREAU_OK : BUREAU_E_STALE
    }

    /// Delivers the end of an operation, after its chunks, on the lane.
    func end(_ operation: bureau_op, _ outcome: EffectOutcome, isReplayed: Bool) {
        lane.async { [self] in
            state.withLock { state in
                guard var open = state.operations[operation], open.terminal == nil else { return }
                open.terminal = Terminal(outcome: outcome, isReplayed: isReplayed)
                open.answer = nil
                if open.credit > 0, !isReplayed, case .done(_, let data, _, _) = outcome {
                    open.chunks = Self.pieces(of: data)
                }
                state.operations[operation] = open
            }
            pump(operation)
        }
    }

    /// [lane]
    private func pump(_ operation: bureau_op) {
        while true {
            let next = state.withLock { state -> (Operation, chunk: String?, terminal: Terminal?)? in
                guard var open = state.operations[operation], let terminal = open.terminal else { return nil }
                if open.chunks.isEmpty {
                    state.operations[operation] = nil
                    return (open, nil, terminal)
                }
                guard open.credit > 0 else { return nil }
                open.credit -= 1
                let chunk = open.chunks.removeFirst()
                state.operations[operation] = open
                return (open, chunk, nil)
            }
            guard let (open, chunk, terminal) = next else { return }
            if let chunk { deliver(operation, open, chunk: chunk) }
            if let terminal {
                deliver(operation, open, terminal)
                return
            }
        }
    }

    /// A streamed answer in pieces of a few characters.
    private static func pieces(of data: Data) -> [String] {
        guard let text = (try? JSONDecoder().decode(JSONValue.self, from: data))?["text"]?.stringValue else {
            return []
        }
        var pieces: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(4)))
            rest = rest.dropFirst(4)
        }
        return pieces
    }

    private func deliver(_ id: bureau_op, _ operation: Operation, chunk: String) {
        deliver(id, operation, kind: BUREAU_EVENT_CHUNK, data: Data(chunk.utf8))
    }

    private func deliver(_ id: bureau_op, _ operation: Operation, _ terminal: Terminal) {
        let flags = terminal.isReplayed ? BUREAU_EVENT_FLAG_REPLAYED : 0
        switch terminal.outcome {
        case .done(let value, let data, let text, let usage):
            deliver(
                id, operation, kind: BUREAU_EVENT_DONE, flags: flags, value: value, data: data, text: text,
                usage: usage)
        case .compute(let ticket):
            deliver(id, operation, kind: BUREAU_EVENT_COMPUTE, value: ticket)
        case .failed(let failure, let value):
            deliver(
                id, operation, kind: BUREAU_EVENT_FAILED, status: failure.status.rawValue, flags: flags,
                value: value, text: failure.message)
        case .cancelled:
            deliver(id, operation, kind: BUREAU_EVENT_CANCELLED, status: BUREAU_E_CANCELLED)
        }
    }

    private func deliver(
        _ id: bureau_op, _ operation: Operation, kind: UInt32, status: bureau_status = BUREAU_OK,
        flags: UInt32 = 0, value: UInt64 = 0, data: Data = Data(), text: String = "", usage: ModelUsage? = nil
    ) {
        guard let plugin, state.withLock({ $0.calls[operation.call] != nil }) else { return }
        var rawUsage = bureau_usage(
            struct_size: UInt32(MemoryLayout<bureau_usage>.size), present: 31,
            input_tokens: usage?.inputTokens ?? 0, cached_read_tokens: usage?.cachedReadTokens ?? 0,
            cache_write_tokens: usage?.cacheWriteTokens ?? 0, output_tokens: usage?.outputTokens ?? 0,
            reasoning_tokens: usage?.reasoningTokens ?? 0, cost_nanodollars: usage?.costNanodollars ?? 0)
        withBorrowed(data) { data in
            withBorrowed(text) { text in
                withUnsafePointer(to: &rawUsage) { rawUsage in
                    var event = bureau_event(
                        struct_size: UInt32(MemoryLayout<bureau_event>.size), kind: kind, call: operation.call,
                        op: id, token: operation.token, status: status, flags: flags, value: value, data: data,
                        message: text, usage: usage == nil ? nil : rawUsage)
                    plugin.pointee.on_event?(plugin, &event)
                }
            }
        }
    }
}
