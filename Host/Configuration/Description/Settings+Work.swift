import Kernel

extension Settings {
    package static let plugins = SettingKey<[String]>(
        list: Setting(
            "departments.plugins", .list, fallback: nil,
            "Plugin files, or folders of them, instead of those that came with bureau.", flag: "--plugins"))
    package static let allowedFolders = SettingKey<[String]>(
        list: Setting(
            "departments.allow_folders", .list, fallback: nil,
            "Folders whose files and Git repositories tools may read; without any, the current one.",
            flag: "--allow-folder"))
    package static let placement = SettingKey<[String]>(
        list: Setting(
            "departments.placement", .places, fallback: nil,
            "Where plugins run: worker, inline or group:NAME; DEPARTMENT=… for one of them.", flag: "--placement"))
    package static let minimumIsolation = SettingKey<String>(
        text: Setting(
            "departments.min_isolation", .choice(["none", "basic", "standard", "strict"]), fallback: "standard",
            "The least that a worker must be confined.", flag: "--min-isolation"))
    package static let workerMemory = SettingKey<Int>(
        number: Setting(
            "departments.worker_memory_mib", .number(16...1_048_576, unit: "MiB"), fallback: 512,
            "Address space of a worker.", flag: "--worker-memory"))
    package static let workerCPU = SettingKey<Int?>(
        number: Setting(
            "departments.worker_cpu_seconds", .number(1...1_000_000_000, unit: "seconds"), fallback: nil,
            "Processor time of a worker in its whole life.", flag: "--worker-cpu"))
    package static let policy = SettingKey<String?>(
        text: Setting(
            "departments.policy", .path, fallback: nil,
            "Rules over what may pass to models, tools and the web (policy.json in the store, where there is one).",
            environment: ["BUREAU_POLICY"], flag: "--policy"))
    package static let plainHosts = SettingKey<[String]>(
        list: Setting(
            "departments.plain_http_hosts", .hosts, fallback: nil, "Hosts that may be fetched from without TLS.",
            flag: "--allow-plain-http"))
    package static let privateHosts = SettingKey<[String]>(
        list: Setting(
            "departments.private_hosts", .hosts, fallback: nil,
            "DANGEROUS: hosts of this machine or an internal network that may be fetched from.",
            flag: "--allow-private-host"))

    static let departments = [
        plugins.setting, allowedFolders.setting, placement.setting, minimumIsolation.setting, workerMemory.setting,
        workerCPU.setting, policy.setting, plainHosts.setting, privateHosts.setting,
    ]

    package static let maximumRuns = SettingKey<Int>(
        number: Setting(
            "runs.max_active", .number(1...100_000), fallback: 1_024, "Runs that compute at the same time.",
            environment: ["MAX_CONCURRENT_DECISIONS"], reload: .live))
    package static let runTimeout = SettingKey<Int>(
        number: Setting(
            "runs.default_timeout_seconds", .number(1...86_400, unit: "seconds"), fallback: 600,
            "Active seconds of a task that names none.", reload: .live))

    static let runs = [maximumRuns.setting, runTimeout.setting]

    package static let gateway = SettingKey<String?>(
        text: Setting(
            "models.gateway", .path, fallback: nil,
            "The file with providers, keys, prices and routes (gateway.json in the store, where there is one).",
            environment: ["BUREAU_GATEWAY"], flag: "--gateway"))
    package static let provider = SettingKey<String?>(
        text: Setting(
            "models.provider", .choice(["openai", "anthropic", "bedrock", "offline"]), fallback: nil,
            "The provider where there is no gateway file; its key is a variable.", environment: ["LLM_PROVIDER"]))
    package static let model = SettingKey<String?>(
        text: Setting(
            "models.model", .text, fallback: nil, "The model to ask that provider for.",
            environment: ["OPENAI_MODEL"]))
    package static let providerURL = SettingKey<String?>(
        text: Setting(
            "models.base_url", .url(["http", "https"]), fallback: nil, "Another address of that provider.",
            environment: ["OPENAI_BASE_URL"]))
    package static let organisation = SettingKey<String?>(
        text: Setting(
            "models.organisation", .text, fallback: nil, "The organisation that the provider bills.",
            environment: ["OPENAI_ORG_ID"], use: .noted("a key of OpenAI belongs to one organisation, which it bills")))
    package static let modelTimeout = SettingKey<Int>(
        number: Setting(
            "models.timeout_seconds", .number(1...900, unit: "seconds"), fallback: 120,
            "How long a model call may take that says nothing else.", environment: ["OPENAI_REQUEST_TIMEOUT"]))
    package static let cachesAnswers = SettingKey<Bool>(
        flag: Setting(
            "models.cache", .flag, fallback: false,
            "Keeps answers of deterministic calls, where there is no gateway file to say it.",
            aliases: ["performance.llm_cache_enabled"]))
    package static let cacheSize = SettingKey<Int>(
        number: Setting(
            "models.cache_mib", .number(1...65_536, unit: "MiB"), fallback: 64, "How much of them.",
            aliases: ["performance.llm_cache_size_mb"]))
    package static let cacheSeconds = SettingKey<Int>(
        number: Setting(
            "models.cache_seconds", .number(1...31_536_000, unit: "seconds"), fallback: 86_400, "How long.",
            environment: ["CACHE_EXPIRATION_SECONDS"]))
    package static let region = SettingKey<String?>(
        text: Setting(
            "models.aws_region", .text, fallback: nil, "Region of Bedrock.", environment: ["AWS_DEFAULT_REGION"]))
    package static let egress = SettingKey<String?>(
        text: Setting(
            "models.egress", .choice(["process", "in-process"]), fallback: nil,
            "Where model calls are sent from: a process that keeps answers over a crash, or the host.",
            flag: "--egress"))

    static let models = [
        gateway.setting, provider.setting, model.setting, providerURL.setting, organisation.setting,
        modelTimeout.setting, cachesAnswers.setting, cacheSize.setting, cacheSeconds.setting, region.setting,
        egress.setting,
    ]
}
