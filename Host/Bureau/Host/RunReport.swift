import Engine
import Journal
import Kernel
import Server

/// All that a person or a program wants to know of a finished run.
struct RunReport: Sendable {
    struct File: Sendable {
        var artifact: ArtifactRecord
        var path: String
    }

    var run: RunRecord
    var costs: [CostRow]
    var files: [File]
    var checkpoint: AuditCheckpoint?

    /// Reads the run, and writes its artifacts to `folder`.
    ///
    /// - Parameter isNamed: somebody asked for this folder. What is about a subject is written nowhere else: a copy in
    ///   the clear would outlive its key.
    static func collect(
        _ id: RunID, from journal: any JournalStore, folder: String, isNamed: Bool = true
    ) async throws(CommandFailure) -> RunReport {
        let found: (RunRecord?, [CostRow], [ArtifactRecord], AuditCheckpoint?)
        do {
            found = try await journal.read { journal throws(JournalError) in
                (
                    try journal.run(id), try journal.costs(root: id), try journal.artifacts(of: id),
                    try journal.latestAuditCheckpoint()
                )
            }
        } catch {
            throw CommandFailure(error)
        }
        guard let run = found.0 else { throw CommandFailure(.notFound, "no run \(id)") }
        let shown = run.subject == nil || isNamed ? found.2 : []
        let files = try await write(shown, from: journal, folder: folder)
        return RunReport(run: run, costs: found.1, files: files, checkpoint: found.3)
    }

    private static func write(
        _ artifacts: [ArtifactRecord], from journal: any JournalStore, folder: String
    ) async throws(CommandFailure) -> [File] {
        var files: [File] = []
        var taken: Set<String> = []
        for artifact in artifacts {
            let content: ArtifactContent?
            do {
                content = try await journal.read { journal throws(JournalError) in
                    try journal.artifact(artifact.digest)
                }
            } catch {
                throw CommandFailure(error)
            }
            guard let content else { continue }
            var name = FileName.safe(artifact.name)
            // Another run of the same tree may use the same name.
            if !taken.insert(name).inserted { name = "\(artifact.run)-\(name)" }
            taken.insert(name)
            let path = FilePath.join(folder, name)
            if let problem = FilePath.write(content.bytes, to: path) {
                throw CommandFailure(.storeUnavailable, problem.text)
            }
            files.append(File(artifact: artifact, path: path))
        }
        return files
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "run": .object(run.detail),
            "costs": .array(costs.map(\.json)),
            "artifacts": .array(
                files.map { file in
                    .object(file.artifact.members.merging(["path": .string(file.path)], uniquingKeysWith: { $1 }))
                }),
        ]
        members["audit"] = checkpoint?.json ?? .null
        return .object(members)
    }

    func lines(style: Style) -> [String] {
        var lines = costTable.lines(style: style)
        if files.isEmpty, let output = run.output {
            lines += ["", JSONValue.document(output).serialized(pretty: true)]
        }
        lines.append("")
        for file in files where file.artifact.run == run.id || files.count <= 12 {
            lines.append("\(label(of: file))  \(file.path)")
        }
        lines.append("run       \(run.id)  \(state(style))")
        if let checkpoint { lines.append("audit     size \(checkpoint.size), root \(checkpoint.root.hex)") }
        return lines
    }

    private func label(of file: File) -> String {
        ["text/markdown", "text/html"].contains { file.artifact.mediaType.hasPrefix($0) } ? "report  " : "artifact"
    }

    private func state(_ style: Style) -> String {
        switch run.state {
        case .done: style.green("done")
        case .failed, .dead: style.red(run.state.name)
        default: style.yellow(run.state.name)
        }
    }

    private var costTable: Table {
        var table = Table([
            ("department/task", .left), ("runs", .right), ("steps", .right), ("model calls", .right),
            ("tokens in", .right), ("tokens out", .right), ("time", .right), ("cost", .right),
        ])
        for row in costs {
            table.add(
                row.task.description, "\(row.runs)", "\(row.steps)", "\(row.modelCalls)", "\(row.inputTokens)",
                "\(row.outputTokens)", RunTreeView.duration(row.milliseconds), row.cost.description)
        }
        let elapsed = run.startedAt.map { start in
            RunTreeView.duration((run.finishedAt ?? start).unixMilliseconds - start.unixMilliseconds)
        }
        table.total(
            "total", "\(costs.reduce(0) { $0 + $1.runs })", "\(costs.reduce(0) { $0 + $1.steps })",
            "\(costs.reduce(0) { $0 + $1.modelCalls })", "\(costs.reduce(0) { $0 + $1.inputTokens })",
            "\(costs.reduce(0) { $0 + $1.outputTokens })", elapsed ?? "",
            costs.reduce(Nanodollars.zero) { $0 + $1.cost }.description)
        return table
    }
}

enum FileName {
    /// A plugin chose the artifact's name: nothing of it may leave the folder or hide.
    static func safe(_ name: String) -> String {
        let kept = name.unicodeScalars.map { scalar -> Character in
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            return isPlain || "._- ".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
        }
        let text = String(kept.drop { $0 == "." || $0 == " " }.prefix(120))
        return text.isEmpty ? "artifact" : text
    }
}
