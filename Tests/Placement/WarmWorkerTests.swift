import Foundation
import Glibc
import Kernel
import Placement
import Testing

/// Workers that are ready before they are needed.
@Suite("Warm workers", .timeLimit(.minutes(2)))
struct WarmWorkerTests {
    private static func placement(warm: Int = 1) throws -> Placement {
        var settings = Stage.settings()
        settings.warmWorkers = warm
        return try Placement(workerPath: PluginCompiler.workerPath, settings: settings)
    }

    /// Waits until the pool has `count` that are not among `old`.
    private static func warm(
        _ placement: Placement, count: Int = 1, besides old: [Int32] = []
    ) async throws -> [Int32] {
        while true {
            let processes = placement.warmProcessIDs.filter { !old.contains($0) }
            if processes.count == count { return processes }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// False from the moment it is a zombie: the pool may not have heard of that yet.
    private static func runs(_ process: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let state = text.split(separator: ")").last?.first(where: { $0 != " " })
        else { return false }
        return state != "Z" && state != "X"
    }

    private static func waitForEnd(of process: Int32) async throws {
        while FileManager.default.fileExists(atPath: "/proc/\(process)") { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test("inspecting and placing take the one that waits, and another takes its place")
    func taken() async throws {
        let placement = try Self.placement()
        let first = try await Self.warm(placement)
        let descriptor = try await placement.inspect(try PluginCompiler.library("Plugins/echo.c"))
        let second = try await Self.warm(placement, besides: first)
        let plugin = try await placement.place(descriptor, as: .worker)
        #expect(plugin.statistics().processID == second[0])
        _ = try await Self.warm(placement, besides: first + second)
        try await Self.waitForEnd(of: first[0])
        await plugin.shutdown()
    }

    @Test("one that is killed is replaced, and is not handed out")
    func killed() async throws {
        let placement = try Self.placement()
        let descriptor = try await placement.inspect(try PluginCompiler.library("Plugins/echo.c"))
        for _ in 0..<20 {
            let victim = try await Self.warm(placement)
            kill(victim[0], SIGKILL)
            while Self.runs(victim[0]) { await Task.yield() }
            let plugin = try await placement.place(descriptor, as: .worker)
            #expect(plugin.statistics().processID != victim[0])
            await plugin.shutdown()
        }
    }

    @Test("more than wait can be placed at once", arguments: [0, 1, 3])
    func exhausted(warm: Int) async throws {
        let placement = try Self.placement(warm: warm)
        let descriptor = try await placement.inspect(try PluginCompiler.library("Plugins/echo.c"))
        let processes = try await withThrowingTaskGroup(of: (any PlacedPlugin).self) { group in
            for _ in 0..<6 { group.addTask { try await placement.place(descriptor, as: .worker) } }
            var processes: Set<Int32> = []
            for try await plugin in group {
                if let process = plugin.statistics().processID { processes.insert(process) }
                await plugin.shutdown()
            }
            return processes
        }
        #expect(processes.count == 6)
    }

    @Test("they end with their placement")
    func closed() async throws {
        var placement: Placement? = try Self.placement(warm: 3)
        guard let open = placement else { return }
        let processes = try await Self.warm(open, count: 3)
        placement = nil
        _ = consume open
        for process in processes { try await Self.waitForEnd(of: process) }
    }
}
