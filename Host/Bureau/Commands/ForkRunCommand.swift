import ArgumentParser
import Engine
import Journal
import Kernel

struct ForkRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fork", abstract: "Makes a new run that takes over another's first steps, and goes on from there.",
        discussion: """
            The steps before --step, as bureau runs show numbers them, are copied as done: they cost nothing and
            happen no second time. From --step on the new run is live, on the current plugin.
            """)

    @Argument(help: "The id of the run to fork.")
    var id: RunID

    @Option(help: "The first step that is done again; 0 begins anew.")
    var step: Int

    @Option(help: "Another input; the copied steps must then still ask for the same.")
    var input: String?

    @Option(help: "The most that the new run and its children may cost, in dollars (default: as the origin).")
    var budget: Dollars?

    @Option(help: "Folder for the run's artifacts (default: output/<run> in the store).")
    var outputDir: String?

    @Flag(help: "Show nothing while it runs.")
    var noProgress = false

    @OptionGroup var host: HostOptions
    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard step >= 0 else { throw ValidationError("--step is a number from 0") }
    }

    func run() async throws {
        let bytes = try input.map { text throws(CommandFailure) in try InputReader().read(text) }
        try await RunsCommand.Cancel.requireRun(id, in: host.storage)
        let runtime = try await HostSession.open(host, reading: InputReader.folder(input))
        let failure: CommandFailure?
        do {
            let record = try await runtime.fork(id, at: step, input: bytes, budget: budget?.amount)
            failure = try await RunPresentation(
                runtime: runtime, outputFolder: outputDir, store: host.storage, isJSON: output.json,
                showsProgress: !noProgress
            ).present(record)
        } catch {
            await runtime.shutdown()
            throw (error as? EngineError).map { CommandFailure($0) } ?? error
        }
        await runtime.shutdown()
        if let failure { throw failure }
    }
}
