/// CVSS 4.0 (specification §8): the score of the vector's MacroVector, less its mean proportional distance from that
/// MacroVector's most severe vector. All in integers: tenths over one common denominator, so the last rounding is
/// exact.
struct CVSS4: Sendable {
    let vector: CVSSVector

    /// What a metric counts as: worst case where a threat or environmental metric is not defined.
    private func value(_ metric: String) -> String {
        switch metric {
        case "E": vector["E"] == "X" ? "A" : vector["E"]
        case "CR", "IR", "AR": vector[metric] == "X" ? "H" : vector[metric]
        default: vector.effective(metric)
        }
    }

    /// EQ1 to EQ6, tables 24 to 29.
    var equivalenceClasses: [Int] {
        func isHigh(_ metrics: [String]) -> Bool { metrics.contains { value($0) == "H" } }
        let noBarrier = [value("AV"), value("PR"), value("UI")].filter { $0 == "N" }.count
        let eq1 = noBarrier == 3 ? 0 : noBarrier > 0 && value("AV") != "P" ? 1 : 2
        let eq2 = value("AC") == "L" && value("AT") == "N" ? 0 : 1
        let eq3 = value("VC") == "H" && value("VI") == "H" ? 0 : isHigh(["VC", "VI", "VA"]) ? 1 : 2
        let isSafety = value("SI") == "S" || value("SA") == "S"
        let eq4 = isSafety ? 0 : isHigh(["SC", "SI", "SA"]) ? 1 : 2
        let eq5 = value("E") == "A" ? 0 : value("E") == "P" ? 1 : 2
        let demanded = [("CR", "VC"), ("IR", "VI"), ("AR", "VA")].contains {
            value($0.0) == "H" && value($0.1) == "H"
        }
        return [eq1, eq2, eq3, eq4, eq5, demanded ? 0 : 1]
    }

    var macroVector: String { equivalenceClasses.map(String.init).joined() }

    var score: Double { Double(scoreTenths) / 10 }

    /// Divisible by every depth (4, 5, 2, 6, 7, 8, 10) times every count of lower MacroVectors (1 to 5).
    private static let unit = 50_400

    private var scoreTenths: Int {
        let impacts = ["VC", "VI", "VA", "SC", "SI", "SA"]
        guard impacts.contains(where: { value($0) != "N" }) else { return 0 }
        let classes = equivalenceClasses
        guard let top = CVSS4Table.scoreTenths(classes) else { return 0 }
        var sum = 0
        var count = 0
        for group in CVSS4Table.Group.allCases {
            guard let lower = group.next(below: classes).compactMap(CVSS4Table.scoreTenths).max() else { continue }
            count += 1
            let steps = group.mostSevere(classes).lazy.compactMap { distance(from: $0) }.first ?? 0
            sum += (top - lower) * steps * (Self.unit / group.depth(classes))
        }
        guard count > 0 else { return top }
        let exact = max(0, top * Self.unit - sum / count)
        return min(100, (exact + Self.unit / 2) / Self.unit)
    }

    /// Steps from a most severe vector; nil when this vector is more severe in one of its metrics.
    private func distance(from most: [(metric: String, value: String)]) -> Int? {
        var steps = 0
        for (metric, worst) in most {
            let levels = CVSS4Table.levels[metric] ?? []
            guard let here = levels.firstIndex(of: value(metric)), let there = levels.firstIndex(of: worst),
                here >= there
            else { return nil }
            steps += here - there
        }
        return steps
    }

    /// CVSS-B, -BT, -BE or -BTE: which metrics the score rests on (§1.3).
    var nomenclature: String {
        let environmental: Set<String> = [
            "CR", "IR", "AR", "MAV", "MAC", "MAT", "MPR", "MUI", "MVC", "MVI", "MVA", "MSC", "MSI", "MSA",
        ]
        let hasEnvironment = vector.metrics.keys.contains { environmental.contains($0) }
        return "CVSS-B" + (vector["E"] == "X" ? "" : "T") + (hasEnvironment ? "E" : "")
    }
}
