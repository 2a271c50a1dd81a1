import CBureau
import FoundationEssentials

extension TaskContext {
    /// Leaves text behind as a file of the run. The latest artifact of a name wins.
    @discardableResult
    public func artifact(
        _ name: String, text: String, mediaType: String = "text/plain", step: String? = nil
    ) async throws(TaskFailure) -> ArtifactReference {
        try await artifact(name, bytes: Array(text.utf8), mediaType: mediaType, step: step)
    }

    /// Leaves bytes behind as a file of the run.
    @discardableResult
    public func artifact(
        _ name: String, bytes: [UInt8], mediaType: String = "application/octet-stream", step: String? = nil
    ) async throws(TaskFailure) -> ArtifactReference {
        guard let put = call.services.artifact?.pointee.put else { throw .missing(BUREAU_HOST_ARTIFACT) }
        let data = Data(bytes)
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(name) { name in
                withBorrowed(mediaType) { mediaType in
                    withBorrowed(data) { put(host, call, step, name, mediaType, $0, out) }
                }
            }
        }
        return ArtifactReference(name: name, digest: try outcome.result().data.text)
    }

    /// The bytes of an artifact of this run, of its ancestors or of their children.
    public func artifactBytes(_ digest: String, step: String? = nil) async throws(TaskFailure) -> [UInt8] {
        guard let get = call.services.artifact?.pointee.get else { throw .missing(BUREAU_HOST_ARTIFACT) }
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(digest) { get(host, call, step, $0, out) }
        }
        return [UInt8](try outcome.result().data)
    }
}

public struct ArtifactReference: Codable, Hashable, Sendable {
    public var name: String
    /// SHA-256 of the bytes, 64 lower-case hexadecimal digits.
    public var digest: String

    public init(name: String, digest: String) {
        self.name = name
        self.digest = digest
    }
}
