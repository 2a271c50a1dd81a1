import Crypto
import Foundation
import Glibc
package import Kernel

/// AWS Signature Version 4, for requests whose body is sent whole.
///
/// Made here and not by libcurl: Debian's libcurl 7.88 signs the path as it is sent, but AWS encodes each segment once
/// more before it compares (`%3A` becomes `%253A`), so every model id with a colon would be refused.
package struct AmazonSignature {
    package struct Credentials {
        package var accessKeyID: String
        package var secretAccessKey: String
        package var sessionToken: String?

        package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
            self.accessKeyID = accessKeyID
            self.secretAccessKey = secretAccessKey
            self.sessionToken = sessionToken
        }
    }

    private let credentials: Credentials
    private let region: String
    private let service: String

    package init(credentials: Credentials, region: String, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The headers to add: `x-amz-date`, `x-amz-security-token` if there is one, and `Authorization`.
    ///
    /// - Parameters:
    ///   - path: as it is sent, that is encoded once.
    ///   - query: sorted, encoded `name=value` pairs.
    ///   - headers: to be signed too, besides `host`.
    package func headers(
        method: String, host: String, path: String, query: String = "", headers: [(name: String, value: String)] = [],
        body: [UInt8], at instant: Instant
    ) -> [(name: String, value: String)] {
        let time = Self.timestamp(instant)
        let date = String(time.prefix(8))
        var added: [(name: String, value: String)] = [("x-amz-date", time)]
        if let token = credentials.sessionToken { added.append(("x-amz-security-token", token)) }
        let signed = (headers + added + [("host", host)])
            .map { (name: $0.name.lowercased(), value: Self.trimmed($0.value)) }
            .sorted { $0.name < $1.name }
        let names = signed.map(\.name).joined(separator: ";")
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        let canonical = [
            method, segments.map { PercentEncoding.encode(String($0)) }.joined(separator: "/"), query,
            signed.map { "\($0.name):\($0.value)\n" }.joined(), names, Digest.sha256(body).hex,
        ].joined(separator: "\n")
        let scope = "\(date)/\(region)/\(service)/aws4_request"
        let text = ["AWS4-HMAC-SHA256", time, scope, Digest.sha256(canonical.utf8).hex].joined(separator: "\n")
        let key = [date, region, service, "aws4_request"].reduce(Array("AWS4\(credentials.secretAccessKey)".utf8)) {
            Self.code($1, key: $0)
        }
        let value =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), "
            + "Signature=\(Hex.encode(Self.code(text, key: key)))"
        return added + [("Authorization", value)]
    }

    private static func code(_ text: String, key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: key)))
    }

    /// Runs of spaces count as one.
    private static func trimmed(_ value: String) -> String {
        value.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }

    /// `20150830T123600Z`.
    static func timestamp(_ instant: Instant) -> String {
        var seconds = time_t(instant.unixMilliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int32, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2) + "T"
            + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2) + "Z"
    }
}
