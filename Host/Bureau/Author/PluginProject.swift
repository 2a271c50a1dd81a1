import Kernel

/// A plugin's project as its `plugin.json` describes it: how to build it, what comes out, what to try.
struct PluginProject {
    static let fileName = "plugin.json"

    let folder: String
    let name: String
    /// Absolute, as are all paths here.
    let library: String
    let build: [String]
    let license: String?
    /// The task and the input that the author tries.
    let trial: (task: String, input: JSONValue)?

    static func load(_ folder: String) throws(CommandFailure) -> PluginProject {
        let path = "\(folder)/\(fileName)"
        guard FilePath.exists(path) else {
            throw CommandFailure(
                .badInput, "\(folder) has no \(fileName): bureau plugin new makes a project that has one")
        }
        let bytes = try PackageFile.contents(path, maximumBytes: PackageFile.maximumTextBytes)
        let document: JSONValue
        do {
            document = try JSONParser.parse(bytes)
        } catch {
            throw CommandFailure(.badInput, "\(path): \(error.description)")
        }
        guard let name = document["name"]?.stringValue, let library = document["library"]?.stringValue else {
            throw CommandFailure(.badInput, "\(path): needs the texts \"name\" and \"library\"")
        }
        let build = document["build"]?.arrayValue?.compactMap(\.stringValue) ?? ["make"]
        guard let program = build.first, !program.isEmpty else {
            throw CommandFailure(.badInput, "\(path): \"build\" is a command as a list of texts")
        }
        var trial: (task: String, input: JSONValue)?
        if let wanted = document["try"], let task = wanted["task"]?.stringValue {
            trial = (task, wanted["input"] ?? [:])
        }
        return PluginProject(
            folder: folder, name: name, library: FilePath.join(folder, library), build: build,
            license: document["license"]?.stringValue.map { FilePath.join(folder, $0) }, trial: trial)
    }
}
