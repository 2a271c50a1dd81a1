import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Grants on the command line")
struct GrantTests {
    let command: Command
    let server: ScriptServer
    let fetcher: String

    init() async throws {
        command = try Command()
        server = try await ScriptServer.start(
            Built.checkout.appendingPathComponent("Tests/Support/fetch_server.py"), command.scratch.folder("seen"))
        fetcher = try CompiledPlugin.build("fetcher", "HOSTS=\"\\\"127.0.0.1:\(server.port)\\\"\"")
    }

    private var host: String { "127.0.0.1:\(server.port)" }
    private var input: String { #"{"url":"http://\#(host)/x"}"# }
    private var exceptions: [String] { ["--allow-private-host", host, "--allow-plain-http", host] }

    private func run(_ extra: [String]) throws -> Command.Result {
        try command.run(["run", "fetcher/fetch", "--json", "--input", input, "--plugins", fetcher] + extra)
    }

    @Test("naming a plugin for a run grants what it asks for, says so and records it; the fetch works end to end")
    func named() throws {
        let result = try run(exceptions)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try result.json()["run"]?["output"] == ["status": 200])
        #expect(result.errors.contains("granted fetcher") && result.errors.contains("may fetch from \(host)"))
        let grants = try command("departments", "grants", "fetcher", "--json").json()["grants"]?.arrayValue ?? []
        #expect(grants.map { $0["origin"] } == ["run"])
        let again = try run(exceptions)
        #expect(again.status == 0 && !again.errors.contains("granted fetcher"))
    }

    @Test("without the operator's exception a fetch inside fails, and tells the way")
    func inside() throws {
        let result = try run(["--allow-plain-http", host])
        #expect(result.status == 1)
        #expect(result.errors.contains("--allow-private-host \(host)"))
        #expect(!FileManager.default.fileExists(atPath: command.scratch.folder("seen")))
    }

    @Test("enabling shows what is asked, needs a yes, grants less on request, and can be taken back")
    func enable() throws {
        let asked = try command("departments", "enable", "fetcher", plugins: [fetcher])
        #expect(asked.status == 2)
        #expect(asked.errors.contains("may fetch from \(host)") && asked.errors.contains("64 KiB of state"))
        let waiting = try command("departments", "show", "fetcher", "--json", plugins: [fetcher]).json()
        #expect(waiting["state"] == "needs_grant" && waiting["grant"]?["state"] == "missing")

        let wider = try command(
            "departments", "enable", "fetcher", "--yes", "--only", "hosts=evil.example", plugins: [fetcher])
        #expect(wider.status == 2 && wider.errors.contains("does not ask for hosts evil.example"))
        let narrow = try command(
            "departments", "enable", "fetcher", "--yes", "--deny", "hosts", "--by", "ada", "--json", plugins: [fetcher])
        #expect(narrow.status == 0, "\(narrow.errors)")
        #expect(try narrow.json()["grant"]?["by"] == "ada")
        let denied = try run(exceptions)
        #expect(denied.status == 1)
        #expect(denied.errors.contains("did not grant") && denied.errors.contains("departments enable fetcher"))

        #expect(
            try command("departments", "enable", "fetcher", "--yes", "--limit", "state_bytes=1024", plugins: [fetcher])
                .status == 0)
        #expect(try run(exceptions).status == 0)
        let shown = try command("departments", "show", "fetcher", plugins: [fetcher])
        #expect(shown.output.contains("granted") && shown.output.contains("1 KiB of state"))
        #expect(try command("departments", "disable", "fetcher", "--revoke", plugins: [fetcher]).status == 0)
        #expect(try run(exceptions).status == 5)
        let history = try command("departments", "grants", "fetcher", "--json").json()["grants"]?.arrayValue ?? []
        #expect(history.map { $0["revoked"] } == [false, false, true])
        #expect(try command("audit", "verify").status == 0)
    }

    @Test("a server starts no work in a department without a grant, and takes a grant for exactly what it shows")
    func serve() throws {
        let started = try command.start(
            ["serve", "--secure-mode", "off", "--port", "0", "--json", "--drain-seconds", "1", "--plugins", fetcher]
                + exceptions)
        defer { started.process.terminate() }
        let line = try started.line(with: "address")
        let address = try JSONParser.parse(Array(line.utf8))["address"]?.stringValue ?? ""
        func call(_ path: String, _ body: String? = nil) throws -> JSONValue {
            let post = body.map { ["-X", "POST", "-H", "content-type: application/json", "-d", $0] } ?? []
            return try command.run(["-sS", address + path] + post, program: "/usr/bin/curl").json()
        }
        let execute = #"{"task":"fetch","parameters":\#(input)}"#
        #expect(try call("/agents/fetcher/execute", execute)["code"] == "needs_grant")
        let department = try #require(try call("/departments")["departments"]?.arrayValue?.first)
        #expect(department["state"] == "needs_grant")
        let stale = String(repeating: "0", count: 64)
        #expect(try call("/departments/fetcher/enable", #"{"wishes":"\#(stale)","by":"ada"}"#)["code"] == "conflict")
        let wishes = department["wishes"]?.stringValue ?? ""
        let granted = try call("/departments/fetcher/enable", #"{"wishes":"\#(wishes)","by":"ada"}"#)
        #expect(granted["origin"] == "enable" && granted["revoked"] == false)
        #expect(try call("/agents/fetcher/execute", execute)["job_id"] != nil)
        #expect(try call("/departments/fetcher/disable", #"{"revoke":true,"by":"ada"}"#)["revoked"] == true)
        #expect(try call("/agents/fetcher/execute", execute)["code"] == "disabled")
        #expect(try call("/departments/fetcher/grants")["grants"]?.arrayValue?.count == 2)
    }
}
