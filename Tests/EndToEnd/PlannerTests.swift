import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Plans from what people want, by the real command", .timeLimit(.minutes(2)))
struct PlannerTests {
    private static let chief = Swift.Result { try CompiledPlugin.build("chief") }

    private func ended(_ served: Served, _ job: String) throws -> JSONValue {
        _ = try served.get("/jobs/\(job)/events")
        return try served.get("/jobs/\(job)").json()
    }

    @Test("an intent becomes a plan that says why and runs; one that lacks its input is refused by its place")
    func http() throws {
        let served = try Served(try Command(), desk: try Self.chief.get())
        let inferred = try served.post("/plans/infer", #"{"intent":"please say hello"}"#).json()
        #expect(inferred["department"] == "chief" && inferred["matches"]?.arrayValue?.first?["words"] == "say hello")
        let catalogue = try served.get("/plans/catalogue").json()["tasks"]?.arrayValue ?? []
        #expect(catalogue.count == 1 && catalogue.first?["resources"] == ["voice"])
        #expect(catalogue.first?["duration_seconds"] == 5 && catalogue.first?["estimated"] == false)

        let planned = try served.post("/plans", #"{"intent":"say hello to Ada"}"#).json()
        #expect(planned["ready"] == true && planned["planner"] == "rules")
        let run = try served.post("/plans", #"{"intent":"say hello to Ada","run":true}"#)
        #expect(run.status == 202, "\(run.body)")
        let job = try #require(try run.json()["job_id"]?.stringValue)
        let done = try ended(served, job)
        #expect(done["status"] == "done")
        #expect(try #require(try served.get("/jobs?department=chief").json()["jobs"]?.arrayValue).count == 1)
        let wrong = try served.post("/plans", #"{"intent":"say hello","data":{"text":7},"run":true}"#)
        #expect(wrong.status == 422 && wrong.body.contains("/text") && wrong.body.contains("plan_incomplete"))
        #expect(try served.post("/plans", #"{"intent":"xyzzy"}"#).status == 404)
        #expect(served.stop() == 0)
    }

    @Test("a department may make plans; where it fails or plans what is not there, the rules do")
    func planners() throws {
        let served = try Served(try Command(), desk: try Self.chief.get())
        func plan(_ intent: String) throws -> JSONValue {
            try served.post("/plans", #"{"intent":"\#(intent)","planner":"chief/plan"}"#).json()
        }
        let made = try plan("say hello")
        #expect(made["planner"] == "chief/plan" && made["fallback"] == .null)
        #expect(made["plan"]?["nodes"]?.arrayValue?.first?["id"] == "only")
        for (intent, reason) in [("say hello or fail", "has no idea"), ("say hello nonsense", "nowhere")] {
            let made = try plan(intent)
            #expect(made["planner"] == "rules" && made["fallback"]?.stringValue?.contains(reason) == true, "\(made)")
        }
        let no = try served.post("/plans", #"{"intent":"say hello","planner":"chief/greet"}"#)
        #expect(no.status == 400 && no.body.contains("makes no plans"))
        #expect(try served.post("/plans", #"{"intent":"x","planner":"chief/none"}"#).status == 404)
        #expect(served.stop() == 0)
    }

    @Test("an agent that is told in words finds the task; a task in another spelling is an agent")
    func words() throws {
        let served = try Served(try Command(), desk: try Self.chief.get())
        let run = try served.post("/agents/chief/task", #"{"task":"please say hello","data":{}}"#)
        #expect(run.status == 202, "\(run.body)")
        let job = try #require(try run.json()["job_id"]?.stringValue)
        #expect(try ended(served, job)["output"] == ["text": "please say hello"])
        let named = try served.post("/agents/greet/execute", #"{"task":"Hello there","parameters":{}}"#)
        #expect(try named.json()["task"] == "chief/greet")
        #expect(try served.post("/agents/chief/task", #"{"task":"mow"}"#).status == 404)
        #expect(served.stop() == 0)
    }

    @Test("the command makes, explains and runs plans; what it prints can be run")
    func command() throws {
        let command = try Command(), chief = try Self.chief.get()
        let made = try command("plan", "create", "say hello", plugins: [chief])
        #expect(made.status == 0, "\(made.errors)")
        let file = try command.scratch.write(Array(made.output.utf8), to: "plan.json")
        #expect(try command("run", "--plan", file, plugins: [chief]).status == 0)
        let explained = try command("plan", "explain", "say hello", plugins: [chief])
        #expect(explained.output.contains("say hello (5, keyword)") && explained.output.contains("ready to run"))
        let run = try command("plan", "create", "say hello", "--run", "--json", plugins: [chief])
        #expect(run.status == 0, "\(run.errors)")
        let incomplete = try command(
            "plan", "create", "say hello", "--run", "--data", #"{"text":1}"#, plugins: [chief])
        #expect(incomplete.status == 3 && incomplete.errors.contains("/text"), "\(incomplete.errors)")
        #expect(try command("plan", "infer", "xyzzy", plugins: [chief]).status == 4)
        let own = try command("plan", "create", "say hello", "--planner", "chief/plan", plugins: [chief])
        #expect(own.output.contains("planned"))
        // The departments that came with the host.
        let tool = try command(
            "plan", "create", "Find tools for drawing, then let the council decide between the options", "--json")
        let steps = try tool.json()["steps"]?.arrayValue ?? []
        #expect(steps.map { $0["chosen"]?["task"] } == ["research/tool-discovery", "council/decide"])
    }
}
