import Foundation
import Kernel
import TestSupport
import Testing

@Suite("bureau plugin new")
struct NewProjectTests {
    /// What a compiler needs of its user: where it is, and where rustup keeps the toolchain.
    private static var author: [String: String] {
        let own = ProcessInfo.processInfo.environment
        var environment = ["PATH": own["PATH"] ?? "/usr/bin:/bin"]
        environment["RUSTUP_HOME"] = own["RUSTUP_HOME"] ?? own["HOME"].map { "\($0)/.rustup" }
        return environment
    }

    @Test("a new project builds at once, works, and counts durably", arguments: ["c", "cpp", "rust", "swift"])
    func builds(language: String) throws {
        let command = try Command(environment: Self.author)
        let made = try command("plugin", "new", "--lang", language, "tea-shop", "--json")
        #expect(made.status == 0, "\(made.errors)")
        let folder = command.scratch.folder("tea-shop")
        #expect(try made.json()["folder"]?.stringValue == folder)
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where !file.hasPrefix("sdk/") {
            #expect(!file.lowercased().contains("greeter"), "\(file) kept the template's name")
            let text = (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)) ?? ""
            #expect(!text.lowercased().contains("greeter"), "\(file) kept the template's name inside")
        }
        let make = try command.run(["-C", folder, "--silent"], program: "/usr/bin/make")
        #expect(make.status == 0, "\(make.output)\(make.errors)")

        let plugin = "\(folder)/build/tea-shop.so"
        for count in 1...2 {
            let run = try command(
                "run", "tea-shop/greet", "--input", #"{"name":"Ada \"é\""}"#, "--json", plugins: [plugin])
            #expect(try run.json()["run"]?["output"] == ["text": "Hello, Ada \"é\"", "count": .integer(Int64(count))])
        }
    }

    @Test(
        "names that cannot be a department's are refused, and nothing is written",
        arguments: [
            "", "Tea", "1tea", "tea_shop", "tea-", "../tea", "tea/shop", "té", String(repeating: "a", count: 41),
        ])
    func names(name: String) throws {
        let command = try Command()
        let result = try command("plugin", "new", "--lang", "c", "--", name)
        #expect(result.status == 2 && result.errorLines.count == 1, "\(result.errors)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: command.scratch.path).allSatisfy { $0.contains(".") })
    }

    @Test("a folder with something in it is left alone")
    func existing() throws {
        let command = try Command()
        try FileManager.default.createDirectory(
            atPath: command.scratch.folder("tea"), withIntermediateDirectories: true)
        try command.scratch.write(Array("mine".utf8), to: "tea/plugin.json")
        let result = try command("plugin", "new", "--lang", "c", "tea")
        #expect(result.status == 2 && result.errors.contains("not empty"))
        #expect(try String(contentsOfFile: command.scratch.folder("tea/plugin.json"), encoding: .utf8) == "mine")
    }

    @Test("Rust sees the structs of the headers as C does")
    func rustLayouts() throws {
        let command = try Command(environment: Self.author)
        let pairs = [
            ("Str", "bureau_str"), ("Buf", "bureau_buf"), ("Host", "bureau_host"), ("TaskStart", "bureau_task"),
            ("Step", "bureau_step"), ("Event", "bureau_event"), ("Plugin", "bureau_plugin"),
            ("HostInfo", "bureau_host_info"), ("Entry", "bureau_entry"), ("StepTable", "bureau_host_step"),
            ("ModelRequest", "bureau_model_request"), ("ModelTable", "bureau_host_model"),
            ("ToolTable", "bureau_host_tool"), ("StateTable", "bureau_host_state"),
            ("ChildTable", "bureau_host_child"), ("ArtifactTable", "bureau_host_artifact"),
            ("TimerTable", "bureau_host_timer"), ("ClockTable", "bureau_host_clock"),
            ("RandomTable", "bureau_host_random"), ("LogTable", "bureau_host_log"),
        ]
        let api = Built.checkout.appendingPathComponent("PluginAPI").path
        let rust =
            "#[path = \"\(api)/Rust/abi.rs\"] #[allow(dead_code)] mod abi;\nfn main() {\n"
            + pairs.map { "println!(\"\($0.1) {}\", std::mem::size_of::<abi::\($0.0)>());" }.joined(separator: "\n")
            + "}\n"
        let c =
            "#include <stdio.h>\n#include <bureau/bureau.h>\nint main(void) {\n"
            + pairs.map { "printf(\"\($0.1) %zu\\n\", sizeof(\($0.1)));" }.joined(separator: "\n") + "}\n"
        try command.scratch.write(Array(rust.utf8), to: "sizes.rs")
        try command.scratch.write(Array(c.utf8), to: "sizes.c")
        func built(_ arguments: [String], _ name: String) throws -> String {
            let compiled = try command.run(arguments + ["-o", command.scratch.folder(name)], program: "/usr/bin/env")
            #expect(compiled.status == 0, "\(compiled.errors)")
            return try command.run([], program: command.scratch.folder(name)).output
        }
        let fromRust = try built(["rustc", "--edition", "2021", command.scratch.folder("sizes.rs")], "rust")
        let fromC = try built(["cc", "-I", "\(api)/CBureau/include", command.scratch.folder("sizes.c")], "c")
        #expect(fromRust == fromC && fromC.split(separator: "\n").count == pairs.count)
    }
}
