import Foundation
import Glibc
import Kernel
import TestSupport
import Testing

@Suite("bureau plugin dev")
struct AuthorLoopTests {
    @Test("a save is built, reloaded and run, and the difference is told; what does not compile changes nothing")
    func loop() throws {
        let loop = try AuthorLoop()
        try loop.start()
        #expect(try loop.event("started")["project"]?.stringValue == "tea-shop")
        #expect(try loop.event("build.finished")["ok"] == true)
        try loop.event("loaded")
        let first = try loop.event("run.finished")
        #expect(first["output"] == ["count": 1, "text": "Hello, Ada"])
        #expect(first["generation"] == 1 && first["changes"] == nil)

        try loop.event("watching")
        try loop.edit("Hello, ", "Welcome, ")
        #expect(try loop.event("build.started")["changed"] == ["tea-shop.c"])
        #expect(try loop.event("reloaded")["generation"] == 2)
        #expect(try loop.event("run.log")["text"] == "greeted")
        let second = try loop.event("run.finished")
        #expect(second["output"] == ["count": 2, "text": "Welcome, Ada"])
        let changes = second["changes"]?.arrayValue ?? []
        #expect(changes.contains(["pointer": "/text", "recorded": "Hello, Ada", "new": "Welcome, Ada"]))
        let steps = second["changed_steps"]?.arrayValue ?? []
        #expect(steps.contains { $0["step"] == "compose" && $0["change"] == "result" })

        try loop.event("watching")
        try loop.edit("static void greet(", "static void greet((")
        let broken = try loop.event("build.finished")
        #expect(broken["ok"] == false)
        let output = (broken["output"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(output.contains { $0.contains("tea-shop.c:") && $0.contains("error:") }, "\(output)")
        try loop.event("watching")
        try loop.type("\n")
        let old = try loop.event("run.finished")
        #expect(old["output"] == ["count": 3, "text": "Welcome, Ada"] && old["generation"] == 2)

        try loop.event("watching")
        try loop.edit("static void greet((", "static void greet(")
        try loop.edit("Welcome, ", "Goodbye, ")
        var last = try loop.event("run.finished")
        // Two saves are two changes where the first was seen alone.
        while last["output"]?["text"] != "Goodbye, Ada" { last = try loop.event("run.finished") }
        #expect(last["state"] == "done")
        try loop.event("watching")
        try loop.type("q\n")
        #expect(try loop.end() == 0)
        #expect(try loop.events().last?["event"] == "stopped")
    }

    @Test("a crash of the new code is told with its place, and the next save goes on")
    func crash() throws {
        let loop = try AuthorLoop()
        try loop.start()
        try loop.event("watching")
        try loop.edit("  int length = 0;\n", "  int length = 0; *(volatile int *)8 = 1;\n")
        let crashed = try loop.event("crashed")
        #expect(crashed["reason"]?.stringValue?.contains("SIGSEGV") == true)
        #expect(crashed["report"]?["frames"]?.arrayValue?.first?["symbol"] == "greet", "\(crashed)")
        #expect(try loop.event("run.finished")["state"] == "crashed")
        try loop.event("watching")
        try loop.edit(" *(volatile int *)8 = 1;", "")
        #expect(try loop.event("run.finished")["state"] == "done")
        loop.interrupt()
        #expect(try loop.end() == 0)
    }

    @Test("a storm of saves, a build cut short, and a signal leave no process and the author's files alone")
    func storm() throws {
        let loop = try AuthorLoop()
        // A build that would take for ever, with a child of its own, while the file says so.
        let build = "if grep -q SLOW tea-shop.c; then echo building; sleep 4711 & sleep 4711; fi; exec make --silent"
        try loop.save(
            JSONValue.object([
                "name": "tea-shop", "library": "build/tea-shop.so", "build": .array(["sh", "-c", .string(build)]),
                "try": ["task": "greet", "input": ["name": "Ada"]],
            ]).serialized(), to: "plugin.json")
        try loop.start()
        try loop.event("watching")
        try loop.edit("Hello, ", "SLOW, ")
        try loop.event("build.started")
        try loop.event("build.output")
        for round in 0..<30 { try loop.edit(round == 0 ? "SLOW, " : "Round \(round - 1), ", "Round \(round), ") }
        try loop.event("build.cancelled")
        var last = try loop.event("run.finished")
        while last["output"]?["text"] != "Round 29, Ada" { last = try loop.event("run.finished") }
        try loop.event("watching")
        let builds = try loop.events().compactMap { $0["event"]?.stringValue }.filter { $0.hasPrefix("build.") }
        let turns = builds.filter { $0 != "build.output" }
        #expect(turns.count.isMultiple(of: 2))
        for (index, turn) in turns.enumerated() {
            #expect((turn == "build.started") == index.isMultiple(of: 2), "one build ends before the next: \(turns)")
        }

        try loop.edit("Round 29, ", "SLOW, ")
        try loop.event("build.started")
        try loop.event("build.output")
        let left = loop.children()
        #expect(left.count >= 3, "the build and its children, and a worker")
        let before = try FileManager.default.contentsOfDirectory(atPath: loop.folder).sorted()
        loop.interrupt()
        #expect(try loop.end() == 0)
        #expect(AuthorLoop.allEnd(left), "a process outlived the loop")
        #expect(AuthorLoop.processes(with: loop.folder).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: loop.folder).sorted() == before)
        #expect(try String(contentsOfFile: loop.source, encoding: .utf8).contains("SLOW, "))
    }

    @Test("a new file in a new folder is a source; a save without a change and what a build makes are none")
    func sources() throws {
        let loop = try AuthorLoop()
        try loop.start()
        try loop.event("watching")
        // Products, and the same bytes again: were they changes, the next build would name them.
        try loop.save(String(contentsOfFile: loop.source, encoding: .utf8), to: "tea-shop.c")
        try loop.save("x", to: "tea-shop.o")
        try loop.save("x", to: "build/generated.c")
        try FileManager.default.createDirectory(
            atPath: "\(loop.folder)/parts/deep", withIntermediateDirectories: true)
        try loop.save("/* part */\n", to: "parts/deep/part.h")
        #expect(try loop.event("build.started")["changed"] == ["parts/deep/part.h"])
        try loop.event("watching")
        try loop.save("/* other part */\n", to: "parts/deep/part.h")
        #expect(try loop.event("build.started")["changed"] == ["parts/deep/part.h"])
        #expect(try loop.event("unchanged")["generation"] == 1)
        try loop.event("watching")
        // The input belongs to the project too.
        let description = try String(contentsOfFile: "\(loop.folder)/plugin.json", encoding: .utf8)
        try loop.save(description.replacingOccurrences(of: "Ada", with: "Grace"), to: "plugin.json")
        let run = try loop.event("run.finished")
        #expect(run["output"]?["text"] == "Hello, Grace" && run["changes"] == nil, "another input has no difference")
        try loop.type("q")
        #expect(try loop.end() == 0)
    }

    @Test("code that never ends is left behind by the next save")
    func endless() throws {
        let loop = try AuthorLoop()
        try loop.start()
        try loop.event("watching")
        try loop.edit("  int length = 0;\n", "  int length = 0; for (volatile int i = 0;; i++) {}\n")
        #expect(try loop.event("reloaded")["generation"] == 2)
        try loop.event("run.started")
        try loop.edit(" for (volatile int i = 0;; i++) {}", "")
        try loop.event("run.cancelled")
        let run = try loop.event("run.finished")
        #expect(run["state"] == "done" && run["output"]?["text"] == "Hello, Ada", "\(run)")
        loop.interrupt()
        #expect(try loop.end() == 0)
        #expect(AuthorLoop.processes(with: loop.folder).isEmpty)
    }

    @Test("a plugin that becomes another department is loaded by a fresh host")
    func renamed() throws {
        let loop = try AuthorLoop()
        try loop.start()
        try loop.event("watching")
        try loop.edit(#"\"department\":\"tea-shop\""#, #"\"department\":\"coffee-shop\""#)
        #expect(try loop.event("loaded")["department"] == "coffee-shop")
        let run = try loop.event("run.finished")
        #expect(run["output"]?["text"] == "Hello, Ada")
        loop.interrupt()
        #expect(try loop.end() == 0)
    }
}
