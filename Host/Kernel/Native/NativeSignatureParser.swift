extension NativeSignature {
    /// - Throws: what is wrong, and at which column.
    package init(_ text: String) throws(NativeSignatureError) {
        var parser = NativeSignatureParser(tokens: try NativeLexer.tokens(text))
        let result = try parser.result()
        let symbol = try parser.name("the function's name")
        let parameters = try parser.parameters()
        let reportsErrno = parser.takeWord("errno")
        guard parser.next.kind == .end else {
            throw parser.failure("the signature ends here, or with \"errno\"; not with \(parser.next.shown)")
        }
        try parser.resolve(parameters)
        self.init(
            text: text, symbol: symbol, result: result, parameters: parameters, reportsErrno: reportsErrno)
    }
}

/// By recursive descent; every refusal names its column.
struct NativeSignatureParser {
    /// A name in an expression, to be looked up when all parameters are known.
    private struct Reference {
        var name: String
        var column: Int
        var isLength: Bool
        /// Of the parameter that is computed by it; nil for a count.
        var inComputed: Bool
    }

    private static let maximumExpressionDepth = 8
    /// What people write for the types here.
    private static let spellings = [
        "char": "i8", "short": "i16", "int": "i32", "long": "i64", "size_t": "u64", "ssize_t": "i64",
        "unsigned": "u32", "uint": "u32", "ulong": "u64", "float": "f32", "double": "f64", "int8_t": "i8",
        "uint8_t": "u8", "int16_t": "i16", "uint16_t": "u16", "int32_t": "i32", "uint32_t": "u32", "int64_t": "i64",
        "uint64_t": "u64", "_Bool": "bool", "string": "str",
    ]

    private let tokens: [NativeToken]
    private var index = 0
    private var references: [Reference] = []
    private var columns: [String: Int] = [:]
    private var isInComputed = false
    private var typeCount = 0

    init(tokens: [NativeToken]) { self.tokens = tokens }

    var next: NativeToken { tokens[index] }

    func failure(_ message: String) -> NativeSignatureError {
        NativeSignatureError(column: next.column, message: message)
    }

    // MARK: Tokens

    mutating func takeWord(_ word: String) -> Bool {
        guard next.kind == .word(word) else { return false }
        index += 1
        return true
    }

    private mutating func take(_ mark: Character) -> Bool {
        guard next.kind == .mark(mark) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ mark: Character, _ context: String) throws(NativeSignatureError) {
        guard take(mark) else { throw failure("'\(mark)' was expected \(context), not \(next.shown)") }
    }

    mutating func name(_ what: String) throws(NativeSignatureError) -> String {
        guard case .word(let word) = next.kind else { throw failure("\(what) was expected, not \(next.shown)") }
        index += 1
        return word
    }

    // MARK: Result and parameters

    mutating func result() throws(NativeSignatureError) -> NativeResult {
        if takeWord("void") { return .void }
        if takeWord("str") { return .string(isOwned: false) }
        if takeWord("owned") {
            guard takeWord("str") else { throw failure("only a string can be owned: owned str") }
            return .string(isOwned: true)
        }
        if next.kind == .mark("[") || next.kind == .word("bytes") || next.kind == .word("text") {
            throw failure("a function returns no array; let it write one: out [f64; n] values")
        }
        return .value(try type(depth: 0))
    }

    mutating func parameters() throws(NativeSignatureError) -> [NativeParameter] {
        try expect("(", "after the function's name")
        var parameters: [NativeParameter] = []
        if take(")") { return parameters }
        if next.kind == .word("void"), tokens[index + 1].kind == .mark(")") {
            index += 2
            return parameters
        }
        repeat {
            guard parameters.count < NativeSignature.maximumParameters else {
                throw failure("a function has at most \(NativeSignature.maximumParameters) parameters here")
            }
            parameters.append(try parameter(number: parameters.count + 1))
        } while take(",")
        try expect(")", "after a parameter")
        return parameters
    }

