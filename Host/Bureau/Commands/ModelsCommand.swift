import ArgumentParser
import Engine
import Gateway
import Journal
import Kernel

struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Shows which models departments can ask, and what they cost; tries one.",
        subcommands: [List.self, ModelsStatus.self, ModelsTry.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists providers' models with their prices for a million tokens.",
            discussion: """
                A provider's other models can be asked too, once they have a price, or where unknown_models of the
                gateway file assumes one. An assumed price has a question mark.
                """)

        @OptionGroup var store: StoreOptions
        @OptionGroup var models: ModelServerOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let setup = try ModelSetup(storeFolder: store.folder, models: models)
            // A store that has its gateway file alone has no prices of its own yet.
            let isMade = FilePath.exists(store.folder + "/" + SQLiteJournal.fileName)
            let book = isMade ? try await PriceSource.book(of: store).book : .builtIn
            let rows = ModelRow.all(of: setup, priceBook: book, at: SystemClock.now())
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(
                    JSONValue.object([
                        "models": .array(rows.map(\.json)),
                        "egress": setup.egress.map { .string($0.rawValue) } ?? .null,
                    ]).serialized())
            }
            var table = Table([
                ("model", .left), ("input", .right), ("output", .right), ("context", .right), ("longest", .right),
                ("class", .left),
            ])
            for row in rows {
                table.add(
                    row.name, row.inputText, row.outputText, row.price?.maximumInputTokens.map(String.init) ?? "",
                    row.price?.maximumOutputTokens.map(String.init) ?? "", row.classes.joined(separator: ", "))
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            if !setup.entries.isEmpty { terminal.line("sent from: \(EgressPlace.text(setup.egress))") }
        }
    }
}

/// A model that can be asked.
private struct ModelRow {
    var name: String
    var isFree: Bool
    /// Nil: free, or not in the price book, so that it would be refused.
    var price: ModelPrice?
    /// Not in the price book: what the operator takes it to cost.
    var isAssumed = false
    /// Those that stand for it; `default` too.
    var classes: [String]

    static func all(of setup: ModelSetup, priceBook: PriceBook, at instant: Instant) -> [ModelRow] {
        let settings = setup.settings
        var rows = [ModelRow]()
        for entry in setup.entries {
            let provider = entry.settings.name
            var models = [String: ModelPrice?]()
            if let model = entry.settings.defaultModel { models[model] = .some(nil) }
            for model in settings.classes.values + [settings.defaultModel].compactMap(\.self) {
                let parts = model.split(separator: "/", maxSplits: 1).map(String.init)
                if parts.count == 2, parts[0] == provider { models[parts[1]] = .some(nil) }
            }
            if case .book(let book, let aliases) = entry.pricing {
                for price in priceBook.prices(of: book, at: instant) { models[price.model] = price }
                for (alias, model) in aliases {
                    models[alias] = priceBook.price(provider: book, model: model, at: instant)
                }
            }
            rows += models.sorted { $0.key < $1.key }.map { model, price in
                ModelRow(name: "\(provider)/\(model)", isFree: entry.pricing == .free, price: price, classes: [])
            }
        }
        rows.append(ModelRow(name: "\(OfflineProvider.name)/\(OfflineAnswer.model)", isFree: true, classes: []))
        if case .assume(let assumed) = settings.unknownModels {
            for index in rows.indices where rows[index].price == nil && !rows[index].isFree {
                rows[index].price = assumed.price(provider: "", model: rows[index].name)
                rows[index].isAssumed = true
            }
        }
        let defaults = setup.entries.map { ($0.settings.name, $0.settings.defaultModel) }
        for index in rows.indices {
            let isNamed = { (model: String) in
                model == rows[index].name
                    || defaults.contains { model == "\($0.0)/" && rows[index].name == "\($0.0)/\($0.1 ?? "")" }
            }
            rows[index].classes = settings.classes.filter { isNamed($0.value) }.keys.sorted()
            if isNamed(settings.defaultModel ?? "\(settings.defaultProvider)/") { rows[index].classes += ["default"] }
        }
        if setup.entries.isEmpty { rows[0].classes += ["default"] }
        return rows
    }

    var inputText: String { text(price?.standard.input) }
    var outputText: String { text(price?.standard.output) }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "model": .string(name), "free": .bool(isFree), "classes": .array(classes.map(JSONValue.string)),
        ]
        if let price {
            members["assumed"] = .bool(isAssumed)
            members["prices"] = [
                "input_picodollars": .integer(Int64(clamping: price.standard.input.value)),
                "cached_read_picodollars": .integer(Int64(clamping: price.standard.cachedRead.value)),
                "cache_write_picodollars": .integer(Int64(clamping: price.standard.cacheWrite.value)),
                "output_picodollars": .integer(Int64(clamping: price.standard.output.value)),
            ]
            members["context_tokens"] = price.maximumInputTokens.map(JSONValue.integer) ?? .null
            members["output_tokens"] = price.maximumOutputTokens.map(JSONValue.integer) ?? .null
        }
        return .object(members)
    }

    private func text(_ rate: PicodollarsPerToken?) -> String {
        guard let rate else { return isFree ? "free" : "no price" }
        return Picodollars.cost(of: 1_000_000, at: rate).roundedUp.description + (isAssumed ? "?" : "")
    }
}
