import ArgumentParser
import Engine
import Glibc
import Kernel
import Server
import Synchronization

struct ModelsTry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try", abstract: "Asks a model one question, and says what it took and cost.",
        discussion: """
            A real call: it is held on the budgets of its tenant and department before it is sent, settled exactly
            after, and stands in the ledger and the audit log. The exit code is 6 when a budget has no room, 3 when the
            request was refused, 4 for a model that is not there or has no price, and 1 when the provider failed.
            """)

    private static let maximumPromptBytes = 4 << 20

    @Argument(help: "provider/model, provider/ for its default, or a route or class of the gateway file.")
    var model: String

    @Argument(help: "The question; - reads it from standard input.")
    var prompt = "Say in one sentence who you are."

    @Option(help: "At most so many tokens of answer.")
    var maxOutputTokens: UInt64 = 200

    @Option(help: "The department that pays.")
    var department = CallOrigin.defaultDepartment

    @Flag(help: "Show the answer while it comes.")
    var stream = false

    @OptionGroup var models: ModelServerOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard maxOutputTokens > 0 else { throw ValidationError("--max-output-tokens is at least 1") }
        guard !stream || !output.json else {
            throw ValidationError("--stream shows text as it comes, --json writes one document: use one of them")
        }
    }

    func run() async throws {
        let messages: JSONValue = [["role": "user", "content": .string(try question())]]
        let request = ModelRequest(model: model, messages: messages.bytes, maximumOutputTokens: maxOutputTokens)
        let origin: CallOrigin
        do {
            origin = try CallOrigin(department: department)
        } catch {
            throw CommandFailure(.usage, error.message)
        }
        let runtime = try await HostSession.openForCalls(store, models: models)
        let watch = Stopwatch(isShown: stream)
        let result: Result<CallReceipt, CallRefusal>
        do throws(CallRefusal) {
            result = .success(
                try await runtime.calls.perform(request, id: runtime.calls.newID(), for: origin) { watch.note($0) })
        } catch {
            result = .failure(error)
        }
        watch.end()
        await runtime.shutdown()
        switch result {
        case .success(let receipt): show(receipt, watch)
        case .failure(let refusal):
            if stream, watch.first != nil { Terminal.standard.line() }
            throw CommandFailure(refusal)
        }
    }

    private func question() throws(CommandFailure) -> String {
        guard prompt == "-" else { return prompt }
        switch FilePath.read(STDIN_FILENO, name: "standard input", maximumBytes: Self.maximumPromptBytes) {
        case .success(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .failure(let problem): throw CommandFailure(.badInput, problem.text)
        }
    }

    private func show(_ receipt: CallReceipt, _ watch: Stopwatch) {
        let terminal = Terminal.standard
        guard !output.json else {
            return terminal.line(
                JSONValue.object([
                    "call": .string(receipt.id.description), "provider": .string(receipt.provider),
                    "model": .string(receipt.model), "text": .string(receipt.text),
                    "finish_reason": .string(receipt.finishReason), "usage": receipt.usage.json,
                    "budget_left_nanodollars": receipt.budgetLeft.map { .integer($0.value) } ?? .null,
                    "first_byte_milliseconds": .init(watch.first?.milliseconds),
                    "total_milliseconds": .init(watch.total?.milliseconds),
                ]).serialized())
        }
        terminal.line(stream ? "" : receipt.text.lines)
        terminal.line()
        terminal.line("model   \(receipt.provider)/\(receipt.model), \(receipt.finishReason)".printable)
        let usage = receipt.usage
        let cached = usage.cachedRead.map { $0 > 0 ? " (and \($0) cached)" : "" } ?? ""
        terminal.line("tokens  \(Self.count(usage.input)) in\(cached), \(Self.count(usage.output)) out")
        let left = receipt.budgetLeft.map { ", \($0) left" } ?? ""
        terminal.line("cost    \(usage.cost)\(left)")
        terminal.line("time    \(Self.time(watch.first)) to the first byte, \(Self.time(watch.total)) in all")
        terminal.line("call    \(receipt.id)")
    }

    private static func count(_ tokens: Int64?) -> String { tokens.map(String.init) ?? "unknown" }

    private static func time(_ duration: Duration?) -> String {
        duration.map { RunTreeView.duration($0.milliseconds) } ?? "–"
    }
}

/// The times of one call, and its text while it comes.
private final class Stopwatch: Sendable {
    private struct Times {
        var first: Duration?
        var total: Duration?
    }

    private let startedAt = ContinuousClock.now
    private let isShown: Bool
    private let times = Mutex(Times())

    init(isShown: Bool) { self.isShown = isShown }

    var first: Duration? { times.withLock { $0.first } }
    var total: Duration? { times.withLock { $0.total } }

    func note(_ piece: String) {
        times.withLock { times in
            if times.first == nil { times.first = startedAt.duration(to: .now) }
        }
        if isShown { Terminal.standard.bytes(Array(piece.lines.utf8)) }
    }

    func end() { times.withLock { $0.total = startedAt.duration(to: .now) } }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}

extension String {
    /// A model's text for a terminal: lines stay, other control characters do not pass.
    fileprivate var lines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }.joined(separator: "\n")
    }
}

extension CommandFailure {
    fileprivate init(_ refusal: CallRefusal) {
        let status: ExitStatus =
            switch refusal.reason {
            case .budget: .budget
            case .draining, .storage: .storeUnavailable
            // A model without a price.
            case .refused where refusal.failure.status == .denied: .notFound
            case .policy: .runFailed
            case .brokenAnswer: .runFailed
            case .refused, .provider: .init(refusal.failure.status)
            }
        let cost = refusal.cost > .zero ? " (charged: \(refusal.cost))" : ""
        self.init(status, "\(refusal.failure.message.printable)\(cost)")
    }
}

extension ExitStatus {
    fileprivate init(_ status: Status) {
        switch status {
        case .invalid, .unsupported, .tooLarge: self = .badInput
        case .notFound: self = .notFound
        case .budget: self = .budget
        case .cancelled: self = .cancelled
        default: self = .runFailed
        }
    }
}
