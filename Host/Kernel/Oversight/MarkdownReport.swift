/// A report's document for people: members as sections, lists of objects as tables, the rest as lists. One function for
/// all reports, so that what is read is what the JSON says.
package enum MarkdownReport {
    package static func text(_ title: String, _ document: JSONValue) -> String {
        var lines = ["# \(title)", ""]
        write(document, level: 2, to: &lines)
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func write(_ value: JSONValue, level: Int, to lines: inout [String]) {
        guard let members = value.objectValue?.sorted(by: { $0.key < $1.key }) else {
            lines += [cell(value), ""]
            return
        }
        let plain = members.filter { isPlain($0.value) }
        lines += plain.map { "- **\(name($0.key))**: \(cell($0.value))" }
        if !plain.isEmpty { lines.append("") }
        for (key, value) in members where !isPlain(value) {
            lines += ["\(String(repeating: "#", count: min(6, level))) \(name(key))", ""]
            if let elements = value.arrayValue {
                list(elements, to: &lines)
            } else {
                write(value, level: level + 1, to: &lines)
            }
        }
    }

    private static func list(_ elements: [JSONValue], to lines: inout [String]) {
        defer { lines.append("") }
        let keys = Set(elements.flatMap { $0.objectValue?.keys.map(\.self) ?? [] })
        guard !keys.isEmpty else {
            lines += elements.isEmpty ? ["none"] : elements.map { "- \(cell($0))" }
            return
        }
        let columns = ["id", "department", "name", "task", "requirement", "date"].filter(keys.contains)
        let all = columns + keys.subtracting(columns).sorted()
        lines.append("| \(all.map(name).joined(separator: " | ")) |")
        lines.append("|\(all.map { _ in " --- |" }.joined())")
        for element in elements {
            lines.append("| \(all.map { cell(element[$0] ?? .null) }.joined(separator: " | ")) |")
        }
    }

    private static func isPlain(_ value: JSONValue) -> Bool {
        switch value {
        case .array, .object: false
        default: true
        }
    }

    private static func name(_ key: String) -> String { key.split(separator: "_").joined(separator: " ") }

    /// On one line, and nothing in it is markup.
    private static func cell(_ value: JSONValue) -> String {
        switch value {
        case .null: return "not stated"
        case .bool(let flag): return flag ? "yes" : "no"
        case .string(let text):
            return String(
                text.flatMap { character -> [Character] in
                    if character.isNewline { return [" "] }
                    return "|\\`*_<>[]#".contains(character) ? ["\\", character] : [character]
                })
        case .array(let elements): return elements.isEmpty ? "none" : elements.map(cell).joined(separator: ", ")
        case .object(let members):
            return members.sorted { $0.key < $1.key }.map { "\(name($0.key)) \(cell($0.value))" }.joined(
                separator: "; ")
        default: return value.serialized()
        }
    }
}
