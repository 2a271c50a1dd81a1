import ArgumentParser
import Kernel

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev", abstract: "Builds, runs and reloads a plugin project at each save.",
        discussion: """
            The project's \(PluginProject.fileName) says how it is built and what is tried:
              {"name": "tea", "library": "build/tea.so", "build": ["make", "--silent"],
               "try": {"task": "greet", "input": {"name": "Ada"}}}
            A build that fails changes nothing: the generation before it serves on. Enter runs again and q quits, on a
            terminal or as lines of standard input.

            The plugin runs in a worker of a private host with the offline model, is granted all that it asks for, and
            what it would ask a person is approved. The store, PROJECT/\(DevStore.folderName), is new each time;
            --plugins names further plugins that this one calls.

            Sources are all files but hidden ones, products of compilers, and the outermost folder that the library
            lies in.
            """)

    @Argument(help: "The project's folder (default: the current one).", completion: .directory)
    var folder = "."

    @Option(help: "The task to try, instead of the project's own.")
    var task: String?

    @Option(help: "Its input: inline JSON, a .json file or a folder.")
    var input: String?

    @Flag(help: "Build and run once; the exit code tells how it went.")
    var once = false

    @OptionGroup var host: HostOptions

    @Flag(help: "Write what happens as lines of JSON.")
    var json = false

    mutating func validate() throws {
        if host.storage.store != nil { throw ValidationError("the loop has a store of its own: leave --store away") }
        if input == "-" { throw ValidationError("standard input is for keys: give --input a .json file") }
    }

    func run() async throws {
        let place = FilePath.absolute(folder)
        let project = try PluginProject.load(FilePath.link(place) ?? place)
        let store = try DevStore(project: project.folder)
        var options = host
        options.storage.store = store.path
        let reporter = DevReporter(isJSON: json, terminal: .standard)
        let session = DevSession(project, Trial.Choice(task: task, input: input), options, reporter)
        let loop = DevLoop(session: session, reporter: reporter)
        reporter.tell(.started(project: project, store: store.path))
        if once {
            let status = await loop.runOnce()
            await session.shutdown()
            withExtendedLifetime(store) {}
            guard status == .success else { Terminal.exit(status) }
            return
        }
        let watch = try SourceWatch(SourceTree(project.folder, library: project.library))
        let keys = try DevKeys()
        await loop.run(watch, keys)
        keys.restore()
        await session.shutdown()
        withExtendedLifetime(store) {}
        reporter.tell(.stopped)
    }
}
