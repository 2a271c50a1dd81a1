import Kernel

/// A place where the log and the rows disagree.
package struct AuditMismatch: Hashable, Sendable, CustomStringConvertible {
    /// The leaf that says otherwise; nil for a row that no leaf speaks of.
    package var leaf: Int64?
    /// The row, in words.
    package var row: String
    package var text: String

    package var description: String { "\(row): \(text)" + (leaf.map { " (leaf \($0))" } ?? "") }
}

extension SQLReading {
    func auditMismatches() throws(JournalError) -> [AuditMismatch] {
        var check = AuditCheck(reading: self)
        try check.readLeaves()
        try check.readRows()
        return check.mismatches
    }
}

/// The cross-check of the log against the rows: each row must give what the newest leaf about it says, each row must
/// have such a leaf, and each such leaf its row.
///
/// It holds one digest for each row that exists, not the log.
struct AuditCheck {
    /// A store that is wrong everywhere is reported by so many examples.
    static let maximumMismatches = 1_000
    private static let page = 1_024

    let reading: SQLReading
    private(set) var mismatches: [AuditMismatch] = []
    private(set) var newest: [String: (facts: Digest, leaf: Int64)] = [:]
    private var contents: [Digest: Int64] = [:]
    /// By account, as the ledger's leaves give them.
    var balances: [String: LedgerSums] = [:]
    var holds: [String: (state: Int, leaf: Int64)] = [:]
    var nextEntry: Int64 = 1
    private var nextPosition: Int64 = 1
    private var ends: LogEnds

    init(reading: SQLReading) {
        self.reading = reading
        ends = LogEnds(reading: reading)
    }

    mutating func report(_ leaf: Int64?, _ row: String, _ text: String) {
        guard mismatches.count < Self.maximumMismatches else { return }
        mismatches.append(AuditMismatch(leaf: leaf, row: row, text: text))
    }

    // MARK: The log

    mutating func readLeaves() throws(JournalError) {
        var index: Int64 = 0
        while true {
            let leaves = try reading.auditLeaves(from: index, limit: Self.page)
            guard let last = leaves.last else { break }
            for leaf in leaves {
                try read(leaf)
                for (row, text) in try ends.read(leaf) { report(leaf.index, row, text) }
            }
            index = last.index + 1
        }
        for (row, text) in try ends.finish() { report(nil, row, text) }
    }

    private mutating func read(_ leaf: AuditLeaf) throws(JournalError) {
        guard let fields = (try? CanonicalJSON.decode(leaf.bytes))?.objectValue, let type = fields["type"]?.stringValue
        else { return report(leaf.index, "leaf \(leaf.index)", "it is not a canonical leaf") }
        let content = LeafContent(type, fields: fields)
        for claim in AuditSubject.claims(of: content) { newest[claim.row] = (claim.facts, leaf.index) }
        if let row = AuditSubject.removal(of: content) { newest[row] = nil }
        for row in AuditSubject.archived(by: content) { newest[row] = nil }
        if type == "content.archived", let digest = fields["digest"]?.stringValue.flatMap(Digest.init(hex:)) {
            contents[digest] = nil
        }
        if type == "artifact.put", let digest = fields["digest"]?.stringValue.flatMap(Digest.init(hex:)) {
            contents[digest] = leaf.index
        }
        if type == "event.appended" { try compareEvents(content, leaf.index) }
        if type.hasPrefix("ledger."), AuditSubject.ownTypes.contains(type) {
            try compareLedger(content, leaf.index)
        }
    }

    /// The rows of the range must give the same batch.
    private mutating func compareEvents(_ leaf: LeafContent, _ index: Int64) throws(JournalError) {
        let fields = leaf.fields
        let first = fields["first"]?.integerValue ?? 0, count = fields["count"]?.integerValue ?? 0
        if first != nextPosition { report(index, "event \(nextPosition)", "no leaf covers it") }
        var batch = EventBatch(first: first)
        let range: [SQLValue] = [.integer(first - 1), .integer(count)]
        try reading.session.forEach(EventSQL.after, range) { row in
            let event = EventRow(&row)
            if event.position < first + count { batch.append(event) }
            return true
        }
        let expected = batch.leaf.fields
        if expected != fields.filter({ expected.keys.contains($0.key) }) {
            report(index, "events \(first) to \(first + count - 1)", "the rows differ from what was recorded")
        }
        nextPosition = first + count
    }

    // MARK: The rows

