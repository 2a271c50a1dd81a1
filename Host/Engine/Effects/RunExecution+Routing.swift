import Gateway
import Journal
import Kernel
import Placement

extension RunExecution {
    /// All calls of a run keep to the targets that were drawn for it; the plugin's file stands for the version of its
    /// prompts.
    ///
    /// What is about a subject is never cached: a copy would outlive its key.
    ///
    /// - Parameter isShared: false for a call whose answer holds what was taken out of the request.
    func routedCall(_ request: ModelRequest, _ step: StepRecord, isShared: Bool) -> RoutedCall {
        RoutedCall(
            request, gateway: core.gateway,
            caller: Route.Caller(run: run.id.description, call: "\(run.id)/\(step.sequence)"),
            scope: CacheScope(
                tenant: run.tenant, clearance: isShared && run.subject == nil ? sensitivity : .restricted,
                promptVersion: place.descriptor.digest.hex))
    }

    /// An answer that was paid for by an earlier call: nothing is held, nothing is owed, and the record says so.
    func settleCached(_ operation: OperationID, _ reply: [UInt8], _ step: StepRecord) async {
        var step = step
        if let document = try? JSONParser.parse(reply), let text = document["text"]?.stringValue {
            let provider = document["provider"]?.stringValue ?? "", name = document["model"]?.stringValue ?? ""
            let model = "\(provider)/\(name)"
            step.charge = ChargeDetail(source: .run, provider: provider, model: name, prices: .free)
            if let refused = await refusal(ofAnswer: text, model: model) {
                return finish(operation, step, .failure(refused))
            }
            chunkGate(of: operation)?.offer(text)
            notify(.partial(text))
        }
        let result = EffectResult(data: reply, usage: TokenUsage(input: 0, output: 0))
        await settle(operation, step) { _ throws(JournalError) in .success(result) }
    }

    /// With the intent of an attempt: which target was chosen for it, and why.
    func record(
        _ choice: [String: JSONValue], of attempt: String, in transaction: any JournalTransaction
    ) throws(JournalError) {
        var fields = choice
        fields["run"] = .string(run.id.description)
        fields["attempt"] = .string(attempt)
        _ = try transaction.auditAppend(type: "model.routed", fields: fields)
    }
}
