package import PluginKit

/// Looks for what is unsafe, and says how bad it is.
package struct Safety: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.safety",
        department: "safety",
        version: "1.0.0",
        title: "Safety",
        summary: "Security sweeps, vulnerability scores, compliance evidence, log anomalies and incident reports.",
        wants: Wants(
            models: [], tools: ["files.read", "files.secrets", "files.sweep"], hosts: [], departments: []))

    package static let tasks: [TaskDefinition<Safety>] = [
        .task(
            "sweep", summary: "Permissions, secrets, settings and packages of a folder, worst first.",
            timeoutSeconds: 600
        ) { (_: Safety, input: SweepInput, context: TaskContext) async throws -> SweepOutput in
            try await Sweep(input: input, context: context).run()
        },
        .task("secrets", summary: "Places of secrets, never the secrets.", timeoutSeconds: 300) {
            (_: Safety, input: SecretsInput, context: TaskContext) async throws -> SecretsOutput in
            try await SecretsTask.run(input, context: context)
        },
        .task("configuration", summary: "SSH and TLS settings against published guidelines.", timeoutSeconds: 60) {
            (_: Safety, input: ConfigurationInput, context: TaskContext) async throws -> ConfigurationOutput in
            try await context.step("check", dependsOn: input) { try ConfigurationTask.run(input) }
        },
        .task(
            "dependencies", summary: "Known weaknesses of installed packages, from OSV advisories.",
            timeoutSeconds: 300
        ) { (_: Safety, input: DependencyInput, context: TaskContext) async throws -> DependencyOutput in
            try await DependencyTask(input: input, context: context).run()
        },
        .task("cvss", summary: "Scores of CVSS 3.0, 3.1 and 4.0 vectors.") {
            (_: Safety, input: CVSSInput, _: TaskContext) async throws -> CVSSOutput in
            try CVSSTask.run(input)
        },
        .task(
            "compliance", summary: "A checklist of controls with evidence from a sweep made now.", timeoutSeconds: 600
        ) { (_: Safety, input: ComplianceInput, context: TaskContext) async throws -> ComplianceOutput in
            try await Compliance.run(input, context: context)
        },
        .task("log-watch", summary: "What in a log is unlike the rest of it.", timeoutSeconds: 300) {
            (_: Safety, input: LogInput, context: TaskContext) async throws -> LogOutput in
            try await LogTask.run(input, context: context)
        },
        .task("incident-report", summary: "Joins findings and log anomalies by risk.", timeoutSeconds: 60) {
            (_: Safety, input: IncidentInput, context: TaskContext) async throws -> IncidentOutput in
            var output = try await context.step("join", dependsOn: input) { try Incident.evaluate(input) }
            let report = try await context.artifact(
                "incident.md", text: Incident.markdown(output), mediaType: "text/markdown", step: "write-report")
            output.artifacts = [report]
            return output
        },
    ]

    package init(configuration: Configuration) throws {}
}
