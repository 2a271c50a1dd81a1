import ArgumentParser

/// What authors and operators of plugins do.
struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Makes, checks, packs and installs plugins.",
        subcommands: [NewCommand.self, DevCommand.self, CheckCommand.self])
}
