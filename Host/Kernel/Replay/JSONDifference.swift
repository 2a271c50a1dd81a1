/// One place where two documents differ.
package struct JSONDifference: Hashable, Sendable, CustomStringConvertible {
    /// RFC 6901; empty is the whole document.
    package var pointer: String
    /// Nil: only the other has it.
    package var recorded: JSONValue?
    package var new: JSONValue?

    package init(pointer: String, recorded: JSONValue?, new: JSONValue?) {
        self.pointer = pointer
        self.recorded = recorded
        self.new = new
    }

    /// The first places in order of keys and positions, at most `limit`.
    package static func between(_ recorded: JSONValue, _ new: JSONValue, limit: Int = 20) -> [JSONDifference] {
        var found: [JSONDifference] = []
        collect(recorded, new, JSONPointer(), limit, &found)
        return found
    }

    private static func collect(
        _ recorded: JSONValue, _ new: JSONValue, _ place: JSONPointer, _ limit: Int, _ found: inout [JSONDifference]
    ) {
        guard found.count < limit else { return }
        switch (recorded, new) {
        case (.object(let left), .object(let right)):
            for key in Set(left.keys).union(right.keys).sorted() {
                collectMember(left[key], right[key], place.appending(key), limit, &found)
            }
        case (.array(let left), .array(let right)):
            for index in 0..<max(left.count, right.count) {
                collectMember(
                    index < left.count ? left[index] : nil, index < right.count ? right[index] : nil,
                    place.appending(index), limit, &found)
            }
        case (.string(let left), .string(let right)) where left.utf8.elementsEqual(right.utf8): break
        case (.string, .string): append(recorded, new, place, limit, &found)
        default: if recorded != new { append(recorded, new, place, limit, &found) }
        }
    }

    private static func collectMember(
        _ recorded: JSONValue?, _ new: JSONValue?, _ place: JSONPointer, _ limit: Int, _ found: inout [JSONDifference]
    ) {
        if let recorded, let new {
            collect(recorded, new, place, limit, &found)
        } else {
            append(recorded, new, place, limit, &found)
        }
    }

    private static func append(
        _ recorded: JSONValue?, _ new: JSONValue?, _ place: JSONPointer, _ limit: Int, _ found: inout [JSONDifference]
    ) {
        guard found.count < limit else { return }
        found.append(JSONDifference(pointer: place.description, recorded: recorded, new: new))
    }

    // MARK: For people

    /// `/messages/0/content: "Say yes." → "Say no."`
    package var description: String {
        let (left, right) = excerpts
        return "\(pointer.isEmpty ? "/" : pointer): \(left) → \(right)"
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = ["pointer": .string(pointer)]
        if let recorded { members["recorded"] = recorded }
        if let new { members["new"] = new }
        return .object(members)
    }

    private static let excerptLength = 120

    /// Long texts are cut to where they begin to differ.
    private var excerpts: (String, String) {
        guard case .string(let left)? = recorded, case .string(let right)? = new else {
            return (Self.text(recorded), Self.text(new))
        }
        let common = zip(left.unicodeScalars, right.unicodeScalars).prefix { $0 == $1 }.count
        let start = max(0, common - Self.excerptLength / 4)
        return (Self.excerpt(left, from: start), Self.excerpt(right, from: start))
    }

    private static func excerpt(_ text: String, from start: Int) -> String {
        let kept = text.unicodeScalars.dropFirst(start)
        let isCut = kept.count > excerptLength
        let piece = JSONValue.string(String(String.UnicodeScalarView(kept.prefix(excerptLength)))).serialized()
        return (start > 0 ? "…" : "") + piece + (isCut ? "…" : "")
    }

    private static func text(_ value: JSONValue?) -> String {
        guard let value else { return "nothing" }
        let text = value.serialized()
        return text.count <= excerptLength ? text : String(text.prefix(excerptLength)) + "…"
    }
}
