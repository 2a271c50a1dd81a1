package import PluginKit

/// Compares quotations with what they quote, byte by byte.
package enum CitationCheck {
    package static func run(_ input: CheckCitationsInput) throws(TaskFailure) -> CheckCitationsOutput {
        let output = try examine(input)
        guard !output.valid, input.reportOnly != true else { return output }
        if let wrong = output.citations.first(where: { $0.status != .exact }) {
            throw .invalid("citation [\(wrong.number)] is \(wrong.status.rawValue): \(wrong.detail)")
        }
        throw .invalid("/report: [\(output.unknownNumbers.first ?? 0)] has no citation")
    }

    static func examine(_ input: CheckCitationsInput) throws(TaskFailure) -> CheckCitationsOutput {
        var texts: [String: [UInt8]] = [:]
        for (index, document) in input.documents.enumerated() {
            guard texts.updateValue(Array(document.text.utf8), forKey: document.id) == nil else {
                throw .invalid("/documents/\(index)/id: \(document.id) is there twice")
            }
        }
        var numbers: Set<Int> = []
        for (index, citation) in input.citations.enumerated() where !numbers.insert(citation.number).inserted {
            throw .invalid("/citations/\(index)/number: \(citation.number) is there twice")
        }
        let report = input.report.map { Array($0.utf8) }
        let checked = input.citations.map { check($0, texts[$0.documentID], report) }
        let named = input.report.map(Self.numbers(in:)) ?? numbers
        let exact = checked.count { $0.status == .exact }, unknown = named.subtracting(numbers).sorted()
        return CheckCitationsOutput(
            valid: exact == checked.count && unknown.isEmpty, exact: exact, citations: checked,
            unknownNumbers: unknown, unusedNumbers: numbers.subtracting(named).sorted())
    }

    private static func check(_ citation: Citation, _ text: [UInt8]?, _ report: [UInt8]?) -> CheckedCitation {
        func finding(_ status: CheckedCitation.Status, _ detail: String, at place: Int? = nil) -> CheckedCitation {
            CheckedCitation(number: citation.number, status: status, detail: detail, foundAt: place)
        }
        guard let text else { return finding(.missingDocument, "no document \(citation.documentID)") }
        let quote = Array(citation.quote.utf8)
        guard !quote.isEmpty else { return finding(.altered, "an empty quote says nothing") }
        let isInside = 0 <= citation.start && citation.start <= citation.end && citation.end <= text.count
        if isInside, text[citation.start..<citation.end].elementsEqual(quote) {
            if let report, ByteSearch.first(quote, in: report) == nil {
                return finding(.notInReport, "the report does not hold the quote word for word")
            }
            return finding(.exact, "")
        }
        if let place = ByteSearch.first(quote, in: text) {
            return finding(.moved, "it stands at \(place), not at \(citation.start)", at: place)
        }
        guard isInside else {
            return finding(.outOfRange, "the document has \(text.count) bytes, not \(citation.start)..<\(citation.end)")
        }
        let there = text[citation.start..<citation.end]
        let same = zip(there, quote).prefix { $0 == $1 }.count
        let shown = String(decoding: there.prefix(120), as: UTF8.self)
        return finding(.altered, "from byte \(same) of the quote on the document has something else: “\(shown)”")
    }

    /// All n in `[n]` outside of links: `[1](…)` is a link, `[1]` and `[1][2]` are citations.
    static func numbers(in report: String) -> Set<Int> {
        let bytes = Array(report.utf8)
        var found: Set<Int> = [], index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "[") else { index += 1; continue }
            var end = index + 1, value = 0
            while end < bytes.count, (48...57).contains(bytes[end]), end - index <= 6 {
                value = value * 10 + Int(bytes[end] - 48)
                end += 1
            }
            let isClosed = end > index + 1 && end < bytes.count && bytes[end] == UInt8(ascii: "]")
            let isLink = end + 1 < bytes.count && bytes[end + 1] == UInt8(ascii: "(")
            if isClosed, !isLink { found.insert(value) }
            index = max(end, index + 1)
        }
        return found
    }
}

/// The first place of some bytes in others: Horspool's search, *Software: Practice and Experience* 10 (1980).
enum ByteSearch {
    static func first(_ needle: [UInt8], in hay: [UInt8]) -> Int? {
        guard !needle.isEmpty, needle.count <= hay.count else { return nil }
        var skip = Array(repeating: needle.count, count: 256)
        for (index, byte) in needle.dropLast().enumerated() { skip[Int(byte)] = needle.count - 1 - index }
        var start = 0
        while start + needle.count <= hay.count {
            var index = needle.count - 1
            while index >= 0, hay[start + index] == needle[index] { index -= 1 }
            if index < 0 { return start }
            start += skip[Int(hay[start + needle.count - 1])]
        }
        return nil
    }
}
