import Kernel
internal import Yams

/// `bureau.yaml` as entries. The file is one mapping of sections; scalars and lists of scalars are all there is, since
/// settings need no more. Tags, anchors and aliases are refused: none is needed, and an alias may grow without bound.
package enum YAMLReader {
    package static let maximumBytes = 1 << 20

    package static func entries(_ bytes: [UInt8], source: String) throws(ConfigurationProblems) -> [FileEntry] {
        guard bytes.count <= maximumBytes, let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationProblems([ConfigurationProblem(source, "is not UTF-8, or larger than 1 MiB")])
        }
        guard let root = try compose(text, source) else { return [] }
        var reader = Walk(source: source)
        reader.walk(root, path: [])
        guard reader.problems.isEmpty else { throw ConfigurationProblems(reader.problems) }
        return reader.entries
    }

    private static func compose(_ text: String, _ source: String) throws(ConfigurationProblems) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationProblems([problem(error, source)])
        }
    }

    private static func problem(_ error: any Error, _ source: String) -> ConfigurationProblem {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ConfigurationProblem(source, line: mark.line, "is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            ConfigurationProblem(
                source, line: context.mark.line, "has twice: \(duplicates.sorted().joined(separator: ", "))")
        default:
            ConfigurationProblem(source, "is not YAML")
        }
    }

    private struct Walk {
        let source: String
        var entries: [FileEntry] = []
        var problems: [ConfigurationProblem] = []
        private static let deepest = 8
        /// Where nodes stand: what stands somewhere twice was written once and named again.
        private var places: Set<[Int]> = []

        init(source: String) { self.source = source }

        mutating func walk(_ node: Node, path: [String]) {
            let place = path.isEmpty ? "the file" : path.joined(separator: ".")
            if let mark = node.mark, !places.insert([mark.line, mark.column]).inserted || node.anchor != nil {
                return refuse(node, "\(place): anchors and aliases are not needed here, and refused")
            }
            switch node {
            case .mapping(let mapping):
                guard path.count < Self.deepest else { return refuse(node, "\(place) is nested too deep") }
                for (key, value) in mapping {
                    guard case .scalar(let name) = key else {
                        refuse(key, "\(place) has a key that is no word")
                        continue
                    }
                    walk(value, path: path + [name.string])
                }
            case .scalar(let scalar):
                guard !path.isEmpty else {
                    if !scalar.string.isEmpty { refuse(node, "the file must be sections with settings in them") }
                    return
                }
                // `key:` with nothing after it is not set.
                if scalar.style == .plain, ["", "~", "null"].contains(scalar.string) { return }
                entries.append(FileEntry(path: path, text: .one(scalar.string), line: node.mark?.line))
            case .sequence(let sequence):
                var texts: [String] = []
                for element in sequence {
                    guard case .scalar(let scalar) = element, element.anchor == nil else {
                        refuse(element, "\(place) must be a list of single values")
                        return
                    }
                    texts.append(scalar.string)
                }
                guard !path.isEmpty else { return refuse(node, "the file must be sections with settings in them") }
                entries.append(FileEntry(path: path, text: .many(texts), line: sequence.mark?.line))
            case .alias:
                refuse(node, "\(place): aliases are not needed here, and refused")
            }
        }

        private mutating func refuse(_ node: Node, _ message: String) {
            problems.append(ConfigurationProblem(source, line: node.mark?.line, message))
        }
    }
}
