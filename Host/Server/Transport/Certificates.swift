import Glibc
import Logging
import NIOSSL
import Synchronization

/// The certificate that new connections are shown. A new one is taken when its files change, or when told to; those
/// that are open go on with what they have. What cannot be used changes nothing.
final class Certificates: Sendable {
    private static let pollSeconds = 2

    private let settings: TransportSettings.TLS
    private let current: Mutex<NIOSSLContext>
    private let logger: Logger

    /// - Throws: when the files cannot be read, are no certificate and key, or do not belong together.
    init(_ settings: TransportSettings.TLS, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        current = Mutex(try Self.load(settings))
    }

    var context: NIOSSLContext { current.withLock { $0 } }

    /// - Returns: whether the files were taken.
    @discardableResult
    func reload() -> Bool {
        do {
            let context = try Self.load(settings)
            current.withLock { $0 = context }
            logger.notice("new certificate", metadata: ["file": "\(settings.certificatePath)"])
            return true
        } catch {
            logger.error(
                "the new certificate is not used: the old one goes on",
                metadata: ["file": "\(settings.certificatePath)", "error": "\(error)"])
            return false
        }
    }

    /// Looks at both files every two seconds: whoever renews them may replace files, links or folders, which a watch
    /// on any one of them would miss. Two looks at an entry of the file system are nothing that would block.
    func follow() async {
        var tried = stamps(), last = tried
        while (try? await Task.sleep(for: .seconds(Self.pollSeconds))) != nil {
            let now = stamps()
            // Certificate and key are two files: both must have settled since the last look.
            let hasSettled = now == last
            last = now
            guard hasSettled, now != tried, now.allSatisfy({ $0 != nil }) else { continue }
            // What cannot be used is said once, not at each look.
            tried = now
            reload()
        }
    }

    /// Of the entry's change, not of its contents' alone: a key that is made readable later is worth another try.
    private struct Stamp: Equatable {
        var seconds: Int
        var nanoseconds: Int
        var inode: UInt
        var size: Int
    }

    private func stamps() -> [Stamp?] {
        [settings.certificatePath, settings.keyPath].map { path in
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            return Stamp(
                seconds: status.st_ctim.tv_sec, nanoseconds: status.st_ctim.tv_nsec, inode: UInt(status.st_ino),
                size: Int(status.st_size))
        }
    }

    private static func load(_ settings: TransportSettings.TLS) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(settings.certificatePath)
        let key = try NIOSSLPrivateKey(file: settings.keyPath, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = settings.allowsTLS12 ? .tlsv12 : .tlsv13
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}
