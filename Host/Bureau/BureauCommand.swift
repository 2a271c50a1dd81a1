import ArgumentParser
import Engine

/// The command `bureau`.
struct BureauCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bureau",
        abstract: "Runs a company's departments as plugins: durable, within budget, audited.",
        discussion: """
            The store is the folder given by --store, by BUREAU_STORE, by bureau.yaml, or .bureau in the current folder.
            Shell completion: bureau --generate-completion-script bash|zsh|fish.
            """,
        version: HostRuntime.version,
        subcommands: [
            RunCommand.self, RunsCommand.self, ReplayCommand.self, DepartmentsCommand.self, TasksCommand.self,
            AgentsCommand.self, PoolsCommand.self, PlanCommand.self, BudgetCommand.self, LedgerCommand.self,
            CostsCommand.self, PricesCommand.self, ModelsCommand.self, KeysCommand.self, PolicyCommand.self,
            ToolCommand.self, ApprovalsCommand.self, AuditCommand.self, ArtifactsCommand.self, EventsCommand.self,
            TriggersCommand.self, WebhooksCommand.self, NotifyCommand.self, LimitsCommand.self, MaintenanceCommand.self,
            SchedulesCommand.self, HoldCommand.self, ComplianceCommand.self, SubjectsCommand.self, UsersCommand.self,
            RolesCommand.self, TeamsCommand.self, TenantsCommand.self, TokenCommand.self, APIKeysCommand.self,
            SessionsCommand.self, MFACommand.self, SecretCommand.self, StatusCommand.self, ServeCommand.self,
            ConfigCommand.self, OpenAPICommand.self, DatabaseCommand.self, PluginCommand.self,
            DoctorCommand.self, OpsCommand.self, ExecuteCommand.self, InteractiveCommand.self, MigrateCommand.self,
            LoginCommand.self, LogoutCommand.self, WhoAmICommand.self, ContextsCommand.self,
            VersionCommand.self,
        ])
}

/// A command that helps to put settings right, or needs none, and so runs although they are wrong.
protocol WorksWithoutSettings {}

@main
enum Main {
    static func main() async {
        let terminal = Terminal.standard
        do {
            var command = try BureauCommand.parseAsRoot()
            if !(command is any WorksWithoutSettings) { try Configured.require() }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            failure.lines.forEach { terminal.error($0) }
            Terminal.exit(failure.status)
        } catch {
            end(error, on: terminal)
        }
        Terminal.exit(.success)
    }

    /// Help, version and completion scripts are successes on the output; the rest is a wrong command line.
    private static func end(_ error: any Error, on terminal: Terminal) -> Never {
        let message = BureauCommand.fullMessage(for: error)
        if BureauCommand.exitCode(for: error) == .success {
            terminal.line(message)
            Terminal.exit(.success)
        }
        guard isUsage(error) else {
            terminal.error("\(error)")
            Terminal.exit(.internal)
        }
        let lines = message.split(separator: "\n").map(String.init)
        let first = lines.first.map { $0.hasPrefix("Error: ") ? String($0.dropFirst(7)) : $0 } ?? "wrong arguments"
        terminal.error(first)
        lines.dropFirst().forEach { terminal.note($0) }
        Terminal.exit(.usage)
    }

    private static func isUsage(_ error: any Error) -> Bool {
        BureauCommand.exitCode(for: error) == .validationFailure
    }
}
