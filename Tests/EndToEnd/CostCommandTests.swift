import Foundation
import Kernel
import TestSupport
import Testing

/// A served host whose one provider has a price for one model; calls come as plain HTTP.
@Suite("Costs by command and over HTTP", .timeLimit(.minutes(5)))
struct CostCommandTests {
    private static let prices = "model,provider,input,output\nplain,scripted,1000000,2000000\n"
    private static let assumed =
        #"{"assume": {"input_per_million_usd": "10", "output_per_million_usd": "10"}}"#

    private let command: Command
    private let upstream: ScriptServer

    init() async throws {
        command = try Command()
        let clients = Built.checkout.appendingPathComponent("Tests/EndToEnd/Clients")
        upstream = try await ScriptServer.start(clients.appendingPathComponent("model_upstream.py"))
        let file = try command.scratch.write(Array(Self.prices.utf8), to: "prices.csv")
        #expect(try command("prices", "import", file).status == 0)
        let gateway = """
            {"providers": {"scripted": {
               "api": "openai-chat", "base_url": "http://127.0.0.1:\(upstream.port)/v1",
               "output_limit_field": "max_tokens"}},
             "default": "scripted/slow", "unknown_models": \(Self.assumed)}
            """
        try Data(gateway.utf8).write(to: URL(fileURLWithPath: command.store + "/gateway.json"))
    }

    private func curl(_ arguments: String...) throws -> String {
        let result = try command.run(["curl", "-sS"] + arguments, program: "/usr/bin/env")
        #expect(result.status == 0, "\(result.errors)")
        return result.output
    }

    /// Three words in, four out.
    private func call(_ address: String, _ model: String, _ department: String) throws {
        let body = #"""
            {"model": "scripted/\#(model)", "max_tokens": 4, "messages": [{"role": "user", "content": "a b c"}]}
            """#
        let answer = try curl(
            "-H", "content-type: application/json", "-H", "x-bureau-department: \(department)", "-d", body,
            "\(address)/v1/chat/completions")
        #expect(answer.contains("word0"), "\(answer)")
    }

    @Test("calls are reported by department and model, exported as valid FOCUS, and shown back")
    func whole() throws {
        let host = try command.start(["serve", "--secure-mode", "off", "--port", "0", "--json"])
        let line = try JSONParser.parse(Array(try host.line(with: "address").utf8))
        let address = try #require(line["address"]?.stringValue)
        for _ in 0..<2 { try call(address, "plain", "finance") }
        try call(address, "slow", "research")

        // 3 × 1 + 4 × 2 and 7 × 10 microdollars.
        let reported = try JSONParser.parse(Array(try curl("\(address)/costs?by=department,model").utf8))
        let rows = reported["rows"]?.arrayValue ?? []
        #expect(rows.compactMap { $0["department"]?.stringValue } == ["finance", "research"])
        #expect(rows.compactMap { $0["cost_nanodollars"]?.integerValue } == [22_000, 70_000])
        #expect(rows.compactMap { $0["assumed_nanodollars"]?.integerValue } == [0, 70_000])
        #expect(reported["total"]?["calls"] == 3 && reported["total"]?["input_tokens"] == 9)
        let text = try curl("-H", "accept: text/csv", "\(address)/costs?by=model&where=department=research")
        #expect(text.split(separator: "\r\n").last == "slow,1,3,0,0,4,0,0.00,0.00007,0.00007,0.00")
        for query in ["by=nothing", "by=model&zone=Mars", "from=soon", "where=x"] {
            #expect(try curl("\(address)/costs?\(query)").contains(#""status":400"#), "\(query)")
        }
        host.process.terminate()
        #expect(host.process.waitUntilExit(upTo: Command.limitSeconds))
        try checkCommands(costing: 92_000)
    }

    private func checkCommands(costing total: Int64) throws {
        let report = try command("costs", "report", "--by", "provider,prices,source", "--json").json()
        #expect(report["total"]?["cost_nanodollars"]?.integerValue == total)
        #expect(report["rows"]?.arrayValue?.compactMap { $0["prices"]?.stringValue } == ["assumed", "book"])
        let spent = try command("budget", "show", "organisation", "--json").json()["budgets"]?.arrayValue?.first
        #expect(spent?["spent_nanodollars"]?.integerValue == total)
        let table = try command("costs", "--by", "department")
        #expect(table.output.contains("$0.000092") && table.errors.contains("by assumed prices"))
        let month = try #require(try command("costs", "--by", "month", "--json").json()["rows"]?.arrayValue?.first)
        let name = try #require(month["month"]?.stringValue)
        let shown = try command("costs", "showback", "--month", name, "--json").json()
        #expect(
            shown["statements"]?.arrayValue?.compactMap { $0["department"]?.stringValue } == ["research", "finance"])
        #expect(shown["statements"]?.arrayValue?.first?["share_of_thousand"] == 760)
        let page = try command("costs", "showback", "--month", name, "--markdown").output
        #expect(page.contains("## default/research") && page.contains("| scripted/slow | 1 | $0.00007 |"))
        #expect(try command("costs", "showback", "--month", name).output.contains("76.0 %"))

        let focus = try command("costs", "export", "--format", "focus").output
        #expect(focus.split(separator: "\r\n").count == 4 && focus.contains(#""department"":""finance"#))
        let sound = try command.scratch.write(Array(focus.utf8), to: "focus.csv")
        let wrong = focus.replacingOccurrences(of: ",USD,", with: ",DOLLARS,")
        let wrongFile = try command.scratch.write(Array(wrong.utf8), to: "wrong.csv")
        let validator = Built.checkout.appendingPathComponent("Tests/Support/validate_focus.py").path
        let result = try command.run(
            [validator, sound, wrongFile],
            environment: ["HOME": ProcessInfo.processInfo.environment["HOME"] ?? "/root"],
            program: "/usr/bin/python3")
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.output.hasPrefix(wrongFile) && result.output.split(separator: "\n").count == 1, "\(result.output)")

        #expect(try command("models", "list").output.contains("$10.00?"))
        for arguments in [
            ["costs", "--by", "nothing"], ["costs", "--where", "x"], ["costs", "showback", "--month", "soon"],
            ["costs", "--from", "2026-02-30"], ["costs", "--csv", "--json"],
        ] { #expect(try command.run(arguments).status == 2, "\(arguments)") }
        #expect(try command("costs", "--zone", "Mars").status == 3)
        #expect(try command("ledger", "verify").status == 0)
        #expect(try command("audit", "verify").status == 0)
    }
}