    mutating func readRows() throws(JournalError) {
        try compare(RunSQL.all) { AuditLeaves.runAdmitted(RunRow(&$0)) }
        try compareSteps()
        try compare(StateSQL.all) { row in
            let scope = StateScope(tenant: row.text(), department: row.text(), agent: row.text())
            let key = row.text(), revision = row.integer()
            return AuditLeaves.state(scope, key: key, value: row.optionalBlob(), revision: revision)
        }
        try compare(ArtifactSQL.all) { row in
            let artifact = ArtifactRow(&row)
            return AuditLeaves.artifact(artifact.record, number: artifact.number)
        }
        try compare(MessageSQL.all) { AuditLeaves.message(MessageRecord(&$0)) }
        try compareApprovals()
        try compare(AgentSQL.all) { AuditLeaves.agent(AgentRecord(&$0)) }
        try compare(AgentSQL.allVersions) { AuditLeaves.agentVersion(AgentVersion(&$0)) }
        try compare(AgentSQL.pins) { AuditLeaves.agentPin(AgentPin(&$0)) }
        try compare(PoolSQL.all) { AuditLeaves.pool(AgentPoolRecord(&$0)) }
        try compare(DepartmentSQL.all) { AuditLeaves.department(DepartmentRecord(&$0)) }
        try compare(GrantSQL.all) { AuditLeaves.grant(GrantRecord(&$0)) }
        try compare(InstallSQL.all) { AuditLeaves.install(InstallRecord(&$0)) }
        try compare(PublisherSQL.all) { AuditLeaves.publisher(PublisherRecord(&$0)) }
        try compareStateSizes()
        try compare(ToolSQL.all) { row in
            let tool = ToolRow(&row)
            return AuditLeaves.tool(tool.record, isBound: tool.isBound)
        }
        try compare(PriceSQL.all) { AuditLeaves.priceBook(PriceBookRecord(&$0)) }
        try compare(QuarantineSQL.all) { AuditLeaves.quarantine(Quarantine(&$0)) }
        try compare(StreamSQL.all) { AuditLeaves.streamGroup(StreamGroup(&$0)) }
        try compareLetters()
        try compare(TriggerSQL.all) { AuditLeaves.trigger(TriggerRecord(&$0)) }
        try compare(OrderSQL.limits) { AuditLeaves.claimLimit(StoredLimit(&$0)) }
        try compare(OrderSQL.weights) { AuditLeaves.claimWeight(ClaimWeight(&$0)) }
        let zones = reading.zones
        try compare(OrderSQL.maintenances) { AuditLeaves.maintenance(MaintenanceRecord(&$0, zones)) }
        try compare(ArchiveSQL.all) { AuditLeaves.runArchived(ArchivedRun(&$0)) }
        try compare(ClassSQL.all) { AuditLeaves.runClass(RunClassRecord(&$0)) }
        try compare(HoldSQL.all) { row in
            let stored = HoldRow(&row)
            return AuditLeaves.hold(stored.hold, root: stored.root)
        }
        try compare(SettingSQL.all) { AuditLeaves.setting($0.text(), $0.text()) }
        try compare(SubjectSQL.all) { AuditLeaves.subject(SubjectRow(&$0), "added") }
        try compareIdentity()
        try compareFactors()
        try compare(RetentionSQL.all) { AuditLeaves.retention($0.text(), days: $0.int(), by: nil) }
        try compare(WebhookSQL.all) { AuditLeaves.webhook(WebhookRecord(&$0)) }
        try compare(ScheduleSQL.all) { AuditLeaves.schedule(ScheduleRecord(&$0)) }
        try compare(ScheduleSQL.allFires) { AuditLeaves.scheduleFire(ScheduleFireRecord(&$0)) }
        try compareMoney()
        try compareContents()
        try compareEnds()
        for (row, claim) in newest.sorted(by: { $0.value.leaf < $1.value.leaf }) {
            report(claim.leaf, row, "the row is gone")
        }
    }

    private mutating func compareFactors() throws(JournalError) {
        try compare(FactorSQL.all) { AuditLeaves.factor(FactorRecord(&$0), "added") }
        try compare(FactorSQL.trials) { AuditLeaves.factorTrial(StoredTrial(&$0)) }
        try compare(FederationSQL.providers) { AuditLeaves.identityProvider(StoredProvider(&$0)) }
        try compare(FederationSQL.all) { AuditLeaves.federatedAccount(FederatedAccount(&$0)) }
        try compare(NotificationSQL.all) { AuditLeaves.notificationChannel(NotificationChannel(&$0)) }
    }

    mutating func compare(
        _ sql: String, _ leaf: (inout SQLRow) -> LeafContent
    ) throws(JournalError) {
        try reading.session.forEach(sql) { row in
            for claim in AuditSubject.claims(of: leaf(&row)) { settle(claim) }
            return true
        }
    }

