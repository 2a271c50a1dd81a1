import ArgumentParser
import Engine
import Kernel

struct PricesCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Looks for mistakes in a price file, or in the prices in force.",
        discussion: "The exit code is 0 when nothing is suspicious, 3 when something is or the file cannot be read.")

    @Argument(help: "The price file (default: the prices in force).")
    var file: String?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var book = try await PriceSource.book(of: store).book
        if let file { book = try PriceSource.file(file).book }
        let review = PriceReview(of: book, at: SystemClock.now(), reference: .builtIn)
        let terminal = Terminal.standard
        if output.json {
            let findings = review.findings.map { finding -> JSONValue in
                [
                    "provider": .string(finding.provider), "model": .string(finding.model),
                    "finding": .string(finding.text),
                ]
            }
            terminal.line(
                JSONValue.object(["prices": .integer(Int64(book.count)), "findings": .array(findings)]).serialized())
        } else {
            review.findings.forEach { terminal.line($0.description) }
        }
        guard review.findings.isEmpty else {
            let count = review.findings.count
            throw CommandFailure(.badInput, "\(count) finding\(count == 1 ? "" : "s") in \(book.count) prices")
        }
        terminal.note("\(book.count) prices, nothing suspicious")
    }
}
