import Kernel

/// How a hold ends.
enum HoldEnd: Hashable, Sendable {
    case settle(Nanodollars)
    case release
    case ambiguous

    /// In leaves.
    var name: String {
        switch self {
        case .settle: "settle"
        case .release: "release"
        case .ambiguous: "ambiguous"
        }
    }

    /// In the reservation's row; 0 is open.
    var storedState: Int {
        switch self {
        case .settle: 1
        case .release: 2
        case .ambiguous: 3
        }
    }

    var actual: Nanodollars? { if case .settle(let amount) = self { amount } else { nil } }
}

/// A movement of money on all nodes of a path, and the ledger rows that it is. Pure, so that the operation and the
/// audit's cross-check cannot disagree.
struct LedgerMovement: Hashable, Sendable {
    struct Row: Hashable, Sendable {
        var node: BudgetNode
        var kind: LedgerEntry.Kind
        var amount: Nanodollars
    }

    var reservation: Reservation
    /// Nil: the hold begins.
    var end: HoldEnd?

    var rows: [Row] {
        reservation.path.flatMap { node in parts.map { Row(node: node, kind: $0.0, amount: $0.1) } }
    }

    /// What the movement does to each node's balance.
    var change: (held: Nanodollars, spent: Nanodollars) {
        Self.change(parts)
    }

    static func change(_ parts: [(LedgerEntry.Kind, Nanodollars)]) -> (held: Nanodollars, spent: Nanodollars) {
        var held = Nanodollars.zero, spent = Nanodollars.zero
        for (kind, amount) in parts {
            switch kind {
            case .reserve: held = held + amount
            case .release: held = held - amount
            case .settle, .ambiguous:
                held = held - amount
                spent = spent + amount
            case .overage: spent = spent + amount
            }
        }
        return (held, spent)
    }

    private var parts: [(LedgerEntry.Kind, Nanodollars)] {
        let amount = reservation.amount
        switch end {
        case nil: return [(.reserve, amount)]
        case .release: return [(.release, amount)]
        case .ambiguous: return [(.ambiguous, amount)]
        case .settle(let actual) where actual > amount: return [(.settle, amount), (.overage, actual - amount)]
        case .settle(let actual) where actual < amount: return [(.settle, actual), (.release, amount - actual)]
        case .settle(let actual): return [(.settle, actual)]
        }
    }
}
