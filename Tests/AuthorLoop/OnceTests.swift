import Foundation
import Kernel
import TestSupport
import Testing

@Suite("bureau plugin dev --once, and what it refuses")
struct OnceTests {
    private func once(_ loop: AuthorLoop, _ arguments: [String] = [], path: String? = nil) throws -> AuthorLoop.Ended {
        let ended = try loop.bureau(["plugin", "dev", loop.folder, "--once"] + arguments, path: path)
        try ended.process.wait(AuthorLoop.limitSeconds)
        return ended
    }

    @Test("one cycle: exit code 0 and the result; 5 when it does not build; the run's own when it fails")
    func cycle() throws {
        let loop = try AuthorLoop()
        let good = try once(loop)
        #expect(good.process.terminationStatus == 0 && good.output.contains("Hello, Ada"), "\(good.output)")
        #expect(try once(loop, ["--task", "count"]).output.contains("\"count\": 0"), "the store is new each time")
        let other = try once(loop, ["--input", #"{"name":"Grace"}"#])
        #expect(other.output.contains("Hello, Grace"))
        let refused = try once(loop, ["--input", "{}"])
        #expect(refused.process.terminationStatus == 3 && refused.output.contains("name"))
        #expect(try once(loop, ["--task", "brew"]).process.terminationStatus == 4)
        try loop.edit("  int length = 0;\n", "  int length = 0; if (input.len) abort();\n")
        let crash = try once(loop)
        #expect(crash.process.terminationStatus == 1 && crash.output.contains("SIGABRT"), "\(crash.output)")
        try loop.edit("static void greet(", "static greet(")
        try loop.edit("int length = 0;", "int length = nothing;")
        let broken = try once(loop)
        #expect(broken.process.terminationStatus == 5 && broken.output.contains("error:"), "\(broken.output)")
    }

    @Test("no plugin.json, no compiler, no library, no build program: each says what to do")
    func missing() throws {
        let loop = try AuthorLoop()
        let tools = loop.scratch.folder("tools")
        try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
        for tool in ["make", "mkdir", "mv", "sh"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(tools)/\(tool)", withDestinationPath: "/usr/bin/\(tool)")
        }
        let compiler = try once(loop, path: tools)
        #expect(compiler.process.terminationStatus == 5)
        #expect(compiler.output.contains("cc is not installed"), "\(compiler.output)")
        let program = try once(loop, path: "/nowhere")
        #expect(program.output.contains("make is not installed"), "\(program.output)")

        try loop.save(#"{"name":"tea-shop","library":"build/other.so","build":["true"]}"#, to: "plugin.json")
        let library = try once(loop)
        #expect(library.process.terminationStatus == 5 && library.output.contains("build/other.so"))

        try FileManager.default.removeItem(atPath: "\(loop.folder)/plugin.json")
        let none = try once(loop)
        #expect(none.process.terminationStatus == 3 && none.errors.contains("bureau plugin new"), "\(none.errors)")
    }

    @Test("a project has one loop at a time")
    func locked() throws {
        let loop = try AuthorLoop()
        try loop.start()
        try loop.event("watching")
        let second = try once(loop)
        #expect(second.process.terminationStatus == 8 && second.errors.contains("another bureau plugin dev"))
        try loop.type("\n")
        #expect(try loop.event("run.finished")["output"] == ["count": 2, "text": "Hello, Ada"])
        loop.interrupt()
        #expect(try loop.end() == 0)
    }
}
