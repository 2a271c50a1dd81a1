import Engine
import Foundation
import Kernel
import TestSupport
import Testing

/// Random signatures over a generated library whose functions copy each argument to an output.
@Suite("Whatever goes through a function comes back", .timeLimit(.minutes(2)))
struct PropertyTests {
    @Test("random signatures, random values")
    func roundTrip() async throws {
        var random = SplitMix64(seed: TestSeed.next())
        var program = "#include <stdbool.h>\n#include <stdint.h>\n#include <string.h>\n"
        let functions = (0..<120).map { EchoFunction("echo\($0)", &random, &program) }
        let source = try NativeStage.scratch.get().write(Array(program.utf8), to: "echo.c")
        let library = try NativeStage.compile(["-O1", "-w"], source: source, name: "libecho.so")
        let tools = try NativeStage.tools(library, functions.map(\.signature))
        for function in functions {
            for _ in 0..<4 {
                let (arguments, expected) = function.values(&random)
                let result = try await NativeStage.call(tools, function.name, arguments)
                #expect(result == expected, "\(function.signature)\n\(arguments.serialized())")
            }
        }
        await tools.shutdown()
    }
}

/// A type in both languages.
private indirect enum EchoType {
    case scalar(NativeScalar)
    case structure(c: String, fields: [(name: String, type: EchoType)])

    static func random(_ random: inout SplitMix64, _ program: inout String, depth: Int) -> EchoType {
        guard depth < 2, Int.random(in: 0..<3, using: &random) == 0 else {
            return .scalar(NativeScalar.allCases.randomElement(using: &random) ?? .i8)
        }
        let fields = (0..<Int.random(in: 1...4, using: &random)).map {
            (name: "m\($0)", type: EchoType.random(&random, &program, depth: depth + 1))
        }
        let name = "s\(program.utf8.count)"
        let members = fields.map { "\($0.type.c) \($0.name);" }.joined(separator: " ")
        program += "typedef struct { \(members) } \(name);\n"
        return .structure(c: name, fields: fields)
    }

    var c: String {
        switch self {
        case .scalar(let scalar):
            switch scalar {
            case .f32: "float"
            case .f64: "double"
            case .bool: "bool"
            default: (scalar.name.hasPrefix("u") ? "uint" : "int") + scalar.name.dropFirst() + "_t"
            }
        case .structure(let name, _): name
        }
    }

    var text: String {
        switch self {
        case .scalar(let scalar): scalar.name
        case .structure(_, let fields): "{" + fields.map { "\($0.type.text) \($0.name)" }.joined(separator: ", ") + "}"
        }
    }

    func value(_ random: inout SplitMix64) -> JSONValue {
        switch self {
        case .structure(_, let fields):
            var members: [String: JSONValue] = [:]
            for field in fields { members[field.name] = field.type.value(&random) }
            return .object(members)
        case .scalar(.bool): return .bool(Bool.random(using: &random))
        case .scalar(.f32):
            let float = Float(bitPattern: UInt32.random(in: 0..<0x7F80_0000, using: &random))
            return .double(Double("\(float)") ?? 0)
        case .scalar(.f64):
            let special: [JSONValue] = ["NaN", "Infinity", "-Infinity", .double(-0.5)]
            let double = Double(bitPattern: UInt64.random(in: 0..<0x7FF0_0000_0000_0000, using: &random))
            return Int.random(in: 0..<8, using: &random) == 0
                ? special.randomElement(using: &random) ?? 0 : .double(double)
        case .scalar(let scalar):
            let width = Int(scalar.name.dropFirst()) ?? 64
            if scalar.name.hasPrefix("u") {
                let number = UInt64.random(in: .min ... .max, using: &random) >> UInt64(64 - width)
                return number <= 1 << 53 - 1 ? .integer(Int64(number)) : .string("\(number)")
            }
            let number = Int64.random(in: .min ... .max, using: &random) >> Int64(64 - width)
            return number.magnitude <= 1 << 53 - 1 ? .integer(number) : .string("\(number)")
        }
    }
}