    private mutating func compareIdentity() throws(JournalError) {
        try compare(TenantSQL.every) { AuditLeaves.tenant(TenantRecord(&$0)) }
        try compare(TeamSQL.every) { AuditLeaves.team(TeamRecord(&$0)) }
        try compare(RoleSQL.every) { AuditLeaves.role(RoleRecord(&$0)) }
        try compare(AccountSQL.every) { AuditLeaves.account(AccountRecord(&$0), "added") }
        try compare(APIKeySQL.every) { AuditLeaves.apiKey(APIKeyRecord(&$0), "added") }
        try compare(SessionSQL.every) { AuditLeaves.session(SessionRecord(&$0), "started") }
        try compare(SigningKeySQL.all) { AuditLeaves.signingKey(SigningKeyRecord(&$0)) }
        try compare(LockoutSQL.every) { AuditLeaves.lockout(LockoutRecord(&$0)) }
    }

    /// What stands in a request's row must follow from its acts.
    private mutating func compareApprovals() throws(JournalError) {
        try compare(ApprovalSQL.all) { AuditLeaves.approval(ApprovalRow(&$0).record) }
        try compare(ApprovalSQL.allActs) { AuditLeaves.approvalAct(ApprovalActRecord(&$0)) }
        try compare(ApprovalSQL.rules) { AuditLeaves.approvalRule(ApprovalRuleRecord(&$0)) }
        for record in try reading.session.rows(ApprovalSQL.all, [], { ApprovalRow(&$0).record })
        where record.rules != nil {
            let acts = try reading.storedActs(run: record.run, sequence: record.sequence)
            guard (try? ApprovalState(record.asked, acts: acts))?.record != record else { continue }
            report(nil, "approval \(record.run) \(record.sequence)", "it does not follow from its acts")
        }
    }

    /// A request must be the one whose digest is the step's shape, and be there when it was kept.
    private mutating func compareSteps() throws(JournalError) {
        try reading.session.forEach(StepSQL.all) { row in
            let run = row.runID(), step = StepRow(&row), request = row.optionalBlob()
            let leaf = AuditLeaves.step(step.record, run: run, fence: step.fence, sealed: step.sealed)
            for claim in AuditSubject.claims(of: leaf) { settle(claim) }
            let isKept = step.record.request?.isKept ?? false
            let fits =
                request.map { $0.count == step.record.request?.byteCount && Digest.sha256($0) == step.record.shape }
                ?? !isKept
            if !fits {
                report(nil, "step \(run) \(step.record.sequence)", "its request is not the one of its shape")
            }
            return true
        }
    }

    mutating func settle(_ claim: AuditClaim) {
        guard let recorded = newest.removeValue(forKey: claim.row) else {
            return report(nil, claim.row, "no leaf speaks of this row")
        }
        if recorded.facts != claim.facts {
            report(recorded.leaf, claim.row, "the row differs from what was recorded")
        }
    }

    private mutating func compareLetters() throws(JournalError) {
        for letter in try reading.allDeadLetters() {
            for claim in AuditSubject.claims(of: AuditLeaves.deadLetter(letter)) { settle(claim) }
        }
    }

    private mutating func compareStateSizes() throws(JournalError) {
        let wrong = try reading.session.rows(StateSQL.wrongSizes) { row in
            let tenant = row.text()
            return "\(tenant)/\(row.text())"
        }
        for name in wrong { report(nil, "state size of \(name)", "it is not the sum of its keys and values") }
    }

    private mutating func compareContents() throws(JournalError) {
        try reading.session.forEach(ArtifactSQL.contents) { row in
            let digest = row.digest()
            if Digest.sha256(row.blob()) != digest {
                report(contents[digest], "content \(digest)", "its bytes do not hash to its digest")
            }
            if contents.removeValue(forKey: digest) == nil {
                report(nil, "content \(digest)", "no leaf speaks of this row")
            }
            return true
        }
        for (digest, leaf) in contents { report(leaf, "content \(digest)", "the row is gone") }
    }

    /// Rows after the last that a leaf covers.
    private mutating func compareEnds() throws(JournalError) {
        if try !reading.events(root: nil, after: nextPosition - 1, limit: 1).isEmpty {
            report(nil, "event \(nextPosition)", "no leaf covers it")
        }
        if try !reading.ledger(of: nil, after: nextEntry - 1, limit: 1).isEmpty {
            report(nil, "ledger entry \(nextEntry)", "no leaf covers it")
        }
    }
}

extension EventBatch {
    fileprivate mutating func append(_ row: EventRow) {
        append(position: row.position, at: row.at, topic: row.topic, run: row.run, root: row.root, body: row.body)
    }
}
