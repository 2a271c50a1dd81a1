import Journal
import Kernel
import Placement

extension RunExecution {
    /// A message from this run's agent to another. Its key is the step's: however often the step is tried, it is sent
    /// once.
    func performMessage(
        _ operation: OperationID, _ receiver: String, _ type: String, _ payload: [UInt8], _ step: StepRecord
    ) async {
        guard let address = AgentAddress(receiver) else {
            let text = "\"\(receiver)\" is no receiver: name a department, or an agent as department:name"
            return finish(operation, step, .failure(Failure(.invalid, text)))
        }
        guard let body = try? JSONParser.parse(payload) else {
            return finish(operation, step, .failure(Failure(.invalid, "the body of the message is not JSON")))
        }
        let generation = (try? core.departments.known(address.department))?.current
        if let refusal = generation?.refusal(ofMessage: type, body) {
            return finish(operation, step, .failure(refusal))
        }
        let message = NewMessage(
            tenant: run.tenant, receiver: address,
            sender: AgentAddress(department: run.task.department, name: run.agent).description, type: type,
            payload: payload, key: "\(run.id)/\(step.sequence)", run: run.id, chain: run.cause?.chain ?? 0)
        await settle(operation, step) { transaction throws(JournalError) in
            do throws(JournalError) {
                return .success(EffectResult(value: UInt64(try transaction.messageSend(message).number)))
            } catch {
                // An answer, not an error of the journal: it is recorded and replayed.
                switch error.code {
                case .notFound: return .failure(StepFailure(Failure(.notFound, error.message)))
                case .conflict: return .failure(StepFailure(Failure(.conflict, error.message)))
                case .invalid: return .failure(StepFailure(Failure(.invalid, error.message)))
                default: throw error
                }
            }
        }
    }
}
