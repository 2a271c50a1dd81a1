import Glibc

/// The number of people without whom more than half of the files have no author left.
///
/// Source: Avelino, Passos, Hora & Valente, "A Novel Approach for Estimating Truck Factors", ICPC 2016. A person's
/// degree of authorship of a file is 3.293 + 1.098 · FA + 0.164 · DL − 0.321 · ln(1 + AC) with FA 1 for the first
/// author, DL the person's changes and AC the others'. Authors have at least 3.293 and more than 0.75 of the best.
/// People with the most files leave one after the other until more than half of the files are orphans.
enum BusFactor {
    private static let minimumDegree = 3.293
    private static let shareOfBest = 0.75

    static func summary(_ files: [FileFacts]) -> BusFactorSummary {
        let authorsOfFile = files.filter { $0.commits > 0 }.map { authors(of: $0) }.filter { !$0.isEmpty }
        var filesOfAuthor: [String: Int] = [:]
        for authors in authorsOfFile { for author in authors { filesOfAuthor[author, default: 0] += 1 } }
        let order = filesOfAuthor.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var gone: Set<String> = []
        for (author, _) in order {
            if orphans(authorsOfFile, without: gone) * 2 > authorsOfFile.count { break }
            gone.insert(author)
        }
        return BusFactorSummary(
            busFactor: gone.count, files: authorsOfFile.count,
            authors: order.prefix(10).map { .init(name: $0.key, files: $0.value) })
    }

    static func authors(of file: FileFacts) -> Set<String> {
        let degrees = file.commitsByAuthor.mapValues { own in
            let others = Double(file.commits - own)
            return (own: Double(own), others: others)
        }
        let scores = Dictionary(
            uniqueKeysWithValues: degrees.map { name, counts in
                let first = name == file.firstAuthor ? 1.098 : 0
                return (name, minimumDegree + first + 0.164 * counts.own - 0.321 * log(1 + counts.others))
            })
        guard let best = scores.values.max() else { return [] }
        return Set(scores.filter { $0.value >= minimumDegree && $0.value > shareOfBest * best }.keys)
    }

    private static func orphans(_ authorsOfFile: [Set<String>], without gone: Set<String>) -> Int {
        authorsOfFile.count { $0.isSubset(of: gone) }
    }
}
