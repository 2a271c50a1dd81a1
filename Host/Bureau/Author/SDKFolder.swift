/// The SDK that came with this command: headers, SDKs of languages, templates.
enum SDKFolder {
    /// In a source tree `PluginAPI` above the built command; installed, `share/bureau/PluginAPI` in a folder above it.
    static func locate() throws(CommandFailure) -> String {
        var folder = FilePath.parent(FilePath.link("/proc/self/exe") ?? CommandLine.arguments[0])
        while true {
            for place in ["PluginAPI", "share/bureau/PluginAPI"] {
                let candidate = FilePath.join(folder, place)
                if FilePath.exists(candidate + "/CBureau/include/bureau/bureau.h") { return candidate }
            }
            guard folder != "/" else { break }
            folder = FilePath.parent(folder)
        }
        throw CommandFailure(
            .internal, "the SDK is missing: no PluginAPI folder above the command, nor share/bureau/PluginAPI beside it"
        )
    }
}
