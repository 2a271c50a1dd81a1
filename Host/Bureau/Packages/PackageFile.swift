import Glibc
import Kernel
import Packages
import Placement

/// Packages and keys as files, for commands.
enum PackageFile {
    private static let maximumKeyBytes = 4096
    static let maximumTextBytes = 1 << 20

    static func read(_ path: String) throws(CommandFailure) -> PluginPackage {
        let bytes = try contents(path, maximumBytes: TapeArchive.maximumBytes)
        do throws(PackageError) {
            return try PluginPackage(reading: bytes)
        } catch {
            throw refusal(path, error)
        }
    }

    /// A package comes from anyone: what it says of itself must not move the cursor.
    static func refusal(_ path: String, _ error: PackageError) -> CommandFailure {
        let status: ExitStatus =
            switch error.code {
            case .installed: .usage
            case .notInstalled: .notFound
            default: .pluginRefused
            }
        return CommandFailure(status, "\(path): \(error.message.printable)")
    }

    static func contents(_ path: String, maximumBytes: Int) throws(CommandFailure) -> [UInt8] {
        switch FilePath.read(path, maximumBytes: maximumBytes) {
        case .success(let bytes): return bytes
        case .failure(let problem): throw CommandFailure(.badInput, problem.text)
        }
    }

    static func secret(_ path: String) throws(CommandFailure) -> NoteSecret {
        let text = String(decoding: try contents(path, maximumBytes: maximumKeyBytes), as: UTF8.self)
        do throws(PackageError) {
            return try NoteSecret(publisherText: text.split(separator: "\n").first.map(String.init) ?? "")
        } catch {
            throw CommandFailure(.badInput, "\(path): \(error.message)")
        }
    }

    static func key(_ text: String) throws(CommandFailure) -> NoteKey {
        do throws(PackageError) {
            return try NoteKey(publisher: text)
        } catch {
            throw CommandFailure(.usage, error.message.printable)
        }
    }

    /// Makes a package of a library, described by a worker, which also proves that it can be loaded.
    static func pack(
        library path: String, license: [UInt8]?, expires: Int64?, _ placement: Placement
    ) async throws(CommandFailure) -> PluginPackage {
        let descriptor = try await inspect(path, placement)
        let library = try contents(path, maximumBytes: TapeArchive.maximumBytes)
        guard Digest.sha256(library) == descriptor.digest else {
            throw CommandFailure(.badInput, "\(path): changed while it was packed")
        }
        do {
            return try PluginPackage(
                packing: PluginPackage.Contents(
                    id: descriptor.id, department: descriptor.manifest.department, version: descriptor.version,
                    abiMajor: descriptor.abiMajor, abiMinor: descriptor.abiMinor, toolchain: descriptor.toolchain,
                    architecture: Architecture.current, library: library,
                    needed: try ELFFile(checking: library).needed, license: license, expires: expires))
        } catch let error as PackageError {
            throw CommandFailure(.pluginRefused, "\(path): \(error.message)")
        } catch {
            throw CommandFailure(.pluginRefused, "\(path): \(error)")
        }
    }

    static func inspect(_ path: String, _ placement: Placement) async throws(CommandFailure) -> PluginDescriptor {
        do throws(PlacementError) {
            return try await placement.inspect(path)
        } catch {
            throw CommandFailure(.pluginRefused, error.message.printable)
        }
    }

    /// A new file that only its owner may read; an existing one is never replaced.
    static func writeSecret(_ text: String, to path: String) throws(CommandFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw CommandFailure(.usage, FileProblem(path: path, number: errno).text) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            let problem = FileProblem(path: path, number: errno)
            unlink(path)
            throw CommandFailure(.internal, problem.text)
        }
    }
}
