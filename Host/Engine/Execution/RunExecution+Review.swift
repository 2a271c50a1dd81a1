import Kernel
import Placement

extension RunExecution {
    /// The gate before release: where the task or who submitted the run asks for it, a person sees the output, may
    /// edit it, and decides.
    /// It is a step like any other, so a restart does not ask twice.
    func review(_ output: [UInt8], _ journal: inout RunJournal) async -> End {
        let request = ApprovalRequest(
            title: "Release the result of \(run.task)?",
            body: "Run \(run.id) of \(place.descriptor.manifest.title) has finished; "
                + (task.requiresApproval ? "its task asks for review." : "whoever started it asks for review."),
            content: output, expiresMilliseconds: nil)
        let start = EffectStart(name: "bureau.review", request: .approval(request))
        let result: Result<EffectResult, Failure>
        switch journal.begin(start) {
        case .replay(let step): result = step.failure.map { .failure($0) } ?? .success(step.result ?? EffectResult())
        case .mismatch(let message): return .paused(Failure(.replay, message))
        case .refused(let message): return .completed(.failure(Failure(.tooLarge, message)))
        case .resume(let step):
            guard let reviewed = await reviewed(request, step, isResumed: true) else { return stoppedEnd }
            result = reviewed
        case .perform(let sequence, let name, let occurrence):
            let step = StepRecord(
                intending: start.request, sequence: sequence, name: name, occurrence: occurrence,
                startedAt: core.clock())
            open(step)
            guard let reviewed = await reviewed(request, step, isResumed: false) else { return stoppedEnd }
            result = reviewed
        }
        return Self.end(of: result)
    }

    private func reviewed(
        _ request: ApprovalRequest, _ step: StepRecord, isResumed: Bool
    ) async -> Result<EffectResult, Failure>? {
        guard let (settled, result) = await approval(request, step, isResumed) else { return nil }
        keep(settled, result)
        return result
    }

    private static func end(of result: Result<EffectResult, Failure>) -> End {
        do {
            let answer = try JSONParser.parse(result.get().data)
            guard answer["approved"]?.boolValue == true else {
                let by = answer["by"]?.stringValue ?? "somebody"
                let reason = answer["reason"]?.stringValue ?? ""
                return .completed(.failure(Failure(.denied, "\(by) rejected the result: \(reason)")))
            }
            return .completed(.success((answer["content"] ?? .null).bytes))
        } catch let failure as Failure {
            return .completed(.failure(failure))
        } catch {
            return .completed(.failure(Failure(.internal, "the recorded decision cannot be read: \(error)")))
        }
    }
}
