package import PluginKit

/// Plans work and reviews what was built.
package struct Engineering: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.engineering",
        department: "engineering",
        version: "1.1.0",
        title: "Engineering",
        summary: "Schedules work and its risk, reviews Git repositories, reports dependencies with their licences, and"
            + " measures incidents.",
        wants: Wants(models: ["*"], tools: ["git.files", "git.history"], hosts: [], departments: []))

    package static let tasks: [TaskDefinition<Engineering>] = [
        .task(
            "critical-path", summary: "Schedules activities by PERT and the critical path method.", timeoutSeconds: 60,
            planning: TaskPlanning(
                keywords: ["critical path", "pert", "project schedule", "milestone", "work breakdown"],
                complexity: .low, durationSeconds: 1)
        ) { (_: Engineering, input: CriticalPathInput, context: TaskContext) async throws -> CriticalPathOutput in
            try await CriticalPathInput.run(input, context: context)
        },
        .task(
            "repository-review", summary: "Hot spots, tests, dependencies and risks of a Git repository.",
            timeoutSeconds: 300,
            planning: TaskPlanning(
                keywords: ["repository review", "code review", "hot spot", "technical debt"], complexity: .medium,
                durationSeconds: 20, resources: ["a Git checkout"])
        ) {
            (_: Engineering, input: RepositoryReviewInput, context: TaskContext) async throws -> RepositoryReviewOutput
            in
            try await RepositoryReview(input: input, context: context).run()
        },
        .task(
            "schedule-risk", summary: "How long a plan takes when every path counts, and what being faster costs.",
            timeoutSeconds: 300,
            planning: TaskPlanning(
                keywords: ["schedule risk", "monte carlo", "crashing", "chance to finish"], complexity: .medium,
                durationSeconds: 5)
        ) { (_: Engineering, input: ScheduleRiskInput, _: TaskContext) async throws -> ScheduleRiskOutput in
            try ScheduleRisk.evaluate(input)
        },
        .task(
            "dependency-report", summary: "Dependencies by their files, and whether their licences go together.",
            timeoutSeconds: 60,
            planning: TaskPlanning(
                keywords: ["licence", "license", "dependency report", "spdx", "open source compliance"],
                complexity: .low, durationSeconds: 1)
        ) { (_: Engineering, input: DependencyReportInput, _: TaskContext) async throws -> DependencyReportOutput in
            try DependencyReport.evaluate(input)
        },
        .task(
            "incident-timeline", summary: "Times to detect, acknowledge and resolve incidents, against their class.",
            timeoutSeconds: 60,
            planning: TaskPlanning(
                keywords: ["incident", "mttr", "mtta", "outage", "post mortem"], complexity: .low, durationSeconds: 1)
        ) { (_: Engineering, input: IncidentInput, _: TaskContext) async throws -> IncidentOutput in
            try IncidentTimeline.evaluate(input)
        },
    ]

    package init(configuration: Configuration) throws {}
}
