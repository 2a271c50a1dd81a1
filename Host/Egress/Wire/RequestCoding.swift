package import Gateway
package import Kernel

/// A request as it crosses to the egress process. Keys cross as where they are, never themselves.
package enum RequestCoding {
    private static let textBytes = 1 << 16
    private static let maximumHeaders = 256
    private static let largest = Int(Int32.max)

    static func put(_ request: OutgoingRequest, _ writer: inout ByteWriter) {
        writer.put(request.attempt ?? "")
        writer.put(request.mayBeSent)
        writer.put(request.label)
        writer.put(request.method)
        writer.put(request.url)
        put(request.headers, &writer)
        put(request.credential, &writer)
        for limit in [
            request.connectTimeoutMilliseconds, request.timeoutMilliseconds, request.idleTimeoutSeconds,
            request.maximumResponseBytes,
        ] {
            writer.put(UInt32(clamping: min(max(0, limit), largest)))
        }
        writer.put(request.proxy ?? "")
        writer.put(request.certificateFile ?? "")
        writer.putRest(request.body)
    }

    static func request(_ reader: inout ByteReader) throws(WireError) -> OutgoingRequest {
        let attempt = try reader.text(atMost: AttemptName.maximumBytes)
        let mayBeSent = try reader.flag()
        let label = try reader.text(atMost: ExchangeRecord.maximumTextBytes)
        let method = try reader.text(atMost: 32)
        let url = try reader.text(atMost: textBytes)
        let headers = try Self.headers(&reader)
        let credential = try credential(&reader)
        var limits: [Int] = []
        for _ in 0..<4 { limits.append(Int(try reader.integer(UInt32.self))) }
        let proxy = try reader.text(atMost: textBytes)
        let certificateFile = try reader.text(atMost: textBytes)
        var request = OutgoingRequest(
            url: url, headers: headers, body: reader.takeRest(), connectTimeoutMilliseconds: limits[0],
            timeoutMilliseconds: limits[1], idleTimeoutSeconds: limits[2], maximumResponseBytes: limits[3],
            proxy: proxy.isEmpty ? nil : proxy, certificateFile: certificateFile.isEmpty ? nil : certificateFile,
            credential: credential, attempt: attempt.isEmpty ? nil : attempt, label: label)
        request.mayBeSent = mayBeSent
        request.method = method
        return request
    }

    private static func put(_ headers: [(name: String, value: String)], _ writer: inout ByteWriter) {
        writer.put(UInt16(clamping: headers.count))
        for header in headers {
            writer.put(header.name)
            writer.put(header.value)
        }
    }

    private static func headers(_ reader: inout ByteReader) throws(WireError) -> [(name: String, value: String)] {
        let count = Int(try reader.integer(UInt16.self))
        guard count <= maximumHeaders else { throw WireError("\(count) headers") }
        var headers: [(name: String, value: String)] = []
        for _ in 0..<count {
            headers.append((name: try reader.text(atMost: textBytes), value: try reader.text(atMost: textBytes)))
        }
        return headers
    }

    private static func put(_ credential: RequestCredential?, _ writer: inout ByteWriter) {
        switch credential {
        case nil: writer.put(UInt8(0))
        case .key(let key, let header):
            writer.put(UInt8(1))
            put(key, &writer)
            writer.put(header.name)
            writer.put(header.prefix)
        case .amazon(let keys, let region, let service):
            writer.put(UInt8(2))
            put(keys.accessKeyID, &writer)
            put(keys.secretAccessKey, &writer)
            writer.put(keys.sessionToken != nil)
            if let token = keys.sessionToken { put(token, &writer) }
            writer.put(region)
            writer.put(service)
        }
    }

    private static func put(_ key: ProviderKey, _ writer: inout ByteWriter) {
        let (kind, texts): (UInt8, [String]) =
            switch key {
            case .environment(let name): (1, [name])
            case .file(let path): (2, [path])
            case .vault(let name, let vault): (3, [name, vault.path, vault.keyPath])
            // ``canCross(_:)`` keeps it here.
            case .closure: (0, [])
            }
        writer.put(kind)
        texts.forEach { writer.put($0) }
    }

    /// A key that only this process can read does not.
    static func canCross(_ request: OutgoingRequest) -> Bool {
        let keys: [ProviderKey?] =
            switch request.credential {
            case nil: []
            case .key(let key, _): [key]
            case .amazon(let keys, _, _): [keys.accessKeyID, keys.secretAccessKey, keys.sessionToken]
            }
        return keys.allSatisfy { if case .closure = $0 { false } else { true } }
    }

    private static func credential(_ reader: inout ByteReader) throws(WireError) -> RequestCredential? {
        switch try reader.integer(UInt8.self) {
        case 0: return nil
        case 1:
            let key = try key(&reader)
            return .key(
                key, KeyHeader(name: try reader.text(atMost: textBytes), prefix: try reader.text(atMost: textBytes)))
        case 2:
            var keys = AmazonKeys(accessKeyID: try key(&reader), secretAccessKey: try key(&reader))
            if try reader.flag() { keys.sessionToken = try key(&reader) }
            return .amazon(
                keys, region: try reader.text(atMost: textBytes), service: try reader.text(atMost: textBytes))
        case let other: throw WireError("no credential has the kind \(other)")
        }
    }

    private static func key(_ reader: inout ByteReader) throws(WireError) -> ProviderKey {
        switch try reader.integer(UInt8.self) {
        case 1: return .environment(try reader.text(atMost: textBytes))
        case 2: return .file(try reader.text(atMost: textBytes))
        case 3:
            return .vault(
                try reader.text(atMost: textBytes),
                KeyVault(path: try reader.text(atMost: textBytes), keyPath: try reader.text(atMost: textBytes)))
        case let other: throw WireError("no key has the kind \(other)")
        }
    }

    /// Of what the other side is asked, without keys, signatures and limits. Two requests with the same digest are the
    /// same.
    package static func digest(_ request: OutgoingRequest) -> Digest {
        var writer = ByteWriter(capacity: request.body.count + 512)
        writer.put(request.method)
        writer.put(request.url)
        put(request.headers, &writer)
        writer.putRest(request.body)
        return Digest.sha256(writer.bytes)
    }
}
