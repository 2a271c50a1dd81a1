import PluginKit

public struct Greeter: Department {
    public static let manifest = DepartmentManifest(
        id: "org.example.greeter", department: "greeter", version: "1.0.0",
        title: "Greeter", summary: "Greets people, and counts.", wants: Wants())

    public static let tasks: [TaskDefinition<Greeter>] = [
        .task("greet", summary: "Greets one person.", timeoutSeconds: 30) {
            (_: Greeter, input: GreetInput, context: TaskContext) async throws -> Greeting in
            let text = try await context.step("compose") { "Hello, \(input.name)" }
            context.progress(0.5, "composed")
            // Durable, and counted once for each run however often it is repeated.
            let stored = try await context.state.get("greetings", as: Int.self)
            let count = (stored?.value ?? 0) + 1
            try await context.state.set("greetings", count, ifRevision: stored?.revision ?? 0)
            context.log(.info, "greeted")
            return Greeting(text: text, count: count)
        }
    ]

    public init(configuration: Configuration) throws {}
}

public struct GreetInput: Codable, Sendable, SchemaDescribing {
    public var name: String

    public init(name: String) { self.name = name }

    public static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Whom to greet.", minLength: 1, maxLength: 100)
    }
}

public struct Greeting: Codable, Sendable {
    public var text: String
    public var count: Int
}
