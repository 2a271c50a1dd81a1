import Finance
import PluginKit
import PluginTesting
import Testing
import TestSupport

private func calendarDay(_ month: Int, _ day: Int) -> String {
    "2026-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
}

private let camtFile = """
    <?xml version="1.0" encoding="UTF-8"?>
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
     <BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>
      <Stmt><Id>S1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
       <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
       <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">520.5</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
       <Ntry><Amt Ccy="EUR">500.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
        <BookgDt><Dt>2026-10-02</Dt></BookgDt><AcctSvcrRef>R1</AcctSvcrRef>
        <NtryDtls><TxDtls><RltdPties><Cdtr><Pty><Nm>M&#252;ller &amp; Sohn</Nm></Pty></Cdtr></RltdPties>
         <RmtInf><Ustrd>rent</Ustrd><Ustrd>October</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
       <Ntry><Amt Ccy="EUR">20.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
        <BookgDt><DtTm>2026-10-05T10:00:00+02:00</DtTm></BookgDt><AddtlNtryInf>refund</AddtlNtryInf></Ntry>
       <Ntry><Amt Ccy="EUR">9.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts></Ntry>
      </Stmt></BkToCstmrStmt></Document>
    """

private let ofxFile = """
    OFXHEADER:100
    DATA:OFXSGML
    VERSION:102

    <OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS></SONRS></SIGNONMSGSRSV1>
    <BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>1<ACCTID>42<ACCTTYPE>CHECKING
    </BANKACCTFROM><BANKTRANLIST><DTSTART>20261001<DTEND>20261031
    <STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261003120000[-5:EST]<TRNAMT>-12.34<FITID>A1<NAME>AT&T &amp; Co<MEMO></STMTTRN>
    <STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261004<TRNAMT>1000<FITID>A2<NAME>Pay</NAME></STMTTRN>
    <STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261004<TRNAMT>1000.00<FITID>A2<NAME>Pay</STMTTRN>
    </BANKTRANLIST><LEDGERBAL><BALAMT>2000.00<DTASOF>20261031</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
    """

@Suite("Finance: budgets and bills")
struct FinanceBooksTests {
    private func line(_ name: String, _ kind: String, _ figures: [Int]) -> JSONValue {
        [
            "name": .string(name), "kind": .string(kind), "budget_quantity": .integer(Int64(figures[0])),
            "budget_price_minor": .integer(Int64(figures[1])), "actual_quantity": .integer(Int64(figures[2])),
            "actual_price_minor": .integer(Int64(figures[3])),
        ]
    }

    @Test("price, mix and quantity of two products by hand")
    func variances() async throws {
        let output: BudgetOutput = try await finance(
            "budget-variance",
            [
                "currency": "EUR",
                "lines": [
                    line("plain", "income", [600, 100, 550, 110]), line("fine", "income", [400, 200, 550, 190]),
                    line("rent", "expense", [1, 5_000, 1, 5_500]),
                ],
            ])
        let plain = output.lines[0], fine = output.lines[1]
        #expect([plain.priceMinor, fine.priceMinor] == [5_500, -5_500])
        // 1100 instead of 1000 units: at the planned shares 660 and 440.
        #expect([plain.quantityMinor, fine.quantityMinor] == [6_000, 8_000])
        #expect([plain.mixMinor, fine.mixMinor] == [-11_000, 22_000])
        #expect(output.income.varianceMinor == 25_000 && output.expense.varianceMinor == -500)
        #expect(output.resultVarianceMinor == 24_500)
        #expect(output.actualResultMinor - output.budgetResultMinor == 24_500)
        #expect(output.lines[2].flagged && isFigure(output.lines[2].share, -0.1, 1e-12))
    }

