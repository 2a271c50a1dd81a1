import CLane
import Glibc

/// Tells which files were written anew and have come to rest: closed after writing, or moved to their name, and then
/// unchanged in size and time for a while.
///
/// A folder is watched for all files directly in it, a file through its folder, because tools replace files by
/// renaming. A folder that goes is watched again when it is back. Ends with the task that reads ``changes``, or by
/// ``stop()``.
package final class FileWatch: Sendable {
    package struct Settings: Sendable {
        /// Unchanged for this long, a file is at rest.
        package var settleMilliseconds: UInt64 = 20
        /// A file at rest that `isComplete` refuses is looked at again for this long, and then told anyway.
        package var patienceMilliseconds: UInt64 = 2_000
        /// Whether the content is all there; a linker may pause in the middle.
        package var isComplete: @Sendable (_ path: String) -> Bool = { _ in true }

        package init() {}
    }

    /// Paths as they were given; for a file of a watched folder, the folder and the name.
    package let changes: AsyncStream<String>

    private let told: AsyncStream<String>.Continuation
    private let settings: Settings
    private let inotify: Int32
    private let stopReader: Int32
    private let stopWriter: Int32

    /// - Throws: `unreadable` when the system has no more watches to give.
    package init(_ paths: [String], settings: Settings = Settings()) throws(PlacementError) {
        self.settings = settings
        inotify = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        let reason = SystemError.text(errno)
        var ends: [Int32] = [-1, -1]
        let error = lane_pipe(&ends)
        (stopReader, stopWriter) = (ends[0], ends[1])
        (changes, told) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1024))
        guard inotify >= 0, error == 0 else {
            closeAll()
            let why = error == 0 ? reason : SystemError.text(-error)
            throw PlacementError(.unreadable, "files cannot be watched: \(why)")
        }
        var folders = WatchedFolders(paths)
        // Before this returns: what is written from now on is told.
        folders.watchMissing(inotify)
        let watched = folders
        guard OSThread.start(name: "file watch", { [self] in run(watched) }) else {
            closeAll()
            throw PlacementError(.unreadable, "no thread to watch files")
        }
        let writer = stopWriter
        // The descriptor is open: the thread closes it only after this byte, and a stream ends once.
        told.onTermination = { _ in
            var byte: UInt8 = 1
            _ = write(writer, &byte, 1)
        }
    }

    /// Ends ``changes``. Not needed where the task that reads them is cancelled.
    package func stop() { told.finish() }

    private func closeAll() {
        for descriptor in [inotify, stopReader, stopWriter] where descriptor >= 0 { close(descriptor) }
    }

    private func run(_ folders: WatchedFolders) {
        var folders = folders
        var restless = RestlessFiles(settings: settings)
        var sources = [
            pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stopReader, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let now = Monotonic.milliseconds()
            let next = [restless.nextLook, folders.nextAttempt(now)].compactMap { $0 }.min()
            _ = poll(&sources, nfds_t(sources.count), next.map { Int32(clamping: $0 > now ? $0 - now : 0) } ?? -1)
            if sources[1].revents != 0 { break }
            let seen = Monotonic.milliseconds()
            for path in folders.read(inotify) { restless.touch(path, at: seen) }
            for path in folders.watchMissing(inotify) { restless.touch(path, at: seen) }
            for path in restless.settled(at: seen) { told.yield(path) }
        }
        closeAll()
    }
}

/// Files that changed and may change again.
private struct RestlessFiles {
    private struct Form: Equatable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int

        /// Nil for what is gone or is no file.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            inode = status.st_ino
            size = status.st_size
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    private struct File {
        var form: Form
        var restsSince: UInt64
        var nextLook: UInt64
    }

    let settings: FileWatch.Settings
    private var files: [String: File] = [:]

    init(settings: FileWatch.Settings) { self.settings = settings }

    var nextLook: UInt64? { files.values.map(\.nextLook).min() }

    mutating func touch(_ path: String, at now: UInt64) {
        guard let form = Form(path) else { return files[path] = nil }
        files[path] = File(form: form, restsSince: now, nextLook: now + settings.settleMilliseconds)
    }

