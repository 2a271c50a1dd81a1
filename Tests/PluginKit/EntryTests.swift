import CBureau
import FoundationEssentials
import PluginKit
import PluginTesting
import Testing

@Suite("The descriptor and the manifest")
struct EntryTests {
    @Test("the descriptor is made once and says who it is")
    func descriptor() throws {
        let entry = try #require(Sample.entry(nil))
        #expect(Sample.entry(nil) == entry)
        #expect(entry.pointee.struct_size == UInt32(MemoryLayout<bureau_entry>.size))
        #expect(entry.pointee.abi_major == 1)
        #expect(entry.pointee.id.copy == "org.example.sample")
        #expect(entry.pointee.version.copy == "1.2.3")
        #expect(entry.pointee.toolchain.copy.hasPrefix("swift-6."))
        #expect(entry.pointee.toolchain.copy.hasSuffix(";stdlib=dynamic"))
    }

    @Test("the manifest has the documented form")
    func manifest() throws {
        let entry = try #require(Sample.entry(nil))
        let manifest = try JSONDecoder().decode(JSONValue.self, from: entry.pointee.manifest_json.copy)
        #expect(manifest["manifest_version"] == 1)
        #expect(manifest["department"] == "sample")
        #expect(manifest["state_schema_version"] == 1)
        #expect(
            manifest["wants"] == [
                "models": ["*"], "tools": ["git.*"], "hosts": ["example.org"], "departments": ["research"],
            ])
        let tasks = try #require(manifest["tasks"]?.arrayValue)
        #expect(tasks.count == Sample.tasks.count)
        #expect(tasks[0]["name"] == "greet")
        #expect(tasks[0]["timeout_seconds"] == 30)
        #expect(tasks[0]["requires_approval"] == false)
        #expect(tasks[3]["requires_approval"] == true)
        #expect(tasks[1]["timeout_seconds"] == nil)
        #expect(tasks[0]["tags"] == ["people"] && tasks[0]["keywords"] == ["say hello"])
        #expect(tasks[0]["complexity"] == "low" && tasks[0]["duration_seconds"] == 1 && tasks[0]["priority"] == 3)
        #expect(tasks[0]["resources"] == ["a name"] && tasks[0]["planner"] == false)
        #expect(tasks[1]["keywords"] == nil)
        #expect(
            tasks[0]["input_schema"] == [
                "type": "object", "additionalProperties": false, "required": ["name"],
                "description": "Whom to greet, and how.",
                "properties": [
                    "name": ["type": "string", "description": "Whom to greet.", "minLength": 1, "maxLength": 100],
                    "punctuation": ["type": "string", "description": "Last character.", "enum": ["!", "."]],
                ],
            ])
    }

    private struct Twice: Department {
        static let manifest = DepartmentManifest(
            id: "org.example.twice", department: "twice", version: "1.0.0", title: "", summary: "")
        static let tasks: [TaskDefinition<Twice>] = [
            .task("a", summary: "") { (_: Twice, input: Text, _: TaskContext) in input },
            .task("a", summary: "") { (_: Twice, input: Text, _: TaskContext) in input },
        ]
        init(configuration: Configuration) {}
    }

    @Test("two tasks of one name make no manifest")
    func duplicateTask() {
        #expect(throws: TaskFailure.self) { try ManifestBuilder.json(for: Twice.self) }
    }
}
