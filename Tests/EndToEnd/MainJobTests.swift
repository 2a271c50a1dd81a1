import Foundation
import Kernel
import TestSupport
import Testing

/// The main job on the shipped input, run once; each test looks at one side of what it left.
struct MainJob {
    static let shared = Result { try MainJob() }

    static let input = Built.checkout.appendingPathComponent("Plugins/Business/Examples/launch-case.json").path

    let command: Command
    let result: Command.Result
    let report: JSONValue

    private init() throws {
        command = try Command()
        result = try command("run", "business/launch-case", "--input", Self.input, "--json")
        report = try result.json()
    }

    var run: String { report["run"]?["id"]?.stringValue ?? "" }
}

@Suite("The main job, by the real command", .serialized)
struct MainJobTests {
    let job: MainJob

    init() throws { job = try MainJob.shared.get() }

    @Test("runs to its end and says so")
    func ends() throws {
        #expect(job.result.status == 0, "\(job.result.errors)")
        #expect(job.result.errors.isEmpty)
        #expect(job.report["run"]?["status"] == "done")
        #expect(job.report["run"]?["output"]?.objectValue?.isEmpty == false)
    }

    @Test("crosses all five departments, each with its cost row")
    func departments() {
        let tasks = (job.report["costs"]?.arrayValue ?? []).compactMap { $0["task"]?.stringValue }
        let departments = Set(tasks.compactMap { $0.split(separator: "/").first.map(String.init) })
        #expect(departments.isSuperset(of: ["business", "research", "finance", "council", "engineering"]))
    }

    @Test("leaves a report as Markdown and HTML, whose bytes are those of the journal")
    func artifacts() throws {
        let artifacts = job.report["artifacts"]?.arrayValue ?? []
        for name in ["report.md", "report.html"] {
            let artifact = try #require(artifacts.first { $0["name"]?.stringValue == name })
            let path = try #require(artifact["path"]?.stringValue)
            let bytes = try #require(FileManager.default.contents(atPath: path))
            #expect(Digest.sha256(Array(bytes)).hex == artifact["digest"]?.stringValue)
            let got = try job.command("artifacts", "get", job.run, name)
            #expect(got.status == 0)
            #expect(Data(got.output.utf8) == bytes)
        }
    }

    @Test("is listed and shown with its steps and children")
    func listed() throws {
        let list = try job.command("runs", "list", "--json").json()
        #expect(list["runs"]?.arrayValue?.compactMap { $0["id"]?.stringValue }.contains(job.run) == true)
        let shown = try job.command("runs", "show", job.run, "--json").json()
        #expect(shown["steps"]?.arrayValue?.isEmpty == false)
        #expect((shown["children"]?.arrayValue?.count ?? 0) >= 4)
        let plain = try job.command("runs", "show", job.run)
        #expect(plain.output.contains("business/launch-case"))
    }

    @Test("leaves a sound audit log that ends at the checkpoint the run showed, or later")
    func audit() throws {
        let verified = try job.command("audit", "verify", "--json")
        let report = try verified.json()
        #expect(verified.status == 0, "\(verified.output)")
        #expect(report["sound"] == true)
        #expect(report["anchored"] == true)
        #expect((report["leaves"]?.integerValue ?? 0) >= (job.report["audit"]?["size"]?.integerValue ?? .max))
    }

    @Test(
        "is told by every looking command, as one JSON document and as plain text",
        arguments: [
            ["runs", "list"], ["departments"], ["departments", "show", "finance"], ["tasks"],
            ["tasks", "business/launch-case"], ["agents"], ["budget", "show"], ["approvals"], ["status"], ["version"],
            ["audit", "verify"],
        ])
    func looking(arguments: [String]) throws {
        let json = try job.command.run(arguments + ["--json"])
        #expect(json.status == 0, "\(json.errors)")
        #expect(throws: Never.self) { try json.json() }
        let plain = try job.command.run(arguments)
        #expect(plain.status == 0)
        #expect(!plain.output.isEmpty)
        #expect(!plain.output.contains("\u{1B}"), "a pipe gets no colour")
    }

    @Test("in a pipe shows plain lines that are appended, and ends with costs, report, run and audit checkpoint")
    func plainProgress() throws {
        let result = try job.command("run", "business/launch-case", "--input", MainJob.input)
        #expect(result.status == 0, "\(result.errors)")
        #expect(!result.errors.contains("\u{1B}") && !result.output.contains("\u{1B}"))
        for department in ["research", "finance", "council", "engineering"] {
            #expect(result.errors.contains("  \(department)/"), "progress names \(department)")
        }
        for part in ["department/task", "total", "report.html", "run  ", "audit  "] {
            #expect(result.output.contains(part), "the end names \(part)")
        }
    }
}
