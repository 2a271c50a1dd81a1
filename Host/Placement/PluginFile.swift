import CLane
import Glibc
package import Kernel
import Synchronization

/// Bytes that nobody can change any more: a sealed file in memory. What was checked is what is loaded.
package final class SealedFile: Sendable {
    /// What a worker does with it; the values of `clane/wire.h`.
    enum Load: UInt64, Sendable { case plugin = 0, library, libc }

    package let descriptor: Int32
    /// Of the file that it is a copy of, for reports.
    let name: String
    let load: Load
    private let isKept = Mutex(false)

    package convenience init(descriptor: Int32) { self.init(descriptor: descriptor, name: "plugin", load: .plugin) }

    init(descriptor: Int32, name: String, load: Load) {
        self.descriptor = descriptor
        self.name = name
        self.load = load
    }

    deinit {
        if !isKept.withLock({ $0 }) { close(descriptor) }
    }

    /// The descriptor, which is from now on never closed: the loader knows the library by it.
    package func keptForever() -> Int32 {
        isKept.withLock { $0 = true }
        return descriptor
    }
}

/// A plugin file as it was when it was opened: sealed, hashed, and statically checked.
package struct PluginFile: Sendable {
    package let path: String
    package let digest: Digest
    package let elf: ELFFile
    let sealed: SealedFile

    /// - Throws: `unreadable` for what is no regular file, cannot be read or is over `limit` bytes; and what
    ///   ``ELFFile/init(checking:)`` throws.
    package static func open(_ path: String, limit: UInt64 = 256 << 20) throws(PlacementError) -> PluginFile {
        try open(path, limit: limit) { bytes throws(PlacementError) in (try ELFFile(checking: bytes), .plugin) }
    }

    /// A plain library, whose functions are called without a plugin around them.
    package static func openLibrary(
        _ path: String, exporting functions: [String], limit: UInt64
    ) throws(PlacementError) -> PluginFile {
        try open(path, limit: limit) { bytes throws(PlacementError) in
            let elf = try ELFFile(checking: bytes, exporting: functions, isSystemLibrary: true)
            return (elf, elf.soname == "libc.so.6" ? .libc : .library)
        }
    }

    /// - Throws: `missingEntry` when one of the functions is not exported.
    func requireFunctions(_ functions: [String]) throws(PlacementError) {
        let bytes = try Self.contents(of: sealed.descriptor, path)
        _ = try ELFFile(checking: bytes, exporting: functions)
    }

    private static func open(
        _ path: String, limit: UInt64, check: ([UInt8]) throws(PlacementError) -> (ELFFile, SealedFile.Load)
    ) throws(PlacementError) -> PluginFile {
        let descriptor = lane_seal_file(path, limit)
        guard descriptor >= 0 else { throw PlacementError(.unreadable, "\(path): \(reason(-descriptor, limit))") }
        do throws(PlacementError) {
            let bytes = try contents(of: descriptor, path)
            let (elf, load) = try named(path) { () throws(PlacementError) in try check(bytes) }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let sealed = SealedFile(descriptor: descriptor, name: name, load: load)
            return PluginFile(path: path, digest: Digest.sha256(bytes), elf: elf, sealed: sealed)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// A refusal names the file.
    private static func named<Value>(
        _ path: String, _ body: () throws(PlacementError) -> Value
    ) throws(PlacementError) -> Value {
        do {
            return try body()
        } catch {
            throw PlacementError(error.code, "\(path): \(error.message)")
        }
    }

    private static func reason(_ error: Int32, _ limit: UInt64) -> String {
        switch error {
        case EINVAL: "not a regular file"
        case EFBIG: "larger than \(limit) bytes"
        default: SystemError.text(error)
        }
    }

    private static func contents(of descriptor: Int32, _ path: String) throws(PlacementError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw PlacementError(.unreadable, "\(path): \(SystemError.text(errno))")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done, off_t(done))
            }
            guard count > 0 else { throw PlacementError(.unreadable, "\(path): \(SystemError.text(errno))") }
            done += count
        }
        return bytes
    }
}
