import ArgumentParser
import Engine
import Gateway
import Journal
import Kernel
import Server

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the scheduler and the HTTP API until SIGTERM or Ctrl-C.",
        discussion: """
            Once the socket listens and the host takes work, one line tells the address. At the signal, /readyz answers
            503 and open runs get --drain-seconds to come to an end; what is still open goes on at the next start.
            """)

    @Option(help: "Address to listen on. This API has no users yet: keep it on loopback.")
    var host = "127.0.0.1"

    @Option(help: "Port; 0 takes a free one.")
    var port = 8080

    @Option(help: "How long open runs may go on after the signal.")
    var drainSeconds = 20

    @Flag(help: "For development: departments get whatever they ask for, and it is recorded so.")
    var grantAll = false

    @Flag(
        help: ArgumentHelp(
            "For development: reload a department when its plugin file changes.",
            discussion: "A file that is broken, or that the running plugin refuses to make room for, changes nothing."))
    var watch = false

    @OptionGroup var options: HostOptions
    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is a number from 0 to 65535") }
        guard (0...3_600).contains(drainSeconds) else {
            throw ValidationError("--drain-seconds is a number from 0 to 3600")
        }
    }

    func run() async throws {
        let stop = AsyncStream<Void> { continuation in
            let signals = Task {
                for await _ in Signals.interrupts() { continuation.yield() }
            }
            continuation.onTermination = { _ in signals.cancel() }
        }
        let runtime = try await HostSession.open(
            options, granting: grantAll ? .grantAll : nil, egress: .process
        ) { settings in
            settings.servesEvents = true
            settings.space.ballastBytes = options.space.ballastBytes
        }
        await runtime.noteGrants(on: .standard)
        let server = BureauServer(
            runtime: runtime, settings: ServerSettings(host: host, port: port, drainSeconds: drainSeconds))
        let watching = watch ? Task { await follow(runtime) } : nil
        defer { watching?.cancel() }
        do {
            try await server.run(until: stop) { [host, output] port in
                let address = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
                Terminal.standard.line(
                    output.json
                        ? JSONValue.object(["address": .string(address)]).serialized()
                        : "bureau \(HostRuntime.version) listens on \(address)")
            }
        } catch {
            await runtime.shutdown()
            throw CommandFailure(.storeUnavailable, "cannot serve on \(host):\(port): \(error)")
        }
        await runtime.shutdown()
    }

    /// A run that is still going after so long is replayed on the new version: an author waits for the other end.
    private static let watchDrainSeconds = 2

    private func follow(_ runtime: HostRuntime) async {
        let terminal = Terminal.standard
        do {
            try await runtime.watchPlugins(drainSeconds: Self.watchDrainSeconds) { line, failed in
                if failed { terminal.error(line.printable) } else { terminal.note(line.printable) }
            }
        } catch {
            terminal.error("--watch: \(error)")
        }
    }
}
