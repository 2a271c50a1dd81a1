enum PriceSQL {
    static let columns = "book_no, at_ms, imported_by, prices"
    static let append = "INSERT INTO price_book (at_ms, imported_by, prices) VALUES (?, ?, ?) RETURNING \(columns)"
    static let newest = "SELECT \(columns) FROM price_book ORDER BY book_no DESC LIMIT 1"
    static let all = "SELECT \(columns) FROM price_book ORDER BY book_no"
}
