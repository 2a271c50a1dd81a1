import Journal
import Kernel
import TestSupport
import Testing

@Suite("Audit by construction")
struct AuditTests {
    /// One of everything the journal stores, with a value in every column that can hold one.
    func populated() async throws -> TestStore {
        let store = try await TestStore()
        let done = try await store.running(.sample(key: "k", budget: Nanodollars(1_000)))
        let child = try await store.running(.sample(parent: done))
        let late = store.clock.now.advanced(byMilliseconds: 60_000)
        try await fillSteps(store, child)
        try await fillMoney(store, done)
        try await fillBudgets(store, done)
        try await fillAgents(store, done)
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.runInsert(.sample(startAt: late))
            try tx.runSetBuild(child.id, fence: child.fence, build: Digest.sha256([7]))
            try tx.runAddCost(child.id, fence: child.fence, cost: Nanodollars(9))
            try tx.runPause(child.id, fence: child.fence, failure: Failure(.replay, "shape"))
            let scope = StateScope(tenant: "acme", department: "research", agent: "default")
            _ = try tx.statePut(scope, key: "k", value: [1, 2], expected: nil)
            _ = try tx.statePut(scope, key: "k", value: [3], expected: 1)
            _ = try tx.artifactPut([9, 9], name: "report.md", mediaType: "text/markdown", run: done.id)
            for task in ["rank", nil] {
                try tx.approvalRuleSet(
                    ApprovalRuleRecord(department: "research", task: task, policy: .anybody, createdAt: tx.now),
                    by: "ana")
            }
            try tx.approvalRuleRemove(department: "research", task: nil, by: "ana")
            let request = ApprovalRequest(title: "Pay?", body: "b", content: [5], expiresMilliseconds: 60_000)
            try tx.approvalOpen(
                ApprovalRecord(run: done.id, sequence: 1, request: request, openedAt: tx.now, expiresAt: late))
            try tx.approvalDecide(
                run: done.id, sequence: 1,
                decision: ApprovalDecision(approved: true, by: "ana", reason: "fine", content: [6]))
            try tx.departmentUpsert(DepartmentRecord(name: "research", enabled: true, placement: "worker"))
            let wants = Manifest.Wants(models: ["*"], hosts: ["api.example.org"])
            _ = try tx.grantAppend(
                Grant(
                    department: "research", plugin: "org.example.research", asked: wants, granted: wants,
                    origin: .enable, by: "ana"), isRevoked: false)
            try tx.toolBind(ToolBindingTests.binding("math.cbrt"))
            _ = try tx.priceBookAppend("model,provider,input,output", by: "ana")
            let build = Digest.sha256([1])
            try tx.crashAppend(
                CrashRecord(
                    department: "research", at: Instant(unixMilliseconds: 1), plugin: "org.example.research",
                    version: "1.0.0", build: build, generation: 1, reason: "signal 11", report: nil, suspects: []))
            try tx.quarantineSet(
                Quarantine(department: "research", build: build, since: Instant(unixMilliseconds: 2), reason: "loop"))
            let library = Digest.sha256([2])
            _ = try tx.installAppend(
                InstallRecord(
                    action: .installed, department: "tea", plugin: "org.example.tea", version: "1.0.0",
                    library: library, package: Digest.sha256([3]), signer: "example.org+00000000+AQ", by: "ana"))
            _ = try tx.publisherAppend(
                PublisherRecord(isTrusted: true, key: "example.org+00000000+AQ", plugin: "org.example.tea", by: "ana"))
            _ = try tx.runFinish(done.id, fence: done.fence, outcome: .done([1, 2, 3]))
        }
        try await fillOversight(store, child)
        try await fillSubjects(store)
        try await IdentitySample.fill(store)
        try await fillFactors(store)
        try await archiveOne(store)
        return store
    }

    private func fillOversight(_ store: TestStore, _ run: RunRecord) async throws {
        try await store.journal.write { tx throws(JournalError) in
            try tx.runRaise(run.id, to: .confidential, because: "rule a")
            _ = try tx.runClassify(run.id, as: .restricted, by: "ana", because: "deal")
            for (name, target) in [("one", LegalHold.Target.run(run.id)), ("two", .tenant("other"))] {
                try tx.holdPlace(LegalHold(name: name, target: target, reason: "suit", by: "ana", at: tx.now))
            }
            try tx.holdRelease("two", by: "ana", because: "settled")
            for setting in [HostSetting.highRisk, .controller] { try tx.settingSet(setting, to: "on", by: "ana") }
            try tx.settingSet(.controller, to: nil, by: "ana")
        }
    }

    private func fillSubjects(_ store: TestStore) async throws {
        let journal = store.journal
        let known = try await journal.addSubject(tenant: "acme", alias: "ada@example.org", by: "ana")
        let gone = try await journal.addSubject(tenant: "acme", alias: "bob@example.org", by: "ana")
        var new = NewRun.sample(key: "about ada")
        new.subject = known.id
        let run = try await store.running(new)
        try await journal.write { tx throws(JournalError) in
            var step = StepRecord.sample(0, state: .done, result: EffectResult(value: 1, data: [1], text: "t"))
            step.request = RecordedRequest([1, 2])
            step.shape = Digest.sha256([1, 2])
            try tx.stepInsert(step, run: run.id, fence: run.fence)
        }
        _ = try await journal.rotateSubjectKeys()
        _ = try await journal.eraseSubject(gone.id, by: "ana", reason: "GDPR art. 17", request: "R-1")
    }

    /// A run that has moved to the archive, with all that can move with it.
    private func archiveOne(_ store: TestStore) async throws {
        var classified = NewRun.sample(TaskReference(department: "old", task: "t"), key: "old")
        classified.classification = Classification(.confidential)
        let old = try await store.running(classified)
        try await store.journal.write { tx throws(JournalError) in
            try tx.stepInsert(.sample(0, state: .done), run: old.id, fence: old.fence)
            _ = try tx.artifactPut([1, 2, 3, 4], name: "old.md", mediaType: "text/markdown", run: old.id)
            try tx.approvalOpen(
                ApprovalRecord(
                    run: old.id, sequence: 0,
                    request: ApprovalRequest(title: "t", body: "b", content: [], expiresMilliseconds: nil),
                    openedAt: tx.now, expiresAt: nil))
            _ = try tx.runFinish(old.id, fence: old.fence, outcome: .done([]))
            try tx.retentionSet(.runs, days: 1, by: "ana")
            try tx.retentionSet(.crashes, days: 2, by: "ana")
            try tx.retentionSet(.crashes, days: nil, by: "ana")
        }
        let clock = store.clock
        clock.advance(byMilliseconds: 2 * 86_400_000)
        #expect(try await store.journal.retain().archivedRuns == 1)
        clock.advance(byMilliseconds: -2 * 86_400_000)
    }

    private func fillSteps(_ store: TestStore, _ run: RunRecord) async throws {
        let usage = TokenUsage(
            input: 1, cachedRead: 2, cacheWrite: 3, cacheWriteOneHour: 4, output: 5, reasoning: 6,
            cost: Nanodollars(7))
        var step = StepRecord.sample(
            0, state: .done, result: EffectResult(value: 1, data: [1], text: "t", usage: usage), cost: Nanodollars(7))
        step.failure = Failure(.io, "first attempt")
        step.reference = "handle"
        step.finishedAt = store.clock.now
        try await store.journal.write { [step] tx throws(JournalError) in
            try tx.stepInsert(step, run: run.id, fence: run.fence)
            try tx.stepInsert(.sample(1), run: run.id, fence: run.fence)
            _ = try tx.eventAppend(NewEvent(topic: "t", run: run.id, root: run.root, body: ["a": 1]))
        }
    }

    private func fillMoney(_ store: TestStore, _ run: RunRecord) async throws {
        let path = BudgetNode.path(run.id)
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetSet(.organisation, limit: Nanodollars(20_000_000 * Nanodollars.perDollar))
            for (attempt, amount) in [("a", 10), ("b", 10), ("c", 10), ("d", 10)] as [(String, Int64)] {
                try tx.budgetReserve(
                    Reservation(attempt: attempt, run: run.id, path: path, amount: Nanodollars(amount)))
            }
            _ = try tx.budgetSettle("a", actual: Nanodollars(4))
            _ = try tx.budgetSettle("b", actual: Nanodollars(14))
            _ = try tx.budgetRelease("c")
        }
    }

    private func fillBudgets(_ store: TestStore, _ run: RunRecord) async throws {
        let path = BudgetNode.path(run.id), task = TaskReference(department: "research", task: "rank")
        var capped = NewRun.sample(task)
        capped.user = "ana"
        capped.caps = RunCaps(cost: Nanodollars(5), tokens: 1_000, steps: 10, seconds: 60)
        try await store.journal.write { [capped] tx throws(JournalError) in
            _ = try tx.runInsert(capped)
            let day = BudgetPeriod.calendar(.day, zone: "Europe/Berlin")
            try tx.budgetSet(
                .tenant("acme"), BudgetLimit(period: day, amount: Nanodollars(100), thresholds: [20], rollover: .debt))
            for (attempt, tokens) in [("w", 5), ("v", 6)] as [(String, Int64)] {
                try tx.budgetReserve(
                    Reservation(
                        attempt: attempt, run: run.id, path: path, amount: Nanodollars(25), tokens: tokens))
            }
            _ = try tx.budgetSettle("w", actual: Nanodollars(9), usage: .sample(3))
            _ = try tx.ledgerAdjust("w", cost: Nanodollars(8), by: "ana", reason: "bill", evidence: "inv-7")
            try tx.budgetStop(.tenant("other"), by: "ana", reason: "idle")
            try tx.runCapsSet(
                .organisation, RunCaps(cost: Nanodollars(1), tokens: 2, steps: 3, seconds: 4))
            try Self.consume(tx)
            try Self.order(tx)
        }
    }

    private static func order(_ tx: any JournalTransaction) throws(JournalError) {
        let later = tx.now.advanced(byMilliseconds: 60_000)
        var run = NewRun.sample()
        run.scheduling = RunScheduling(
            queue: "slow", key: "k", whenActive: .debounce(quietMilliseconds: 5_000, longestWaitMilliseconds: 9_000),
            startBy: later, deadline: later.advanced(byMilliseconds: 1), retry: .unasked)
        _ = try tx.runInsert(run)
        let tried = try tx.runInsert(.sample(TaskReference(department: "tea", task: "brew")))
        let claimed = try tx.runClaim([tried.number])
        var history = RetryHistory(firstStartedAt: tx.now)
        history.failures = [.transient: 1]
        for run in claimed {
            _ = try tx.runDelay(
                run.id, fence: run.fence, until: later, failure: Failure(.io, "away"), history: history)
        }
        for name in ["one", "two"] {
            try tx.claimLimitSet(
                .queue(name), ClaimLimit(concurrency: 3, starts: TrafficLimits.PerMinute(limit: 60, burst: 5)),
                by: "ana")
            try tx.claimWeightSet(ClaimWeight(tenant: name, department: "a", weight: 7), by: "ana")
            try tx.maintenanceSet(
                MaintenanceRecord(
                    name: name, scope: .department("a"), window: .once(from: tx.now, to: later), createdAt: tx.now),
                by: "ana")
        }
        try tx.claimLimitSet(.queue("two"), nil, by: "ana")
        try tx.claimWeightSet(ClaimWeight(tenant: "two", department: "a", weight: 1), by: "ana")
        try tx.maintenanceRemove("two", by: "ana")
    }

    private func fillAgents(_ store: TestStore, _ run: RunRecord) async throws {
        let agent = AgentAddress(department: "research", name: "r1")
        let spare = AgentAddress(department: "research", name: "spare")
        let pool = AgentAddress(department: "research", name: "crew")
        var named = NewRun.sample(), started = NewRun.sample()
        named.agent = "r1"
        started.agent = "r1"
        try await store.journal.write { [named, started] tx throws(JournalError) in
            for address in [agent, spare] {
                _ = try tx.agentCreate(
                    AgentRecord(
                        name: address.name, department: "research", configuration: Array("{}".utf8),
                        createdAt: tx.now), by: "ana")
            }
            _ = try tx.agentConfigure(
                agent, configuration: nil,
                profile: AgentProfile(capabilities: ["rank"], reactions: ["ask": AgentReaction(task: "rank")]),
                expected: 1, by: "ana", note: "less")
            _ = try tx.agentApply(.pause, to: spare, by: "ana")
            try tx.agentPin([try tx.runInsert(named)])
            for name in ["crew", "gone"] {
                _ = try tx.poolSet(
                    AgentPoolRecord(
                        name: name, department: "research", configuration: Array("{}".utf8),
                        policy: AgentPool(minimum: 1, maximum: 2), createdAt: tx.now), by: "ana")
            }
            try tx.poolRemove(AgentAddress(department: "research", name: "gone"), by: "ana")
            _ = try tx.poolGrow(pool, by: 1, reason: "more", by: "host")
            for number in 1...4 {
                _ = try tx.messageSend(
                    NewMessage(
                        tenant: "acme", receiver: agent, sender: "desk:\(number)", type: "ask", payload: [49],
                        key: "m\(number)", run: run.id, chain: number))
            }
            _ = try tx.messageStart(1, started)
            for number in [Int64(2), 3] { try tx.messageNotStarted(number, reason: "no", retryAt: nil) }
            _ = try tx.messageRequeue(3, by: "ana")
        }
    }

    private static func consume(_ tx: any JournalTransaction) throws(JournalError) {
        let rule = TriggerRule(filter: EventFilter(topics: ["run.*"]), task: TaskReference(department: "a", task: "b"))
        for name in ["first", "second"] {
            try tx.triggerSet(TriggerRecord(name: name, rule: rule, isEnabled: true, createdAt: tx.now), by: "ana")
            try tx.webhookSet(
                WebhookRecord(
                    name: name, url: "https://example.org/hook", filter: EventFilter(), overlapUntil: tx.now,
                    disabledReason: "gone", createdAt: tx.now),
                by: "ana")
        }
        try Self.schedule(tx)
        try tx.triggerRemove("second", by: "ana")
        try tx.webhookRemove("second", by: "ana")
        try tx.streamGroupReset("trigger:first", to: 0, by: "ana")
        let given = try tx.streamRead("trigger:first", consumer: "c", limit: 2)
        for event in given {
            _ = try tx.streamReject("trigger:first", event.event.position, reason: "no", retryAt: nil)
        }
        try tx.deadLetterDelete(1, by: "ana")
        try tx.deadLetterReprocess(2, by: "ana")
    }

    private static func schedule(_ tx: any JournalTransaction) throws(JournalError) {
        let definition = ScheduleDefinition(
            task: TaskReference(department: "a", task: "b"), user: "ana", input: ["a": 1], expression: "@hourly",
            zone: "Europe/Berlin", policy: SchedulePolicy(overlap: .queueOne, startDeadlineMilliseconds: 7_200_000))
        let hour = Instant(unixMilliseconds: tx.now.unixMilliseconds / 3_600_000 * 3_600_000)
        for name in ["first", "second"] { _ = try tx.scheduleSet(name, definition, expected: 0, by: "ana") }
        _ = try tx.scheduleBackfill(
            "first", from: hour.advanced(byMilliseconds: -3_600_000), through: hour, limit: 10
        ) { _, _, input, _ in NewRun(id: .sample(), tenant: "acme", task: definition.task, input: input) }
        _ = try tx.schedulePause("first", by: "ana")
        _ = try tx.scheduleResume("first", by: "ana")
        try tx.scheduleRemove("second", by: "ana")
    }

    @Test("every change has its leaf, and the rows agree with the log")
    func complete() async throws {
        let store = try await populated()
        let found = try await store.mismatches()
        #expect(found == [], "\(found)")
        let types = Set(try await store.leafTypes())
        let usual: Set<String> = [
            "run.admitted", "run.started", "run.pinned", "run.cost", "run.paused", "run.finished", "step.intended",
            "step.finished", "event.appended", "ledger.reserve", "ledger.settle", "ledger.release", "budget.set",
            "state.put", "artifact.put", "approval.opened", "approval.decided",
            "act.edit", "act.approve", "rule.set", "rule.removed", "agent.set", "department.set",
            "message.sent", "department.granted", "tool.bound",
            "plugin.crashed", "prices.imported", "department.quarantined", "plugin.installed", "plugin.trusted",
            "limit.set", "window.opened", "ledger.issue", "ledger.adjust", "run.corrected", "budget.stopped",
            "caps.set", "adjustment.made", "alert.raised", "stream.set", "stream.reset", "stream.removed",
            "letter.added",
            "letter.deleted", "letter.reprocessed", "version.added", "pin.set", "pool.set", "pool.removed",
            "message.acknowledged", "message.dead", "message.requeued", "trigger.set", "trigger.removed", "webhook.set",
            "webhook.removed",
            "run.delayed", "claims.limited", "claims.removed", "weight.set", "weight.removed", "maintenance.set",
            "maintenance.removed",
            "schedule.set", "schedule.paused", "schedule.resumed", "schedule.fired", "schedule.removed",
            "run.archived", "approval.archived", "artifact.archived", "content.archived", "retention.set",
            "retention.removed", "run.classified", "hold.set", "hold.removed", "setting.set", "setting.removed",
            "subject.added", "subject.erased", "subject.retagged", "subject.keys_rotated",
            "factor.added", "factor.confirmed", "factor.used", "factor.removed", "trial.failed", "trial.cleared",
            "provider.set", "provider.removed", "federation.linked", "federation.removed", "channel.set",
            "channel.removed",
        ]
        #expect(types == usual.union(IdentitySample.leafTypes))
        #expect(try await store.reopened().mismatches() == [])
    }

    @Test("changing any column of any row by hand is found, and so is removing any row")
    func everyColumn() async throws {
        let store = try await populated()
        await store.journal.close()
        let copies = try Scratch()
        let changes = try Tampering.everyColumn(store.folder.path, into: copies.path)
        #expect(changes.count > 100)
        let clock = store.clock
        for (folder, change) in changes {
            let reader = try await SQLiteJournal.openReadOnly(folder: folder, clock: { clock.now })
            let found = await Result.catching { () async throws(JournalError) in
                try await reader.read { tx throws(JournalError) in try tx.auditMismatches() }
            }
            await reader.close()
            // A row that cannot even be read is found too.
            if case .success(let mismatches) = found { #expect(!mismatches.isEmpty, "not found: \(change)") }
        }
    }

    @Test(
        "a row that nobody recorded is found",
        arguments: [
            "INSERT INTO department VALUES ('ghost', 1, 'inline')",
            """
            INSERT INTO step (run_no, seq, kind, name, occurrence, shape, state, attempt, fence, cost, started_at_ms)
            SELECT run_no, 7, kind, name, 7, shape, state, attempt, fence, cost, started_at_ms FROM step LIMIT 1
            """,
            "INSERT INTO event (at_ms, topic, run_id, root, body) SELECT at_ms, topic, run_id, root, body FROM event",
            """
            INSERT INTO ledger (at_ms, attempt, run_id, node, period, opens_ms, kind, amount)
            SELECT at_ms, attempt, zeroblob(16), node, period, opens_ms, 1, 0 FROM ledger LIMIT 1
            """,
            "INSERT INTO content VALUES (zeroblob(32), x'00')",
            """
            INSERT INTO reservation (attempt, run_id, path, amount, held_at_ms)
            VALUES ('ghost', zeroblob(16), 'organisation', 0, 0)
            """,
            "INSERT INTO budget (node, amount_limit) VALUES ('tenant:ghost', 5)",
            "INSERT INTO budget_limit VALUES ('tenant:ghost', 'day@UTC', 5, '', 'none')",
            "INSERT INTO budget_window VALUES ('tenant:ghost', 'day@UTC', 0, 1, 0, 0, 0)",
            "INSERT INTO budget_alert VALUES ('tenant:ghost', 'day@UTC', 0, 1, 0)",
            "INSERT INTO run_cap VALUES ('tenant:ghost', 1, 1, 1, 1)",
            "INSERT INTO approval_act VALUES (zeroblob(16), 1, 1, 1, 'withdraw', 'x', NULL, NULL, NULL, NULL)",
            "INSERT INTO approval_rule VALUES ('ghost', '', '{}', 1)",
            "INSERT INTO schedule_fire VALUES ('ghost', 1, zeroblob(16), 'due', 1, 0)",
            "INSERT INTO ledger_adjustment VALUES (9, 0, 'a', 0, 1, 'x', 'y', 'z')",
            "INSERT INTO subject (subject, tenant, created_at_ms, created_by) VALUES (zeroblob(16), 'acme', 1, 'x')",
            "INSERT INTO tenant VALUES ('ghost', '', 1, 1, 'x')",
            "INSERT INTO team VALUES ('acme', 'ghost', '', 1, 'x')",
            "INSERT INTO role VALUES ('', 'ghost', '', '', '*.*', 1, 'x')",
            """
            INSERT INTO account (account, kind, name, title, roles, teams, clearance, enabled, version, created_at_ms,
                created_by)
            VALUES (zeroblob(16), 'user', 'ghost@example.org', '', 'admin', '', 'internal', 1, 1, 1, 'x')
            """,
            "INSERT INTO api_key VALUES ('ghost', zeroblob(32), zeroblob(16), '', NULL, 1, 'x', NULL, NULL, NULL)",
            """
            INSERT INTO session VALUES
            (zeroblob(16), zeroblob(16), 'pwd', zeroblob(32), '', '', 1, 1, 0, zeroblob(32), 1, NULL, NULL)
            """,
            "INSERT INTO signing_key VALUES ('ghost', 'EdDSA', zeroblob(32), 1, 1, NULL, NULL)",
            """
            INSERT INTO factor (factor, account, tenant, kind, label, created_at_ms, secret, backed_up)
            VALUES (zeroblob(16), 'a', 'acme', 'totp', 'x', 1, zeroblob(1), 0)
            """,
            "INSERT INTO factor_trial VALUES ('ghost', 1, NULL)",
            "INSERT INTO federated_account VALUES ('idp', 'ghost', 'a', 'acme', 1)",
        ])
    func ghosts(statement: String) async throws {
        let store = try await populated()
        await store.journal.close()
        try Tampering.run(store.folder.path, statement)
        let clock = store.clock
        let reader = try await SQLiteJournal.openReadOnly(folder: store.folder.path, clock: { clock.now })
        let found = try await reader.read { tx throws(JournalError) in try tx.auditMismatches() }
        #expect(!found.isEmpty)
        await reader.close()
    }

    @Test(
        "a decision about a plugin that was turned around is found",
        arguments: ["UPDATE plugin_install SET action = 'removed'", "UPDATE publisher SET trusted = 0"])
    func turned(statement: String) async throws {
        let store = try await populated()
        await store.journal.close()
        try Tampering.run(store.folder.path, statement)
        let again = try await store.reopened()
        #expect(try await again.mismatches().count == 1)
        await again.journal.close()
    }

    @Test("other rooms append leaves of their own types, never of the journal's")
    func foreignLeaves() async throws {
        let store = try await TestStore()
        let index = try await store.journal.write { tx throws(JournalError) in
            try tx.auditAppend(type: "plugin.note", fields: ["text": "hello"])
        }
        #expect(index == 0)
        let leaf = try await store.journal.read { tx throws(JournalError) in
            try tx.auditLeaves(from: 0, limit: 1)
        }.first.orFail("no leaf")
        let expected = #"{"seq":0,"text":"hello","ts":"2027-01-15T08:00:00.000Z","type":"plugin.note"}"#
        #expect(String(decoding: leaf.bytes, as: UTF8.self) == expected)
        for (type, fields) in [("run.finished", [:]), ("plugin.note", ["Bad Key": 1])]
            as [(String, [String: JSONValue])]
        {
            let code = try await refusal {
                try await store.journal.write { tx throws(JournalError) in
                    _ = try tx.auditAppend(type: type, fields: fields)
                }
            }
            #expect(code == .invalid)
        }
    }

    @Test("names that do not fit the log's profile are recorded by digest")
    func longNames() async throws {
        let store = try await TestStore()
        let name = String(repeating: "n", count: 20_000)
        try await store.journal.write { tx throws(JournalError) in
            try tx.departmentUpsert(DepartmentRecord(name: name, enabled: true, placement: "a\u{0}b"))
        }
        #expect(try await store.mismatches() == [])
    }
}

extension Result where Failure == JournalError {
    fileprivate static func catching(_ body: () async throws(JournalError) -> Success) async -> Self {
        do throws(JournalError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
