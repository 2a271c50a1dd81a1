import ArgumentParser
import Engine
import Gateway
import HostConfiguration
import Identity
import Journal
import Kernel
import Server

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the scheduler and the HTTP API until SIGTERM or Ctrl-C.",
        discussion: """
            Once the socket listens and the host takes work, one line tells the address. At the signal, /readyz answers
            503 and open runs get --drain-seconds to come to an end; what is still open goes on at the next start.

            Every request must show who sends it. While there is no user, a start writes a word to the error stream
            with which POST /auth/setup makes the first administrator, once, within an hour. Commands on this machine
            are let in by the file operator-token in the store, which only its owner can read.

            Settings are read from bureau.yaml, the environment and these options (bureau config explain). At SIGHUP, or
            when that file changes, they are read again: what can change while a host runs does, and the rest is named.
            """)

    @Option(help: "Address to listen on (default: 127.0.0.1).")
    var host: String?

    @Option(help: "Port; 0 takes a free one (default: 8080).")
    var port: Int?

    @Option(help: "How long open runs may go on after the signal (default: 20).")
    var drainSeconds: Int?

    @Option(help: "The least that is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?

    @Flag(help: "Log at debug.")
    var debug = false

    @Option(
        help: ArgumentHelp(
            "off: everybody may do everything, for development on loopback alone (default: BUREAU_SECURE_MODE, or on).",
            valueName: "on|off"))
    var secureMode: SecureMode?

    @Flag(help: "For development: departments get whatever they ask for, and it is recorded so.")
    var grantAll = false

    @Flag(
        help: ArgumentHelp(
            "For development: reload a department when its plugin file changes.",
            discussion: "A file that is broken, or that the running plugin refuses to make room for, changes nothing."))
    var watch = false

    @OptionGroup(title: "Transport") var transport: TransportOptions
    @OptionGroup var options: HostOptions
    @OptionGroup var output: OutputOptions

    mutating func validate() throws { try Flags.check(flags) }

    private var flags: [String: GivenText] {
        var flags = Flags()
        flags.set(Settings.host, host)
        flags.set(Settings.port, port)
        flags.set(Settings.drainSeconds, drainSeconds)
        flags.set(Settings.logLevel, logLevel)
        flags.set(Settings.debug, debug ? true : nil)
        flags.set(Settings.secure, secureMode.map { $0 == .on })
        return flags.given.merging(options.flags) { own, _ in own }
    }

    func run() async throws {
        let stop = AsyncStream<Void> { continuation in
            let signals = Task {
                for await _ in Signals.interrupts() { continuation.yield() }
            }
            continuation.onTermination = { _ in signals.cancel() }
        }
        let settings = Configured.current.adding(flags)
        let mode = try mode(settings)
        HostLog.level = settings.logLevel
        notes(settings)
        let runtime = try await HostSession.open(
            options, granting: grantAll ? .grantAll : nil, egress: .process
        ) { host in
            host.servesEvents = true
            host.space.ballastBytes = Int64(settings[Settings.ballast]) << 20
            host.files[.configuration] = settings.digest
        }
        await runtime.noteGrants(on: .standard)
        let desk: IdentityDesk
        do {
            desk = try await IdentityPlace.open(runtime.journal, options.storage)
            try desk.writeOperatorToken()
        } catch {
            await runtime.shutdown()
            throw CommandFailure(error)
        }
        try await serve(runtime, desk, mode, settings, until: stop)
    }

    private func serve(
        _ runtime: HostRuntime, _ desk: IdentityDesk, _ mode: SecureMode, _ settings: Configuration,
        until stop: AsyncStream<Void>
    ) async throws {
        let host = settings[Settings.host]
        let proofs: ProofServices, transportSettings: TransportSettings
        do {
            transportSettings = try transport.settings(over: settings)
        } catch {
            await desk.close()
            await runtime.shutdown()
            throw error
        }
        do {
            proofs = try ProofServices(
                runtime: runtime, sessions: DeskAccounts(desk), publicURL: settings[Settings.publicURL])
        } catch {
            await desk.close()
            await runtime.shutdown()
            throw CommandFailure(.badInput, "server.public_url: \(error.message)")
        }
        desk.use(proofs.factors)
        let server = BureauServer(
            runtime: runtime, identity: desk,
            settings: ServerSettings(
                host: host, port: settings[Settings.port], drainSeconds: settings[Settings.drainSeconds],
                transport: transportSettings),
            authenticator: mode == .off ? OpenAuthenticator() : nil, proofs: proofs)
        let watching = watch ? Task { await follow(runtime) } : nil
        let live = LiveSettings(runtime: runtime, flags: flags, started: settings)
        let looking = Task { await live.follow() }
        defer {
            watching?.cancel()
            looking.cancel()
        }
        do {
            try await server.run(until: stop, reload: Signals.hangups()) { [transport, output] ports in
                let address = Self.address(host, ports.port, isSecure: ports.isSecure)
                let management = ports.managementPort.map {
                    Self.address(transport.managementHost, $0, isSecure: false)
                }
                do throws(IdentityError) {
                    try desk.writeOperatorAddress(address)
                } catch {
                    Terminal.standard.error("commands on this machine are not let in: \(error)")
                }
                Self.tell(desk, mode, address)
                Terminal.standard.line(
                    output.json
                        ? JSONValue.object(
                            ["address": .string(address)].merging(
                                management.map { ["management_address": .string($0)] } ?? [:]
                            ) { $1 }
                        ).serialized()
                        : "bureau \(HostRuntime.version) listens on \(address)"
                            + (management.map { "; health on \($0)" } ?? ""))
            }
        } catch {
            await desk.close()
            await runtime.shutdown()
            throw CommandFailure(
                .storeUnavailable, "cannot serve on \(host):\(settings[Settings.port]): \(error)")
        }
        await desk.close()
        await runtime.shutdown()
    }

    /// - Throws: for an open host that others than this machine could reach.
    private func mode(_ settings: Configuration) throws(CommandFailure) -> SecureMode {
        let host = settings[Settings.host]
        let mode: SecureMode = settings[Settings.secure] ? .on : .off
        guard mode == .on || host == "localhost" || IdentityDesk.isLoopback(host) else {
            throw CommandFailure(
                .usage, "--secure-mode off lets everybody in who can reach \(host): it is for loopback alone")
        }
        return mode
    }

    /// What whoever starts the host must know, beside the result.
    private static func tell(_ desk: IdentityDesk, _ mode: SecureMode, _ address: String) {
        let terminal = Terminal.standard
        guard mode == .on else {
            terminal.note(terminal.errorStyle.red("SECURE MODE IS OFF: whoever reaches \(address) may do everything."))
            return
        }
        if let token = desk.makeSetupToken() {
            // Every address is none to ask: this machine's own is.
            let address = address.replacing("//0.0.0.0:", with: "//127.0.0.1:").replacing("//[::]:", with: "//[::1]:")
            terminal.note("There is no user yet. The first administrator is made, once, within the hour, by:")
            terminal.note(
                "  curl -H 'Content-Type: application/json' \(address)/auth/setup "
                    + "-d '{\"token\": \"\(token)\", \"email\": \"…\", \"password\": \"…\"}'")
        }
        if let days = desk.ring.overdueDays(at: desk.now) {
            terminal.note("The key that signs tokens is \(days) days old: bureau token keys rotate")
        }
    }

    private static func address(_ host: String, _ port: Int, isSecure: Bool) -> String {
        "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// What somebody set that does not do what they may think.
    private func notes(_ settings: Configuration) {
        let terminal = Terminal.standard
        for note in settings.notes { terminal.note("bureau: \(note.description.printable)") }
        for setting in Settings.all where settings.isGiven(setting) {
            guard case .noted(let words) = setting.use else { continue }
            terminal.note("bureau: \(setting.key) (\(settings.source(setting).words)): \(words)")
        }
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

/// Whether anybody is asked who they are.
enum SecureMode: String, ExpressibleByArgument, CaseIterable { case on, off }
