import Journal
import Kernel

extension HostRuntime {
    /// The prices in force: the operator's, kept in the store, over those that the host has.
    static func prices(_ store: SQLiteJournal, over own: PriceBook) async throws(EngineError) -> PriceBook {
        do {
            let record = try await store.read { journal throws(JournalError) in try journal.priceBook() }
            return try PriceBook(record?.prices, over: own)
        } catch let error as JournalError {
            throw EngineError(error)
        } catch {
            throw EngineError(.storage, "the imported prices cannot be read: \(error); bureau prices reset")
        }
    }
}
