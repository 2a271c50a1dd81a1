import Foundation
import Glibc
package import Kernel
import Synchronization

/// `getaddrinfo`, which blocks: on threads of its own, and never on too many.
package final class SystemResolver: Sendable {
    package static let shared = SystemResolver()

    /// A look-up that nobody waits for any more still holds its thread until the system gives up.
    private static let maximumLookups = 32
    private static let maximumAddresses = 16
    private let lookups = Atomic<Int>(0)

    package func addresses(of name: String) async throws(Failure) -> [IPAddress] {
        guard lookups.wrappingAdd(1, ordering: .relaxed).newValue <= Self.maximumLookups else {
            lookups.wrappingSubtract(1, ordering: .relaxed)
            throw Failure(.busy, "too many names are being looked up; try again")
        }
        let found: Result<[IPAddress], Failure> = await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                let result = Self.lookUp(name)
                lookups.wrappingSubtract(1, ordering: .relaxed)
                continuation.resume(returning: result)
            }
        }
        return try found.get()
    }

    private static func lookUp(_ name: String) -> Result<[IPAddress], Failure> {
        var hints = addrinfo()
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard code == 0 else {
            let text = "\(name) cannot be looked up: \(String(cString: gai_strerror(code)))"
            return .failure(Failure(code == EAI_NONAME ? .notFound : .io, text))
        }
        // Each comes once for every kind of socket.
        var addresses: [IPAddress] = []
        var next = list
        while let entry = next, addresses.count < maximumAddresses {
            if let address = address(entry.pointee), !addresses.contains(address) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        return .success(addresses)
    }

    private static func address(_ entry: addrinfo) -> IPAddress? {
        guard let stored = entry.ai_addr else { return nil }
        let raw = UnsafeRawPointer(stored)
        switch entry.ai_family {
        case AF_INET:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) {
                IPAddress(bytes: Array($0))
            }
        case AF_INET6:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) {
                IPAddress(bytes: Array($0))
            }
        default: return nil
        }
    }
}
