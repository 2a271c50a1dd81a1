import Journal
import Kernel
import Placement

extension RunExecution {
    /// Performs an effect in a task of its own. Whatever happens ends in exactly one `finish`, `settle` or `stop`.
    func performAside(_ operation: OperationID, _ start: EffectStart, _ step: StepRecord, isResumed: Bool) async {
        switch start.request {
        case .step, .now, .random: preconditionFailure("performed by the reader")
        case .model(let request): await performModel(operation, request, start.onAmbiguous, step, isResumed)
        case .tool(let name, let arguments, let timeout):
            await performTool(operation, name, arguments, timeout, start.onAmbiguous, step, isResumed)
        case .http(let request): await performFetch(operation, request, start.onAmbiguous, step, isResumed)
        case .stateGet, .statePut, .stateRemove, .stateList: await performState(operation, start.request, step)
        case .artifactPut, .artifactGet: await performArtifact(operation, start.request, step)
        case .child(let task, let input): await performChild(operation, task, input, step, isResumed)
        case .plan(let plan): await performChild(operation, PlanPlugin.task, plan, step, isResumed)
        case .message(let department, let type, let payload):
            await performMessage(operation, department, type, payload, step)
        case .approval(let request): await performApproval(operation, request, step, isResumed)
        case .sleep(let milliseconds): await performSleep(operation, milliseconds, step, isResumed)
        case .budgetRemaining, .budgetReserve, .budgetRelease: await performBudget(operation, start.request, step)
        case .auditNote(let type, let json): await performNote(operation, type, json, step)
        }
    }

    // MARK: State

    private var stateScope: StateScope {
        StateScope(tenant: run.tenant, department: run.task.department, agent: run.agent, subject: run.person)
    }

    private func performState(_ operation: OperationID, _ request: EffectRequest, _ step: StepRecord) async {
        let scope = stateScope
        switch request {
        case .stateGet(let key):
            await finishReading(operation, step) { journal throws(JournalError) in
                guard let entry = try journal.state(scope, key: key) else {
                    return .failure(Failure(.notFound, "state has no key \"\(key)\""))
                }
                return .success(EffectResult(value: entry.revision, data: entry.value))
            }
        case .stateList(let prefix):
            await finishReading(operation, step) { journal throws(JournalError) in
                let keys = try journal.stateKeys(scope, prefix: prefix, limit: 1000)
                return .success(EffectResult(data: JSONValue.array(keys.map(JSONValue.string)).bytes))
            }
        case .statePut(let key, let value, let expected):
            let limit = permissions.stateBytes
            await settle(operation, step) { transaction throws(JournalError) in
                if let full = try Self.overflow(transaction, scope, key: key, value: value, limit: limit) {
                    return .failure(StepFailure(full))
                }
                return try Self.conflicting { () throws(JournalError) in
                    EffectResult(value: try transaction.statePut(scope, key: key, value: value, expected: expected))
                }
            }
        case .stateRemove(let key, let expected):
            await settle(operation, step) { transaction throws(JournalError) in
                try Self.conflicting { () throws(JournalError) in
                    try transaction.stateRemove(scope, key: key, expected: expected)
                    return EffectResult()
                }
            }
        default: preconditionFailure("not a state request")
        }
    }

    /// Counted in the transaction that writes, so that puts at the same time cannot pass the limit together.
    private static func overflow(
        _ journal: any JournalReading, _ scope: StateScope, key: String, value: [UInt8], limit: Int64
    ) throws(JournalError) -> Failure? {
        let replaced = try journal.state(scope, key: key)?.value.count ?? 0
        // A key that was there before, removed or not, is counted already; one more key's bytes at the limit are not
        // worth a second look-up.
        let added = Int64(value.count - replaced) + Int64(replaced == 0 ? key.utf8.count : 0)
        let size = try journal.stateBytes(tenant: scope.tenant, department: scope.department)
        guard added > 0, size + added > limit else { return nil }
        return Failure(
            .tooLarge,
            "state of department \(scope.department) would have \(size + added) bytes; its limit is \(limit) "
                + "(wants.state_bytes, as far as the operator grants it)")
    }

    /// A conflict is an answer, not an error of the journal: it is recorded and replayed.
    private static func conflicting(
        _ body: () throws(JournalError) -> EffectResult
    ) throws(JournalError) -> Result<EffectResult, StepFailure> {
        do {
            return .success(try body())
        } catch {
            guard case .conflict(let current) = error.code else { throw error }
            return .failure(StepFailure(Failure(.conflict, error.message), value: current))
        }
    }

    /// Ends an effect that only reads: its record rides in the run's next commit.
    private func finishReading(
        _ operation: OperationID, _ step: StepRecord,
        _ body: @escaping @Sendable (any JournalReading) throws(JournalError) -> Result<EffectResult, Failure>
    ) async {
        do {
            finish(operation, step, try await core.journal.read(body))
        } catch {
            stop(after: error)
        }
    }

    // MARK: Artifacts

