import PluginKit

/// Joins an inventory with advisories.
enum DependencyCheck {
    static func run(inventory: Inventory, advisories: [OSVAdvisory], release: String?) -> DependencyOutput {
        var index: [String: [Int]] = [:]
        for (number, advisory) in advisories.enumerated() where !advisory.isWithdrawn {
            for name in Set(advisory.affected.map(\.name)) { index[name, default: []].append(number) }
        }
        var hits: [VulnerableComponent] = []
        var warnings = inventory.warnings
        var unordered: Set<String> = []
        for component in inventory.components {
            guard let version = component.version else { continue }
            var own: [VulnerableComponent] = []
            for number in index[component.name] ?? [] {
                let advisory = advisories[number]
                for affected in advisory.affected
                where affected.name == component.name
                    && AdvisoryMatch.isSame(affected.ecosystem, component.ecosystem, release: release)
                {
                    guard let order = VersionOrder(ecosystem: affected.ecosystem) else {
                        unordered.insert(affected.ecosystem)
                        continue
                    }
                    switch AdvisoryMatch.verdict(on: version, of: affected, order: order) {
                    case .safe: break
                    case .unreadable(let text):
                        warnings.append(
                            "\(component.source): \(advisory.id) could not be compared with \(component.name) "
                                + "\(version): \"\(text.prefix(60))\" is no version by \(order.source)")
                    case .affected(let fixed):
                        own.append(hit(component, advisory, fixed, order))
                    }
                }
            }
            hits += merged(own, advisories)
        }
        warnings += unordered.sorted().map { "versions of \($0) have no order here; its advisories were not compared" }
        let counts = Dictionary(grouping: inventory.components, by: \.ecosystem).mapValues(\.count)
        return DependencyOutput(
            components: inventory.components.count, byEcosystem: counts, advisories: advisories.count,
            vulnerable: hits.sorted { left, right in
                if left.severity != right.severity { return left.severity > right.severity }
                if (left.score ?? 0) != (right.score ?? 0) { return (left.score ?? 0) > (right.score ?? 0) }
                return (left.component.name, left.ids[0]) < (right.component.name, right.ids[0])
            },
            unpinned: inventory.components.filter { $0.version == nil }, warnings: warnings,
            method: "OSV schema, evaluation of affected versions; order by ecosystem: Debian Policy Manual §5.6.12, "
                + "PEP 440, Semantic Versioning 2.0.0; scores by CVSS 3.1 and 4.0")
    }

    private static func hit(
        _ component: Component, _ advisory: OSVAdvisory, _ fixed: [String], _ order: VersionOrder
    ) -> VulnerableComponent {
        let severity = advisory.severity
        return VulnerableComponent(
            component: component, ids: [advisory.id] + advisory.aliases.filter { $0 != advisory.id },
            summary: advisory.summary, score: severity.score, severity: severity.severity, vector: severity.vector,
            fixed: fixed.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }, comparedBy: order.source)
    }

    /// Records of several databases about one weakness name each other as aliases: they count once, at the worst.
    private static func merged(_ hits: [VulnerableComponent], _ advisories: [OSVAdvisory]) -> [VulnerableComponent] {
        var groups: [VulnerableComponent] = []
        for hit in hits {
            var joined = hit
            var rest: [VulnerableComponent] = []
            for group in groups {
                guard !Set(group.ids).isDisjoint(with: joined.ids) else {
                    rest.append(group)
                    continue
                }
                let worse = (group.score ?? -1, group.severity.rank) >= (joined.score ?? -1, joined.severity.rank)
                var kept = worse ? group : joined
                let other = worse ? joined : group
                kept.ids += other.ids.filter { !kept.ids.contains($0) }
                kept.fixed += other.fixed.filter { !kept.fixed.contains($0) }
                joined = kept
            }
            groups = rest + [joined]
        }
        return groups
    }
}
