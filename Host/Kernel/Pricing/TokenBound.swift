/// How many tokens a text can be at most, whatever the provider's tokeniser.
///
/// Byte-level and byte-fallback tokenisers never make more tokens than there are UTF-8 bytes, but some of them
/// normalise to NFKC first, and that can lengthen: "½" is 2 bytes and becomes "1⁄2", 5 bytes and 3 tokens. So the
/// bound is the number of UTF-8 bytes after NFKC, never less.
package enum TokenBound {
    /// The largest growth of UTF-8 under NFKC: U+FDFA, from 3 to 33 bytes (Unicode FAQ on normalization).
    static let largestGrowth: Int64 = 11
    /// The same for canonical decomposition: U+0390, from 2 to 6 bytes (Unicode FAQ on normalization).
    static let largestCanonicalGrowth: Int64 = 3

    /// An upper bound of the length in UTF-8 after NFKC, in one pass and without tables of our own.
    ///
    /// A scalar that `NFKC_Casefold` leaves alone is left alone by NFKC too: the result of the former is always in
    /// NFKC, so a scalar that NFKC changes cannot be its own result. All others, and scalars that a newer Unicode may
    /// assign, count at the largest growth; for most of these (capital letters) that is far too much, never too
    /// little.
    ///
    /// Composing two scalars never makes them longer. But a combining mark can make a composed letter fall apart and
    /// compose anew ("ĩ" and a dot below become "ị" and a tilde, one byte more). The result is then at most what full
    /// decomposition gives, so in a text with marks each letter counts at the growth of that.
    package static func tokens(in text: String) -> Int64 {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return Int64(text.utf8.count) }
        let hasMarks = text.unicodeScalars.contains { $0.properties.canonicalCombiningClass != .notReordered }
        let stableGrowth = hasMarks ? largestCanonicalGrowth : 1
        var bytes: Int64 = 0
        for scalar in text.unicodeScalars {
            let length = Int64(scalar.utf8.count)
            bytes += scalar.isASCII ? 1 : length * (isStable(scalar) ? stableGrowth : largestGrowth)
        }
        return bytes
    }

    private static func isStable(_ scalar: Unicode.Scalar) -> Bool {
        // Common letters that case folding changes, but not NFKC.
        switch scalar.value {
        case 0x00C0...0x00FF, 0x0391...0x03A1, 0x03A3...0x03A9, 0x0410...0x042F: return true
        default: break
        }
        let properties = scalar.properties
        return !properties.changesWhenNFKCCaseFolded && properties.generalCategory != .unassigned
    }
}

/// Tokens that a provider adds around the texts: roles, separators, the start of the answer. Not in any text, so
/// counted by rule.
package struct FramingAllowance: Hashable, Sendable {
    package static let standard = FramingAllowance(perRequest: 32, perMessage: 16, perToolUse: 1024, perTool: 32)
    package static let none = FramingAllowance(perRequest: 0, perMessage: 0, perToolUse: 0, perTool: 0)

    package var perRequest: Int64
    package var perMessage: Int64
    /// Once for a call with tools: the instructions about tools that a provider puts before the prompt.
    package var perToolUse: Int64
    package var perTool: Int64

    package init(perRequest: Int64, perMessage: Int64, perToolUse: Int64, perTool: Int64) {
        self.perRequest = perRequest
        self.perMessage = perMessage
        self.perToolUse = perToolUse
        self.perTool = perTool
    }
}
