/// The domains of the Cynefin framework (D. Snowden and M. Boone, *Harvard Business Review*, November 2007).
package enum ComplexityLevel: String, Codable, CaseIterable, Sendable {
    case clear, complicated, complex, chaotic, confused

    /// How the framework says to act.
    package var responsePattern: String {
        switch self {
        case .clear: "sense–categorise–respond"
        case .complicated: "sense–analyse–respond"
        case .complex: "probe–sense–respond"
        case .chaotic: "act–sense–respond"
        case .confused: "decompose"
        }
    }

    /// Comparing options presumes that cause and effect can be known. Where they cannot, a person looks at the result,
    /// however strong the support.
    package var needsPerson: Bool { self == .chaotic || self == .confused }
}
