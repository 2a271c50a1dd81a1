import Engineering
import Foundation
import PluginKit
import Testing

private let engineering = DepartmentRun<Engineering>(folder: "Engineering")

@Suite("Engineering: schedule risk, licences and incidents")
struct EngineeringPracticeTests {
    @Test("Wikipedia's PERT network: expected 19.5 days, and draws that know all paths are not faster")
    func schedule() async throws {
        let output = try await engineering.run("schedule-risk", try engineering.example("schedule-risk"))
        #expect(output.number("expected_days") == 19.5)
        // Another path can only make a plan longer, so the mean lies above; by draws to 4 standard errors.
        #expect(output.number("mean_days") > 19.45 && output.number("mean_days") < 20.2)
        #expect(
            output.number("days_50") < output.number("days_80") && output.number("days_80") < output.number("days_95"))
        let critical = output.list("activities").map { $0.number("criticality") }
        // g follows e, so they are critical together; c and d share a, and almost always it is c.
        #expect(critical[4] == critical[6] && critical[2] > critical[3] && critical[0] >= critical[2])
        // Crashing by hand: first c (40,000) by 1 day to 18.5, then e (60,000) by half a day to 18.
        #expect(output.list("crashing").map { $0.list("activities").compactMap(\.stringValue) } == [["c"], ["e"]])
        #expect(output.list("crashing").map { $0.number("days") } == [1, 0.5])
        #expect(output.number("crashing_cost_minor") == 70_000 && output.at("target_reached") == true)
    }

    @Test("one activity has the mean and the deviation of its distribution")
    func shapes() async throws {
        func run(_ shape: String) async throws -> JSONValue {
            try await engineering.run(
                "schedule-risk",
                """
                {"shape": "\(shape)", "draws": 40000, "target_days": 9, "activities": [
                 {"id": "a", "name": "A", "optimistic_days": 2, "likely_days": 5, "pessimistic_days": 14}]}
                """)
        }
        // Beta with shape 4: mean (2 + 20 + 14) / 6 = 6, variance (6 − 2)(14 − 6) / 7.
        let pert = try await run("pert")
        #expect(
            near(pert.number("mean_days"), 6, 0.01)
                && near(pert.number("standard_deviation_days"), (32.0 / 7).squareRoot(), 0.02))
        // Triangular: mean 7, variance (4 + 25 + 196 − 10 − 28 − 70) / 18 = 6.5; F(9) = 1 − 25 / (12 · 9).
        let triangular = try await run("triangular")
        #expect(near(triangular.number("mean_days"), 7, 0.01))
        #expect(near(triangular.number("standard_deviation_days"), 6.5.squareRoot(), 0.02))
        #expect(near(triangular.number("probability_of_target"), 1 - 25.0 / 108, 0.01))
    }

    @Test("two parallel longest paths are made shorter together, by the cheapest cut, until it no longer pays")
    func cut() async throws {
        func run(_ worth: Int) async throws -> JSONValue {
            try await engineering.run(
                "schedule-risk",
                """
                {"delay_cost_per_day_minor": \(worth), "draws": 1000, "activities": [
                  {"id": "s", "name": "S", "optimistic_days": 2, "likely_days": 2, "pessimistic_days": 2},
                  {"id": "x", "name": "X", "optimistic_days": 5, "likely_days": 5,
                   "pessimistic_days": 5, "after": ["s"]},
                  {"id": "y", "name": "Y", "optimistic_days": 5, "likely_days": 5,
                   "pessimistic_days": 5, "after": ["s"]}],
                 "crashing": [{"activity": "s", "cost_per_day_minor": 100, "maximum_days": 1},
                  {"activity": "x", "cost_per_day_minor": 30, "maximum_days": 2},
                  {"activity": "y", "cost_per_day_minor": 40, "maximum_days": 3}]}
                """)
        }
        let dear = try await run(80)
        #expect(dear.list("crashing/0/activities") == ["x", "y"] && dear.number("crashing_cost_minor") == 140)
        let dearer = try await run(100)
        #expect(dearer.list("crashing").map { $0.number("length_days") } == [5, 4])
        #expect(try await run(69).list("crashing").isEmpty)
        #expect(dear.number("standard_deviation_days") == 0 && dear.number("mean_days") == 7)
    }

    @Test("the example's dependencies: one is incompatible, one is not known, the rest may stay")
    func licences() async throws {
        let output = try await engineering.run("dependency-report", try engineering.example("dependency-report"))
        let found = output.list("dependencies").map {
            "\($0.text("ecosystem")) \($0.text("name")) \($0.text("verdict"))"
        }
        #expect(
            found == [
                "go golang.org/x/text compatible", "go gopkg.in/yaml.v3 compatible", "npm left-pad compatible",
                "npm readline-gpl incompatible", "pypi charset-normalizer unknown", "pypi requests compatible",
            ])
        #expect(output.at("compatible") == false && output.at("dependencies/1/direct") == false)
        #expect(output.list("dependencies/5/versions") == [">=2.31"])
        #expect(output.list("dependencies/1/duties").contains("pass on NOTICE"))
    }

    @Test(
        "licence rules as the FSF states them",
        arguments: [
            ("Apache-2.0", "GPL-2.0-only", "incompatible"), ("Apache-2.0", "GPL-3.0-only", "compatible"),
            ("GPL-2.0-only", "GPL-3.0-or-later", "incompatible"), ("GPL-2.0-or-later", "GPL-3.0-only", "compatible"),
            ("GPL-2.0+", "GPL-2.0-only", "compatible"), ("EPL-2.0", "GPL-3.0-only", "incompatible"),
            ("MPL-2.0", "GPL-3.0-only", "compatible"), ("LGPL-3.0-only", "GPL-2.0-only", "incompatible"),
            ("LGPL-2.1-only", "MIT", "needs_review"), ("GPL-3.0-only", "Apache-2.0", "incompatible"),
            ("GPL-2.0-only WITH Classpath-exception-2.0", "Proprietary", "compatible"),
            ("GPL-3.0-only OR MIT", "Proprietary", "compatible"),
            ("GPL-3.0-only AND MIT", "Proprietary", "incompatible"),
            ("(AGPL-3.0-only OR (MIT AND ISC))", "MIT", "compatible"), ("mit", "MIT", "compatible"),
            ("MIT/Apache-2.0", "GPL-2.0-only", "compatible"), ("LicenseRef-Own", "MIT", "needs_review"),
        ])
    func rules(licence: String, own: String, verdict: String) async throws {
        let output = try await engineering.run(
            "dependency-report",
            """
            {"own_licence": "\(own)", "licences": [{"name": "x", "expression": "\(licence)"}],
             "files": [{"path": "package.json", "text": "{\\"dependencies\\": {\\"x\\": \\"1\\"}}"}]}
            """)
        #expect(output.text("dependencies/0/verdict") == verdict, "\(output.text("dependencies/0/reason"))")
    }

    @Test("a Cargo file and a Package.resolved are read as they are written")
    func manifests() async throws {
        let cargo =
            #"[package]\nname = \"me\"\n[dependencies]\nserde = { version = \"1.0\", features = [\"derive\"] }\n"#
            + #"log = \"0.4\" # why\n[dev-dependencies.tokio]\nversion = '1'\n[profile.release]\nlto = true\n"#
        let resolved =
            #"{\"pins\": [{\"identity\": \"swift-nio\", \"state\": {\"revision\": \"abc\", "#
            + #"\"version\": \"2.90.0\"}}], \"version\": 3}"#
        let output = try await engineering.run(
            "dependency-report",
            #"{"own_licence": "MIT", "licences": [], "files": [{"path": "Cargo.toml", "text": "\#(cargo)"}, "#
                + #"{"path": "a/Cargo.toml", "text": "[dependencies]\nlog = \"0.3\""}, "#
                + #"{"path": "Package.resolved", "text": "\#(resolved)"}]}"#
        )
        let found = output.list("dependencies").map {
            "\($0.text("name")) \($0.list("versions").compactMap(\.stringValue))"
        }
        #expect(found == [#"log ["0.4", "0.3"]"#, #"serde ["1.0"]"#, #"tokio ["1"]"#, #"swift-nio ["2.90.0"]"#])
        #expect(output.list("version_conflicts") == ["cargo log"] && output.at("compatible") == false)
    }

    @Test("an incident's timers start at detection, a reopened one goes on, and an hour's offset is an hour")
    func incidents() async throws {
        let output = try await engineering.run("incident-timeline", try engineering.example("incident-timeline"))
        #expect(output.number("incidents/0/detect_minutes") == 10)
        #expect(output.number("incidents/0/acknowledge/taken_minutes") == 9)
        #expect(output.text("incidents/0/acknowledge/state") == "met")
        // Resolved after 4.5 hours, the limit is 4; down 100 and 150 minutes.
        #expect(
            output.number("incidents/0/resolve/taken_minutes") == 270
                && output.text("incidents/0/resolve/state") == "breached")
        #expect(output.number("incidents/0/down_minutes") == 250)
        #expect(output.text("incidents/1/resolve/state") == "running" && output.at("incidents/1/open") == true)
        #expect(
            output.number("incidents/1/acknowledge/taken_minutes") == 120
                && output.text("incidents/1/acknowledge/due") == "2026-11-22T12:00:00Z")
        #expect(output.number("total/mean_acknowledge_minutes") == 9 && output.number("total/breaches") == 1)
        #expect(output.number("by_severity/P3/open") == 1)
    }

    @Test("what makes no sense is refused, and says where")
    func hostile() async throws {
        let activity = #"{"id": "a", "name": "A", "optimistic_days": 1, "likely_days": 1, "pessimistic_days": 1}"#
        for (task, input, place) in [
            (
                "schedule-risk",
                #"{"activities": [\#(activity)], "crashing": [{"activity": "b", "cost_per_day_minor": 1, "#
                    + #""maximum_days": 1}]}"#,
                "/crashing/0/activity"
            ),
            (
                "schedule-risk",
                #"{"activities": [\#(activity)], "crashing": [{"activity": "a", "cost_per_day_minor": 1, "#
                    + #""maximum_days": 2}]}"#,
                "/crashing/0"
            ),
            ("schedule-risk", #"{"activities": [\#(activity), \#(activity)]}"#, "/activities/1/id"),
            (
                "dependency-report",
                #"{"own_licence": "Nothing", "licences": [], "files": [{"path": "go.mod", "text": ""}]}"#,
                "/own_licence"
            ),
            (
                "dependency-report",
                #"{"own_licence": "MIT", "licences": [{"name": "x", "expression": "MIT OR"}], "#
                    + #""files": [{"path": "go.mod", "text": ""}]}"#,
                "/licences/0/expression"
            ),
            (
                "dependency-report",
                #"{"own_licence": "MIT", "licences": [], "files": [{"path": "pom.xml", "text": ""}]}"#,
                "/files/0/path"
            ),
            (
                "dependency-report",
                #"{"own_licence": "MIT", "licences": [], "files": [{"path": "package.json", "text": "{"}]}"#,
                "/files/0/text"
            ),
            (
                "incident-timeline",
                #"{"incidents": [{"id": "i", "severity": "P1", "events": [{"at": "2026-11-20T01:50:00Z", "#
                    + #""phase": "resolved"}]}]}"#,
                "/incidents/0/events"
            ),
            (
                "incident-timeline",
                #"{"incidents": [{"id": "i", "severity": "P1", "events": [{"at": "2026-11-31T01:50:00Z", "#
                    + #""phase": "detected"}]}]}"#,
                "/incidents/0/events/0/at"
            ),
            (
                "incident-timeline",
                #"{"now": "2026-11-19T00:00:00Z", "incidents": [{"id": "i", "severity": "P1", "#
                    + #""events": [{"at": "2026-11-20T01:50:00Z", "phase": "detected"}]}]}"#,
                "/now"
            ),
        ] {
            #expect(try await engineering.refusal(task, input).contains(place), "\(task) \(input)")
        }
    }
}
