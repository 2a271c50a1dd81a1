import CLane
import Kernel

/// Reads the fields that `CLane/lane_services.c` writes for each service.
enum EffectDecoding {
    static func start(_ fields: Fields) throws(ProtocolViolation) -> EffectStart {
        guard let flags = UInt32(exactly: fields.number(LANE_FLAGS) ?? 0),
            let onAmbiguous = AmbiguityPolicy(rawValue: flags)
        else { throw ProtocolViolation("an effect has unknown flags") }
        let name = try fields.text(LANE_STEP_NAME)
        guard name.utf8.count <= 256 else { throw ProtocolViolation("a step's name is too long") }
        return EffectStart(name: name, onAmbiguous: onAmbiguous, request: try request(fields))
    }

    static func request(_ fields: Fields) throws(ProtocolViolation) -> EffectRequest {
        switch Int(truncatingIfNeeded: try fields.required(LANE_SERVICE)) {
        case LANE_SERVICE_STEP: .step(shape: fields.data(LANE_DATA))
        case LANE_SERVICE_MODEL: .model(try model(fields))
        case LANE_SERVICE_TOOL:
            .tool(
                name: try fields.text(LANE_NAME), arguments: fields.data(LANE_DATA),
                timeoutMilliseconds: fields.number(LANE_TIMEOUT) ?? 0)
        case LANE_SERVICE_HTTP: .http(try http(fields))
        case LANE_SERVICE_STATE_GET: .stateGet(key: try fields.text(LANE_KEY))
        case LANE_SERVICE_STATE_PUT:
            .statePut(
                key: try fields.text(LANE_KEY), value: fields.data(LANE_DATA), expectedRevision: revision(fields))
        case LANE_SERVICE_STATE_REMOVE:
            .stateRemove(key: try fields.text(LANE_KEY), expectedRevision: revision(fields))
        case LANE_SERVICE_STATE_LIST: .stateList(prefix: try fields.text(LANE_KEY))
        case LANE_SERVICE_ARTIFACT_PUT:
            .artifactPut(
                name: try fields.text(LANE_NAME), mediaType: try fields.text(LANE_MEDIA_TYPE),
                bytes: fields.data(LANE_DATA))
        case LANE_SERVICE_ARTIFACT_GET: .artifactGet(digest: try fields.text(LANE_KEY))
        default: try coordination(fields)
        }
    }

    /// The services that reach other runs, people and the run's own books.
    private static func coordination(_ fields: Fields) throws(ProtocolViolation) -> EffectRequest {
        switch Int(truncatingIfNeeded: try fields.required(LANE_SERVICE)) {
        case LANE_SERVICE_CHILD:
            .child(
                TaskReference(department: try fields.text(LANE_DEPARTMENT), task: try fields.text(LANE_TASK)),
                input: fields.data(LANE_DATA))
        case LANE_SERVICE_PLAN: .plan(fields.data(LANE_DATA))
        case LANE_SERVICE_MESSAGE:
            .message(
                department: try fields.text(LANE_DEPARTMENT), type: try fields.text(LANE_TYPE),
                payload: fields.data(LANE_DATA))
        case LANE_SERVICE_APPROVAL:
            .approval(
                ApprovalRequest(
                    title: try fields.text(LANE_TITLE), body: try fields.text(LANE_TEXT),
                    content: fields.data(LANE_DATA), expiresMilliseconds: nonzero(fields.number(LANE_TIMEOUT))))
        case LANE_SERVICE_SLEEP: .sleep(milliseconds: fields.number(LANE_TIMEOUT) ?? 0)
        case LANE_SERVICE_NOW: .now
        case LANE_SERVICE_RANDOM: .random(count: try count(fields))
        case LANE_SERVICE_BUDGET_REMAINING: .budgetRemaining
        case LANE_SERVICE_BUDGET_RESERVE:
            .budgetReserve(Nanodollars(Int64(truncatingIfNeeded: try fields.required(LANE_COST))))
        case LANE_SERVICE_BUDGET_RELEASE: .budgetRelease(ticket: try fields.required(LANE_TICKET))
        case LANE_SERVICE_AUDIT_NOTE: .auditNote(type: try fields.text(LANE_TYPE), json: fields.data(LANE_DATA))
        case let service: throw ProtocolViolation("there is no service \(service)")
        }
    }

    private static func model(_ fields: Fields) throws(ProtocolViolation) -> ModelRequest {
        let cost = Int64(truncatingIfNeeded: fields.number(LANE_COST) ?? 0)
        return ModelRequest(
            model: try fields.text(LANE_NAME), messages: fields.data(LANE_DATA), options: fields.data(LANE_OPTIONS),
            maximumOutputTokens: nonzero(fields.number(LANE_LIMIT)),
            timeoutMilliseconds: nonzero(fields.number(LANE_TIMEOUT)),
            maximumCost: cost == 0 ? nil : Nanodollars(cost), chunkCredit: fields.number(LANE_CREDIT) ?? 0)
    }

    private static func http(_ fields: Fields) throws(ProtocolViolation) -> HTTPRequest {
        HTTPRequest(
            method: try fields.text(LANE_METHOD), url: try fields.text(LANE_URL), headers: fields.data(LANE_HEADERS),
            body: fields.data(LANE_DATA), timeoutMilliseconds: nonzero(fields.number(LANE_TIMEOUT)),
            maximumResponseBytes: nonzero(fields.number(LANE_LIMIT)))
    }

    private static func count(_ fields: Fields) throws(ProtocolViolation) -> Int {
        let count = try fields.required(LANE_LIMIT)
        guard (1...4096).contains(count) else { throw ProtocolViolation("\(count) random bytes were asked for") }
        return Int(count)
    }

    /// `BUREAU_STATE_ANY_REVISION` is nil: always.
    private static func revision(_ fields: Fields) -> UInt64? {
        let revision = fields.number(LANE_REVISION) ?? .max
        return revision == .max ? nil : revision
    }

    private static func nonzero(_ number: UInt64?) -> UInt64? { number == 0 ? nil : number }
}
