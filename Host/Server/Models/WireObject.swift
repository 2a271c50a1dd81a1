import HTTPTypes
import Kernel

/// Reads an object of a request member by member. `null` is the same as not there, as clients of both protocols write
/// it; a member of the wrong type, and one that nobody asked for, are refused by name.
struct WireObject {
    private let members: [String: JSONValue]
    private let path: String

    /// - Parameter path: where it stands, as `messages[0]`; empty for the whole body.
    init(_ value: JSONValue, at path: String = "") throws(CallProblem) {
        guard let members = value.objectValue else {
            throw .invalid(path.isEmpty ? "body" : path, "must be an object")
        }
        self.members = members
        self.path = path
    }

    func path(of name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// Nil when missing or null.
    subscript(_ name: String) -> JSONValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    func refuseAll(but known: Set<String>) throws(CallProblem) {
        guard let unknown = members.keys.filter({ !known.contains($0) }).min() else { return }
        throw CallProblem(
            .badRequest, "unknown_parameter", "\(path(of: unknown)): unknown parameter", parameter: path(of: unknown))
    }

    func string(_ name: String) throws(CallProblem) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.stringValue else { throw .invalid(path(of: name), "must be a string") }
        return text
    }

    func required(_ name: String) throws(CallProblem) -> String {
        guard let text = try string(name) else { throw .invalid(path(of: name), "is missing") }
        return text
    }

    func flag(_ name: String) throws(CallProblem) -> Bool? {
        guard let value = self[name] else { return nil }
        guard let flag = value.boolValue else { throw .invalid(path(of: name), "must be true or false") }
        return flag
    }

    func array(_ name: String) throws(CallProblem) -> [JSONValue]? {
        guard let value = self[name] else { return nil }
        guard let elements = value.arrayValue else { throw .invalid(path(of: name), "must be an array") }
        return elements
    }

    func object(_ name: String) throws(CallProblem) -> WireObject? {
        guard let value = self[name] else { return nil }
        return try WireObject(value, at: path(of: name))
    }

    /// At least 1.
    func count(_ name: String) throws(CallProblem) -> UInt64? {
        guard let value = self[name] else { return nil }
        guard let number = value.integerValue, number > 0 else {
            throw .invalid(path(of: name), "must be an integer from 1 on")
        }
        return UInt64(number)
    }

    /// In thousandths, as the gateway takes it.
    func milli(_ name: String, in range: ClosedRange<Double>) throws(CallProblem) -> Int64? {
        guard let value = self[name] else { return nil }
        guard let number = value.doubleValue, range.contains(number) else {
            throw .invalid(path(of: name), "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int64((number * 1000).rounded())
    }

    /// A parameter that this host cannot pass on: taken where it says what happens anyway.
    func require(_ name: String, oneOf neutral: JSONValue...) throws(CallProblem) {
        guard let value = self[name], !neutral.contains(where: { Self.areSame($0, value) }) else { return }
        let taken = neutral.map { $0.serialized() }.joined(separator: " or ")
        throw .unsupported(
            path(of: name), "this host cannot pass it on" + (taken.isEmpty ? "" : "; only \(taken) is taken"))
    }

    private static func areSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let left = left.doubleValue, let right = right.doubleValue { return left == right }
        return left == right
    }
}
