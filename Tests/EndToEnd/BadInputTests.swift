import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Bad input ends with one clear error and the code from the table")
struct BadInputTests {
    let command: Command
    let desk: String

    init() throws {
        command = try Command()
        desk = try CompiledPlugin.desk.get()
    }

    /// One line that names `part`, the code, and a store that was not made or has no run.
    private func refused(
        _ result: Command.Result, _ status: Int32, naming part: String, line: Int = 1,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(result.status == status, "\(result.errors)", sourceLocation: location)
        #expect(result.output.isEmpty, sourceLocation: location)
        let first = String(result.errorLines.first ?? "")
        #expect(first.hasPrefix("bureau: ") && first.contains(part), "\(first)", sourceLocation: location)
        guard FileManager.default.fileExists(atPath: command.store) else { return }
        let runs = try command("runs", "list", "--all", "--json").json()["runs"]?.arrayValue
        #expect(runs?.isEmpty == true, "nothing was changed", sourceLocation: location)
    }

    @Test("an unknown department, and an unknown task")
    func unknown() throws {
        try refused(try command("run", "nobody/echo", plugins: [desk]), 4, naming: "nobody")
        try refused(try command("run", "desk/nothing", plugins: [desk]), 4, naming: "nothing")
        try refused(try command("departments", "show", "nobody", plugins: [desk]), 4, naming: "nobody")
        try refused(try command("tasks", "desk/nothing", plugins: [desk]), 4, naming: "nothing")
    }

    @Test("an input that breaks its schema: all errors at once, with JSON pointers")
    func schema() throws {
        let result = try command(
            "run", "desk/echo", "--input", #"{"text":"x","count":0,"more":1}"#, plugins: [desk])
        try refused(result, 3, naming: "desk/echo")
        #expect(result.errorLines.contains { $0.hasPrefix("bureau: /text: ") })
        #expect(result.errorLines.contains { $0.hasPrefix("bureau: /count: ") })
        #expect(result.errorLines.contains { $0.contains("more") })
        let missing = try command("run", "desk/echo", plugins: [desk])
        try refused(missing, 3, naming: "desk/echo")
        #expect(missing.errors.contains("text") && missing.errors.contains("count"))
    }

    @Test("a file that is missing, unreadable, no JSON, or no input at all")
    func files() throws {
        try refused(try command("run", "desk/echo", "--input", "none.json", plugins: [desk]), 3, naming: "none.json")
        try refused(try command("run", "desk/echo", "--input", "none", plugins: [desk]), 3, naming: "none")
        try command.scratch.write(Array("{\"a\":1,}".utf8), to: "broken.json")
        try refused(
            try command("run", "desk/echo", "--input", "broken.json", plugins: [desk]), 3, naming: "line 1, column 8")
        try refused(try command("run", "desk/echo", "--input", "-", input: "{", plugins: [desk]), 3, naming: "standard")
        try command.scratch.write([], to: "text.txt")
        try refused(try command("run", "desk/echo", "--input", "text.txt", plugins: [desk]), 3, naming: "text.txt")
    }

    @Test("a $file that is missing: each named by its pointer")
    func includedFiles() throws {
        try command.scratch.write(Array(#"{"text":{"$file":"a.md"},"list":[{"$file":"b.json"}]}"#.utf8), to: "in.json")
        let result = try command("run", "desk/echo", "--input", "in.json", plugins: [desk])
        try refused(result, 3, naming: "/list/0: b.json")
        #expect(result.errorLines.contains { $0.hasPrefix("bureau: /text: a.md") })
    }

    @Test("wrong arguments")
    func arguments() throws {
        try refused(try command("run"), 2, naming: "task")
        try refused(try command("run", "desk"), 2, naming: "desk")
        try refused(try command("run", "desk/echo", "--budget", "much"), 2, naming: "much")
        try refused(try command("run", "desk/echo", "--priority", "9"), 2, naming: "priority")
        try refused(try command("nonsense"), 2, naming: "nonsense")
        try refused(try command("runs", "show", "17"), 2, naming: "17")
        try refused(try command("budget", "set", "planet:earth", "1"), 2, naming: "planet:earth")
    }

    @Test("a store that is not there, and things that are not in it")
    func missing() throws {
        try refused(try command("runs", "list"), 8, naming: "no store")
        try refused(try command("audit", "verify"), 8, naming: "no store")
        #expect(try command("budget", "set", "organisation", "10").status == 0)
        let id = "01900000-0000-7000-8000-000000000000"
        try refused(try command("runs", "show", id), 4, naming: id)
        try refused(try command("runs", "cancel", id, plugins: [desk]), 4, naming: id)
        try refused(try command("artifacts", "get", id, "report.md"), 4, naming: id)
    }

    @Test("a plugin file that is no ELF, cut short, of another machine, or missing")
    func notAPlugin() throws {
        let text = try command.scratch.write(Array("hello".utf8), to: "text.so")
        try refused(try command("run", "desk/echo", plugins: [text]), 5, naming: "text.so")
        var image = Array(try Data(contentsOf: URL(fileURLWithPath: desk)))
        let short = try command.scratch.write(Array(image[..<200]), to: "short.so")
        try refused(try command("run", "desk/echo", plugins: [short]), 5, naming: "short.so")
        // e_machine of the ELF header: 0xF3 is RISC-V.
        image[18] = 0xF3
        image[19] = 0
        let foreign = try command.scratch.write(image, to: "foreign.so")
        try refused(try command("run", "desk/echo", plugins: [foreign]), 5, naming: "foreign.so")
        let none = command.scratch.folder("none.so")
        try refused(try command("run", "desk/echo", plugins: [none]), 5, naming: "none.so")
    }

    @Test("a plugin without the entry symbol, of another ABI major, or with a broken manifest")
    func wrongPlugin() throws {
        let noEntry = try CompiledPlugin.build("bad", "ENTRY=0")
        try refused(try command("run", "bad/go", plugins: [noEntry]), 5, naming: "bureau_plugin_entry_v1")
        let major = try CompiledPlugin.build("bad", "MAJOR=2")
        try refused(try command("run", "bad/go", plugins: [major]), 5, naming: "ABI")
        let manifest = try CompiledPlugin.build("bad", #"MANIFEST="{\"manifest_version\":1}""#)
        try refused(try command("run", "bad/go", plugins: [manifest]), 5, naming: "manifest")
        #expect(!FileManager.default.fileExists(atPath: command.store), "the store was not touched")
    }

    @Test("a plugin that calls the host before setup")
    func early() throws {
        let early = try CompiledPlugin.build("bad", "EARLY=1")
        try refused(try command("run", "bad/go", plugins: [early]), 5, naming: "setup")
        #expect(!FileManager.default.fileExists(atPath: command.store), "the store was not touched")
    }

    @Test("a run that fails, and one that takes its worker down, name the reason")
    func failures() throws {
        let failed = try command("run", "desk/fail", "--json", plugins: [desk])
        #expect(failed.status == 1)
        #expect(failed.errors.contains("the printer is on fire"))
        #expect(try failed.json()["run"]?["failure"]?["status"] == "io")
        let crashed = try command("run", "desk/crash", "--json", plugins: [desk])
        #expect(crashed.status == 1)
        #expect(crashed.errors.contains("org.example.desk") && crashed.errors.contains("SIGABRT"))
    }
}
