import PluginKit

/// Joins findings and anomalies by asset and weakness, and orders them by risk.
enum Incident {
    private static let unnamed = Asset(name: "everything else", prefixes: [], criticality: 3)
    private static let method =
        "likelihood from the worst severity (none very low to critical very high), one step more with a log anomaly "
        + "of medium or higher severity of the same asset; impact from the asset's criticality; risk by NIST SP 800-30 "
        + "rev. 1 table I-2; very high is P1, high P2, moderate P3, the rest P4"

    static func evaluate(_ input: IncidentInput) throws(TaskFailure) -> IncidentOutput {
        let assets = input.assets ?? []
        guard Set(assets.map(\.name)).count == assets.count else { throw .invalid("/assets: two have the same name") }
        let anomalies = input.anomalies ?? []
        var active: [String: [LogAnomaly]] = [:]
        for (index, entry) in anomalies.enumerated() {
            guard entry.asset == unnamed.name || assets.contains(where: { $0.name == entry.asset }) else {
                throw .invalid("/anomalies/\(index)/asset: \"\(entry.asset.prefix(60))\" is none of the assets")
            }
            active[entry.asset, default: []].append(entry.anomaly)
        }
        var groups: [Key: [Finding]] = [:]
        for finding in input.findings {
            let owner = asset(of: finding.place, assets)
            groups[Key(asset: owner, rule: finding.rule), default: []].append(finding)
        }
        var risks = groups.map { risk($0.key, $0.value, active[$0.key.asset.name] ?? []) }
        risks += anomalies.map { entry in
            risk(entry, assets.first { $0.name == entry.asset } ?? unnamed)
        }
        risks.sort {
            if $0.level != $1.level { return $0.level > $1.level }
            if $0.severity != $1.severity { return $0.severity > $1.severity }
            if $0.placeCount != $1.placeCount { return $0.placeCount > $1.placeCount }
            return ($0.asset, $0.rule, $0.title) < ($1.asset, $1.rule, $1.title)
        }
        let priority = IncidentPriority(risks.first?.level ?? .veryLow)
        let shared = Dictionary(grouping: input.findings.compactMap(\.fingerprint)) { $0 }.mapValues(\.count)
        return IncidentOutput(
            title: input.title, priority: priority, responseMinutes: priority.responseMinutes,
            resolutionMinutes: priority.resolutionMinutes, risks: risks,
            sharedSecrets: shared.filter { $0.value > 1 },
            warnings: risks.isEmpty ? ["there are neither findings nor anomalies: nothing was joined"] : [],
            method: method, artifacts: [])
    }

    private struct Key: Hashable {
        var asset: Asset
        var rule: String
    }

    /// The asset with the longest fitting prefix. A prefix ends at a path's part.
    private static func asset(of place: String, _ assets: [Asset]) -> Asset {
        var best: (asset: Asset, length: Int)?
        for asset in assets {
            for prefix in asset.prefixes where fits(place, prefix) && prefix.utf8.count > (best?.length ?? -1) {
                best = (asset, prefix.utf8.count)
            }
        }
        return best?.asset ?? unnamed
    }

    private static func fits(_ place: String, _ prefix: String) -> Bool {
        guard place.hasPrefix(prefix) else { return false }
        let next = place.dropFirst(prefix.count).first
        return prefix.isEmpty || prefix.hasSuffix("/") || next == nil || next == "/" || next == ":"
    }

    private static let maximumPlaces = 20

    private static func risk(_ key: Key, _ findings: [Finding], _ anomalies: [LogAnomaly]) -> Risk {
        let ordered = Finding.ordered(findings)
        let severity = ordered.first?.severity ?? .none
        let isActive = anomalies.contains { $0.severity >= .medium }
        let likelihood = RiskLevel(step: severity.rank + 1 + (isActive ? 1 : 0))
        let impact = RiskLevel(step: key.asset.criticality)
        let level = RiskLevel.of(likelihood: likelihood, impact: impact)
        var why = ["worst severity \(severity.rawValue)", "criticality \(key.asset.criticality)"]
        if let score = ordered.compactMap(\.score).max() { why.append("CVSS \(Texts.decimal(score))") }
        if isActive { why.append("the asset's log is unusual at the same time") }
        let places = ordered.map(\.place)
        return Risk(
            asset: key.asset.name, rule: key.rule, title: ordered.first?.title ?? key.rule, severity: severity,
            likelihood: likelihood, impact: impact, level: level, priority: IncidentPriority(level),
            places: Array(places.prefix(maximumPlaces)), placeCount: places.count,
            remedies: ordered.map(\.remedy).reduce(into: []) { if !$0.contains($1), $0.count < 10 { $0.append($1) } },
            why: why)
    }

    private static func risk(_ entry: AssetAnomaly, _ asset: Asset) -> Risk {
        let anomaly = entry.anomaly
        let likelihood = RiskLevel(step: anomaly.severity.rank + 1)
        let impact = RiskLevel(step: asset.criticality)
        let level = RiskLevel.of(likelihood: likelihood, impact: impact)
        let expected = anomaly.expected.map { ", usually \(Texts.decimal($0))" } ?? ""
        return Risk(
            asset: asset.name, rule: "log.\(anomaly.kind.rawValue)", title: anomaly.subject,
            severity: anomaly.severity, likelihood: likelihood, impact: impact, level: level,
            priority: IncidentPriority(level), places: ["line \(anomaly.firstLine)"], placeCount: 1,
            remedies: ["find out what wrote it, and from where"], why: ["\(anomaly.observed) messages\(expected)"])
    }

    static func markdown(_ output: IncidentOutput) -> String {
        var text = """
            # \(Texts.markdown(output.title))

            Priority **\(output.priority.rawValue)**: answer within \(output.responseMinutes) minutes, resolve within \
            \(output.resolutionMinutes / 60) hours. \(output.risks.count) risks.

            | risk | priority | asset | what | places | why | remedy |
            | --- | --- | --- | --- | ---: | --- | --- |

            """
        for risk in output.risks.prefix(200) {
            let cells = [
                risk.level.rawValue, risk.priority.rawValue, risk.asset, risk.title, "\(risk.placeCount)",
                risk.why.joined(separator: "; "), risk.remedies.joined(separator: "; "),
            ]
            text += "| " + cells.map(Texts.markdown).joined(separator: " | ") + " |\n"
        }
        for (fingerprint, count) in output.sharedSecrets.sorted(by: { $0.key < $1.key }) {
            text += "\nThe secret \(fingerprint) stands in \(count) places: revoke it once, replace it in all.\n"
        }
        return text + "\n\(output.method)\n"
    }
}
