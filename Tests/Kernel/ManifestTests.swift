import Kernel
import Testing

@Suite("Manifest")
struct ManifestTests {
    static let smallest: JSONValue = [
        "manifest_version": 1, "department": "greeter", "title": "Greeter", "summary": "Greets people.",
        "tasks": [["name": "greet", "summary": "Greets.", "input_schema": ["type": "object"], "output_schema": [:]]],
    ]

    static func changed(_ key: String, _ value: JSONValue?) -> JSONValue {
        var members = smallest.objectValue ?? [:]
        members[key] = value
        return .object(members)
    }

    static func task(_ key: String, _ value: JSONValue?) -> JSONValue {
        var members = smallest["tasks"]?.arrayValue?.first?.objectValue ?? [:]
        members[key] = value
        return changed("tasks", [.object(members)])
    }

    @Test("the smallest manifest is read with the documented defaults")
    func defaults() throws {
        let manifest = try Manifest(json: Self.smallest)
        #expect(manifest.department == "greeter")
        #expect(manifest.wants == Manifest.Wants())
        #expect(manifest.stateSchemaVersion == 1)
        let task = try #require(manifest.task(named: "greet"))
        #expect(task.timeoutSeconds == nil && !task.requiresApproval)
        #expect(task.inputSchema == ["type": "object"])
        #expect(manifest.task(named: "other") == nil)
    }

    @Test("every member is read, and unknown ones are tolerated")
    func complete() throws {
        let text = """
            {"manifest_version":1,"id":"org.example.greeter","version":"1.0.0","department":"greeter","title":"T",
             "summary":"S","future":{"x":1},"state_schema_version":3,
             "wants":{"models":["*"],"tools":["git.history"],"hosts":["example.org"],"departments":["research"]},
             "tasks":[{"name":"greet","summary":"G","input_schema":{},"output_schema":{},"timeout_seconds":30,
                       "requires_approval":true,"future":1}]}
            """
        let manifest = try Manifest(json: JSONParser.parse(text))
        #expect(manifest.stateSchemaVersion == 3)
        #expect(
            manifest.wants
                == Manifest.Wants(
                    models: ["*"], tools: ["git.history"], hosts: ["example.org"], departments: ["research"]))
        #expect(manifest.tasks.first?.timeoutSeconds == 30)
        #expect(manifest.tasks.first?.requiresApproval == true)
    }

    /// A manifest with one native function, changed in one member.
    static func native(_ key: String, _ value: JSONValue?) -> JSONValue {
        var function: [String: JSONValue] = [
            "name": "greeter.npv", "symbol": "npv", "signature": "f64 npv(f64 rate, [f64] flows)", "summary": "Value.",
        ]
        function[key] = value
        return changed("native", [.object(function)])
    }

    @Test("native functions are read with their signatures")
    func native() throws {
        let manifest = try Manifest(json: Self.native("timeout_seconds", 5))
        #expect(manifest.native.map(\.name) == ["greeter.npv"])
        #expect(manifest.native.first?.signature.symbol == "npv")
        #expect(manifest.native.first?.timeoutSeconds == 5)
    }

    static let refused: [(JSONValue, String)] = [
        (1, "the manifest must be an object"),
        (changed("manifest_version", nil), "/manifest_version is missing"),
        (changed("manifest_version", 2), "/manifest_version is 2; this host reads 1"),
        (changed("manifest_version", "1"), "/manifest_version must be a whole number"),
        (
            changed("department", "Greeter"),
            "/department must be 1 to 64 of a-z, 0-9, '.', '_' and '-', not \"Greeter\""
        ),
        (changed("department", nil), "/department is missing"),
        (changed("title", 5), "/title must be a string"),
        (changed("summary", .string(String(repeating: "x", count: 4_097))), "/summary has more than 4096 bytes"),
        (changed("tasks", nil), "/tasks is missing"),
        (changed("tasks", []), "/tasks must have 1 to 256 tasks"),
        (changed("tasks", [1]), "/tasks/0 must be an object"),
        (
            changed("tasks", .array(Array(repeating: smallest["tasks"]?.arrayValue?.first ?? nil, count: 2))),
            "/tasks/1/name repeats the task \"greet\""
        ),
        (task("name", "a b"), "/tasks/0/name must be 1 to 64 of a-z, 0-9, '.', '_' and '-', not \"a b\""),
        (task("input_schema", nil), "/tasks/0/input_schema is missing"),
        (task("input_schema", true), "/tasks/0/input_schema must be an object"),
        (
            task("output_schema", ["properties": ["a/b": ["type": "text"]]]),
            "/tasks/0/output_schema/properties/a~1b/type must be one of "
                + "null, boolean, integer, number, string, array, object, or an array of different ones"
        ),
        (task("timeout_seconds", 0), "/tasks/0/timeout_seconds must be from 1 to 604800"),
        (task("timeout_seconds", "1"), "/tasks/0/timeout_seconds must be a whole number"),
        (task("requires_approval", 1), "/tasks/0/requires_approval must be true or false"),
        (changed("wants", []), "/wants must be an object"),
        (changed("wants", ["hosts": "example.org"]), "/wants/hosts must be an array"),
        (changed("wants", ["models": ["a", 1]]), "/wants/models/1 must be a string of 1 to 256 bytes"),
        (
            changed("wants", ["network": ["*"]]),
            "/wants/network is nothing that can be asked for; there are: concurrency, cpu_seconds, departments, hosts, "
                + "memory_bytes, models, state_bytes, tools"
        ),
        (
            changed("wants", ["models": ["a*b"]]),
            "/wants/models/0 must be a name, or the start of names with * at its end"
        ),
        (
            changed("wants", ["tools": ["a\nb"]]),
            "/wants/tools/0 must be a name, or the start of names with * at its end"
        ),
        (
            changed("wants", ["hosts": ["https://example.org"]]),
            "/wants/hosts/0 is refused: \"https://example.org\": a port is a number from 1 to 65535"
        ),
        (
            changed("wants", ["hosts": ["*.org"]]),
            "/wants/hosts/0 is refused: \"*.org\": after \"*.\" comes a domain of at least two labels"
        ),
        (changed("wants", ["state_bytes": -1]), "/wants/state_bytes must be from 1 to 68719476736"),
        (changed("wants", ["concurrency": 0]), "/wants/concurrency must be from 1 to 10000"),
        (changed("wants", ["memory_bytes": 1]), "/wants/memory_bytes must be from 16777216 to 1099511627776"),
        (changed("wants", ["cpu_seconds": "1"]), "/wants/cpu_seconds must be a whole number"),
        (changed("native", 1), "/native must be an array"),
        (native("name", "other.npv"), "/native/0/name must start with \"greeter.\""),
        (native("name", nil), "/native/0/name is missing"),
        (native("summary", nil), "/native/0/summary is missing"),
        (native("symbol", "irr"), "/native/0/symbol is not the signature's npv"),
        (
            native("signature", "f64 npv(double rate)"),
            "/native/0/signature is refused: column 9: there is no type \"double\"; on this machine that is f64"
        ),
        (native("timeout_seconds", 0), "/native/0/timeout_seconds must be from 1 to 3600"),
        (changed("state_schema_version", 0), "/state_schema_version must be from 1 to 1000000"),
    ]

    @Test("a wrong manifest is refused with the place and the reason", arguments: refused)
    func refuses(json: JSONValue, message: String) throws {
        let error = try #require(throws: ManifestError.self) { try Manifest(json: json) }
        #expect(error.description == message)
    }
}
