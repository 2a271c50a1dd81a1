import ArgumentParser
import Engine
import Journal
import Kernel

struct PricesImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Puts the prices of a file over the host's own, all of them or none.",
        discussion: "What was imported before is replaced, and kept: costs of old runs were computed by it.")

    @Argument(help: "The price file; see bureau prices --help.")
    var file: String

    @Flag(help: "Show what would change, and change nothing.")
    var dryRun = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, imported) = try PriceSource.file(file)
        let (current, _) = try await PriceSource.book(of: store)
        let next = PriceBook.builtIn.overlaid(by: imported)
        let difference = PriceDifference(from: current, to: next)
        let findings = PriceReview(of: imported, at: SystemClock.now(), reference: .builtIn).findings
        if !dryRun {
            _ = try await HostSession.change(store) { journal throws(JournalError) in
                try journal.priceBookAppend(text, by: Environment.user)
            }
        }
        PriceChangeView(difference: difference, findings: findings, book: next, isDone: !dryRun).show(output)
    }
}

struct PricesReset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Goes back to the host's own prices.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (current, record) = try await PriceSource.book(of: store)
        if record?.prices != nil {
            _ = try await HostSession.change(store) { journal throws(JournalError) in
                try journal.priceBookAppend(nil, by: Environment.user)
            }
        }
        let difference = PriceDifference(from: current, to: .builtIn)
        PriceChangeView(difference: difference, findings: [], book: .builtIn, isDone: true).show(output)
    }
}

/// What an import changes, a line for each model.
struct PriceChangeView {
    let difference: PriceDifference
    let findings: [PriceReview.Finding]
    let book: PriceBook
    let isDone: Bool

    func show(_ output: OutputOptions) {
        let terminal = Terminal.standard
        if output.json {
            let changes = difference.changes.map { change -> JSONValue in
                [
                    "provider": .string(change.provider), "model": .string(change.model),
                    "before": .array(change.before.map(\.json)), "after": .array(change.after.map(\.json)),
                ]
            }
            let document: JSONValue = [
                "imported": .bool(isDone), "book": .string(book.digest.hex), "changes": .array(changes),
                "findings": .array(findings.map { .string($0.description) }),
            ]
            return terminal.line(document.serialized())
        }
        for change in difference.changes { terminal.line(Self.line(change)) }
        for finding in findings { terminal.note("look at \(finding)") }
        let count = difference.changes.count
        terminal.note("\(count) model\(count == 1 ? "" : "s") \(isDone ? "changed" : "would change")")
    }

    private static func line(_ change: PriceDifference.Change) -> String {
        let name = "\(change.provider)/\(change.model)"
        if change.isAdded { return "+ \(name)  \(rates(change.after))" }
        if change.isRemoved { return "- \(name)  \(rates(change.before))" }
        return "~ \(name)  \(rates(change.before)) -> \(rates(change.after))"
    }

    /// Input and output, and how many spans of time there are where there are several.
    private static func rates(_ prices: [ModelPrice]) -> String {
        guard let newest = prices.last else { return "unpriced" }
        let text = "\(newest.standard.input.perMillion) / \(newest.standard.output.perMillion)"
        return prices.count > 1 ? "\(text) (newest of \(prices.count))" : text
    }
}