private struct EchoFunction {
    private enum Shape: CaseIterable { case value, array, pointer, bytes, string }

    let name: String
    let signature: String
    private let parameters: [(shape: Shape, type: EchoType)]

    /// Appends its source to `program`.
    init(_ name: String, _ random: inout SplitMix64, _ program: inout String) {
        self.name = name
        let parameters = (0..<Int.random(in: 1...7, using: &random)).map { _ in
            (
                shape: Shape.allCases.randomElement(using: &random) ?? .value,
                type: EchoType.random(&random, &program, depth: 0)
            )
        }
        self.parameters = parameters
        var inputs: [String] = [], outputs: [String] = [], texts: [String] = [], outputTexts: [String] = []
        var body = ""
        for (index, parameter) in parameters.enumerated() {
            let (c, text) = (parameter.type.c, parameter.type.text)
            switch parameter.shape {
            case .value:
                (inputs, texts) = (inputs + ["\(c) a\(index)"], texts + ["\(text) a\(index)"])
                (outputs, outputTexts) = (outputs + ["\(c) *b\(index)"], outputTexts + ["out \(text) b\(index)"])
                body += "*b\(index) = a\(index); "
            case .array:
                (inputs, texts) = (
                    inputs + ["\(c) *a\(index), uint16_t n\(index)"], texts + ["[\(text)]:u16 a\(index)"]
                )
                outputs.append("\(c) *b\(index)")
                outputTexts.append("out [\(text); len(a\(index))] b\(index)")
                body += "memcpy(b\(index), a\(index), n\(index) * sizeof *a\(index)); "
            case .pointer:
                (inputs, texts) = (inputs + ["\(c) *b\(index)"], texts + ["inout \(text) b\(index)"])
            case .bytes:
                (inputs, texts) = (inputs + ["uint8_t *a\(index), uint64_t n\(index)"], texts + ["bytes a\(index)"])
                outputs.append("uint8_t *b\(index)")
                outputTexts.append("out bytes[len(a\(index))] b\(index)")
                body += "memcpy(b\(index), a\(index), n\(index)); "
            case .string:
                (inputs, texts) = (inputs + ["char *a\(index)"], texts + ["str a\(index)"])
                outputs.append("char *b\(index)")
                outputTexts.append("out str[len(a\(index)) + 1] b\(index)")
                body += "strcpy(b\(index), a\(index)); "
            }
        }
        let returned = parameters.first.flatMap { $0.shape == .value ? $0.type : nil }
        let result = returned == nil ? "" : "return a0; "
        program +=
            "\(returned?.c ?? "void") \(name)(\((inputs + outputs).joined(separator: ", "))) { \(body)\(result)}\n"
        signature = "\(returned?.text ?? "void") \(name)(\((texts + outputTexts).joined(separator: ", ")))"
    }

    func values(_ random: inout SplitMix64) -> (arguments: JSONValue, expected: JSONValue) {
        var arguments: [String: JSONValue] = [:], expected: [String: JSONValue] = [:]
        for (index, parameter) in parameters.enumerated() {
            let value: JSONValue
            let count = Int.random(in: 0...6, using: &random)
            switch parameter.shape {
            case .value, .pointer: value = parameter.type.value(&random)
            case .array: value = .array((0..<count).map { _ in parameter.type.value(&random) })
            case .bytes:
                value = .string(Base64.encode((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }))
            case .string: value = .string(String("añ𝄞/\"\n z".shuffled(using: &random).prefix(count)))
            }
            arguments["\(parameter.shape == .pointer ? "b" : "a")\(index)"] = value
            expected["b\(index)"] = value
            if index == 0, parameter.shape == .value { expected["result"] = value }
        }
        return (.object(arguments), .object(expected))
    }
}
