import FoundationEssentials
import PluginKit

/// The task: what is supplied and what the host reads, then one computation.
struct DependencyTask: Sendable {
    let input: DependencyInput
    let context: TaskContext

    func run() async throws -> DependencyOutput {
        let names = (input.inventories ?? []) + (input.advisoryFiles ?? [])
        guard names.isEmpty || input.path != nil else {
            throw TaskFailure.invalid("/path: the folder of the inventories and advisory files is missing")
        }
        guard !(input.files ?? []).isEmpty || !(input.inventories ?? []).isEmpty else {
            throw TaskFailure.invalid("give /files or /path with /inventories: there is nothing to check")
        }
        var texts: [String: String] = [:]
        if let path = input.path, !names.isEmpty {
            texts = try await HostFiles(context: context).texts(names, in: path)
        }
        let read = texts
        return try await context.step("match", dependsOn: DependsOn(input: input, texts: read)) {
            try Self.evaluate(input, texts: read)
        }
    }

    private struct DependsOn: Codable, Sendable {
        var input: DependencyInput
        var texts: [String: String]
    }

    static func evaluate(_ input: DependencyInput, texts: [String: String]) throws(TaskFailure) -> DependencyOutput {
        var files = input.files ?? []
        for name in input.inventories ?? [] { files.append(InventoryFile(name: name, text: texts[name] ?? "")) }
        var inventory = Inventory()
        for (index, file) in files.enumerated() {
            guard let kind = file.kind ?? InventoryKind(path: file.name) else {
                throw .invalid("/files/\(index)/kind: the form of \(file.name) is not told by its name")
            }
            let part = try Inventory.read(file.text, kind: kind, source: file.name)
            inventory.components += part.components
            inventory.warnings += part.warnings
        }
        var advisories: [OSVAdvisory] = []
        for (index, record) in (input.advisories ?? []).enumerated() {
            advisories.append(try OSVAdvisory(record, place: "/advisories/\(index)"))
        }
        for name in input.advisoryFiles ?? [] {
            for (index, record) in try records(texts[name] ?? "", name).enumerated() {
                advisories.append(try OSVAdvisory(record, place: "\(name): /\(index)"))
            }
        }
        return DependencyCheck.run(inventory: inventory, advisories: advisories, release: input.debianRelease)
    }

    /// One record, an array of them, or the answer of OSV's query interface (`{"vulns": […]}`).
    private static func records(_ text: String, _ name: String) throws(TaskFailure) -> [JSONValue] {
        let json: JSONValue
        do {
            json = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        } catch {
            throw .invalid("\(name): not JSON; give an OSV record or an array of them")
        }
        return json.arrayValue ?? json["vulns"]?.arrayValue ?? [json]
    }
}
