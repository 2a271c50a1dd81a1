import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Placement
import TestSupport
import Testing

/// A host over two counters that share a process.
private struct Desk {
    let scratch: Scratch
    let host: HostRuntime
    static let names = ["left", "right"]

    @inline(never)
    init() async throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.folder("plugins"), withIntermediateDirectories: true)
        for name in Self.names { try Self.write(name, "generation=1:schema=1", into: scratch) }
        var placements = PlacementSettings()
        placements.graceMilliseconds = 200
        placements.backoffMinimumMilliseconds = 1
        placements.backoffMaximumMilliseconds = 5
        let plan = PlacementPlan(departments: ["left": .group("desk"), "right": .group("desk")])
        host = try await HostRuntime.open(
            HostSettings(
                storeFolder: scratch.folder("store"), pluginPaths: [scratch.folder("plugins")],
                workerPath: Built.binary("bureau-worker").path, placement: plan, placements: placements,
                providers: [OfflineProvider()], priceBook: .builtIn, gateway: GatewaySettings(),
                grants: GrantPolicy(others: .grantAll)))
    }

    private static func write(_ name: String, _ settings: String, into scratch: Scratch) throws {
        try CounterPlugin.write(
            "id=org.example.\(name):department=\(name):\(settings)", to: scratch.folder("plugins/\(name).so"))
    }

    @inline(never)
    func count(_ name: String) async throws -> (count: Int64, generation: Int64) {
        let task = TaskReference(department: name, task: "count")
        let run = try await host.submit(RunSubmission(task: task, input: Array("{}".utf8)))
        return try Stage.answer(try await host.outcome(of: run.id))
    }

    @inline(never)
    func reload(_ name: String, _ settings: String) async throws -> ReloadReport {
        try Self.write(name, settings, into: scratch)
        return try await host.reload(name)
    }

    @inline(never)
    func department(_ name: String) async throws -> DepartmentStatus {
        try #require(await host.departments().first { $0.name == name })
    }
}

@Suite("Departments that share a process", .timeLimit(.minutes(2)))
struct GroupTests {
    @Test("a reload of one takes it out with its memory, and the others go on as if nothing had happened")
    func reload() async throws {
        let desk = try await Desk()
        for expected in 1...3 { #expect(try await desk.count("left") == (Int64(expected), 1)) }
        #expect(try await desk.count("right") == (1, 1))
        let before = try await (desk.department("left"), desk.department("right"))
        let shared = try #require(before.0.statistics?.processID)
        #expect(before.1.statistics?.processID == shared)
        #expect(before.0.placement == .group("desk") && before.1.placement == .group("desk"))
        #expect(before.0.statistics?.companions == ["org.example.left", "org.example.right"])
        #expect(before.0.residentBytesPerAgent == nil)

        let report = try await desk.reload("left", "generation=2:schema=2")
        #expect(report.generation == 2 && report.stateBytes == 1)
        #expect(try await desk.count("left") == (4, 2))
        #expect(try await desk.count("right") == (2, 1))
        let after = try await (desk.department("left"), desk.department("right"))
        #expect(after.0.placement == .worker && after.0.statistics?.processID != shared)
        #expect(after.1.placement == .group("desk") && after.1.statistics?.processID == shared)
        #expect(after.1.statistics?.restarts == 0)
        await desk.host.shutdown()
    }

    @Test("a reload that fails leaves the group as it was")
    func rollback() async throws {
        let desk = try await Desk()
        #expect(try await desk.count("left") == (1, 1))
        let shared = try await desk.department("left").statistics?.processID
        await #expect(throws: EngineError.self) { try await desk.reload("left", "generation=2:fault=probe") }
        #expect(try await desk.count("left") == (2, 1))
        #expect(try await desk.count("right") == (1, 1))
        let (left, right) = try await (desk.department("left"), desk.department("right"))
        #expect(shared != nil && left.statistics?.processID == shared && right.statistics?.processID == shared)
        await desk.host.shutdown()
    }

    @Test("a member that may not work when the group forms is not loaded into it, and later gets a process of its own")
    func disabled() async throws {
        let desk = try await Desk()
        try await desk.host.setDepartment("right", enabled: false)
        #expect(try await desk.count("left") == (1, 1))
        #expect(try await desk.department("left").statistics?.companions == ["org.example.left"])
        try await desk.host.setDepartment("right", enabled: true)
        #expect(try await desk.count("right") == (1, 1))
        let (left, right) = try await (desk.department("left"), desk.department("right"))
        #expect(right.placement == .worker && left.statistics?.processID != right.statistics?.processID)
        await desk.host.shutdown()
    }

    @Test("a place for a department that is not there is refused at the start, by name")
    func unknown() async throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.folder("plugins"), withIntermediateDirectories: true)
        try CounterPlugin.write("generation=1", to: scratch.folder("plugins/counter.so"))
        let settings = HostSettings(
            storeFolder: scratch.folder("store"), pluginPaths: [scratch.folder("plugins")],
            workerPath: Built.binary("bureau-worker").path,
            placement: PlacementPlan(departments: ["conter": .inline]), providers: [OfflineProvider()],
            priceBook: .builtIn, gateway: GatewaySettings())
        do {
            let host = try await HostRuntime.open(settings)
            await host.shutdown()
            #expect(Bool(false), "it started")
        } catch {
            #expect(error.code == .unknownDepartment && error.message.contains("conter"))
        }
    }
}