    @Test("the causes add up to the cent, and mix alone leaves the whole quantity as it is")
    func variancesAddUp() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let lines = (0..<Int.random(in: 1...9, using: &random)).map { index in
                line(
                    "l\(index)", Bool.random(using: &random) ? "income" : "expense",
                    (0..<4).map { _ in Int.random(in: 0...100_000, using: &random) })
            }
            let output: BudgetOutput = try await finance(
                "budget-variance", ["currency": "EUR", "lines": .array(lines)])
            for row in output.lines + [output.income, output.expense] {
                #expect(row.varianceMinor == row.priceMinor + row.mixMinor + row.quantityMinor, "seed \(seed)")
                #expect(row.volumeMinor == row.mixMinor + row.quantityMinor, "seed \(seed)")
            }
            #expect(
                output.resultVarianceMinor == output.actualResultMinor - output.budgetResultMinor, "seed \(seed)")
        }
    }

    @Test(
        "a budget that cannot be is refused",
        arguments: [
            ([], "/lines"), ([("a", [1, 1, 1, 1]), ("a", [1, 1, 1, 1])], "/lines/1/name"),
            ([("a", [-1, 1, 1, 1])], "/lines/0"),
            ([("a", [1_000_000_000_000, 1_000_000_000_000, 1, 1])], "2^53"),
        ] as [([(String, [Int])], String)])
    func budgetRefusals(lines: [(String, [Int])], expected: String) async throws {
        let message = try await financeRefusal(
            "budget-variance",
            ["currency": "EUR", "lines": .array(lines.map { line($0.0, "income", $0.1) })])
        #expect(message.contains(expected), "\(message)")
    }

    @Test("the 31st comes back after February; weekends move; the lowest day is found")
    func bills() async throws {
        let output: BillsOutput = try await finance(
            "bills",
            [
                "start": "2026-01-01", "end": "2026-04-30", "opening_minor": 50_000, "rule": "modified_following",
                "holidays": ["2026-03-30"],
                "bills": [
                    ["name": "rent", "amount_minor": 90_000, "first_due": "2025-08-31", "every": "monthly"],
                    ["name": "pay", "amount_minor": -120_000, "first_due": "2025-12-30", "every": "monthly"],
                    ["name": "tax", "amount_minor": 300, "first_due": "2026-02-10", "every": "quarterly"],
                ],
            ])
        // 31 January and 28 February are Saturdays: back within the month.
        #expect(
            output.dues.filter { $0.name == "rent" }.map(\.date) == [
                "2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30",
            ])
        #expect(output.dues.filter { $0.name == "rent" }.map(\.unadjustedDate).contains("2026-02-28"))
        // On the same day the income comes first. 30 March is a holiday.
        #expect(output.dues.map(\.name) == ["pay", "rent", "tax", "pay", "rent", "pay", "rent", "pay", "rent"])
        #expect(output.closingMinor == 50_000 + 4 * 30_000 - 300)
        #expect(output.lowestMinor == 50_000 && output.firstShortfall == nil)
        #expect(output.months.map(\.paidMinor) == [90_000, 90_300, 90_000, 90_000])
    }

    @Test(
        "bills that cannot be are refused",
        arguments: [
            (["start": "2026-01-02", "end": "2026-01-01"], "monthly", "2026-01-01", "/end"),
            (["start": "2026-01-01", "end": "2046-01-01"], "monthly", "2026-01-01", "/end"),
            (["start": "2026-01-01", "end": "2026-02-01"], "monthly", "2026-01-32", "/bills/0/first_due"),
            (
                [
                    "start": "2026-01-01", "end": "2026-12-31", "rule": "following",
                    "holidays": .array(
                        (1...12).flatMap { m in (1...28).map { .string(calendarDay(m, $0)) } } + [
                            "2026-01-29", "2026-01-30", "2026-01-31", "2026-03-29", "2026-03-30", "2026-03-31",
                        ]),
                ], "weekly", "2026-01-01", "business day"
            ),
        ] as [([String: JSONValue], String, String, String)])
    func billRefusals(rest: [String: JSONValue], every: String, first: String, expected: String) async throws {
        var input = rest
        input["bills"] = [
            ["name": "a", "amount_minor": 1, "first_due": .string(first), "every": .string(every)]
        ]
        let message = try await financeRefusal("bills", .object(input))
        #expect(message.contains(expected), "\(message)")
    }
}

