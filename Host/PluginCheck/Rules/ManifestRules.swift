import CProbe
import Kernel
import Placement

/// What a plugin says about itself.
enum ManifestRules {
    static let maximumBytes = 1 << 20

    static let all: [Rule] = [
        Rule(
            "manifest-json", .manifest, needs: .entry,
            "The manifest is one strict JSON document (RFC 8259, no member twice) of at most 1 MiB.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            let bytes = subject.entry?.manifest ?? []
            guard bytes.count <= maximumBytes else { return .broken("it has \(bytes.count) bytes") }
            do throws(JSONError) {
                _ = try JSONParser.parse(bytes)
                return .kept
            } catch {
                return .broken("\(error)")
            }
        },
        Rule(
            "manifest-form", .manifest, needs: .entry,
            "The manifest has the members of format 1 with their types: a host must know what a department does "
                + "without running it.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            guard let json = document(subject) else { return .skipped("it is no JSON") }
            do throws(ManifestError) {
                _ = try Manifest(json: json)
                return .kept
            } catch {
                // Both members end so; they are the next rule's.
                return error.pointer.contains("put_schema") ? .kept : .broken("\(error)")
            }
        },
        Rule(
            "manifest-schemas", .manifest, needs: .entry,
            "Input and output schemas are JSON Schemas that the host can enforce: what it does not understand it "
                + "refuses.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            let tasks = document(subject)?["tasks"]?.arrayValue ?? []
            guard !tasks.isEmpty else { return .skipped("it lists no tasks") }
            for (index, task) in tasks.enumerated() {
                for member in ["input_schema", "output_schema"] {
                    guard let schema = task[member] else { continue }
                    do throws(SchemaError) {
                        _ = try JSONSchema(schema)
                    } catch {
                        return .broken("/tasks/\(index)/\(member): \(error)")
                    }
                }
            }
            return .kept
        },
        Rule(
            "manifest-agrees", .manifest, needs: .entry,
            "Where the manifest repeats id and version, they are the descriptor's: one plugin has one name.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            guard let json = document(subject), let entry = subject.entry else { return .skipped("it is no JSON") }
            for (name, expected) in [("id", entry.id), ("version", entry.version)] {
                guard let said = json[name] else { continue }
                guard said.stringValue.map({ Array($0.utf8) }) == expected else {
                    return .broken("its \(name) is \(said.serialized()), the descriptor's is \(quoted(expected))")
                }
            }
            return .kept
        },
        Rule(
            "manifest-examples", .manifest, needs: .manifest,
            "Each of a schema's `examples` conforms to the schema: they are what people and checks begin with.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            var count = 0
            for task in subject.manifest?.tasks ?? [] {
                for (name, document) in [("input_schema", task.inputSchema), ("output_schema", task.outputSchema)] {
                    guard let schema = try? JSONSchema(document) else { continue }
                    for (index, example) in (document["examples"]?.arrayValue ?? []).enumerated() {
                        count += 1
                        guard let violation = schema.validate(example).first else { continue }
                        return .broken(
                            "\(task.name): \(name)/examples/\(index)\(violation.pointer) \(violation.message)")
                    }
                }
            }
            return count > 0 ? .kept : .skipped("no schema has examples")
        },
        Rule(
            "manifest-inputs-possible", .manifest, .warning, needs: .manifest,
            "For each task an input can be found that its schema accepts; `examples` help where a schema is too "
                + "clever.",
            source: "PluginAPI/README.md"
        ) { subject, trial in
            for task in subject.manifest?.tasks ?? [] {
                var sampler = SchemaSampler(task.inputSchema, seed: trial.seed)
                guard case .some = sampler.sample() else { return .broken("none was found for \(task.name)") }
            }
            return .kept
        },
        Rule(
            "manifest-inputs-described", .manifest, .warning, needs: .manifest,
            "Each input schema says what it wants (a type, members, a choice): `{}` lets everything through to "
                + "the plugin.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            let vague = subject.manifest?.tasks.first { $0.inputSchema.objectValue?.isEmpty == true }
            return vague.map { .broken("the task \($0.name) accepts anything") } ?? .kept
        },
        Rule(
            "manifest-state-version", .manifest, needs: .instance,
            "state_schema_version is what the plugin's state table writes: a host decides by it whether a "
                + "hand-over works.",
            source: "plugin_state.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            guard let state = try conversation.save(instance) else { return .skipped("it has no state table") }
            let said = UInt64(subject.manifest?.stateSchemaVersion ?? 1)
            return state.version == said
                ? .kept : .broken("the manifest says \(said), the table's schema_version is \(state.version)")
        },
    ]

    private static func document(_ subject: Subject) -> JSONValue? {
        (subject.entry?.manifest).flatMap { try? JSONParser.parse($0) }
    }
}
