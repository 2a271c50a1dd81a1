import PluginKit
import Synchronization

/// A department that uses every service once.
struct Sample: Department {
    static let manifest = DepartmentManifest(
        id: "org.example.sample", department: "sample", version: "1.2.3", title: "Sample",
        summary: "Uses every service.",
        wants: Wants(models: ["*"], tools: ["git.*"], hosts: ["example.org"], departments: ["research"]))

    static let tasks: [TaskDefinition<Sample>] = [
        .task(
            "greet", summary: "Greets one person.", timeoutSeconds: 30,
            planning: TaskPlanning(
                tags: ["people"], keywords: ["say hello"], complexity: .low, durationSeconds: 1, priority: 3,
                resources: ["a name"])
        ) {
            (sample: Sample, input: GreetInput, context: TaskContext) async throws -> Greeting in
            let text = try await context.step("compose") { "\(sample.settings.word), \(input.name)" }
            return Greeting(text: text + (input.punctuation ?? ""))
        },
        .task("echo", summary: "Gives back what it got.") { (_: Sample, input: Text, _: TaskContext) in input },
        .task("echo-on-lane", summary: "The same, without a change of thread.", startsOnLane: true) {
            (_: Sample, input: Text, _: TaskContext) in input
        },
        .task("effects", summary: "Uses every service.", requiresApproval: true) {
            (_: Sample, _: Empty, context: TaskContext) in try await allEffects(context)
        },
        .task("parallel", summary: "Two questions at once.") { (_: Sample, input: Text, context: TaskContext) in
            async let title = context.model("title of \(input.text)", step: "title")
            async let summary = context.model("summary of \(input.text)", step: "summary")
            return Text(text: try await "\(title.text) / \(summary.text)")
        },
        .task("stream", summary: "Shows the answer as it comes.") { (_: Sample, input: Text, context: TaskContext) in
            let pieces = Mutex<[String]>([])
            let reply = try await context.model(input.text) { piece in pieces.withLock { $0.append(piece) } }
            return Streamed(text: reply.text, pieces: pieces.withLock { $0 })
        },
        .task("fail", summary: "Fails as told.") { (_: Sample, input: FailInput, context: TaskContext) -> Text in
            try await fail(input, context)
        },
        .task("wait", summary: "Waits for a model.") { (_: Sample, input: Text, context: TaskContext) in
            Text(text: try await context.model(input.text, step: "wait").text)
        },
        .task("count", summary: "Counts its runs.") { (_: Sample, _: Empty, context: TaskContext) in
            let count = try await context.state.get("count", as: Int.self)
            let next = (count?.value ?? 0) + 1
            try await context.state.set("count", next, ifRevision: count?.revision ?? 0)
            return Counted(count: next)
        },
        .task("plan", summary: "Two departments, one after the other.") {
            (_: Sample, input: Text, context: TaskContext) in
            var plan = Plan()
            plan.add("gaps", department: "research", task: "market-gaps", input: ["industry": .string(input.text)])
            plan.add(
                "plan", department: "business", task: "business-plan",
                input: ["gap": .from("gaps", pointer: "/gaps/1")], after: ["gaps"])
            return Text(text: try await context.plan(plan).output("plan", as: Text.self).text)
        },
    ]

    struct Settings: Codable, Sendable {
        var word = "Hello"
    }

    let settings: Settings

    init(configuration: Configuration) throws {
        settings = configuration.text == "{}" ? Settings() : try configuration.decode(Settings.self)
        if settings.word.isEmpty { throw TaskFailure.invalid("the word is empty") }
    }

    private static func fail(_ input: FailInput, _ context: TaskContext) async throws -> Text {
        switch input.how {
        case .failure: throw TaskFailure(.denied, "told to")
        case .swiftError: throw SampleError(detail: "told to")
        case .step: return try await context.step("broken") { throw TaskFailure.conflict("told to") }
        case .notEncodable: return Text(text: try await context.step("nan") { Double.nan }.description)
        }
    }

    private static func allEffects(_ context: TaskContext) async throws -> Everything {
        context.progress(0.25, "started")
        context.log(.warning, "a line")
        context.partial("a piece")
        let reply = try await context.model(
            messages: [.system("be brief"), .user("question")],
            options: ModelOptions(temperatureMilli: 0, stop: ["END"], seed: 7), maximumOutputTokens: 100)
        let commits: [String] = try await context.tool("git.history", arguments: ["limit": 2])
        let page = try await context.http(HTTPRequest(url: "https://example.org/x", headers: ["accept": "text/plain"]))
        let report = try await context.artifact("report.md", text: "# Report", mediaType: "text/markdown")
        let stored = try await context.artifactBytes(report.digest)
        let child: Text = try await context.call(department: "research", task: "market-gaps", input: Text(text: "tea"))
        let decision = try await context.approval(
            title: "Publish?", body: "**All** of it.", content: Text(text: "draft"), expiresAfterSeconds: 60)
        try await context.send(to: "finance", type: "spent", payload: Text(text: "1"))
        try await context.audit("decision.made", ["support": 7])
        try await context.state.set("a/1", "x")
        try await context.state.set("a/2", "y")
        try await context.state.remove("a/1")
        let keys = try await context.state.keys(prefix: "a/")
        let before = try await context.now()
        try await context.sleep(seconds: 1.5)
        let after = try await context.now()
        let bytes = try await context.random(bytes: 5)
        let number = try await context.randomInt64()
        let left = try await context.budgetRemaining()
        return Everything(
            reply: reply.text, cost: reply.usage.costNanodollars, commits: commits, page: page.text,
            pageStatus: page.status, digest: report.digest, stored: String(decoding: stored, as: UTF8.self),
            child: child.text, approvedBy: decision.approved ? decision.by : nil, keys: keys,
            slept: after.rawValue - before.rawValue, randomCount: bytes.count, number: number, left: left)
    }
}

struct SampleError: Error {
    var detail: String
}

struct GreetInput: Codable, Sendable, SchemaDescribing {
    var name: String
    var punctuation: String?

    static func describe(_ schema: inout SchemaEditor) {
        schema.description("Whom to greet, and how.")
        schema.property("name", "Whom to greet.", minLength: 1, maxLength: 100)
        schema.property("punctuation", "Last character.", enumeration: ["!", "."])
    }
}

struct Greeting: Codable, Sendable, Equatable {
    var text: String
}

struct Text: Codable, Sendable, Equatable {
    var text: String
}

struct Streamed: Codable, Sendable {
    var text: String
    var pieces: [String]
}

struct Counted: Codable, Sendable {
    var count: Int
}

struct FailInput: Codable, Sendable {
    enum How: String, Codable, CaseIterable, Sendable {
        case failure
        case swiftError = "swift-error"
        case step
        case notEncodable = "not-encodable"
    }
    var how: How
}

struct Everything: Codable, Sendable, Equatable {
    var reply: String
    var cost: Int64
    var commits: [String]
    var page: String
    var pageStatus: Int
    var digest: String
    var stored: String
    var child: String
    var approvedBy: String?
    var keys: [String]
    var slept: Int64
    var randomCount: Int
    var number: Int64
    var left: Int64?
}
