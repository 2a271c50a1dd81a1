import CBureau
import Greeter
import PluginKit

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func bureau_plugin_entry_v1(_ host: UnsafePointer<bureau_host_info>?) -> UnsafePointer<bureau_entry>? {
    Greeter.entry(host)
}
