/// The version of this host, as `--version`, the HTTP API and the handshake with plugins tell it.
package enum HostVersion {
    package static let current = "0.1.0"
}
