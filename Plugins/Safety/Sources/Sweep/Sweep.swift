import PluginKit

/// A sweep: three reads through the host, one computation.
struct Sweep: Sendable {
    let input: SweepInput
    let context: TaskContext

    private static let maximumFiles = 200

    struct Evidence: Codable, Sendable {
        var input: SweepInput
        var listing: HostFiles.Listing
        var secrets: HostFiles.Secrets
        var texts: [String: String]
        var wanted: [String]
    }

    func run(withReport: Bool = true) async throws -> SweepOutput {
        let files = HostFiles(context: context)
        context.progress(0.05, "listing \(input.path)")
        let listing = try await files.list(input.path, maximumEntries: input.maximumEntries)
        context.progress(0.3, "searching \(listing.entries.count) entries for secrets")
        let secrets = try await files.secrets(path: input.path, salt: input.salt)
        let known = listing.entries.filter { entry in
            entry.kind == "file"
                && (ConfigurationKind(path: entry.path) != nil || InventoryKind(path: entry.path) != nil)
                && !entry.path.split(separator: "/").contains("node_modules")
        }.map(\.path)
        let wanted = Array(known.prefix(Self.maximumFiles)) + (input.advisoryFiles ?? [])
        context.progress(0.6, "reading \(wanted.count) settings and inventories")
        let texts = try await files.readableTexts(wanted, in: input.path)
        if let missing = input.advisoryFiles?.first(where: { texts[$0] == nil }) {
            throw TaskFailure.notFound("/advisory_files: \(missing) could not be read below \(input.path)")
        }
        let evidence = Evidence(input: input, listing: listing, secrets: secrets, texts: texts, wanted: wanted)
        var output = try await context.step("judge", dependsOn: evidence) { try Self.evaluate(evidence) }
        if known.count > Self.maximumFiles {
            output.warnings.append("\(known.count - Self.maximumFiles) settings and inventories were left out")
        }
        guard withReport else { return output }
        context.progress(0.9, "writing the report")
        let report = try await context.artifact(
            "sweep.md", text: SweepReport.markdown(output), mediaType: "text/markdown", step: "write-report")
        output.artifacts = [report]
        context.progress(1, "\(output.findings.count) findings")
        return output
    }

    static func evaluate(_ evidence: Evidence) throws(TaskFailure) -> SweepOutput {
        let (input, listing, texts) = (evidence.input, evidence.listing, evidence.texts)
        var warnings = listing.skipped.map { "\($0.path) was not looked at: \($0.reason)" }
        if listing.isTruncated {
            warnings.append("there are more entries than max_entries; the rest was not looked at")
        }
        if evidence.secrets.isTruncated { warnings.append("the search for secrets ended at a limit") }
        var coverage = SweepCoverage(entries: listing.entries.count, filesSearched: evidence.secrets.filesRead)
        var findings = Permissions.findings(listing.entries)
        findings += SecretFindings.findings(evidence.secrets.secrets, accepted: Set(input.accepted ?? []))
        var unpinned: [Component] = []
        for path in evidence.wanted where texts[path] == nil { warnings.append("\(path) could not be read") }
        // One file that cannot be parsed does not hide the others.
        for path in texts.keys.sorted() where ConfigurationKind(path: path) != nil {
            do throws(TaskFailure) {
                let file = ConfigurationFile(name: path, text: texts[path] ?? "")
                let read = try ConfigurationTask.run(ConfigurationInput(files: [file]))
                findings += read.findings
                warnings += read.warnings
                coverage.configurations.append(path)
            } catch {
                warnings.append(error.message)
            }
        }
        var inventory: [InventoryFile] = []
        for path in texts.keys.sorted() {
            guard let kind = InventoryKind(path: path) else { continue }
            let text = texts[path] ?? ""
            if let reason = unreadable(text, kind: kind, path: path) {
                warnings.append(reason)
            } else {
                inventory.append(InventoryFile(name: path, kind: kind, text: text))
                coverage.inventories.append(path)
            }
        }
        let checked = try DependencyTask.evaluate(
            DependencyInput(
                files: inventory, advisories: input.advisories, advisoryFiles: input.advisoryFiles,
                debianRelease: input.debianRelease), texts: texts)
        findings += checked.findings
        warnings += checked.warnings
        unpinned = checked.unpinned
        coverage.components = checked.components
        coverage.advisories = checked.advisories
        if checked.components > 0, checked.advisories == 0 {
            warnings.append("no advisories were supplied: nothing is said about known weaknesses of packages")
        }
        findings = Finding.ordered(findings)
        return SweepOutput(
            root: listing.root, findings: findings, counts: SeverityCounts(findings), coverage: coverage,
            unpinned: unpinned, warnings: warnings, method: method, artifacts: [])
    }

    private static func unreadable(_ text: String, kind: InventoryKind, path: String) -> String? {
        do {
            _ = try Inventory.read(text, kind: kind, source: path)
            return nil
        } catch {
            return error.message
        }
    }

    private static let method =
        "Permissions by CWE-732; secrets by their issuers' forms, names and Shannon entropy; SSH and TLS settings by "
        + "the guideline that each finding names; packages by OSV's evaluation and CVSS. A rule that found nothing "
        + "says nothing about what was not looked at."
}

enum SweepReport {
    static func markdown(_ output: SweepOutput) -> String {
        let counts = output.counts
        var text = """
            # Security sweep of \(Texts.markdown(output.root))

            \(output.findings.count) findings: \(counts.critical) critical, \(counts.high) high, \
            \(counts.medium) medium, \(counts.low) low. Looked at \(output.coverage.entries) entries, \
            \(output.coverage.filesSearched) text files, \(output.coverage.configurations.count) configurations, \
            \(output.coverage.components) components against \(output.coverage.advisories) advisories.

            """
        text += findings(output.findings)
        if !output.warnings.isEmpty {
            text += "\n## Not looked at\n\n" + output.warnings.map { "- \(Texts.markdown($0))\n" }.joined()
        }
        return text + "\n\(output.method)\n"
    }

    private static let maximumRows = 500

    static func findings(_ findings: [Finding]) -> String {
        guard !findings.isEmpty else { return "\nNothing was found.\n" }
        var text = "\n| severity | what | where | evidence | remedy | source |\n| --- | --- | --- | --- | --- | --- |\n"
        for finding in findings.prefix(maximumRows) {
            let score = finding.score.map { " (\(Texts.decimal($0)))" } ?? ""
            let cells = [
                finding.severity.rawValue + score, finding.title, finding.place, finding.evidence, finding.remedy,
                finding.source,
            ]
            text += "| " + cells.map(Texts.markdown).joined(separator: " | ") + " |\n"
        }
        let rest = findings.count - maximumRows
        return rest > 0 ? text + "\n\(rest) more are in the result.\n" : text
    }
}
