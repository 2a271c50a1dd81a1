/// The Swift compiler and runtime that this host was built with, spelled as plugins spell theirs in
/// `bureau_entry.toolchain`. Linux has no stable Swift ABI: two toolchains never share one process.
package enum HostToolchain {
    package static var name: String { "swift-\(compiler);stdlib=dynamic" }

    private static var compiler: String {
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
}
