import Egress
import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Synchronization

/// A host with one paid model call through the egress process, and a way to die: kills itself, the egress process or
/// both with SIGKILL at a point of the call. Started again on the same store it goes on.
///
///     bureau-egress-fault-host STORE WORKER EGRESS PLUGIN URL [host|egress|both POINT]
///
/// Points: `commit-N` and `after-commit-N` (around the N-th commit), `send`, `sent` (the upstream has it), `piece`,
/// `answered`, `forget`. Prints one JSON line: the run's state and cost, what is held, and the ledger's movements.
@main
struct EgressFaultHost {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 6 || arguments.count == 8, let task = TaskReference("desk/model") else {
            FileHandle.standardError.write(Data("usage: see EgressFaultHost.swift\n".utf8))
            exit(2)
        }
        let store = arguments[1]
        let client = try EgressClient(
            EgressSettings(program: arguments[3], folder: EgressSettings.folder(ofStore: store)))
        let fault = Fault(arguments.count == 8 ? (arguments[6], arguments[7]) : nil, client)
        let provider = try HTTPProvider(
            ProviderSettings(name: "upstream", baseURL: arguments[5], defaultModel: "gpt-5"),
            client: FaultySender(
                client: client,
                folder: SpoolFolder(
                    path: EgressSettings.folder(ofStore: store), limits: SpoolFolder.Limits(),
                    now: WallClock.now()),
                fault: fault))
        let host = try await HostRuntime.open(
            HostSettings(
                storeFolder: store, pluginPaths: [arguments[4]], workerPath: arguments[2], providers: [provider],
                priceBook: .builtIn,
                gateway: GatewaySettings(
                    defaultProvider: "upstream", pricing: ["upstream": .book(provider: "openai")]),
                grants: GrantPolicy(others: .grantAll),
                faults: CommitFaults(
                    before: { fault.reached("commit-\($0)") }, after: { fault.reached("after-commit-\($0)") })))
        let run = try await host.submit(RunSubmission(task: task, input: Array("{}".utf8), idempotencyKey: "once"))
        let ended = try await host.outcome(of: run.id)
        let (budget, ledger) = try await host.journal.read { journal throws(JournalError) in
            (
                try journal.budget(.organisation),
                try journal.ledger(of: run.id, after: 0, limit: 100).filter { $0.node == .organisation }
            )
        }
        await host.shutdown()
        let result: JSONValue = [
            "state": .string(ended.state.name), "cost": .integer(ended.cost.value),
            "held": .integer(budget?.held.value ?? -1), "spent": .integer(budget?.spent.value ?? -1),
            "ledger": .array(ledger.map { .string("\($0.attempt.split(separator: "/").last ?? "") \($0.kind)") }),
            "failure": ended.failure.map { .string($0.description) } ?? .null,
        ]
        FileHandle.standardOutput.write(Data(result.bytes + [10]))
    }
}

/// Strikes once.
final class Fault: Sendable {
    private let plan: (victim: String, point: String)?
    private let client: EgressClient
    private let hasStruck = Atomic(false)

    init(_ plan: (String, String)?, _ client: EgressClient) {
        self.plan = plan
        self.client = client
    }

    func reached(_ point: String) {
        guard let plan, plan.point == point, !hasStruck.exchange(true, ordering: .relaxed) else { return }
        if plan.victim != "host", let process = client.processID { kill(process, SIGKILL) }
        if plan.victim != "egress" { kill(getpid(), SIGKILL) }
    }
}

final class FaultySender: HTTPSender {
    private let client: EgressClient
    private let folder: SpoolFolder
    private let fault: Fault

    init(client: EgressClient, folder: SpoolFolder, fault: Fault) {
        self.client = client
        self.folder = folder
        self.fault = fault
    }

    var keepsAnswers: Bool { client.keepsAnswers }
    func keptAttempts() async -> [String] { await client.keptAttempts() }
    func keptAnswer(of attempt: String) async -> KeptAnswer? { await client.keptAnswer(of: attempt) }
    func knowsEveryAttempt(since begun: Instant) -> Bool { client.knowsEveryAttempt(since: begun) }
    func detach() { client.detach() }
    func close() { client.close() }

    func forget(_ attempt: String) {
        fault.reached("forget")
        client.forget(attempt)
    }

    private func isSending(_ attempt: String) -> Bool {
        guard let file = try? folder.open(attempt, creating: false) else { return false }
        var offset = 0
        while let (record, next) = file.record(at: offset) {
            if record == .sending { return true }
            offset = next
        }
        return false
    }

    func send(
        _ request: OutgoingRequest, onBytes: @escaping @Sendable (ResponseHead, [UInt8]) -> Bool
    ) async -> TransferEnd {
        fault.reached("send")
        let sent = Task { [self] in
            while !isSending(request.attempt ?? "") { try await Task.sleep(for: .milliseconds(2)) }
            // The upstream has the request by then, and pauses longer than that before it answers.
            try await Task.sleep(for: .milliseconds(40))
            fault.reached("sent")
        }
        defer { sent.cancel() }
        let end = await client.send(request) { [fault] head, bytes in
            fault.reached("piece")
            return onBytes(head, bytes)
        }
        fault.reached("answered")
        return end
    }
}
