import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// Classes of data, legal holds, and reports.
struct OversightRoutes: Sendable {
    let runtime: HostRuntime

    private static let markdown = "text/markdown"
    private static let name = Operation.Parameter.path("name", "The hold's name", Schema.text(64))

    func add(to api: APIRouter) {
        for jobs in ["jobs", "runs"] { addClasses(to: api, jobs) }
        addHolds(to: api)
        addReports(to: api)
    }

    private func addClasses(to api: APIRouter, _ jobs: String) {
        api.add(
            Operation(
                "\(jobs).classification", .get, "/\(jobs)/{id}/classification", "How far a run's data may go",
                tag: "Oversight", access: .needs(.runs, .read), parameters: [.run],
                answers: [.ok("Its class, and why", Schema.classification)]
            ).forPeople()
        ) { call in
            let id = try call.runID()
            return Response.json(try await call.read { journal throws(JournalError) in try journal.classification(id) })
        }
        api.add(
            Operation(
                "\(jobs).classify", .put, "/\(jobs)/{id}/classification", "Decides how far a run's data may go",
                tag: "Oversight", access: .needs(.oversight, .write), parameters: [.run],
                body: .json(
                    Schema.input(
                        ["classification": Schema.sensitivity, "reason": Schema.reason], optional: ["by": Schema.by]),
                    example: ["classification": "confidential", "reason": "names a customer"]),
                answers: [.ok("Its class, and why", Schema.classification)]
            ).forPeople()
        ) { call in
            let run = try await call.run()
            // Else whoever is not cleared for it could lower it, and look.
            guard call.view.mayShow(run.sensitivity) else {
                throw Problem(.forbidden, "denied", call.view.withheld(run.sensitivity))
            }
            let sensitivity = call.body["classification"]?.stringValue.flatMap(Sensitivity.init(rawValue:))
            let record = try await runtime.classify(
                run.id, as: sensitivity ?? .restricted, by: call.by,
                because: call.body["reason"]?.stringValue ?? "")
            return Response.json(record.json)
        }
    }

    private func addHolds(to api: APIRouter) {
        api.add(
            Operation(
                "holds.list", .get, "/holds", "What is kept whatever retention says", tag: "Oversight",
                access: .needs(.oversight, .read), answers: [.ok("The holds", Schema.named("holds", Schema.hold))])
        ) { call in
            let holds = try await call.read { journal throws(JournalError) in try journal.holds() }
            return Response.json(["holds": .array(holds.map(\.json))])
        }
        api.add(
            Operation(
                "holds.place", .put, "/holds/{name}", "Keeps something", tag: "Oversight",
                access: .needs(.oversight, .write), parameters: [Self.name],
                body: .json(
                    Schema.input(
                        ["keeps": ["type": "string", "maxLength": 300], "reason": Schema.reason],
                        optional: ["by": Schema.by]),
                    example: ["keeps": "tenant:acme", "reason": "litigation 17/2026"]),
                answers: [.created("The hold", Schema.hold)]
            ).forPeople()
        ) { try await place($0) }
        api.add(
            Operation(
                "holds.release", .delete, "/holds/{name}", "Lets it go", tag: "Oversight",
                access: .needs(.oversight, .write), parameters: [Self.name],
                body: .json(
                    Schema.input(["reason": Schema.reason], optional: ["by": Schema.by]),
                    example: ["reason": "settled"]), answers: [.noContent("It is gone")]
            ).forPeople()
        ) { call in
            let name = call.text("name")
            let known = try await call.read { journal throws(JournalError) in try journal.hold(name) }
            guard known != nil else { throw Problem(.notFound, "not_found", "there is no hold \"\(name)\"") }
            try await runtime.releaseHold(name, by: call.by, because: call.body["reason"]?.stringValue ?? "")
            return Response(status: .noContent)
        }
    }

    private func place(_ call: APICall) async throws -> Response {
        let name = call.text("name"), text = call.body["keeps"]?.stringValue ?? ""
        guard let target = LegalHold.Target(text) else {
            throw Problem(
                .unprocessableContent, "invalid_hold", "\"\(text)\" is none of \(LegalHold.Target.forms)")
        }
        try await call.read { scoped throws(JournalError) in
            guard try scoped.sees(target) else { throw JournalError(.notFound, "there is no \(target)") }
            guard try scoped.journal.legalHolds().contains(where: { $0.name == name }), try scoped.hold(name) == nil
            else { return }
            throw JournalError(.notFound, "there is no hold \"\(name)\" that you may change")
        }
        let hold = LegalHold(
            name: name, target: target, reason: call.body["reason"]?.stringValue ?? "", by: call.by, at: runtime.now)
        try await runtime.placeHold(hold)
        return Response.json(hold.json, status: .created)
    }

    // MARK: Reports

    private static func report(
        _ id: String, _ path: String, _ summary: String, _ parameters: [Operation.Parameter] = []
    ) -> Operation {
        var answer = Operation.Answer.ok("The report; each reads and verifies the whole log", Schema.anyObject)
        answer.otherMediaTypes = [markdown]
        return Operation(
            "compliance.\(id)", .get, "/compliance/\(path)", summary, tag: "Oversight",
            access: .needs(.oversight, .read), parameters: parameters, answers: [answer]
        ).forOperators()
    }

    private func addReports(to api: APIRouter) {
        api.add(Self.report("assessment", "assessment", "AI Act: scores and what they were made from")) { call in
            let evidence = try await runtime.complianceDesk().evidence()
            return Self.answer(call, "AI Act: risk assessment", evidence.assessmentJSON)
        }
        api.add(
            Self.report(
                "article", "articles/{article}", "AI Act: one article",
                [.path("article", "12, 14, 19 or 26", Schema.count(1, 200))])
        ) { call in
            let number = Int(call.number("article") ?? 0)
            guard ArticleReport.articles.contains(number) else {
                throw Problem(.notFound, "not_found", "there are reports for articles 12, 14, 19 and 26")
            }
            let evidence = try await runtime.complianceDesk().evidence()
            guard let report = ArticleReport(number, evidence) else {
                throw Problem(.notFound, "not_found", "there is no report for article \(number)")
            }
            return Self.answer(call, "AI Act, Article \(number): \(report.title)", report.json(evidence))
        }
        api.add(Self.report("processing", "processing", "GDPR: the record of processing activities")) { call in
            let record = try await runtime.complianceDesk().processing()
            return Self.answer(call, "Record of processing activities", record.json)
        }
    }

    /// Markdown for who asks for it.
    private static func answer(_ call: APICall, _ title: String, _ document: JSONValue) -> Response {
        guard call.request.headers[.accept]?.contains(markdown) == true else { return Response.json(document) }
        return .bytes(Array(MarkdownReport.text(title, document).utf8), "text/markdown; charset=utf-8")
    }
}
