public import CBureau
import Safety
import PluginKit

// The name is the boundary's.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func bureau_plugin_entry_v1(_ host: UnsafePointer<bureau_host_info>?) -> UnsafePointer<bureau_entry>? {
    Safety.entry(host)
}
