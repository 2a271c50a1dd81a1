import Kernel
import Testing

@Suite("Costs: words, weeks, statements and rows")
struct CostTests {
    static func charge(
        _ day: String, department: String = "finance", model: String = "gpt-5", agent: String? = "ana",
        cost: Int64 = 10, correction: Int64 = 0, end: Charge.End = .settled, prices: PriceBasis = .free,
        usage: ChargeUsage? = ChargeUsage(tokens: TokenUsage(input: 3, cachedRead: 2, output: 1))
    ) throws -> Charge {
        let start = TimeZoneRules.utc.start(of: try #require(CivilDate(day)))
        var path: [BudgetNode] = [.organisation, .tenant("t"), .department(tenant: "t", department)]
        if let agent { path.append(.agent(tenant: "t", department: department, agent)) }
        return Charge(
            attempt: "r/1/1", run: RunID(unixMilliseconds: 1, random: Array(repeating: 7, count: 10)), task: nil,
            path: path, heldAt: start, endedAt: start.advanced(byMilliseconds: 1_500), end: end,
            detail: ChargeDetail(source: .call, provider: "openai", model: model, prices: prices), usage: usage,
            posted: Nanodollars(cost), correction: Nanodollars(correction))
    }

    @Test(
        "weeks are those of ISO 8601",
        arguments: [
            ("2026-01-01", "2026-W01"), ("2027-01-01", "2026-W53"), ("2027-01-03", "2026-W53"),
            ("2027-01-04", "2027-W01"), ("2024-12-30", "2025-W01"), ("2026-11-21", "2026-W47"),
        ])
    func weeks(day: String, week: String) throws {
        #expect(CostDimension.week.value(of: try Self.charge(day), in: .utc) == week)
        #expect(CostDimension.quarter.value(of: try Self.charge("2026-11-21"), in: .utc) == "2026-Q4")
    }

    @Test(
        "a question that is none is refused in words",
        arguments: ["", "modle", "model,model", "model,", "tenant,department,agent,user,run,task,model"])
    func wrongDimensions(text: String) {
        #expect(throws: Failure.self) { try CostWords.dimensions(text) }
    }

    @Test("conditions of one dimension are alternatives, and an empty value stands for none")
    func filters() throws {
        let filters = try CostWords.filters(["department=finance", "department=hr", "user="])
        #expect(filters == [.department: ["finance", "hr"], .user: [nil]])
        for text in ["department", "who=me", "=x"] {
            #expect(throws: Failure.self, "\(text)") { try CostWords.filters([text]) }
        }
        #expect(throws: Failure.self) { try CostWords.day("2026-02-30") }
        #expect(throws: Failure.self) { try CostWords.month("2026-13") }
    }

    @Test("a statement has share, change and what most was spent on; a department that stopped is still there")
    func showback() throws {
        let month = try #require(CivilDate("2026-11-01"))
        let queries = Showback.Queries(month: month, zone: "UTC")
        let charges = [
            try Self.charge("2026-11-30", model: "a", cost: 600), try Self.charge("2026-11-01", model: "b", cost: 100),
            try Self.charge("2026-11-02", department: "hr", agent: nil, cost: 300),
            try Self.charge("2026-10-31", cost: 1_400), try Self.charge("2026-10-01", department: "old", cost: 5),
            try Self.charge("2026-12-01", cost: 999),
        ]
        func report(_ query: CostQuery) -> CostReport {
            var report = CostReport(by: query.by)
            for charge in charges {
                let day = TimeZoneRules.utc.date(at: charge.heldAt)
                if day >= query.from ?? day, day < query.to ?? day.adding(days: 1) { report.add(charge, in: .utc) }
            }
            return report
        }
        let showback = Showback(
            month: month, zone: "UTC", current: report(queries.month), before: report(queries.before),
            models: report(queries.models), agents: report(queries.agents))
        #expect(showback.statements.map(\.department) == ["finance", "hr", "old"])
        #expect(showback.statements.map(\.shareOfThousand) == [700, 300, 0])
        #expect(showback.statements.map(\.changeOfThousand) == [-500, nil, -1_000])
        #expect(showback.statements.map(\.change.value) == [-700, 300, -5])
        #expect(showback.statements[0].models.map(\.name) == ["openai/a", "openai/b"])
        #expect(showback.statements[0].agents.map(\.name) == ["finance/ana"])
        #expect(showback.statements[1].agents == [])
        #expect(showback.total.cost == Nanodollars(1_000) && showback.totalBefore == Nanodollars(1_405))
    }

    @Test("counts that no number holds stop neither a report nor a host")
    func absurd() throws {
        var report = CostReport(by: [])
        let usage = ChargeUsage(tokens: TokenUsage(input: .max, cachedRead: .max, output: .max))
        for _ in 0..<2 { report.add(try Self.charge("2026-11-01", usage: usage), in: .utc) }
        #expect(report.total.input == .max && report.total.calls == 2)
        #expect(usage.tokens.totalTokens == .max)
    }

    @Test("a line of values can be read back, and no name is a formula")
    func csv() {
        #expect(CSVLine.text(["a", "b,c", "d\"e", "f\ng", ""]) == "a,\"b,c\",\"d\"\"e\",\"f\ng\",\r\n")
        #expect(["=1+1", "+a", "-b", "@c", "d", ""].map(CSVLine.name) == ["'=1+1", "'+a", "'-b", "'@c", "d", ""])
    }

    @Test("a FOCUS row has the exact amount, a period that is not empty, and the month that is billed")
    func focus() throws {
        let charge = try Self.charge(
            "2026-11-30", cost: 1_234_567_891, correction: -1, end: .ambiguous,
            prices: .assumed(AssumedPrice(input: PicodollarsPerToken(1), output: PicodollarsPerToken(2))))
        let row = Dictionary(uniqueKeysWithValues: zip(FocusRow.columns, FocusRow(charge).values))
        for column in ["BilledCost", "EffectiveCost", "ContractedCost", "ListCost"] {
            #expect(row[column] == "1.23456789")
        }
        #expect(row["ChargePeriodStart"] == "2026-11-30T00:00:00Z" && row["ChargePeriodEnd"] == "2026-11-30T00:00:02Z")
        #expect(
            row["BillingPeriodStart"] == "2026-11-01T00:00:00Z" && row["BillingPeriodEnd"] == "2026-12-01T00:00:00Z")
        #expect(
            row["ConsumedQuantity"] == "6.0" && row["ConsumedUnit"] == "Tokens" && row["SubAccountId"] == "t/finance")
        #expect(row["ChargeDescription"] == "gpt-5 at openai, by an assumed price, at its upper bound")
        #expect(row["x_Prices"] == "assumed:1/2" && row["x_CachedReadTokens"] == "2")
        #expect(FocusRow.isRow(charge))
        #expect(!FocusRow.isRow(try Self.charge("2026-11-30", cost: 0, end: .released)))
    }
}
