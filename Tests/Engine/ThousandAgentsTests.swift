import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Placement
import TestSupport
import Testing

@Suite("One host, one department, a thousand agents")
struct ThousandAgentsTests {
    @Test("1,000 agents are active at once in one worker; memory for each is reported, and all can be cancelled")
    func thousand() async throws {
        let count = 1000
        let scratch = try Scratch()
        let host = try await HostRuntime.open(
            HostSettings(
                storeFolder: scratch.folder("store"), pluginPaths: [Built.folder.path + "/libBenchEcho.so"],
                workerPath: Built.binary("bureau-worker").path, providers: [OfflineProvider()], priceBook: .builtIn,
                gateway: GatewaySettings()))
        let task = TaskReference(department: "bench", task: "wait")
        var runs: [RunID] = []
        for number in 0..<count {
            try await host.agentDesk.create(
                AgentAddress(department: "bench", name: "agent-\(number)"), configuration: Array("{}".utf8), by: "test")
            let submission = RunSubmission(task: task, agent: "agent-\(number)", input: Array("{}".utf8))
            runs.append(try await host.submit(submission).id)
        }
        while try await host.status().waitingRuns < count { try await Task.sleep(for: .milliseconds(20)) }

        let department = try #require(await host.departments().first)
        let statistics = try #require(department.statistics)
        #expect(statistics.instances == count)
        #expect(statistics.openCalls == count)
        #expect(statistics.restarts == 0)
        let bytes = try #require(department.residentBytesPerAgent)
        #expect(bytes > 0)

        for run in runs { try await host.cancel(run, reason: "enough") }
        for run in runs { #expect(try await host.outcome(of: run).state == .cancelled) }
        await host.shutdown()
    }
}

@Suite("Agents that have nothing to do")
struct IdleAgentsTests {
    @Test("of 1,500 agents that were made, few have an instance in the plugin, and any of them works when it is asked")
    func bounded() async throws {
        let count = 1500
        let scratch = try Scratch()
        let host = try await HostRuntime.open(
            HostSettings(
                storeFolder: scratch.folder("store"), pluginPaths: [Built.folder.path + "/libBenchEcho.so"],
                workerPath: Built.binary("bureau-worker").path, providers: [OfflineProvider()], priceBook: .builtIn,
                gateway: GatewaySettings()))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<16 {
                group.addTask {
                    for number in stride(from: lane, to: count, by: 16) {
                        try await host.agentDesk.create(
                            AgentAddress(department: "bench", name: "agent-\(number)"),
                            configuration: Array("{}".utf8), by: "test")
                    }
                }
            }
            try await group.waitForAll()
        }
        func instances() async -> Int { await host.departments().first?.statistics?.instances ?? .max }
        // As many as a department keeps of those that nobody uses.
        while await instances() > 256 { try await Task.sleep(for: .milliseconds(5)) }
        for name in ["agent-0", "agent-\(count / 2)", "agent-\(count - 1)"] {
            let run = try await host.submit(
                RunSubmission(
                    task: TaskReference(department: "bench", task: "echo"), agent: name, input: Array("{}".utf8)))
            #expect(try await host.outcome(of: run.id).state == .done)
        }
        #expect(try await host.departments().first?.statistics?.restarts == 0)
        await host.shutdown()
    }
}
