import CCurl
import Glibc
import Kernel

/// The address that libcurl is about to connect to.
enum SocketTarget {
    static func address(of target: UnsafeMutablePointer<curl_sockaddr>) -> IPAddress? {
        let length = Int(target.pointee.addrlen)
        return withAddress(of: target) { address in
            switch target.pointee.family {
            case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
                let stored = address.loadUnaligned(as: sockaddr_in.self)
                return withUnsafeBytes(of: stored.sin_addr) { IPAddress(bytes: Array($0)) }
            case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
                let stored = address.loadUnaligned(as: sockaddr_in6.self)
                return withUnsafeBytes(of: stored.sin6_addr) { IPAddress(bytes: Array($0)) }
            default: return nil
            }
        }
    }

    static func socket(for target: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let kind = target.pointee.socktype | Int32(bitPattern: SOCK_CLOEXEC.rawValue)
        return Glibc.socket(target.pointee.family, kind, target.pointee.protocol)
    }

    /// libcurl declares the field as the short `sockaddr` and allocates room for the longest.
    private static func withAddress<Value>(
        of target: UnsafeMutablePointer<curl_sockaddr>, _ body: (UnsafeRawPointer) -> Value
    ) -> Value {
        let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? MemoryLayout<curl_sockaddr>.size
        return body(UnsafeRawPointer(target) + offset)
    }
}