@Suite("Finance: bank statements and the monthly close")
struct FinanceStatementTests {
    private func read(_ format: String, _ text: String, _ rest: [String: JSONValue] = [:]) async throws -> BankStatement
    {
        var input: [String: JSONValue] = ["format": .string(format), "text": .string(text)]
        input.merge(rest) { $1 }
        let output: StatementOutput = try await finance("import-statement", .object(input))
        return try #require(output.statements.first)
    }

    @Test("CAMT.053: booked entries with parties and purpose; the balances add up")
    func camt() async throws {
        let statement = try await read("camt.053", camtFile)
        #expect(statement.account == "DE89370400440532013000" && statement.currency == "EUR")
        #expect(statement.transactions.map(\.amountMinor) == [-50_000, 2_050] && statement.pending == 1)
        #expect(statement.transactions[0].counterparty == "Müller & Sohn")
        #expect(statement.transactions[0].description == "rent October" && statement.transactions[0].line == 7)
        #expect(statement.transactions[1].date == "2026-10-05" && statement.transactions[1].description == "refund")
        #expect(statement.differenceMinor == 0)
    }

    @Test("OFX 1 without closing tags, a repetition left out; the same as OFX 2 in XML")
    func ofx() async throws {
        let statement = try await read("ofx", ofxFile)
        #expect(statement.transactions.map(\.amountMinor) == [-1_234, 100_000] && statement.duplicates == 1)
        #expect(statement.transactions[0].counterparty == "AT&T & Co" && statement.transactions[0].date == "2026-10-03")
        #expect(statement.account == "42" && statement.closingMinor == 200_000 && statement.openingMinor == nil)
        let xml = """
            <?xml version="1.0"?><?OFX OFXHEADER="200" VERSION="211"?><OFX><CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS>
            <CURDEF>JPY</CURDEF><CCACCTFROM><ACCTID>7</ACCTID></CCACCTFROM><BANKTRANLIST><STMTTRN>
            <DTPOSTED>20261003</DTPOSTED><TRNAMT>-1234</TRNAMT><FITID>A1</FITID></STMTTRN></BANKTRANLIST>
            </CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>
            """
        #expect(try await read("ofx", xml).transactions.map(\.amountMinor) == [-1_234])
    }

    @Test("CSV with quotes, decimal comma and groups; debit and credit columns")
    func csv() async throws {
        let german = "\u{FEFF}Datum;Betrag;Text\r\n02.10.2026;-1.234,5;\"a \"\"b\"\"; c\nd\"\r\n3.10.2026;+7;\r\n"
        let statement = try await read(
            "csv", german,
            [
                "currency": "EUR",
                "columns": [
                    "date": "Datum", "amount": "Betrag", "description": "Text", "delimiter": ";",
                    "dates": "DD.MM.YYYY", "decimal": "comma",
                ],
            ])
        #expect(statement.transactions.map(\.amountMinor) == [-123_450, 700])
        #expect(statement.transactions[0].description == "a \"b\"; c\nd" && statement.transactions[1].line == 4)
        let split = try await read(
            "csv", "d,out,in\n2026-10-02,5.00,\n2026-10-03,,6.00",
            ["currency": "EUR", "columns": ["date": "d", "debit": "out", "credit": "in"]])
        #expect(split.transactions.map(\.amountMinor) == [-500, 600])
    }

