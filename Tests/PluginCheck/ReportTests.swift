import Foundation
import Kernel
import PluginCheck
import TestSupport
import Testing

/// Reports, and the command that writes them.
@Suite("Check reports", .timeLimit(.minutes(2)))
struct ReportTests {
    struct Ended {
        var status: Int32
        var output: String
        var error: String
    }

    static func bureau(_ arguments: String...) async throws -> Ended {
        try await run(Built.binary("bureau").path, arguments)
    }

    static func run(_ program: String, _ arguments: [String]) async throws -> Ended {
        let scratch = try Scratch()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        var files: [FileHandle] = []
        for name in ["output", "error"] {
            files.append(try #require(FileHandle(forWritingAtPath: try scratch.write([], to: name))))
        }
        process.standardOutput = files[0]
        process.standardError = files[1]
        let ended = await withCheckedContinuation { (waiter: CheckedContinuation<Int32?, Never>) in
            process.terminationHandler = { waiter.resume(returning: $0.terminationStatus) }
            do { try process.runAlone() } catch {
                process.terminationHandler = nil
                waiter.resume(returning: nil)
            }
        }
        func text(_ name: String) throws -> String { try String(contentsOfFile: scratch.folder(name), encoding: .utf8) }
        return Ended(status: try #require(ended), output: try text("output"), error: try text("error"))
    }

    static let greeter = Built.binary("libTemplateGreeterC.so").path

    /// A strict parser of another make reads it and counts.
    static let counter = """
        import sys, xml.etree.ElementTree as tree
        root = tree.parse(sys.argv[1]).getroot()
        cases = root.findall("testsuite/testcase")
        count = lambda tag: sum(case.find(tag) is not None for case in cases)
        assert root.tag == "testsuites" and int(root.get("tests")) == len(cases)
        for suite in root: assert int(suite.get("tests")) == len(suite.findall("testcase"))
        print(len(cases), count("failure"), count("error"), count("skipped"))
        """

    @Test("the JUnit report is XML with the counts of the check")
    func junit() async throws {
        let scratch = try Scratch()
        let file = scratch.folder("report.xml")
        for source in ["Breaking/output-silent.c", "Breaking/task-result-json.c", "Breaking/entry-other-major.c"] {
            let plugin = try await PluginCompiler(scratch: scratch).library("plugin", of: source)
            var report = try await RuleTests.check(plugin)
            // What a plugin says may be anything.
            report.results[0].text = "<&\">\u{0}\u{1B}[31m]]>\u{FFFF}\u{1F600}"
            try report.junit.write(toFile: file, atomically: true, encoding: .utf8)
            let counted = try await Self.run("/usr/bin/env", ["python3", "-c", Self.counter, file])
            #expect(
                counted.output == "\(report.results.count) \(report.count(.failed)) \(report.count(.crashed)) "
                    + "\(report.count(.skipped))\n", "\(counted.error)")
        }
    }

    @Test("a sound plugin ends the command with 0, and the JSON has every rule")
    func sound() async throws {
        let ended = try await Self.bureau("plugin", "check", Self.greeter, "--json", "--seed", "5")
        #expect(ended.status == 0, "\(ended.error)")
        let report = try JSONParser.parse(ended.output)
        #expect(report["sound"] == true)
        #expect(report["seed"] == "5")
        #expect(report["results"]?.arrayValue?.count == RuleCatalogue.all.count)
        #expect(report["counts"]?["failed"] == 0)
    }

    @Test("a broken one with 5, with the rule, what happened, and how to see it again")
    func broken() async throws {
        let scratch = try Scratch()
        let plugin = try await PluginCompiler(scratch: scratch).library("bad", of: "Breaking/task-result-schema.c")
        let junit = scratch.folder("reports/junit.xml")
        let ended = try await Self.bureau("plugin", "check", plugin, "--junit", junit, "--seed", "9")
        #expect(ended.status == 5)
        for part in [
            "FAILED  task-result-schema", "/text must be a string", "PluginAPI/README.md",
            "bureau plugin check \(plugin) --rule task-result-schema --seed 9",
        ] {
            #expect(ended.output.contains(part), "\(part) is not in \(ended.output)")
        }
        #expect(ended.error.contains("1 failed"))
        #expect(try String(contentsOfFile: junit, encoding: .utf8).contains("<failure"))
    }

    @Test("wrong uses are told apart")
    func usage() async throws {
        #expect(try await Self.bureau("plugin", "check", "/nowhere.so").status == 3)
        #expect(try await Self.bureau("plugin", "check").status == 2)
        #expect(try await Self.bureau("plugin", "check", Self.greeter, "--rule", "no-such-rule").status == 2)
        #expect(try await Self.bureau("plugin", "check", Self.greeter, "--timeout-seconds", "0").status == 2)
        #expect(try await Self.bureau("plugin", "check", Self.greeter, "--in-process").status == 2)
    }

    @Test("the list has every rule")
    func list() async throws {
        let ended = try await Self.bureau("plugin", "check", "--list", "--json")
        let rules = try JSONParser.parse(ended.output)["rules"]?.arrayValue
        #expect(rules?.compactMap { $0["id"]?.stringValue } == RuleCatalogue.all.map(\.id))
    }

    @Test("a rule can be tried in the command's own process")
    func inProcess() async throws {
        let ended = try await Self.bureau(
            "plugin", "check", Self.greeter, "--rule", "task-completes", "--in-process", "--json")
        #expect(ended.status == 0, "\(ended.error)")
        #expect(try JSONParser.parse(ended.output)["results"]?.arrayValue?.first?["status"] == "PASSED")
    }
}