    /// Those that rest now; they are forgotten.
    mutating func settled(at now: UInt64) -> [String] {
        var settled: [String] = []
        for (path, file) in files where file.nextLook <= now {
            guard let form = Form(path) else {
                files[path] = nil
                continue
            }
            let restsSince = form == file.form ? file.restsSince : now
            let isPatient = now < restsSince + settings.patienceMilliseconds
            if form == file.form, !isPatient || settings.isComplete(path) {
                files[path] = nil
                settled.append(path)
            } else {
                files[path] = File(form: form, restsSince: restsSince, nextLook: now + settings.settleMilliseconds)
            }
        }
        return settled.sorted()
    }
}

/// The folders behind the watched paths, and what inotify says of them.
private struct WatchedFolders {
    private static let attemptMilliseconds: UInt64 = 200

    private struct Folder {
        /// By name, the path as it was given; nil: all files.
        var names: [String: String]?
        var watch: Int32?
        /// Its files may have changed while nobody looked.
        var wasAway = false
    }

    private var folders: [String: Folder] = [:]

    init(_ paths: [String]) {
        for path in paths {
            if let folder = opendir(path) {
                closedir(folder)
                folders[path, default: Folder()].names = nil
                continue
            }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            var folder = path.dropLast(name.utf8.count)
            while folder.count > 1, folder.hasSuffix("/") { folder = folder.dropLast() }
            let parent = folder.isEmpty ? "." : String(folder)
            if let known = folders[parent], known.names == nil { continue }
            folders[parent, default: Folder(names: [:])].names?[name] = path
        }
    }

    func nextAttempt(_ now: UInt64) -> UInt64? {
        folders.values.contains { $0.watch == nil } ? now + Self.attemptMilliseconds : nil
    }

    /// Watches folders that are not watched yet.
    /// - Returns: the files of those that came back.
    @discardableResult
    mutating func watchMissing(_ inotify: Int32) -> [String] {
        var returned: [String] = []
        for path in folders.keys where folders[path]?.watch == nil {
            let events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | Int32(IN_ONLYDIR)
            let watch = inotify_add_watch(inotify, path, UInt32(bitPattern: events))
            if watch >= 0 {
                folders[path]?.watch = watch
                if folders[path]?.wasAway == true { returned += files(of: path) }
            }
            folders[path]?.wasAway = watch < 0
        }
        return returned
    }

    /// The files that the waiting events speak of.
    mutating func read(_ inotify: Int32) -> [String] {
        var changed: [String] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(inotify, $0.baseAddress, $0.count) }
            guard count > 0 else { return changed }
            buffer.withUnsafeBytes { bytes in
                var at = 0
                while at + 16 <= count {
                    let watch = bytes.loadUnaligned(fromByteOffset: at, as: Int32.self)
                    let mask = Int32(bitPattern: bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self))
                    let length = Int(bytes.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self))
                    let name = String(decoding: bytes[at + 16..<at + 16 + length].prefix { $0 != 0 }, as: UTF8.self)
                    changed += note(watch, mask, name, inotify)
                    at += 16 + length
                }
            }
        }
    }

    private mutating func note(_ watch: Int32, _ mask: Int32, _ name: String, _ inotify: Int32) -> [String] {
        // Events were lost: everything may have changed.
        if mask & IN_Q_OVERFLOW != 0 { return folders.keys.flatMap(files) }
        guard let path = folders.first(where: { $0.value.watch == watch })?.key else { return [] }
        if mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED) != 0 {
            if mask & IN_MOVE_SELF != 0 { inotify_rm_watch(inotify, watch) }
            folders[path]?.watch = nil
            folders[path]?.wasAway = true
            return []
        }
        guard mask & (IN_CLOSE_WRITE | IN_MOVED_TO) != 0, mask & Int32(IN_ISDIR) == 0 else { return [] }
        guard let names = folders[path]?.names else { return [Self.join(path, name)] }
        return names[name].map { [$0] } ?? []
    }

    private func files(of path: String) -> [String] {
        if let names = folders[path]?.names { return Array(names.values) }
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var files: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { files.append(Self.join(path, name)) }
        }
        return files
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
}
