import Foundation
import Testing

@Suite("The header for C and C++")
struct HeaderTests {
    static let compilers = [("cc", "c11", "c"), ("c++", "c++17", "cpp")]

    @Test("bureau.h compiles without a warning", arguments: compilers)
    func bureau(tool: String, standard: String, suffix: String) throws {
        try compile("#include <bureau/bureau.h>\nint unused_by_design;\n", tool, standard, suffix)
    }

    @Test("each header stands alone", arguments: compilers)
    func alone(tool: String, standard: String, suffix: String) throws {
        let folder = NativeCode.headers + "/bureau"
        let headers = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".h") }
        #expect(headers.count >= 26)
        for header in headers.sorted() {
            try compile("#include <bureau/\(header)>\nint unused_by_design;\n", tool, standard, suffix)
        }
    }

    @Test("an accidental change of the layout does not compile")
    func layout() throws {
        let check = NativeCode.root.appendingPathComponent("PluginAPI/CBureau/abi_check.c")
        let text = try String(contentsOf: check, encoding: .utf8)
        let directory = try NativeCode.temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let moved = text.replacingOccurrences(
            of: "FIELD(bureau_event, data, 48)", with: "FIELD(bureau_event, data, 56)")
        #expect(moved != text)
        for (source, isRight) in [(text, true), (moved, false)] {
            let file = directory.appendingPathComponent("check.c")
            try source.write(to: file, atomically: true, encoding: .utf8)
            let (status, _) = try NativeCode.run(
                "cc", ["-std=c11", "-fsyntax-only", "-I", NativeCode.headers, file.path])
            #expect((status == 0) == isRight)
        }
    }

    private func compile(_ source: String, _ tool: String, _ standard: String, _ suffix: String) throws {
        let directory = try NativeCode.temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("check.\(suffix)")
        try source.write(to: file, atomically: true, encoding: .utf8)
        let (status, output) = try NativeCode.run(
            tool,
            ["-std=\(standard)", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
                + ["-I", NativeCode.headers, file.path])
        #expect(status == 0, "\(output)")
    }
}
