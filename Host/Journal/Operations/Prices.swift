import Kernel

extension SQLReading {
    func priceBook() throws(JournalError) -> PriceBookRecord? {
        try session.first(PriceSQL.newest) { PriceBookRecord(&$0) }
    }
}

extension SQLTransaction {
    func priceBookAppend(_ prices: String?, by: String) throws(JournalError) -> PriceBookRecord {
        let arguments: [SQLValue] = [.instant(now), .text(by), prices.map(SQLValue.text) ?? .null]
        guard let record = try session.first(PriceSQL.append, arguments, { PriceBookRecord(&$0) }) else {
            throw JournalError(.storage, "the store kept no price book")
        }
        try appendLeaf(AuditLeaves.priceBook(record))
        return record
    }
}

extension PriceBookRecord {
    /// From ``PriceSQL/columns``.
    init(_ row: inout SQLRow) {
        self.init(number: row.integer(), at: row.instant(), by: row.text(), prices: row.optionalText())
    }
}

extension AuditLeaves {
    static func priceBook(_ record: PriceBookRecord) -> LeafContent {
        LeafContent(
            "prices.imported",
            [
                "book": number(record.number), "at_ms": time(record.at), "by": text(record.by),
                "prices": record.prices.map { digest(Array($0.utf8)) },
            ])
    }
}
