package import Kernel

/// The head of a base backup: what it is of, readable without a key.
package struct BackupHead: Hashable, Sendable {
    static let format = "bureau.backup/1"

    /// After every commit that is in it.
    package var takenAt: Instant
    package var schema: Int64
    package var pageBytes: Int64
    package var pages: Int64
    /// The audit log as it was.
    package var auditSize: Int64
    package var auditRoot: Digest
    /// Where in the archive of commits the rest begins; nil when the store had none.
    package var archive: ArchivePosition?

    var json: JSONValue {
        [
            "format": .string(Self.format), "taken_at_ms": .integer(takenAt.unixMilliseconds),
            "schema": .integer(schema), "page_bytes": .integer(pageBytes), "pages": .integer(pages),
            "audit_size": .integer(auditSize), "audit_root": .string(auditRoot.hex),
            "archive": archive?.json ?? .null,
        ]
    }

    /// Nil for another kind of file.
    init?(_ json: JSONValue) {
        guard json["format"]?.stringValue == Self.format, let taken = json["taken_at_ms"]?.integerValue,
            let schema = json["schema"]?.integerValue, let pageBytes = json["page_bytes"]?.integerValue,
            let pages = json["pages"]?.integerValue, let size = json["audit_size"]?.integerValue,
            let root = json["audit_root"]?.stringValue.flatMap(Digest.init(hex:)), pages > 0,
            (512...65_536).contains(pageBytes)
        else { return nil }
        self.init(
            takenAt: Instant(unixMilliseconds: taken), schema: schema, pageBytes: pageBytes, pages: pages,
            auditSize: size, auditRoot: root, archive: json["archive"].flatMap(ArchivePosition.init))
    }

    init(
        takenAt: Instant, schema: Int64, pageBytes: Int64, pages: Int64, auditSize: Int64, auditRoot: Digest,
        archive: ArchivePosition?
    ) {
        self.takenAt = takenAt
        self.schema = schema
        self.pageBytes = pageBytes
        self.pages = pages
        self.auditSize = auditSize
        self.auditRoot = auditRoot
        self.archive = archive
    }
}

/// A place in an archive of commits: an unbroken chain of segments, and the number of one in it.
package struct ArchivePosition: Hashable, Sendable {
    package var epoch: String
    package var segment: Int64

    var json: JSONValue { ["epoch": .string(epoch), "segment": .integer(segment)] }

    init?(_ json: JSONValue) {
        guard let epoch = json["epoch"]?.stringValue, let segment = json["segment"]?.integerValue else { return nil }
        self.init(epoch: epoch, segment: segment)
    }

    init(epoch: String, segment: Int64) {
        self.epoch = epoch
        self.segment = segment
    }
}

/// The head of a segment: some commits, one after the other.
struct SegmentHead: Hashable, Sendable {
    static let format = "bureau.commits/1"

    var position: ArchivePosition
    var pageBytes: Int64
    /// The log that the frames were read from, and how many of its frames are archived with this segment.
    var salts: [UInt32]
    var frames: Int64
    /// Times of the first and the last commit in it; equal to the time of writing where there is none.
    var from: Instant
    var to: Instant
    /// The incarnation of the host that wrote it.
    var host: Int64
    /// Everything was archived, and the store closed.
    var isClosing: Bool

    var json: JSONValue {
        [
            "format": .string(Self.format), "position": position.json, "page_bytes": .integer(pageBytes),
            "salts": .array(salts.map { .integer(Int64($0)) }), "frames": .integer(frames),
            "from_ms": .integer(from.unixMilliseconds), "to_ms": .integer(to.unixMilliseconds),
            "host": .integer(host), "closing": .bool(isClosing),
        ]
    }

    /// Nil for another kind of file.
    init?(_ json: JSONValue) {
        let salts = json["salts"]?.arrayValue?.compactMap { $0.integerValue.flatMap(UInt32.init(exactly:)) } ?? []
        guard json["format"]?.stringValue == Self.format,
            let position = json["position"].flatMap(ArchivePosition.init),
            let pageBytes = json["page_bytes"]?.integerValue, salts.count == 2,
            let frames = json["frames"]?.integerValue, let from = json["from_ms"]?.integerValue,
            let to = json["to_ms"]?.integerValue, let host = json["host"]?.integerValue,
            let isClosing = json["closing"]?.boolValue
        else { return nil }
        self.init(
            position: position, pageBytes: pageBytes, salts: salts, frames: frames,
            from: Instant(unixMilliseconds: from), to: Instant(unixMilliseconds: to), host: host, isClosing: isClosing)
    }

    init(
        position: ArchivePosition, pageBytes: Int64, salts: [UInt32], frames: Int64, from: Instant, to: Instant,
        host: Int64, isClosing: Bool
    ) {
        self.position = position
        self.pageBytes = pageBytes
        self.salts = salts
        self.frames = frames
        self.from = from
        self.to = to
        self.host = host
        self.isClosing = isClosing
    }
}