    private func performArtifact(_ operation: OperationID, _ request: EffectRequest, _ step: StepRecord) async {
        let id = run.id
        switch request {
        case .artifactPut(let name, let mediaType, let bytes):
            guard Self.isFileName(name) else {
                let text = "artifact name \"\(name)\": use a relative name without \"..\", at most 200 bytes"
                finish(operation, step, .failure(Failure(.invalid, text)))
                return
            }
            await settle(operation, step) { transaction throws(JournalError) in
                let digest = try transaction.artifactPut(bytes, name: name, mediaType: mediaType, run: id)
                return .success(EffectResult(value: UInt64(bytes.count), data: Array(digest.hex.utf8)))
            }
        case .artifactGet(let hex):
            let root = run.root
            await finishReading(operation, step) { journal throws(JournalError) in
                guard let digest = Digest(hex: hex), try Self.sees(digest, root, journal),
                    let content = try journal.artifact(digest)
                else { return .failure(Failure(.notFound, "this run sees no artifact \(hex)")) }
                return .success(
                    EffectResult(value: UInt64(content.bytes.count), data: content.bytes, text: content.mediaType))
            }
        default: preconditionFailure("not an artifact request")
        }
    }

    /// Of its own tree, and of the trees that it was forked from: copied steps may name what those left.
    private static func sees(
        _ digest: Digest, _ root: RunID, _ journal: any JournalReading
    ) throws(JournalError) -> Bool {
        var next: RunID? = root
        while let tree = next {
            if try journal.artifacts(of: tree).contains(where: { $0.digest == digest }) { return true }
            guard let origin = try journal.run(tree)?.forkedFrom else { return false }
            next = try journal.run(origin.run)?.root
        }
        return false
    }

    private static func isFileName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return !name.isEmpty && name.utf8.count <= 200
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
            && name.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && $0 != "\\" }
    }

    // MARK: Notes

    private func performNote(_ operation: OperationID, _ type: String, _ json: [UInt8], _ step: StepRecord) async {
        guard json.count <= 8192, type.utf8.count <= 64, !type.isEmpty,
            type.utf8.allSatisfy({ (97...122).contains($0) || $0 == 46 || $0 == 95 })
        else {
            let text = "audit note: the type is dotted lower case, the content at most 8 KiB"
            finish(operation, step, .failure(Failure(.invalid, text)))
            return
        }
        let id = run.id, plugin = place.descriptor.digest.hex
        await settle(operation, step) { transaction throws(JournalError) in
            let content = try transaction.sealedText(String(decoding: json, as: UTF8.self), run: id, as: "note")
            let fields: [String: JSONValue] = [
                "run": .string(id.description), "note": .string(type), "content": .string(content),
                "plugin": .string(plugin),
            ]
            let index = try transaction.auditAppend(type: "plugin.note", fields: fields)
            return .success(EffectResult(value: UInt64(index)))
        }
    }

    // MARK: Budget

    private func performBudget(_ operation: OperationID, _ request: EffectRequest, _ step: StepRecord) async {
        let path = budgetPath.nodes
        switch request {
        case .budgetRemaining:
            await finishReading(operation, step) { journal throws(JournalError) in
                var tightest: (node: BudgetNode, room: Nanodollars)?
                for node in path {
                    guard let room = try journal.budget(node)?.available else { continue }
                    if tightest.map({ room < $0.room }) ?? true { tightest = (node, room) }
                }
                let answer: JSONValue = [
                    "remaining_nanodollars": tightest.map { .integer($0.room.value) } ?? .null,
                    "limited_by": tightest.map { .string($0.node.description) } ?? .null,
                ]
                return .success(EffectResult(data: answer.bytes))
            }
        case .budgetReserve(let amount):
            let ticket = UInt64(step.sequence) + 1
            guard amount > .zero else {
                finish(operation, step, .failure(Failure(.invalid, "budget.reserve: the amount must be positive")))
                return
            }
            let hold = Reservation(attempt: Self.holdName(run.id, ticket), run: run.id, path: path, amount: amount)
            do {
                try await commit { [self] transaction throws(JournalError) in
                    try transaction.budgetReserve(hold)
                    return ended(step, .success(EffectResult(value: ticket)))
                }
                deliver(.done(EffectResult(value: ticket), replayed: false), to: operation)
            } catch {
                guard case .budget = error.code else { return refuse(operation, step, error) }
                finish(operation, step, .failure(Failure(.budget, error.message)))
            }
        case .budgetRelease(let ticket):
            let name = Self.holdName(run.id, ticket)
            await settle(operation, step) { transaction throws(JournalError) in
                try transaction.budgetRelease(name)
                    ? .success(EffectResult())
                    : .failure(StepFailure(Failure(.notFound, "budget.release: ticket \(ticket) is not held")))
            }
        default: preconditionFailure("not a budget request")
        }
    }

    static func holdName(_ run: RunID, _ ticket: UInt64) -> String { "\(run)/\(ticket)/hold" }
}
