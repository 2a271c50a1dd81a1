import PluginKit

/// A CVSS vector string, checked against the metrics of its version. Metrics may stand in any order; each once.
struct CVSSVector: Hashable, Sendable {
    enum Version: String, Sendable {
        case v30 = "3.0"
        case v31 = "3.1"
        case v40 = "4.0"
    }

    let version: Version
    /// As given, without those that are "X" (not defined).
    let metrics: [String: String]

    /// - Parameter place: where the text stands in the input, for the error.
    init(_ text: String, place: String) throws(TaskFailure) {
        guard text.utf8.count <= 400 else { throw .invalid("\(place): a vector has at most 400 bytes") }
        var fields = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let prefix = fields.removeFirst()
        guard prefix.hasPrefix("CVSS:"), let version = Version(rawValue: String(prefix.dropFirst(5))) else {
            throw .invalid("\(place): the vector must begin with CVSS:3.0/, CVSS:3.1/ or CVSS:4.0/")
        }
        let table = Self.table(of: version)
        var metrics: [String: String] = [:]
        for field in fields {
            let parts = field.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let metric = table.first(where: { $0.name == parts[0] }) else {
                throw .invalid("\(place): \"\(field.prefix(40))\" is no metric of CVSS \(version.rawValue)")
            }
            guard metric.values.contains(parts[1]) else {
                throw .invalid("\(place): \(metric.name) must be one of \(metric.values.joined(separator: ", "))")
            }
            guard metrics.updateValue(parts[1], forKey: metric.name) == nil else {
                throw .invalid("\(place): \(metric.name) is given twice")
            }
        }
        let missing = table.filter { $0.isMandatory && metrics[$0.name] == nil }.map(\.name)
        guard missing.isEmpty else { throw .invalid("\(place): missing \(missing.joined(separator: ", "))") }
        self.version = version
        self.metrics = metrics.filter { $0.value != "X" }
    }

    subscript(_ metric: String) -> String { metrics[metric] ?? "X" }

    /// The modified metric where there is one, else the base metric.
    func effective(_ metric: String) -> String { metrics["M" + metric] ?? self[metric] }

    /// In the specification's order, without what is not defined.
    var canonical: String {
        let fields = Self.table(of: version).compactMap { metric in
            metrics[metric.name].map { "\(metric.name):\($0)" }
        }
        return "CVSS:\(version.rawValue)/" + fields.joined(separator: "/")
    }

    struct Metric: Sendable {
        var name: String
        var values: [String]
        var isMandatory: Bool
    }

    static func table(of version: Version) -> [Metric] { version == .v40 ? tableV4 : tableV3 }

    private static func metrics(_ text: String, isMandatory: Bool = false) -> [Metric] {
        text.split(separator: " ").map { entry in
            let parts = entry.split(separator: ":")
            return Metric(name: String(parts[0]), values: parts[1].map(String.init), isMandatory: isMandatory)
        }
    }

    /// CVSS 3.1 specification §7, table 15.
    private static let tableV3 =
        metrics("AV:NALP AC:LH PR:NLH UI:NR S:UC C:NLH I:NLH A:NLH", isMandatory: true)
        + metrics(
            """
            E:XUPFH RL:XOTWU RC:XURC CR:XLMH IR:XLMH AR:XLMH MAV:XNALP MAC:XLH MPR:XNLH MUI:XNR MS:XUC MC:XNLH \
            MI:XNLH MA:XNLH
            """)

    /// CVSS 4.0 specification §7, table 23. The provider urgency has words for values.
    private static let tableV4 =
        metrics("AV:NALP AC:LH AT:NP PR:NLH UI:NPA VC:HLN VI:HLN VA:HLN SC:HLN SI:HLN SA:HLN", isMandatory: true)
        + metrics(
            """
            E:XAPU CR:XHML IR:XHML AR:XHML MAV:XNALP MAC:XLH MAT:XNP MPR:XNLH MUI:XNPA MVC:XHLN MVI:XHLN MVA:XHLN \
            MSC:XHLN MSI:XSHLN MSA:XSHLN S:XNP AU:XNY R:XAUI V:XDC RE:XLMH
            """)
        + [Metric(name: "U", values: ["X", "Clear", "Green", "Amber", "Red"], isMandatory: false)]
}

/// The qualitative rating scale, the same in 3.x (§5) and 4.0 (§6).
enum CVSSRating {
    static func of(_ score: Double) -> String {
        switch score {
        case ..<0.1: "none"
        case ..<4.0: "low"
        case ..<7.0: "medium"
        case ..<9.0: "high"
        default: "critical"
        }
    }
}
