import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Budgets by command")
struct BudgetCommandTests {
    private let command: Command
    private let desk: String

    init() throws {
        command = try Command()
        desk = try CompiledPlugin.desk.get()
    }

    @Test("limits with periods are set, shown as a tree with bars, read back exactly, and taken away")
    func limits() throws {
        #expect(try command("budget", "set", "organisation", "1000usd").status == 0)
        let set = try command(
            "budget", "set", "desk", "--limit", "100usd", "--per", "month", "--zone", "Europe/Berlin", "--soft",
            "80,95", "--rollover", "unused:50usd", "--json")
        #expect(set.status == 0, "\(set.errors)")
        let period = try #require(try set.json()["periods"]?.arrayValue?.first)
        #expect(period["limit_nanodollars"] == 100_000_000_000)
        #expect(period["period"] == "month@Europe/Berlin" && period["rollover"] == "unused:50000000000")
        let shown = try command("budget", "show")
        #expect(shown.output.contains("per month@Europe/Berlin") && shown.output.contains("0 %"))
        #expect(try command("budget", "forecast", "desk", "--json").json()["forecasts"]?.arrayValue?.count == 1)
        #expect(try command("budget", "set", "desk", "none", "--per", "month", "--zone", "Europe/Berlin").status == 0)
        let left = try command("budget", "show", "desk", "--json").json()["budgets"]?.arrayValue?.first
        #expect(left?["periods"]?.arrayValue == [])
        for arguments in [
            ["budget", "set", "desk", "1.0000000001"], ["budget", "set", "desk", "1", "--per", "fortnight"],
            ["budget", "set", "desk", "1", "--soft", "95,80"], ["budget", "set", "desk"],
            ["budget", "set", "desk", "1", "--per", "month", "--anchor", "32"],
        ] { #expect(try command.run(arguments).status == 2, "\(arguments)") }
        let nowhere = try command("budget", "set", "desk", "1", "--per", "day", "--zone", "Europe/Atlantis")
        #expect(nowhere.status == 3 && nowhere.errors.contains("Europe/Atlantis"))
    }

    @Test("a stopped department begins nothing until it is resumed, and a run's caps end it with code 6")
    func stopAndCaps() throws {
        #expect(try command("budget", "stop", "desk", "--reason", "too dear").status == 0)
        let refused = try command("run", "desk/echo", "--input", #"{"text":"hello","count":1}"#, plugins: [desk])
        #expect(refused.status == 6 && refused.errors.contains("too dear"), "\(refused.errors)")
        #expect(try command("budget", "show").output.contains("STOPPED"))
        #expect(try command("budget", "resume", "desk").status == 0)
        #expect(try command("budget", "resume", "desk").status == 4)
        #expect(try command("budget", "caps", "desk", "--max-tokens", "5").status == 0)
        let capped = try command("run", "desk/model", plugins: [desk])
        #expect(capped.status == 6 && capped.errors.contains("--max-tokens"), "\(capped.errors)")
    }

    @Test("the ledger is listed and verified, and code 9 names the row that was altered")
    func ledger() throws {
        #expect(try command("budget", "set", "organisation", "10").status == 0)
        let entries = try command("ledger", "list", "--json").json()["entries"]?.arrayValue ?? []
        #expect(entries.first?["kind"] == "issue" && entries.first?["amount_nanodollars"] == 10_000_000_000)
        #expect(try command("ledger", "verify", "--json").json()["sound"] == true)
        let altered = try command.run(
            [
                "python3", "-c",
                "import sqlite3,sys; db = sqlite3.connect(sys.argv[1]); db.execute('UPDATE budget SET spent = 5');"
                    + "db.commit()", command.store + "/journal.sqlite",
            ], program: "/usr/bin/env")
        #expect(altered.status == 0, "\(altered.errors)")
        let verified = try command("ledger", "verify")
        #expect(verified.status == 9 && verified.output.contains("account organisation"))
        let missing = try command(
            "ledger", "adjust", "no/such/attempt", "--cost", "1", "--reason", "r", "--evidence", "e")
        #expect(missing.status == 4)
    }
}
