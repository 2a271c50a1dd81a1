import Foundation
import Kernel
import TestSupport
import Testing

/// `scripts/local-model` on a store of its own; the model that it started ends with its owner.
final class LocalModelScript {
    /// A machine that never had it compiles llama.cpp first.
    private static let installSeconds = 1_800.0
    private static let scripts = Built.checkout.appendingPathComponent("scripts")

    let command: Command
    var gateway: String { command.store + "/gateway.json" }

    init() throws {
        command = try Command()
        try FileManager.default.createDirectory(atPath: command.store, withIntermediateDirectories: true)
    }

    deinit { _ = try? self("stop") }

    func callAsFunction(_ arguments: String...) throws -> Command.Result {
        var environment: [String: String] = [:]
        for name in ["PATH", "HOME", "XDG_CACHE_HOME", "BUREAU_CACHE"] {
            environment[name] = ProcessInfo.processInfo.environment[name]
        }
        let script = Self.scripts.appendingPathComponent("local-model").path
        let started = try command.start(
            ["bash", script] + arguments, environment: environment, program: "/usr/bin/env")
        guard started.process.waitUntilExit(upTo: Self.installSeconds) else {
            started.process.terminate()
            throw Failure(.deadline, "scripts/local-model did not end: \(started.result.errors)")
        }
        return started.result
    }

    /// Its Python alone, in an environment that the test makes.
    func python(_ arguments: String..., environment: [String: String] = [:]) throws -> Command.Result {
        try command.run(
            arguments, environment: environment.merging(["PYTHONPATH": Self.scripts.path]) { $1 },
            program: "/usr/bin/python3")
    }

    func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: gateway)) }

    func read() throws -> JSONValue {
        try JSONParser.parse(Array(try Data(contentsOf: URL(fileURLWithPath: gateway))))
    }
}

@Suite("A real model by scripts/local-model")
struct LocalModelScriptTests {
    private static let operators = """
        {"providers": {"spare": {"api": "openai-chat", "base_url": "http://127.0.0.1:9/v1", "prices": "free"}},
         "classes": {"fast": "spare/tiny"}, "cache": {"mode": "off"}}
        """

    @Test("the main job writes its prose with it, and every figure is the one that was computed")
    func mainJob() throws {
        let model = try LocalModelScript()
        try model.write(Self.operators)
        let first = try model("--json")
        #expect(first.status == 0, "\(first.errors)")
        let second = try model("--json")
        #expect(try second.json() == first.json(), "what runs already is left as it is")
        var file = try model.read()
        #expect(file["providers"]?["local"]?["base_url"] == (try first.json()["base_url"]))
        #expect(file["default"] == "local/smollm2")
        file = Self.without(["default"], file)
        #expect(Self.without(["local"], file["providers"] ?? .null) == (try Self.parsed()["providers"]))
        #expect(Self.without(["providers"], file) == Self.without(["providers"], try Self.parsed()))

        let result = try model.command("run", "business/launch-case", "--input", MainJob.input, "--json")
        #expect(result.status == 0, "\(result.errors)")
        let report = try result.json()
        let output = try #require(report["run"]?["output"])
        #expect(output["prose_model"] == "local/smollm2")
        let offline = try #require(try MainJob.shared.get().report["run"]?["output"])
        #expect(Self.figures(output) == Self.figures(offline))
        try Self.checkReport(report, offline: MainJob.shared.get().report)
        try Self.checkCosts(report, model.command)

        let stopped = try model("stop")
        #expect(stopped.output.contains("was ended"))
        #expect(try model("status").status == 1)
        #expect(try model("stop").output.contains("did not run"))
    }

    private static func parsed() throws -> JSONValue { try JSONParser.parse(Array(operators.utf8)) }

    private static func without(_ names: Set<String>, _ value: JSONValue) -> JSONValue {
        .object((value.objectValue ?? [:]).filter { !names.contains($0.key) })
    }

    /// All but what names the run, its model and the files with its words.
    private static func figures(_ output: JSONValue) -> JSONValue {
        LaunchCase.withoutIdentity(without(["prose_model", "report"], output))
    }

    /// The same report but for its paragraphs, which say whose words they are.
    private static func checkReport(_ report: JSONValue, offline: JSONValue) throws {
        func lines(_ report: JSONValue) throws -> [Substring] {
            let artifact = report["artifacts"]?.arrayValue?.first { $0["name"] == "report.md" }
            let path = try #require(artifact?["path"]?.stringValue)
            let bytes = try #require(FileManager.default.contents(atPath: path))
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        }
        func isWords(_ line: Substring) -> Bool {
            line.hasPrefix("> ") || line == ">" || line.isEmpty || line.hasPrefix("Every figure is computed")
        }
        let (written, extracted) = (try lines(report), try lines(offline))
        // A model this small may invent a figure in every sentence: then none is shown, and the report says that.
        #expect(written.contains { $0.contains("local/smollm2") && ($0.contains("written") || $0.contains("wrote")) })
        #expect(!written.contains { $0.contains("offline/") })
        #expect(written.filter { !isWords($0) } == extracted.filter { !isWords($0) })
        #expect(written.filter(isWords) != extracted.filter(isWords))
    }

