import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// An admitted request: who asks is known and may, and what is asked has the form that its operation describes.
struct APICall: Sendable {
    let operation: Operation
    let gate: OperationGate
    let request: Request
    let context: APIContext
    let services: APIServices
    var caller: Principal
    /// Of what the operation is about, how much is there for the caller.
    var reach: Reach
    /// Where something new belongs.
    let tenant: String
    /// Of path, query and headers, as their schemas say.
    let parameters: [String: JSONValue]
    /// Null where the operation takes none.
    let body: JSONValue

    /// A text of the path or query; empty where it is not required and not there.
    func text(_ name: String) -> String { parameters[name]?.stringValue ?? "" }

    func number(_ name: String) -> Int64? { parameters[name]?.integerValue }

    /// How many rows a page has.
    func limit(_ usual: Int64) -> Int { Int(number("limit") ?? usual) }

    /// What there is for the caller.
    var view: CallView { CallView(caller: caller, reach: reach) }

    /// Whose name a change carries. What a body says of it (`by`) counts only while the secure mode is off.
    var by: String {
        if caller.kind == .open, caller.name == "open", let by = body["by"]?.stringValue { return by }
        return caller.name
    }

    /// Reads what there is for the caller, and nothing else: no handler reads the journal in another way.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (ScopedJournal) throws(JournalError) -> Value
    ) async throws -> Value {
        let view = view
        return try await services.journal.read { journal throws(JournalError) in
            try body(ScopedJournal(journal: journal, view: view))
        }
    }

    /// One change, of what there is for the caller.
    func change<Value: Sendable>(
        _ runtime: HostRuntime,
        _ body: @escaping @Sendable (any JournalTransaction, ScopedJournal) throws(JournalError) -> Value
    ) async throws -> Value {
        let view = view
        return try await runtime.change { journal throws(JournalError) in
            try body(journal, ScopedJournal(journal: journal, view: view))
        }
    }

    /// What must hold in the transaction of a change that the engine makes, for this caller.
    func check(
        _ body: @escaping @Sendable (ScopedJournal) throws(JournalError) -> Void
    ) -> @Sendable (any JournalTransaction) throws(JournalError) -> Void {
        let view = view
        return { journal throws(JournalError) in try body(ScopedJournal(journal: journal, view: view)) }
    }

    // MARK: For whom

    /// The user that a run works for, and whom it belongs to: the caller. Another one is named by operators, and by
    /// those who may `runs.execute_for`, such as a service that acts for its users.
    func user(_ named: String?) throws -> String? {
        let own: String? = caller.kind == .user || caller.kind == .service ? caller.name : nil
        guard let named, named != own else { return own }
        guard caller.tenant == nil || Permission("runs.execute_for").map(caller.may) == true else {
            throw Problem(
                .forbidden, "forbidden", "user: you may start runs for yourself; for others with runs.execute_for")
        }
        return named
    }

    /// Whoever starts runs of a department's tasks, in whatever way, may run them.
    func requireMayRun(_ department: String) throws {
        guard caller.mayRun(department: department) else {
            throw Problem(
                .forbidden, "forbidden",
                "\(operation.id) needs agents.execute, or \(department).execute for what \(department) does")
        }
    }

    /// The tenant that a body names; no other than the caller's own.
    func tenant(_ named: String?) throws -> String {
        guard let named, named != tenant else { return tenant }
        guard caller.tenant == nil else {
            throw Problem(.forbidden, "forbidden", "tenant: you belong to \(tenant)")
        }
        return named
    }

    // MARK: Conditions

    /// The client's name for a request that creates something; nil: it is done each time.
    func idempotencyKey() throws -> AnswerKey? {
        guard operation.takesKey, let text = request.headers[.idempotencyKey] else { return nil }
        let isPlain = text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        guard isPlain, (1...AnswerKey.maximumBytes).contains(text.utf8.count) else {
            throw Problem(
                .badRequest, "invalid",
                "Idempotency-Key: use 1 to \(AnswerKey.maximumBytes) visible ASCII characters")
        }
        return AnswerKey(tenant: tenant, caller: "\(caller.id)/\(caller.name)", key: text)
    }
}
