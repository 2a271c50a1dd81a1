/// What users sign in with. One spelling: lower case, and only characters that no header, log or page mistakes.
package enum EmailAddress {
    /// RFC 5321, 4.5.3.1.
    private static let maximumBytes = 254, maximumLocalBytes = 64

    /// As it is stored; nil for what is none.
    package static func normalised(_ text: String) -> String? {
        let lowered = text.lowercased()
        return isValid(lowered) ? lowered : nil
    }

    /// The characters of a plain address, and a host name: no quotes, comments, or addresses in brackets. No `/` and
    /// no `#` either, which part the names of budgets.
    package static func isValid(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= maximumBytes, (1...maximumLocalBytes).contains(parts[0].count),
            !parts[1].isEmpty
        else { return false }
        let isWord = { (byte: UInt8) in (97...122).contains(byte) || (48...57).contains(byte) }
        let dot = UInt8(ascii: ".")
        let local = parts[0].allSatisfy { isWord($0) || "!$%&'*+=?^_`{|}~.-".utf8.contains($0) }
        let labels = parts[1].split(separator: dot, omittingEmptySubsequences: false)
        let host = labels.allSatisfy { label in
            !label.isEmpty && label.count <= 63 && label.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
        }
        return local && host && parts[0].first != dot && parts[0].last != dot
    }
}
