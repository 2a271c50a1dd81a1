import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// Classes of data, legal holds, and reports.
struct OversightRoutes: Sendable {
    let runtime: HostRuntime

    private static let reason: JSONValue = ["type": "string", "minLength": 1, "maxLength": 2_000]
    private static let by: JSONValue = ["type": "string", "minLength": 1, "maxLength": 200]
    private static let classSchema: JSONValue = [
        "type": "object", "required": ["classification", "by", "reason"], "additionalProperties": false,
        "properties": [
            "classification": ["enum": .array(Sensitivity.allCases.map { .string($0.rawValue) })], "by": by,
            "reason": reason,
        ],
    ]
    private static let holdSchema: JSONValue = [
        "type": "object", "required": ["keeps", "by", "reason"], "additionalProperties": false,
        "properties": ["keeps": ["type": "string", "maxLength": 300], "by": by, "reason": reason],
    ]
    private static let releaseSchema: JSONValue = [
        "type": "object", "required": ["by", "reason"], "additionalProperties": false,
        "properties": ["by": by, "reason": reason],
    ]

    func add(to router: Router<APIContext>) {
        router.put("jobs/{id}/classification") { request, context in try await classify(request, context) }
        router.get("jobs/{id}/classification") { _, context in try await classification(try id(context)) }
        router.get("holds") { _, _ in
            let holds = try await runtime.journal.read { journal throws(JournalError) in try journal.legalHolds() }
            return Response.json(["holds": .array(holds.map(\.json))])
        }
        router.put("holds/{name}") { request, context in try await place(request, context) }
        router.delete("holds/{name}") { request, context in
            let body = try await BodyReader(own: Self.releaseSchema).read(request)
            try await runtime.releaseHold(
                try context.parameters.require("name"), by: body["by"]?.stringValue ?? "",
                because: body["reason"]?.stringValue ?? "")
            return Response(status: .noContent)
        }
        router.get("compliance/assessment") { request, _ in
            let evidence = try await runtime.complianceDesk().evidence()
            return Self.answer(request, "AI Act: risk assessment", evidence.assessmentJSON)
        }
        router.get("compliance/articles/{article}") { request, context in try await article(request, context) }
        router.get("compliance/processing") { request, _ in
            let record = try await runtime.complianceDesk().processing()
            return Self.answer(request, "Record of processing activities", record.json)
        }
    }

    private func id(_ context: APIContext) throws -> RunID {
        let text = try context.parameters.require("id")
        guard let id = RunID(text) else { throw Problem(.notFound, "not_found", "\(text) is not a job's id") }
        return id
    }

    private func classify(_ request: Request, _ context: APIContext) async throws -> Response {
        let run = try id(context), body = try await BodyReader(own: Self.classSchema).read(request)
        let sensitivity = body["classification"]?.stringValue.flatMap(Sensitivity.init(rawValue:))
        let record = try await runtime.classify(
            run, as: sensitivity ?? .restricted, by: body["by"]?.stringValue ?? "",
            because: body["reason"]?.stringValue ?? "")
        return Response.json(record.json)
    }

    private func classification(_ id: RunID) async throws -> Response {
        let (run, record) = try await runtime.journal.read { journal throws(JournalError) in
            (try journal.run(id), try journal.runClass(id))
        }
        guard let run else { throw Problem(.notFound, "not_found", "there is no job \(id)") }
        // What was never of another class than the usual has no record.
        return Response.json(
            record?.json ?? [
                "run": .string(id.description), "classification": .string(run.sensitivity.rawValue),
                "handling": run.sensitivity.controls.json, "reasons": [],
            ])
    }

    private func place(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.parameters.require("name")
        let body = try await BodyReader(own: Self.holdSchema).read(request)
        let text = body["keeps"]?.stringValue ?? ""
        guard let target = LegalHold.Target(text) else {
            throw Problem(
                .unprocessableContent, "invalid_hold", "\"\(text)\" is none of \(LegalHold.Target.forms)")
        }
        let hold = LegalHold(
            name: name, target: target, reason: body["reason"]?.stringValue ?? "",
            by: body["by"]?.stringValue ?? "", at: runtime.now)
        try await runtime.placeHold(hold)
        return Response.json(hold.json, status: .created)
    }

    private func article(_ request: Request, _ context: APIContext) async throws -> Response {
        let text = try context.parameters.require("article")
        guard let number = Int(text), ArticleReport.articles.contains(number) else {
            throw Problem(.notFound, "not_found", "there are reports for articles 12, 14, 19 and 26")
        }
        let evidence = try await runtime.complianceDesk().evidence()
        guard let report = ArticleReport(number, evidence) else {
            throw Problem(.notFound, "not_found", "there is no report for article \(number)")
        }
        return Self.answer(request, "AI Act, Article \(number): \(report.title)", report.json(evidence))
    }

    /// Markdown for who asks for it.
    private static func answer(_ request: Request, _ title: String, _ document: JSONValue) -> Response {
        guard request.headers[.accept]?.contains("text/markdown") == true else { return Response.json(document) }
        return Response(
            status: .ok, headers: [.contentType: "text/markdown; charset=utf-8", .xContentTypeOptions: "nosniff"],
            body: .init(byteBuffer: ByteBuffer(string: MarkdownReport.text(title, document))))
    }
}
