import Kernel

/// Reads the members of one object of the operator's file, and in the end refuses those that nobody read: a
/// misspelled limit would be no limit.
struct MemberReader {
    let place: JSONPointer
    private let members: [String: JSONValue]
    private var known: Set<String> = []

    init(_ value: JSONValue, at place: JSONPointer) throws(Failure) {
        self.place = place
        guard let members = value.objectValue else { throw Self.wrong(place, "must be an object") }
        self.members = members
    }

    /// Nil when it is missing.
    mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        return members[name]
    }

    mutating func string(_ name: String) throws(Failure) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.stringValue, !text.isEmpty else {
            throw Self.wrong(place.appending(name), "must be a string that is not empty")
        }
        return text
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int64>) throws(Failure) -> Int64? {
        guard let value = value(name) else { return nil }
        guard let number = value.integerValue, range.contains(number) else {
            throw Self.wrong(
                place.appending(name), "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func choice<Choice>(
        _ name: String, of choices: [(name: String, value: Choice)]
    ) throws(Failure) -> Choice? {
        guard let text = try string(name) else { return nil }
        guard let choice = choices.first(where: { $0.name == text }) else {
            throw Self.wrong(
                place.appending(name), "must be one of \(choices.map(\.name).joined(separator: ", "))")
        }
        return choice.value
    }

    /// Strings by name.
    mutating func names(_ name: String) throws(Failure) -> [String: String] {
        guard let value = value(name) else { return [:] }
        var reader = try MemberReader(value, at: place.appending(name))
        var result = [String: String]()
        for key in reader.members.keys.sorted() { result[key] = try reader.string(key) }
        return result
    }

    mutating func reader(_ name: String) throws(Failure) -> MemberReader? {
        guard let value = value(name) else { return nil }
        return try MemberReader(value, at: place.appending(name))
    }

    /// All objects by name, in order of name.
    func readers() throws(Failure) -> [(name: String, reader: MemberReader)] {
        var readers: [(name: String, reader: MemberReader)] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            readers.append((name, try MemberReader(value, at: place.appending(name))))
        }
        return readers
    }

    func missing(_ name: String, _ why: String) -> Failure { Self.wrong(place.appending(name), "is missing: \(why)") }

    /// To be called when all that is known was read.
    func finish() throws(Failure) {
        guard let unknown = members.keys.sorted().first(where: { !known.contains($0) }) else { return }
        throw Self.wrong(
            place.appending(unknown), "is not known here; there are \(known.sorted().joined(separator: ", "))")
    }

    static func wrong(_ place: JSONPointer, _ message: String) -> Failure {
        Failure(.invalid, "\(place.tokens.isEmpty ? "the document" : place.description) \(message)")
    }
}
