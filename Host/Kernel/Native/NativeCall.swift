/// One call on its way to a worker: the bytes it gets, and what its answer must look like.
package struct NativeCall: Sendable {
    /// In the form of `cnative/block.h`.
    package let block: [UInt8]
    let signature: NativeSignature
    /// Capacity in elements of each output, in order.
    let capacities: [Int]
}

extension NativeSignature {
    /// Turns a tool's arguments into the bytes of one call.
    ///
    /// - Throws: `invalid`, with the JSON pointer of what does not fit; `tooLarge`.
    package func call(_ arguments: JSONValue) throws(Failure) -> NativeCall {
        let values = try NativeArguments(self, arguments)
        var writer = NativeBlockWriter(result: result)
        var capacities: [Int] = []
        for parameter in parameters {
            if let capacity = try writer.write(parameter, values) { capacities.append(capacity) }
        }
        return NativeCall(block: try writer.finished(), signature: self, capacities: capacities)
    }

    /// Arguments as words of a command line, in the order of the parameters: a string as it is, all else as JSON.
    package func arguments(words: [String]) throws(Failure) -> JSONValue {
        let given = parameters.filter(\.isArgument)
        guard words.count == given.count else {
            let names = given.map(\.name).joined(separator: " ")
            throw Failure(.invalid, "\(symbol) takes \(given.count) arguments (\(names)), not \(words.count)")
        }
        var members: [String: JSONValue] = [:]
        for (parameter, word) in zip(given, words) { members[parameter.name] = try parameter.value(word: word) }
        return .object(members)
    }
}

extension NativeParameter {
    fileprivate func value(word: String) throws(Failure) -> JSONValue {
        switch form {
        case .text, .string, .bytes: return .string(word)
        case .value(.scalar(let scalar)) where !scalar.isInteger && scalar != .bool:
            if NativeScalar.nonFinite.contains(where: { $0.name == word }) { return .string(word) }
        // Digits past 64 signed bits would lose their last places as a JSON number.
        case .value(.scalar(let scalar)) where scalar.byteCount == 8: return .string(word)
        default: break
        }
        do {
            return try JSONParser.parse(word)
        } catch {
            throw Failure(.invalid, "argument \(name): \"\(word)\" is not JSON: \(error.message)")
        }
    }
}

/// A call's arguments with the numbers that counts are computed from.
struct NativeArguments {
    private let members: [String: JSONValue]
    private var numbers: [String: Int64] = [:]
    private var lengths: [String: Int64] = [:]
    private(set) var computed: [String: Int64] = [:]

    init(_ signature: NativeSignature, _ arguments: JSONValue) throws(Failure) {
        guard let members = arguments.objectValue else {
            throw Failure(.invalid, "the arguments of \(signature.symbol) must be a JSON object")
        }
        self.members = members
        let given = signature.parameters.filter(\.isArgument)
        for key in members.keys.sorted() where !given.contains(where: { $0.name == key }) {
            throw Failure(.invalid, "\(JSONPointer(tokens: [key])): \(signature.symbol) has no such argument")
        }
        for parameter in given { try look(at: parameter) }
        for parameter in signature.parameters {
            guard let expression = parameter.computed else { continue }
            computed[parameter.name] = try value(of: expression, for: parameter)
        }
        numbers.merge(computed) { $1 }
    }

    func value(_ parameter: NativeParameter) throws(Failure) -> JSONValue {
        guard let value = members.exactValue(forKey: parameter.name) else {
            throw Failure(.invalid, "/\(parameter.name): is missing")
        }
        return value
    }

    private mutating func look(at parameter: NativeParameter) throws(Failure) {
        let value = try value(parameter)
        let place = JSONPointer(tokens: [parameter.name])
        switch parameter.form {
        case .value(.scalar(let scalar)) where scalar.isInteger:
            numbers[parameter.name] = Int64(exactly: try scalar.integer(value, at: place))
        case .value: break
        case .array: lengths[parameter.name] = value.arrayValue.map { Int64($0.count) }
        case .bytes: lengths[parameter.name] = Int64(try NativeBlockWriter.bytes(value, at: place).count)
        case .text, .string: lengths[parameter.name] = value.stringValue.map { Int64($0.utf8.count) }
        }
    }

    private func value(of expression: NativeExpression, for parameter: NativeParameter) throws(Failure) -> Int64 {
        guard let value = expression.value(parameters: numbers, lengths: lengths) else {
            throw Failure(.invalid, "/\(parameter.name): its value or count does not fit 64 bits")
        }
        return value
    }

    /// A count of elements: never negative, never more than a call may hold.
    func count(_ expression: NativeExpression, for parameter: NativeParameter) throws(Failure) -> Int {
        let value = try value(of: expression, for: parameter)
        guard (0...Int64(NativeSignature.maximumCallBytes)).contains(value) else {
            throw Failure(.invalid, "/\(parameter.name): a count of \(value) elements is out of bounds")
        }
        return Int(value)
    }
}
