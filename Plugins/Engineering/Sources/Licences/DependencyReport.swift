package import PluginKit

/// Which dependencies there are, and whether their licences go with that of the whole.
package enum DependencyReport {
    package static func evaluate(_ input: DependencyReportInput) throws(TaskFailure) -> DependencyReportOutput {
        let own = LicenceRules.family(input.ownLicence)
        guard own != .unknown else {
            throw .invalid("/own_licence: \(input.ownLicence) is not among the known ones; see the README")
        }
        var expressions: [String: String] = [:]
        for (index, licence) in input.licences.enumerated() {
            guard LicenceExpression(licence.expression) != nil else {
                throw .invalid("/licences/\(index)/expression: \(licence.expression) is no SPDX expression")
            }
            expressions[licence.name.lowercased()] = licence.expression
        }
        var rows: [String: ReportedDependency] = [:]
        for (index, file) in input.files.enumerated() {
            let (ecosystem, found) = try Manifests.read(file, at: "/files/\(index)")
            for named in found {
                let key = "\(ecosystem) \(named.name)"
                var row =
                    rows[key]
                    ?? judged(ecosystem, named.name, expressions[named.name.lowercased()], own, input)
                if let version = named.version, !row.versions.contains(version) { row.versions.append(version) }
                row.direct = row.direct || named.isDirect
                rows[key] = row
            }
        }
        let dependencies = rows.keys.sorted().compactMap { rows[$0] }
        return DependencyReportOutput(
            dependencies: dependencies, compatible: dependencies.allSatisfy { $0.verdict == .compatible },
            byVerdict: Dictionary(dependencies.map { ($0.verdict.rawValue, 1) }, uniquingKeysWith: +),
            versionConflicts: dependencies.filter { $0.versions.count > 1 }.map { "\($0.ecosystem) \($0.name)" },
            notes: [
                "Expressions follow SPDX 2.3, annex D. Compatibility follows the FSF's licence list and GPL FAQ, and"
                    + " Apache's category lists; the rules are in the README.",
                "Only names that stand in the files were read; what these need in turn is known from lock files only.",
                "This is a check of rules, not legal advice.",
            ])
    }

    private static func judged(
        _ ecosystem: String, _ name: String, _ text: String?, _ own: LicenceRules.Family, _ input: DependencyReportInput
    ) -> ReportedDependency {
        var row = ReportedDependency(
            ecosystem: ecosystem, name: name, versions: [], direct: false, expression: text, chosen: [],
            verdict: .unknown, reason: "its licence was not given", duties: [])
        guard let text, let expression = LicenceExpression(text) else { return row }
        // The best way to satisfy the expression: compatible before review before unknown before incompatible.
        let order: [ReportedDependency.Verdict] = [.compatible, .needsReview, .unknown, .incompatible]
        var best = order.count
        for choice in expression.choices {
            let rulings = choice.map { LicenceRules.rule($0, in: own, input.ownLicence, input.linking ?? .static) }
            let worst = rulings.map { order.firstIndex(of: $0.verdict) ?? 0 }.max() ?? 0
            guard worst < best, let ruling = rulings.first(where: { order.firstIndex(of: $0.verdict) == worst }) else {
                continue
            }
            best = worst
            row.chosen = choice
            (row.verdict, row.reason) = (ruling.verdict, ruling.reason)
            row.duties = Array(Set(choice.flatMap { LicenceRules.duties($0) })).sorted()
        }
        return row
    }
}

/// Families of licences, and which may stand inside which.
enum LicenceRules {
    enum Family: Hashable {
        case publicDomain, permissive, apache, weakFile, weakLibrary, gpl2Only, gpl3, agpl3, proprietary, unknown
    }

    private static let families: [String: Family] = [
        "CC0-1.0": .publicDomain, "Unlicense": .publicDomain, "0BSD": .publicDomain, "WTFPL": .publicDomain,
        "MIT": .permissive, "MIT-0": .permissive, "BSD-2-Clause": .permissive, "BSD-3-Clause": .permissive,
        "ISC": .permissive, "Zlib": .permissive, "BSL-1.0": .permissive, "PostgreSQL": .permissive,
        "Python-2.0": .permissive, "PSF-2.0": .permissive, "curl": .permissive, "Unicode-3.0": .permissive,
        "Apache-2.0": .apache, "MPL-2.0": .weakFile, "EPL-2.0": .weakFile, "CDDL-1.0": .weakFile,
        "LGPL-2.1-only": .weakLibrary, "LGPL-2.1-or-later": .weakLibrary, "LGPL-3.0-only": .weakLibrary,
        "LGPL-3.0-or-later": .weakLibrary, "GPL-2.0-only": .gpl2Only, "GPL-2.0-or-later": .gpl3,
        "GPL-3.0-only": .gpl3, "GPL-3.0-or-later": .gpl3, "AGPL-3.0-only": .agpl3, "AGPL-3.0-or-later": .agpl3,
        "Proprietary": .proprietary,
    ]

