package import Gateway
package import Journal
package import Kernel

/// Makes, changes and removes channels to people. Their secrets stand in the key vault, never in the journal.
package struct NotificationDesk: Sendable {
    private let journal: any JournalStore
    private let vault: KeyVault
    private let clock: @Sendable () -> Instant

    package init(journal: any JournalStore, vault: KeyVault, clock: @escaping @Sendable () -> Instant) {
        self.journal = journal
        self.vault = vault
        self.clock = clock
    }

    /// - Parameters:
    ///   - settings: as ``NotificationChannel/settings``; of Slack's kind with `url`, which is the secret.
    ///   - secret: of a mail server the password. Nil keeps what is there.
    /// - Returns: the secret that was made, of a new webhook or gateway for text messages: its receiver verifies with
    ///   it.
    package func set(
        _ name: String, settings: JSONValue, filter: EventFilter?, secret: String?, by: String
    ) async throws(EngineError) -> (channel: NotificationChannel, secret: String?) {
        let known = try await find(name)
        var members = settings.objectValue ?? [:], kept = secret
        if members["kind"] == "slack", let url = members.removeValue(forKey: "url")?.stringValue {
            members["origin"] = .string(try Self.checked { () throws(Failure) in try FetchURL(url) }.origin)
            kept = url
        }
        let json = JSONValue.object(members), at = clock()
        var channel = try Self.checked { () throws(Failure) in
            try NotificationChannel(name: name, settings: json, filter: filter ?? EventFilter(), createdAt: at)
        }
        if filter == nil {
            channel.filter = known?.filter ?? EventFilter(topics: NotificationChannel.usualTopics)
        }
        let made = try keep(channel, kept, known)
        let new = channel
        do {
            try await journal.write { journal throws(JournalError) in
                try journal.notificationChannelSet(new, by: by)
            }
        } catch {
            throw EngineError(error)
        }
        return (channel, made)
    }

    package func remove(_ name: String, by: String) async throws(EngineError) {
        let channel = try await self.known(name)
        do {
            try await journal.write { journal throws(JournalError) in
                try journal.notificationChannelRemove(name, by: by)
            }
        } catch {
            throw EngineError(error)
        }
        try? vault.remove(channel.secretName)
    }

    package func known(_ name: String) async throws(EngineError) -> NotificationChannel {
        guard let channel = try await find(name) else {
            throw EngineError(.notFound, "there is no channel \"\(name)\"")
        }
        return channel
    }

    private func find(_ name: String) async throws(EngineError) -> NotificationChannel? {
        do {
            return try await journal.read { journal throws(JournalError) in try journal.notificationChannels() }
                .first { $0.name == name }
        } catch {
            throw EngineError(error)
        }
    }

    /// - Returns: a secret that was made here.
    private func keep(
        _ channel: NotificationChannel, _ secret: String?, _ known: NotificationChannel?
    ) throws(EngineError) -> String? {
        // A secret goes only to where it was meant for: another server gets a new one, or is told it.
        let isSame = known.map { $0.settings == channel.settings } ?? false
        switch channel.way {
        case .mail(let mail):
            guard mail.user != nil else { return nil }
            guard let secret else {
                if isSame || known.map({ Self.receivesTheSame($0, channel) }) == true { return nil }
                throw EngineError(.invalid, "a user of a mail server has a password: give it with the channel")
            }
            guard secret.utf8.allSatisfy({ $0 > 31 && $0 != 127 }), !secret.isEmpty else {
                throw EngineError(.invalid, "the password is empty or holds control characters")
            }
            try store(channel, secret)
            return nil
        case .slack:
            guard let secret else {
                if isSame { return nil }
                throw EngineError(.invalid, "a channel to Slack needs its url")
            }
            try store(channel, secret)
            return nil
        case .webhook, .sms:
            if isSame { return nil }
            let made = WebhookMessage.secret(from: SystemClock.randomBytes(count: WebhookMessage.secretBytes))
            try store(channel, made)
            return made
        }
    }

    private static func receivesTheSame(_ old: NotificationChannel, _ new: NotificationChannel) -> Bool {
        guard case .mail(let old) = old.way, case .mail(let new) = new.way else { return false }
        return (old.host, old.port, old.security) == (new.host, new.port, new.security) && old.user == new.user
    }

    private func store(_ channel: NotificationChannel, _ secret: String) throws(EngineError) {
        do {
            try vault.set(channel.secretName, to: secret)
        } catch {
            throw EngineError(.storage, error.message)
        }
    }

    private static func checked<Value>(_ body: () throws(Failure) -> Value) throws(EngineError) -> Value {
        do {
            return try body()
        } catch {
            throw EngineError(.invalid, error.message)
        }
    }
}
