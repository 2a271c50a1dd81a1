import Glibc

/// Which compiler made this library, and whether it shares the Swift runtime: an inline Swift plugin must match its
/// host in both.
enum Toolchain {
    static var name: String { "swift-\(compilerVersion);stdlib=\(sharesRuntime ? "dynamic" : "static")" }

    private static var compilerVersion: String {
        #if compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3.3)
            "6.3.3"
        #elseif compiler(>=6.3.2)
            "6.3.2"
        #elseif compiler(>=6.3.1)
            "6.3.1"
        #else
            "6.3"
        #endif
    }

    /// True when the standard library that this code uses is the one that other libraries can see: a statically
    /// linked one has no visible symbols. `$sSiN` is the type metadata of `Int`.
    private static var sharesRuntime: Bool {
        let used = unsafeBitCast(Int.self as Any.Type, to: UnsafeRawPointer.self)
        return dlsym(nil, "$sSiN").map { UnsafeRawPointer($0) } == used
    }
}
