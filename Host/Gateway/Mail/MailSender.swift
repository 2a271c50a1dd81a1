import CCurl
import Foundation
package import Kernel
import Synchronization

/// How a mail server is reached.
package struct MailRoute: Sendable {
    package var host: String
    package var port: Int
    package var security: NotificationChannel.Security
    package var user: String?
    package var password: String?
    /// Certificates to trust instead of the system's, as a PEM file.
    package var certificateFile: String?
    package var timeoutMilliseconds = 30_000

    package init(
        host: String, port: Int, security: NotificationChannel.Security, user: String? = nil, password: String? = nil,
        certificateFile: String? = nil
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.user = user
        self.password = password
        self.certificateFile = certificateFile
    }
}

/// SMTP over libcurl, one connection a message: on threads of its own, and never on too many. Authentication only over
/// TLS, and where STARTTLS is asked for nothing is said before it.
package final class MailSender: Sendable {
    private static let maximumThreads = 8
    private let underWay = Atomic<Int>(0)
    private static let globalResult = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    package init() {}

    /// - Returns: the server's last code, or why it was not taken: `.denied` for good, `.io` for another time.
    package func send(_ message: MailMessage, over route: MailRoute) async -> Result<Int, Failure> {
        guard underWay.wrappingAdd(1, ordering: .relaxed).newValue <= Self.maximumThreads else {
            underWay.wrappingSubtract(1, ordering: .relaxed)
            return .failure(Failure(.busy, "too many messages are on their way to mail servers"))
        }
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                let result = MailTransfer(message, route).map { $0.perform() }
                underWay.wrappingSubtract(1, ordering: .relaxed)
                continuation.resume(
                    returning: result ?? .failure(Failure(.internal, "libcurl refused the message's settings")))
            }
        }
    }

    fileprivate static var isReady: Bool { globalResult == CURLE_OK }
}

/// One message on its way. Lives on one thread.
private final class MailTransfer {
    private let easy: UnsafeMutableRawPointer
    private let bytes: [UInt8]
    private let reason: UnsafeMutablePointer<CChar>
    private var receivers: UnsafeMutablePointer<curl_slist>?
    private var sent = 0

    /// Nil when libcurl takes one of the settings not: then nothing is sent under weaker ones.
    init?(_ message: MailMessage, _ route: MailRoute) {
        guard MailSender.isReady, let easy = curl_easy_init() else { return nil }
        self.easy = easy
        bytes = message.bytes
        reason = .allocate(capacity: Int(CURL_ERROR_SIZE))
        reason.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        for receiver in message.to {
            guard let list = curl_slist_append(receivers, "<\(receiver)>") else { return nil }
            receivers = list
        }
        guard set(message, route), setBody() else { return nil }
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(receivers)
        reason.deallocate()
    }

    private func set(_ message: MailMessage, _ route: MailRoute) -> Bool {
        let scheme = route.security == .tls ? "smtps" : "smtp"
        let host = route.host.contains(":") ? "[\(route.host)]" : route.host
        let security = route.security == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL
        var texts: [(CURLoption, String)] = [
            (CURLOPT_URL, "\(scheme)://\(host):\(route.port)/localhost"), (CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
            (CURLOPT_PROXY, ""), (CURLOPT_MAIL_FROM, "<\(message.from)>"),
        ]
        if let user = route.user, let password = route.password {
            guard route.security != .none else { return false }
            texts += [(CURLOPT_USERNAME, user), (CURLOPT_PASSWORD, password)]
        }
        if let file = route.certificateFile { texts.append((CURLOPT_CAINFO, file)) }
        let longs: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_TIMEOUT_MS, max(1, route.timeoutMilliseconds)),
            (CURLOPT_CONNECTTIMEOUT_MS, max(1, min(10_000, route.timeoutMilliseconds))),
            (CURLOPT_USE_SSL, Int(security.rawValue)), (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)), (CURLOPT_UPLOAD, 1),
        ]
        return texts.allSatisfy { ccurl_set_string(easy, $0.0, $0.1) == CURLE_OK }
            && longs.allSatisfy { ccurl_set_long(easy, $0.0, $0.1) == CURLE_OK }
            && ccurl_set_pointer(easy, CURLOPT_MAIL_RCPT, receivers) == CURLE_OK
            && ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, reason) == CURLE_OK
    }

    private func setBody() -> Bool {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let read: ccurl_transfer = { buffer, size, count, context in
            guard let buffer, let context else { return 0 }
            let transfer = Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.supply(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        }
        let ignore: ccurl_transfer = { _, size, count, _ in size * count }
        return ccurl_set_read(easy, read, context) == CURLE_OK && ccurl_set_write(easy, ignore, context) == CURLE_OK
    }

    private func supply(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let rest = bytes[sent...].prefix(buffer.count)
        buffer.copyBytes(from: rest)
        sent += rest.count
        return rest.count
    }

    func perform() -> Result<Int, Failure> {
        let result = curl_easy_perform(easy)
        let code = ccurl_get_long(easy, CURLINFO_RESPONSE_CODE)
        guard result != CURLE_OK else { return .success(code) }
        let detail = String(cString: reason)
        let text = detail.isEmpty ? String(cString: curl_easy_strerror(result)) : detail
        // What a server says it will never take; a login or TLS that fails may be mended.
        let isFinal =
            (550...559).contains(code)
            && [CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_WEIRD_SERVER_REPLY].contains(result)
        return .failure(Failure(isFinal ? .denied : .io, "the mail server (\(code)): \(text)"))
    }
}
