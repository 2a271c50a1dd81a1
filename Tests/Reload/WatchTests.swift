import Engine
import Foundation
import Glibc
import Kernel
import Placement
import Synchronization
import TestSupport
import Testing

@Suite("Watching files", .timeLimit(.minutes(1)))
struct WatchTests {
    @Test("a file is told once it is closed and rests; others of its folder are not")
    func settles() async throws {
        let scratch = try Scratch()
        let (file, other) = (scratch.folder("a.so"), scratch.folder("b.so"))
        let watch = try FileWatch([file])
        var changes = watch.changes.makeAsyncIterator()
        let handle = open(file, O_WRONLY | O_CREAT, 0o644)
        _ = Glibc.write(handle, "half", 4)
        try Data("other".utf8).write(to: URL(fileURLWithPath: other))
        try await Task.sleep(for: .milliseconds(50))
        _ = Glibc.write(handle, " rest", 5)
        close(handle)
        #expect(await changes.next() == file)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "half rest")
        try CounterPlugin.put(Array("moved".utf8), to: file)
        #expect(await changes.next() == file)
        watch.stop()
        #expect(await changes.next() == nil)
    }

    @Test("a folder tells all its files, also after it was deleted and made again")
    func folder() async throws {
        let scratch = try Scratch()
        let folder = scratch.folder("sources")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let watch = try FileWatch([folder])
        var changes = watch.changes.makeAsyncIterator()
        try scratch.write([1], to: "sources/first")
        #expect(await changes.next() == "\(folder)/first")
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try scratch.write([2], to: "sources/second")
        #expect(await changes.next() == "\(folder)/second")
        watch.stop()
    }

    @Test("a file that is not complete yet is waited for, and told in the end")
    func incomplete() async throws {
        let scratch = try Scratch()
        let file = scratch.folder("a.so")
        let looks = Mutex(0)
        var settings = FileWatch.Settings()
        settings.patienceMilliseconds = 200
        settings.isComplete = { _ in
            looks.withLock { $0 += 1 }
            return false
        }
        let watch = try FileWatch([file], settings: settings)
        var changes = watch.changes.makeAsyncIterator()
        try scratch.write([1], to: "a.so")
        #expect(await changes.next() == file)
        #expect(looks.withLock { $0 } > 1)
        watch.stop()
    }

    @Test("a watched plugin is reloaded when its file changes; a broken file is told and changes nothing")
    func plugins() async throws {
        let stage = try await Stage()
        #expect(try await stage.run() == (1, 1))
        let (lines, told) = AsyncStream.makeStream(of: (line: String, failed: Bool).self)
        let host = stage.host
        let watching = Task {
            try await host.watchPlugins(drainSeconds: 1) { told.yield(($0, $1)) }
        }
        // The watch begins at some time after the task: write until it is seen.
        let writing = Task {
            while !Task.isCancelled {
                try CounterPlugin.write("generation=2", to: stage.path)
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        var events = lines.makeAsyncIterator()
        let first = try #require(await events.next())
        writing.cancel()
        _ = await writing.result
        #expect(!first.failed && first.line.contains("generation 2"))
        #expect(try await stage.run() == (2, 2))
        try CounterPlugin.put(Array("\u{7F}ELF, but no more".utf8), to: stage.path)
        let second = try #require(await events.next())
        #expect(second.failed && second.line.contains("inspect"))
        #expect(try await stage.run() == (3, 2))
        watching.cancel()
        _ = await watching.result
        await host.shutdown()
    }
}
