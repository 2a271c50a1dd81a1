import Foundation
import Glibc
package import Kernel

/// HTTP/1.1 on loopback over plain sockets, one connection a request: thousands of requests without a process each.
package struct LoopbackClient: Sendable {
    package struct Response: Sendable {
        package var status: Int
        /// By their names in lower case; the last of a name counts.
        package var headers: [String: String] = [:]
        package var body: [UInt8]
        package func json() throws -> JSONValue { try JSONParser.parse(body) }
    }

    private let port: UInt16
    private let limitSeconds: Int

    /// - Parameter limitSeconds: a hang guard, and no measure.
    package init(port: UInt16, limitSeconds: Int = 60) {
        self.port = port
        self.limitSeconds = limitSeconds
    }

    package func get(_ path: String) throws -> Response { try send("GET", path, nil) }
    package func put(_ path: String, _ body: JSONValue) throws -> Response { try send("PUT", path, body.bytes) }
    package func post(_ path: String, _ body: JSONValue = [:]) throws -> Response { try send("POST", path, body.bytes) }

    /// - Parameter headers: in place of the usual ones of their names.
    package func send(
        _ method: String, _ path: String, _ body: [UInt8]?, headers: [String: String] = [:]
    ) throws -> Response {
        let descriptor = try connected()
        defer { close(descriptor) }
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(headers["Host"] ?? "localhost")\r\nConnection: close\r\n"
        for (name, value) in headers where name != "Host" { head += "\(name): \(value)\r\n" }
        if let body {
            if headers["Content-Type"] == nil { head += "Content-Type: application/json\r\n" }
            head += "Content-Length: \(body.count)\r\n"
        }
        try write(Array((head + "\r\n").utf8) + (body ?? []), to: descriptor)
        return try parsed(try everything(from: descriptor), path)
    }

    private func connected() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var limit = timeval(tv_sec: limitSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw Failure(.io, "connect: \(reason)")
        }
        return descriptor
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, 0x4000) }
            // A server that refuses early does not read on: its answer is there all the same.
            if count < 0, errno == EPIPE || errno == ECONNRESET { return }
            guard count > 0 else { throw Failure(.io, "send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    private func everything(from descriptor: Int32) throws -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Failure(.io, "recv: \(String(cString: strerror(errno)))") }
            if count == 0 { return all }
            all += buffer[..<count]
        }
    }

    private func parsed(_ bytes: [UInt8], _ path: String) throws -> Response {
        let data = Data(bytes)
        guard let end = data.range(of: Data("\r\n\r\n".utf8)),
            let status = Int(String(decoding: data[..<end.lowerBound], as: UTF8.self).split(separator: " ")[1])
        else { throw Failure(.io, "\(path): no answer in \(bytes.count) bytes") }
        let fields = String(decoding: data[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            .dropFirst()
        let pairs = fields.compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        return Response(
            status: status, headers: Dictionary(pairs, uniquingKeysWith: { $1 }), body: Array(data[end.upperBound...]))
    }
}
