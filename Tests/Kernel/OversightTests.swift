import Kernel
import Testing

@Suite("Oversight evidence")
struct OversightTests {
    /// A log in the making.
    private struct Log {
        var tally = OversightTally()
        var index: Int64 = 0

        mutating func add(_ type: String, _ fields: [String: JSONValue] = [:], at: String = "2026-11-01T00:00:00.000Z")
        {
            var fields = fields
            fields["type"] = .string(type)
            fields["ts"] = .string(at)
            tally.read(index, fields)
            index += 1
        }

        mutating func run(_ name: String, state: String = "done", gap: Bool = false, department: String = "hr") {
            let run = JSONValue.string(name)
            add("run.admitted", ["run": run, "department": .string(department), "now": ["state": "ready"]])
            add("step.intended", ["run": run, "step": 0, "kind": "model"])
            if !gap {
                add(
                    "step.finished",
                    [
                        "run": run, "step": 0, "kind": "model", "request_bytes": 5, "result": "00", "state": "done",
                    ])
            }
            add("run.finished", ["run": run, "now": ["state": .string(state), "output": "00"]])
        }

        mutating func review(_ step: Int64, _ acts: [String]) {
            let fields: [String: JSONValue] = ["run": "r", "step": .integer(step)]
            add("approval.opened", fields)
            for act in acts { add("act.\(act)", fields.merging(["actor": "ana"]) { $1 }) }
            add("approval.decided", acts.isEmpty ? fields.merging(["state": "expired"]) { $1 } : fields)
        }
    }

    private func settings(problems: [String] = [], isAnchored: Bool = true, size: Int64 = 9) -> OversightSettings {
        OversightSettings(
            tasks: [], log: OversightSettings.Log(size: size, problems: problems, isAnchored: isAnchored),
            policyRules: [], now: Instant(unixMilliseconds: 1_795_000_000_000))
    }

    private func score(_ name: String, _ settings: OversightSettings? = nil, _ body: (inout Log) -> Void) -> Int64? {
        var log = Log()
        body(&log)
        return OversightAssessment(log.tally, settings ?? self.settings())[name]?.milli
    }

    @Test("a store without evidence has eight scores without a number, and says so")
    func empty() {
        let assessment = OversightAssessment(OversightTally(), settings(isAnchored: false, size: 0))
        #expect(assessment.scores.count == 8 && assessment.scores.allSatisfy { $0.milli == nil })
        for score in assessment.scores {
            #expect(assessment.json[score.group]?[score.name]?["status"] == "no_evidence")
            #expect(!score.formula.isEmpty && !score.rises.isEmpty && !score.falls.isEmpty)
        }
        #expect(Set(assessment.scores.map(\.group)) == ["transparency", "fairness", "accountability", "robustness"])
    }

