import Finance
import PluginKit
import PluginTesting
import Testing
import TestSupport

@Suite("Finance: spreadsheet functions, loans, depreciation")
struct FinanceCashFlowTests {
    @Test(
        "the values of the Microsoft documentation of each function",
        arguments: [
            (["function": "PV", "rate": .double(0.08 / 12), "periods": 240, "payment": 500], -59_777.15, 5e-3),
            (
                [
                    "function": "FV", "rate": 0.005, "periods": 10, "payment": -200, "present_value": -500,
                    "due": "begin",
                ], 2_581.4034, 5e-5
            ),
            (["function": "FV", "rate": 0.01, "periods": 12, "payment": -1000], 12_682.5030, 5e-5),
            (["function": "PMT", "rate": .double(0.08 / 12), "periods": 10, "present_value": 10000], -1037.0321, 5e-5),
            (
                [
                    "function": "PMT", "rate": .double(0.08 / 12), "periods": 10, "present_value": 10000,
                    "due": "begin",
                ], -1030.1643, 5e-5
            ),
            (
                [
                    "function": "NPER", "rate": 0.01, "payment": -100, "present_value": -1000,
                    "future_value": 10000, "due": "begin",
                ], 59.6738657, 5e-7
            ),
            (["function": "NPER", "rate": 0.01, "payment": -100, "present_value": -1000], -9.57859404, 5e-8),
            (["function": "RATE", "periods": 48, "payment": -200, "present_value": 8000], 0.00770147, 5e-9),
            (
                ["function": "IPMT", "rate": .double(0.1 / 12), "period": 1, "periods": 36, "present_value": 8000],
                -66.6667, 5e-5
            ),
            (
                ["function": "IPMT", "rate": 0.1, "period": 3, "periods": 3, "present_value": 8000], -292.4471, 5e-5
            ),
            (
                ["function": "PPMT", "rate": .double(0.1 / 12), "period": 1, "periods": 24, "present_value": 2000],
                -75.6232, 5e-5
            ),
            (
                [
                    "function": "CUMPRINC", "rate": 0.0075, "periods": 360, "present_value": 125000,
                    "start_period": 13, "end_period": 24,
                ], -934.1071, 5e-5
            ),
            (
                [
                    "function": "CUMIPMT", "rate": 0.0075, "periods": 360, "present_value": 125000,
                    "start_period": 13, "end_period": 24,
                ], -11_135.2321, 5e-5
            ),
            (["function": "NPV", "rate": 0.1, "values": [-10000, 3000, 4200, 6800]], 1188.4434, 5e-5),
            (["function": "IRR", "values": [-70000, 12000, 15000, 18000, 21000, 26000]], 0.0866309, 5e-8),
            (
                [
                    "function": "MIRR", "finance_rate": 0.1, "reinvest_rate": 0.12,
                    "values": [-120_000, 39000, 30000, 21000, 37000, 46000],
                ], 0.126094, 5e-7
            ),
            (
                [
                    "function": "MIRR", "finance_rate": 0.1, "reinvest_rate": 0.14,
                    "values": [-120_000, 39000, 30000, 21000, 37000, 46000],
                ], 0.134759, 5e-7
            ),
            (
                [
                    "function": "XIRR", "values": [-10000, 2750, 4250, 3250, 2750],
                    "dates": ["2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"],
                ], 0.3733625335, 5e-9
            ),
            (
                [
                    "function": "XNPV", "rate": 0.09, "values": [-10000, 2750, 4250, 3250, 2750],
                    "dates": ["2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"],
                ], 2086.6476, 5e-5
            ),
        ] as [(JSONValue, Double, Double)])
    func documented(input: JSONValue, expected: Double, tolerance: Double) async throws {
        let output: CashFlowOutput = try await finance("cash-flow", input)
        #expect(isFigure(output.value, expected, tolerance), "\(String(describing: output.value))")
    }

