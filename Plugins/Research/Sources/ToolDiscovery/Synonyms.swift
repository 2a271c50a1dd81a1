/// One idea of a request, with the ways in which catalogues say it.
struct Concept: Hashable, Sendable {
    var name: String
    /// The request's own word weighs 1, the table's 0.7: a synonym is a guess.
    var terms: [Term]

    struct Term: Hashable, Sendable {
        var text: String
        var weight: Double
    }
}

/// Turns a request into concepts by a fixed table: nothing is learnt, nothing is asked of a model, and the expansion
/// is shown in the result.
enum Synonyms {
    static let synonymWeight = 0.7
    /// The host's tool takes so many terms.
    static let maximumTerms = 24
    private static let maximumConcepts = 6

    /// Words that say that tools are wanted, not which.
    private static let intentWords: Set<String> = [
        "tool", "tools", "new", "newest", "latest", "best", "list", "search", "discover", "software", "program",
        "programs", "package", "packages", "utility", "utilities", "application", "applications", "app", "apps",
        "recommend", "find", "finding", "look", "looking", "top", "popular", "modern", "free", "open", "source", "want",
        "using", "help", "work",
    ]

    static func concepts(of request: String) -> [Concept] {
        var concepts: [Concept] = []
        for word in Words.split(request) where !StopWords.contains(word.text) && !intentWords.contains(word.text) {
            let name = aliases[word.text] ?? word.text
            let isKnown = concepts.contains { $0.name == name || Words.stem($0.name) == word.stem }
            guard !isKnown, concepts.count < maximumConcepts else { continue }
            var terms = [Concept.Term(text: word.text, weight: 1)]
            for synonym in table[name] ?? [] where synonym != word.text {
                terms.append(.init(text: synonym, weight: synonymWeight))
            }
            concepts.append(Concept(name: name, terms: terms))
        }
        return shareOut(concepts)
    }

    /// Within the host's limit every concept keeps an equal number of terms, its own word first.
    private static func shareOut(_ concepts: [Concept]) -> [Concept] {
        guard !concepts.isEmpty else { return [] }
        let share = maximumTerms / concepts.count
        return concepts.map { Concept(name: $0.name, terms: Array($0.terms.prefix(share))) }
    }

    private static let aliases: [String: String] = [
        "ai": "ai", "ml": "ai", "llm": "ai", "llms": "ai", "intelligence": "ai", "development": "development",
        "developer": "development", "developers": "development", "developing": "development", "dev": "development",
        "programming": "development", "coding": "development", "testing": "test", "tests": "test", "tester": "test",
        "databases": "database", "db": "database", "sql": "database", "secure": "security", "securing": "security",
        "plotting": "chart", "charts": "chart", "graphs": "chart", "visualization": "chart", "visualisation": "chart",
        "docs": "documentation", "logs": "log", "logging": "log", "monitoring": "monitor", "networking": "network",
        "containers": "container", "docker": "container", "images": "image", "photos": "image", "videos": "video",
        "profiling": "profile", "profiler": "profile", "performance": "profile", "translation": "translate",
        "encryption": "crypto", "cryptography": "crypto", "accounting": "finance", "bookkeeping": "finance",
        "planning": "plan", "scheduling": "plan", "debugging": "debug", "debugger": "debug",
        "vulnerability": "security", "vulnerabilities": "security",
        "postgres": "postgresql",
    ]

    private static let table: [String: [String]] = [
        "ai": [
            "artificial intelligence", "machine learning", "deep learning", "neural network", "language model",
            "natural language processing", "computer vision", "reinforcement learning", "data mining",
            "speech recognition",
        ],
        "development": [
            "developer", "programming", "toolkit", "framework", "library", "sdk", "ide", "devel", "compiler",
            "environment",
        ],
        "test": ["testing", "unit test", "test framework", "mock", "fuzzer", "coverage", "benchmark", "assertion"],
        "security": [
            "vulnerability", "penetration", "scanner", "audit", "intrusion", "hardening", "forensic", "malware",
        ],
        "database": ["sql", "postgresql", "sqlite", "mysql", "key value", "query", "dbms", "storage engine"],
        "chart": ["plot", "graph", "diagram", "visualization", "graphing", "data visualization"],
        "documentation": ["manual", "markdown", "documentation generator", "reference", "doc"],
        "log": ["logging", "log file", "log analyzer", "syslog", "journal"],
        "monitor": ["monitoring", "metrics", "alerting", "observability", "supervision", "status"],
        "network": ["networking", "packet", "traffic", "protocol", "tcp", "dns", "bandwidth"],
        "container": ["docker", "podman", "kubernetes", "virtualization", "namespace", "sandbox"],
        "image": ["picture", "photo", "raster", "graphics", "bitmap"],
        "video": ["movie", "multimedia", "encoder", "transcode", "player"],
        "profile": ["profiler", "performance", "tracing", "benchmark", "flame graph"],
        "translate": ["translation", "localization", "gettext", "internationalization"],
        "crypto": ["encryption", "cryptography", "openpgp", "tls", "cipher", "signature"],
        "finance": ["accounting", "bookkeeping", "invoice", "ledger", "money"],
        "plan": ["project management", "scheduling", "calendar", "gantt", "todo"],
        "postgresql": ["postgresql", "postgres"],
        "debug": ["debugger", "debugging", "trace", "memory leak", "backtrace"],
    ]
}
