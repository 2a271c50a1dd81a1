import ArgumentParser
import Engine
import Journal
import Kernel

struct PricesList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows prices in force, in dollars per million tokens.")

    @Argument(help: "Only models whose provider/model contains this text.")
    var filter: String?

    @Option(help: ArgumentHelp("As of this day, UTC (default: now).", valueName: "yyyy-mm-dd"))
    var at: String?

    @Flag(help: "Also prices that hold no more or not yet.")
    var all = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (book, record) = try await PriceSource.book(of: store)
        let instant = try day()
        let prices = book.all.filter { price in
            (all || price.holds(at: instant))
                && (filter.map { "\(price.provider)/\(price.model)".contains($0) } ?? true)
        }
        let terminal = Terminal.standard
        if output.json {
            var members: [String: JSONValue] = [
                "book": .string(book.digest.hex), "prices": .array(prices.map(\.json)),
            ]
            members["imported"] = record.map { ["at_ms": .integer($0.at.unixMilliseconds), "by": .string($0.by)] }
            return terminal.line(JSONValue.object(members).serialized())
        }
        guard !prices.isEmpty else {
            throw CommandFailure(.notFound, "no price of a model \(filter.map { "like \"\($0)\"" } ?? "") holds then")
        }
        Self.table(prices).lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        let source = record?.prices == nil ? "list prices of this version" : "with the operator's prices over them"
        terminal.note("\(prices.count) prices, \(source)")
    }

    private func day() throws(CommandFailure) -> Instant {
        guard let at else { return SystemClock.now() }
        guard let date = CivilDate(at) else {
            throw CommandFailure(.usage, "--at \"\(at)\" is no day such as 2026-11-21")
        }
        return Instant(unixMilliseconds: Int64(date.daysSinceEpoch) * 86_400_000)
    }

    private static func table(_ prices: [ModelPrice]) -> Table {
        var table = Table([
            ("model", .left), ("input", .right), ("cached", .right), ("write 5m", .right), ("write 1h", .right),
            ("output", .right), ("context", .right), ("more", .left),
        ])
        for price in prices {
            let rates = price.standard
            table.add(
                "\(price.provider)/\(price.model)", rates.input.perMillion, rates.cachedRead.perMillion,
                rates.cacheWrite.perMillion, rates.cacheWriteOneHour.perMillion, rates.output.perMillion,
                price.maximumInputTokens.map(String.init) ?? "", more(price))
        }
        return table
    }

    private static func more(_ price: ModelPrice) -> String {
        var parts: [String] = []
        if let tier = price.longContext {
            let from = tier.includesThreshold ? "from" : "above"
            parts.append(
                "\(from) \(tier.threshold): \(tier.rates.input.perMillion) / \(tier.rates.output.perMillion)")
        }
        for (service, rates) in price.services.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            parts.append("\(service.rawValue) \(rates.input.perMillion) / \(rates.output.perMillion)")
        }
        if let off = price.offPeak {
            parts.append("off peak \(off.rates.input.perMillion) / \(off.rates.output.perMillion)")
        }
        if price.callFee > .zero { parts.append("\(price.callFee.roundedUp) a call") }
        return parts.joined(separator: "; ")
    }
}
