enum Tokens {
    /// Lower-case runs of letters, digits and apostrophes.
    static func split(_ text: String) -> [String] {
        text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
    }
}
