import PluginKit

/// Leads and their tasks in the agent's durable state, one key a lead, each change guarded by its revision.
struct Pipeline {
    let input: LeadsInput
    let context: TaskContext
    private static let prefix = "lead/"
    private static let historyLimit = 200
    private static let taskLimit = 100

    func run() async throws(TaskFailure) -> LeadsOutput {
        if let due = input.due, !due.isEmpty { _ = try CivilDate.parse(due, at: "/due") }
        let now = try await context.now()
        let today = CivilDate(dayNumber: Int((Double(now.rawValue) / 86_400_000).rounded(.down))).text
        guard input.action != .list else { return try await list(today) }
        guard let id = input.id else { throw .invalid("/id: \(input.action.rawValue) needs one") }
        let stored = try await context.state.get(Self.prefix + id, as: LeadRecord.self)
        if let wanted = input.revision, wanted != Int(stored?.revision ?? 0) {
            throw .conflict("the lead \(id) is at revision \(stored?.revision ?? 0), not \(wanted); read it again")
        }
        if input.action == .create {
            guard stored == nil else { throw .conflict("there is a lead \(id) already") }
            return try await save(try created(id, today), over: 0, today)
        }
        guard let stored else { throw .notFound("there is no lead \(id)") }
        switch input.action {
        case .get: return Self.output([Self.entry(stored.value, Int(stored.revision), today)])
        case .remove:
            try await context.state.remove(Self.prefix + id, ifRevision: stored.revision)
            return Self.output([])
        default: return try await save(try changed(stored.value, today), over: stored.revision, today)
        }
    }

    private func created(_ id: String, _ today: String) throws(TaskFailure) -> LeadRecord {
        guard let name = input.name, !name.isEmpty else { throw .invalid("/name: a new lead needs one") }
        guard input.state == nil || input.state == .new else {
            throw .invalid("/state: a lead begins as new; move it afterwards")
        }
        return LeadRecord(
            id: id, name: name, state: .new, owner: Self.filled(input.owner), due: Self.filled(input.due),
            valueMinor: input.valueMinor, attributes: (input.attributes ?? [:]).filter { $0.value != .null },
            tasks: [], history: [LeadChange(at: today, what: "created", from: nil, to: "new")])
    }

    private func changed(_ lead: LeadRecord, _ today: String) throws(TaskFailure) -> LeadRecord {
        var lead = lead
        switch input.action {
        case .update: try update(&lead, today)
        case .move: try move(&lead, today)
        case .addTask: try addTask(&lead, today)
        case .finishTask:
            guard let index = lead.tasks.firstIndex(where: { $0.id == input.task }) else {
                throw .notFound("/task: the lead \(lead.id) has no task \(input.task ?? "")")
            }
            guard !lead.tasks[index].done else { throw .conflict("the task \(lead.tasks[index].id) is done already") }
            lead.tasks[index].done = true
            lead.history.append(LeadChange(at: today, what: "task done", from: nil, to: lead.tasks[index].id))
        case .create, .get, .list, .remove: break
        }
        lead.history = Array(lead.history.suffix(Self.historyLimit))
        return lead
    }

    private func update(_ lead: inout LeadRecord, _ today: String) throws(TaskFailure) {
        guard input.state == nil else { throw .invalid("/state: use move, which knows the way") }
        func note(_ what: String, _ from: String?, _ to: String?) {
            if from != to { lead.history.append(LeadChange(at: today, what: what, from: from, to: to)) }
        }
        if let name = input.name {
            guard !name.isEmpty else { throw .invalid("/name: must not be empty") }
            note("name", lead.name, name)
            lead.name = name
        }
        if let owner = input.owner {
            note("owner", lead.owner, Self.filled(owner))
            lead.owner = Self.filled(owner)
        }
        if let due = input.due {
            note("due", lead.due, Self.filled(due))
            lead.due = Self.filled(due)
        }
        if let value = input.valueMinor {
            note("value", lead.valueMinor.map(String.init), String(value))
            lead.valueMinor = value
        }
        for (name, value) in (input.attributes ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard lead.attributes[name] ?? .null != value else { continue }
            lead.history.append(LeadChange(at: today, what: "attribute \(name)", from: nil, to: nil))
            lead.attributes[name] = value == .null ? nil : value
        }
    }

