/// Files that deserve a look, by rules that anyone can check.
///
/// | rule | points |
/// | --- | --- |
/// | a hot spot: among the first tenth by score, at least three commits | 3 |
/// | large: more than 500 lines of code | 2 |
/// | deep: indentation of 7 levels or more | 1 |
/// | branchy: a decision every four lines or more often, at least 30 decisions | 1 |
/// | one author: at least three commits, all by one person, in a repository of several | 2 |
/// | no test near: production code of 50 lines or more whose name no test file bears | 2 |
/// | forgotten: at least 100 lines of code, unchanged for two years | 1 |
///
/// A file is risky from three points on.
enum Risks {
    private static let minimumPoints = 3
    private static let secondsOfTwoYears: Int64 = 2 * 365 * 86_400

    static func risky(_ files: [FileFacts], hotSpots: Set<String>, authorCount: Int, now: Int64) -> [RiskyFile] {
        let testText = files.filter(\.isTest).map { stem(of: $0.path) }
        let risky = files.filter(\.isCode).compactMap { file -> RiskyFile? in
            var reasons = sizeReasons(file)
            if hotSpots.contains(file.path) { reasons.append((3, "hot spot: \(file.commits) commits on complex code")) }
            if authorCount > 1, file.commits >= 3, let author = file.commitsByAuthor.keys.first,
                file.commitsByAuthor.count == 1
            {
                reasons.append((2, "one author: all \(file.commits) commits by \(author)"))
            }
            let name = stem(of: file.path)
            if !file.isTest, file.codeLines >= 50, !testText.contains(where: { $0.contains(name) }) {
                reasons.append((2, "no test near: no test file is named after \(name)"))
            }
            if file.codeLines >= 100, file.commits > 0, now - file.lastChangeUnixSeconds > secondsOfTwoYears {
                reasons.append((1, "unchanged for \((now - file.lastChangeUnixSeconds) / 86_400) days"))
            }
            let points = reasons.reduce(0) { $0 + $1.0 }
            return points >= minimumPoints ? RiskyFile(path: file.path, points: points, reasons: reasons.map(\.1)) : nil
        }
        return risky.sorted { ($1.points, $0.path) < ($0.points, $1.path) }
    }

    private static func sizeReasons(_ file: FileFacts) -> [(Int, String)] {
        guard let metrics = file.metrics else { return [] }
        var reasons: [(Int, String)] = []
        if metrics.codeLines > 500 { reasons.append((2, "large: \(metrics.codeLines) lines of code")) }
        if metrics.deepestIndentation >= 7 { reasons.append((1, "deep: \(metrics.deepestIndentation) levels")) }
        if metrics.complexity >= 30, metrics.complexity * 4 >= metrics.codeLines {
            reasons.append((1, "branchy: \(metrics.complexity) decisions in \(metrics.codeLines) lines"))
        }
        return reasons
    }

    private static func stem(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return name.split(separator: ".").first.map { $0.lowercased() } ?? String(name)
    }
}
