import Foundation
package import Kernel

/// Where a store archives its commits: the file `journal.archive` in its folder. Each host that opens the store reads
/// it, so that no commit is left out; one that cannot archive does not open.
package struct ArchiveSetup: Hashable, Sendable {
    static let fileName = "journal.archive"
    static let keyVariable = "BUREAU_BACKUP_KEY"
    package static let defaultIntervalSeconds: Int64 = 60

    package var folder: String
    /// Nil: the environment has the key.
    package var keyFile: String?
    /// How long a commit waits to be archived, at most, while the host runs.
    package var intervalSeconds: Int64
    /// Of the chain that is being written. A new one begins where the old one has a gap.
    package var epoch: String

    package init(folder: String, keyFile: String?, intervalSeconds: Int64 = defaultIntervalSeconds) {
        self.folder = folder
        self.keyFile = keyFile
        self.intervalSeconds = intervalSeconds
        epoch = Self.newEpoch()
    }

    private static func newEpoch() -> String {
        var generator = SystemRandomNumberGenerator()
        return Hex.encode(withUnsafeBytes(of: generator.next().bigEndian) { Array($0) })
    }

    /// Nil when the store archives nothing.
    package static func read(store: String) throws(JournalError) -> ArchiveSetup? {
        let path = "\(store)/\(fileName)"
        guard access(path, F_OK) == 0 else { return nil }
        guard let data = FileManager.default.contents(atPath: path), let json = try? JSONParser.parse(Array(data)),
            let folder = json["folder"]?.stringValue, let epoch = json["epoch"]?.stringValue,
            let interval = json["interval_seconds"]?.integerValue, interval > 0
        else { throw JournalError(.storage, "\(path) is unreadable: bureau db archive start writes it anew") }
        var setup = ArchiveSetup(folder: folder, keyFile: json["key_file"]?.stringValue, intervalSeconds: interval)
        setup.epoch = epoch
        return setup
    }

    package func write(store: String) throws(JournalError) {
        let json: JSONValue = [
            "folder": .string(folder), "key_file": keyFile.map { .string($0) } ?? .null, "epoch": .string(epoch),
            "interval_seconds": .integer(intervalSeconds),
        ]
        let path = "\(store)/\(Self.fileName)", draft = path + ".part"
        guard FileManager.default.createFile(atPath: draft, contents: Data(json.bytes)), DurableFile.sync(draft),
            rename(draft, path) == 0, DurableFile.sync(store)
        else { throw JournalError(.storage, "\(path) cannot be written: \(String(cString: strerror(errno)))") }
    }

    package static func remove(store: String) -> Bool { unlink("\(store)/\(fileName)") == 0 }

    /// What was archived until now ends here: a later restore needs a base of after this.
    mutating func beginEpoch(store: String) throws(JournalError) {
        epoch = Self.newEpoch()
        try write(store: store)
    }

    package func key() throws(JournalError) -> BackupKey { try BackupKey.read(file: keyFile) }
}

extension BackupKey {
    /// From the file, or from the environment where none is named: never from a command line, which others can read.
    package static func read(file: String?) throws(JournalError) -> BackupKey {
        let text: String, place: String
        if let file {
            place = "the key file \(file)"
            guard let data = FileManager.default.contents(atPath: file) else {
                throw JournalError(.invalid, "\(place) cannot be read")
            }
            text = String(decoding: data.prefix(1_024), as: UTF8.self)
        } else {
            place = ArchiveSetup.keyVariable
            text = getenv(place).map { String(cString: $0) } ?? ""
            guard !text.isEmpty else {
                throw JournalError(
                    .invalid,
                    "backups need a key: name a file with --key-file, or set \(place); "
                        + "openssl rand -hex 32 makes one")
            }
        }
        guard let key = BackupKey(text) else {
            throw JournalError(.invalid, "\(place) does not hold \(digits) hexadecimal digits")
        }
        return key
    }
}

/// The files of an archive.
enum ArchiveFolder {
    static let suffix = ".commits"

    static func path(_ folder: String, _ position: ArchivePosition) -> String {
        let number = String(position.segment)
        return "\(folder)/\(position.epoch)-\(String(repeating: "0", count: 10 - number.count))\(number)\(suffix)"
    }

    /// Numbers of a chain's segments, in order.
    static func segments(_ folder: String, epoch: String) -> [Int64] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name -> Int64? in
            guard name.hasPrefix(epoch + "-"), name.hasSuffix(suffix) else { return nil }
            return Int64(name.dropFirst(epoch.count + 1).dropLast(suffix.count))
        }.sorted()
    }

    static func head(_ folder: String, _ position: ArchivePosition) throws(JournalError) -> SegmentHead {
        let path = path(folder, position), reader = try SealedReader(path)
        guard let head = SegmentHead(reader.head), head.position == position else {
            throw SealedFile.failure(path, "it is not the segment that its name says")
        }
        return head
    }
}
