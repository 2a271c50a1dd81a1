import CCurl
import Dispatch

/// The body of the client's thread, which alone uses the handles.
struct CurlLoop {
    /// A wake-up ends the wait sooner; this is only the longest nap.
    private static let pollMilliseconds: Int32 = 1000
    /// Idle connections kept for the next calls.
    private static let keptConnections = 64

    let mailbox: CurlMailbox
    private var transfers: [UnsafeMutableRawPointer: CurlTransfer] = [:]

    init(mailbox: CurlMailbox) { self.mailbox = mailbox }

    func run() {
        guard let multi = UnsafeMutableRawPointer(bitPattern: mailbox.multi) else { return }
        var loop = self
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.keptConnections)
        loop.drive(multi)
        mailbox.retire()
        curl_multi_cleanup(multi)
        mailbox.ended.signal()
    }

    private mutating func drive(_ multi: UnsafeMutableRawPointer) {
        while true {
            let (commands, isClosing) = mailbox.take()
            for command in commands { obey(command, multi) }
            if isClosing {
                for transfer in Array(transfers.values) { end(transfer, .cancelled, multi) }
                return
            }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            reap(multi)
            curl_multi_poll(multi, nil, 0, Self.pollMilliseconds, nil)
        }
    }

    private mutating func obey(_ command: CurlMailbox.Command, _ multi: UnsafeMutableRawPointer) {
        switch command {
        case .start(let job):
            guard let transfer = CurlTransfer(job) else {
                job.onEnd(TransferEnd(unsent: .failed("libcurl refused the request's settings")))
                return
            }
            guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
                job.onEnd(TransferEnd(unsent: .failed("libcurl cannot take another transfer")))
                return
            }
            transfers[transfer.easy] = transfer
        case .cancel(let id):
            if let transfer = transfers.values.first(where: { $0.job.id == id }) { end(transfer, .cancelled, multi) }
        }
    }

    private mutating func reap(_ multi: UnsafeMutableRawPointer) {
        var easy: UnsafeMutableRawPointer?
        var result = CURLE_OK
        while ccurl_next_done(multi, &easy, &result) == 1 {
            guard let easy, let transfer = transfers[easy] else { continue }
            end(transfer, transfer.outcome(of: result), multi)
        }
    }

    private mutating func end(
        _ transfer: CurlTransfer, _ outcome: TransferEnd.Outcome, _ multi: UnsafeMutableRawPointer
    ) {
        let end = transfer.end(outcome)
        curl_multi_remove_handle(multi, transfer.easy)
        transfers[transfer.easy] = nil
        transfer.job.onEnd(end)
    }
}
