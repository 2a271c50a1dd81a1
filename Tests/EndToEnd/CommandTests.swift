import Foundation
import Kernel
import TestSupport
import Testing

@Suite("The command line")
struct CommandTests {
    let command: Command
    let desk: String

    init() throws {
        command = try Command()
        desk = try CompiledPlugin.desk.get()
    }

    @Test("input comes inline, from a file with files in it, from standard input, or names a folder")
    func inputs() throws {
        let expected: JSONValue = ["text": "hello", "count": 3]
        func output(_ result: Command.Result) throws -> JSONValue? { try result.json()["run"]?["output"] }

        let inline = try command(
            "run", "desk/echo", "--json", "--input", #" {"text":"hello","count":3}"#, plugins: [desk])
        #expect(try output(inline) == expected)
        let piped = try command(
            "run", "desk/echo", "--json", "--input", "-", input: #"{"text":"hello","count":3}"#, plugins: [desk])
        #expect(try output(piped) == expected)

        try FileManager.default.createDirectory(
            atPath: command.scratch.folder("deep"), withIntermediateDirectories: true)
        try command.scratch.write(Array("hello".utf8), to: "deep/text.md")
        try command.scratch.write(Array(#"3"#.utf8), to: "deep/count.json")
        let document = #"{"text":{"$file":"text.md"},"count":{"$file":"count.json"}}"#
        try command.scratch.write(Array(document.utf8), to: "deep/in.json")
        let file = try command("run", "desk/echo", "--json", "--input", "deep/in.json", plugins: [desk])
        #expect(try output(file) == expected)

        let folder = try command("run", "desk/review", "--json", "--input", "deep", plugins: [desk])
        let path = try folder.json()["run"]?["input"]?["path"]?.stringValue
        #expect(path?.hasSuffix("/deep") == true && path?.hasPrefix("/") == true)
    }

    @Test("an artifact's name cannot leave its folder, and a plugin's text cannot move the cursor")
    func hostileText() throws {
        let result = try command(
            "run", "desk/echo", "--output-dir", "out", "--input", #"{"text":"hello","count":3}"#, plugins: [desk])
        #expect(result.status == 0)
        #expect(!result.errors.contains("\u{1B}"))
        let files = try FileManager.default.contentsOfDirectory(atPath: command.scratch.folder("out"))
        #expect(files.count == 1 && files.first?.contains("/") == false && files.first?.hasPrefix(".") == false)
        #expect(!FileManager.default.fileExists(atPath: command.scratch.folder("echo.json")))
    }

    @Test("a run that asks for review stops with code 10, and goes on once approved or rejected")
    func approvals() throws {
        let asked = try command("run", "desk/review", "--input", #"{"a":1}"#, "--json", plugins: [desk])
        #expect(asked.status == 10, "\(asked.errors)")
        #expect(asked.errors.contains("bureau approvals approve"))
        let open = try command("approvals", "--json").json()["approvals"]?.arrayValue ?? []
        let approval = try #require(open.first)
        let (run, number) = (approval["run"]?.stringValue ?? "", approval["sequence"]?.integerValue ?? -1)
        let wrong = try command("approvals", "approve", run, "99", plugins: [desk])
        #expect(wrong.status == 4)
        let approved = try command(
            "approvals", "approve", run, "\(number)", "--reason", "fine", "--by", "ada", "--json", plugins: [desk])
        #expect(approved.status == 0, "\(approved.errors)")
        #expect(try approved.json()["run"]?["output"] == ["a": 1])
        #expect(try command("approvals", "--json").json()["approvals"]?.arrayValue?.isEmpty == true)

        let second = try command("run", "desk/review", "--input", #"{"b":1}"#, "--json", plugins: [desk])
        #expect(second.status == 10)
        let next = try #require(try command("approvals", "--json").json()["approvals"]?.arrayValue?.first)
        let rejected = try command(
            "approvals", "reject", next["run"]?.stringValue ?? "", "\(next["sequence"]?.integerValue ?? -1)",
            "--reason", "no", plugins: [desk])
        #expect(rejected.status == 1, "\(rejected.errors)")
    }

    @Test("Ctrl-C cancels the run: code 7, and the journal says so")
    func interrupt() throws {
        let started = try command.start(["run", "desk/nap", "--plugins", desk])
        try waitForRun(in: "waiting")
        started.process.interrupt()
        #expect(started.process.waitUntilExit(upTo: Command.limitSeconds))
        #expect(started.result.status == 7, "\(started.result.errors)")
        let runs = try command("runs", "list", "--status", "cancelled", "--json").json()["runs"]?.arrayValue
        #expect(runs?.count == 1)
    }

    @Test("a store that another process holds is refused with code 8 and its process; looking still works")
    func storeInUse() throws {
        let started = try command.start(["run", "desk/nap", "--plugins", desk])
        defer { started.process.terminate() }
        try waitForRun(in: "waiting")
        let second = try command("run", "desk/fail", plugins: [desk])
        #expect(second.status == 8)
        #expect(second.errors.contains("\(started.process.processIdentifier)"))
        #expect(try command("runs", "list").status == 0)
        #expect(try command("audit", "verify").status == 0)
        #expect(try command("status", plugins: [desk]).status == 0)
    }

    @Test("a run killed with its host goes on at the next command, and retry goes on with a failed one")
    func killAndRetry() throws {
        let started = try command.start(["run", "desk/nap", "--plugins", desk])
        try waitForRun(in: "waiting")
        kill(started.process.processIdentifier, SIGKILL)
        #expect(started.process.waitUntilExit(upTo: Command.limitSeconds))
        let list = try command("runs", "list", "--json").json()["runs"]?.arrayValue ?? []
        let id = try #require(list.first?["id"]?.stringValue)
        #expect(try command("runs", "cancel", id, plugins: [desk]).status == 0)

        #expect(try command("run", "desk/fail", "--idempotency-key", "k", plugins: [desk]).status == 1)
        let failed = try command("runs", "list", "--status", "failed", "--json").json()["runs"]?.arrayValue ?? []
        let retried = try command("runs", "retry", failed.first?["id"]?.stringValue ?? "", "--json", plugins: [desk])
        #expect(retried.status == 1)
        #expect(try retried.json()["run"]?["attempt"]?.integerValue == 2)
    }

    @Test("a budget is set, shown, and stops what would pass it with code 6")
    func budgets() throws {
        #expect(try command("budget", "set", "desk", "0.000001").status == 0)
        let budgets = try command("budget", "show", "--json").json()["budgets"]?.arrayValue ?? []
        let desk = budgets.first { $0["node"]?.stringValue == "department:default/desk" }
        #expect(desk?["limit_nanodollars"] == 1_000)
        // Nothing listens there: the refusal comes before anything is sent.
        let result = try command(
            "run", "desk/model", "--model-server", "http://127.0.0.1:9/v1", "--model", "gpt-4o",
            plugins: [self.desk], environment: ["BUREAU_MODEL_KEY": "not-a-key"])
        #expect(result.status == 6, "\(result.errors)")
        #expect(!result.errors.contains("not-a-key"))
    }

    @Test("departments are turned off and on, agents are made, and both survive")
    func departmentsAndAgents() throws {
        #expect(try command("departments", "disable", "desk", plugins: [desk]).status == 0)
        let off = try command("run", "desk/fail", plugins: [desk])
        #expect(off.status == 5 && off.errors.contains("disabled"))
        #expect(try command("departments", "enable", "desk", "--yes", plugins: [desk]).status == 0)
        #expect(try command("agents", "create", "clerk", "--department", "desk", plugins: [desk]).status == 0)
        let agents = try command("agents", "--json", plugins: [desk]).json()["agents"]?.arrayValue ?? []
        #expect(agents.contains { $0["name"] == "clerk" })
        #expect(try command("run", "desk/fail", "--agent", "clerk", plugins: [desk]).status == 1)
        #expect(try command("run", "desk/fail", "--agent", "nobody", plugins: [desk]).status == 4)
    }

    @Test("on a terminal progress is redrawn in colour; NO_COLOR takes the colour and keeps the redrawing")
    func terminal() throws {
        let script = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
        func onTerminal(_ environment: [String: String]) throws -> Command.Result {
            try command.run(
                [
                    "python3", "-c", script, Built.binary("bureau").path, "run", "desk/echo", "--plugins", desk,
                    "--input", #"{"text":"hello","count":3}"#,
                ], environment: environment.merging(["TERM": "xterm-256color"]) { $1 }, program: "/usr/bin/env")
        }
        let coloured = try onTerminal([:])
        #expect(coloured.status == 0, "\(coloured.output)")
        #expect(coloured.output.contains("\u{1B}[2K") && coloured.output.contains("\u{1B}[32m"))
        #expect(coloured.output.contains("desk/echo"))
        let plain = try onTerminal(["NO_COLOR": "1"])
        #expect(plain.output.contains("\u{1B}[2K") && !plain.output.contains("\u{1B}[32m"))
    }

    @Test("reviews a real Git checkout that --input names as a folder, and leaves a report")
    func repositoryReview() throws {
        let script = """
            git init -q repo && cd repo && git config user.email a@example.org && git config user.name A \
            && printf 'func a() {}\\n' > a.swift && git add . && git commit -qm one \
            && printf 'func a() { if true {} }\\n' > a.swift && git commit -qam two
            """
        #expect(try command.run(["sh", "-c", script], program: "/usr/bin/env").status == 0)
        let result = try command("run", "engineering/repository-review", "--input", "repo", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let names = try result.json()["artifacts"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
        #expect(Set(names).isSuperset(of: ["review.md", "review.html"]))
    }

    @Test("finds tools in the machine's own Debian metadata, with quoted evidence")
    func toolDiscovery() throws {
        let result = try command(
            "run", "research/tool-discovery", "--json", "--input",
            #"{"task":"compress files","max_results":5}"#)
        #expect(result.status == 0, "\(result.errors)")
        let tools = try result.json()["run"]?["output"]?["tools"]?.arrayValue ?? []
        #expect((1...5).contains(tools.count))
    }

    @Test("shells get completion", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) throws {
        let script = try command("--generate-completion-script", shell)
        #expect(script.status == 0)
        #expect(script.output.contains("bureau") && script.output.contains("departments"))
    }

    @Test("the README's table of exit codes is that of the code")
    func exitCodes() throws {
        func numbers(_ path: String, _ pattern: Regex<(Substring, Substring)>) throws -> Set<String> {
            let text = try String(contentsOf: Built.checkout.appendingPathComponent(path), encoding: .utf8)
            return Set(text.matches(of: pattern).map { String($0.1) })
        }
        let documented = try numbers("README.md", /(?m)^\| (\d+) \|/)
        let declared = try numbers("Host/Bureau/ExitCode.swift", /case [`\w]+ = (\d+)/)
        #expect(!declared.isEmpty && documented == declared)
    }

    /// Waits until the store has a run in a state; the signal is the journal itself.
    private func waitForRun(in state: String) throws {
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while Date() < end {
            let result = try command("runs", "list", "--status", state, "--json")
            if result.status == 0, try result.json()["runs"]?.arrayValue?.isEmpty == false { return }
        }
        throw Failure(.deadline, "no run became \(state)")
    }
}
