import ArgumentParser
import Engine
import Kernel

/// Where to look, and from when on something is too little.
struct DoctorOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("A log file whose end is looked at.", valueName: "file"))
    var log: String?

    @Option(help: ArgumentHelp("The folder with backups.", valueName: "folder"))
    var backups: String?

    @Option(help: ArgumentHelp("How old the newest backup may be.", valueName: "hours"))
    var backupHours: Int64 = 26

    @Option(help: ArgumentHelp("How many events a group of consumers may be behind.", valueName: "n"))
    var maxLag: Int64 = 1_000

    @Option(help: ArgumentHelp("The memory that is wanted.", valueName: "GiB"))
    var minRam: Int64 = 4

    @Option(help: ArgumentHelp("The disk that is wanted.", valueName: "GiB"))
    var minDisk: Int64 = 20

    @Flag(help: "Read every row of the store, too.")
    var full = false
}

struct DoctorCommand: AsyncParsableCommand, WorksWithoutSettings {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Looks for what keeps a host from working, and says what to do.",
        discussion: """
            Changes nothing, and works beside a running host. The exit code is 0 where nothing was found, 14 with
            warnings, 15 with failures. The checks: \(Doctor.checks.map(\.name).joined(separator: ", ")).
            """,
        subcommands: [Examine.self, Token.self], defaultSubcommand: Examine.self)

    struct Examine: AsyncParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(abstract: "Makes the checks, or those that are named.")

        @Argument(help: "Checks to make; without any, all.")
        var checks: [String] = []

        @OptionGroup var look: DoctorOptions
        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            let names = Doctor.checks.map(\.name)
            if let unknown = checks.first(where: { !names.contains($0) }) {
                throw ValidationError("there is no check \(unknown); there are: \(names.joined(separator: ", "))")
            }
        }

        func run() async throws {
            let terminal = Terminal.standard
            let findings = await Doctor(options: host, look: look, now: SystemClock.now()).examine(
                { checks.isEmpty || checks.contains($0) },
                progress: { name in
                    if terminal.isLive, !output.json {
                        terminal.draw("\r\u{1B}[2K\(terminal.errorStyle.faint(name)) …")
                    }
                })
            if terminal.isLive, !output.json { terminal.draw("\r\u{1B}[2K") }
            if output.json {
                terminal.line(findings.json.serialized())
            } else {
                findings.all.forEach { terminal.line($0.line(style: terminal.outputStyle)) }
            }
            try findings.end()
        }
    }

    struct Token: ParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(
            abstract: "Shows what a token says of itself. It is NOT verified: anybody can write a token.")

        @Argument(help: "The token; - for standard input.")
        var token: String

        @Option(help: ArgumentHelp("Whether its scopes cover this, as runs.write.", valueName: "permission"))
        var needs: String?

        @OptionGroup var output: OutputOptions

        func run() throws {
            let text = token == "-" ? readLine() ?? "" : token
            let read = try TokenReading(text)
            let permission = try needs.map { text throws(CommandFailure) in
                guard let permission = Permission(text) else {
                    throw CommandFailure(.usage, "\"\(text)\" is no permission: write resource.verb, as runs.write")
                }
                return permission
            }
            let covers = permission.map(read.covers)
            let terminal = Terminal.standard, now = SystemClock.now().unixMilliseconds / 1_000
            if output.json {
                var members: [String: JSONValue] = [
                    "verified": false, "header": read.header, "payload": read.payload,
                    "expired": read.expiry.map { .bool($0 <= now) } ?? .null,
                ]
                members["covers"] = covers.map { .bool($0) }
                terminal.line(JSONValue.object(members).serialized())
            } else {
                terminal.line(terminal.outputStyle.yellow("NOT verified: this is what the token says of itself"))
                terminal.line(read.header.serialized().printable)
                terminal.line(read.payload.serialized(pretty: true))
                if let end = read.expiry {
                    let words = end <= now ? "expired \(now - end) s ago" : "expires in \(end - now) s"
                    terminal.line(words)
                } else {
                    terminal.line("it never expires: this host would not take it")
                }
                if let covers, let needs { terminal.line("its scopes \(covers ? "cover" : "do not cover") \(needs)") }
            }
            if covers == false { throw CommandFailure(.forbidden, lines: []) }
            if let end = read.expiry, end <= now { throw CommandFailure(.warnings, lines: []) }
        }
    }
}

/// The parts of a JSON Web Token, without a look at its signature.
struct TokenReading {
    let header: JSONValue
    let payload: JSONValue

    init(_ text: String) throws(CommandFailure) {
        let token = text.hasPrefix("Bearer ") ? String(text.dropFirst(7)) : text
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.part(parts[0]), let payload = Self.part(parts[1]) else {
            throw CommandFailure(
                .badInput, "that is no JSON Web Token: three parts with dots between, the first two JSON")
        }
        self.header = header
        self.payload = payload
    }

    private static func part(_ text: Substring) -> JSONValue? {
        guard let bytes = UnpaddedBase64.decode(text), let json = try? JSONParser.parse(bytes), case .object = json
        else { return nil }
        return json
    }

    var expiry: Int64? { payload["exp"]?.integerValue }

    func covers(_ permission: Permission) -> Bool {
        let texts =
            payload["scope"]?.stringValue.map { $0.split(separator: " ").map(String.init) }
            ?? payload["scopes"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return texts.compactMap { Scope($0) }.contains { $0.covers(permission) }
    }
}
