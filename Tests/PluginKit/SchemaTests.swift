import FoundationEssentials
import PluginKit
import PluginTesting
import Testing

@Suite("Schemas derived from Codable types")
struct SchemaTests {
    private struct Inner: Codable {
        var id: Int
        var ratio: Double?
    }

    private enum Level: String, Codable, CaseIterable {
        case low
        case high = "very-high"
    }

    private struct Outer: Codable, SchemaDescribing {
        var inner: Inner
        var maybe: Inner?
        var list: [Inner]
        var tags: [String]?
        var scores: [String: Double]
        var level: Level
        var levels: [Level]
        var flag: Bool
        var count: UInt16
        var free: JSONValue

        enum CodingKeys: String, CodingKey {
            case inner, maybe, list, tags, scores, level, levels, flag, free
            case count = "item_count"
        }

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("tags", "Words.", maxLength: 20, minItems: 1, maxItems: 5, pattern: "^[a-z]+$")
            schema.property("item_count", "How many.", minimum: 1, maximum: 2.5)
        }
    }

    private let inner: JSONValue = [
        "type": "object", "additionalProperties": false, "required": ["id"],
        "properties": ["id": ["type": "integer"], "ratio": ["type": "number"]],
    ]

    @Test("nested types, optionals, arrays, dictionaries, enums and refinements")
    func everything() throws {
        let level: JSONValue = ["type": "string", "enum": ["low", "very-high"]]
        let expected: JSONValue = [
            "type": "object", "additionalProperties": false,
            "required": ["inner", "list", "scores", "level", "levels", "flag", "item_count", "free"],
            "properties": [
                "inner": inner, "maybe": inner, "list": ["type": "array", "items": inner],
                "tags": [
                    "type": "array", "description": "Words.", "minItems": 1, "maxItems": 5,
                    "items": ["type": "string", "maxLength": 20, "pattern": "^[a-z]+$"],
                ],
                "scores": ["type": "object", "additionalProperties": ["type": "number"]],
                "level": level, "levels": ["type": "array", "items": level], "flag": ["type": "boolean"],
                "item_count": ["type": "integer", "minimum": 1, "maximum": 2.5, "description": "How many."],
                "free": [:],
            ],
        ]
        let derived = try SchemaDeriver.schema(of: Outer.self)
        func sortedRequired(_ schema: JSONValue) -> [String] {
            (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue).sorted()
        }
        #expect(derived["properties"] == expected["properties"])
        #expect(sortedRequired(derived) == sortedRequired(expected))
        #expect(derived["additionalProperties"] == false)
    }

    @Test("simple types stand alone")
    func simple() throws {
        let types: [(type: any Decodable.Type, name: String)] = [
            (String.self, "string"), (Int.self, "integer"), (Double.self, "number"), (Bool.self, "boolean"),
            ([Int].self, "array"), (Empty.self, "object"), (Int?.self, "integer"),
        ]
        for (type, name) in types {
            #expect(try SchemaDeriver.schema(of: type)["type"]?.stringValue == name)
        }
    }

    private struct Tree: Codable {
        var children: [Tree]
    }

    @Test("a type that contains itself is refused with the chain that shows it")
    func recursion() {
        #expect {
            _ = try SchemaDeriver.schema(of: Tree.self)
        } throws: {
            ($0 as? TaskFailure)?.message.contains("Tree contains itself (Tree > Tree)") == true
        }
    }

    private struct Picky: Codable {
        var name: String
        init(from decoder: any Decoder) throws {
            name = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .name)
            if name.isEmpty { throw SampleError(detail: "empty name") }
        }
    }

    private enum Bare: String, Codable {
        case one
    }

    @Test("what cannot be derived says why and what to do")
    func refusals() {
        func message(_ type: any Decodable.Type) -> String {
            do throws(TaskFailure) {
                _ = try SchemaDeriver.schema(of: type)
                return ""
            } catch {
                return error.message
            }
        }
        #expect(message(Picky.self).contains("must accept empty values"))
        #expect(message(Picky.self).contains("empty name"))
        #expect(message(Bare.self).contains("make the enum CaseIterable"))
    }

    private struct Misnamed: Codable, SchemaDescribing {
        var name: String
        static func describe(_ schema: inout SchemaEditor) { schema.property("nome", "No such thing.") }
    }

    @Test("describing a property that does not exist is an error")
    func misnamed() {
        #expect {
            _ = try SchemaDeriver.schema(of: Misnamed.self)
        } throws: {
            ($0 as? TaskFailure)?.message.contains("nome") == true
        }
    }
}
