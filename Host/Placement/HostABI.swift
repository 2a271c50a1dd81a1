import CBureau

/// The version of the boundary that this host speaks.
package enum HostABI {
    package static let major = Int(BUREAU_ABI_MAJOR)
    package static let minor = Int(BUREAU_ABI_MINOR)
}
