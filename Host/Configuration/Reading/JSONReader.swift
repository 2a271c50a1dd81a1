import Kernel

/// `config/production.json`, read strictly.
package enum JSONReader {
    package static func entries(_ bytes: [UInt8], source: String) throws(ConfigurationProblems) -> [FileEntry] {
        let document: JSONValue
        do {
            document = try JSONParser.parse(bytes, limits: JSONLimits(maximumBytes: YAMLReader.maximumBytes))
        } catch {
            throw ConfigurationProblems([ConfigurationProblem(source, "is not JSON: \(error)")])
        }
        guard case .object = document else {
            throw ConfigurationProblems([ConfigurationProblem(source, "must be an object of sections")])
        }
        var entries: [FileEntry] = [], problems: [ConfigurationProblem] = []
        walk(document, [], source, &entries, &problems)
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        return entries
    }

    private static func walk(
        _ value: JSONValue, _ path: [String], _ source: String, _ entries: inout [FileEntry],
        _ problems: inout [ConfigurationProblem]
    ) {
        switch value {
        case .object(let members):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                walk(member, path + [name], source, &entries, &problems)
            }
        case .array(let elements):
            let texts = elements.compactMap(text)
            guard texts.count == elements.count else {
                let place = path.joined(separator: ".")
                problems.append(ConfigurationProblem(source, "\(place) must be a list of single values"))
                return
            }
            entries.append(FileEntry(path: path, text: .many(texts)))
        case .null: return
        default:
            if let text = text(value) { entries.append(FileEntry(path: path, text: .one(text))) }
        }
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .bool, .integer, .double: value.serialized()
        default: nil
        }
    }
}
