import Foundation
import Glibc
import Kernel
import Synchronization
import Testing

import Placement

/// A plugin that tries to get out, and machines that offer less to keep it in.
@Suite("The sandbox", .timeLimit(.minutes(3)))
struct SandboxTests {
    private static let hostile = "Hostile/hostile.c"
    static let attempts = 45

    @Test("nothing that a plugin tries succeeds, while it is loaded or in a task")
    func attacks() async throws {
        let stage = try await Stage(Self.hostile)
        #expect(await stage.run("constructor") == .success("of \(Self.attempts)"))
        #expect(await stage.run("attack") == .success("of \(Self.attempts)"))
        #expect(stage.plugin.statistics().restarts == 0)
        await stage.plugin.shutdown()
    }

    @Test("foreign system calls end the process", arguments: ["x32", "int80"])
    func foreignCalls(task: String) async throws {
        #if arch(x86_64)
            let stage = try await Stage(Self.hostile)
            let end = await stage.run(task)
            // A kernel without 32-bit programs has no such gate at all: SIGSEGV.
            #expect(end == .lost(.signal(31)) || (task == "int80" && end == .lost(.signal(11))), "\(end)")
            await stage.plugin.shutdown()
        #endif
    }

    @Test("its own signals end it as such", arguments: [("raise", Int32(15)), ("stay-away", 10)])
    func ownSignals(task: String, signal: Int32) async throws {
        let stage = try await Stage(Self.hostile)
        #expect(await stage.run(task) == .lost(.signal(signal)))
        await stage.plugin.shutdown()
    }

    @Test("floods are bounded", arguments: ["threads", "memory", "descriptors"])
    func floods(task: String) async throws {
        var settings = Stage.settings()
        settings.memoryBytes = 64 << 20
        let stage = try await Stage(Self.hostile, settings: settings)
        #expect(await stage.run(task) == .success("bounded"))
        await stage.plugin.shutdown()
    }

    @Test("processor time is bounded, and the end says so")
    func processorTime() async throws {
        var settings = Stage.settings()
        settings.cpuSeconds = 1
        let stage = try await Stage(Self.hostile, settings: settings)
        #expect(await stage.run("spin") == .lost(.signal(24)))
        await stage.plugin.shutdown()
    }

    @Test("each start is told with its level, before the plugin is up, and statistics are of the plugin's process")
    func starts() async throws {
        let starts = Mutex<[WorkerStart]>([])
        var settings = Stage.settings()
        settings.workerStarted = { start in starts.withLock { $0.append(start) } }
        let stage = try await Stage(Self.hostile, settings: settings)
        let told = starts.withLock { $0 }
        #expect(told.count == 1)
        #expect(told.first?.plugin == "org.example.test")
        #expect(told.first?.processID == stage.plugin.statistics().processID)
        #expect(stage.plugin.statistics().isolation == told.first?.isolation)
        #expect(stage.placement.isolation?.level == told.first?.isolation.level)
        let process = try #require(stage.plugin.statistics().processID)
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        #expect(status.contains("Seccomp:\t2"))
        #expect(status.contains("NoNewPrivs:\t1"))
        if told.first?.isolation.level == .strict {
            // The number of the plugin's process in its own namespace, as it sees it itself.
            #expect(await stage.run("status") == .success("2"))
        }
        await stage.plugin.shutdown()
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(process)"))
    }
}

/// Lesser kernels, by a filter that refuses what they lack: the level drops as documented, and is never claimed.
@Suite("Isolation levels", .timeLimit(.minutes(3)))
struct IsolationLevelTests {
    private static let landlock = "{444,446,ENOSYS},"
    private static let namespaces = "{SYS_unshare,SYS_unshare,EPERM},"
    private static let filters = "{SYS_seccomp,SYS_seccomp,EINVAL},"
    private static let mounts = "{SYS_mount,SYS_mount,EPERM},"

    private static func machine(_ name: String, _ refused: String) throws -> Placement {
        var settings = Stage.settings()
        settings.minimumIsolation = .none
        return try Placement(workerPath: try worker(name, refused), settings: settings)
    }

    private static func worker(_ name: String, _ refused: String) throws -> String {
        try PluginCompiler.program(
            "Hostile/launcher.c", named: name,
            macros: ["REFUSED=\(refused)", "WORKER=\"\(PluginCompiler.workerPath)\""])
    }

    @Test(
        "the level is what holds",
        arguments: [
            ("no-landlock", landlock, IsolationLevel.basic, "landlock"),
            ("no-namespaces", namespaces, .standard, "user_namespace"),
            ("no-mounts", mounts, .standard, "own_root"),
            ("no-filters", filters, .none, "system_calls"),
            ("nothing", landlock + namespaces + filters, .none, "landlock"),
        ])
    func level(name: String, refused: String, level: IsolationLevel, layer: String) async throws {
        let placement = try Self.machine(name, refused)
        let descriptor = try await placement.inspect(try PluginCompiler.library("Plugins/echo.c"))
        let report = try #require(placement.isolation)
        #expect(report.level == level)
        #expect(report.missing.contains { $0.hasPrefix(layer + " (") }, "\(report.missing)")
        // And plugins work there.
        let plugin = try await placement.place(descriptor, as: .worker)
        _ = try await plugin.createInstance(configuration: Array("{}".utf8))
        #expect(plugin.statistics().isolation?.level == level)
        await plugin.shutdown()
    }

