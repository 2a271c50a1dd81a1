import Journal
import Kernel

/// The journal as one caller sees it: the one place where rows are kept from those whom they do not concern. What a
/// caller must not see is `.notFound` here, in the words for what is not there.
struct ScopedJournal {
    let journal: any JournalReading
    let view: CallView

    private func none(_ text: String) -> JournalError { JournalError(.notFound, text) }

    // MARK: Runs

    func run(_ id: RunID) throws(JournalError) -> RunRecord {
        guard let run = try journal.run(id), view.sees(run) else { throw none("there is no job \(id)") }
        return view.shown(run)
    }

    func runs(_ filter: RunFilter, before: Int64?, limit: Int) throws(JournalError) -> [RunRecord] {
        var filter = filter
        filter.scope = view.scope
        return try journal.runs(filter, before: before, limit: limit).map(view.shown)
    }

    /// Everything of one run that its record does not hold. Children belong to whom their parent does.
    func detail(_ id: RunID) throws(JournalError) -> [String: JSONValue] {
        let run = try run(id), isShown = view.mayShow(run)
        var members = run.detail
        members["held_by"] = .init(run.heldBy(try journal.quarantines()))
        members["steps"] = .array(try isShown ? journal.steps(of: id).map(\.json) : [])
        members["children"] = .array(
            try journal.children(of: id).filter(view.sees).map { .object(view.shown($0).summary) })
        members["artifacts"] = .array(try isShown ? journal.artifacts(of: id).map { .object($0.members) } : [])
        if run.root == id { members["costs"] = .array(try journal.costs(root: id).map(\.json)) }
        return members
    }

    /// The events of the tree that a run is in, and whether that has ended.
    func tree(
        of id: RunID, after position: Int64, limit: Int
    ) throws(JournalError) -> (isTerminal: Bool, events: [EventRecord]) {
        let root = try run(id).root
        // The state first: events that come after this look are seen at the next.
        let isTerminal = try journal.run(root)?.state.isTerminal ?? true
        return (isTerminal, try shown(try journal.events(root: root, after: position, limit: limit)))
    }

    func artifact(_ name: String, of id: RunID) throws(JournalError) -> ArtifactContent {
        try requireShown(try run(id))
        guard let record = try journal.artifacts(of: id).first(where: { $0.name == name }),
            let content = try journal.artifact(record.digest)
        else { throw none("job \(id) has no artifact \(name)") }
        return content
    }

    func classification(_ id: RunID) throws(JournalError) -> JSONValue {
        let run = try run(id)
        // What was never of another class than the usual has no record.
        return try journal.runClass(id)?.json ?? [
            "run": .string(id.description), "classification": .string(run.sensitivity.rawValue),
            "handling": run.sensitivity.controls.json, "reasons": [],
        ]
    }

    /// By its run, or the newest of its own name.
    func decision(_ id: String) throws(JournalError) -> RunRecord {
        let task = DepartmentTaskRoutes.decide
        if let run = RunID(id) {
            let record = try self.run(run)
            guard record.task == task else { throw none("there is no decision \(id)") }
            return record
        }
        var before: Int64?
        for _ in 0..<Self.decisionLooks {
            let page = try runs(RunFilter(task: task), before: before, limit: Self.decisionPage)
            if let found = page.first(where: { JSONValue.document($0.input)["decision_id"] == .string(id) }) {
                return found
            }
            guard page.count == Self.decisionPage, let last = page.last else { break }
            before = last.number
        }
        throw none("there is no decision \(id)")
    }

    private static let decisionPage = 200
    /// A name is looked for among so many pages of the newest; older ones are found by their runs.
    private static let decisionLooks = 50

    /// The caller's open runs of a department, as far as a bounded look goes.
    func load(of department: String) throws(JournalError) -> [String: JSONValue] {
        let open: Set<RunState> = [.scheduled, .ready, .running, .waiting, .paused]
        let filter = RunFilter(states: open, department: department)
        let states = try runs(filter, before: nil, limit: Self.loadLook).map(\.state)
        func count(_ some: RunState...) -> JSONValue { .integer(Int64(states.filter { some.contains($0) }.count)) }
        return [
            "open_runs": .integer(Int64(states.count)), "running": count(.running), "waiting": count(.waiting, .paused),
            "queued": count(.ready, .scheduled),
        ]
    }

