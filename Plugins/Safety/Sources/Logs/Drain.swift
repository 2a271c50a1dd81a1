/// Templates of log messages by Drain (He, Zhu, Zheng & Lyu, ICWS 2017): a tree of fixed depth over the number of
/// tokens and the first tokens, then the most similar group of the leaf.
struct Drain {
    static let wildcard = "<*>"
    static let maximumTokens = 100
    static let maximumGroups = 5_000
    private static let maximumChildren = 100

    private let similarity: Double
    private let depth: Int
    /// Leaf key → group numbers.
    private var leaves: [String: [Int]] = [:]
    private var children: [String: Set<String>] = [:]
    private(set) var groups: [[String]] = []
    /// Messages that came after the limit of groups was reached.
    private(set) var withoutGroup = 0

    /// - Parameters:
    ///   - similarity: share of equal tokens from which a message belongs to a group; the paper's st.
    ///   - depth: first tokens that the tree looks at; the paper's depth less 2.
    init(similarity: Double = 0.5, depth: Int = 2) {
        self.similarity = similarity
        self.depth = depth
    }

    /// The group of a message; nil when there are too many groups.
    mutating func add(_ tokens: [String]) -> Int? {
        let key = leaf(of: tokens)
        var best: (group: Int, equal: Int, wild: Int)?
        for number in leaves[key] ?? [] {
            var equal = 0
            var wild = 0
            for (mine, its) in zip(tokens, groups[number]) {
                if its == Self.wildcard { wild += 1 } else if mine == its { equal += 1 }
            }
            // Of two equally similar groups the more general one, as in the authors' program.
            if best.map({ (equal, wild) > ($0.equal, $0.wild) }) ?? true { best = (number, equal, wild) }
        }
        if let best, Double(best.equal) >= similarity * Double(tokens.count) {
            for (index, token) in tokens.enumerated() where groups[best.group][index] != token {
                groups[best.group][index] = Self.wildcard
            }
            return best.group
        }
        guard groups.count < Self.maximumGroups else {
            withoutGroup += 1
            return nil
        }
        groups.append(tokens)
        leaves[key, default: []].append(groups.count - 1)
        return groups.count - 1
    }

    /// Tokens with digits are parameters, and so is what comes after the first hundred children of a node.
    private mutating func leaf(of tokens: [String]) -> String {
        var key = String(tokens.count)
        for token in tokens.prefix(depth) {
            var step = token.utf8.contains(where: Digits.isDigit) ? Self.wildcard : token
            if !(children[key]?.contains(step) ?? false) {
                if (children[key]?.count ?? 0) >= Self.maximumChildren { step = Self.wildcard }
                children[key, default: []].insert(step)
            }
            key += "\u{0}" + step
        }
        return key
    }

    /// Words of a message; addresses, numbers and hexadecimal text become the wildcard before mining.
    static func tokens(_ message: ArraySlice<UInt8>) -> [String] {
        message.split(maxSplits: maximumTokens - 1) { $0 == 0x20 || $0 == 0x09 }.prefix(maximumTokens).map { word in
            isParameter(word) ? wildcard : String(decoding: word.prefix(200), as: UTF8.self)
        }
    }

    private static func isParameter(_ word: ArraySlice<UInt8>) -> Bool {
        var digits = 0
        var others = 0
        for byte in word {
            if Digits.isDigit(byte) {
                digits += 1
            } else if !((0x61...0x66).contains(byte | 0x20)
                || [0x2E, 0x3A, 0x2D, 0x2C, 0x2B, 0x78, 0x25].contains(byte))
            {
                others += 1
            }
        }
        return digits > 0 && others == 0
    }
}