    @Test("PV, PMT, NPER and RATE undo FV, at rates of all signs and near zero")
    func inverses() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for trial in 0..<100 {
            let rate =
                trial % 4 == 0
                ? Double.random(in: -1e-9...1e-9, using: &random)
                : Double.random(in: -0.05...0.2, using: &random)
            let periods = Int.random(in: 1...240, using: &random)
            let payment = -Double.random(in: 1...1000, using: &random)
            let present = -Double.random(in: 1...100_000, using: &random)
            let due = Bool.random(using: &random) ? PaymentTiming.begin : .end
            let future = TimeValue.futureValue(
                rate: rate, periods: Double(periods), payment: payment, present: present, due: due)
            let back = TimeValue.presentValue(
                rate: rate, periods: Double(periods), payment: payment, future: future, due: due)
            let paid = TimeValue.payment(
                rate: rate, periods: Double(periods), present: present, future: future, due: due)
            let count = TimeValue.periods(rate: rate, payment: payment, present: present, future: future, due: due)
            #expect(isFigure(back, present, 1e-6 * abs(present) + 1e-6 * abs(future)), "seed \(seed)")
            #expect(isFigure(paid, payment, 1e-6 * abs(payment) + 1e-9 * abs(present)), "seed \(seed)")
            if rate > -0.001 { #expect(isFigure(count, Double(periods), 1e-3), "seed \(seed) rate \(rate)") }
            let found = TimeValue.rate(
                periods: periods, payment: payment, present: present, future: future, due: due)
            #expect(found.roots.contains { abs($0 - rate) < 1e-6 }, "seed \(seed): \(found.roots) without \(rate)")
        }
    }

    @Test("an IRR with two roots has a value only if a guess chooses one")
    func guess() async throws {
        let values: JSONValue = [-1600, 10000, -10000]
        let open: CashFlowOutput = try await finance("cash-flow", ["function": "IRR", "values": values])
        #expect(open.value == nil && open.status == "multiple_roots" && open.roots?.count == 2)
        let chosen: CashFlowOutput = try await finance(
            "cash-flow", ["function": "IRR", "values": values, "guess": 3])
        #expect(isFigure(chosen.value, 4, 1e-9))
    }

    @Test(
        "a function says what it lacks or cannot do",
        arguments: [
            (["function": "PV", "rate": 0.1, "periods": 3], "/payment"),
            (["function": "PV", "payment": 1, "periods": 3], "/rate"),
            (["function": "PMT", "rate": -1, "periods": 3], "/rate"),
            (["function": "PMT", "rate": 0.1, "periods": 0], "/periods"),
            (["function": "RATE", "periods": 2.5, "payment": 1], "/periods"),
            (["function": "NPER", "rate": 0.1, "payment": -1, "present_value": 1000], "no finite value"),
            (["function": "IPMT", "rate": 0.1, "periods": 3, "period": 4, "present_value": 1], "/period"),
            (["function": "XNPV", "rate": 0.1, "values": [1, 2], "dates": ["2026-01-01"]], "/dates"),
            (
                ["function": "XIRR", "values": [-1, 2], "dates": ["2026-01-02", "2026-01-01"]], "/dates/1"
            ),
            (["function": "XIRR", "values": [-1, 2], "dates": ["2026-01-01", "2026-02-29"]], "/dates/1"),
            (["function": "MIRR", "values": [1, 2], "finance_rate": 0.1, "reinvest_rate": 0.1], "/values"),
            (["function": "FV", "rate": 10000, "periods": 100000, "payment": 1], "no finite value"),
            (
                ["function": "IRR", "values": .array((0..<600).map { $0 % 2 == 0 ? -1 : 1 })], "changes of sign"
            ),
        ] as [(JSONValue, String)])
    func refusals(input: JSONValue, expected: String) async throws {
        let message = try await financeRefusal("cash-flow", input)
        #expect(message.contains(expected), "\(message)")
    }