    /// Only root can become another user, who must then be able to reach the worker.
    private static var canTryAnotherUser: Bool {
        var folder = URL(fileURLWithPath: PluginCompiler.workerPath).deletingLastPathComponent()
        while folder.path != "/" {
            let permissions = try? FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int
            guard let permissions, permissions & 1 == 1 else { return false }
            folder.deleteLastPathComponent()
        }
        return geteuid() == 0
    }

    @Test(
        "a host without privileges has workers that are confined the same",
        .enabled(if: IsolationLevelTests.canTryAnotherUser))
    func unprivileged() async throws {
        let worker = try PluginCompiler.program(
            "Hostile/launcher.c", named: "unprivileged",
            macros: ["REFUSED=", "USER=65534", "WORKER=\"\(PluginCompiler.workerPath)\""])
        let placement = try Placement(workerPath: worker, settings: Stage.settings())
        let descriptor = try await placement.inspect(try PluginCompiler.library("Hostile/hostile.c"))
        let report = try #require(placement.isolation)
        #expect(report.layers[.identity] == .kept)
        let privileged = try Placement(workerPath: PluginCompiler.workerPath, settings: Stage.settings())
        _ = try await privileged.inspect(descriptor.path)
        #expect(report.level == privileged.isolation?.level)
        let stage = try await Stage("Hostile/hostile.c", worker: worker)
        #expect(await stage.run("attack") == .success("of \(SandboxTests.attempts)"))
        await stage.plugin.shutdown()
    }

    @Test("less than the operator asks is refused, with what lacks and what to do")
    func refusal() async throws {
        var settings = Stage.settings()
        settings.minimumIsolation = .strict
        let placement = try Placement(
            workerPath: try Self.worker("no-namespaces", Self.namespaces), settings: settings)
        let error = await #expect(throws: PlacementError.self) {
            _ = try await placement.inspect(try PluginCompiler.library("Plugins/echo.c"))
        }
        #expect(error?.code == .notConfined)
        for part in ["standard", "strict", "user_namespace", "--min-isolation standard"] {
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
    }

    @Test("the default refuses a machine without Landlock")
    func defaultMinimum() async throws {
        let placement = try Placement(
            workerPath: try Self.worker("no-landlock", Self.landlock), settings: PlacementSettings())
        let error = await #expect(throws: PlacementError.self) {
            _ = try await placement.inspect(try PluginCompiler.library("Plugins/echo.c"))
        }
        #expect(error?.code == .notConfined)
    }

    @Test("a worker that ends at once is named")
    func noWorker() async throws {
        let placement = try Placement(workerPath: "/bin/false", settings: Stage.settings())
        let error = await #expect(throws: PlacementError.self) {
            _ = try await placement.inspect(try PluginCompiler.library("Plugins/echo.c"))
        }
        #expect(error?.code == .workerMissing)
        #expect(error?.message.contains("before it was confined") == true)
    }
}

@Suite("Sandbox reports")
struct SandboxReportTests {
    private static func words() -> [String] {
        SandboxReport.Layer.allCases.map { "\($0.rawValue)=ok" } + ["landlock_abi=7"]
            + SandboxReport.Attack.allCases.map { "attack.\($0.rawValue)=refused" }
    }

    private static func report(_ changes: [String: String] = [:]) throws -> SandboxReport {
        let changed = words().map { word in
            let name = String(word.prefix { $0 != "=" })
            return changes[name].map { "\(name)=\($0)" } ?? word
        }
        return try SandboxReport(parsing: changed.joined(separator: " "))
    }

    @Test("one layer or attack decides the level")
    func levels() throws {
        #expect(try Self.report().level == .strict)
        #expect(try Self.report().missing == [])
        #expect(try Self.report(["identity": "kept", "cgroup_namespace": "errno22"]).level == .strict)
        #expect(try Self.report(["landlock_abi": "3"]).level == .standard)
        for layer in ["user_namespace", "mount_namespace", "network_namespace", "process_namespace", "own_root"] {
            #expect(try Self.report([layer: "errno1"]).level == .standard)
        }
        for change in ["landlock", "attack.read_file", "attack.list_root"] {
            #expect(try Self.report([change: change == "landlock" ? "errno38" : "succeeded"]).level == .basic)
        }
        for layer in ["limits", "threads_limit", "no_new_privileges", "no_capabilities", "system_calls", "identity"] {
            #expect(try Self.report([layer: "errno1"]).level == .none)
        }
        for attack in SandboxReport.Attack.allCases where attack != .readFile && attack != .listRoot {
            #expect(try Self.report(["attack.\(attack.rawValue)": "succeeded"]).level == .none)
        }
    }

    @Test("what is not exactly a report is refused")
    func strictness() throws {
        let words = Self.words()
        var broken = words.indices.map { index in
            words.enumerated().filter { $0.offset != index }.map(\.element).joined(separator: " ")
        }
        let whole = words.joined(separator: " ")
        broken += ["", " ", whole + " ", whole + " extra=ok", whole + " landlock=ok", whole + " level=strict"]
        broken += ["limits=yes", "limits=errno0", "limits=errno-1", "limits=kept", "landlock_abi=-1", "landlock_abi="]
            .map { change in
                let name = change.prefix { $0 != "=" } + "="
                return words.map { $0.hasPrefix(name) ? change : $0 }.joined(separator: " ")
            }
        for text in broken { #expect(throws: ProtocolViolation.self) { _ = try SandboxReport(parsing: text) } }
    }
}
