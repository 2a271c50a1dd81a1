import PluginKit

/// The first thing in which a task differs from the fixture that it was replayed against.
public struct ReplayDifference: Error, Hashable, Sendable, CustomStringConvertible {
    /// The step's name; nil at the end of the run.
    public var step: String?
    public var message: String
    /// `/messages/0/content: "Say yes." → "Say no."`
    public var changes: [String]

    public var description: String { ([message] + changes.map { "  \($0)" }).joined(separator: "\n") }
}

/// Field by field, in order of keys and positions.
enum JSONChanges {
    static let maximumCount = 20
    private static let excerptLength = 120

    static func between(_ recorded: JSONValue, _ new: JSONValue) -> [String] {
        var found: [String] = []
        collect(recorded, new, "", &found)
        return found
    }

    private static func collect(_ recorded: JSONValue?, _ new: JSONValue?, _ place: String, _ found: inout [String]) {
        guard found.count < maximumCount, recorded != new else { return }
        switch (recorded, new) {
        case (.object(let left)?, .object(let right)?):
            for key in Set(left.keys).union(right.keys).sorted() {
                let token = key.replacing("~", with: "~0").replacing("/", with: "~1")
                collect(left[key], right[key], "\(place)/\(token)", &found)
            }
        case (.array(let left)?, .array(let right)?):
            for index in 0..<max(left.count, right.count) {
                collect(
                    left.indices.contains(index) ? left[index] : nil,
                    right.indices.contains(index) ? right[index] : nil, "\(place)/\(index)", &found)
            }
        case (.string(let left)?, .string(let right)?):
            let common = zip(left, right).prefix { $0 == $1 }.count
            let start = max(0, common - excerptLength / 4)
            append("\(excerpt(left, from: start)) → \(excerpt(right, from: start))", place, &found)
        default: append("\(text(recorded)) → \(text(new))", place, &found)
        }
    }

    private static func append(_ change: String, _ place: String, _ found: inout [String]) {
        found.append("\(place.isEmpty ? "/" : place): \(change)")
    }

    private static func excerpt(_ text: String, from start: Int) -> String {
        let rest = text.dropFirst(start)
        return (start > 0 ? "…" : "") + "\"\(rest.prefix(excerptLength))\"" + (rest.count > excerptLength ? "…" : "")
    }

    private static func text(_ value: JSONValue?) -> String {
        guard let value, let data = try? JSONCoding.encode(value, "a value") else { return "nothing" }
        let text = String(decoding: data, as: UTF8.self)
        return text.count <= excerptLength ? text : String(text.prefix(excerptLength)) + "…"
    }
}
