import CFaults
import Foundation
import TestSupport

/// What a store's host wrote to its medium, in order, with the places where a commit was acknowledged.
struct Recording {
    enum Place: Int, Hashable { case store = 0, log = 1 }

    enum Entry {
        case write(Place, offset: Int, bytes: [UInt8])
        case truncate(Place, size: Int)
        case sync(Place)
        /// So many commits were acknowledged by now.
        case acknowledged(Int)
    }

    /// The log of a closed recorder.
    static func take() -> [Entry] {
        (0..<record_count()).compactMap { index in
            let entry = record_at(index)
            let place = Place(rawValue: Int(entry.file)) ?? .store
            switch Int(entry.kind) {
            case RECORD_WRITE:
                let bytes = [UInt8](UnsafeBufferPointer(start: entry.bytes, count: entry.length))
                return .write(place, offset: Int(entry.offset), bytes: bytes)
            case RECORD_TRUNCATE: return .truncate(place, size: Int(entry.offset))
            case RECORD_SYNC: return .sync(place)
            default: return .acknowledged(Int(entry.offset))
            }
        }
    }
}

/// A file as the medium has it: what was synced, and in which order the rest was written since.
struct MediumFile {
    private(set) var synced: [UInt8] = []
    private(set) var pending: [Recording.Entry] = []

    mutating func note(_ entry: Recording.Entry) { pending.append(entry) }

    mutating func sync() {
        synced = Self.applying(pending, to: synced)
        pending = []
    }

    /// With some of what was not synced. A write that stands past the end of the file leaves zeros before it.
    func image(_ keep: (Int, Recording.Entry) -> Recording.Entry?) -> [UInt8] {
        Self.applying(pending.enumerated().compactMap { keep($0.offset, $0.element) }, to: synced)
    }

    private static func applying(_ entries: [Recording.Entry], to bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for entry in entries {
            switch entry {
            case .write(_, let offset, let content):
                let end = offset + content.count
                if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
                bytes.replaceSubrange(offset..<end, with: content)
            case .truncate(_, let size):
                if size < bytes.count { bytes.removeLast(bytes.count - size) }
            case .sync, .acknowledged: break
            }
        }
        return bytes
    }
}
