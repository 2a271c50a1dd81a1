import ArgumentParser

/// What authors and operators of plugins do.
struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Makes, checks, packs and installs plugins.",
        subcommands: [
            NewCommand.self, DevCommand.self, CheckCommand.self, PackCommand.self, KeygenCommand.self,
            SignCommand.self, VerifyCommand.self, TrustCommand.self, InstallCommand.self, UpgradeCommand.self,
            RollbackCommand.self, RemoveCommand.self, InstalledCommand.self, HistoryCommand.self,
        ])
}
