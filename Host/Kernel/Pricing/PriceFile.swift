/// The reader of price files.
///
/// Comma-separated values without quotes; lines that start with `#` and empty lines are skipped. A line that starts
/// with `model,` names the columns of the lines after it; a file may have several such tables. Prices are whole
/// picodollars per token. Columns, of which `model`, `provider`, `input` and `output` must be there and filled:
///
/// - `model`, `provider`, `context_in`, `max_out` (tokens)
/// - `input`, `cached_read`, `cache_write_5m`, `cache_write_1h`, `output`, `reasoning`
/// - `tier_above` (input tokens), `tier_inclusive` (`1`: the threshold itself is in the tier), and the tier's
///   `input_above`, `cached_read_above`, `cache_write_above`, `output_above`
/// - for each of `batch`, `flex` and `priority`: `input_…`, `cached_read_…`, `output_…`
/// - `off_peak_hours` (as ``WeeklyHours`` reads them), `input_off_peak`, `cached_read_off_peak`, `output_off_peak`
/// - `valid_from`, `valid_until` (dates, midnight UTC; the end is the first day on which it no longer holds)
/// - `web_search` (picodollars for one search), `per_call` (picodollars for one call, beside its tokens)
enum PriceFile {
    struct Row {
        var price: ModelPrice
        var line: Int
    }

    private static let columns: Set<String> = [
        "model", "provider", "context_in", "max_out", "input", "cached_read", "cache_write_5m", "cache_write_1h",
        "output", "reasoning", "tier_above", "tier_inclusive", "input_above", "cached_read_above", "cache_write_above",
        "output_above", "input_batch", "cached_read_batch", "output_batch", "input_flex", "cached_read_flex",
        "output_flex", "input_priority", "cached_read_priority", "output_priority", "off_peak_hours",
        "input_off_peak", "cached_read_off_peak", "output_off_peak", "valid_from", "valid_until",
        "web_search", "per_call",
    ]

    static func rows(of csv: String) throws(PriceFileError) -> [Row] {
        var header = [String]()
        var rows = [Row]()
        for (index, text) in csv.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = index + 1
            let content = text.hasSuffix("\r") ? text.dropLast() : text
            guard !content.isEmpty, !content.hasPrefix("#") else { continue }
            let fields = content.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            if fields.first == "model" {
                header = try checked(header: fields, line: line)
                continue
            }
            guard !header.isEmpty else {
                throw PriceFileError("no columns are named: a line that starts with model, comes first", line: line)
            }
            guard fields.count == header.count else {
                throw PriceFileError("\(fields.count) fields, but the header has \(header.count)", line: line)
            }
            let reader = PriceRowReader(fields: Dictionary(uniqueKeysWithValues: zip(header, fields)), line: line)
            rows.append(Row(price: try reader.price(), line: line))
        }
        guard !rows.isEmpty else { throw PriceFileError("there is no price in it", line: 1) }
        return rows
    }

    private static func checked(header: [String], line: Int) throws(PriceFileError) -> [String] {
        if let unknown = header.first(where: { !columns.contains($0) }) {
            throw PriceFileError("there is no column \"\(unknown)\"", line: line)
        }
        guard Set(header).count == header.count else { throw PriceFileError("a column stands twice", line: line) }
        return header
    }
}

package struct PriceFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String
    package var line: Int

    init(_ message: String, line: Int) {
        self.message = message
        self.line = line
    }

    package var description: String { "price file, line \(line): \(message)" }
}
