/// The record of processing activities (GDPR, Article 30), made from what plugins say of themselves, what they were
/// granted, and how the host is set up. What only the operator knows comes from ``HostSetting`` and is named as missing
/// where nobody said it.
package struct ProcessingRecord: Hashable, Sendable {
    /// One department.
    package struct Activity: Hashable, Sendable {
        package var department: String
        package var plugin: String
        package var title: String
        package var purpose: String
        package var tasks: [(name: String, summary: String, isReviewed: Bool)]
        package var granted: Manifest.Wants
        package var isEnabled: Bool
        package var sensitivity: Sensitivity

        package init(
            department: String, plugin: String, manifest: Manifest, granted: Manifest.Wants, isEnabled: Bool,
            sensitivity: Sensitivity
        ) {
            self.department = department
            self.plugin = plugin
            title = manifest.title
            purpose = manifest.summary
            tasks = manifest.tasks.map { ($0.name, $0.summary, $0.requiresApproval) }
            self.granted = granted
            self.isEnabled = isEnabled
            self.sensitivity = sensitivity
        }

        package static func == (left: Activity, right: Activity) -> Bool { left.json == right.json }
        package func hash(into hasher: inout Hasher) { hasher.combine(json) }

        var json: JSONValue {
            let recipients: JSONValue = [
                "models": .array(granted.models.map { .string($0) }),
                "hosts": .array(granted.hosts.map { .string($0) }),
                "departments": .array(granted.departments.map { .string($0) }),
                "tools": .array(granted.tools.map { .string($0) }),
            ]
            return [
                "department": .string(department), "plugin": .string(plugin), "title": .string(title),
                "purpose": .string(purpose), "enabled": .bool(isEnabled), "recipients": recipients,
                "least_class": .string(sensitivity.rawValue),
                "tasks": .array(
                    tasks.map { task in
                        [
                            "task": .string(task.name), "purpose": .string(task.summary),
                            "reviewed_by_people": .bool(task.isReviewed),
                        ]
                    }),
            ]
        }
    }

    package var activities: [Activity]
    /// Providers of models that this host is set up for, with the highest class that each may get.
    package var providers: [String: Sensitivity]
    package var statements: [HostSetting: String]
    package var retention: RetentionPolicy
    package var policy: GuardPolicy
    package var holds: Int
    package var madeAt: Instant

    package init(
        activities: [Activity], providers: [String: Sensitivity], statements: [HostSetting: String],
        retention: RetentionPolicy, policy: GuardPolicy, holds: Int, madeAt: Instant
    ) {
        self.activities = activities
        self.providers = providers
        self.statements = statements
        self.retention = retention
        self.policy = policy
        self.holds = holds
        self.madeAt = madeAt
    }

    private func said(_ setting: HostSetting) -> JSONValue { statements[setting].map { .string($0) } ?? .null }

    /// What only the operator knows and has not said.
    private var missing: [HostSetting] {
        [.controller, .dataProtectionOfficer, .dataSubjects, .thirdCountries].filter { statements[$0] == nil }
    }

    private var limits: JSONValue {
        .object(
            Dictionary(
                uniqueKeysWithValues: DataClass.allCases.map { dataClass in
                    (
                        dataClass.rawValue,
                        .string(retention.days(of: dataClass).map { "\($0) days, then \(dataClass.end)" } ?? "for ever")
                    )
                }))
    }

    private var measures: [String] {
        var measures = [
            "plugins run in sandboxed workers without sockets; what they fetch goes through the host",
            "every effect is granted, and each is in a log that shows alteration",
            "what inputs say under \((policy.minimisation.drop.sorted()).joined(separator: ", ")) reaches no model; "
                + "\(policy.minimisation.pseudonymise.sorted().joined(separator: ", ")) go by number",
            "restricted content expires after \(retention.days(of: .restrictedRuns) ?? 0) days and is never cached",
        ]
        for rule in policy.rules where rule.verdict == .mask && !rule.isDry {
            let kinds = (rule.conditions.personalData ?? []).map(\.rawValue).sorted().joined(separator: ", ")
            measures.append("rule \(rule.id) masks \(kinds) before a model sees it")
        }
        return measures
    }

    package var json: JSONValue {
        [
            "regulation": "Regulation (EU) 2016/679, Article 30", "made_at": .string(madeAt.timestamp),
            "controller": said(.controller), "data_protection_officer": said(.dataProtectionOfficer),
            "data_subjects": said(.dataSubjects), "third_countries": said(.thirdCountries),
            "not_stated": .array(missing.map { .string($0.rawValue) }),
            "activities": .array(activities.sorted { $0.department < $1.department }.map(\.json)),
            "providers": .object(providers.mapValues { .string($0.rawValue) }), "time_limits": limits,
            "legal_holds": .integer(Int64(holds)), "security_measures": .array(measures.map { .string($0) }),
        ]
    }
}
