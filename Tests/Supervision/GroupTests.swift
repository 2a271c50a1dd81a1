import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Placement
import TestSupport
import Testing

/// Two departments in one process, of which one kills it.
@Suite("Crashes in a shared process", .timeLimit(.minutes(3)))
struct GroupTests {
    @inline(never)
    private func open(_ scratch: Scratch) async throws -> HostRuntime {
        for name in ["calm", "wild"] {
            try Crashy.build(
                into: scratch.folder("\(name).so"), "DEPARTMENT=\"\(name)\"", "PLUGIN_ID=\"org.example.\(name)\"")
        }
        var settings = HostSettings(
            storeFolder: scratch.folder("store"), pluginPaths: [scratch.folder("calm.so"), scratch.folder("wild.so")],
            workerPath: Built.binary("bureau-worker").path, placement: PlacementPlan(.group("desk")),
            providers: [OfflineProvider()], priceBook: .builtIn, gateway: GatewaySettings())
        settings.placements = Crashy.settings()
        return try await HostRuntime.open(settings)
    }

    @inline(never)
    private func begin(_ task: String, on host: HostRuntime) async throws -> RunID {
        let reference = try #require(TaskReference(task))
        return try await host.submit(RunSubmission(task: reference, input: Array("{}".utf8))).id
    }

    @inline(never)
    private func waitForOpenCalls(_ host: HostRuntime, _ department: String, _ count: Int) async throws {
        try await eventually {
            await host.departments().first { $0.name == department }?.statistics?.openCalls == count
        }
    }

    @Test(
        "the run that kills the process is parked, the other member's runs are done uncounted, and only one is blamed",
        arguments: ["segv", "overflow", "thread"])
    func parked(task: String) async throws {
        let scratch = try Scratch()
        let host = try await open(scratch)
        let bystanders = [try await begin("calm/hold", on: host), try await begin("calm/hold", on: host)]
        try await waitForOpenCalls(host, "calm", 2)
        let poison = try await host.outcome(of: try await begin("wild/\(task)", on: host))
        #expect(poison.state == .dead, "\(poison.failure?.description ?? "")")
        try await waitForOpenCalls(host, "calm", 2)
        let release = try await host.outcome(of: try await begin("calm/release", on: host))
        #expect(release.state == .done)
        let unharmed = try await host.areDoneUncounted(bystanders)
        #expect(unharmed)
        let (calm, wild) = (try await host.crashes(of: "calm"), try await host.crashes(of: "wild"))
        #expect(calm.isEmpty, "\(calm)")
        #expect(wild.count == 3 && wild.allSatisfy { $0.plugin == "org.example.wild" })
        #expect(host.quarantines.isEmpty)
        await host.shutdown()
    }

    @Test("when nobody knows who did it, the suspects of all members run alone, and the guilty one is found")
    func suspects() async throws {
        let scratch = try Scratch()
        let host = try await open(scratch)
        let bystander = try await begin("calm/late", on: host)
        try await waitForOpenCalls(host, "calm", 1)
        let poison = try await host.outcome(of: try await begin("wild/kill", on: host))
        #expect(poison.state == .dead)
        let unharmed = try await host.areDoneUncounted([bystander])
        #expect(unharmed)
        #expect(host.quarantines.isEmpty)
        await host.shutdown()
    }
}
