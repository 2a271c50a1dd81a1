import Foundation

extension SQLiteJournal {
    /// Begins or ends archiving, from the next opening on. Takes the store's lock.
    package static func setArchive(_ setup: ArchiveSetup?, folder: String) async throws(JournalError) {
        try await alone(folder) { _ throws(JournalError) in
            if let setup {
                try setup.write(store: folder)
            } else if !ArchiveSetup.remove(store: folder) {
                throw JournalError(.notFound, "commits of \(folder) are not archived")
            }
        }
    }

    package static func segments(of setup: ArchiveSetup) -> Int {
        ArchiveFolder.segments(setup.folder, epoch: setup.epoch).count
    }

    /// Paths of archived commits that no restore from these backups reads. The last of each chain stays: a host goes on
    /// from it.
    package static func segments(in folder: String, neededByNone backups: [BackupHead]) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let epochs = Set(
            names.filter { $0.hasSuffix(ArchiveFolder.suffix) }.compactMap {
                $0.split(separator: "-").first.map(String.init)
            })
        return epochs.sorted().flatMap { epoch -> [String] in
            let first = backups.compactMap { $0.archive?.epoch == epoch ? $0.archive?.segment : nil }.min() ?? .max
            return ArchiveFolder.segments(folder, epoch: epoch).dropLast().filter { $0 < first }
                .map { ArchiveFolder.path(folder, ArchivePosition(epoch: epoch, segment: $0)) }
        }
    }
}
