extension EffectRequest {
    package var kind: EffectKind {
        switch self {
        case .step: .step
        case .model: .model
        case .tool: .tool
        case .http: .http
        case .stateGet: .stateGet
        case .statePut: .statePut
        case .stateRemove: .stateRemove
        case .stateList: .stateList
        case .artifactPut: .artifactPut
        case .artifactGet: .artifactGet
        case .child: .child
        case .plan: .plan
        case .message: .message
        case .approval: .approval
        case .sleep: .sleep
        case .now: .now
        case .random: .random
        case .budgetRemaining: .budgetRemaining
        case .budgetReserve: .budgetReserve
        case .budgetRelease: .budgetRelease
        case .auditNote: .auditNote
        }
    }

    /// A digest of what is asked, compared when a run is replayed: the same name with another shape means that the
    /// plugin no longer does what it did.
    package var shape: Digest { Digest.sha256(encoded) }

    /// What is asked, as bytes whose digest is the ``shape``; ``init(encoded:)`` reads them back.
    ///
    /// Timeouts and chunk credit are left out, since they do not change what is asked. Every field is written with
    /// its length before it, so no two requests share an encoding. The encoding and its digests are stored in
    /// journals: it must never change for a kind.
    package var encoded: [UInt8] {
        var encoding = ShapeEncoding(kind: kind)
        switch self {
        case .step(let shape): encoding.append(shape)
        case .model(let request): encoding.append(request)
        case .tool(let name, let arguments, _):
            encoding.append(name)
            encoding.append(arguments)
        case .http(let request): encoding.append(request)
        case .stateGet(let key): encoding.append(key)
        case .statePut(let key, let value, let expectedRevision):
            encoding.append(key)
            encoding.append(value)
            encoding.append(expectedRevision)
        case .stateRemove(let key, let expectedRevision):
            encoding.append(key)
            encoding.append(expectedRevision)
        case .stateList(let prefix): encoding.append(prefix)
        case .artifactPut(let name, let mediaType, let bytes):
            encoding.append(name)
            encoding.append(mediaType)
            encoding.append(bytes)
        case .artifactGet(let digest): encoding.append(digest)
        case .child(let task, let input):
            encoding.append(task.department)
            encoding.append(task.task)
            encoding.append(input)
        case .plan(let plan): encoding.append(plan)
        case .message(let department, let type, let payload):
            encoding.append(department)
            encoding.append(type)
            encoding.append(payload)
        case .approval(let request): encoding.append(request)
        case .sleep(let milliseconds): encoding.append(milliseconds)
        case .now, .budgetRemaining: break
        case .random(let count): encoding.append(UInt64(clamping: count))
        case .budgetReserve(let amount): encoding.append(UInt64(bitPattern: amount.value))
        case .budgetRelease(let ticket): encoding.append(ticket)
        case .auditNote(let type, let json):
            encoding.append(type)
            encoding.append(json)
        }
        return encoding.bytes
    }
}

/// Writes fields so that they cannot run into one another.
private struct ShapeEncoding {
    private(set) var bytes: [UInt8]

    init(kind: EffectKind) { bytes = Array("bureau/shape/1/\(kind.rawValue)\n".utf8) }

    mutating func append(_ field: [UInt8]) {
        append(UInt64(field.count))
        bytes += field
    }

    mutating func append(_ text: String) { append(Array(text.utf8)) }

    mutating func append(_ number: UInt64) {
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }

    mutating func append(_ number: UInt64?) {
        bytes.append(number == nil ? 0 : 1)
        if let number { append(number) }
    }

    mutating func append(_ request: ModelRequest) {
        append(request.model)
        append(request.messages)
        append(request.options)
        append(request.maximumOutputTokens)
        append(request.maximumCost.map { UInt64(bitPattern: $0.value) })
    }

    mutating func append(_ request: HTTPRequest) {
        append(request.method)
        append(request.url)
        append(request.headers)
        append(request.body)
        append(request.maximumResponseBytes)
    }

    /// When an approval expires is part of what is asked: it decides the answer.
    mutating func append(_ request: ApprovalRequest) {
        append(request.title)
        append(request.body)
        append(request.content)
        append(request.expiresMilliseconds)
    }
}
