import PluginKit

/// The review: two reads through the host, one computation, two reports.
struct RepositoryReview: Sendable {
    let input: RepositoryReviewInput
    let context: TaskContext

    func run() async throws -> RepositoryReviewOutput {
        context.progress(0.05, "reading the history")
        let history = try await context.tool(
            "git.history",
            arguments: HistoryRequest(path: input.path, maximumCommits: input.maximumCommits ?? 2000),
            as: History.self, step: "read-history")
        context.progress(0.3, "reading the files of \(history.commits.count) commits' head")
        let files = try await context.tool(
            "git.files",
            arguments: FilesRequest(path: input.path, maximumBytes: 10 << 20, maximumFileBytes: 1 << 20),
            as: FileList.self, step: "read-files")
        context.progress(0.6, "measuring \(files.files.count) files")
        let head = history.head ?? ""
        var output = try await context.step("analyse", dependsOn: [input.path, head, "\(input.top ?? 15)"]) {
            RepositoryAnalysis(history: history, files: files, top: input.top ?? 15).output(path: input.path)
        }
        if input.prose == true {
            context.progress(0.8, "writing a summary")
            output.summary = try await summary(of: output)
        }
        context.progress(0.9, "writing the reports")
        let report = ReviewReport(output)
        let markdown = try await context.artifact(
            "review.md", text: report.markdown, mediaType: "text/markdown", step: "write-markdown")
        let html = try await context.artifact(
            "review.html", text: report.html, mediaType: "text/html", step: "write-html")
        output.artifacts = [markdown, html]
        context.progress(1, "reviewed \(output.files) files and \(output.history.commits) commits")
        return output
    }

    /// The model gets figures only, no source text, and is told to add none.
    private func summary(of output: RepositoryReviewOutput) async throws -> String {
        let hot = output.hotSpots.prefix(3).map { "\($0.path) (\($0.commits) commits, complexity \($0.complexity))" }
        let history = output.history
        let facts = [
            "Repository of \(output.files) files, \(history.commits) commits by \(history.authors) authors.",
            "Hot spots: \(hot.joined(separator: "; ")).",
            "Test lines for each production line: \(output.tests.ratio.map { Figures.decimal($0, 2) } ?? "none").",
            "Bus factor: \(output.busFactor.busFactor). Risky files: \(output.riskyFiles.count).",
            "Dependencies: \(output.dependencies.count).",
        ]
        let reply = try await context.model(
            facts.joined(separator: "\n"),
            system: "Summarise these figures of a code review in three sentences for a manager. Add no figures.",
            maximumOutputTokens: 300, step: "write-summary")
        return reply.text
    }
}