    @Test("a loan of 200,000 at 6.5 % over 360 months costs 1264.14 a month and settles to the cent")
    func loan() async throws {
        let loan: LoanOutput = try await finance(
            "loan",
            ["principal_minor": 20_000_000, "annual_rate": 0.065, "periods": 360, "first_payment": "2026-01-31"])
        #expect(isFigure(loan.exactPayment, 126_413.60, 5e-3))
        #expect(loan.paymentMinor == 126_414)
        // 255,088.98 with a payment that is not rounded: 0.4 cents more a month are worth 3 at the end.
        #expect(abs(loan.totalInterestMinor - 25_508_898) < 500)
        #expect(loan.rows.count == 360 && loan.rows.last?.balanceMinor == 0)
        #expect(loan.rows[1].date == "2026-02-28" && loan.rows[2].date == "2026-03-31")
        #expect(isFigure(loan.effectiveAnnualRate, 0.066972, 1e-6))
    }

    @Test("the principal of a schedule adds up to the principal, whatever the loan")
    func loanProperty() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let principal = Int.random(in: 100_000...1_000_000_000, using: &random)
            let periods = Int.random(in: 1...120, using: &random)
            let kind = ["annuity", "equal_principal", "bullet"].randomElement(using: &random) ?? "bullet"
            let rounding = ["half_away", "half_even", "up", "down"].randomElement(using: &random) ?? "up"
            let loan: LoanOutput = try await finance(
                "loan",
                [
                    "principal_minor": .integer(Int64(principal)), "periods": .integer(Int64(periods)),
                    "annual_rate": .double(Double(Int.random(in: 0...1500, using: &random)) / 10_000),
                    "kind": .string(kind), "rounding": .string(rounding),
                    "extra_payments": [
                        [
                            "period": .integer(Int64(Int.random(in: 1...periods, using: &random))),
                            "amount_minor": 5_000,
                        ]
                    ],
                ])
            #expect(
                loan.rows.reduce(0) { $0 + $1.principalMinor + $1.extraMinor } == principal, "seed \(seed) \(kind)")
            #expect(loan.rows.allSatisfy { $0.paymentMinor == $0.interestMinor + $0.principalMinor })
            #expect(loan.rows.last?.balanceMinor == 0 && loan.rows.allSatisfy { $0.balanceMinor >= 0 })
        }
    }

    @Test("half a cent is half a cent: the rate is the decimal that was written")
    func exactCents() async throws {
        // 10 % of 25 cents is 2.5 cents; 0.1 as a binary fraction is a little more.
        let away: LoanOutput = try await finance(
            "loan",
            ["principal_minor": 25, "annual_rate": 0.1, "periods": 1, "periods_per_year": 1, "kind": "bullet"])
        #expect(away.totalInterestMinor == 3)
        let even: LoanOutput = try await finance(
            "loan",
            [
                "principal_minor": 25, "annual_rate": 0.1, "periods": 1, "periods_per_year": 1, "kind": "bullet",
                "rounding": "half_even",
            ])
        #expect(even.totalInterestMinor == 2)
    }

    @Test(
        "a loan that cannot be is refused",
        arguments: [
            (["principal_minor": 0, "annual_rate": 0.1, "periods": 12], "/principal_minor"),
            (["principal_minor": 100, "annual_rate": 0.1, "periods": 0], "/periods"),
            (["principal_minor": 100, "annual_rate": -0.1, "periods": 12], "/annual_rate"),
            (["principal_minor": 100, "annual_rate": 0.1, "periods": 12, "balloon_minor": 100], "/balloon_minor"),
            (
                ["principal_minor": 1_000_000, "annual_rate": 0.12, "periods": 12, "payment_minor": 10_000],
                "/payment_minor"
            ),
            (
                ["principal_minor": 100_000, "annual_rate": 0.1, "periods": 12, "first_payment": "2026-02-30"],
                "/first_payment"
            ),
            (
                [
                    "principal_minor": 100_000, "annual_rate": 0.1, "periods": 12,
                    "extra_payments": [["period": 13, "amount_minor": 1]],
                ], "/extra_payments/0"
            ),
        ] as [(JSONValue, String)])
    func loanRefusals(input: JSONValue, expected: String) async throws {
        let message = try await financeRefusal("loan", input)
        #expect(message.contains(expected), "\(message)")
    }
}

