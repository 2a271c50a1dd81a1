import Journal
import Kernel
import Placement
import Synchronization

/// How far a run's data may go: raised by what it sends and by what its steps bring in, before the next effect begins,
/// and written with the run's next commit. Only a person lowers it.
extension RunExecution {
    /// A class that is raised and not in the journal yet.
    struct ClassRaise: Sendable {
        var sensitivity: Sensitivity
        var reason: String
    }

    private var rules: ClassificationPolicy { core.settings.policy.classification }
    var sensitivity: Sensitivity { state.withLock { $0.sensitivity } }

    func raise(to sensitivity: Sensitivity, because reason: String) {
        state.withLock { state in
            guard sensitivity > state.sensitivity else { return }
            state.sensitivity = sensitivity
            state.classRaise = ClassRaise(sensitivity: sensitivity, reason: reason)
        }
    }

    /// A person has said it, and it is in the journal.
    func adopt(_ sensitivity: Sensitivity) {
        state.withLock { state in
            state.sensitivity = sensitivity
            state.classRaise = nil
        }
    }

    /// What a text asks for, by the rules of the place.
    func classify(_ bytes: [UInt8], at place: ClassificationPolicy.Place) {
        let current = sensitivity
        guard current < .restricted, !bytes.isEmpty,
            let found = rules.raise(current, by: bytes, at: place, department: run.task.department)
        else { return }
        raise(to: found.sensitivity, because: "rule \(found.rule)")
    }

    /// What a step has brought in, before the plugin has it.
    func classify(_ result: EffectResult, of kind: EffectKind) {
        switch kind {
        case .model, .tool, .http, .stateGet: classify(result.data, at: .result)
        default: break
        }
    }

    /// On the journal's writer, in the commit of what was brought in. Nil: there is nothing to write.
    func writeClass(_ transaction: any JournalTransaction) throws(JournalError) {
        guard let raise = state.withLock({ $0.classRaise }) else { return }
        try transaction.runRaise(run.id, to: raise.sensitivity, because: raise.reason)
        state.withLock { if $0.classRaise?.sensitivity == raise.sensitivity { $0.classRaise = nil } }
    }

    // MARK: Destinations

    /// Before a request goes to any of these models (`provider/model`): nil when all may have data of the run's class.
    func refusal(ofModels models: [String]) -> Failure? {
        let current = sensitivity
        for model in models {
            let provider = String(model.prefix { $0 != "/" }), clearance = rules.providers.clearance(of: provider)
            guard clearance < current else { continue }
            return Self.withheld(current, "provider \(provider)", clearance, "providers")
        }
        return nil
    }

    func refusal(ofHost host: String) -> Failure? {
        let current = sensitivity, clearance = rules.hosts.clearance(of: host)
        return clearance < current ? Self.withheld(current, "host \(host)", clearance, "hosts") : nil
    }

    private static func withheld(
        _ current: Sensitivity, _ receiver: String, _ clearance: Sensitivity, _ member: String
    ) -> Failure {
        Failure(
            .denied,
            "the run's data is \(current.rawValue), and \(receiver) is cleared for \(clearance.rawValue): "
                + "classification.clearances.\(member) of the operator's policy")
    }

    /// Ends an effect that the run's class forbids, with a leaf that says so.
    func withhold(_ operation: OperationID, _ step: StepRecord, _ failure: Failure) async {
        await settle(operation, step) { [self] transaction throws(JournalError) in
            try record(denialOf: step.kind, "effect:\(step.kind.name)", failure, transaction)
            return .failure(StepFailure(failure))
        }
    }

    // MARK: Minimisation

    /// What takes personal data out of what models are told, by this run's input and its root's; nil when it cannot be
    /// made, and then nothing may be sent.
    func minimiser() async -> Minimiser? {
        if let known = state.withLock({ $0.minimiser }) { return known }
        var inputs = [run.input]
        if run.root != run.id {
            let root = run.root
            do {
                let record = try await core.journal.read { journal throws(JournalError) in try journal.run(root) }
                if let record { inputs.append(record.input) }
            } catch {
                return nil
            }
        }
        let made = Minimiser(core.settings.policy.minimisation, inputs: inputs)
        state.withLock { $0.minimiser = made }
        return made
    }
}
