import ArgumentParser
import Kernel

struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Makes a plugin project that builds at once.",
        discussion: "The project holds a copy of the SDK; it needs a compiler and make, and no network.")

    @Option(help: "The language: swift, c, cpp or rust.")
    var lang: NewProject.Language

    @Option(help: ArgumentHelp("The folder to make (default: the plugin's name).", valueName: "folder"))
    var into: String?

    @Argument(help: "The plugin's name, also its department's: lower-case letters, digits and '-'.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let project = try NewProject(name: name, language: lang)
        let folder = FilePath.absolute(into ?? name)
        let files = try project.write(to: folder, sdk: try SDKFolder.locate())
        let terminal = Terminal.standard
        if output.json {
            let list = files.map { JSONValue.string($0) }
            terminal.line(JSONValue.object(["folder": .string(folder), "files": .array(list)]).serialized())
            return
        }
        terminal.line("\(terminal.outputStyle.bold(name)) in \(folder): \(files.joined(separator: ", ")), sdk/")
        terminal.line("next: cd \(into ?? name) && make && bureau plugin check build/\(name).so")
        terminal.line("then: bureau plugin dev")
    }
}

extension NewProject.Language: ExpressibleByArgument {}