    private mutating func parameter(number: Int) throws(NativeSignatureError) -> NativeParameter {
        let direction: NativeParameter.Direction = takeWord("out") ? .output : takeWord("inout") ? .both : .input
        let form = try form(direction)
        let column = next.column
        var name = "arg\(number)"
        if case .word(let word) = next.kind {
            name = word
            index += 1
        }
        if let other = columns.updateValue(column, forKey: name) {
            throw NativeSignatureError(column: column, message: "\"\(name)\" is already named at column \(other)")
        }
        if direction != .input, name == "result" || name == "errno" {
            throw NativeSignatureError(
                column: column, message: "an output cannot be called \"\(name)\": the result has that member")
        }
        var computed: NativeExpression?
        if next.kind == .mark("=") {
            guard direction != .output, case .value(.scalar(let scalar)) = form, scalar.isInteger else {
                throw failure("only an integer that the function reads can be computed")
            }
            index += 1
            isInComputed = true
            computed = try expression(depth: 0)
            isInComputed = false
        }
        return NativeParameter(name: name, direction: direction, form: form, computed: computed)
    }

    private mutating func form(
        _ direction: NativeParameter.Direction
    ) throws(NativeSignatureError) -> NativeParameter.Form {
        if takeWord("void") {
            index -= 1
            throw failure("a parameter cannot be void")
        }
        if next.kind == .word("owned") { throw failure("only a result can be owned") }
        if takeWord("str") { return .string(room: try room(direction)) }
        let isBytes = next.kind == .word("bytes")
        if isBytes || next.kind == .word("text") {
            if !isBytes, direction != .input { throw failure("a function writes bytes[n] or str[n], not text") }
            index += 1
            var count: NativeExpression?
            if take("[") {
                count = try expression(depth: 0)
                try expect("]", "after the count")
            }
            let length = try length(count, direction)
            return isBytes ? .bytes(length) : .text(length)
        }
        guard take("[") else { return .value(try type(depth: 0)) }
        let element = try type(depth: 0)
        let count = take(";") ? try expression(depth: 0) : nil
        try expect("]", "after the element's type")
        return .array(element, try length(count, direction))
    }

    /// `str[n]`: what a function writes.
    private mutating func room(_ direction: NativeParameter.Direction) throws(NativeSignatureError) -> NativeExpression?
    {
        if direction == .input {
            if next.kind == .mark("[") { throw failure("only an out or inout string has room") }
            return nil
        }
        try expect("[", "after str: a string that the function writes needs its room in bytes, as in str[64]")
        let room = try expression(depth: 0)
        try expect("]", "after the room")
        return room
    }

    private mutating func length(
        _ count: NativeExpression?, _ direction: NativeParameter.Direction
    ) throws(NativeSignatureError) -> NativeLength {
        if next.kind == .mark(":"), count != nil { throw failure("what has a count passes no length") }
        if let count { return .count(count) }
        if direction == .output { throw failure("what a function writes needs a count, as in [f64; n] or bytes[n]") }
        guard take(":") else { return .argument(.u64) }
        if takeWord("none") { return .none }
        guard case .word(let word) = next.kind, let scalar = NativeScalar(name: word), scalar.isInteger else {
            throw failure("an integer type or \"none\" was expected after ':', not \(next.shown)")
        }
        index += 1
        return .argument(scalar)
    }

    // MARK: Types

    private mutating func type(depth: Int) throws(NativeSignatureError) -> NativeType {
        let start = next
        if take("{") { return try structure(start, depth: depth + 1) }
        guard case .word(let word) = next.kind else { throw failure("a type was expected, not \(next.shown)") }
        guard let scalar = NativeScalar(name: word) else { throw failure(unknown(word)) }
        try countType()
        index += 1
        if next.kind == .mark("*") { throw failure("write out, inout or [\(word)] in place of a pointer") }
        return .scalar(scalar)
    }

    private mutating func countType() throws(NativeSignatureError) {
        typeCount += 1
        guard typeCount <= NativeSignature.maximumTypes else {
            throw failure("a signature has at most \(NativeSignature.maximumTypes) numbers and structs in all")
        }
    }

    private func unknown(_ word: String) -> String {
        if word == "void" { return "void is only a result" }
        if ["str", "bytes", "text"].contains(word) { return "\(word) cannot stand inside a struct or an array" }
        if word == "const" { return "leave const out: a parameter is read unless it says out or inout" }
        if word == "struct" { return "write a struct by its fields: {f64 x, f64 y}" }
        if let known = Self.spellings[word] { return "there is no type \"\(word)\"; on this machine that is \(known)" }
        let known = NativeScalar.allCases.map(\.name).joined(separator: ", ")
        return "there is no type \"\(word)\"; there are \(known), str, bytes, text, arrays and structs"
    }

