import Dispatch
import Egress
import Gateway
import Kernel
import Synchronization

/// Performs the host's exchanges until the host is gone and what was sent has ended.
final class EgressService: Sendable {
    /// How often a record that another process still writes is looked at.
    private static let tailMilliseconds: Int32 = 20

    private let socket: FrameSocket
    private let folder: SpoolFolder
    private let client: CurlClient
    private let syncer: SpoolSyncer
    private let maximumExchanges: Int
    private let exchanges = Mutex<[UInt64: Exchange]>([:])
    private let isGreeted = Mutex(false)
    /// What was given to libcurl and has not ended.
    private let underway = DispatchGroup()

    init(socket: FrameSocket, folder: SpoolFolder, maximumExchanges: Int) throws(Failure) {
        self.socket = socket
        self.folder = folder
        self.maximumExchanges = maximumExchanges
        client = try CurlClient()
        syncer = SpoolSyncer(folder: folder)
    }

    func run() {
        _ = socket.run(
            FrameSocket.Handlers(
                frame: { content throws(WireError) in try self.obey(try HostFrame(decoding: content)) },
                drained: { for exchange in self.all { exchange.pump() } },
                nap: {
                    let tails = self.all.filter(\.isTail)
                    for exchange in tails { exchange.watch() }
                    return tails.isEmpty ? -1 : Self.tailMilliseconds
                }))
        // The host is gone, or breaks the protocol: nothing new is sent, what was sent is received to its end.
        socket.shutDown()
        underway.wait()
        syncer.finish()
        client.close()
    }

    private var all: [Exchange] { exchanges.withLock { Array($0.values) } }

    private func obey(_ frame: HostFrame) throws(WireError) {
        let isFirst = isGreeted.withLock { greeted in
            defer { greeted = true }
            return !greeted
        }
        switch frame {
        case .hello(let version):
            guard isFirst else { throw WireError("a second hello") }
            guard version == EgressProtocol.version else { throw WireError("version \(version) of the protocol") }
            socket.send(EgressFrame.welcome(version: EgressProtocol.version).encoded)
        case _ where isFirst: throw WireError("the first frame is hello")
        case .start(let id, let request): try start(id, request)
        case .cancel(let id): exchanges.withLock { $0[id] }?.cancel()
        case .forget(let attempt):
            syncer.forget(attempt)
            folder.remove(attempt)
        }
    }

    private func start(_ id: UInt64, _ request: OutgoingRequest) throws(WireError) {
        let count = try exchanges.withLock { exchanges throws(WireError) in
            guard exchanges[id] == nil else { throw WireError("exchange \(id) exists") }
            return exchanges.count
        }
        guard let attempt = request.attempt else { throw WireError("exchange \(id) has no attempt") }
        let exchange = Exchange(
            id: id, attempt: attempt, request: request,
            surroundings: Exchange.Surroundings(socket: socket, folder: folder, client: client, underway: underway),
            onEnd: { [self] file in
                exchanges.withLock { $0[id] = nil }
                if let file { syncer.add(file, attempt) }
            })
        guard count < maximumExchanges else {
            let text = "\(count) calls are under way, as many as the egress process takes; nothing was sent"
            return exchange.refuse(Failure(.busy, text), wasSent: false)
        }
        exchanges.withLock { $0[id] = exchange }
        exchange.begin()
        // The reading thread looks at its tails before it waits again.
    }
}
