import Kernel
import Synchronization

/// Starting, losing and watching the plugin's process, on the supervisor's thread and the link's own.
extension HostedPlugin: Ticking {
    func tick(at now: UInt64) -> UInt64? {
        launchIfNeeded(now)
        let used = processorTimeOfSilent(now)
        var events: [(sink: CallSink, event: CallEvent)] = []
        var unanswered: [QuestionTable.Waiter] = []
        let next = state.withLock { state -> UInt64? in
            watchStart(&state, now)
            watchCalls(&state, now, &events)
            watchSilence(&state, now, used)
            watchQuestions(&state, now, &unanswered)
            return nextTick(state, now)
        }
        for (sink, event) in events { sink(event) }
        for waiter in unanswered { waiter.resume(returning: .failure(tooSlow)) }
        return next
    }

    private func launchIfNeeded(_ now: UInt64) {
        let launches = state.withLock { state in
            let isWanted =
                !state.startWaiters.isEmpty || !state.backlog.isEmpty || state.instances.hasWaiters
            guard state.phase == .down, isWanted, state.notBefore <= now else { return false }
            state.phase = .starting
            state.generation += 1
            state.startedAt = now
            state.intendedEnd = nil
            state.overdue = []
            state.ping = nil
            return true
        }
        guard launches else { return }
        guard let link = launcher.launch(for: self) else {
            return ended(link: nil, cause: .startFailed("no thread for the worker"))
        }
        state.withLock { state in
            // The link may have come and gone already.
            if state.phase == .starting, state.link == nil { state.link = link }
        }
    }

    private func watchStart(_ state: inout State, _ now: UInt64) {
        if state.phase == .closed, now >= state.closeBy { _ = state.link?.kill(.closed) }
        if state.phase == .starting, now >= state.startedAt + settings.startMilliseconds {
            end(&state, .startFailed("was not ready within \(settings.startMilliseconds) ms"))
        }
        if state.phase == .up, let until = state.instances.firstWait, now >= until {
            end(&state, .startFailed("create or setup did not return within \(settings.startMilliseconds) ms"))
        }
    }

    private func watchCalls(_ state: inout State, _ now: UInt64, _ events: inout [(sink: CallSink, event: CallEvent)]) {
        let due = state.calls.due(at: now)
        for id in due.late {
            if state.phase == .up {
                askToEnd(&state, id, reason: .deadline, forcedAt: now + settings.graceMilliseconds)
            } else if let call = state.calls.close(id) {
                let text = "the deadline passed before the plugin could be started"
                events.append((call.sink, .completed(.failure(Failure(.deadline, text)))))
            }
        }
        let hung = PluginLoss.Cause.hung(milliseconds: settings.graceMilliseconds)
        for id in due.overdue {
            guard let link = state.link, kind == .inline else {
                state.overdue = Set(due.overdue)
                end(&state, hung)
                break
            }
            // An inline plugin cannot be ended; its call can be taken from it.
            link.abandon(id)
            guard let call = state.calls.close(id) else { continue }
            state.crashes += 1
            state.lastLoss = "a call was taken from the inline plugin \(descriptor.id)"
            let loss = PluginLoss(
                plugin: descriptor.id, version: descriptor.version, generation: state.generation, cause: hung)
            events.append((call.sink, .lost(loss)))
        }
    }

    private func nextTick(_ state: State, _ now: UInt64) -> UInt64? {
        var times: [UInt64] = []
        if let due = state.calls.nextDue { times.append(due) }
        if let due = state.questions.nextDue { times.append(due) }
        if state.phase == .closed, state.link != nil, now < state.closeBy { times.append(state.closeBy) }
        if state.phase == .starting { times.append(state.startedAt + settings.startMilliseconds) }
        if let wait = state.instances.firstWait { times.append(state.phase == .down ? state.notBefore : wait) }
        if state.phase == .down, !state.backlog.isEmpty || !state.startWaiters.isEmpty {
            times.append(state.notBefore)
        }
        if state.phase == .up, state.calls.count > 0 {
            let silent = state.ping.map { $0.at + settings.silenceMilliseconds }
            times.append(silent ?? state.lastHeard + settings.pingMilliseconds)
        }
        // At most a thousand looks a second, however many calls are due one after the other.
        return times.min().map { max($0, now + 1) }
    }

    func confined(_ report: SandboxReport, processID: Int32) {
        let generation = state.withLock { state in
            state.isolation = report
            return state.generation
        }
        settings.workerStarted(
            WorkerStart(
                plugin: descriptor.id, version: descriptor.version, generation: generation,
                digest: descriptor.digest, processID: processID, isolation: report))
    }

    // MARK: The end of a link

    func linkEnded(_ link: any LaneLink, cause: PluginLoss.Cause) { ended(link: link, cause: cause) }

    private func ended(link: (any LaneLink)?, cause: PluginLoss.Cause) {
        let now = Monotonic.milliseconds()
        let page = link?.crashPage()
        let share = link?.share ?? .own
        let (parts, known, closers, blaming) = state.withLock { state in
            let wasStarting = state.phase == .starting
            var actual = state.phase == .closed ? .closed : state.intendedEnd ?? cause
            if case .companions(let plugin, let reason) = share, actual != .closed {
                actual = .companion(plugin: plugin, reason.description)
            }
            if wasStarting, case .garbage(let text) = actual { actual = .startFailed(text) }
            let loss = PluginLoss(
                plugin: descriptor.id, version: descriptor.version, generation: state.generation, cause: actual)
            let livedLong = now >= state.startedAt + settings.backoffResetMilliseconds
            state.lossesInARow = livedLong ? 1 : state.lossesInARow + 1
            state.notBefore = now + settings.backoffMilliseconds(losses: state.lossesInARow)
            if state.phase != .closed {
                state.phase = .down
                state.crashes += 1
            }
            state.link = nil
            let closers = state.closeWaiters
            state.closeWaiters = []
            let parts = LostParts(taking: &state)
            let calls = parts.calls.map { ($0.id, $0.instance) }
            let blaming: Blaming =
                switch share {
                case _ where wasStarting || actual == .closed: .nobody
                case .companions: .nobody
                case .own where !state.overdue.isEmpty: Blaming(overdue: state.overdue)
                case .own: Blaming(calls: calls, page: page, cause: actual)
                case .anyones(let others): Blaming(calls: calls, page: page, cause: actual, others: others)
                }
            return (parts, loss, closers, blaming)
        }
        let loss = described(known, page, link?.files ?? [])
        if loss.cause != .closed {
            tell(loss, share, parts.calls.filter { blaming.contains($0.id) }.map(\.run))
        }
        parts.report(loss, blaming)
        for waiter in closers { waiter.resume() }
    }
}
