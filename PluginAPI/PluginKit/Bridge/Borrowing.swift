package import CBureau
package import FoundationEssentials

// Memory lent to the other side for the length of one call, and copies of what it lends to us.

@inline(__always)
package func withBorrowed<R>(_ text: String, _ body: (bureau_str) -> R) -> R {
    var text = text
    return text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { body(bureau_str(ptr: $0.baseAddress, len: UInt64($0.count))) }
    }
}

@inline(__always)
package func withBorrowed<R>(_ data: Data, _ body: (bureau_buf) -> R) -> R {
    data.withUnsafeBytes { bytes in
        body(bureau_buf(ptr: bytes.assumingMemoryBound(to: UInt8.self).baseAddress, len: UInt64(bytes.count)))
    }
}

extension bureau_str {
    package var copy: String {
        guard let ptr, len > 0 else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: ptr, count: Int(len)), as: UTF8.self)
    }
}

extension bureau_buf {
    package var copy: Data {
        guard let ptr, len > 0 else { return Data() }
        return Data(bytes: ptr, count: Int(len))
    }
}
