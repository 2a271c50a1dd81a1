package import Audit
package import Kernel

extension HostRuntime {
    /// A resource of the published log, as it stands on the disk; nil when there is none.
    package func auditResource(_ path: TilePath) throws(EngineError) -> [UInt8]? {
        do {
            return try auditDesk.place.published.bytes(path)
        } catch {
            throw EngineError(.storage, error.message)
        }
    }

    /// The signed checkpoint; nil before the first.
    package func auditCheckpoint() throws(EngineError) -> String? {
        do {
            return try auditDesk.place.published.note()?.serialized
        } catch {
            throw EngineError(.storage, error.message)
        }
    }

    /// That a leaf is in the published log.
    package func auditProof(leaf: Int64) throws(EngineError) -> (text: String, json: JSONValue) {
        do {
            let keys = try LogKeys.read(auditDesk.place.keyPath)?.publicKeys ?? []
            let proof = try LogProof.of(leaf, in: auditDesk.place.published, keys: keys)
            return (proof.text, proof.json)
        } catch {
            throw EngineError(error.code == .notFound ? .notFound : .storage, error.message)
        }
    }
}
