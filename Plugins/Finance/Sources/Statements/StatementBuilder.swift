import PluginKit

/// Collects the bookings of one account, drops exact repetitions, and adds up.
struct StatementBuilder {
    static let maximumTransactions = 1_000_000

    let account: String
    let currency: String
    var opening: Int?
    var closing: Int?
    var pending = 0
    private var transactions: [BankTransaction] = []
    private var byReference: [String: Int] = [:]
    private var duplicates = 0

    init(account: String, currency: String) {
        self.account = account
        self.currency = currency
    }

    /// A bank's reference is unique in an account; a second booking with one is a repetition, or an error.
    mutating func add(_ transaction: BankTransaction) throws(TaskFailure) {
        if let reference = transaction.reference {
            if let known = byReference[reference] {
                let first = transactions[known]
                guard first.date == transaction.date, first.amountMinor == transaction.amountMinor else {
                    throw .invalid(
                        "line \(transaction.line): the reference \(reference) of line \(first.line) again, with"
                            + " another day or amount")
                }
                duplicates += 1
                return
            }
            byReference[reference] = transactions.count
        }
        guard transactions.count < Self.maximumTransactions else {
            throw .tooLarge("line \(transaction.line): more than \(Self.maximumTransactions) bookings; cut the file")
        }
        transactions.append(transaction)
    }

    func finish() throws(TaskFailure) -> BankStatement {
        var sum = 0
        for transaction in transactions { sum = try Amount.sum(sum, transaction.amountMinor) }
        var difference: Int?
        if let opening, let closing { difference = try Amount.sum(closing, -opening, -sum) }
        return BankStatement(
            account: account, currency: currency, openingMinor: opening, closingMinor: closing,
            transactions: transactions, sumMinor: sum, pending: pending, duplicates: duplicates,
            differenceMinor: difference)
    }
}

/// ISO 13616: the account number with its country and check digits.
enum IBAN {
    /// ISO 7064 MOD 97-10.
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (15...34).contains(bytes.count) else { return false }
        var rest = 0
        for byte in bytes[4...] + bytes[..<4] {
            switch byte {
            case 0x30...0x39: rest = (rest * 10 + Int(byte - 0x30)) % 97
            case 0x41...0x5A: rest = (rest * 100 + Int(byte - 0x41) + 10) % 97
            default: return false
            }
        }
        return rest == 1
    }
}
