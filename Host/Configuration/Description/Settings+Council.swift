import Kernel

extension Settings {
    private static let notGiven = Setting.Use.noted("checked and shown; not given to the council yet")

    /// The members of the council's own `settings`, by the last word of each key.
    package static let council = [
        Setting(
            "council.threshold", .decimal(0...1), fallback: .double(0.7), "Support from which a proposal is accepted.",
            use: notGiven, aliases: ["consensus.threshold"]),
        Setting(
            "council.human_escalation_threshold", .decimal(0...1), fallback: .double(0.3),
            "Support below which a person decides at once.",
            use: notGiven, aliases: ["governance.human_escalation_threshold"]),
        Setting(
            "council.min_participation", .decimal(0...1), fallback: .double(0.8),
            "Share of the selected executives that must take part.",
            use: notGiven, aliases: ["consensus.min_participation"]),
        Setting(
            "council.max_resolution_attempts", .number(0...10), fallback: 3,
            "Rounds of resolution between the two thresholds.",
            use: notGiven, aliases: ["consensus.max_resolution_attempts"]),
        Setting(
            "council.enable_veto", .flag, fallback: true, "Whether a red line blocks.",
            use: notGiven, aliases: ["consensus.enable_veto"]),
        Setting(
            "council.max_parallel_executives", .number(1...10), fallback: 10, "Executives that think at the same time.",
            use: notGiven, aliases: ["performance.max_parallel_executives"]),
        Setting(
            "council.enabled_executives", .choices(["strategy", "finance", "ethics", "legal", "risk", "technology"]),
            fallback: nil, "Who sits on it; without any, all.",
            use: notGiven, aliases: ["executives.enabled"]),
    ]

    package static let secure = SettingKey<Bool>(
        flag: Setting(
            "security.secure", .flag, fallback: true,
            "Every request must say who asks, and may only what its roles allow. Off on loopback alone.",
            environment: ["BUREAU_SECURE_MODE", "BUREAU_SECURE", "API_KEY_REQUIRED", "JWT_AUTH_ENABLED"],
            flag: "--secure-mode",
            aliases: ["security.api_key_validation", "security.jwt_validation", "security.role_based_access_control"]))
    package static let jwtSecret = SettingKey<String?>(
        text: Setting(
            "secrets.jwt", .text, fallback: nil, "An imported signing secret.", environment: ["JWT_SECRET"],
            isSecret: true))
    package static let auditOrigin = SettingKey<String?>(
        text: Setting(
            "audit.origin", .text, fallback: nil, "What the audit log is called, when its first key is made.",
            environment: ["BUREAU_AUDIT_ORIGIN"]))
    package static let keepsAudit = SettingKey<Bool>(
        flag: Setting(
            "audit.enabled", .alwaysOn, fallback: true, "Must be true: nothing happens without a record.",
            environment: ["ENABLE_AUDIT_TRAIL"], aliases: ["governance.log_decisions"]))
    package static let openAIKey = secret("secrets.openai_api_key", "OPENAI_API_KEY")
    package static let anthropicKey = secret("secrets.anthropic_api_key", "ANTHROPIC_API_KEY")
    package static let awsKeyID = secret("secrets.aws_access_key_id", "AWS_ACCESS_KEY_ID")
    package static let awsSecret = secret("secrets.aws_secret_access_key", "AWS_SECRET_ACCESS_KEY")

    static let others: [Setting] =
        [
            secure.setting, auditOrigin.setting, keepsAudit.setting,
            Setting(
                "audit.export_folder", .path, fallback: nil, "Where exports of decisions go.",
                use: .noted("bureau audit export --output writes where it is told"),
                aliases: ["governance.audit_trail_path"]),
            Setting(
                "service.name", .text, fallback: "bureau", "The name of this installation.",
                environment: ["AIA_SERVICE_NAME"], use: .noted("shown by config explain"), aliases: ["system.name"]),
            Setting(
                "service.version", .text, fallback: nil, "The version that the operator gives it.",
                environment: ["AIA_VERSION"], use: .noted("shown by config explain"), aliases: ["system.version"]),
            Setting(
                "service.environment", .text, fallback: nil, "production, staging, …", environment: ["NODE_ENV"],
                use: .noted("shown by config explain; nothing is less safe in any of them"),
                aliases: ["system.environment"]),
        ] + relay + foreign + [
            jwtSecret.setting, openAIKey.setting, anthropicKey.setting, awsKeyID.setting, awsSecret.setting,
            secret("secrets.grafana_password", "GRAFANA_PASSWORD", use: .noted("for the deployment's Grafana")).setting,
        ]

    private static let noRelay = Setting.Use.noted("checked and shown; this build relays no events")

    private static let relay = [
        Setting(
            "relay.url", .url(["redis", "rediss"]), fallback: nil, "Redis or Valkey.", environment: ["REDIS_URL"],
            isSecret: true, use: noRelay),
        Setting("relay.host", .text, fallback: nil, "Its host.", environment: ["REDIS_HOST"], use: noRelay),
        Setting(
            "relay.port", .number(1...65_535), fallback: nil, "Its port.", environment: ["REDIS_PORT"], use: noRelay),
        Setting(
            "secrets.redis_password", .text, fallback: nil, "Its password.", environment: ["REDIS_PASSWORD"],
            isSecret: true, use: noRelay),
    ]

    /// What files of others have and the design answers in another way.
    private static let foreign = [
        Setting(
            "council.custom_path", .path, fallback: nil, "A folder with executives of one's own.",
            use: .noted("executives of one's own are plugins: departments.plugins"),
            aliases: ["executives.custom_path"]),
        Setting(
            "council.frameworks", .choices(["bayesian", "mcda", "cynefin", "ooda"]), fallback: nil,
            "Frameworks of decision.", use: .noted("the council chooses by the question; all four are there"),
            aliases: ["frameworks.enabled"]),
        Setting(
            "council.frameworks_path", .path, fallback: nil, "A folder with frameworks of one's own.",
            use: .noted("methods of one's own are plugins: departments.plugins"), aliases: ["frameworks.custom_path"]),
        Setting(
            "council.parallel_execution", .flag, fallback: true, "Executives think at the same time.",
            use: .noted("always; council.max_parallel_executives says how many"),
            aliases: ["performance.parallel_execution_enabled"]),
        Setting(
            "council.compliance_checks", .flag, fallback: true, "Decisions are checked against the policy.",
            use: .noted("always; the policy's rules say what for"), aliases: ["governance.compliance_checks_enabled"]),
    ]

    private static func secret(_ key: String, _ variable: String, use: Setting.Use = .host) -> SettingKey<String?> {
        SettingKey(
            text: Setting(
                key, .text, fallback: nil, "Given by \(variable).", environment: [variable], isSecret: true, use: use))
    }
}
