import Kernel
import Testing

@Suite("JSON Schema")
struct JSONSchemaTests {
    @Test("the official suite's verdicts hold", arguments: JSONSchemaSuite.groups)
    func officialSuite(group: JSONSchemaSuite.Group) throws {
        let schema = try JSONSchema(JSONParser.parse(group.schema))
        for text in group.valid {
            #expect(schema.validate(try JSONParser.parse(text)).isEmpty, "\(group.name): \(text) is valid")
        }
        for text in group.invalid {
            #expect(!schema.validate(try JSONParser.parse(text)).isEmpty, "\(group.name): \(text) is not valid")
        }
    }

    static func violations(_ schema: String, _ document: String) throws -> [String] {
        try JSONSchema(JSONParser.parse(schema)).validate(JSONParser.parse(document)).map(\.description)
    }

    @Test("all that is wrong is said at once, with places and in plain words")
    func allViolations() throws {
        let schema = """
            {"type":"object","required":["name","age"],"additionalProperties":false,
             "properties":{
               "name":{"type":"string","minLength":1,"maxLength":3,"pattern":"^[a-z]+$"},
               "tags":{"type":"array","items":{"enum":["a","b"]},"maxItems":1,"uniqueItems":true},
               "a/b":{"type":["integer","null"]},
               "sum":{"type":"number","exclusiveMinimum":0,"multipleOf":0.5},
               "kind":{"const":{"x":1}}}}
            """
        let document = """
            {"name":"ABCD","tags":["a","c","c"],"a/b":1.5,"sum":-0.3,"kind":[],"other":1,"more":2}
            """
        #expect(
            Set(try Self.violations(schema, document)) == [
                #"the document needs the member "age""#,
                #"the document must not have a member "other""#,
                #"the document must not have a member "more""#,
                "/name must have at most 3 characters",
                "/name must match the pattern ^[a-z]+$",
                "/tags must have at most 1 item",
                "/tags must not hold the same item twice",
                #"/tags/1 must be "a" or "b""#,
                #"/tags/2 must be "a" or "b""#,
                "/a~1b must be null or a whole number, but is a number",
                "/sum must be greater than 0",
                "/sum must be a multiple of 0.5",
                #"/kind must be {"x":1}"#,
            ])
    }

    @Test("a failed choice is one violation; its parts are not reported")
    func choices() throws {
        #expect(
            try Self.violations(#"{"anyOf":[{"type":"string"},{"minimum":5}]}"#, "3")
                == ["the document must match at least one of 2 alternatives"])
        #expect(
            try Self.violations(#"{"oneOf":[{"type":"integer"},{"minimum":2}]}"#, "3")
                == ["the document must match exactly one of 2 alternatives, but matches 2"])
        #expect(
            try Self.violations(#"{"not":{"type":"integer"}}"#, "3")
                == ["the document must not match the excluded schema"])
    }

    @Test("integers are compared exactly, also beyond what a double can hold")
    func exactIntegers() throws {
        let bound = #"{"maximum":9007199254740992}"#
        #expect(try Self.violations(bound, "9007199254740992").isEmpty)
        #expect(try Self.violations(bound, "9007199254740993") == ["the document must be at most 9007199254740992"])
        #expect(try Self.violations(#"{"const":9007199254740993}"#, "9007199254740992.0").count == 1)
        #expect(try Self.violations(#"{"exclusiveMaximum":9223372036854775807}"#, "9223372036854775808").count == 1)
        #expect(try Self.violations(#"{"minimum":-9223372036854775808}"#, "-1e300").count == 1)
        #expect(try Self.violations(#"{"maximum":2.5}"#, "3").count == 1)
        #expect(try Self.violations(#"{"maximum":-2.5}"#, "-3").isEmpty)
        #expect(try Self.violations(#"{"maximum":-2.5}"#, "-2").count == 1)
    }

    @Test("lengths count Unicode scalars, and names are compared by their bytes")
    func unicode() throws {
        #expect(try Self.violations(#"{"maxLength":1}"#, "\"😀\"").isEmpty)
        #expect(try Self.violations(#"{"maxLength":1}"#, "\"e\u{301}\"").count == 1)
        #expect(try Self.violations("{\"const\":\"\u{e9}\"}", "\"e\u{301}\"").count == 1)
        #expect(try Self.violations("{\"required\":[\"\u{e9}\"]}", "{\"e\u{301}\":1}").count == 1)
        let closed = "{\"properties\":{\"\u{e9}\":true},\"additionalProperties\":false}"
        #expect(try Self.violations(closed, "{\"e\u{301}\":1}").count == 1)
    }

    @Test("a recursive schema follows the document down")
    func recursion() throws {
        let tree = """
            {"$ref":"#/$defs/node","$defs":{"node":{"type":"object","required":["v"],
             "properties":{"v":{"type":"integer"},"next":{"$ref":"#/$defs/node"}}}}}
            """
        #expect(try Self.violations(tree, #"{"v":1,"next":{"v":2,"next":{"v":3}}}"#).isEmpty)
        #expect(
            try Self.violations(tree, #"{"v":1,"next":{"v":"x","next":{}}}"#)
                == [
                    #"/next/next needs the member "v""#, "/next/v must be a whole number, but is a string",
                ])
    }

    @Test("violations stop at 100")
    func bounded() throws {
        let document = "[" + Array(repeating: "1", count: 500).joined(separator: ",") + "]"
        #expect(try Self.violations(#"{"items":{"type":"string"}}"#, document).count == SchemaViolation.maximumCount)
    }

    @Test("a schema built to explode is stopped, and what was not checked is not valid", .timeLimit(.minutes(1)))
    func explosion() throws {
        var definitions = [#""s0":{"type":"string"}"#]
        for index in 1...40 {
            let part = ##"{"$ref":"#/$defs/s\##(index - 1)"}"##
            definitions.append(#""s\#(index)":{"anyOf":[\#(part),\#(part)]}"#)
        }
        let schema = ##"{"$ref":"#/$defs/s40","$defs":{\##(definitions.joined(separator: ","))}}"##
        let violations = try Self.violations(schema, "1")
        #expect(violations.last == "the document is too large or too deep to be checked against this schema")
    }

    static let refused: [(String, String)] = [
        ("1", "the schema must be an object, true or false"),
        (
            #"{"type":"any"}"#,
            "/type must be one of null, boolean, integer, number, string, array, object, or an array of different ones"
        ),
        (#"{"properties":[]}"#, "/properties must be an object"),
        (#"{"properties":{"a":5}}"#, "/properties/a must be an object, true or false"),
        (#"{"required":["a","a"]}"#, "/required must be an array of different strings"),
        (#"{"minimum":"1"}"#, "/minimum must be a number"),
        (#"{"multipleOf":0}"#, "/multipleOf must be greater than 0"),
        (#"{"minLength":-1}"#, "/minLength must be a whole number of at least 0"),
        (#"{"maxItems":1.5}"#, "/maxItems must be a whole number of at least 0"),
        (#"{"uniqueItems":1}"#, "/uniqueItems must be true or false"),
        (#"{"anyOf":[]}"#, "/anyOf must not be empty"),
        (#"{"enum":1}"#, "/enum must be an array"),
        (
            #"{"pattern":"(?=a)"}"#,
            "/pattern is not a supported pattern: look-around and named groups are not supported"
        ),
        (##"{"$ref":"#/$defs/x"}"##, "/$ref points to #/$defs/x, which does not exist"),
        (#"{"$ref":"https://example.org/s"}"#, "/$ref must point into the same document, like #/$defs/name"),
        (#"{"unevaluatedProperties":false}"#, "/unevaluatedProperties is not supported"),
        (##"{"$ref":"#"}"##, "the schema holds a $ref that leads back to itself"),
        (
            ##"{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}},"$ref":"#/$defs/a"}"##,
            "the schema holds a $ref that leads back to itself"
        ),
    ]

    @Test("what is not a schema is refused with the place and the reason", arguments: refused)
    func refuses(text: String, message: String) throws {
        let document = try JSONParser.parse(text)
        let error = try #require(throws: SchemaError.self) { try JSONSchema(document) }
        #expect(error.description == message)
    }

    @Test("unknown keywords and formats are ignored")
    func unknown() throws {
        #expect(try Self.violations(#"{"format":"email","x-note":[1],"title":"t","$comment":""}"#, "\"x\"").isEmpty)
    }
}
