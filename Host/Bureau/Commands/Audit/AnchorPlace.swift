import Engine
import Gateway
import Kernel
import Synchronization

/// Where a checkpoint or a bundle is put so that nobody who holds this machine can take it back.
enum AnchorPlace {
    static let help =
        "a file, http(s)://… (posted there), or s3://bucket/key (BUREAU_S3_ENDPOINT, AWS_REGION and AWS_* keys)"
    private static let connectMilliseconds = 10_000
    private static let answerMilliseconds = 300_000
    private static let maximumBytes = 64 << 10

    case file(String)
    case webhook(String)
    /// `key` in the plain characters that need no encoding.
    case bucket(endpoint: String, bucket: String, key: String)

    init(_ text: String) throws(CommandFailure) {
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            self = .webhook(text)
        } else if text.hasPrefix("s3://") {
            let parts = text.dropFirst(5).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let isPlain = text.dropFirst(5).utf8.allSatisfy {
                (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
                    || [45, 46, 47, 95].contains($0)
            }
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, isPlain else {
                throw CommandFailure(
                    .usage, "\"\(text)\": write s3://bucket/key, of letters, digits, '-', '.', '_' and '/'")
            }
            let region = Environment.value("AWS_REGION") ?? "us-east-1"
            let endpoint = Environment.value("BUREAU_S3_ENDPOINT") ?? "https://s3.\(region).amazonaws.com"
            self = .bucket(endpoint: endpoint, bucket: String(parts[0]), key: String(parts[1]))
        } else {
            self = .file(text)
        }
    }

    func put(_ bytes: [UInt8]) async throws(CommandFailure) {
        switch self {
        case .file(let path):
            if let problem = FilePath.replace(path, with: bytes) {
                throw CommandFailure(.storeUnavailable, problem.text)
            }
        case .webhook(let url):
            try await Self.send(
                url, method: "POST", headers: [("Content-Type", "text/plain; charset=utf-8")], body: bytes)
        case .bucket(let endpoint, let bucket, let key):
            let headers = try Self.signed(endpoint, "/\(bucket)/\(key)", body: bytes)
            try await Self.send("\(endpoint)/\(bucket)/\(key)", method: "PUT", headers: headers, body: bytes)
        }
    }

    private static func signed(
        _ endpoint: String, _ path: String, body: [UInt8]
    ) throws(CommandFailure) -> [(name: String, value: String)] {
        guard let id = Environment.value("AWS_ACCESS_KEY_ID"), let secret = Environment.value("AWS_SECRET_ACCESS_KEY")
        else { throw CommandFailure(.usage, "s3:// needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") }
        let host = endpoint.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(String.init)
        guard let host, endpoint.hasPrefix("http://") || endpoint.hasPrefix("https://") else {
            throw CommandFailure(.usage, "BUREAU_S3_ENDPOINT \"\(endpoint)\": write https://s3.example.org")
        }
        let signature = AmazonSignature(
            credentials: .init(
                accessKeyID: id, secretAccessKey: secret, sessionToken: Environment.value("AWS_SESSION_TOKEN")),
            region: Environment.value("AWS_REGION") ?? "us-east-1", service: "s3")
        let content = [(name: "x-amz-content-sha256", value: Digest.sha256(body).hex)]
        return content
            + signature.headers(
                method: "PUT", host: host, path: path, headers: content, body: body, at: SystemClock.now())
    }

    private static func send(
        _ url: String, method: String, headers: [(name: String, value: String)], body: [UInt8]
    ) async throws(CommandFailure) {
        let client: CurlClient
        do {
            client = try CurlClient()
        } catch {
            throw CommandFailure(.internal, error.message)
        }
        defer { client.close() }
        var request = OutgoingRequest(
            url: url, headers: headers, body: body, connectTimeoutMilliseconds: connectMilliseconds,
            timeoutMilliseconds: answerMilliseconds, idleTimeoutSeconds: 60, maximumResponseBytes: maximumBytes)
        request.method = method
        let end = await client.send(request) { _, _ in true }
        guard end.outcome == .finished, (200..<300).contains(end.head.status) else {
            let reason =
                end.outcome == .finished ? "it answered \(end.head.status)" : end.failure?.message ?? "no answer"
            throw CommandFailure(.storeUnavailable, "\(url.printable) did not take it: \(reason)")
        }
    }
}