    private static let loadLook = 10_000

    // MARK: Approvals

    func approvals(open: Bool?) throws(JournalError) -> [ApprovalRecord] {
        var shown: [ApprovalRecord] = []
        for record in try journal.approvals(open: open, of: view.scope) where try mayShow(record.run) {
            shown.append(record)
        }
        return shown
    }

    func approval(_ run: RunID, _ sequence: Int) throws(JournalError) -> ApprovalRecord {
        guard let record = try journal.run(run), view.sees(record),
            let approval = try journal.approval(run: run, sequence: sequence)
        else { throw none("step \(sequence) of run \(run) asks for no approval") }
        try requireShown(record)
        return approval
    }

    // MARK: Agents

    /// Its runs and messages of the caller's tenant alone.
    func statistics(_ address: AgentAddress) throws(JournalError) -> AgentStatistics {
        try journal.agentStatistics(address, of: view.caller.tenant)
    }

    func messages(
        _ receiver: AgentAddress, _ state: AgentMessage.State, after number: Int64, limit: Int
    ) throws(JournalError) -> [MessageRecord] {
        try journal.messages(receiver, state, after: number, limit: limit, of: view.caller.tenant)
    }

    func message(_ number: Int64, to receiver: AgentAddress) throws(JournalError) -> MessageRecord {
        guard let record = try journal.message(number), view.sees(tenant: record.message.tenant) else {
            throw none("agent \(receiver) has no message \(number)")
        }
        return record
    }

    // MARK: Events

    func events(after position: Int64, limit: Int) throws(JournalError) -> [StreamDelivery] {
        try shown(try journal.eventsAndOrigins(after: position, limit: limit, of: view.scope))
    }

    func groups() throws(JournalError) -> [StreamGroupStatus] {
        try journal.streamGroups().filter { view.sees($0.group.filter) }
    }

    func group(_ name: String) throws(JournalError) -> StreamGroupStatus {
        guard let found = try groups().first(where: { $0.group.name == name }) else {
            throw none("there is no group of consumers \"\(name)\"")
        }
        return found
    }

    func deadLetters(group: String?, after number: Int64, limit: Int) throws(JournalError) -> [DeadLetter] {
        var letters: [DeadLetter] = []
        if view.isOperator {
            letters = try journal.deadLetters(group: group, after: number, limit: limit)
        } else {
            let own = Set(try groups().map(\.group.name))
            letters = try journal.deadLetters(
                groups: group.map { own.intersection([$0]) } ?? own, after: number, limit: limit)
        }
        for index in letters.indices { letters[index] = try shown(letters[index]) }
        return letters
    }

    func deadLetter(_ number: Int64) throws(JournalError) -> DeadLetter {
        guard let letter = try journal.deadLetter(number) else { throw none("there is no dead letter \(number)") }
        if !view.isOperator {
            guard try groups().contains(where: { $0.group.name == letter.group }) else {
                throw none("there is no dead letter \(number)")
            }
        }
        return try shown(letter)
    }

    func triggers() throws(JournalError) -> [TriggerRecord] {
        try journal.triggers().filter { view.sees($0.rule.filter) }
    }

    func webhooks() throws(JournalError) -> [WebhookRecord] {
        try journal.webhooks().filter { view.sees($0.filter) }
    }

    func webhook(_ name: String) throws(JournalError) -> WebhookRecord {
        guard let found = try webhooks().first(where: { $0.name == name }) else {
            throw none("there is no webhook \"\(name)\"")
        }
        return found
    }

    /// That nobody has the name, or the caller: a name is the host's, and another's is not there.
    func requireOwn(webhook name: String) throws(JournalError) {
        guard try journal.webhooks().contains(where: { $0.name == name }) else { return }
        _ = try webhook(name)
    }

    func requireOwn(trigger name: String) throws(JournalError) {
        guard try journal.triggers().contains(where: { $0.name == name }),
            try !triggers().contains(where: { $0.name == name })
        else { return }
        throw none("there is no trigger \"\(name)\" that you may change")
    }

    // MARK: Schedules

    func requireOwn(schedule name: String) throws(JournalError) {
        guard try journal.schedule(name) != nil else { return }
        _ = try schedule(name)
    }

