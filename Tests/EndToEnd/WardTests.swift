import Foundation
import Kernel
import TestSupport
import Testing

/// Runs that were open when their process died are tried again in processes of their own, a few at a time. Those that
/// wait for children must not keep their children waiting.
@Suite("Runs that are tried alone", .timeLimit(.minutes(5)))
struct WardTests {
    private static let parents = 8

    @Test("parents and children that were open at a crash all come to their end")
    func parentsAndChildren() throws {
        let served = try Served(try Command(), desk: Built.binary("libFaultProgram.so").path)
        let child: JSONValue = ["do": "child", "program": [["do": "sleep", "ms": 1_500], ["do": "step"]]]
        let ids = try (0..<Self.parents).map { try submit(served, "p\($0)", [child, ["do": "step"]]) }
        try wait { try count(served, ["waiting"]) == 2 * Self.parents }
        let killer = try submit(served, "killer", [["do": "step"], ["do": "crash"]])
        try wait { try (ids + [killer]).allSatisfy { ["done", "dead"].contains(try status(served, $0)) } }
        #expect(try ids.allSatisfy { try status(served, $0) == "done" })
        #expect(try status(served, killer) == "dead")
        #expect(served.stop() == 0)
    }

    private func submit(_ served: Served, _ name: String, _ lines: JSONValue) throws -> String {
        let body: JSONValue = ["task": "run", "parameters": ["name": .string(name), "lines": lines]]
        let response = try served.post("/agents/program/execute", body.serialized())
        return try #require(try response.json()["job_id"]?.stringValue, "\(response.body)")
    }

    private func status(_ served: Served, _ id: String) throws -> String {
        try served.get("/jobs/\(id)").json()["status"]?.stringValue ?? ""
    }

    private func count(_ served: Served, _ states: Set<String>) throws -> Int {
        let jobs = try served.get("/jobs?limit=200").json()["jobs"]?.arrayValue ?? []
        return jobs.count { states.contains($0["status"]?.stringValue ?? "") }
    }

    private func wait(_ condition: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(120)
        while try !condition() {
            guard Date() < end else { throw Failure(.deadline, "it does not come to its end") }
            usleep(50_000)
        }
    }
}