    private mutating func structure(
        _ start: NativeToken, depth: Int
    ) throws(NativeSignatureError) -> NativeType {
        guard depth <= NativeSignature.maximumStructDepth else {
            throw NativeSignatureError(
                column: start.column, message: "structs nest at most \(NativeSignature.maximumStructDepth) deep")
        }
        try countType()
        var fields: [NativeField] = []
        repeat {
            guard fields.count < NativeSignature.maximumFields else {
                throw failure("a struct has at most \(NativeSignature.maximumFields) fields here")
            }
            let type = try type(depth: depth)
            let column = next.column
            let name = try name("a field's name")
            guard !fields.contains(where: { $0.name == name }) else {
                throw NativeSignatureError(column: column, message: "the struct already has a field \"\(name)\"")
            }
            fields.append(NativeField(name: name, type: type))
        } while take(",") || take(";")
        try expect("}", "after a field")
        let structure = NativeType.structure(fields)
        guard structure.leafCount <= NativeSignature.maximumLeaves else {
            throw NativeSignatureError(
                column: start.column, message: "a struct has at most \(NativeSignature.maximumLeaves) numbers in all")
        }
        return structure
    }

    // MARK: Expressions

    private mutating func expression(depth: Int) throws(NativeSignatureError) -> NativeExpression {
        guard depth <= Self.maximumExpressionDepth else { throw failure("the expression is nested too deep") }
        var left = try term(depth: depth)
        while true {
            if take("+") {
                left = .binary(.add, left, try term(depth: depth))
            } else if take("-") {
                left = .binary(.subtract, left, try term(depth: depth))
            } else {
                return left
            }
        }
    }

    private mutating func term(depth: Int) throws(NativeSignatureError) -> NativeExpression {
        var left = try factor(depth: depth)
        while true {
            if take("*") {
                left = .binary(.multiply, left, try factor(depth: depth))
            } else if take("/") {
                left = .binary(.divide, left, try factor(depth: depth))
            } else {
                return left
            }
        }
    }

    private mutating func factor(depth: Int) throws(NativeSignatureError) -> NativeExpression {
        let start = next
        switch start.kind {
        case .number(let number):
            index += 1
            return .number(number)
        case .mark("("):
            index += 1
            let inner = try expression(depth: depth + 1)
            try expect(")", "after the expression")
            return inner
        case .word("len") where tokens[index + 1].kind == .mark("("):
            index += 2
            let name = try referenced(isLength: true)
            try expect(")", "after the parameter's name")
            return .length(of: name)
        case .word: return .parameter(try referenced(isLength: false))
        default: throw failure("a number, a parameter's name or len(name) was expected, not \(start.shown)")
        }
    }

    private mutating func referenced(isLength: Bool) throws(NativeSignatureError) -> String {
        let column = next.column
        let name = try name("a parameter's name")
        references.append(Reference(name: name, column: column, isLength: isLength, inComputed: isInComputed))
        return name
    }

    /// Each name must be one whose value is known before the call.
    func resolve(_ parameters: [NativeParameter]) throws(NativeSignatureError) {
        for reference in references {
            guard let parameter = parameters.first(where: { $0.name == reference.name }) else {
                throw NativeSignatureError(
                    column: reference.column, message: "there is no parameter \"\(reference.name)\"")
            }
            if let problem = problem(of: reference, to: parameter) {
                throw NativeSignatureError(column: reference.column, message: "\"\(reference.name)\" \(problem)")
            }
        }
    }

    private func problem(of reference: Reference, to parameter: NativeParameter) -> String? {
        if parameter.direction == .output { return "is known only after the call" }
        if reference.inComputed, parameter.computed != nil { return "is computed itself" }
        if case .value(let type) = parameter.form {
            if reference.isLength { return "has no length" }
            guard case .scalar(let scalar) = type, scalar.isInteger else { return "is no integer" }
            return nil
        }
        return reference.isLength ? nil : "is no integer; its length is len(\(reference.name))"
    }
}
