public import CBureau
import PluginKit
import Life

// The name is the boundary's.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func bureau_plugin_entry_v1(_ host: UnsafePointer<bureau_host_info>?) -> UnsafePointer<bureau_entry>? {
    Life.entry(host)
}