    /// Identifiers are compared without regard to case (SPDX 2.3, D.2); `GPL-2.0` and `GPL-2.0+` are the old names.
    static func family(_ id: String) -> Family {
        let old = [
            "GPL-2.0": "GPL-2.0-only", "GPL-3.0": "GPL-3.0-only", "LGPL-2.1": "LGPL-2.1-only",
            "AGPL-3.0": "AGPL-3.0-only",
        ]
        var name = id
        if name.hasSuffix("+") { name = String(name.dropLast()) + "-or-later" } else { name = old[name] ?? name }
        if let family = families[name] { return family }
        return families.first { $0.key.lowercased() == name.lowercased() }?.value ?? .unknown
    }

    private static let linkingExceptions = [
        "classpath-exception-2.0", "gcc-exception-3.1", "llvm-exception", "swift-exception",
        "autoconf-exception-3.0", "bison-exception-2.2",
    ]

    static func rule(
        _ licence: String, in own: Family, _ ownName: String, _ linking: Linking
    ) -> (verdict: ReportedDependency.Verdict, reason: String) {
        let parts = licence.split(separator: " ")
        let id = String(parts.first ?? ""), family = family(id)
        if parts.count == 3 {
            guard linkingExceptions.contains(parts[2].lowercased()) else {
                return (.needsReview, "the exception \(parts[2]) is not among the known ones")
            }
            return (.compatible, "\(parts[2]) allows linking into works of any licence")
        }
        let isCopyleft = [.gpl2Only, .gpl3, .agpl3].contains(own)
        switch family {
        case .unknown: return (.needsReview, "\(id) is not among the known licences")
        case .proprietary: return (.needsReview, "read its contract")
        case .publicDomain, .permissive: return (.compatible, "\(id) may go into works of any licence")
        case .apache:
            return own == .gpl2Only
                ? (.incompatible, "Apache-2.0's patent clause is a further restriction under GPL-2.0 (FSF)")
                : (.compatible, "\(id) may go into works of \(ownName)")
        case .weakFile:
            return id.uppercased() == "MPL-2.0" || !isCopyleft
                ? (.compatible, "\(id) binds its own files only")
                : (.incompatible, "\(id) is not compatible with the GPL (FSF)")
        case .weakLibrary:
            if own == .gpl2Only, id.uppercased().hasPrefix("LGPL-3.0") {
                return (.incompatible, "LGPL-3.0 cannot go into a GPL-2.0-only work (FSF's matrix)")
            }
            if isCopyleft || linking != .static { return (.compatible, "\(id) allows use as a replaceable library") }
            return (.needsReview, "\(id) linked statically: users must be able to relink (section 6 or 4)")
        case .gpl2Only, .gpl3, .agpl3: return strong(id, family, own, ownName, linking)
        }
    }

    private static func strong(
        _ id: String, _ family: Family, _ own: Family, _ ownName: String, _ linking: Linking
    ) -> (verdict: ReportedDependency.Verdict, reason: String) {
        // GPL-2.0-or-later is in the family of version 3, which it may be used under.
        let isEither = id.uppercased() == "GPL-2.0-OR-LATER" || id.uppercased() == "GPL-2.0+"
        switch (family, own) {
        case (.gpl2Only, .gpl2Only), (.gpl3, .gpl3), (.gpl3, .agpl3), (.agpl3, .agpl3):
            return (.compatible, "\(id) goes into a work under \(ownName)")
        case (.gpl3, .gpl2Only) where isEither: return (.compatible, "\(id) may be used under version 2")
        case (.agpl3, .gpl3): return (.needsReview, "section 13 of both allows the link; the AGPL part stays AGPL")
        case (_, .gpl2Only), (.gpl2Only, .gpl3), (.gpl2Only, .agpl3):
            return (.incompatible, "\(id) and \(ownName) each ask for the whole under themselves")
        default: break
        }
        if linking == .network, family != .agpl3 {
            return (.compatible, "\(id) asks for nothing while no copy is given away")
        }
        return (.incompatible, "\(id) asks for the whole work under itself, which is \(ownName)")
    }

    static func duties(_ licence: String) -> [String] {
        switch family(String(licence.split(separator: " ").first ?? "")) {
        case .publicDomain, .unknown, .proprietary: []
        case .permissive: ["keep the notice"]
        case .apache: ["keep the notice", "pass on NOTICE", "say what was changed"]
        case .weakFile: ["keep the notice", "give the source of its files"]
        case .weakLibrary: ["keep the notice", "give the library's source", "allow to replace the library"]
        case .gpl2Only, .gpl3: ["keep the notice", "give the source of the whole"]
        case .agpl3: ["keep the notice", "give the source of the whole", "offer it to users over a network"]
        }
    }
}
