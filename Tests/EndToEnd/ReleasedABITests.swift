import Foundation
import Kernel
import TestSupport
import Testing

/// The headers of each released version are frozen in `Tests/Released`; today's may only grow.
@Suite("The released ABI holds")
struct ReleasedABITests {
    static let released = Built.checkout.appendingPathComponent("Tests/Released/1.0")
    static let current = Built.checkout.appendingPathComponent("PluginAPI/CBureau/include/bureau")

    @Test("no released struct, number or id means something else today")
    func headers() throws {
        let old = try ABISurface(headers: Self.released.appendingPathComponent("bureau"))
        #expect(old.records.count >= 30 && old.macros.count >= 50, "the surface was not read")
        #expect(old.breaks(in: try ABISurface(headers: Self.current)) == [])
    }

    /// Each edit of a header, and whether it is a break.
    static let edits: [(name: String, file: String, from: String, to: String, isBreak: Bool)] = [
        (
            "a field's width", "http.h", "uint64_t timeout_ms;         /*", "uint32_t timeout_ms;         /*", true
        ),
        (
            "a field's place", "base.h", "  const char *ptr;\n  uint64_t len;", "  uint64_t len;\n  const char *ptr;",
            true
        ),
        (
            "a function's signature", "host.h", "(*is_cancelled)(const struct bureau_host *host, bureau_call call)",
            "(*is_cancelled)(const struct bureau_host *host, bureau_call call, uint32_t more)", true
        ),
        ("a field that went", "plugin.h", "  bureau_str run_id;\n", "", true),
        ("a field in the middle", "plugin.h", "  bureau_str run_id;\n", "  bureau_str extra, run_id;\n", true),
        ("a status that changed", "base.h", "#define BUREAU_E_BUSY (-7)", "#define BUREAU_E_BUSY (-77)", true),
        ("an id that changed", "state.h", "\"bureau.host.state/1\"", "\"bureau.host.state/2\"", true),
        (
            "growth of what may never grow", "base.h", "  uint64_t len;\n} bureau_buf;",
            "  uint64_t len, cap;\n} bureau_buf;", true
        ),
        (
            "an appended field", "plugin.h", "  uint64_t timeout_ms;        /* left",
            "  uint64_t timeout_ms_;\n  uint64_t timeout_ms;        /* left", true
        ),
        (
            "a field appended at the end", "http.h", "  uint64_t max_response_bytes;",
            "  uint64_t max_response_bytes, priority;", false
        ),
        (
            "a new number", "host.h", "#define BUREAU_EMIT_PARTIAL 2u",
            "#define BUREAU_EMIT_CHART 3u\n#define BUREAU_EMIT_PARTIAL 2u", false
        ),
    ]

    @Test("the guard refuses breaks and lets growth pass", arguments: edits.indices)
    func guardItself(index: Int) throws {
        let edit = Self.edits[index]
        let scratch = try Scratch()
        let copy = URL(fileURLWithPath: scratch.folder("bureau"))
        try FileManager.default.copyItem(at: Self.current, to: copy)
        let file = copy.appendingPathComponent(edit.file)
        let text = try String(contentsOf: file, encoding: .utf8)
        try #require(text.contains(edit.from), "\(edit.name): the header has no such text")
        try text.replacingOccurrences(of: edit.from, with: edit.to).write(to: file, atomically: true, encoding: .utf8)
        let breaks = try ABISurface(headers: Self.current).breaks(in: try ABISurface(headers: copy))
        #expect(breaks.isEmpty == !edit.isBreak, "\(edit.name): \(breaks)")
    }

    #if arch(x86_64)
        /// Every service that needs nobody outside, of the binary as it was released.
        @Test(
            "a released C plugin still gets every service",
            arguments: [
                "model", "state", "forget", "artifact", "child", "plan", "message", "clock", "timer", "random",
                "budget", "audit", "step", "live",
            ])
        func services(task: String) throws {
            let command = try Command()
            let plugin = Self.released.appendingPathComponent("services-c.x86_64.so").path
            let result = try command(
                "run", "services/\(task)", "--input", #"{"a":1}"#, "--json", plugins: [plugin])
            #expect(result.status == 0, "\(result.errors)")
        }

        @Test("a released C++ plugin still works")
        func greeter() throws {
            let command = try Command()
            let plugin = Self.released.appendingPathComponent("greeter-cpp.x86_64.so").path
            let result = try command(
                "run", "greeter/greet", "--input", #"{"name":"Ada"}"#, "--json", plugins: [plugin])
            #expect(try result.json()["run"]?["output"] == ["text": "Hello, Ada", "count": 1], "\(result.errors)")
        }
    #endif
}

/// What a compiler sees of the headers: each struct's fields with offset and canonical type, and the macros.
struct ABISurface {
    /// `offset type name` for each field, by struct.
    private(set) var records: [String: [String]] = [:]
    private(set) var macros: [String: String] = [:]

    /// May differ between minor versions.
    private static let free: Set = ["BUREAU_ABI_MINOR"]

    init(headers: URL) throws {
        let folder = headers.deletingLastPathComponent().path
        let header = headers.appendingPathComponent("bureau.h").path
        let clang = ["clang", "-std=c11", "-x", "c", "-I", folder, header]
        let layouts = try Self.run(
            clang + [
                "-fsyntax-only", "-Xclang", "-fdump-record-layouts-complete", "-Xclang",
                "-fdump-record-layouts-canonical",
            ])
        for record in layouts.components(separatedBy: "*** Dumping AST Record Layout") {
            let lines = record.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            guard let first = lines.first, let name = first.components(separatedBy: "struct bureau_").dropFirst().first
            else { continue }
            // Members of an embedded struct are indented deeper; they are that struct's own lines.
            records["bureau_" + name] = lines.dropFirst().filter { !$0.hasPrefix("|") }
        }
        let defines = try Self.run(clang + ["-E", "-dM"])
        for line in defines.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard parts.count == 3, parts[1].hasPrefix("BUREAU_"), !parts[1].hasSuffix("_H") else { continue }
            macros[parts[1]] = parts[2]
        }
    }

    /// What an old plugin would trip over.
    func breaks(in newer: ABISurface) -> [String] {
        var breaks: [String] = []
        for (name, fields) in records {
            guard let now = newer.records[name] else {
                breaks.append("\(name) is gone")
                continue
            }
            let mayGrow = fields.first?.contains("struct_size") == true
            let isKept = mayGrow ? Array(now.prefix(fields.count)) == fields : now == fields
            if !isKept { breaks.append("\(name): \(fields) became \(now)") }
        }
        for (name, value) in macros where !Self.free.contains(name) && newer.macros[name] != value {
            breaks.append("\(name) \(value) became \(newer.macros[name] ?? "nothing")")
        }
        return breaks.sorted()
    }

    private static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = output
        try process.runAlone()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(arguments.joined(separator: " "))")
        return text
    }
}