    private func move(_ lead: inout LeadRecord, _ today: String) throws(TaskFailure) {
        guard let state = input.state else { throw .invalid("/state: move needs to know where to") }
        guard lead.state.next.contains(state) else {
            let ways = lead.state.next.map(\.rawValue).joined(separator: ", ")
            throw .invalid(
                "/state: \(lead.state.rawValue) cannot become \(state.rawValue)"
                    + (ways.isEmpty ? "; nothing follows it" : "; possible: \(ways)"))
        }
        guard state != .lost || input.reason?.isEmpty == false else {
            throw .invalid("/reason: say why the lead is lost")
        }
        let why = input.reason.map { ": \($0)" } ?? ""
        lead.history.append(LeadChange(at: today, what: "state\(why)", from: lead.state.rawValue, to: state.rawValue))
        lead.state = state
    }

    private func addTask(_ lead: inout LeadRecord, _ today: String) throws(TaskFailure) {
        guard let id = input.task, let title = input.name, !title.isEmpty else {
            throw .invalid("/task: add_task needs task, its id, and name, its title")
        }
        guard !lead.tasks.contains(where: { $0.id == id }) else { throw .conflict("there is a task \(id) already") }
        guard lead.tasks.count < Self.taskLimit else { throw .invalid("/task: a lead has at most \(Self.taskLimit)") }
        lead.tasks.append(
            LeadTask(id: id, title: title, owner: Self.filled(input.owner), due: Self.filled(input.due), done: false))
        lead.history.append(LeadChange(at: today, what: "task", from: nil, to: id))
    }

    private func save(_ lead: LeadRecord, over revision: UInt64, _ today: String) async throws(TaskFailure)
        -> LeadsOutput
    {
        let next = try await context.state.set(Self.prefix + lead.id, lead, ifRevision: revision)
        return Self.output([Self.entry(lead, Int(next), today)])
    }

    private func list(_ today: String) async throws(TaskFailure) -> LeadsOutput {
        let keys = try await context.state.keys(prefix: Self.prefix)
        var entries: [LeadEntry] = []
        for key in keys {
            guard let stored = try await context.state.get(key, as: LeadRecord.self) else { continue }
            let lead = stored.value, entry = Self.entry(lead, Int(stored.revision), today)
            if let state = input.state, lead.state != state { continue }
            if let owner = Self.filled(input.owner), lead.owner != owner { continue }
            if input.overdue == true, entry.overdue.isEmpty { continue }
            entries.append(entry)
        }
        var output = Self.output(entries)
        if keys.count >= 1_000 { output.warnings.append("only the first 1,000 leads were read") }
        return output
    }

    private static func filled(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    private static func entry(_ lead: LeadRecord, _ revision: Int, _ today: String) -> LeadEntry {
        // ISO dates compare as text.
        var late = lead.tasks.filter { !$0.done && $0.due.map { $0 < today } ?? false }.map { "task \($0.id)" }
        if lead.state.isOpen, let due = lead.due, due < today { late.insert("lead", at: 0) }
        return LeadEntry(lead: lead, revision: revision, overdue: late, next: lead.state.next)
    }

    private static func output(_ entries: [LeadEntry]) -> LeadsOutput {
        LeadsOutput(
            leads: entries, byState: Dictionary(entries.map { ($0.lead.state.rawValue, 1) }, uniquingKeysWith: +),
            openValueMinor: entries.filter { $0.lead.state.isOpen }.reduce(0) { $0 &+ ($1.lead.valueMinor ?? 0) },
            warnings: [])
    }
}