    @Test("whatever is written as CSV is read back")
    func csvProperty() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let alphabet = Array("ab\",;\n'é 1.|")
        for _ in 0..<30 {
            let texts = (0..<20).map { _ in
                String(
                    (0..<Int.random(in: 0...12, using: &random)).map { _ in
                        alphabet.randomElement(using: &random) ?? "a"
                    })
            }
            let amounts = texts.map { _ in Int.random(in: -10_000_000...10_000_000, using: &random) }
            var file = "day,sum,text\n"
            for (text, amount) in zip(texts, amounts) {
                let cents = abs(amount) % 100
                file += "2026-10-01,\(amount < 0 ? "-" : "")\(abs(amount) / 100).\(cents < 10 ? "0" : "")\(cents),"
                file += "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\"\n"
            }
            let statement = try await read(
                "csv", file,
                ["currency": "EUR", "columns": ["date": "day", "amount": "sum", "description": "text"]])
            #expect(statement.transactions.map(\.amountMinor) == amounts, "seed \(seed)")
            #expect(statement.transactions.map(\.description) == texts, "seed \(seed)")
        }
    }

    @Test(
        "a CSV that breaks a rule is refused with its line",
        arguments: [
            ("", "empty"), ("d,a\n2026-10-01,1.00,x\n", "line 2: 3 fields"), ("d,a\n2026-02-30,1.00\n", "line 2"),
            ("d,a\n2026-10-01,1.005\n", "line 2"), ("d,a\n2026-10-01,1e3\n", "line 2"),
            ("d,a\n2026-10-01,NaN\n", "line 2"), ("d,a\n2026-10-01,99999999999999999999\n", "line 2"),
            ("d,a\n2026-10-01,\"1,23\"\n", "line 2"), ("d,a\n2026-10-01,\"1.00\n", "line 2: a quoted field"),
            ("d,a\n2026-10-01,\"1\"2\n", "line 2: text after"), ("d,b\n2026-10-01,1\n", "column a occurs 0 times"),
            ("d,a,a\n2026-10-01,1,1\n", "column a occurs 2 times"), ("d,a\n2026-10-01,9007199254740991\n", "line 2"),
            ("d,a\n01.10.2026,1\n", "line 2"), ("d,a\n2026-10-01,\n", "line 2"), ("d,a\n2026-10-01,--1\n", "line 2"),
        ])
    func csvRefusals(text: String, expected: String) async throws {
        let message = try await financeRefusal(
            "import-statement",
            [
                "format": "csv", "text": .string(text), "currency": "EUR",
                "columns": ["date": "d", "amount": "a"],
            ])
        #expect(message.contains(expected), "\(message)")
    }

    @Test(
        "a statement that breaks a rule is refused with its line",
        arguments: [
            ("camt.053", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", "document type"),
            ("camt.053", "<a>&x;</a>", "entity &x;"), ("camt.053", "<a/>", "root must be Document"),
            ("camt.053", "<a><b></a></b>", "</a> where </b>"), ("camt.053", "<a>", "not closed"),
            ("camt.053", "<a b='1' b='2'/>", "twice"), ("camt.053", "", "not XML"),
            ("camt.053", "<a/><b/>", "after the end"), ("camt.053", "date,amount", "outside the root"),
            ("camt.053", String(repeating: "<a>", count: 100_000), "64 elements deep"),
            ("ofx", "", "OFXHEADER"), ("ofx", "OFXHEADER:100\n<OFX>", "not closed"),
            ("ofx", "OFXHEADER:100\n<OFX></STMTRS></OFX>", "closes nothing"),
            ("ofx", "OFXHEADER:100\n<OFX></OFX>", "no STMTRS"),
            ("ofx", ofxFile.replacing("-12.34", with: "-12.345"), "TRNAMT"),
            ("ofx", ofxFile.replacing("20261004", with: "20261304"), "DTPOSTED"),
            ("ofx", ofxFile.replacing("1000.00", with: "1000.01"), "the reference A2"),
            ("camt.053", camtFile.replacing("DE89", with: "DE88"), "line 4: IBAN"),
            ("camt.053", camtFile.replacing("500.00", with: "500.001"), "line 7: Amt"),
            ("camt.053", camtFile.replacing("500.00", with: "-500.00"), "line 7: Amt"),
            (
                "camt.053", camtFile.replacing("<Amt Ccy=\"EUR\">20.50", with: "<Amt Ccy=\"USD\">20.50"),
                "not in EUR"
            ),
            ("camt.053", camtFile.replacing("DBIT", with: "DEBT"), "CdtDbtInd is DEBT"),
            ("camt.053", camtFile.replacing("2026-10-02", with: "2026-10-32"), "BookgDt"),
            (
                "camt.053", camtFile.replacing("camt.053.001.08", with: "camt.054.001.08"),
                "root must be Document"
            ),
        ])
    func statementRefusals(format: String, text: String, expected: String) async throws {
        let message = try await financeRefusal("import-statement", ["format": .string(format), "text": .string(text)])
        #expect(message.contains(expected), "\(message)")
    }

    @Test("a hundred thousand rows are read, and add up")
    func manyRows() async throws {
        var file = "d,a\n"
        for row in 0..<100_000 { file += "2026-10-01,\(row).01\n" }
        let statement = try await read(
            "csv", file, ["currency": "EUR", "columns": ["date": "d", "amount": "a"]])
        #expect(statement.transactions.count == 100_000)
        #expect(statement.sumMinor == 100 * (99_999 * 100_000 / 2) + 100_000)
    }

    private func close(_ ledger: [JSONValue], text: String = camtFile) -> JSONValue {
        [
            "month": "2026-10", "statement": ["format": "camt.053", "text": .string(text)], "ledger": .array(ledger),
            "budget": [
                ["category": "rent", "amount_minor": -48_000], ["category": "travel", "amount_minor": -1_000],
            ],
            "bills": [["name": "rent", "amount_minor": 50_000, "first_due": "2026-01-01", "every": "monthly"]],
        ]
    }

    @Test("a month closes: by reference, by amount and day; budgets and bills; a report")
    func monthlyClose() async throws {
        let harness = try TaskHarness(Finance.self)
        let ledger: [JSONValue] = [
            ["id": "1", "date": "2026-10-20", "amount_minor": -50_000, "category": "rent", "reference": "R1"],
            ["id": "2", "date": "2026-10-06", "amount_minor": 2_050, "category": "re|fund"],
        ]
        let input = close(ledger, text: camtFile.replacing("<Sts>PDNG</Sts>", with: "<Sts>INFO</Sts>"))
        let output: CloseOutput = try await harness.run("monthly-close", input: input)
        #expect(output.matches.map(\.rule) == ["reference", "amount and date"] && output.differenceMinor == 0)
        #expect(output.findings == ["1 entries of the statement are not booked yet"] && !output.clean)
        #expect(output.categories.map(\.category) == ["rent", "re|fund", "travel"])
        #expect(output.categories.map(\.varianceMinor) == [-2_000, nil, 1_000])
        #expect(output.bills.map(\.line) == [7])
        let report = try #require(harness.artifacts["close-2026-10.md"])
        #expect(String(decoding: report, as: UTF8.self).contains("re\\|fund"))
        let again: CloseOutput = try await harness.replay()
        #expect(again.findings == output.findings && harness.performedEffects == 0)
    }

    @Test("the open items explain the difference between bank and books")
    func openItems() async throws {
        let output: CloseOutput = try await finance(
            "monthly-close",
            close([
                ["id": "1", "date": "2026-10-02", "amount_minor": -50_000, "category": "rent"],
                ["id": "2", "date": "2026-10-20", "amount_minor": 2_050, "category": "refund"],
            ]))
        #expect(output.unmatchedBank.map(\.amountMinor) == [2_050] && output.unmatchedLedger.map(\.id) == ["2"])
        let bank = output.unmatchedBank.reduce(0) { $0 + $1.amountMinor }
        let books = output.unmatchedLedger.reduce(0) { $0 + $1.amountMinor }
        #expect(bank - books == output.differenceMinor)
        let wrong: CloseOutput = try await finance(
            "monthly-close", close([], text: camtFile.replacing("520.5", with: "520.6")))
        #expect(wrong.statementDifferenceMinor == 10)
        #expect(wrong.findings.contains { $0.contains("does not add up") })
    }

    @Test(
        "a close that cannot be is refused",
        arguments: [
            ([["id": "1", "date": "2026-11-02", "amount_minor": 1, "category": "a"]], "/ledger/0/date"),
            (
                [
                    ["id": "1", "date": "2026-10-02", "amount_minor": 1, "category": "a"],
                    ["id": "1", "date": "2026-10-02", "amount_minor": 1, "category": "a"],
                ], "/ledger/1/id"
            ),
        ] as [([JSONValue], String)])
    func closeRefusals(ledger: [JSONValue], expected: String) async throws {
        let message = try await financeRefusal("monthly-close", close(ledger))
        #expect(message.contains(expected), "\(message)")
    }
}
