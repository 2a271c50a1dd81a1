import FoundationEssentials

/// The types that JSON has by itself, and those that the JSON coders treat so.
enum Scalar {
    static func sample<T>(_ type: T.Type) -> T? {
        switch type {
        case is Bool.Type: false as? T
        case is String.Type: "" as? T
        case is Double.Type: 0.0 as? T
        case is Float.Type: Float(0) as? T
        case is Data.Type: Data() as? T
        case is UUID.Type: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) as? T
        case is URL.Type: URL(string: "about:blank") as? T
        default: (type as? any FixedWidthInteger.Type).flatMap { zero($0) as? T }
        }
    }

    private static func zero<I: FixedWidthInteger>(_: I.Type) -> Any { I.zero }
}
