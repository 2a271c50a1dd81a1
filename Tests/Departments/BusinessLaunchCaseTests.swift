import Business
import Council
import Dispatch
import Engineering
import Finance
import Foundation
import PluginKit
import PluginTesting
import Research
import Testing

@Suite("Business: launch-case, with the real departments behind it")
struct BusinessLaunchCaseTests {
    @Test("the shipped idea is approved, and the report shows what was computed")
    func approved() async throws {
        let harness = try LaunchHarness()
        let output: LaunchOutput = try await harness.business.run(
            "launch-case", input: try LaunchHarness.example("launch-case"))
        #expect(output.status == .approved, "\(output.decision)")
        #expect(output.decision.option == "launch" && output.decision.supportPercentage >= 0.7)
        #expect(output.figures.npvMinor > 0 && output.gaps.count >= 3)
        #expect(output.figures.criticalPath.first == "requirements" && output.figures.criticalPath.last == "launch")
        #expect(output.warnings.isEmpty, "\(output.warnings)")
        let names = Set(harness.business.steps.map(\.name))
        for step in [
            "research", "pricing", "funnel", "finance-launch", "finance-pilot", "engineering", "council",
            "prose-summary", "report.md", "report.html",
        ] {
            #expect(names.contains(step), "no step \(step)")
        }
        let markdown = try text(harness, "report.md"), html = try text(harness, "report.html")
        for gap in output.gaps { #expect(markdown.contains(gap.title)) }
        for id in ["gaps", "price", "cash-flow", "scenarios", "tornado", "council", "plan"] {
            #expect(html.contains("<title id=\"\(id)-title\">"), "no chart \(id)")
        }
        #expect(markdown.contains("Approved by the council"))
        #expect(!html.contains("<script") && !html.contains("src=") && !html.contains("href="))
        #expect(output.report.map(\.name) == ["report.md", "report.html"])
    }

    @Test("both reports are well formed: tags close, tables have equal rows")
    func wellFormed() async throws {
        let harness = try LaunchHarness()
        let input = try LaunchHarness.example("launch-case")
            .setting(["idea", "title"], to: .string("Fridges <b>& \"more\"</b> | [x](y)"))
        let _: LaunchOutput = try await harness.business.run("launch-case", input: input)
        let html = try text(harness, "report.html")
        #expect(!html.contains("<b>"))
        for tag in ["svg", "table", "tr", "td", "th", "p", "figure", "h2", "ul", "li", "blockquote", "text", "title"] {
            let opened = html.components(separatedBy: "<\(tag)>").count + html.components(separatedBy: "<\(tag) ").count
            #expect(opened - 1 == html.components(separatedBy: "</\(tag)>").count, "<\(tag)>")
        }
        let lines = try text(harness, "report.md").components(separatedBy: "\n")
        for (line, next) in zip(lines, lines.dropFirst()) where line.hasPrefix("| ") && next.hasPrefix("| ") {
            let columns = { (row: String) in
                row.replacingOccurrences(of: "\\|", with: "").components(separatedBy: "|").count
            }
            #expect(columns(line) == columns(next), "\(line)")
        }
    }

    @Test("the idea that sells health data meets red lines and needs a person")
    func vetoed() async throws {
        let harness = try LaunchHarness()
        let output: LaunchOutput = try await harness.business.run(
            "launch-case", input: try LaunchHarness.example("launch-case-rejected"))
        #expect(output.status == .needsDecision && output.decision.escalatedToHuman)
        #expect(output.decision.consensusLevel == "vetoed")
        #expect(
            Set(output.decision.vetoes.map { $0.prefix(while: { $0 != ":" }) }).isSuperset(of: ["ethics", "legal"]))
        #expect(try text(harness, "report.md").contains("This plan is not approved."))
    }

    @Test("a replay performs nothing and gives the same report")
    func replay() async throws {
        let harness = try LaunchHarness()
        let first: LaunchOutput = try await harness.business.run(
            "launch-case", input: try LaunchHarness.example("launch-case"))
        let second: LaunchOutput = try await harness.business.replay()
        #expect(harness.business.performedEffects == 0)
        #expect(first.report.map(\.digest) == second.report.map(\.digest))
    }

    @Test("without a model there is a report without prose")
    func noModel() async throws {
        let harness = try LaunchHarness(withModel: false)
        let output: LaunchOutput = try await harness.business.run(
            "launch-case", input: try LaunchHarness.example("launch-case"))
        #expect(output.proseModel == nil)
        #expect(try text(harness, "report.md").contains("no paragraphs by a model"))
    }

    @Test("each paragraph names its model; a model that fails leaves out its paragraph only")
    func failingModel() async throws {
        let harness = try LaunchHarness()
        harness.business.onModelReply { request in
            if request.prompt.contains("in 4 sentences") { throw TaskFailure.deadline("too slow") }
            let model = request.prompt.contains("The council voted") ? "desk/one" : "two"
            return ModelReply(text: "Said by \(model).", model: model, provider: "desk")
        }
        let output: LaunchOutput = try await harness.business.run(
            "launch-case", input: try LaunchHarness.example("launch-case"))
        #expect(output.proseModel == "desk/two, desk/one")
        let report = try text(harness, "report.md")
        #expect(report.contains("> Said by two.\n>\n> *Words: desk/two*"))
        #expect(report.contains("> Said by desk/one.\n>\n> *Words: desk/one*"))
        #expect(report.contains("were written by desk/two, desk/one from the computed statements"))
    }

