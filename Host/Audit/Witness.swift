package import Kernel

/// Somebody else's service that signs a checkpoint only if it continues the last one that it signed (C2SP
/// tlog-witness). Two histories of one log never get its signature both.
package struct Witness: Hashable, Sendable {
    package static let maximumCount = 16

    /// Below it is `add-checkpoint`.
    package var url: String
    package var key: NoteKey

    package init(url: String, key: NoteKey) throws(AuditError) {
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.utf8.count <= 1_000,
            url.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
        else { throw AuditError(.invalid, "\"\(url)\" is no address: write it as https://witness.example") }
        guard key.algorithm == .cosignature else {
            throw AuditError(
                .invalid, "\(key.fingerprint) is not a witness's key, which begins with BA after the second +")
        }
        self.url = url
        self.key = key
    }

    /// The witnesses that a log asks, one a line: URL and key.
    package static func read(_ path: String) throws(AuditError) -> [Witness] {
        guard let bytes = try DurableFile.read(path, maximumBytes: 1 << 16) else { return [] }
        var witnesses: [Witness] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ").map(String.init)
            guard parts.count == 2, let key = try? NoteKey(parsing: parts[1]) else {
                throw AuditError(.damaged, "\(path) has a line that is no witness: \(line)")
            }
            witnesses.append(try Witness(url: parts[0], key: key))
        }
        return witnesses
    }

    package static func write(_ witnesses: [Witness], to path: String) throws(AuditError) {
        let text = witnesses.map { "\($0.url) \($0.key)\n" }.joined()
        try DurableFile.replace(path, with: Array(text.utf8))
        try DurableFile.syncFolder(DurableFile.parent(path))
    }
}

/// One question to a witness, and what its answers mean. Whoever asks does the sending.
package struct WitnessExchange: Sendable {
    package struct Answer: Hashable, Sendable {
        package var status: Int
        package var contentType: String
        package var body: [UInt8]

        package init(status: Int, contentType: String, body: [UInt8]) {
            self.status = status
            self.contentType = contentType
            self.body = body
        }
    }

    package enum Outcome: Hashable, Sendable {
        case signed(Note.Signature)
        /// It has signed another size than was said. Ask again from there.
        case askAgain(from: Int64)
        /// It has signed a larger tree than there is: this log was put back to an earlier state.
        case ahead(Int64)
        /// It holds that this is not the log it knows.
        case refused(String)
        /// No sense was made of the answer.
        case failed(String)
    }

    private static let maximumProofLines = 63

    package let witness: Witness
    package let note: Note
    package let checkpoint: CheckpointNote

    package init(_ witness: Witness, _ note: Note, _ checkpoint: CheckpointNote) {
        self.witness = witness
        self.note = note
        self.checkpoint = checkpoint
    }

    package var url: String { (witness.url.hasSuffix("/") ? witness.url : witness.url + "/") + "add-checkpoint" }

    /// What to post.
    package func body(from oldSize: Int64, proof: [Digest]) -> [UInt8] {
        let lines = ["old \(oldSize)"] + proof.prefix(Self.maximumProofLines).map { Base64.encode($0.bytes) }
        return Array((lines.joined(separator: "\n") + "\n\n" + note.serialized).utf8)
    }

    package func outcome(_ answer: Answer, askedFrom oldSize: Int64) -> Outcome {
        let text = String(decoding: answer.body.prefix(Note.maximumBytes), as: UTF8.self)
        switch answer.status {
        case 200:
            let content = Array(note.text.utf8)
            for line in text.split(separator: "\n") {
                guard let signature = Note.Signature(line: line), signature.isOf(witness.key) else { continue }
                guard witness.key.isValid(signature.bytes, for: content) else {
                    return .failed("its signature does not fit")
                }
                return .signed(signature)
            }
            return .failed("it answered without its signature")
        case 409:
            guard let size = Int64(text.trimmed), size >= 0 else {
                return .refused("it signed another tree of this size")
            }
            if size > checkpoint.size { return .ahead(size) }
            // The same again would never end.
            return size == oldSize ? .refused("it signed another tree of size \(size)") : .askAgain(from: size)
        case 422: return .refused("it has signed another history of this log")
        case 404: return .refused("it does not know this log")
        case 403: return .refused("it does not know this log's key")
        default: return .failed("it answered \(answer.status)")
        }
    }

    /// Asks, from the size that the witness is thought to know, and once more from the size that it names.
    package func ask(
        from known: Int64, in log: PublishedLog, send: (String, [UInt8]) async -> Answer?
    ) async -> Outcome {
        var size = min(known, checkpoint.size)
        for _ in 0..<2 {
            let proof: [Digest]
            do throws(AuditError) {
                proof = try log.consistencyProof(from: size, to: checkpoint.size, in: checkpoint)
            } catch {
                return .failed(error.message)
            }
            guard let answer = await send(url, body(from: size, proof: proof)) else { return .failed("no answer") }
            let outcome = outcome(answer, askedFrom: size)
            guard case .askAgain(let from) = outcome else { return outcome }
            size = from
        }
        return .failed("it signs other checkpoints of this log at the same time")
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }.prefix { $0 != "\n" && $0 != " " }) }
}