    func schedules() throws(JournalError) -> [ScheduleOutlook] {
        try journal.scheduleOutlooks().filter { sees($0.record) }
    }

    func schedule(_ name: String) throws(JournalError) -> ScheduleRecord {
        guard let found = try journal.schedule(name), sees(found) else {
            throw none("there is no schedule \"\(name)\"")
        }
        return found
    }

    private func sees(_ schedule: ScheduleRecord) -> Bool {
        view.caller.sees(owner: schedule.definition.user, tenant: schedule.definition.tenant, view.reach)
    }

    // MARK: Money

    func sees(_ node: BudgetNode) throws(JournalError) -> Bool {
        guard case .run(let id) = node else { return view.sees(node) }
        guard let run = try journal.run(id) else { return view.isOperator }
        return view.sees(run)
    }

    func require(_ node: BudgetNode) throws(JournalError) {
        guard try sees(node) else { throw none("nothing was set or spent at \(node)") }
    }

    func budgets() throws(JournalError) -> [BudgetRecord] {
        var seen: [BudgetRecord] = []
        for record in try journal.budgets() where try sees(record.node) { seen.append(record) }
        return seen
    }

    func alerts(limit: Int) throws(JournalError) -> [BudgetAlert] {
        guard !view.isOperator else { return try journal.budgetAlerts(limit: limit) }
        var seen: [BudgetAlert] = []
        for alert in try journal.budgetAlerts(limit: .max) where try sees(alert.account.node) {
            seen.append(alert)
            if seen.count == limit { break }
        }
        return seen
    }

    /// Each movement stands on every node of its path: a tenant's own are those on its node.
    func ledger(_ filter: LedgerFilter, after entry: Int64, limit: Int) throws(JournalError) -> [LedgerEntry] {
        var filter = filter
        if let node = filter.node { try require(node) }
        if let run = filter.run, !view.isOperator { _ = try self.run(run) }
        if let tenant = view.caller.tenant, filter.node == nil {
            filter.node = view.reach == .tenant ? .tenant(tenant) : .user(tenant: tenant, view.caller.name)
        }
        return try journal.ledger(filter, after: entry, limit: limit)
    }

    func costs(_ query: CostQuery) throws(JournalError) -> CostReport {
        var query = query
        let scope = view.scope
        if let tenant = scope.tenant {
            query.filters[.tenant] = query.filters[.tenant].map { $0.intersection([tenant]) } ?? [tenant]
        }
        if let users = scope.users {
            let own = Set(users.map(Optional.some))
            query.filters[.user] = query.filters[.user].map { $0.intersection(own) } ?? own
        }
        return try journal.costs(query)
    }

    // MARK: People

    func subjects() throws(JournalError) -> [SubjectRecord] {
        try journal.subjects().filter { view.sees(tenant: $0.tenant) }
    }

    func subject(_ id: SubjectID) throws(JournalError) -> SubjectRecord {
        guard let found = try journal.subject(id), view.sees(tenant: found.tenant) else {
            throw none("there is no subject \(id)")
        }
        return found
    }

    // MARK: Holds

    func holds() throws(JournalError) -> [LegalHold] {
        var seen: [LegalHold] = []
        for hold in try journal.legalHolds() where try sees(hold.target) { seen.append(hold) }
        return seen
    }

    func hold(_ name: String) throws(JournalError) -> LegalHold? {
        try holds().first { $0.name == name }
    }

    func sees(_ target: LegalHold.Target) throws(JournalError) -> Bool {
        guard !view.isOperator else { return true }
        switch target {
        case .run(let id): return try journal.run(id).map(view.sees) ?? false
        case .subject(let id): return try journal.subject(id).map { view.sees(tenant: $0.tenant) } ?? false
        case .tenant(let tenant): return view.sees(tenant: tenant)
        // Of all tenants.
        case .department: return false
        }
    }

    // MARK: The server's own

    func usage(_ query: UsageQuery) throws(JournalError) -> [UsageRow] {
        var query = query
        if let tenant = view.caller.tenant { query.tenant = tenant }
        if view.reach != .tenant { query.client = view.caller.name }
        return try journal.usage(query)
    }
}
