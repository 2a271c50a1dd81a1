import Journal
import Kernel

/// Hands events to those that this host itself serves: triggers, which start runs, webhooks, which tell others, and
/// notifications, which tell people.
/// Woken by commits; looks at the clock for what is to be tried again.
struct EventPump: Sendable {
    /// Of all groups that are served here.
    static let consumer = "host"
    /// An event that nobody wakes for is found after so long.
    private static let pollMilliseconds: Int64 = 5_000

    let core: EngineCore
    let store: SQLiteJournal
    let triggers: TriggerRunner
    let webhooks: WebhookSender
    let notifications: NotificationSender
    let messages: MessageRunner

    init(core: EngineCore, store: SQLiteJournal) {
        self.core = core
        self.store = store
        triggers = TriggerRunner(core: core)
        webhooks = WebhookSender(core: core)
        notifications = NotificationSender(core: core)
        messages = MessageRunner(core: core)
    }

    func run() async {
        await takeOver()
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in store.eventsCommitted() { wake.yield() }
                wake.finish()
            }
            group.addTask {
                while !Task.isCancelled {
                    let due = try? await store.read { journal throws(JournalError) in
                        [try journal.streamNextDue(), try journal.messageNextDue()].compactMap { $0 }.min()
                    }
                    let wait = due.flatMap { $0 }.map { $0.unixMilliseconds - core.clock().unixMilliseconds }
                    let milliseconds = min(max(wait ?? Self.pollMilliseconds, 50), Self.pollMilliseconds)
                    guard (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil else { return }
                    wake.yield()
                }
            }
            for await _ in wakes {
                if Task.isCancelled || core.isDraining { break }
                await serve(&group) { wake.yield() }
            }
            group.cancelAll()
        }
    }

    /// What an earlier host had in its hands is nobody's now.
    private func takeOver() async {
        _ = try? await store.write { journal throws(JournalError) in
            for trigger in try journal.triggers() { try Self.letGo(trigger.group, in: journal) }
            for webhook in try journal.webhooks() { try Self.letGo(webhook.group, in: journal) }
            for channel in try journal.notificationChannels() { try Self.letGo(channel.group, in: journal) }
        }
    }

    private static func letGo(_ group: String, in journal: any JournalTransaction) throws(JournalError) {
        for pending in try journal.streamPending(group, after: 0, limit: 10_000) where pending.consumer != nil {
            _ = try journal.streamReject(
                group, pending.position, reason: "the host ended while it had the event", retryAt: journal.now)
        }
    }

    /// - Parameter more: called when there may be more at once.
    private func serve(_ group: inout DiscardingTaskGroup, more: @escaping @Sendable () -> Void) async {
        let listed = try? await store.read { journal throws(JournalError) in
            (try journal.triggers(), try journal.webhooks(), try journal.notificationChannels())
        }
        guard let (rules, hooks, channels) = listed else { return }
        if await messages.serve() { more() }
        // Without room for new runs, their events wait.
        for rule in rules where rule.isEnabled && store.storage.state == .ok {
            if await triggers.serve(rule) { more() }
        }
        for hook in hooks where hook.disabledReason == nil {
            for delivery in await webhooks.take(hook) {
                group.addTask {
                    await webhooks.send(delivery, to: hook)
                    more()
                }
            }
        }
        for channel in channels where channel.followsEvents {
            for delivery in await notifications.take(channel) {
                group.addTask {
                    await notifications.send(delivery, to: channel)
                    more()
                }
            }
        }
    }
}
