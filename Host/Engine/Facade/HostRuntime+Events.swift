package import Journal
package import Kernel

extension HostRuntime {
    /// Of this host; `.conflict` when it has no key vault.
    package func webhooks() throws(EngineError) -> WebhookDesk {
        guard let vault = core.settings.vault else {
            throw EngineError(.conflict, "this host has no key store for the secrets of webhooks")
        }
        return WebhookDesk(journal: core.journal, vault: vault, clock: core.clock)
    }

    /// Sends one message that no event stands behind: the receiver's status, or why there was no answer.
    package func testWebhook(_ name: String) async throws(EngineError) -> Result<Int, Failure> {
        let webhook = try await webhooks().known(name)
        return await WebhookSender(core: core).test(webhook).map { Int(clamping: $0.value) }
    }

    /// A trigger's task must be there; its input is checked when an event makes one.
    ///
    /// - Parameter check: in the same transaction: it throws where the name is another's.
    package func setTrigger(
        _ trigger: TriggerRecord, by: String,
        if check: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Void = { _ in }
    ) async throws(EngineError) {
        let task = trigger.rule.task
        _ = try core.departments.available(task.department).current.definition(of: task)
        try await change { journal throws(JournalError) in
            try check(journal)
            try journal.triggerSet(trigger, by: by)
        }
    }

    package var now: Instant { core.clock() }

    /// Yields at once, and whenever this host has committed events; ends with it.
    package func eventsCommitted() -> AsyncStream<Void> { store.eventsCommitted() }

    /// One change to the journal, in the engine's words.
    @discardableResult
    package func change<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(EngineError) -> Value {
        try await core.change(body)
    }
}
