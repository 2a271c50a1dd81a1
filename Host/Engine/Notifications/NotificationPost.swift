package import Gateway
package import Kernel

/// Carries messages to people over their channels: what is said is decided before.
package struct NotificationPost: Sendable {
    private static let timeoutMilliseconds: UInt64 = 15_000
    private static let answerBytes: UInt64 = 64 << 10

    private let vault: KeyVault?
    private let fetcher: Fetcher
    private let clock: @Sendable () -> Instant
    private let mail = MailSender()

    package init(vault: KeyVault?, fetcher: Fetcher, clock: @escaping @Sendable () -> Instant) {
        self.vault = vault
        self.fetcher = fetcher
        self.clock = clock
    }

    /// One message that no event stands behind, to see whether it arrives.
    package func test(_ channel: NotificationChannel) async -> Result<Int, Failure> {
        let text = NotificationText(
            title: "A test of the channel \(channel.name)", lines: ["People are told over it when somebody is asked."])
        return await send(text, id: "test_\(clock().unixMilliseconds)", topic: "notification.test", to: channel)
    }

    /// To the operator's gateway for text messages.
    package func sendMessage(
        to number: String, _ text: String, id: String, over channel: NotificationChannel
    ) async -> Failure? {
        guard case .sms(let url) = channel.way else { return Failure(.invalid, "\(channel.name) takes no messages") }
        let body: JSONValue = ["type": "sms", "to": .string(number), "text": .string(text)]
        do throws(Failure) {
            switch try await post(body, id: id, url, secret: secret(of: channel), channel.group) {
            case .success(let status) where (200..<300).contains(status): return nil
            case .success(let status): return Failure(.io, "the gateway answered \(status)")
            case .failure(let failure): return failure
            }
        } catch {
            return error
        }
    }

    /// - Returns: the other side's code; of mail, the server's.
    package func send(
        _ text: NotificationText, id: String, topic: String, to channel: NotificationChannel
    ) async -> Result<Int, Failure> {
        do throws(Failure) {
            switch channel.way {
            case .mail(let settings): return await send(text, id: id, settings, channel)
            case .slack:
                let url = try secret(of: channel)
                return await post(text.slack(base: channel.baseURL), id: id, url, secret: nil, channel.group)
            case .webhook(let url):
                let body: JSONValue = [
                    "type": .string(topic), "title": .string(text.title),
                    "text": .string(text.text(base: channel.baseURL)), "timestamp": .string(clock().timestamp),
                ]
                return try await post(body, id: "msg_\(id)", url, secret: secret(of: channel), channel.group)
            case .sms:
                throw Failure(.unsupported, "a gateway for text messages is asked for codes, not told of events")
            }
        } catch {
            return .failure(error)
        }
    }

    private func send(
        _ text: NotificationText, id: String, _ settings: NotificationChannel.Mail, _ channel: NotificationChannel
    ) async -> Result<Int, Failure> {
        var route = MailRoute(
            host: settings.host, port: settings.port, security: settings.security, user: settings.user,
            certificateFile: fetcher.settings.certificateFile)
        if settings.user != nil {
            do throws(Failure) { route.password = try secret(of: channel) } catch { return .failure(error) }
        }
        let message = MailMessage(
            from: settings.from, to: settings.to, subject: "[Bureau] \(text.title)",
            body: text.text(base: channel.baseURL), id: "\(channel.name).\(id)", date: clock())
        return await mail.send(message, over: route)
    }

    private func secret(of channel: NotificationChannel) throws(Failure) -> String {
        guard let vault else {
            throw Failure(.unsupported, "this host has no key store for the secrets of channels")
        }
        return try vault.value(of: channel.secretName)
    }

    private func post(
        _ body: JSONValue, id: String, _ url: String, secret: String?, _ group: String
    ) async -> Result<Int, Failure> {
        do throws(Failure) {
            var headers: [String: JSONValue] = ["content-type": "application/json"]
            if let secret {
                let message = WebhookMessage(id: id, timestamp: clock(), body: body.bytes)
                for header in try message.headers(secrets: [secret]) {
                    headers[header.name] = .string(header.value)
                }
            }
            let request = HTTPRequest(
                method: "POST", url: url, headers: JSONValue.object(headers).bytes, body: body.bytes,
                timeoutMilliseconds: Self.timeoutMilliseconds, maximumResponseBytes: Self.answerBytes)
            let policy = try FetchPolicy.only(url, fetcher.settings)
            return await fetcher.fetch(request, policy: policy, department: group, followsRedirects: false)
                .map { Int(clamping: $0.value) }
        } catch {
            return .failure(error)
        }
    }
}

extension EngineCore {
    var notificationPost: NotificationPost {
        NotificationPost(vault: settings.vault, fetcher: fetcher, clock: clock)
    }
}