@Suite("Finance: depreciation")
struct FinanceDepreciationTests {
    private func rows(_ input: JSONValue) async throws -> [DepreciationRow] {
        let output: DepreciationOutput = try await finance("depreciation", input)
        #expect(output.rows.reduce(0) { $0 + $1.depreciationMinor } == output.totalMinor)
        return output.rows
    }

    @Test("SLN and SYD give the values of the Microsoft documentation")
    func straight() async throws {
        let line = try await rows(
            ["method": "SLN", "cost_minor": 3_000_000, "salvage_minor": 750_000, "life": 10])
        #expect(line.allSatisfy { $0.depreciationMinor == 225_000 })
        let digits = try await rows(
            ["method": "SYD", "cost_minor": 3_000_000, "salvage_minor": 750_000, "life": 10])
        #expect(digits.first?.depreciationMinor == 409_091)
        #expect(isFigure(digits.last?.exactMinor, 40_909.09, 5e-3) && digits.last?.bookValueMinor == 750_000)
    }

    @Test("DB with seven months in the first year gives the values of the Microsoft documentation")
    func fixedDeclining() async throws {
        let rows = try await rows(
            [
                "method": "DB", "cost_minor": 100_000_000, "salvage_minor": 10_000_000, "life": 6,
                "months_in_first_year": 7,
            ])
        let expected = [186_083.33, 259_639.42, 176_814.44, 120_410.64, 81_999.64, 55_841.76, 15_845.10]
        #expect(rows.count == 7)
        for (row, value) in zip(rows, expected) { #expect(isFigure(row.exactMinor / 100, value, 5e-3)) }
    }

    @Test(
        "DDB gives the values of the Microsoft documentation",
        arguments: [(3650, 1, 2.0, 1.32), (120, 1, 2, 40), (10, 1, 2, 480), (10, 2, 1.5, 306), (10, 10, 2, 22.12)])
    func doubleDeclining(life: Int, period: Int, factor: Double, expected: Double) async throws {
        let rows = try await rows(
            [
                "method": "DDB", "cost_minor": 240_000, "salvage_minor": 30_000, "life": .integer(Int64(life)),
                "factor": .double(factor),
            ])
        #expect(isFigure(rows[period - 1].exactMinor / 100, expected, 5e-3))
    }

    @Test(
        "VDB gives the values of the Microsoft documentation",
        arguments: [
            (3650, 0.0, 1.0, 2.0, 1.32), (120, 0, 1, 2, 40), (10, 0, 1, 2, 480), (120, 6, 18, 2, 396.31),
            (120, 6, 18, 1.5, 311.81), (10, 0, 0.875, 1.5, 315),
        ])
    func variableDeclining(life: Int, start: Double, end: Double, factor: Double, expected: Double) async throws {
        let output: DepreciationOutput = try await finance(
            "depreciation",
            [
                "method": "VDB", "cost_minor": 240_000, "salvage_minor": 30_000, "life": .integer(Int64(life)),
                "start": .double(start), "end": .double(end), "factor": .double(factor),
            ])
        #expect(isFigure(output.betweenMinor.map { $0 / 100 }, expected, 5e-3))
        #expect(output.rows.last?.bookValueMinor == 30_000)
    }

    @Test(
        "an asset that cannot be is refused",
        arguments: [
            (["method": "SLN", "cost_minor": 1, "salvage_minor": 2, "life": 3], "/salvage_minor"),
            (["method": "SLN", "cost_minor": 2, "salvage_minor": 1, "life": 0], "/life"),
            (["method": "DDB", "cost_minor": 2, "salvage_minor": 1, "life": 3, "factor": 0], "/factor"),
            (["method": "VDB", "cost_minor": 2, "salvage_minor": 1, "life": 3, "start": 2, "end": 1], "/start"),
            (["method": "SLN", "cost_minor": 2, "salvage_minor": 1, "life": 3, "start": 0, "end": 1], "/start"),
        ] as [(JSONValue, String)])
    func refusals(input: JSONValue, expected: String) async throws {
        let message = try await financeRefusal("depreciation", input)
        #expect(message.contains(expected), "\(message)")
    }
}
