import ArgumentParser
import Engine
import Journal
import Kernel

struct PricesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices", abstract: "Shows, imports and checks the prices of models.",
        discussion: """
            A host has list prices of widely used models. A price file of the operator's goes over them: a model that
            it names has only the prices that it gives. A model without a price is refused, never taken as free.

            A price file is comma-separated without quotes. Its first line names the columns: model,provider,input and
            output, and as needed cached_read, cache_write_5m, cache_write_1h, reasoning, context_in, max_out,
            tier_above with input_above and output_above, input_batch and output_batch (flex and priority likewise),
            valid_from and valid_until (dates, UTC), web_search, per_call. Prices are whole picodollars for one token:
            $2.50 per million tokens is 2500000.
            """,
        subcommands: [PricesList.self, PricesImport.self, PricesCheck.self, PricesReset.self],
        defaultSubcommand: PricesList.self)
}

/// The prices that a store has, and those that a file gives.
enum PriceSource {
    private static let maximumBytes = 8 << 20

    /// Those in force, and the import that made them; a store that is not there yet has the host's own.
    static func book(
        of store: StoreOptions
    ) async throws(CommandFailure) -> (book: PriceBook, record: PriceBookRecord?) {
        let record: PriceBookRecord?
        do {
            record = try await HostSession.ask(store) { journal throws(JournalError) in try journal.priceBook() }
        } catch {
            guard error.status == .storeUnavailable, !FilePath.isFolder(store.folder) else { throw error }
            record = nil
        }
        do {
            return (try PriceBook(record?.prices, over: .builtIn), record)
        } catch {
            throw CommandFailure(.storeUnavailable, "the imported prices cannot be read: \(error)")
        }
    }

    static func file(_ path: String) throws(CommandFailure) -> (text: String, book: PriceBook) {
        switch FilePath.read(FilePath.absolute(path), maximumBytes: maximumBytes) {
        case .failure(let problem): throw CommandFailure(.badInput, problem.text)
        case .success(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CommandFailure(.badInput, "\(path): not UTF-8")
            }
            do {
                return (text, try PriceBook(csv: text))
            } catch {
                throw CommandFailure(.badInput, "\(path): \(error)")
            }
        }
    }
}

extension ModelPrice {
    /// All of it, in whole picodollars.
    var json: JSONValue {
        func fields(_ rates: TokenRates) -> JSONValue {
            [
                "input": .integer(Int64(clamping: rates.input.value)),
                "cached_read": .integer(Int64(clamping: rates.cachedRead.value)),
                "cache_write_5m": .integer(Int64(clamping: rates.cacheWrite.value)),
                "cache_write_1h": .integer(Int64(clamping: rates.cacheWriteOneHour.value)),
                "output": .integer(Int64(clamping: rates.output.value)),
                "reasoning": .integer(Int64(clamping: rates.reasoning.value)),
            ]
        }
        var members: [String: JSONValue] = [
            "provider": .string(provider), "model": .string(model), "picodollars_per_token": fields(standard),
        ]
        members["context_tokens"] = maximumInputTokens.map { .integer($0) }
        members["maximum_output_tokens"] = maximumOutputTokens.map { .integer($0) }
        members["valid_from_ms"] = validFrom.map { .integer($0.unixMilliseconds) }
        members["valid_until_ms"] = validUntil.map { .integer($0.unixMilliseconds) }
        if let tier = longContext {
            members["long_context"] = [
                "above_tokens": .integer(tier.threshold), "inclusive": .bool(tier.includesThreshold),
                "picodollars_per_token": fields(tier.rates),
            ]
        }
        if !services.isEmpty {
            members["services"] = .object(
                Dictionary(uniqueKeysWithValues: services.map { ($0.key.rawValue, fields($0.value)) }))
        }
        members["off_peak"] = offPeak.map { ["picodollars_per_token": fields($0.rates)] }
        if webSearchFee > .zero { members["web_search_picodollars"] = .integer(Int64(clamping: webSearchFee.value)) }
        if callFee > .zero { members["call_picodollars"] = .integer(Int64(clamping: callFee.value)) }
        return .object(members)
    }
}
