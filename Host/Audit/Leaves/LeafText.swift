package import Kernel

extension JSONValue {
    private static let maximumLeafTextBytes = 200

    /// Text as leaves hold it: what is longer, or holds what a leaf may not, stands there as its digest.
    package static func leafText(_ text: String) -> JSONValue {
        let fits = text.utf8.count <= maximumLeafTextBytes && !text.utf8.contains(0) && !text.hasPrefix("sha256:")
        return .string(fits ? text : "sha256:" + Digest.sha256(text.utf8).hex)
    }

    /// Beyond 2^53 − 1 a number is written as text.
    package static func leafNumber(_ number: Int64) -> JSONValue {
        number.magnitude <= UInt64(CanonicalJSON.maximumInteger) ? .integer(number) : .string(String(number))
    }
}
