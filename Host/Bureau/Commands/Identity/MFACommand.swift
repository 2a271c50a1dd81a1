import ArgumentParser
import Journal
import Kernel

struct MFACommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mfa", abstract: "Second factors of accounts.",
        subcommands: [List.self, Reset.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists an account's second factors.")

        @Argument(help: "The account's id.")
        var account: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (factors, trial) = try await HostSession.ask(store) { [account] journal throws(JournalError) in
                (try journal.factors(of: account), try journal.factorTrial(of: account))
            }
            let terminal = Terminal.standard
            guard !output.json else {
                let json: JSONValue = [
                    "factors": .array(factors.map(Self.json)), "failures": .integer(Int64(trial.failures)),
                    "rests_until": trial.restsUntil.map { .string($0.timestamp) } ?? .null,
                ]
                return terminal.line(json.serialized())
            }
            var table = Table("factor", "kind", "label", "confirmed", "last used")
            for factor in factors {
                table.add(
                    factor.id.description, factor.kind.rawValue, factor.label.printable,
                    factor.confirmedAt?.timestamp ?? "no", factor.usedAt?.timestamp ?? "")
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            if trial.failures > 0 { terminal.note("\(trial.failures) wrong ones in a row") }
        }

        private static func json(_ factor: FactorRecord) -> JSONValue {
            [
                "id": .string(factor.id.description), "kind": .string(factor.kind.rawValue),
                "label": .string(factor.label),
                "confirmed_at": factor.confirmedAt.map { .string($0.timestamp) } ?? .null,
                "used_at": factor.usedAt.map { .string($0.timestamp) } ?? .null,
            ]
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes all second factors of an account away, and forgets its wrong codes.")

        @Argument(help: "The account's id.")
        var account: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let journal = try await HostSession.writing(store)
            let count: Int
            do {
                count = try await journal.write { [account] journal throws(JournalError) in
                    try journal.factorsReset(of: account, by: Environment.user)
                }
            } catch {
                await journal.close()
                throw CommandFailure(error)
            }
            await journal.close()
            Terminal.standard.line("\(count) second factors of \(account.printable) are gone")
        }
    }
}
