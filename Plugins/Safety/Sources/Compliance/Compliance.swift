package import PluginKit

package struct ComplianceInput: Codable, Sendable, SchemaDescribing {
    package var sweep: SweepInput
    package var controls: [Control]?

    package init(sweep: SweepInput, controls: [Control]? = nil) {
        self.sweep = sweep
        self.controls = controls
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("sweep", "What to look at now.")
        schema.property(
            "controls", "The checklist. Default: seven of NIST SP 800-53 rev. 5.", minItems: 1, maxItems: 500)
    }
}

package struct ControlResult: Codable, Hashable, Sendable {
    package enum Status: String, Codable, Hashable, Sendable, CaseIterable {
        case met
        case broken
        /// Nothing of its kind was looked at: no evidence is no proof.
        case notAssessed = "not-assessed"
    }

    package var id: String
    package var title: String
    package var source: String
    package var status: Status
    /// What was looked at.
    package var evidence: String
    package var findings: [Finding]
}

package struct ComplianceOutput: Codable, Hashable, Sendable {
    package var root: String
    /// Host's clock, milliseconds since 1970.
    package var assessedAt: Int64
    package var controls: [ControlResult]
    package var met: Int
    package var broken: Int
    package var notAssessed: Int
    package var warnings: [String]
    package var artifacts: [ArtifactReference]

    enum CodingKeys: String, CodingKey {
        case root, controls, met, broken, warnings, artifacts
        case assessedAt = "assessed_at"
        case notAssessed = "not_assessed"
    }
}

/// A checklist whose evidence is a sweep made now.
enum Compliance {
    static func run(_ input: ComplianceInput, context: TaskContext) async throws -> ComplianceOutput {
        let time = try await context.now(step: "assessed-at")
        let sweep = try await Sweep(input: input.sweep, context: context).run(withReport: false)
        var output = evaluate(input.controls ?? Control.standard, sweep: sweep)
        output.assessedAt = time.rawValue
        let report = try await context.artifact(
            "compliance.md", text: markdown(output), mediaType: "text/markdown", step: "write-report")
        output.artifacts = [report]
        return output
    }

    static func evaluate(_ controls: [Control], sweep: SweepOutput) -> ComplianceOutput {
        let results = controls.map { control -> ControlResult in
            let (count, evidence) = looked(at: control.area, sweep.coverage)
            let related = sweep.findings.filter { finding in control.rules.contains { finding.rule.hasPrefix($0) } }
            let isBroken = related.contains { $0.severity >= control.from }
            // A finding is evidence by itself, whatever the coverage says.
            let status: ControlResult.Status = isBroken ? .broken : count > 0 ? .met : .notAssessed
            return ControlResult(
                id: control.id, title: control.title, source: control.source, status: status, evidence: evidence,
                findings: related)
        }
        func count(_ status: ControlResult.Status) -> Int { results.filter { $0.status == status }.count }
        return ComplianceOutput(
            root: sweep.root, assessedAt: 0, controls: results, met: count(.met), broken: count(.broken),
            notAssessed: count(.notAssessed), warnings: sweep.warnings, artifacts: [])
    }

    private static func looked(at area: EvidenceArea, _ coverage: SweepCoverage) -> (count: Int, evidence: String) {
        func configurations(_ kinds: Set<ConfigurationKind>) -> (Int, String) {
            let files = coverage.configurations.filter { ConfigurationKind(path: $0).map(kinds.contains) ?? false }
            return (files.count, files.isEmpty ? "no such configuration was found" : files.joined(separator: ", "))
        }
        switch area {
        case .permissions: return (coverage.entries, "permissions of \(coverage.entries) entries")
        case .secrets: return (coverage.filesSearched, "\(coverage.filesSearched) text files searched")
        case .ssh: return configurations([.sshd])
        case .tls: return configurations([.nginx, .openssl])
        case .inventory:
            let files = coverage.inventories.joined(separator: ", ")
            return (coverage.components, "\(coverage.components) components" + (files.isEmpty ? "" : " in \(files)"))
        case .dependencies:
            let both = min(coverage.components, coverage.advisories)
            return (both, "\(coverage.components) components against \(coverage.advisories) advisories")
        }
    }

    private static func markdown(_ output: ComplianceOutput) -> String {
        var text = """
            # Compliance of \(Texts.markdown(output.root))

            \(output.met) met, \(output.broken) broken, \(output.notAssessed) not assessed.

            | control | asks for | status | evidence | findings |
            | --- | --- | --- | --- | ---: |

            """
        for control in output.controls {
            let cells = [
                control.id, control.title, control.status.rawValue, control.evidence, "\(control.findings.count)",
            ]
            text += "| " + cells.map(Texts.markdown).joined(separator: " | ") + " |\n"
        }
        for control in output.controls where control.status == .broken {
            text +=
                "\n## \(Texts.markdown("\(control.id) (\(control.source))"))\n"
                + SweepReport.findings(control.findings)
        }
        return text + "\n" + output.warnings.map { "- \(Texts.markdown($0))\n" }.joined()
    }
}