    @Test("a sentence with a figure of the model's own is left out, and counted")
    func inventedFigures() async throws {
        let harness = try LaunchHarness()
        harness.business.onModel { request in
            guard request.prompt.contains("in 4 sentences") else { return "Growth of 417 % is certain." }
            let facts = request.prompt.components(separatedBy: "\n\n").last ?? ""
            return "The first year brings 1,234,567 euros. \(facts) It is worth 12 times that, at 3.5 % more!"
        }
        let output: LaunchOutput = try await harness.business.run(
            "launch-case", input: try LaunchHarness.example("launch-case"))
        #expect(output.proseModel?.hasPrefix("script") == true)
        let report = try text(harness, "report.md")
        for invented in ["1,234,567", "12 times", "417"] { #expect(!report.contains(invented), "\(invented)") }
        #expect(report.contains("net present value over 48 months is EUR"))
        #expect(report.contains("Left out: 4 sentences with a figure that was not computed."))
    }

    @Test(
        "numbers are the same however they are written",
        arguments: [
            ("EUR 69,714 and 3.80 %", ["69714", "3.8"]), ("10.00, 2027.", ["10", "2027"]), ("none", []),
            ("v1.2.3 costs $1,000,000.50", ["1.2.3", "1000000.5"]), ("100 and 0.0", ["100", "0"]),
        ])
    func numbers(text: String, expected: [String]) {
        #expect(FigureCheck.numbers(in: text) == Set(expected))
    }

    @Test("sentences end at points before a space and at line ends, not inside of numbers")
    func sentences() {
        let text = "It is 3.5 now. Not 4.5!\n- 3.5 in a list\n- 7 too\nThe end"
        let result = FigureCheck.kept(text, of: "3.50")
        #expect(result.text == "It is 3.5 now. - 3.5 in a list\nThe end")
        #expect(result.leftOut == 2)
    }

    @Test("a budget without room for prose ends the run: that is the operator's word")
    func proseOverBudget() async throws {
        let harness = try LaunchHarness()
        harness.business.onModel { _ in throw TaskFailure.budget("nothing left") }
        let failure = await #expect(throws: TaskFailure.self) {
            let _: LaunchOutput = try await harness.business.run(
                "launch-case", input: try LaunchHarness.example("launch-case"))
        }
        #expect(failure?.status == .budget)
    }

    @Test(
        "an input that contradicts itself is refused with the place, before anything is called",
        arguments: [
            (["costs", "build_months"], JSONValue.integer(48), "/costs/build_months"),
            (["start_date"], JSONValue.string("2027-02-30"), "/start_date"),
            (["council", "weights"], JSONValue.object(["luck": .integer(1)]), "/council/weights/luck"),
        ])
    func refusals(path: [String], value: JSONValue, expected: String) async throws {
        let harness = try LaunchHarness()
        let input = try LaunchHarness.example("launch-case").setting(path, to: value)
        let failure = await #expect(throws: TaskFailure.self) {
            let _: LaunchOutput = try await harness.business.run("launch-case", input: input)
        }
        #expect(failure?.status == .invalid && failure?.message.contains(expected) == true)
        #expect(harness.business.steps.isEmpty)
    }

    private func text(_ harness: LaunchHarness, _ name: String) throws -> String {
        String(decoding: try #require(harness.business.artifacts[name]), as: UTF8.self)
    }
}

/// The business department, whose calls reach the other departments, each in a harness of its own.
private struct LaunchHarness {
    let business: TaskHarness

    init(withModel: Bool = true) throws {
        business = try TaskHarness(
            Business.self, withoutExtensions: withModel ? [] : ["bureau.host.model/1"])
        if withModel { business.onModel { "From the facts: " + String($0.prompt.suffix(80)) } }
        try connect(Research.self, "research", "market-gaps")
        try connect(Finance.self, "finance", "business-case")
        try connect(Council.self, "council", "decide")
        try connect(Engineering.self, "engineering", "critical-path")
    }

    private func connect<D: Department>(_ type: D.Type, _ department: String, _ task: String) throws {
        business.onCall(department: department, task: task) { (input: Data) throws -> Data in
            let child = try TaskHarness(type)
            let request = try JSONDecoder().decode(JSONValue.self, from: input)
            let answer = Answer()
            // Scripts are synchronous and run on a Dispatch thread, which may wait.
            let done = DispatchSemaphore(value: 0)
            Task {
                do {
                    let output: JSONValue = try await child.run(task, input: request)
                    answer.result = .success(try JSONEncoder().encode(output))
                } catch {
                    answer.result = .failure(error)
                }
                done.signal()
            }
            done.wait()
            return try answer.result.get()
        }
    }

    /// Written before the semaphore is signalled and read after it, so never at the same time.
    private final class Answer: @unchecked Sendable {
        var result: Result<Data, any Error> = .failure(TaskFailure.internal("no answer"))
    }

    /// A shipped input with its `$file` references resolved, as the command line does it.
    static func example(_ name: String) throws -> JSONValue {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Plugins/Business/Examples")
        let data = try Data(contentsOf: folder.appendingPathComponent(name + ".json"))
        return try resolved(try JSONDecoder().decode(JSONValue.self, from: data), in: folder)
    }

    private static func resolved(_ value: JSONValue, in folder: URL) throws -> JSONValue {
        switch value {
        case .object(let members):
            if case .string(let path) = members["$file"] {
                return .string(try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8))
            }
            return .object(try members.mapValues { try resolved($0, in: folder) })
        case .array(let items): return .array(try items.map { try resolved($0, in: folder) })
        default: return value
        }
    }
}

extension JSONValue {
    /// The document with the member at the end of `path` replaced.
    fileprivate func setting(_ path: some Collection<String>, to value: JSONValue) -> JSONValue {
        guard let name = path.first, var members = objectValue else { return value }
        members[name] = (members[name] ?? .null).setting(path.dropFirst(), to: value)
        return .object(members)
    }
}
