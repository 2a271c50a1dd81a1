import Foundation
import PluginKit
import PluginTesting
import Research
import Testing
import TestSupport

private let research = DepartmentRun<Research>(folder: "Research")

@Suite("Research: trends, citations and sources")
struct ResearchEvidenceTests {
    @Test("the Nile at Aswan, 1871 to 1970: S −1387, slope −2.6, and the change of 1898 (Cobb 1978)")
    func nile() async throws {
        let output = try await research.run("trend", try research.example("trend"))
        // Without the continuity correction z would be −4.131.
        #expect(output.number("s") == -1_387 && near(output.number("z"), -4.128066522844, 1e-9))
        #expect(near(output.number("tau"), -0.2807, 5e-4) && near(output.number("slope"), -2.6, 1e-9))
        #expect(output.text("direction") == "falling" && output.number("p_value") < 1e-4)
        #expect(
            output.number("slope_low") < -2.6 && output.number("slope_high") > -2.6 && output.number("slope_high") < 0)
        // Index 27 is 1898, the year of the first Aswan dam.
        #expect(output.number("change_point/index") == 27 && output.number("change_point/p_value") < 1e-5)
        #expect(near(output.number("change_point/mean_before"), 1_097.75, 1e-9))
    }

    @Test("a line is found with its slope, a constant series is none, and ties shrink the variance")
    func small() async throws {
        let line = try await research.run(
            "trend", #"{"values": [1, 3, 5, 7, 9], "times": [0, 2, 4, 6, 8]}"#)
        #expect(line.number("s") == 10 && line.number("tau") == 1 && line.number("slope") == 1)
        #expect(line.number("intercept") == 1 && line.number("slope_low") == 1 && line.number("slope_high") == 1)
        // Kendall's example of ties by hand: 4 values, one pair equal: (4·3·13 − 2·1·9) / 18.
        let ties = try await research.run("trend", #"{"values": [1, 2, 2, 3]}"#)
        #expect(near(ties.number("variance"), (156.0 - 18) / 18) && ties.number("s") == 5)
        let flat = try await research.run("trend", #"{"values": [4, 4, 4, 4]}"#)
        #expect(flat.text("direction") == "no_trend" && flat.number("p_value") == 1 && flat.number("tau") == 0)
    }

    @Test("seasons are compared with themselves: a yearly wave is no trend, and does not hide one")
    func seasonal() async throws {
        let wave = (0..<48).map { [10.0, 20, 30, 20][$0 % 4] }
        func run(_ values: [Double], _ period: Int?) async throws -> JSONValue {
            var input: [String: JSONValue] = ["values": .array(values.map(JSONValue.double))]
            input["period"] = period.map { .integer(Int64($0)) }
            return try await research.run("trend", JSONValue.object(input))
        }
        #expect(try await run(wave, 4).text("direction") == "no_trend")
        let rising = wave.enumerated().map { $1 + 0.1 * Double($0) }
        let output = try await run(rising, 4)
        // 4 seasons of 12 values, each rising all the way.
        #expect(output.number("s") == 4 * 66 && near(output.number("slope"), 0.1, 1e-9))
        #expect(output.text("direction") == "rising")
        let plain = try await run(rising, nil)
        #expect(plain.number("z") < output.number("z"))
    }

    private let text = "Wärme schadet. Nobody offers a night alarm, and we would pay for it. Cold is fine."

    private func check(_ quote: String, _ start: Int, _ end: Int, report: String? = nil) async throws -> JSONValue {
        var input: [String: JSONValue] = [
            "documents": [["id": "a", "title": "A", "text": .string(text)]],
            "citations": [
                [
                    "number": 1, "document_id": "a", "quote": .string(quote), "start": .integer(Int64(start)),
                    "end": .integer(Int64(end)),
                ]
            ],
            "report_only": true,
        ]
        input["report"] = report.map(JSONValue.string)
        return try await research.run("check-citations", JSONValue.object(input))
    }

    @Test("a quotation is exact at its bytes, or moved, altered, out of range, or in no document")
    func citations() async throws {
        // ä is two bytes.
        let exact = try await check("Nobody offers a night alarm", 16, 43)
        #expect(exact.at("valid") == true && exact.text("citations/0/status") == "exact")
        let moved = try await check("Nobody offers a night alarm", 15, 42)
        #expect(moved.text("citations/0/status") == "moved" && moved.number("citations/0/found_at") == 16)
        let altered = try await check("Nobody offers a light alarm", 16, 43)
        #expect(altered.text("citations/0/status") == "altered")
        #expect(altered.text("citations/0/detail").contains("byte 16 "))
        #expect(try await check("Something else", 500, 514).text("citations/0/status") == "out_of_range")
        let report = try await check(
            "Cold is fine.", 70, 83, report: "They say: “Cold is fine.” [1], and [7]; see [2](x).")
        #expect(report.at("valid") == false && report.list("unknown_numbers") == [7])
        let missing = try await check("Cold is fine.", 70, 83, report: "They say: “Cold was fine.” [1]")
        #expect(missing.text("citations/0/status") == "not_in_report")
    }

    @Test("the task fails on an altered quotation, and says which")
    func fails() async throws {
        let message = try await research.refusal(
            "check-citations",
            """
            {"documents": [{"id": "a", "title": "A", "text": "\(text)"}], "citations": [
             {"number": 4, "document_id": "a", "quote": "Cold is bad.", "start": 70, "end": 82}]}
            """)
        #expect(message.contains("[4] is altered"))
    }

    @Test("each byte of a quotation that is changed is found, and only then")
    func everyByte() async throws {
        let quote = Array("would pay for it".utf8), start = 52
        #expect(try await check(String(decoding: quote, as: UTF8.self), start, start + quote.count).at("valid") == true)
        for index in quote.indices {
            var changed = quote
            changed[index] = changed[index] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
            let output = try await check(String(decoding: changed, as: UTF8.self), start, start + quote.count)
            #expect(output.at("valid") == false && output.text("citations/0/status") == "altered", "\(index)")
        }
    }

    @Test("a report quotes by number, passes its own check, and says what it does not know")
    func report() async throws {
        let harness = try TaskHarness(Research.self)
        let output: JSONValue = try await harness.run(
            "cited-report",
            input: try LifeRun.parse(
                """
                {"title": "Alarms", "questions": ["night alarm at night", "zebra farming", "who would pay"],
                 "documents": [{"id": "a", "title": "A", "text": "\(text)"},
                  {"id": "b", "title": "B", "text": "I need a night alarm. The weather is nice."}]}
                """))
        #expect(output.list("unanswered") == ["zebra farming"])
        #expect(output.number("checked") == Double(output.list("citations").count) && output.number("checked") >= 2)
        #expect(harness.artifacts["report.md"] != nil && harness.artifacts["citations.json"] != nil)
        // The sentence that answers two questions has one number.
        #expect(Set(output.list("citations").map { $0.number("start") }).count <= output.list("citations").count)
        var again: [String: JSONValue] = [
            "documents": [
                ["id": "a", "title": "A", "text": .string(text)],
                ["id": "b", "title": "B", "text": "I need a night alarm. The weather is nice."],
            ]
        ]
        again["citations"] = output.at("citations")
        again["report"] = output.at("report")
        let checked = try await research.run("check-citations", JSONValue.object(again))
        #expect(checked.at("valid") == true && checked.list("unused_numbers").isEmpty)
    }

    @Test(
        "the Admiralty code: two owners make it probable, one owner twice does not, and the anonymous cannot be judged")
    func sources() async throws {
        let output = try await research.run("source-quality", try research.example("source-quality"))
        #expect(output.list("sources").map { $0.text("reliability") } == ["A", "C", "E", "E", "F"])
        #expect(output.list("statements").map { $0.text("grade") } == ["A2", "E6", "F5"])
        #expect(near(output.number("sources/3/freshness"), pow(0.5, 1_407.0 / 730)))
    }

    @Test("what makes no sense is refused, and says where")
    func hostile() async throws {
        for (task, input, place) in [
            ("trend", #"{"values": [1, 2, 3], "times": [0, 1, 1]}"#, "/times/2"),
            ("trend", #"{"values": [1, 2, 3], "times": [0, 1]}"#, "/times"),
            ("trend", #"{"values": [1, 2, 3], "period": 2}"#, "/period"),
            ("trend", #"{"values": [1, 2]}"#, "/values"),
            (
                "source-quality", #"{"sources": [{"id": "a", "kind": "vendor", "date": "2026-02-30"}]}"#,
                "/sources/0/date"
            ),
            (
                "source-quality",
                #"{"sources": [{"id": "a", "kind": "vendor"}], "statements": [{"id": "s", "supported_by": ["b"]}]}"#,
                "/statements/0"
            ),
            (
                "source-quality",
                #"{"as_of": "2020-01-01", "sources": [{"id": "a", "kind": "vendor", "date": "2021-01-01"}]}"#,
                "/sources/0/date"
            ),
        ] {
            #expect(try await research.refusal(task, input).contains(place), "\(task) \(input)")
        }
    }
}
