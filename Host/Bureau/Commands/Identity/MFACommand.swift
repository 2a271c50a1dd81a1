import ArgumentParser
import Journal
import Kernel

struct MFACommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mfa", abstract: "Second factors of accounts.",
        subcommands: [List.self, Reset.self], defaultSubcommand: List.self)

    /// An id stands for itself: what is left of an account that is gone can be looked at too.
    fileprivate static func id(of name: String, _ journal: any JournalReading) throws(JournalError) -> String {
        guard name.contains("@") else { return name }
        guard let user = try journal.user(named: EmailAddress.normalised(name) ?? name, .all) else {
            throw JournalError(.notFound, "there is no user \"\(name.printable)\"")
        }
        return user.id.description
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists an account's second factors.")

        @Argument(help: "The user's e-mail address, or the account's id.")
        var account: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let name = account
            let (factors, trial) = try await HostSession.ask(store) { journal throws(JournalError) in
                let account = try MFACommand.id(of: name, journal)
                return (try journal.factors(of: account), try journal.factorTrial(of: account))
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
            abstract: "Takes all second factors of an account away, forgets its wrong codes, and ends its sessions.")

        @Argument(help: "The user's e-mail address, or the account's id.")
        var account: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let journal = try await HostSession.writing(store)
            let count: Int
            do {
                count = try await journal.write { [account] journal throws(JournalError) in
                    let id = try MFACommand.id(of: account, journal), by = Environment.user
                    for session in try journal.sessions(.all, open: true) where session.account.description == id {
                        _ = try journal.sessionEnd(session.id, .all, because: "second factors were reset", by: by)
                    }
                    return try journal.factorsReset(of: id, by: by)
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
