import CCurl
import Glibc
import Kernel

/// One easy handle with what it points to. Lives on the client's thread.
final class CurlTransfer {
    let job: CurlJob
    let easy: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var route: UnsafeMutablePointer<curl_slist>?
    private let reason: UnsafeMutablePointer<CChar>
    private var answered = AnswerHeaders()
    private var filters: [SecretFilter]
    private var sentBytes = 0
    private var receivedBytes = 0
    private var refusal: TransferEnd.Outcome?

    /// Nil when libcurl takes one of the settings not: then nothing is sent under weaker ones.
    init?(_ job: CurlJob) {
        guard let easy = curl_easy_init() else { return nil }
        self.job = job
        self.easy = easy
        filters = job.filters
        reason = .allocate(capacity: Int(CURL_ERROR_SIZE))
        reason.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        guard setLimits(), setRequest(), setMethod(), setRoute(), setCallbacks(), setSendingHook() else { return nil }
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headers)
        curl_slist_free_all(route)
        reason.deallocate()
    }

    private func setLimits() -> Bool {
        let request = job.request
        let longs: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_TCP_KEEPALIVE, 1),
            (CURLOPT_CONNECTTIMEOUT_MS, max(1, request.connectTimeoutMilliseconds)),
            (CURLOPT_TIMEOUT_MS, max(1, request.timeoutMilliseconds)),
            (CURLOPT_LOW_SPEED_LIMIT, 1), (CURLOPT_LOW_SPEED_TIME, max(1, request.idleTimeoutSeconds)),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
        ]
        return longs.allSatisfy { ccurl_set_long(easy, $0.0, $0.1) == CURLE_OK }
            && ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK
            // An empty proxy turns off those of the environment.
            && ccurl_set_string(easy, CURLOPT_PROXY, request.proxy ?? "") == CURLE_OK
            && (request.certificateFile.map { ccurl_set_string(easy, CURLOPT_CAINFO, $0) == CURLE_OK } ?? true)
    }

    private func setRequest() -> Bool {
        let request = job.request
        // No "Expect: 100-continue": it costs a round trip, or a second where a server does not know it.
        for header in request.headers.map({ "\($0.name): \($0.value)" }) + ["Expect:"] {
            guard !header.utf8.contains(where: { $0 < 32 }), let list = curl_slist_append(headers, header) else {
                return false
            }
            headers = list
        }
        return ccurl_set_string(easy, CURLOPT_URL, request.url) == CURLE_OK
            && ccurl_set_string(easy, CURLOPT_USERAGENT, "bureau/1") == CURLE_OK
            && ccurl_set_headers(easy, headers) == CURLE_OK
    }

    private func setMethod() -> Bool {
        let request = job.request
        switch request.method {
        case "GET": return ccurl_set_long(easy, CURLOPT_HTTPGET, 1) == CURLE_OK
        case "HEAD": return ccurl_set_long(easy, CURLOPT_NOBODY, 1) == CURLE_OK
        default:
            return ccurl_set_long(easy, CURLOPT_POST, 1) == CURLE_OK
                && ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method) == CURLE_OK
                && ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)) == CURLE_OK
        }
    }

    /// Names are not looked up here: libcurl gets the address, and the socket is made only if it is still that one.
    private func setRoute() -> Bool {
        guard let address = job.request.onlyAddress else { return true }
        route = curl_slist_append(nil, "::\(address.urlText):")
        let open: curl_opensocket_callback = { context, purpose, target in
            guard purpose == CURLSOCKTYPE_IPCXN, let context, let target else { return CURL_SOCKET_BAD }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            guard SocketTarget.address(of: target) == transfer.job.request.onlyAddress else { return CURL_SOCKET_BAD }
            return SocketTarget.socket(for: target)
        }
        return route != nil
            && ccurl_set_connect_to(easy, route) == CURLE_OK
            && ccurl_set_open_socket(easy, open, Unmanaged.passUnretained(self).toOpaque()) == CURLE_OK
            && ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1) == CURLE_OK
            && ccurl_set_long(easy, CURLOPT_FORBID_REUSE, 1) == CURLE_OK
    }

    /// The body goes through a read function without a way to rewind: libcurl then never sends it a second time by
    /// itself when a kept connection breaks, and a call that may be billed is sent at most once.
    private func setCallbacks() -> Bool {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let write: ccurl_transfer = { buffer, size, count, context in
            guard let buffer, let context else { return 0 }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.receive(UnsafeRawBufferPointer(start: buffer, count: size * count)) ? size * count : 0
        }
        let read: ccurl_transfer = { buffer, size, count, context in
            guard let buffer, let context else { return 0 }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.supply(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        }
        let header: ccurl_transfer = { buffer, size, count, context in
            guard let buffer, let context else { return 0 }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.keep(UnsafeRawBufferPointer(start: buffer, count: size * count)) ? size * count : 0
        }
        if job.request.maximumHeaderBytes != nil,
            ccurl_set_header_function(easy, header, context) != CURLE_OK
        {
            return false
        }
        return ccurl_set_write(easy, write, context) == CURLE_OK
            && ccurl_set_read(easy, read, context) == CURLE_OK
            && ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, reason) == CURLE_OK
    }

    /// libcurl calls it for a new connection and for a kept one.
    private func setSendingHook() -> Bool {
        guard job.onSending != nil else { return true }
        let sending: curl_prereq_callback = { context, _, _, _, _ in
            guard let context else { return CURL_PREREQFUNC_ABORT }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.job.onSending?() == false ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK
        }
        return ccurl_set_sending_hook(easy, sending, Unmanaged.passUnretained(self).toOpaque()) == CURLE_OK
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        receivedBytes += bytes.count
        guard receivedBytes <= job.request.maximumResponseBytes else {
            refusal = .responseTooLarge
            return false
        }
        return pass(without(Array(bytes), isLast: false))
    }

    /// Secret by secret; what one filter holds back, the others have not seen yet.
    private func without(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
        var bytes = bytes
        for index in filters.indices {
            bytes = filters[index].push(bytes)
            if isLast { bytes += filters[index].finish() }
        }
        return bytes
    }

    private func pass(_ bytes: [UInt8]) -> Bool {
        guard bytes.isEmpty || job.onBytes(head, bytes) else {
            refusal = .stopped
            return false
        }
        return true
    }

    private func keep(_ line: UnsafeRawBufferPointer) -> Bool {
        answered.append(line)
        guard answered.byteCount <= job.request.maximumHeaderBytes ?? 0 else {
            refusal = .headersTooLarge
            return false
        }
        return true
    }

    private func supply(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let rest = job.request.body[sentBytes...].prefix(buffer.count)
        buffer.copyBytes(from: rest)
        sentBytes += rest.count
        return rest.count
    }

    private var head: ResponseHead {
        ResponseHead(
            status: ccurl_get_long(easy, CURLINFO_RESPONSE_CODE),
            contentType: ccurl_get_string(easy, CURLINFO_CONTENT_TYPE).map { String(cString: $0) } ?? "",
            headers: answered.fields)
    }

    private static let timerSlackMilliseconds = 20

    private var wasSent: Bool {
        sentBytes > 0 || receivedBytes > 0 || ccurl_get_long(easy, CURLINFO_REQUEST_SIZE) > 0
    }

    func outcome(of result: CURLcode) -> TransferEnd.Outcome {
        if let refusal { return refusal }
        switch result {
        case CURLE_OK: return .finished
        case CURLE_OPERATION_TIMEDOUT:
            // libcurl has one code for three limits.
            let elapsed = Int(ccurl_get_offset(easy, CURLINFO_TOTAL_TIME_T)) / 1000
            // Its timer may fire a little before its own clock shows the limit.
            if elapsed + Self.timerSlackMilliseconds >= job.request.timeoutMilliseconds { return .timedOut }
            return wasSent ? .idleTimedOut : .connectTimedOut
        default:
            let detail = String(cString: reason)
            let text = detail.isEmpty ? String(cString: curl_easy_strerror(result)) : detail
            return .failed(filters.reduce(text) { $1.redacting($0) })
        }
    }

    func end(_ outcome: TransferEnd.Outcome) -> TransferEnd {
        if refusal == nil { _ = pass(without([], isLast: true)) }
        return TransferEnd(
            outcome: outcome, head: head, wasSent: wasSent,
            retryAfterSeconds: Int(ccurl_get_offset(easy, CURLINFO_RETRY_AFTER)))
    }
}
