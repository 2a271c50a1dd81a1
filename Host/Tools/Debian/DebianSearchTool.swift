import Glibc
import Kernel

/// `debian.search`: packages of the machine's own Debian metadata that hold the given terms. A coarse filter: the
/// caller ranks. It therefore also tells how many packages were read and how many hold each term.
struct DebianSearchTool: HostTool {
    let settings: ToolSettings

    private static let maximumTerms = 24
    /// Of the packages in the result, as JSON text.
    private static let resultLimitBytes = 4_000_000

    let name = "debian.search"
    let isReadOnly = true
    let summary = "Packages of this machine's Debian metadata that hold the given terms"

    let argumentsSchema = Schema.object(
        [
            "terms": [
                "type": "array", "minItems": 1, "maxItems": 24, "items": ["type": "string", "maxLength": 80],
                "description": "Words or phrases; a phrase matches where all of its words occur.",
            ],
            "limit": Schema.integer(
                "At most so many packages, most and rarest terms first. Default 400.", in: 1...2000),
        ], required: ["terms"])

    let resultSchema = Schema.object(
        [
            "packages": Schema.array(
                of: Schema.object(
                    [
                        "name": Schema.string("Package name."), "version": Schema.string("Newest version known."),
                        "section": Schema.string("Archive section, such as devel."),
                        "summary": Schema.string("One line."), "description": Schema.string("At most 1600 bytes."),
                        "homepage": Schema.string("May be empty."), "tags": Schema.string("Debtags, may be empty."),
                        "installed": Schema.boolean("On this machine."),
                        "matched": Schema.array(of: Schema.string("A term that it holds.")),
                    ],
                    required: [
                        "name", "version", "section", "summary", "description", "homepage", "tags", "installed",
                        "matched",
                    ])),
            "packages_read": Schema.integer("Different packages in all sources."),
            "packages_matched": Schema.integer("Of them, those that hold a term."),
            "truncated": Schema.boolean("True when not all that matched are in the result."),
            "document_frequencies": ["type": "object", "additionalProperties": ["type": "integer"]],
            "sources": Schema.array(
                of: Schema.object(
                    [
                        "path": Schema.string("File that was read."),
                        "modified_unix_time": Schema.integer("Seconds; for lists the last `apt-get update`."),
                    ], required: ["path", "modified_unix_time"])),
        ],
        required: [
            "packages", "packages_read", "packages_matched", "truncated", "document_frequencies", "sources",
        ])

    func call(_ arguments: JSONValue) async throws(Failure) -> JSONValue {
        let arguments = try ToolArguments(arguments, tool: name)
        let limit = try arguments.integer("limit", default: 400, in: 1...2000)
        let matcher = TermMatcher(try arguments.strings("terms", maximumCount: Self.maximumTerms))
        guard !matcher.terms.isEmpty else { throw Failure(.invalid, "\(name): /terms hold no letters or digits") }
        let sources = DebianSources.find(settings: settings)
        guard !sources.isEmpty else {
            throw Failure(
                .notFound,
                "no Debian metadata in \(settings.aptListsDirectory) or \(settings.dpkgStatusPath); "
                    + "this tool needs a Debian machine, and `apt-get update` for all packages")
        }
        var catalogue = DebianCatalogue(matcher: matcher)
        for source in sources {
            let reader = DebianSources.reader(of: source, timeLimitMilliseconds: settings.timeLimitMilliseconds)
            var sink = try await reader.run(CatalogueSink(catalogue: catalogue, kind: source.kind))
            sink.finish()
            catalogue = sink.catalogue
        }
        return Self.result(catalogue, sources: sources, limit: limit)
    }

    private static func result(_ catalogue: DebianCatalogue, sources: [DebianSource], limit: Int) -> JSONValue {
        let rarities = catalogue.documentFrequencies.map { log(Double(catalogue.packageCount + 1) / Double($0 + 1)) }
        let best = catalogue.packages.values.map { package in
            (package: package, weight: package.matchedTerms.reduce(0) { $0 + rarities[$1] })
        }.sorted { ($1.weight, $0.package.name) < ($0.weight, $1.package.name) }.map(\.package)
        var values: [JSONValue] = []
        var room = resultLimitBytes
        for package in best.prefix(limit) {
            let size = package.summary.utf8.count + package.description.utf8.count + package.tags.utf8.count + 600
            guard size <= room else { break }
            room -= size
            values.append(json(package, terms: catalogue.matcher.terms))
        }
        let frequencies = zip(catalogue.matcher.terms, catalogue.documentFrequencies)
        let files = sources.map { source -> JSONValue in
            ["path": .string(source.path), "modified_unix_time": .integer(source.modifiedUnixSeconds)]
        }
        return [
            "packages": .array(values), "packages_read": .integer(Int64(catalogue.packageCount)),
            "packages_matched": .integer(Int64(best.count)), "truncated": .bool(values.count < best.count),
            "document_frequencies": .object(
                Dictionary(frequencies.map { ($0, .integer(Int64($1))) }, uniquingKeysWith: { $1 })),
            "sources": .array(files),
        ]
    }

    private static func json(_ package: DebianPackage, terms: [String]) -> JSONValue {
        [
            "name": .string(package.name), "version": .string(package.version), "section": .string(package.section),
            "summary": .string(package.summary), "description": .string(package.description),
            "homepage": .string(package.homepage), "tags": .string(package.tags),
            "installed": .bool(package.isInstalled),
            "matched": .array(package.matchedTerms.map { .string(terms[$0]) }),
        ]
    }
}

/// Reads one source into a catalogue.
private struct CatalogueSink: OutputSink {
    private(set) var catalogue: DebianCatalogue
    let kind: DebianSource.Kind
    private var stanzas = ControlStanzas()

    init(catalogue: DebianCatalogue, kind: DebianSource.Kind) {
        self.catalogue = catalogue
        self.kind = kind
    }

    mutating func append(_ chunk: UnsafeRawBufferPointer) -> Bool {
        stanzas.append(chunk) { catalogue.add($0, kind: kind) }
        return true
    }

    mutating func finish() {
        stanzas.finish { catalogue.add($0, kind: kind) }
    }
}