    @Test("decisions by people raise human oversight, decisions by time lower it, overrides raise it up to their share")
    func humanOversight() throws {
        let base = try #require(score("human_oversight") { log in (0..<40).forEach { log.review($0, ["approve"]) } })
        let expired = try #require(
            score("human_oversight") { log in (0..<40).forEach { log.review($0, $0 < 30 ? ["approve"] : []) } })
        let overridden = try #require(
            score("human_oversight") { log in (0..<40).forEach { log.review($0, $0 < 1 ? ["reject"] : ["approve"]) } })
        let often = try #require(
            score("human_oversight") { log in
                (0..<40).forEach { log.review($0, $0 < 9 ? ["edit", "approve"] : ["approve"]) }
            })
        #expect(base == 800 && expired == 600 && overridden == 900 && often == 1000)
    }

    @Test("failures, crashes and gaps lower robustness and explainability; runs that are done and recorded raise them")
    func runs() throws {
        let good = try #require(score("technical_robustness") { log in (0..<4).forEach { log.run("r\($0)") } })
        let failed = try #require(
            score("technical_robustness") { log in
                (0..<4).forEach { log.run("r\($0)", state: $0 < 1 ? "failed" : "done") }
            })
        let crashed = try #require(
            score("technical_robustness") { log in
                (0..<4).forEach { log.run("r\($0)") }
                log.add("plugin.crashed", ["department": "hr"])
            })
        #expect(good == 1000 && failed == 750 && crashed == 800)
        let gaps = try #require(score("explainability") { log in (0..<4).forEach { log.run("r\($0)", gap: $0 < 2) } })
        #expect(gaps == 500)
        #expect(score("explainability") { log in log.run("a") } == 1000)
    }

    @Test("an end counts once, a correction of its cost is none, and a retried run ends again")
    func ends() {
        var log = Log()
        log.run("a", state: "failed")
        log.add("run.corrected", ["run": "a", "now": ["state": "failed"]])
        #expect(log.tally.failed.number == 1)
        log.add("run.retried", ["run": "a", "now": ["state": "ready"]])
        log.add("run.finished", ["run": "a", "now": ["state": "done", "output": "00"]])
        #expect(log.tally.failed.number == 1 && log.tally.done.number == 1)
    }

    @Test("a log that does not verify scores nothing; a checkpoint outside raises it")
    func auditTrail() {
        #expect(score("audit_trail", settings(isAnchored: false)) { _ in } == 800)
        #expect(score("audit_trail", settings()) { _ in } == 1000)
        #expect(score("audit_trail", settings(problems: ["leaf 3: altered"])) { _ in } == 0)
    }

    @Test("missing layers, unsigned plugins and quarantines lower security")
    func security() throws {
        func mean(_ extra: (inout Log) -> Void) -> Int64? {
            score("security") { log in
                log.add("worker.started", ["missing": []])
                log.add("plugin.installed", ["signer": "k"])
                log.run("a")
                extra(&log)
            }
        }
        let base = try #require(mean { _ in })
        for (type, fields) in [
            ("worker.started", ["missing": ["seccomp"]]), ("plugin.installed", [:]),
            ("department.quarantined", ["department": "hr"]),
        ] as [(String, [String: JSONValue])] {
            #expect(try #require(mean { $0.add(type, fields) }) < base, "\(type)")
        }
        let lifted = mean {
            $0.add("department.quarantined", ["department": "hr"])
            $0.add("department.reset", ["department": "hr"])
        }
        #expect(lifted == base && base == 750)
    }

    @Test("fairness counts what was assessed in the last year, the newest of each department")
    func fairness() {
        func assess(_ department: String, _ ratio: Int64, at: String = "2026-06-01T00:00:00.000Z") -> (inout Log) ->
            Void
        {
            {
                $0.add(
                    "fairness.assessed", ["department": .string(department), "ratio_milli": .integer(ratio)], at: at)
            }
        }
        func both(_ acts: [(inout Log) -> Void]) -> [Int64?] {
            ["bias_assessment", "equality_impact"].map { name in
                score(name) { log in
                    log.run("a", department: "hr")
                    log.run("b", department: "sales")
                    for act in acts { act(&log) }
                }
            }
        }
        #expect(both([]) == [nil, nil])
        #expect(both([assess("hr", 900)]) == [500, 1000])
        #expect(both([assess("hr", 900), assess("sales", 400)]) == [1000, 750])
        #expect(both([assess("hr", 400), assess("hr", 800)]) == [500, 1000])
        #expect(both([assess("hr", 900, at: "2024-01-01T00:00:00.000Z")]) == [0, nil])
    }

    @Test("the worked example of the Uniform Guidelines: 48 of 80 and 12 of 40 give a ratio of one half")
    func fourFifths() throws {
        let impact = try DisparateImpact(csv: "group,selected,total\nwhite,48,80\nblack,12,40\n")
        #expect(impact.groups.map(\.rateMilli) == [600, 300])
        #expect(impact.ratioMilli == 500 && !impact.isWithinFourFifths)
        let even = try DisparateImpact([
            .init(name: "a", selected: 60, total: 100), .init(name: "b", selected: 48, total: 100),
        ])
        #expect(even.ratioMilli == 800 && even.isWithinFourFifths)
        let rows = try DisparateImpact(csv: "group,selected\na,1\na,1\nb,1\nb,0\n")
        #expect(rows.ratioMilli == 500)
        for wrong in ["group,selected\na,1\n", "a,b\n", "group,selected\na,2\nb,1\n", "group,selected\na,0\nb,0\n"] {
            #expect(throws: Failure.self, "\(wrong)") { try DisparateImpact(csv: wrong) }
        }
    }

    @Test("reports name what is missing, and dates come from a table that can be replaced")
    func reports() throws {
        var log = Log()
        (0..<3).forEach { log.run("r\($0)") }
        log.review(0, ["approve"])
        func evidence(_ statements: [HostSetting: String] = [:], _ retention: RetentionPolicy = .keepAll)
            -> ComplianceEvidence
        {
            ComplianceEvidence(
                tally: log.tally, settings: settings(), retention: retention, statements: statements, dates: .standard)
        }
        func status(_ article: Int, _ item: String, _ evidence: ComplianceEvidence) -> ArticleReport.Status? {
            ArticleReport(article, evidence)?.items.first { $0.id == item }?.status
        }
        #expect(status(12, "12.1", evidence()) == .met && status(12, "12.2.a", evidence()) == .noEvidence)
        #expect(status(14, "14.4.b", evidence()) == .notMet, "nothing was ever overridden")
        #expect(status(26, "26.2", evidence()) == .noEvidence)
        #expect(status(26, "26.2", evidence([.overseers: "Ana"])) == .met)
        let short = try RetentionPolicy(json: ["runs": 30, "archives": 60])
        #expect(status(19, "19.1.period", evidence()) == .met)
        #expect(status(19, "19.1.period", evidence([:], short)) == .notMet)
        #expect(ArticleReport(13, evidence()) == nil)
        let dates = try AIActDates(replacing: ["high_risk_annex_3": ["date": "2030-01-01", "source": "test"]])
        #expect(dates.entries.first { $0.id == "high_risk_annex_3" }?.date == "2030-01-01")
        #expect(throws: Failure.self) { try AIActDates(replacing: ["general": ["date": "soon", "source": "x"]]) }
        let text = MarkdownReport.text("T", try #require(ArticleReport(14, evidence())).json(evidence()))
        #expect(text.contains("| 14.4.b |") && text.contains("not\\_met"))
    }

    @Test("records of runs may not go before 183 days where the system is high-risk")
    func floor() throws {
        #expect(RetentionPolicy.keepAll.highRiskProblem == nil)
        #expect(try RetentionPolicy(json: ["runs": 90, "archives": 93]).highRiskProblem == nil)
        #expect(try RetentionPolicy(json: ["runs": 90, "archives": 92]).highRiskProblem != nil)
        #expect(RetentionPolicy.keepAll.days(of: .restrictedRuns) == 30)
    }

    @Test("what a hold keeps has one spelling")
    func targets() {
        for text in ["tenant:acme", "department:hr", "subject:subj:00000000-0000-4000-8000-000000000007"] {
            #expect(LegalHold.Target(text)?.description == text)
        }
        for wrong in ["", "tenant:", "run:x", "user:ana", "tenant:a b"] { #expect(LegalHold.Target(wrong) == nil) }
    }
}
