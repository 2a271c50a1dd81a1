import Audit
import Engine
import Foundation
import Gateway
import HostTools
import Journal
import Kernel
import Synchronization

/// The host with a fault hook: runs one task to its end, or kills itself with SIGKILL before or after the n-th
/// commit. Started again on the same store it goes on. The product has no such hook: it is injected here.
///
///     bureau-fault-host STORE WORKER PLUGIN,PLUGIN,… TASK INPUT-FILE [before|after N]
///
/// Prints one JSON line: state, output and the number of commits.
@main
struct FaultHost {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 6 || arguments.count == 8, let task = TaskReference(arguments[4]) else {
            FileHandle.standardError.write(Data("usage: see FaultHost.swift\n".utf8))
            exit(2)
        }
        let commits = Atomic<Int>(0)
        let kill = arguments.count == 8 ? (point: arguments[6], number: Int(arguments[7]) ?? 0) : nil
        let faults = CommitFaults(
            before: { number in if kill?.point == "before", kill?.number == number { die() } },
            after: { number in
                commits.store(number, ordering: .relaxed)
                if kill?.point == "after", kill?.number == number { die() }
            })
        let host = try await HostRuntime.open(
            HostSettings(
                storeFolder: arguments[1], pluginPaths: arguments[3].split(separator: ",").map(String.init),
                workerPath: arguments[2], providers: [OfflineProvider()], priceBook: .builtIn,
                gateway: GatewaySettings(),
                tools: BuiltInTools.all(
                    settings: ToolSettings(allowedRoots: [FileManager.default.currentDirectoryPath])),
                grants: GrantPolicy(others: .grantAll), faults: faults))
        let input = try Data(contentsOf: URL(fileURLWithPath: arguments[5]))
        let run = try await host.submit(
            RunSubmission(task: task, input: Array(input), idempotencyKey: "the one run"))
        let ended = try await host.outcome(of: run.id)
        let audit = try await host.verifyAudit()
        let result: JSONValue = [
            "state": .string(ended.state.name), "run": .string(ended.id.description),
            "failure": ended.failure.map { JSONValue.string($0.description) } ?? .null,
            "output": ended.output.flatMap { try? JSONParser.parse($0) } ?? .null,
            "audit_problems": .array(audit.problems.map { JSONValue.string($0.description) }),
            "commits": .integer(Int64(commits.load(ordering: .relaxed))),
        ]
        await host.shutdown()
        FileHandle.standardOutput.write(Data(result.bytes + [10]))
    }

    private static func die() { _ = Glibc.kill(getpid(), SIGKILL) }
}
