import CLane
import Kernel
import Synchronization

/// Questions to an instance around a reload. The order of a reload is the engine's; here is one question at a time.
extension HostedPlugin {
    func ask(_ question: ReloadQuestion, of instance: InstanceID) async throws(PlacementError) -> ReloadAnswer {
        guard let frame = FrameEncoding.ask(question, instance) else {
            throw PlacementError(.createFailed, "the state of \(descriptor.id) is larger than a message may be")
        }
        if case .load(let saved) = question, saved.pluginID != descriptor.id {
            throw PlacementError(.createFailed, "the state of \(saved.pluginID) is not for \(descriptor.id)")
        }
        let due = Monotonic.milliseconds() + settings.callbackMilliseconds
        let result: Result<ReloadAnswer, PlacementError> = await withCheckedContinuation { waiter in
            let refusal: PlacementError? = state.withLock { state in
                guard state.phase == .up, let link = state.link else {
                    return PlacementError(.notRunning, "plugin \(descriptor.id) is not running")
                }
                guard state.instances[instance] != nil, state.questions[instance] == nil else {
                    return PlacementError(.instanceGone, "agent \(instance.value) is gone, or is being asked already")
                }
                guard link.send(frame, essential: true) else {
                    return PlacementError(.lost, "plugin \(descriptor.id) does not read what it is sent")
                }
                let kind = FrameEncoding.kind(of: question)
                state.questions.add(.init(kind: kind, waiter: waiter, due: due), of: instance)
                return nil
            }
            if let refusal { waiter.resume(returning: .failure(refusal)) }
            supervisor.request(self, at: due)
        }
        return try result.get()
    }

    /// A worker that does not answer is ended, and its questions with it; an inline plugin is only given up.
    func watchQuestions(_ state: inout State, _ now: UInt64, _ unanswered: inout [QuestionTable.Waiter]) {
        guard let due = state.questions.nextDue, due <= now else { return }
        if kind == .inline {
            unanswered += state.questions.takeDue(at: now)
        } else {
            end(&state, .garbage("left a question of a reload unanswered for \(settings.callbackMilliseconds) ms"))
        }
    }

    var tooSlow: PlacementError {
        let milliseconds = settings.callbackMilliseconds
        return PlacementError(
            .lost, "plugin \(descriptor.id) \(descriptor.version) did not answer within \(milliseconds) ms")
    }

    func answered(_ number: UInt64, _ fields: Fields) throws(ProtocolViolation) {
        let instance = InstanceID(UInt32(truncatingIfNeeded: number))
        let asked = Int(truncatingIfNeeded: try fields.required(LANE_KIND))
        let answer = try answer(asked, fields)
        let strict = kind != .inline
        let waiter = try locked { state throws(ProtocolViolation) -> QuestionTable.Waiter? in
            guard let question = state.questions.take(instance, kind: asked) else {
                // An inline plugin may answer after it was given up.
                guard strict, state.phase != .closed else { return nil }
                throw ProtocolViolation("answered a question that nobody asked")
            }
            if asked == LANE_RESUME, answer.status != .ok {
                end(&state, .garbage("did not resume after a reload that was rolled back"))
            }
            return question.waiter
        }
        waiter?.resume(returning: .success(answer))
    }

    private func answer(_ asked: Int, _ fields: Fields) throws(ProtocolViolation) -> ReloadAnswer {
        let flags = try fields.required(LANE_FLAGS)
        var answer = ReloadAnswer(
            status: Status(rawValue: Int32(truncatingIfNeeded: try fields.required(LANE_STATUS))),
            message: try fields.text(LANE_TEXT), reloads: flags & UInt64(LANE_HAS_RELOAD) != 0,
            hasState: flags & UInt64(LANE_HAS_STATE) != 0)
        if asked == LANE_SAVE, answer.status == .ok, answer.hasState {
            let schema = UInt32(truncatingIfNeeded: try fields.required(LANE_VALUE))
            answer.state = PluginState(from: descriptor, schemaVersion: schema, bytes: fields.data(LANE_DATA))
        }
        return answer
    }
}

extension FrameEncoding {
    static func kind(of question: ReloadQuestion) -> Int {
        switch question {
        case .quiesce: LANE_QUIESCE
        case .save: LANE_SAVE
        case .load: LANE_LOAD
        case .resume: LANE_RESUME
        case .probe: LANE_PROBE
        }
    }

    /// Nil when the state does not fit into a frame.
    static func ask(_ question: ReloadQuestion, _ instance: InstanceID) -> [UInt8]? {
        var frame = FrameWriter(kind: kind(of: question), op: UInt64(instance.value))
        switch question {
        case .quiesce(let milliseconds): frame.number(LANE_TIMEOUT, milliseconds)
        case .load(let state):
            frame.number(LANE_VALUE, UInt64(state.schemaVersion))
            frame.data(LANE_DATA, state.bytes)
        case .save, .resume, .probe: break
        }
        return frame.finished()
    }
}
