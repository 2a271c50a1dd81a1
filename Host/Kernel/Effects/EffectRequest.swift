/// What a plugin asks of the world, decoded once at the boundary. Each case is one function of the ABI
/// (`PluginAPI/CBureau/include/bureau/*.h`), which documents its meaning.
package enum EffectRequest: Hashable, Sendable {
    case step(shape: [UInt8])
    case model(ModelRequest)
    case tool(name: String, arguments: [UInt8], timeoutMilliseconds: UInt64)
    case http(HTTPRequest)
    case stateGet(key: String)
    case statePut(key: String, value: [UInt8], expectedRevision: UInt64?)
    case stateRemove(key: String, expectedRevision: UInt64?)
    case stateList(prefix: String)
    case artifactPut(name: String, mediaType: String, bytes: [UInt8])
    case artifactGet(digest: String)
    case child(TaskReference, input: [UInt8])
    case plan([UInt8])
    case message(department: String, type: String, payload: [UInt8])
    case approval(ApprovalRequest)
    case sleep(milliseconds: UInt64)
    case now
    case random(count: Int)
    case budgetRemaining
    case budgetReserve(Nanodollars)
    case budgetRelease(ticket: UInt64)
    case auditNote(type: String, json: [UInt8])
}

package struct ModelRequest: Hashable, Sendable {
    package var model: String
    package var messages: [UInt8]
    package var options: [UInt8]
    /// Nil: the host injects the model's or the policy's limit.
    package var maximumOutputTokens: UInt64?
    package var timeoutMilliseconds: UInt64?
    package var maximumCost: Nanodollars?
    package var chunkCredit: UInt64

    package init(
        model: String, messages: [UInt8], options: [UInt8] = [], maximumOutputTokens: UInt64? = nil,
        timeoutMilliseconds: UInt64? = nil, maximumCost: Nanodollars? = nil, chunkCredit: UInt64 = 0
    ) {
        self.model = model
        self.messages = messages
        self.options = options
        self.maximumOutputTokens = maximumOutputTokens
        self.timeoutMilliseconds = timeoutMilliseconds
        self.maximumCost = maximumCost
        self.chunkCredit = chunkCredit
    }
}

package struct HTTPRequest: Hashable, Sendable {
    package var method: String
    package var url: String
    package var headers: [UInt8]
    package var body: [UInt8]
    package var timeoutMilliseconds: UInt64?
    package var maximumResponseBytes: UInt64?

    package init(
        method: String, url: String, headers: [UInt8], body: [UInt8], timeoutMilliseconds: UInt64?,
        maximumResponseBytes: UInt64?
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
        self.maximumResponseBytes = maximumResponseBytes
    }
}

package struct ApprovalRequest: Hashable, Sendable {
    package var title: String
    package var body: String
    package var content: [UInt8]
    package var expiresMilliseconds: UInt64?

    package init(title: String, body: String, content: [UInt8], expiresMilliseconds: UInt64?) {
        self.title = title
        self.body = body
        self.content = content
        self.expiresMilliseconds = expiresMilliseconds
    }
}

/// What to do with an effect that was sent but whose answer is unknown after a crash.
package enum AmbiguityPolicy: UInt32, Hashable, Sendable {
    case byKind = 0, retry, ask, fail
}

/// One effect as a plugin started it: what it is called, and what it asks.
package struct EffectStart: Hashable, Sendable {
    /// Empty: the host numbers effects by kind, in start order.
    package var name: String
    package var onAmbiguous: AmbiguityPolicy
    package var request: EffectRequest

    package init(name: String, onAmbiguous: AmbiguityPolicy = .byKind, request: EffectRequest) {
        self.name = name
        self.onAmbiguous = onAmbiguous
        self.request = request
    }
}
