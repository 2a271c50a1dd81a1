/// Everything that the review computes; pure. "Now" is the newest commit's time, so the same commit always gives the
/// same review.
struct RepositoryAnalysis {
    private let history: History
    private let fileList: FileList
    private let files: [FileFacts]
    private let top: Int
    private let now: Int64

    init(history: History, files: FileList, top: Int) {
        self.history = history
        self.fileList = files
        self.files = FileTable.build(history: history, files: files)
        self.top = top
        now = history.commits.map(\.unixTime).max() ?? 0
    }

    func output(path: String) -> RepositoryReviewOutput {
        let hotSpots = rankedHotSpots()
        let tenth = hotSpots.prefix(max(1, files.count(where: \.isCode) / 10)).filter { $0.commits >= 3 }
        let authors = Set(history.commits.map { "\($0.author) (\($0.emailDomain))" })
        let risky = Risks.risky(
            files, hotSpots: Set(tenth.map(\.path)), authorCount: authors.count, now: now)
        return RepositoryReviewOutput(
            path: path, history: historySummary(authors: authors.count), files: files.count, languages: languages(),
            hotSpots: Array(hotSpots.prefix(top)), tests: tests(),
            dependencies: Dependencies.inventory(fileList.files), riskyFiles: Array(risky.prefix(top)),
            busFactor: BusFactor.summary(files.filter(\.isCode)), warnings: warnings(), summary: nil, artifacts: [])
    }

    /// Tornhill's hot spots: code that is complex and changes often, "Your Code as a Crime Scene", 2015. The score is
    /// the product of both shares of the maximum, times 100.
    private func rankedHotSpots() -> [HotSpot] {
        let code = files.filter { $0.isCode && $0.commits > 0 }
        let mostCommits = Double(code.map(\.commits).max() ?? 1)
        let mostComplex = Double(code.map(\.complexity).max() ?? 1)
        let spots = code.map { file -> HotSpot in
            let score = 100 * Double(file.commits) / mostCommits * Double(file.complexity) / mostComplex
            return HotSpot(
                rank: 0, path: file.path, language: file.language?.name ?? "", score: (score * 100).rounded() / 100,
                commits: file.commits, addedLines: file.addedLines, deletedLines: file.deletedLines,
                codeLines: file.codeLines, complexity: file.complexity,
                deepestIndentation: file.metrics?.deepestIndentation ?? 0, authors: file.commitsByAuthor.count,
                daysSinceChange: Int((now - file.lastChangeUnixSeconds) / 86_400))
        }
        let sorted = spots.sorted { ($1.score, $0.path) < ($0.score, $1.path) }
        return sorted.enumerated().map { index, spot in
            var spot = spot
            spot.rank = index + 1
            return spot
        }
    }

    private func languages() -> [LanguageSummary] {
        let groups = Dictionary(grouping: files.filter(\.isCode)) { $0.language?.name ?? "" }
        let summaries = groups.map { name, members in
            LanguageSummary(
                language: name, files: members.count, codeLines: members.reduce(0) { $0 + $1.codeLines },
                complexity: members.reduce(0) { $0 + $1.complexity })
        }
        return summaries.sorted { ($1.codeLines, $0.language) < ($0.codeLines, $1.language) }
    }

    private func tests() -> TestSummary {
        let code = files.filter(\.isCode)
        let testLines = code.filter(\.isTest).reduce(0) { $0 + $1.codeLines }
        let productionLines = code.filter { !$0.isTest }.reduce(0) { $0 + $1.codeLines }
        let ratio = productionLines > 0 ? Double(testLines) / Double(productionLines) : nil
        return TestSummary(
            files: code.count(where: \.isTest), codeLines: testLines, productionCodeLines: productionLines,
            ratio: ratio.map { ($0 * 10_000).rounded() / 10_000 })
    }

    private func historySummary(authors: Int) -> HistorySummary {
        let times = history.commits.map(\.unixTime)
        guard let first = times.min(), let last = times.max() else {
            return HistorySummary(
                head: history.head, branch: history.branch, commits: 0, authors: 0, ageDays: 0, months: [])
        }
        let day = { (time: Int64) in CivilDay(number: Int((Double(time) / 86_400).rounded(.down))).description }
        return HistorySummary(
            head: history.head, branch: history.branch, commits: times.count, authors: authors, firstCommit: day(first),
            lastCommit: day(last), ageDays: Int((last - first) / 86_400),
            months: months(times.map { String(day($0).prefix(7)) }))
    }

    /// At most the newest 36 months, without holes.
    private func months(_ months: [String]) -> [MonthActivity] {
        guard var month = months.min(), let last = months.max() else { return [] }
        let counts = months.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        var all: [MonthActivity] = []
        while month <= last {
            all.append(MonthActivity(month: month, commits: counts[month] ?? 0))
            // Four days after the 28th is always the next month.
            guard let day = CivilDay("\(month)-28") else { break }
            month = String(CivilDay(number: day.number + 4).description.prefix(7))
        }
        return Array(all.suffix(36))
    }

    private func warnings() -> [String] {
        var warnings: [String] = []
        if history.head == nil { warnings.append("the repository has no commits: there is nothing to review") }
        if history.truncated {
            warnings.append("the history is cut: older commits or parts of mass commits are not counted")
        }
        if !fileList.truncated.isEmpty {
            let names = fileList.truncated.prefix(5).joined(separator: ", ")
            warnings.append("too large to measure, \(fileList.truncated.count) in all: \(names)")
        }
        let unknown = fileList.files.count { $0.text != nil && Language.of($0.path) == nil }
        if unknown > 0 {
            warnings.append("not measured, in no known programming language: \(unknown) text files")
        }
        return warnings
    }
}
