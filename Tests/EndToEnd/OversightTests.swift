import Kernel
import TestSupport
import Testing

@Suite("Classes, holds and reports, by the real command and its API", .timeLimit(.minutes(3)))
struct OversightTests {
    private static func body(_ text: String, _ more: String = "") -> String {
        #"{"task":"echo","parameters":{"text":"\#(text)","count":1}\#(more)}"#
    }

    private func run(_ served: Served, _ body: String) throws -> String {
        let answer = try served.post("/agents/desk/execute", body)
        return try #require(try answer.json()["job_id"]?.stringValue, "\(answer.body)")
    }

    @Test("a job has its class, a person changes it, looks at confidential content are in the log, a hold is placed")
    func served() throws {
        let served = try Served(try Command(), desk: try CompiledPlugin.desk.get())
        let plain = try run(served, Self.body("hello"))
        #expect(try served.get("/jobs/\(plain)/classification").json()["classification"] == "internal")
        let secret = try run(served, Self.body("a secret", #","classification":"public""#))
        let shown = try served.get("/jobs/\(secret)/classification").json()
        #expect(shown["classification"] == "confidential" && shown["reasons"] == ["said", "rule seed.keywords"])
        #expect(shown["handling"]?["audit_required"] == true)
        #expect(try served.get("/jobs/\(secret)").json()["classification"] == "confidential")
        let change = #"{"classification":"internal","by":"ana","reason":"published"}"#
        let changed = try served.put("/jobs/\(secret)/classification", change).json()
        #expect(changed["classification"] == "internal" && changed["before"] == "confidential")
        let unknown = #"{"classification":"x","by":"a","reason":"b"}"#
        #expect(try served.put("/jobs/\(secret)/classification", unknown).status == 422)
        #expect(try served.post("/agents/desk/execute", Self.body("x", #","classification":"top""#)).status == 422)

        let hold = #"{"keeps":"run:\#(plain)","by":"ana","reason":"suit"}"#
        #expect(try served.put("/holds/case-1", hold).status == 201)
        #expect(try served.put("/holds/case-1", hold).status == 409)
        #expect(try served.put("/holds/case-2", #"{"keeps":"user:x","by":"a","reason":"b"}"#).status == 422)
        #expect(try served.get("/holds").json()["holds"]?.arrayValue?.count == 1)
        #expect(try served.delete("/holds/case-1", #"{"by":"ana","reason":"settled"}"#).status == 204)

        let assessment = try served.get("/compliance/assessment").json()
        #expect(assessment["scores"]?["accountability"]?["human_oversight"]?["status"] == "no_evidence")
        let report = try served.get("/compliance/articles/12", "Accept: text/markdown")
        #expect(report.status == 200 && report.body.hasPrefix("# AI Act, Article 12: Record-keeping"))
        #expect(try served.get("/compliance/articles/13").status == 404)
        #expect(try served.get("/compliance/processing").json()["activities"]?.arrayValue?.count ?? 0 > 0)
        // Beside the running host.
        let scores = try served.command("compliance", "assess", "--json").json()
        #expect(scores["scores"]?["accountability"]?["audit_trail"]?["score_milli"]?.integerValue ?? 0 >= 800)
        let access = try served.command("runs", "show", secret, "--json").json()
        #expect(access["classification"] == "internal" && access["class"]?["by"] == "ana")
        #expect(served.stop() == 0)
        #expect(try served.command("audit", "verify").status == 0)
    }

    @Test("holds, settings and fairness by command; what is too short for a high-risk system is refused")
    func commands() throws {
        let bureau = try Command()
        #expect(try bureau("compliance", "set", "gdpr.controller", "Acme, Bonn").status == 0)
        #expect(try bureau("compliance", "set", "ai_act.high_risk", "on").status == 0)
        let short = try bureau("db", "retention", "set", "archives", "30")
        #expect(short.status != 0 && short.errors.contains("183"), "\(short.errors)")
        #expect(try bureau("hold", "add", "case-1", "tenant:acme", "--reason", "suit").status == 0)
        #expect(try bureau("hold", "add", "case-1", "tenant:acme", "--reason", "suit").status != 0)
        #expect(try bureau("hold", "list", "--json").json()["holds"]?.arrayValue?.first?["keeps"] == "tenant:acme")
        #expect(try bureau("hold", "release", "case-1", "--reason", "settled").status == 0)
        let data = try bureau.scratch.write(Array("group,selected,total\na,48,80\nb,12,40\n".utf8), to: "d.csv")
        let impact = try bureau("compliance", "fairness", data, "--department", "hr", "--json").json()
        #expect(impact["ratio_milli"] == 500 && impact["within_four_fifths"] == false)
        let record = try bureau("compliance", "processing")
        #expect(record.output.contains("Acme, Bonn") && record.output.hasPrefix("# Record of processing activities"))
        let report = try bureau("compliance", "report", "--article", "19", "--json").json()
        #expect(report["high_risk"] == true)
        let dates = try bureau.scratch.write(
            Array(#"{"general":{"date":"2031-01-01","source":"test"}}"#.utf8), to: "dates.json")
        let moved = try bureau("compliance", "report", "--article", "26", "--dates", dates, "--json").json()
        #expect(moved["dates"]?.arrayValue?.contains { $0["date"] == "2031-01-01" } == true)
        #expect(try bureau("audit", "verify").status == 0)
    }
}
