/// Keeps a result below the boundary's limit for one message (16 MiB, `bureau/base.h`), with room for what is not
/// counted.
struct MessageRoom {
    private var left = 15_000_000

    /// True, and taken, when a string still fits as JSON, with `extra` bytes for what stands around it.
    mutating func take(_ text: String, extra: Int = 10) -> Bool {
        let size = text.utf8.reduce(extra) { size, byte in
            switch byte {
            case 0x22, 0x5C, 0x0A, 0x0D, 0x09: size + 2
            case ..<0x20: size + 6
            default: size + 1
            }
        }
        guard size <= left else { return false }
        left -= size
        return true
    }
}
