import Kernel

/// Base64 for URLs without padding (RFC 4648, 5), in the one spelling that each sequence of bytes has.
package enum Base64URL {
    package static func encode(_ bytes: [UInt8]) -> String {
        String(
            Base64.encode(bytes).compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }

    /// Nil for padding, for other characters, and where bits that mean nothing are set.
    package static func decode(_ text: Substring) -> [UInt8]? {
        guard text.utf8.count % 4 != 1 else { return nil }
        var usual = ""
        for character in text {
            switch character {
            case "-": usual.append("+")
            case "_": usual.append("/")
            case "+", "/", "=": return nil
            default: usual.append(character)
            }
        }
        usual += String(repeating: "=", count: (4 - usual.utf8.count % 4) % 4)
        guard let bytes = Base64.decode(usual), encode(bytes) == text else { return nil }
        return bytes
    }
}
