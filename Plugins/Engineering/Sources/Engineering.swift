package import PluginKit

/// Plans work and reviews what was built.
package struct Engineering: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.engineering",
        department: "engineering",
        version: "1.0.0",
        title: "Engineering",
        summary: "Schedules work by its critical path and reviews Git repositories.",
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
    ]

    package init(configuration: Configuration) throws {}
}