    /// What was used is recorded, and that it cost nothing; holds of nothing are in the ledger, and end.
    private static func checkCosts(_ report: JSONValue, _ command: Command) throws {
        let row = try #require(report["costs"]?.arrayValue?.first { $0["task"] == "business/launch-case" })
        #expect(row["model_calls"] == 3)
        #expect((row["input_tokens"]?.integerValue ?? 0) > 300)
        #expect((row["output_tokens"]?.integerValue ?? 0) > 30)
        #expect(row["cost_nanodollars"] == 0)
        let run = try #require(report["run"]?["id"]?.stringValue)
        let steps = try command("runs", "show", run, "--json").json()["steps"]?.arrayValue ?? []
        let prose = steps.filter { $0["name"]?.stringValue?.hasPrefix("prose-") == true }
        #expect(prose.count == 3)
        for step in prose {
            #expect((step["usage"]?["output_tokens"]?.integerValue ?? 0) > 0)
            #expect(step["usage"]?["cost_nanodollars"] == 0)
        }
        let verified = try command("ledger", "verify", "--json").json()
        #expect(verified["sound"] == true && verified["open_holds"] == 0, "\(verified)")
        #expect(try command("audit", "verify", "--json").json()["sound"] == true)
    }

    @Test("a gateway file that it does not understand, or a provider elsewhere, is left as it is")
    func files() throws {
        let model = try LocalModelScript()
        let code = """
            import pathlib, sys, local_model
            try: print(local_model.name_provider(pathlib.Path(sys.argv[1]), "http://127.0.0.1:1/v1", False))
            except local_model.Problem as problem: sys.exit(str(problem))
            """
        for (text, words) in [
            ("{\"providers\": {", "is not JSON"), (#"{"default": "a/b", "default": "c/d"}"#, "stands twice"),
            ("[]", "no gateway file"), (#"{"providers": []}"#, "no gateway file"),
            (#"{"providers": {"local": {"base_url": "https://example.org/v1"}}}"#, "not on this machine"),
        ] {
            try model.write(text)
            let result = try model.python("-c", code, model.gateway)
            #expect(result.status == 1 && result.errors.contains(words), "\(result.errors)")
            #expect(FileManager.default.contents(atPath: model.gateway) == Data(text.utf8))
        }
        // What the operator said of it, and the default, stay.
        try model.write(
            #"{"default": "offline/extractive-1", "providers": {"local": {"limits": {"concurrent_calls": 3}}}}"#)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: model.gateway)
        #expect(try model.python("-c", code, model.gateway).output == "offline/extractive-1\n")
        #expect(try model.read()["providers"]?["local"]?["limits"] == ["concurrent_calls": 3])
        let mode = try FileManager.default.attributesOfItem(atPath: model.gateway)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try model.command("models", "list").status == 0, "bureau takes what it wrote")
    }

    @Test("a machine that lacks something is told what, before anything is installed")
    func machine() throws {
        let model = try LocalModelScript()
        let cache = model.command.scratch.folder("cache")
        let bare = ["PATH": model.command.scratch.path, "BUREAU_CACHE": cache]
        let noCompiler = try model.python("-m", "local_model", environment: bare)
        #expect(noCompiler.status == 1 && noCompiler.errors.contains("no C++ compiler"), "\(noCompiler.errors)")
        #expect(!FileManager.default.fileExists(atPath: model.gateway))

        let code = """
            import local_model
            rich = "MemTotal: 9000000 kB\\nMemAvailable:  8000000 kB\\n"
            for limit, usage in (("", ""), ("max", "5"), ("1073741824", "1000000000")):
                print(local_model.available_memory(rich, limit, usage))
            local_model.require_memory(1 << 60, "the model")
            """
        let memory = try model.python("-c", code)
        #expect(memory.output.split(separator: "\n") == ["8192000000", "8192000000", "73741824"])
        #expect(memory.status == 1 && memory.errors.contains("the model needs 1099511627776 MiB of free memory"))
    }

    @Test("one that died is started again where it was; a port that another has is refused")
    func again() throws {
        let (model, other) = (try LocalModelScript(), try LocalModelScript())
        let first = try model("--json").json()
        kill(pid_t(try #require(first["pid"]?.integerValue)), SIGKILL)
        #expect(try model("status", "--json").json()["running"] == false)
        let second = try model("--json").json()
        #expect(second["base_url"] == first["base_url"] && second["pid"] != first["pid"])
        let port = try #require(second["base_url"]?.stringValue?.split(whereSeparator: { ":/".contains($0) })[2])
        let refused = try other("--port", String(port))
        #expect(refused.status == 1 && refused.errors.contains("cannot be had"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: other.gateway))
        #expect(try model("status").status == 0, "the other's is left alone")
    }

    @Test("arguments that are wrong are refused")
    func arguments() throws {
        let model = try LocalModelScript()
        #expect(try model("restart").status == 2)
        #expect(try model("--port", "0").status == 2)
        #expect(try model("status", "--json").json()["running"] == false)
    }
}
