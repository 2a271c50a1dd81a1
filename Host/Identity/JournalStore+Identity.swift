import Journal

extension JournalStore {
    func ask<Value: Sendable>(
        _ question: @escaping @Sendable (any JournalReading) throws(JournalError) -> Value
    ) async throws(IdentityError) -> Value {
        do {
            return try await read(question)
        } catch {
            throw IdentityError(error)
        }
    }

    func change<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(IdentityError) -> Value {
        do {
            return try await write(body)
        } catch {
            throw IdentityError(error)
        }
    }
}
