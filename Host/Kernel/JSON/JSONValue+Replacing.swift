extension JSONValue {
    /// The document with every part for which `replacement` gives another replaced by it; what is put in is not looked
    /// at again.
    func replacing<Problem: Error>(
        _ replacement: (JSONValue) throws(Problem) -> JSONValue?
    ) throws(Problem) -> JSONValue {
        if let other = try replacement(self) { return other }
        switch self {
        case .array(let elements):
            var result: [JSONValue] = []
            for element in elements { result.append(try element.replacing(replacement)) }
            return .array(result)
        case .object(let members):
            var result = [String: JSONValue](minimumCapacity: members.count)
            for (name, member) in members { result[name] = try member.replacing(replacement) }
            return .object(result)
        case .null, .bool, .integer, .double, .string: return self
        }
    }
}
