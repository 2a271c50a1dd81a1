/// The signature of a C function, as an operator or a manifest writes it:
/// `f64 npv(f64 rate, [f64] flows)`. The grammar is in `Host/CNative/README.md`; ``init(_:)`` reads it.
///
/// From it follow the JSON Schema of the arguments and of the result, and the bytes that a worker gets.
package struct NativeSignature: Hashable, Sendable {
    package static let maximumBytes = 1_024
    package static let maximumParameters = 16
    package static let maximumFields = 16
    /// Scalars in one struct, at any depth.
    package static let maximumLeaves = 64
    package static let maximumStructDepth = 4
    /// Scalars and structs in the whole signature.
    package static let maximumTypes = 192
    /// All data of one call, each way.
    package static let maximumCallBytes = 8 << 20

    /// As it was written.
    package let text: String
    package let symbol: String
    package let result: NativeResult
    package let parameters: [NativeParameter]
    /// The result also tells `errno`, which the call starts at 0.
    package let reportsErrno: Bool

    init(
        text: String, symbol: String, result: NativeResult, parameters: [NativeParameter], reportsErrno: Bool
    ) {
        self.text = text
        self.symbol = symbol
        self.result = result
        self.parameters = parameters
        self.reportsErrno = reportsErrno
    }
}

package enum NativeResult: Hashable, Sendable {
    case void
    case value(NativeType)
    /// NUL-terminated UTF-8, or null. The caller frees what it owns.
    case string(isOwned: Bool)
}

/// What fits registers and memory: a scalar, or a struct of such, laid out as C does.
package indirect enum NativeType: Hashable, Sendable {
    case scalar(NativeScalar)
    case structure([NativeField])

    /// Scalars at any depth.
    var leafCount: Int {
        switch self {
        case .scalar: 1
        case .structure(let fields): fields.reduce(0) { $0 + $1.type.leafCount }
        }
    }

    /// Without the padding that C adds: how it crosses to the worker.
    var packedBytes: Int {
        switch self {
        case .scalar(let scalar): scalar.byteCount
        case .structure(let fields): fields.reduce(0) { $0 + $1.type.packedBytes }
        }
    }
}

package struct NativeField: Hashable, Sendable {
    package let name: String
    package let type: NativeType
}

/// The raw values are those of `cnative/block.h`.
package enum NativeScalar: UInt8, Hashable, Sendable, CaseIterable {
    case i8 = 1
    case u8, i16, u16, i32, u32, i64, u64, f32, f64, bool

    package init?(name: String) {
        guard let scalar = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = scalar
    }

    package var name: String { "\(self)" }

    var byteCount: Int {
        switch self {
        case .i8, .u8, .bool: 1
        case .i16, .u16: 2
        case .i32, .u32, .f32: 4
        case .i64, .u64, .f64: 8
        }
    }

    var isSigned: Bool { [.i8, .i16, .i32, .i64].contains(self) }
    var isInteger: Bool { ![.f32, .f64, .bool].contains(self) }

    /// Of an integer.
    var range: ClosedRange<Int128> {
        let bits = 8 * byteCount
        return isSigned ? -(Int128(1) << (bits - 1))...(Int128(1) << (bits - 1)) - 1 : 0...(Int128(1) << bits) - 1
    }
}

package struct NativeParameter: Hashable, Sendable {
    package enum Direction: Hashable, Sendable { case input, output, both }

    package enum Form: Hashable, Sendable {
        /// By value; by pointer where the function writes it.
        case value(NativeType)
        /// A pointer to elements.
        case array(NativeType, NativeLength)
        /// A pointer to bytes: base64 in JSON.
        case bytes(NativeLength)
        /// A pointer to UTF-8 that needs no NUL at its end.
        case text(NativeLength)
        /// NUL-terminated UTF-8. What a function writes has room for so many bytes, the NUL among them.
        case string(room: NativeExpression?)
    }

    package let name: String
    package let direction: Direction
    package let form: Form
    /// The host computes it: no argument of the tool.
    package let computed: NativeExpression?

    var isArgument: Bool { direction != .output && computed == nil }
    var isOutput: Bool { direction != .input }
}

/// How a function learns how long an array is.
package enum NativeLength: Hashable, Sendable {
    /// A further C parameter right after the pointer.
    case argument(NativeScalar)
    /// The function knows: the array must have just so many.
    case count(NativeExpression)
    /// The function finds the end in the data.
    case none
}

/// Whole-number arithmetic over the other arguments.
package indirect enum NativeExpression: Hashable, Sendable {
    package enum Operation: Hashable, Sendable { case add, subtract, multiply, divide }

    case number(Int64)
    case parameter(String)
    /// Elements of an array, bytes of a text.
    case length(of: String)
    case binary(Operation, NativeExpression, NativeExpression)

    /// Nil past 64 bits, for a division by zero, and for a name without a value.
    func value(parameters: [String: Int64], lengths: [String: Int64]) -> Int64? {
        switch self {
        case .number(let number): return number
        case .parameter(let name): return parameters[name]
        case .length(let name): return lengths[name]
        case .binary(let operation, let left, let right):
            guard let left = left.value(parameters: parameters, lengths: lengths),
                let right = right.value(parameters: parameters, lengths: lengths)
            else { return nil }
            let (value, overflow) =
                switch operation {
                case .add: left.addingReportingOverflow(right)
                case .subtract: left.subtractingReportingOverflow(right)
                case .multiply: left.multipliedReportingOverflow(by: right)
                case .divide: left.dividedReportingOverflow(by: right)
                }
            return overflow ? nil : value
        }
    }
}

/// Why a signature is refused.
package struct NativeSignatureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    package var column: Int
    package var message: String

    package var description: String { "column \(column): \(message)" }
}
